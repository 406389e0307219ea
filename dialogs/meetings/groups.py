"""Lists of people that the skoleeierteam keeps, for meetings that are for some."""

from collections.abc import Mapping, Sequence
from typing import Any

from rapidfuzz import fuzz, process

from dialogs.context import Commanded, Context, Pressed
from dialogs.meetings.audience import read_people
from dialogs.meetings.limits import LONGEST_MEETING
from dialogs.meetings.meeting_card import HORIZON, meeting_line
from dialogs.meetings.meeting_form import organisers
from dialogs.meetings.meeting_preview import counted
from dialogs.meetings.planning import plan_group
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Items,
    Paragraph,
    Reply,
    TextInput,
)
from dialogs.pressed import id_in, number_in, text_in
from storage.meeting_groups import (
    add_group,
    add_members,
    delete_group,
    find_group,
    list_groups,
    members_of,
    remove_members,
)
from storage.meetings import Meeting, meetings_between
from storage.people import RegisteredPerson, list_people

LONGEST_NAME = 60
LONGEST_LIST = 3_000  # characters of pasted names
LONGEST_KEPT = 4_000  # of what is too long, what a card has room to give back
MOST_SHOWN = 30  # members on a card; there is a button for the next ones
MOST_SUGGESTED = 8
NEAR = 70  # of 100: how alike a name must be to be suggested
_NOT_IN_A_NAME = ":+,;\n"  # what parts lines, groups and e-mails in an audience


# The list of groups


