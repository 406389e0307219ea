"""What importing a file changes, in words: for the card and for the command line."""

from collections.abc import Callable, Sequence

from dialogs.meetings.audience import audience_text
from dialogs.meetings.importing import Change, ImportPlan, NewMeeting, when_short
from dialogs.wording import Wording
from storage.meetings import Meeting


def headed_lines(plan: ImportPlan, wording: Wording) -> list[tuple[str, list[str]]]:
    """Pairs of a count and the meetings that it counts."""
    groups: list[tuple[str, list[str]]] = [
        ("new", [_new_line(one, wording) for one in plan.new]),
        ("moved", [_moved_line(one, wording) for one in plan.moved]),
        ("changed", [_changed_line(one, wording) for one in plan.changed]),
        ("cancelled", [_line(one, wording) for one in plan.cancelled]),
    ]
    return [
        (wording.say(f"meeting_import_{name}", count=len(lines)), lines) for name, lines in groups
    ]


def counts(plan: ImportPlan, wording: Wording) -> list[str]:
    """What is left alone, and how many people the meetings' messages reach."""
    left = [
        ("unchanged", plan.unchanged),
        ("held", plan.held),
        ("stay_cancelled", plan.stay_cancelled),
        ("not_in_file", plan.not_in_file),
    ]
    told = [wording.say(f"meeting_import_{name}", count=count) for name, count in left if count]
    if plan.told is not None:
        key = "meeting_import_told" if plan.told.reachable else "meeting_import_told_none"
        told.append(wording.say(key, invited=plan.told.invited, reachable=plan.told.reachable))
    return told


def at_most(lines: Sequence[str], most: int, more: Callable[[int], str]) -> tuple[str, ...]:
    """The first of the lines, and how many more there are."""
    if len(lines) <= most:
        return tuple(lines)
    return (*lines[:most], more(len(lines) - most))


def _new_line(one: NewMeeting, wording: Wording) -> str:
    key = {0: "_nobody", 1: "_one"}.get(one.people, "")
    meeting = one.meeting
    return wording.say(
        f"meeting_import_new_line{key}",
        when=when_short(meeting.starts, meeting.ends),
        title=_title(meeting),
        audience=audience_text(wording, meeting.audience).replace("\n", " + "),
        people=one.people,
    )


def _moved_line(change: Change, wording: Wording) -> str:
    before = change.before
    starts = change.fields["starts"]
    ends = change.fields.get("ends", before.ends)
    line = wording.say(
        "meeting_import_moved_line",
        title=_title(before),
        before=when_short(before.starts, before.ends),
        after=when_short(starts, ends),
    )
    if not change.what:
        return line
    return wording.say("meeting_import_moved_too", line=line, what=", ".join(change.what))


def _changed_line(change: Change, wording: Wording) -> str:
    before = change.before
    return wording.say(
        "meeting_import_changed_line",
        when=when_short(before.starts, before.ends),
        title=_title(before),
        what=", ".join(change.what),
    )


def _line(meeting: Meeting, wording: Wording) -> str:
    when = when_short(meeting.starts, meeting.ends)
    return wording.say("meeting_import_line", when=when, title=_title(meeting))


def _title(meeting: Meeting) -> str:
    """The title, with the kind when it doesn't begin with that."""
    if meeting.title.casefold().startswith(meeting.kind.casefold()):
        return meeting.title
    return f"{meeting.kind}: {meeting.title}"
