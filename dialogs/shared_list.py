"""«Delt av skolene»: finding what schools have shared, to choose what to read."""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from dialogs.access import reader
from dialogs.context import Commanded, Context, Pressed
from dialogs.messages import Block, Button, CardReply, Choice, Paragraph, Reply, TextInput
from dialogs.pressed import id_in, number_in, registered, text_in
from dialogs.shared_version import version_line
from dialogs.wording import Wording
from storage.people import RegisteredPerson
from storage.shared import Version, comments_of, list_shared, useful_count

PAGE = 5
LONGEST_SEARCH = 100
EVERY_GUIDE = "alle"


def shared_list(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """A page of what the person may read, newest first, to search and to choose from."""
    search, guide = text_in(value, "search")[:LONGEST_SEARCH], id_in(value, "guide")
    guide = guide if context.guides.get(guide) else ""
    offset = number_in(value, "offset") // PAGE * PAGE
    find = partial(list_shared, context.session, reader(person), search=search, guide=guide)
    versions, total = find(offset=offset, limit=PAGE)
    if not versions and total:
        # The last page has gone since the button was made.
        offset = (total - 1) // PAGE * PAGE
        versions, total = find(offset=offset, limit=PAGE)
    wanted = {"search": search, "guide": guide}
    return [_list_card(context, versions, total, offset, wanted)]


def version_choice(wording: Wording, versions: Sequence[Version]) -> Choice:
    """What to read, the newest chosen to begin with."""
    options = tuple((one.id, version_line(wording, one)) for one in versions)
    return Choice("version", wording.say("shared_choose"), options, value=options[0][0])


def _list_card(
    context: Context,
    versions: Sequence[Version],
    total: int,
    offset: int,
    wanted: Mapping[str, str],
) -> CardReply:
    wording = context.wording
    blocks: list[Block] = []
    buttons: list[Button] = []
    if versions:
        last = offset + len(versions)
        shown = wording.say("shared_count", first=offset + 1, last=last, total=total)
        blocks += [Paragraph(shown, "note"), _listed(context, versions)]
        buttons.append(Button(wording.say("shared_read"), {"verb": "shared_read"}, weight="main"))
    elif any(wanted.values()):
        blocks.append(Paragraph(wording.say("shared_no_hits")))
    else:
        nothing = (Paragraph(wording.say("shared_nothing")),)
        return CardReply(wording.say("shared_title"), nothing, language=context.language)
    blocks += _search_fields(context, wanted)
    buttons.append(Button(wording.say("shared_search"), {"verb": "shared_list"}))
    for title, start in (("shared_before", offset - PAGE), ("shared_after", offset + PAGE)):
        if 0 <= start < total:
            page = {"verb": "shared_list", **wanted, "offset": start}
            buttons.append(Button(wording.say(title), page, sends_inputs=False))
    return CardReply(wording.say("shared_title"), tuple(blocks), tuple(buttons), context.language)


def _listed(context: Context, versions: Sequence[Version]) -> Choice:
    wording = context.wording
    choice = version_choice(wording, versions)
    said = [_reception(context, one) for one in versions]
    options = tuple(
        (id, f"{label} ({more})" if more else label)
        for (id, label), more in zip(choice.options, said, strict=True)
    )
    return Choice("version", choice.label, options, value=choice.value)


def _reception(context: Context, version: Version) -> str:
    """How many have found it useful or commented; "" for nobody."""
    wording = context.wording
    useful = useful_count(context.session, version.draft)
    comments = len(comments_of(context.session, version.draft))
    said = [wording.say("shared_useful", count=useful)] if useful else []
    if comments:
        key = "shared_comment_one" if comments == 1 else "shared_comments"
        said.append(wording.say(key, count=comments))
    return ", ".join(said)


def _search_fields(context: Context, wanted: Mapping[str, str]) -> Iterator[Block]:
    wording = context.wording
    yield TextInput(
        "search",
        wording.say("shared_search_label"),
        wanted["search"],
        longest=LONGEST_SEARCH,
        required=False,
        lines=False,
    )
    guides = [(one.id, one.named(context.language)) for one in context.guides.all if one.audiences]
    options = ((EVERY_GUIDE, wording.say("shared_every_guide")), *guides)
    chosen = wanted["guide"] or EVERY_GUIDE
    yield Choice("guide", wording.say("shared_guide"), options, required=False, value=chosen)


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["shared_list"](context, {"search": rest})


VERBS: dict[str, Pressed] = {
    "shared_list": registered(shared_list),
}
COMMANDS: dict[str, Commanded] = {"delt av skolene": _asked, "delt av skulane": _asked}
