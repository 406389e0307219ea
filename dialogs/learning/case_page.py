"""One group: the questions, what the bot answers now, why that isn't good, and a way of asking."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dialogs.access import may_teach
from dialogs.context import OSLO, Composing, Context, Pressed
from dialogs.dates import show_date
from dialogs.learning.causes import CAUSES, cause_name
from dialogs.learning.checks import LONGEST_ASK, MOST_DRAFTS, wrong_ask
from dialogs.learning.groups import Group, groups_of
from dialogs.learning.learning_page import group_title
from dialogs.learning.shell import PATH, answer_blocks, answered_by, page_of, teaching
from dialogs.learning.targets import NOTHING, Writing, may_be_chosen, options, target_name
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Facts,
    Items,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import LONGEST_ID, id_in, text_in
from dialogs.steps import refusal
from storage.added_knowledge import add_ask, count_drafts, list_asks
from storage.people import RegisteredPerson
from storage.reviews import Review, review, reviews

AT_ONCE = 100  # items of a group that are judged together
ANSWERED_AT_ONCE = 3  # questions of a group that are answered on the page
LONGEST_SEARCH = 200


def case_page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The group of an item; with "/alene", the item by itself. None when it is gone."""
    id, _, alone = rest.partition("/")
    group = _group_of(composing, id) if alone in ("", "alene") else None
    if group is None:
        return None
    done = reviews(composing.session)
    if alone:
        group = Group(group.kind, tuple(one for one in group.items if one.id == id), group.passage)
    search = query.get("q", "").strip()[:LONGEST_SEARCH]
    wording = composing.wording
    cards = [_asked_card(composing, group, done), *_answers(composing, group)]
    filters: tuple[TextInput, ...] = ()
    if may_teach(composing.person):
        cards.append(case_form(composing, group, done, search=search))
        way = f"{PATH}/utkast/ny?fra={group.id}"
        entry = PageLinks(((wording.say("learning_new_entry"), way),))
        about = Paragraph(wording.say("learning_new_entry_about"))
        title = wording.say("learning_new_entry_title")
        cards.append(CardReply(title, (about, entry), language=composing.language))
        label = wording.say("learning_search")
        filters = (
            TextInput("q", label, search, longest=LONGEST_SEARCH, required=False, lines=False),
        )
    return page_of(composing, wording.say("learning_case"), tuple(cards), filters=filters)


def _group_of(writing: Writing, id: str) -> Group | None:
    groups = groups_of(writing.session, writing.library)
    return next((one for one in groups if any(item.id == id for item in one.items)), None)


def _asked_card(composing: Composing, group: Group, done: Mapping[str, Review]) -> CardReply:
    wording = composing.wording
    blocks: list[Block] = [Paragraph(wording.say("learning_nobody"), "note")]
    lines = []
    for one in group.items[:AT_ONCE]:
        said = " · ".join(part for part in (one.reason, one.text) if part)
        said = said or wording.say("learning_no_words")
        found = done.get(one.id)
        cause = f" · {cause_name(wording, found.cause)}" if found else ""
        lines.append(f"{show_date(one.day)}: {said}{cause}")
    blocks.append(Items(tuple(lines)))
    if judged := [done[one.id] for one in group.items if one.id in done]:
        newest = max(judged, key=lambda one: one.at)
        day = show_date(newest.at.astimezone(OSLO).date())
        pairs = [
            (wording.say("learning_cause"), cause_name(wording, newest.cause)),
            (wording.say("learning_judged_by"), ", ".join(filter(None, (newest.by_name, day)))),
        ]
        if newest.target:
            pairs.append((wording.say("learning_target"), target_name(composing, newest.target)))
        blocks.append(Facts(tuple(pairs)))
    if len(group.items) > 1 and group.kind == "questions":
        links = tuple((one.text, f"{PATH}/sak/{one.id}/alene") for one in group.items[:AT_ONCE])
        blocks += [Paragraph(wording.say("learning_one_by_one")), PageLinks(links)]
    return CardReply(group_title(composing, group), tuple(blocks), language=composing.language)


def _answers(composing: Composing, group: Group) -> Iterator[CardReply]:
    """What the bot answers now to a few of the questions; what was disliked, as it stands now."""
    wording = composing.wording
    if group.kind == "answers":
        passage = composing.library.by_id.get(group.passage)
        if passage is not None:
            quoted = Paragraph(passage.text, "quote")
            title = wording.say("learning_disliked")
            yield CardReply(title, (quoted,), language=composing.language)
        return
    asked = dict.fromkeys(one.text for one in group.items)
    blocks: list[Block] = []
    for text in list(asked)[:ANSWERED_AT_ONCE]:
        blocks += [Paragraph(text, "heading") if len(asked) > 1 else Paragraph(f"«{text}»")]
        blocks += answer_blocks(answered_by(composing, composing.library, text))
    yield CardReply(wording.say("learning_now"), tuple(blocks), language=composing.language)


# Judging, and a way of asking