def list_all(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Grupper»: which there are, how many are in each, and a field for a new one."""
    return [_list_card(context)]


def make(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Make an empty group, and show it so that people can be put in."""
    wording = context.wording
    name = " ".join(text_in(value, "name").split())
    if not name or len(name) > LONGEST_NAME or any(mark in name for mark in _NOT_IN_A_NAME):
        wrong = wording.say("group_name_error", longest=LONGEST_NAME)
        return [_list_card(context, name=name[:LONGEST_KEPT], wrong=wrong)]
    if there := find_group(context.session, name):
        said = Paragraph(wording.say("group_there", name=there))
        return [_group_card(context, there, said=[said])]
    add_group(context.session, name)
    return [_group_card(context, name, said=[Paragraph(wording.say("group_made", name=name))])]


def _list_card(
    context: Context, *, said: Sequence[Block] = (), name: str = "", wrong: str = ""
) -> CardReply:
    wording, groups = context.wording, list_groups(context.session)
    blocks: list[Block] = list(said)
    buttons = []
    if groups:
        options = tuple(
            (one, f"{one} ({counted(wording, 'group_count', count)})")
            for one, count in groups.items()
        )
        label, error = wording.say("group_choose_label"), wording.say("group_choose_error")
        blocks.append(Choice("group", label, options, error, required=False))
        buttons.append(Button(wording.say("group_open"), {"verb": "group_open"}, weight="main"))
    else:
        blocks.append(Paragraph(wording.say("group_none")))
    if wrong:
        blocks.append(Paragraph(wrong, "error"))
    blocks.append(
        TextInput(
            "name",
            wording.say("group_name_label"),
            name,
            longest=LONGEST_NAME,
            required=False,
            lines=False,
            hint=wording.say("group_name_hint"),
        )
    )
    buttons.append(Button(wording.say("group_make"), {"verb": "group_make"}))
    return CardReply(wording.say("group_title"), tuple(blocks), tuple(buttons), context.language)


# One group


def show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Who is in the group, and how to add and remove."""
    name = find_group(context.session, id_in(value, "group"))
    if name is None:
        key = "group_gone" if id_in(value, "group") else "group_choose_error"
        return [_list_card(context, said=[Paragraph(context.wording.say(key), "error")])]
    return [_group_card(context, name, first=number_in(value, "from"))]


def add(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Put in those who are known; the rest stay in the field, with what may have been meant."""
    wording = context.wording
    name = find_group(context.session, id_in(value, "group"))
    if name is None:
        return show(context, person, value)
    written = text_in(value, "people")
    if not written or len(written) > LONGEST_LIST:
        key = "group_people_too_long" if written else "group_people_error"
        return [_group_card(context, name, people=written[:LONGEST_KEPT], wrong=[wording.say(key)])]
    everybody = list_people(context.session)
    found, unknown = read_people(written, everybody)
    before = _members(context, name)
    new = [one for one in found if one not in before]
    if new:
        add_members(context.session, name, [one.key for one in new])
        plan_group(context.session, context.sending, name, context.now)
    said = [Paragraph(counted(wording, "group_added", len(new)))]
    wrong = [_not_found(context, text, everybody) for text in unknown[:MOST_SUGGESTED]]
    if len(unknown) > MOST_SUGGESTED:
        wrong.append(wording.say("group_more_unknown", count=len(unknown) - MOST_SUGGESTED))
    return [_group_card(context, name, said=said, people="\n".join(unknown), wrong=wrong)]


def remove(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Take out those who were chosen; the same again takes out nobody more."""
    wording = context.wording
    name = find_group(context.session, id_in(value, "group"))
    if name is None:
        return show(context, person, value)
    chosen = set(text_in(value, "members").split(","))
    before = _members(context, name)
    after = [one for one in before if one.key not in chosen]
    if after == before:
        error = Paragraph(wording.say("group_remove_error"), "error")
        return [_group_card(context, name, said=[error])]
    remove_members(context.session, name, chosen)
    plan_group(context.session, context.sending, name, context.now)
    said = Paragraph(counted(wording, "group_removed", len(before) - len(after)))
    return [_group_card(context, name, said=[said])]


def _group_card(
    context: Context,
    name: str,
    *,
    first: int = 0,
    said: Sequence[Block] = (),
    people: str = "",
    wrong: Sequence[str] = (),
) -> CardReply:
    wording, members, which = context.wording, _members(context, name), {"group": name}
    first = first if first < len(members) else 0
    some = members[first : first + MOST_SHOWN]
    blocks: list[Block] = [*said, Paragraph(counted(wording, "group_count", len(members)), "note")]
    buttons = [Button(wording.say("group_add"), {"verb": "group_add", **which}, weight="main")]
    blocks += [Paragraph(text, "error") for text in wrong]
    blocks.append(
        TextInput(
            "people",
            wording.say("group_people_label"),
            people,
            longest=LONGEST_LIST,
            required=False,
            hint=wording.say("group_people_hint"),
        )
    )
    if some:
        options = tuple((one.key, _described(one)) for one in some)
        label = wording.say("group_members_label")
        blocks.append(Choice("members", label, options, required=False, several=True))
        removed = {"verb": "group_remove", **which}
        buttons.append(Button(wording.say("group_remove"), removed))
    if len(members) > MOST_SHOWN:
        following = first + MOST_SHOWN if first + MOST_SHOWN < len(members) else 0
        shown = {"first": first + 1, "last": first + len(some), "count": len(members)}
        blocks.append(Paragraph(wording.say("group_shown", **shown), "note"))
        more = {"verb": "group_open", **which, "from": following}
        buttons.append(Button(wording.say("group_more"), more, sends_inputs=False))
    for key, verb in (("group_back", "group_list"), ("group_delete", "group_delete_ask")):
        value = {"verb": verb, **which}
        buttons.append(Button(wording.say(key), value, sends_inputs=False))
    title = wording.say("group_one_title", name=name)
    return CardReply(title, tuple(blocks), tuple(buttons), context.language)


def _members(context: Context, name: str) -> list[RegisteredPerson]:
    """Who is in the group and still in the register, in the order of their names."""
    keys = members_of(context.session, name)
    return [one for one in list_people(context.session) if one.key in keys]


def _not_found(context: Context, text: str, people: Sequence[RegisteredPerson]) -> str:
    """That nobody, or more than one, is called this, and who may have been meant."""
    wording = context.wording
    same = [one for one in people if one.name.casefold() == text.casefold()]
    if same:
        listed = ", ".join(_described(one) for one in same)
        return wording.say("group_several", text=text, people=listed)
    names = {one.key: one.name.casefold() for one in people}
    emails = {one.key: one.email.casefold() for one in people if one.email}
    choices = emails if "@" in text else names
    near = process.extractOne(text.casefold(), choices, scorer=fuzz.ratio, score_cutoff=NEAR)
    if near is None:
        return wording.say("group_unknown", text=text)
    meant = next(one for one in people if one.key == near[2])
    return wording.say("group_meant", text=text, person=_described(meant))


def _described(person: RegisteredPerson) -> str:
    """A name with what tells two of the same name apart."""
    more = ", ".join(part for part in (person.unit, person.email) if part)
    return f"{person.name} ({more})" if more else person.name


# Deleting one


def delete_ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Ask first, with the coming meetings that are for the group."""
    wording, name = context.wording, find_group(context.session, id_in(value, "group"))
    if name is None:
        return show(context, person, value)
    used = _used_by(context, name)
    blocks: list[Block] = [Paragraph(wording.say("group_delete_text"))]
    if used:
        lines = [meeting_line(wording, one, context.today) for one in used[:MOST_SUGGESTED]]
        if len(used) > MOST_SUGGESTED:
            lines.append(wording.say("group_used_more", count=len(used) - MOST_SUGGESTED))
        blocks += [Paragraph(wording.say("group_used"), "error"), Items(tuple(lines))]
    which = {"group": name}
    buttons = (
        Button(wording.say("group_delete_now"), {"verb": "group_delete", **which}, weight="danger"),
        Button(wording.say("group_keep"), {"verb": "group_open", **which}),
    )
    title = wording.say("group_delete_title", name=name)
    return [CardReply(title, tuple(blocks), buttons, context.language)]


def delete(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Delete the group; the people and the meetings stay."""
    name = find_group(context.session, id_in(value, "group"))
    if name is None:
        return show(context, person, value)
    delete_group(context.session, name)
    plan_group(context.session, context.sending, name, context.now)
    said = [Paragraph(context.wording.say("group_deleted", name=name))]
    return [_list_card(context, said=said)]


def _used_by(context: Context, name: str) -> list[Meeting]:
    coming = meetings_between(context.session, context.now - LONGEST_MEETING, context.now + HORIZON)
    return [one for one in coming if f"gruppe: {name}" in one.audience and one.ends > context.now]


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["group_list"](context, {})


VERBS: dict[str, Pressed] = {
    "group_list": organisers(list_all),
    "group_make": organisers(make),
    "group_open": organisers(show),
    "group_add": organisers(add),
    "group_remove": organisers(remove),
    "group_delete_ask": organisers(delete_ask),
    "group_delete": organisers(delete),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(("grupper", "gruppene", "gruppane"), _asked)
