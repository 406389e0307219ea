"""Importing a file of meetings in the chat: what it changes is shown first.

The rows wait in the database until the person confirms them, and are then held against the
calendar once more: if it would now become something else, that is shown instead.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from dialogs.access import may_organise
from dialogs.context import Commanded, Context, Pressed
from dialogs.meetings.file_rows import FileRow, MeetingFileError, Problem, cannot_read
from dialogs.meetings.import_told import at_most, counts, headed_lines
from dialogs.meetings.importing import ImportPlan, apply_import, plan_import
from dialogs.meetings.meeting_files import read_meeting_file, read_pasted, too_large
from dialogs.meetings.meeting_form import organisers
from dialogs.messages import (
    AttachedFile,
    Block,
    Button,
    CardReply,
    Items,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import Handler, id_in, text_in
from dialogs.wording import Wording
from storage.meeting_imports import PendingImport, keep_import, take_import
from storage.people import RegisteredPerson

LONGEST_PASTED = 8_000  # characters, so that the field can stand on a card again
LARGEST_PASTED = 20_000  # bytes on a card, counted as Teams does
MOST_LINES = 12  # that a phone shows of each thing
MOST_PROBLEMS = 20


def ask(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """How a file is imported, and a field to paste rows in."""
    return [_paste_card(context)]


def file_given(context: Context, file: AttachedFile) -> list[Reply]:
    """A file that came with a message."""
    wording, person = context.wording, context.person
    if person is None or not may_organise(person):
        return [TextReply(wording.say("meeting_import_no_files"))]
    try:
        rows = _rows_of(file, wording, context)
        plan = plan_import(context.session, rows, wording, context.now)
    except MeetingFileError as error:
        again = Paragraph(wording.say("meeting_import_attach_again"))
        title = wording.say("meeting_import_wrong_title")
        return [CardReply(title, (*_wrong(error.problems, wording), again), (), context.language)]
    return [_preview(context, person, file.name, rows, plan)]


def _rows_of(file: AttachedFile, wording: Wording, context: Context) -> list[FileRow]:
    match file.problem:
        case "":
            return read_meeting_file(file.name, file.content, wording, context.now)
        case "too large":
            raise too_large(wording)
        case "other kind":
            raise cannot_read(wording.say("meeting_import_ending", name=file.name[:80]))
        case "several":
            raise cannot_read(wording.say("meeting_import_two_files"))
        case _:
            raise cannot_read(wording.say("meeting_import_unreachable"))


def look(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """What the pasted rows would change, or what is wrong with them."""
    wording, text = context.wording, text_in(value, "rows")
    if not text:
        return [_paste_card(context, error=wording.say("meeting_import_nothing"))]
    if len(text) > LONGEST_PASTED or len(json.dumps(text, ensure_ascii=False)) * 2 > LARGEST_PASTED:
        return [_paste_card(context, error=wording.say("meeting_import_too_long"))]
    try:
        rows = read_pasted(text, wording)
        plan = plan_import(context.session, rows, wording, context.now)
    except MeetingFileError as error:
        return [_paste_card(context, text, error.problems)]
    return [_preview(context, person, wording.say("meeting_import_pasted"), rows, plan)]


def apply(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Make the calendar what was shown; the second press finds nothing that waits."""
    session, wording = context.session, context.wording
    pending = take_import(session, id_in(value, "import"), person.key)
    if pending is None:
        return [TextReply(wording.say("meeting_import_gone"))]
    rows = [FileRow(**row) for row in pending.rows]
    try:
        plan = plan_import(session, rows, wording, context.now)
    except MeetingFileError as error:  # a group is gone, or a meeting in the way has come
        title = wording.say("meeting_import_wrong_title")
        return [CardReply(title, _wrong(error.problems, wording), (), context.language)]
    if plan.seal() != id_in(value, "seen"):
        changed = Paragraph(wording.say("meeting_import_changed_since"))
        return [_preview(context, person, pending.file, rows, plan, changed)]
    apply_import(session, context.sending, plan, by=person, now=context.now)
    title = wording.say("meeting_import_done")
    see = Button(wording.say("meeting_all_title"), {"verb": "meeting_list"}, sends_inputs=False)
    return [CardReply(title, _what(plan, wording), (see,), context.language)]