def case_form(
    writing: Writing,
    group: Group,
    done: Mapping[str, Review],
    *,
    search: str = "",
    filled: Mapping[str, str] | None = None,
    error: str = "",
    said: str = "",
) -> CardReply:
    """`filled` is what was chosen and written and not kept, because of `error`."""
    wording = writing.wording
    newest = next((done[one.id] for one in reversed(group.items) if one.id in done), None)
    questions = [one.text for one in group.items] if group.kind == "questions" else []
    standing = {
        "cause": newest.cause if newest else "",
        "target": newest.target if newest else "",
        "ask": questions[0] if questions else "",
    }
    values = standing | dict(filled or {})
    blocks: list[Block] = [Paragraph(said)] if said else []
    blocks += [Paragraph(error, "error")] if error else []
    blocks.append(
        Choice(
            "cause",
            wording.say("learning_cause"),
            tuple((one, cause_name(wording, one)) for one in CAUSES),
            wording.say("learning_cause_error"),
            value=values["cause"],
        )
    )
    searched = [search] if search else []
    texts = [*searched, *questions[:1]]
    gone = group.passage if group.kind == "answers" and group.passage else ""
    found = options(writing, texts, values["target"])
    if gone and all(value != gone for value, _ in found):
        found = (*found, (gone, target_name(writing, gone)))
    blocks += [
        Choice(
            "target",
            wording.say("learning_target"),
            found,
            required=False,
            value=values["target"] or NOTHING,
        ),
        Paragraph(wording.say("learning_target_how"), "note"),
        TextInput(
            "ask",
            wording.say("learning_ask"),
            values["ask"][:LONGEST_ASK],
            longest=LONGEST_ASK,
            required=False,
            lines=False,
        ),
    ]
    items = [one.id for one in group.items[:AT_ONCE]]
    buttons = (
        Button(wording.say("learning_keep_cause"), {"verb": "learning_review", "items": items}),
        Button(
            wording.say("learning_add_ask"),
            {"verb": "learning_add_ask", "items": items},
            weight="main",
        ),
    )
    title = wording.say("learning_judge")
    return CardReply(title, tuple(blocks), buttons, writing.language)


def _judge(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Keep why the answer wasn't good, and what should have answered."""
    return _kept(context, person, value, adds=False)


def _add(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The same, and a way of asking for what was chosen, as a draft."""
    return _kept(context, person, value, adds=True)


def _kept(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any], *, adds: bool
) -> list[Reply]:
    wording = context.wording
    group = _picked(context, value)
    if group is None:
        return [TextReply(wording.say("learning_gone"))]
    cause, target = id_in(value, "cause"), id_in(value, "target")
    target = "" if target == NOTHING else target
    ask = " ".join(text_in(value, "ask").split())
    if adds and (refused := refusal(context, [ask])):
        return [TextReply(refused)]
    filled = {"cause": cause if cause in CAUSES else "", "target": target, "ask": ask}
    error = _wrong(context, filled, adds=adds)
    done = reviews(context.session)
    if error:
        if target and not may_be_chosen(context, target):
            filled["target"] = ""
        return [case_form(context, group, done, filled=filled, error=error)]
    ids = [one.id for one in group.items]
    review(context.session, ids, cause=cause, target=target, by_name=person.name, now=context.now)
    if not adds:
        said = wording.say("learning_judged")
        return [_done(context, said, (wording.say("learning_title"), PATH))]
    if not _has(context, target, ask):
        add_ask(context.session, target=target, text=ask, by_name=person.name, now=context.now)
    said = wording.say("learning_ask_added", ask=ask)
    return [
        _done(
            context,
            said,
            (wording.say("learning_try"), f"{PATH}/prov"),
            (wording.say("learning_gain"), f"{PATH}/gevinst"),
        )
    ]


def _done(context: Context, said: str, *links: tuple[str, str]) -> CardReply:
    title = context.wording.say("learning_kept")
    return CardReply(title, (Paragraph(said), PageLinks(links)), language=context.language)


def _wrong(context: Context, filled: Mapping[str, str], *, adds: bool) -> str:
    """What is wrong with what was filled in, as a sentence that says what to do; "" for nothing."""
    wording, target = context.wording, filled["target"]
    if not filled["cause"]:
        return wording.say("learning_cause_error")
    if target and not may_be_chosen(context, target):
        return wording.say("learning_target_missing")
    if not adds:
        return ""
    if not target:
        return wording.say("learning_target_error")
    if count_drafts(context.session) >= MOST_DRAFTS:
        return wording.say("learning_too_many", most=MOST_DRAFTS)
    return wrong_ask(context, target, filled["ask"])


def _has(context: Context, target: str, ask: str) -> bool:
    """The same pressed twice is one draft."""
    return any((one.target, one.text) == (target, ask) for one in list_asks(context.session))


def _picked(context: Context, value: Mapping[str, Any]) -> Group | None:
    """The items that the button carries, as far as they are there and belong together."""
    ids = _ids(value.get("items"))
    group = _group_of(context, ids[0]) if ids else None
    if group is None:
        return None
    items = tuple(one for one in group.items if one.id in ids)
    return Group(group.kind, items, group.passage)


def _ids(found: object) -> Sequence[str]:
    if not isinstance(found, list):
        return []
    return [one for one in found[:AT_ONCE] if isinstance(one, str) and 0 < len(one) <= LONGEST_ID]


VERBS: dict[str, Pressed] = {
    "learning_review": teaching(_judge),
    "learning_add_ask": teaching(_add),
}
PAGE_VERBS: set[str] = set(VERBS)
