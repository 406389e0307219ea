"""Putting in a meeting and changing one: a form, a preview that says what will come of it, saving.

In a dialog where Teams has them, else as cards in the chat. The form carries a mark of each field
as it was, so that two who change the same meeting lose nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from dialogs.access import may_organise
from dialogs.context import Commanded, Context, Pressed
from dialogs.meetings import calendar, planning
from dialogs.meetings.audience import read_register
from dialogs.meetings.meeting_card import Writing, show_meeting, when_text
from dialogs.meetings.meeting_fields import (
    FIELDS,
    Filled,
    Form,
    digests,
    filled_in,
    filled_of,
    inputs,
    read_form,
    shown_value,
)
from dialogs.meetings.meeting_preview import (
    counted,
    preview_blocks,
    reach_texts,
    warnings,
    who_hear,
)
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    DialogReply,
    Items,
    MessageKind,
    Paragraph,
    Reply,
    TextReply,
)
from dialogs.pressed import Handler, id_in, new_id_in, registered
from storage.meeting_answers import answers_of
from storage.meetings import Meeting, find_meeting, kinds_in_use
from storage.people import RegisteredPerson

_TIMES = ("day", "begins", "ends", "until")
_EMPTY = dict.fromkeys(FIELDS, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Filling:
    """A form that somebody fills in: for `meeting`, or for a new one that gets the id `new`.

    `was` has a mark of each field as the meeting was when the form was made.
    """

    form: Form
    person: RegisteredPerson
    meeting: Meeting | None
    new: str
    filled: Filled
    was: Mapping[str, str]

    @property
    def carried(self) -> dict[str, Any]:
        if self.meeting is None:
            return {"new": self.new}
        return {"meeting": self.meeting.id, "was": dict(self.was)}


def organisers(handler: Handler, refused: str = "meeting_only_organisers") -> Pressed:
    """The handler for those who keep the calendar; anybody else is told who does."""

    def checked(
        context: Context, person: RegisteredPerson, value: Mapping[str, Any]
    ) -> list[Reply]:
        if not may_organise(person):
            return [TextReply(context.wording.say(refused))]
        return handler(context, person, value)

    return registered(checked)


def in_place(context: Context, card: CardReply) -> list[Reply]:
    """The card where the person is: in the open dialog, or in the chat."""
    in_dialog = context.message.kind in (MessageKind.OPEN_DIALOG, MessageKind.DIALOG)
    return [DialogReply(card)] if in_dialog else [card]


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """What those who keep the calendar can do with a meeting that is still to be held."""
    person, wording, which = writing.person, writing.wording, {"meeting": meeting.id}
    if person is None or not may_organise(person) or meeting.ends <= writing.now:
        return ()
    if meeting.cancelled_at:
        restore = {"verb": "meeting_restore", "meetings": [meeting.id]}
        return (Button(wording.say("meeting_undo"), restore),)
    return (
        Button(wording.say("meeting_change"), {"verb": "meeting_change", **which}),
        Button(wording.say("meeting_repeat"), {"verb": "meeting_repeat", **which}),
        Button(wording.say("meeting_cancel"), {"verb": "meeting_cancel_ask", **which}),
    )


# Filling it in


def new(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Nytt møte»: the ways to the form."""
    return [_ways_in(context, "meeting_new", {"new": uuid4().hex})]