def drop(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Forget the rows that wait."""
    pending = take_import(context.session, id_in(value, "import"), person.key)
    said = "meeting_import_gone" if pending is None else "meeting_import_dropped"
    return [TextReply(context.wording.say(said))]


# Cards


def _paste_card(
    context: Context, text: str = "", problems: Sequence[Problem] = (), *, error: str = ""
) -> CardReply:
    wording = context.wording
    blocks: list[Block] = []
    if problems:
        blocks += _wrong(problems, wording)
    else:
        blocks += [
            Paragraph(wording.say("meeting_import_how")),
            Paragraph(wording.say("meeting_import_columns"), "quote"),
            Paragraph(wording.say("meeting_import_note"), "note"),
        ]
    if error:
        blocks.append(Paragraph(error, "error"))
    label, hint = wording.say("meeting_import_label"), wording.say("meeting_import_hint")
    blocks.append(TextInput("rows", label, text, longest=LONGEST_PASTED, hint=hint, error=error))
    title = "meeting_import_wrong_title" if problems else "meeting_import_title"
    look_button = Button(
        wording.say("meeting_import_look"), {"verb": "meeting_import_look"}, weight="main"
    )
    return CardReply(wording.say(title), tuple(blocks), (look_button,), context.language)


def _wrong(problems: Sequence[Problem], wording: Wording) -> tuple[Block, ...]:
    lines = at_most(
        [problem.line(wording) for problem in problems],
        MOST_PROBLEMS,
        lambda count: wording.say("meeting_import_more_wrong", count=count),
    )
    return Paragraph(wording.say("meeting_import_wrong"), "error"), Items(lines)


def _preview(
    context: Context,
    person: RegisteredPerson,
    file: str,
    rows: Sequence[FileRow],
    plan: ImportPlan,
    *said: Block,
) -> CardReply:
    """What would be changed; the rows are kept until a button says what to do with them."""
    wording = context.wording
    what = _what(plan, wording)
    if not plan.size:
        title = wording.say("meeting_import_title")
        # What is only noted, such as ids that the file has been given, needs no yes.
        apply_import(context.session, context.sending, plan, by=person, now=context.now)
        same = Paragraph(wording.say("meeting_import_same"))
        return CardReply(title, (*said, same, *what), (), context.language)
    pending = PendingImport(
        uuid4().hex, person.key, file[:200], [row.to_json() for row in rows], context.now
    )
    keep_import(context.session, pending)
    do = {"verb": "meeting_import_apply", "import": pending.id, "seen": plan.seal()}
    drop_it = {"verb": "meeting_import_drop", "import": pending.id}
    return CardReply(
        wording.say("meeting_import_preview"),
        (*said, Paragraph(wording.say("meeting_import_from", file=file[:200]), "note"), *what),
        (
            Button(_do(plan, wording), do, weight="main"),
            Button(wording.say("meeting_import_drop"), drop_it),
        ),
        context.language,
    )


def _what(plan: ImportPlan, wording: Wording) -> tuple[Block, ...]:
    blocks: list[Block] = []
    for heading, lines in headed_lines(plan, wording):
        if lines:
            more = at_most(
                lines, MOST_LINES, lambda count: wording.say("meeting_import_more", count=count)
            )
            blocks += [Paragraph(heading, "heading"), Items(more)]
    left = counts(plan, wording)
    return (*blocks, Paragraph("\n\n".join(left), "note")) if left else tuple(blocks)


def _do(plan: ImportPlan, wording: Wording) -> str:
    new, changed = len(plan.new), plan.size - len(plan.new)
    if new and changed:
        return wording.say("meeting_import_do_both", new=new, changed=changed)
    key = "meeting_import_do_new" if new else "meeting_import_do_change"
    return wording.say(key if plan.size > 1 else f"{key}_one", count=plan.size)


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["meeting_import"](context, {})


_HANDLERS: Mapping[str, Handler] = {
    "meeting_import": ask,
    "meeting_import_look": look,
    "meeting_import_apply": apply,
    "meeting_import_drop": drop,
}
VERBS: dict[str, Pressed] = {
    verb: organisers(handler, "meeting_import_not_yours") for verb, handler in _HANDLERS.items()
}
COMMANDS: dict[str, Commanded] = {
    "importer møter": _asked,
    "importer møte": _asked,
    "importer møteplan": _asked,
}
