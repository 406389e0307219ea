"""What the plan promises, with its status to set: by the skoleeierteam, for everybody to read."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from dialogs.access import is_school_owner
from dialogs.collected.menu import menu_for, trail_for
from dialogs.context import OSLO, Composing, Context, Paged, Pressed
from dialogs.dates import show_date
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Facts,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
    WebLinks,
)
from dialogs.pressed import id_in, registered, text_in
from dialogs.promises import promises_now
from dialogs.questions import status_name
from dialogs.steps import refusal
from knowledge.promises import Promise, Status
from storage.people import RegisteredPerson
from storage.promise_statuses import SetStatus, set_status, statuses_set

STATUSES: tuple[str, ...] = get_args(Status)
LONGEST_NOTE = 500
EVERY = "alle"
_PATH = "/side/lofter"


# The page


def _page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """All promises; or one of them, by its id."""
    return _one(composing, rest) if rest else _all(composing, query)


def _all(composing: Composing, query: Mapping[str, str]) -> Page:
    wording = composing.wording
    promises = promises_now(composing.session, composing.library.promises)
    search, status = query.get("q", "").strip(), query.get("status", "")
    shown = [one for one in promises if _found(one, search, status)]
    counted: Counter[str] = Counter(one.status for one in promises)
    facts = Facts(tuple((status_name(wording, one), str(counted[one])) for one in STATUSES))
    intro = CardReply(
        wording.say("promises_title"),
        (Paragraph(wording.say("promises_intro")), facts),
        language=composing.language,
    )
    cards = [intro]
    for kind, heading in (("dokument", "promises_documents"), ("tiltak", "promises_measures")):
        links = tuple(_link(composing, one) for one in shown if one.kind == kind)
        if links:
            card = CardReply(wording.say(heading), (PageLinks(links),), language=composing.language)
            cards.append(card)
    if not shown:
        none = (Paragraph(wording.say("promises_no_hits")),)
        cards.append(CardReply(wording.say("files_no_hits"), none, language=composing.language))
    return Page(
        wording.say("promises_title"),
        tuple(cards),
        menu_for(wording, composing.person),
        trail_for(wording),
        filters=_filters(composing, search, status),
        language=composing.language,
    )


def _one(composing: Composing, id: str) -> Page | None:
    card = promise_card(composing, composing.person, id)
    if card is None:
        return None
    wording = composing.wording
    return Page(
        card.title,
        (card,),
        menu_for(wording, composing.person),
        trail_for(wording, (wording.say("promises_title"), _PATH)),
        language=composing.language,
    )


def _found(promise: Promise, search: str, status: str) -> bool:
    if status in STATUSES and promise.status != status:
        return False
    text = " ".join((promise.title, *promise.responsible, *promise.sections)).casefold()
    return all(word in text for word in search.casefold().split())


def _filters(composing: Composing, search: str, status: str) -> tuple[TextInput | Choice, ...]:
    wording = composing.wording
    options = (
        (EVERY, wording.say("promises_every_status")),
        *((one, status_name(wording, one)) for one in STATUSES),
    )
    chosen = status if status in STATUSES else EVERY
    return (
        TextInput("q", wording.say("files_search"), search, required=False, lines=False),
        Choice("status", wording.say("promise_status"), options, required=False, value=chosen),
    )


def _link(composing: Composing, promise: Promise) -> tuple[str, str]:
    said = status_name(composing.wording, promise.status)
    if promise.updated is not None:
        said += f", {show_date(promise.updated)}"
    return f"{promise.title} ({said})", f"{_PATH}/{promise.id}"


# One promise, on the page and in the chat


def promise_card(
    writing: Composing | Context,
    person: RegisteredPerson | None,
    id: str,
    *,
    filled: Mapping[str, str] | None = None,
    error: str = "",
    said: str = "",
) -> CardReply | None:
    """A promise as it stands; to the skoleeierteam with a form. None when there is no such.

    `filled` is what was written and not kept, because of `error`; `said` stands at the top.
    """
    wording = writing.wording
    promise = next((one for one in writing.library.promises if one.id == id), None)
    if promise is None:
        return None
    new = statuses_set(writing.session).get(id)
    blocks: list[Block] = [Paragraph(said)] if said else []
    blocks += _standing(writing, promise, new)
    buttons: tuple[Button, ...] = ()
    if person is not None and is_school_owner(person):
        blocks += [Paragraph(error, "error")] if error else []
        standing = {
            "status": new.status if new else promise.status,
            "note": new.note if new else "",
        }
        blocks += _form(writing, filled or standing)
        value = {"verb": "promise_status", "promise": id}
        buttons = (Button(wording.say("promise_keep"), value, weight="main"),)
    return CardReply(promise.title, tuple(blocks), buttons, writing.language)


def _standing(
    writing: Composing | Context, promise: Promise, new: SetStatus | None
) -> Iterator[Block]:
    wording = writing.wording
    pairs = [
        (wording.say("promise_status"), status_name(wording, new.status if new else promise.status))
    ]
    if new is not None:
        day = show_date(new.at.astimezone(OSLO).date())
        # The name goes after five years (storage/retention.py).
        by = wording.say("promise_by", name=new.by_name, day=day) if new.by_name else day
        pairs.append((wording.say("promise_set_by"), by))
        if new.note:
            pairs.append((wording.say("promise_note"), new.note))
    elif promise.updated is not None:
        pairs.append((wording.say("promise_set_by"), show_date(promise.updated)))
    if promise.owner:
        pairs.append((wording.say("promise_owner"), promise.owner))
    pairs.append((wording.say("promise_responsible"), ", ".join(promise.responsible)))
    pairs.append((wording.say("promise_sections"), "\n".join(promise.sections)))
    yield Facts(tuple(pairs))
    if promise.link.startswith("https://"):
        yield WebLinks(((wording.say("promise_link"), promise.link),))


def _form(writing: Composing | Context, filled: Mapping[str, str]) -> Iterator[Block]:
    wording = writing.wording
    yield Choice(
        "status",
        wording.say("promise_status"),
        tuple((one, status_name(wording, one)) for one in STATUSES),
        wording.say("promise_status_error"),
        value=filled["status"],
    )
    yield TextInput(
        "note",
        wording.say("promise_note_label"),
        filled["note"],
        longest=LONGEST_NOTE,
        required=False,
    )


def _show_form(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """A promise as a card, to see or to set."""
    card = promise_card(context, person, id_in(value, "promise"))
    return [card] if card else [TextReply(context.wording.say("promise_gone"))]


def _set(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Keep the status that was chosen."""
    wording, id = context.wording, id_in(value, "promise")
    if not is_school_owner(person):
        return [TextReply(wording.say("promise_not_yours"))]
    if all(one.id != id for one in context.library.promises):
        return [TextReply(wording.say("promise_gone"))]
    status, note = id_in(value, "status"), text_in(value, "note")
    if refused := refusal(context, [note]):
        return [TextReply(refused)]
    error = ""
    if status not in STATUSES:
        error = wording.say("promise_status_error")
    elif len(note) > LONGEST_NOTE:
        error = wording.say("promise_note_long", longest=LONGEST_NOTE)
    if error:
        filled = {"status": status if status in STATUSES else "", "note": note}
        card = promise_card(context, person, id, filled=filled, error=error)
    else:
        set_status(context.session, SetStatus(id, status, note, person.name, context.now))
        card = promise_card(context, person, id, said=wording.say("promise_kept"))
    return [card] if card else []


PAGES: dict[str, Paged] = {"lofter": _page}
VERBS: dict[str, Pressed] = {
    "promise_form": registered(_show_form),
    "promise_status": registered(_set),
}
PAGE_VERBS: set[str] = set(VERBS)