def change(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """«Endre»: the ways to the form with the meeting filled in."""
    return [_ways_in(context, "meeting_change", {"meeting": id_in(value, "meeting")})]


def _ways_in(context: Context, what: str, carried: Mapping[str, str]) -> CardReply:
    """A dialog, or the chat: the bot can't know whether the client has dialogs."""
    wording, opened = context.wording, {"verb": "meeting_form", **carried}
    return CardReply(
        wording.say(f"{what}_title"),
        (Paragraph(wording.say(f"{what}_intro")),),
        (
            Button(wording.say("meeting_fill_in"), opened, opens_dialog=True, weight="main"),
            Button(wording.say("meeting_fill_in_chat"), opened),
        ),
        context.language,
    )


def form(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """The form: empty, of a meeting as it is, or with what was filled in («Rett opp»)."""
    filling = _filling(context, person, value, value.get("filled"))
    return filling if isinstance(filling, list) else _form_card(context, filling)


def preview(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """What was filled in as a meeting, or all that is wrong with it."""
    filling = _filling(context, person, value, value)
    if isinstance(filling, list):
        return filling
    read = _read(context, filling)
    return read if isinstance(read, list) else _preview_card(context, filling, read)


def save(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Save what was seen in the preview; the same again changes nothing."""
    filling = _filling(context, person, value, value.get("filled"), lock=True)
    if isinstance(filling, list):
        return filling
    if find_meeting(context.session, filling.new):
        return _said(context, filling.new, "meeting_already")
    read = _read(context, filling)
    if isinstance(read, list):
        return read
    session, sending, by, now = context.session, context.sending, person, context.now
    if filling.meeting is None:
        made = calendar.create_meeting(session, sending, read, by=by, now=now)
        return _said(context, made.id, "meeting_made")
    changes = _changes(filling.meeting, read)
    changed = calendar.change_meeting(session, sending, read.id, changes, by=by, now=now)
    if changed is None:
        return [TextReply(context.wording.say("meeting_too_late_to_change"))]
    return _said(context, read.id, "meeting_changed")


def _filling(
    context: Context,
    person: RegisteredPerson,
    value: Mapping[str, Any],
    given: Any,
    *,
    lock: bool = False,
) -> _Filling | list[Reply]:
    """What a button carries, with what was filled in when there is any; or what to say instead."""
    session = context.session
    form = Form(context.wording, read_register(session), kinds_in_use(session), context.today)
    filled = filled_in(given) if isinstance(given, Mapping) else None
    if not (id := id_in(value, "meeting")):
        new = new_id_in(value, "new") or uuid4().hex
        return _Filling(
            form=form, person=person, meeting=None, new=new, filled=filled or _EMPTY, was={}
        )
    meeting = find_meeting(session, id, lock=lock)
    if meeting is None or meeting.cancelled_at:
        return [TextReply(context.wording.say("meeting_too_late_to_change"))]
    now = filled_of(form, meeting)
    carried = value.get("was") if filled is not None else None
    was = digests(now)
    if isinstance(carried, Mapping):
        was = {field: id_in(carried, field) for field in FIELDS}
    return _Filling(
        form=form, person=person, meeting=meeting, new="", filled=filled or now, was=was
    )


def _read(context: Context, filling: _Filling) -> Meeting | list[Reply]:
    """The meeting that was meant; or the form again, with what is wrong or has been changed."""
    fields, errors = read_form(filling.form, filling.filled)
    before = filling.meeting
    if before and not errors and replace(before, **fields) == before:
        return before  # it is so already: pressed twice, or somebody else thought the same
    if conflict := _conflict(context, filling):
        return conflict
    starts = fields.get("starts")
    moved = before is None or starts != before.starts
    if starts is not None and moved and starts <= context.now:
        errors["day"] = context.wording.say("meeting_past")
    if errors:
        said = [Paragraph(context.wording.say("meeting_correct_errors"), "error")]
        return _form_card(context, filling, said, errors)
    if before is None:
        return Meeting(id=filling.new, changed_at=context.now, **fields)
    return replace(before, **fields)


def _conflict(context: Context, filling: _Filling) -> list[Reply]:
    """The form with what somebody else has changed since it was made; nothing when nobody has.

    What was not touched here takes what they wrote; what both have written is kept as it is here.
    """
    meeting, wording = filling.meeting, context.wording
    if meeting is None:
        return []
    theirs = filled_of(filling.form, meeting)
    now, mine = digests(theirs), digests(filling.filled)
    filled, notes = dict(filling.filled), {}
    for field in FIELDS:
        if now[field] in (filling.was.get(field), mine[field]):
            continue
        if mine[field] == filling.was.get(field):
            filled[field] = theirs[field]
            notes[field] = wording.say("meeting_conflict_taken")
        else:
            text = shown_value(filling.form, field, theirs[field])
            notes[field] = wording.say("meeting_conflict_theirs", theirs=text)
    if not notes:
        return []
    name = meeting.changed_by_name
    key = "meeting_conflict" if name else "meeting_conflict_nobody"
    said = [Paragraph(wording.say(key, name=name), "error")]
    return _form_card(context, replace(filling, filled=filled, was=now), said, notes=notes)


# The cards


def _form_card(
    context: Context,
    filling: _Filling,
    said: Sequence[Block] = (),
    errors: Mapping[str, str] | None = None,
    notes: Mapping[str, str] | None = None,
) -> list[Reply]:
    wording = context.wording
    shown = {"verb": "meeting_preview", **filling.carried}
    title = wording.say("meeting_change_title" if filling.meeting else "meeting_new_title")
    blocks = [*said, *inputs(filling.form, filling.filled, errors or {}, notes or {})]
    button = Button(wording.say("meeting_show_preview"), shown, weight="main")
    return in_place(context, CardReply(title, tuple(blocks), (button,), context.language))


def _preview_card(context: Context, filling: _Filling, meeting: Meeting) -> list[Reply]:
    wording, register = context.wording, filling.form.register
    carried = {**filling.carried, "filled": dict(filling.filled)}
    correct = Button(
        wording.say("meeting_correct"),
        {"verb": "meeting_form", **carried},
        sends_inputs=False,
    )
    if filling.meeting is None:
        title = wording.say("meeting_preview_title", title=meeting.title)
        blocks = preview_blocks(context, meeting, register)
        key = "meeting_put_in"
    else:
        title = wording.say("meeting_change_preview_title", title=meeting.title)
        blocks = _change_blocks(context, filling, filling.meeting, meeting)
        key = "meeting_save_change"
    buttons = [Button(wording.say(key), {"verb": "meeting_save", **carried}, weight="main")]
    if filling.meeting == meeting:
        blocks, buttons = [Paragraph(wording.say("meeting_nothing_changed"))], []
    card = CardReply(title, tuple(blocks), (*buttons, correct), context.language)
    return in_place(context, card)


def _change_blocks(
    context: Context, filling: _Filling, before: Meeting, after: Meeting
) -> list[Block]:
    """What is changed, and who gets to know."""
    wording, form = context.wording, filling.form
    was, now = filled_of(form, before), filled_of(form, after)
    lines: list[str] = []
    if (before.starts, before.ends) != (after.starts, after.ends):
        moved = [when_text(wording, one, context.today) for one in (after, before)]
        lines.append(_line(context, wording.say("meeting_when"), *moved))
    for field in FIELDS:
        if field not in _TIMES and was[field] != now[field]:
            values = [shown_value(form, field, one[field]) for one in (now, was)]
            lines.append(_line(context, wording.say(f"meeting_field_{field}"), *values))
    texts: list[str] = []
    if planning.facts_of(before) == planning.facts_of(after):
        texts.append(wording.say("meeting_change_silent"))
    else:
        texts.append(_told_text(context, filling, before, after))
    answered = len(answers_of(context.session, before.id))
    if answered and after.starts != before.starts:
        texts.append(counted(wording, "meeting_change_answers", answered))
    if before.audience != after.audience or before.starts != after.starts:
        texts += reach_texts(context, after, form.register)
    return [
        Items(tuple(lines)),
        *(Paragraph(text) for text in texts),
        *(Paragraph(text, "note") for text in warnings(context, after, form.register)),
    ]


def _told_text(context: Context, filling: _Filling, before: Meeting, after: Meeting) -> str:
    """How many get to know of the change."""
    told, moved = planning.told(context.session, before.id), before.starts != after.starts
    hear = who_hear(context, after, filling.form.register, told, moved=moved)
    if told and not hear:
        return context.wording.say("meeting_tells_nobody")
    return counted(context.wording, "meeting_change_told", len(hear))


def _line(context: Context, label: str, now: str, was: str) -> str:
    return context.wording.say("meeting_change_was", label=label, now=now, was=was)


def _changes(before: Meeting, after: Meeting) -> dict[str, Any]:
    names = Meeting.__dataclass_fields__
    return {
        name: getattr(after, name)
        for name in names
        if getattr(after, name) != getattr(before, name)
    }


def _said(context: Context, meeting: str, key: str) -> list[Reply]:
    return show_meeting(context, meeting, [Paragraph(context.wording.say(key))])


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["meeting_new"](context, {})


VERBS: dict[str, Pressed] = {
    "meeting_new": organisers(new),
    "meeting_change": organisers(change),
    "meeting_form": organisers(form),
    "meeting_preview": organisers(preview),
    "meeting_save": organisers(save),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    ("nytt møte", "nytt møtet", "legg inn møte", "legg inn et møte", "legg inn eit møte"), _asked
)
