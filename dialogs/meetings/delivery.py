"""Who got a message and who did not: counts for organisers, reasons for the administrator.

Nobody sees here what a message was about: the administrator sees who can't be reached, the
organiser sees how many have got the last message of a meeting.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from dialogs.access import may_organise, may_see_delivery
from dialogs.context import Commanded, Context, Pressed
from dialogs.meetings.meeting_card import Writing
from dialogs.meetings.planning import CARD, LISTS, subject_of
from dialogs.messages import Block, Button, CardReply, Facts, Items, Paragraph, Reply, TextReply
from dialogs.pressed import Handler, id_in, number_in, registered
from dialogs.wording import Wording
from storage.audit import record
from storage.database import Session
from storage.delivery import (
    Fate,
    chats,
    count_messages,
    count_planned,
    last_of_each,
    longest_waiting,
)
from storage.meetings import Meeting, find_meeting
from storage.outbox import Row, rows_of, send_again
from storage.people import RegisteredPerson, list_people

LOOKED_BACK = timedelta(days=30)
A_PAGE = 15
STATES = ("sendt", "sendes", "venter", "ukjent", "feilet", "utløpt", "avlyst")
LEFT = "left"
READ_UNREACHED = "hvem som ikke kan nås"  # in the audit log

# What the Connector answered -> the cause; by code first, since one status has several.
_BY_CODE = {
    "ConversationBlockedByUser": "blocked",
    "MessageWritesBlocked": "blocked",
    "BotDisabledByAdmin": "off",
    "BotNotInConversationRoster": "removed",
    "NotEnoughPermissions": "off",
}
_BY_STATUS = {"401": "not_registered", "404": "chat_gone", "413": "too_large"}
# Those mean what they say only until the app is installed again.
_UNTIL_INSTALLED = frozenset(("blocked", "removed", "chat_gone"))


# For the organiser


@dataclass(frozen=True, slots=True)
class Summary:
    """How many people have got the last message of a meeting that was meant for them."""

    sent: int = 0
    not_sent: int = 0
    waiting: int = 0
    unknown: int = 0


def summary(session: Session, meeting: Meeting, now: datetime) -> Summary:
    """The last message of the meeting that each was to have by now counts; else one that waits."""
    count: Counter[str] = Counter()
    for row in _last_rows(session, meeting.id, now):
        match row.state:
            case "sendt" | "ukjent":
                count[row.state] += 1
            case "feilet" | "utløpt":
                count["feilet"] += 1
            case _:
                count["venter"] += 1
    return Summary(count["sendt"], count["feilet"], count["venter"], count["ukjent"])


def delivery_line(writing: Writing, meeting: Meeting) -> str:
    """«Sendt til 38, ikke sendt til 4 …» for who keeps the calendar; "" for others, and nothing."""
    if writing.person is None or not may_organise(writing.person):
        return ""
    wording, counted = writing.wording, summary(writing.session, meeting, writing.now)
    counts = (
        ("delivery_sent", counted.sent),
        ("delivery_not_sent", counted.not_sent),
        ("delivery_waiting", counted.waiting),
        ("delivery_unknown", counted.unknown),
    )
    parts = [wording.say(key, count=count) for key, count in counts if count]
    return wording.say("delivery_line", counts=", ".join(parts)) if parts else ""


def buttons(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """«Send igjen» to those of whom nobody knows whether they got the last message."""
    if writing.person is None or not may_organise(writing.person):
        return ()
    unknown = summary(writing.session, meeting, writing.now).unknown
    if not unknown or meeting.starts <= writing.now:
        return ()
    title = writing.wording.say("delivery_again", count=unknown)
    value = {"verb": "delivery_again", "meeting": meeting.id}
    return (Button(title, value, sends_inputs=False),)


def send_unknown_again(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Send the last message again to those of whom nobody knows whether they got it."""
    wording = context.wording
    if not may_organise(person):
        return [TextReply(wording.say("delivery_not_organiser"))]
    meeting = find_meeting(context.session, id_in(value, "meeting"), lock=True)
    if meeting is None:
        return [TextReply(wording.say("delivery_gone"))]
    if meeting.starts <= context.now:
        return [TextReply(wording.say("delivery_again_late", title=meeting.title))]
    again = [
        send_again(context.session, row.id, context.now, max(row.latest, meeting.starts))
        for row in _last_rows(context.session, meeting.id, context.now)
        if row.state == "ukjent"
    ]
    said = "delivery_again_done" if any(again) else "delivery_again_none"
    return [TextReply(wording.say(said, count=sum(again), title=meeting.title))]


def _last_rows(session: Session, meeting_id: str, now: datetime) -> list[Row]:
    """One message a person: the last that was due, or the first that waits for who has had none."""
    rows = [row for row in rows_of(session, subject_of(meeting_id)) if row.reason != CARD]
    rows += [row for row in rows_of(session, LISTS) if meeting_id in row.about.get("meetings", ())]
    last: dict[str, Row] = {}
    for row in sorted(rows, key=lambda row: row.due):
        if row.state == "avlyst":
            continue
        if row.due <= now or row.person not in last:
            last[row.person] = row
    return list(last.values())


# For the administrator


@dataclass(frozen=True, slots=True)
class Unreached:
    """Somebody who didn't get the last message to them, and why."""

    name: str
    unit: str
    cause: str


@dataclass(frozen=True, slots=True)
class Report:
    """How the sending goes: what was due in the last 30 days, and who can't be reached.

    `causes` counts people; those who have left the register are counted, but not named.
    """

    states: Mapping[str, Mapping[str, int]]  # state -> reason -> how many
    planned: int
    waiting_since: datetime | None
    causes: Mapping[str, int]
    unreached: Sequence[Unreached]


def read_report(session: Session, now: datetime) -> Report:
    """The report as it is now; people by cause, then by name."""
    since = now - LOOKED_BACK
    people = {one.key: one for one in list_people(session)}
    installed = chats(session)
    causes: Counter[str] = Counter()
    unreached: list[Unreached] = []
    for fate in last_of_each(session, since, now):
        person = people.get(fate.person)
        cause = cause_of(fate, installed.get(fate.person))
        if cause and person is None:
            causes[LEFT] += 1
        elif cause and person is not None:
            causes[cause] += 1
            unreached.append(Unreached(person.name, person.unit, cause))
    unreached.sort(key=lambda one: (-causes[one.cause], one.cause, one.name.casefold()))
    return Report(
        count_messages(session, since, now),
        count_planned(session, now),
        longest_waiting(session, now),
        dict(causes.most_common()),
        unreached,
    )


def cause_of(fate: Fate, installed: bool | None) -> str:
    """Why this message hasn't come; "" when it has, or still may as it is.

    `installed` is None for who has never had a conversation with the bot.
    """
    code = fate.problem.partition(" ")[2]
    told = _BY_CODE.get(code) or _BY_STATUS.get(fate.problem.partition(" ")[0], "")
    match fate.state:
        case "ukjent":
            return "unknown"
        case "venter" | "utløpt" | "feilet" if installed is None:
            return "not_installed"
        case "venter" | "utløpt" | "feilet" if not installed:
            return told if told in _UNTIL_INSTALLED or told == "off" else "removed"
        case "feilet":
            # The app is there again: the next message comes.
            return "" if told in _UNTIL_INSTALLED else told or "failed"
        case "utløpt":
            return "not_taken" if fate.problem else "late"
    return ""


def cause_text(wording: Wording, cause: str) -> str:
    """Why, in a few words: «Har ikke installert appen»."""
    return wording.say(f"delivery_cause_{cause}")


def remedy_text(wording: Wording, cause: str) -> str:
    """What to do about it, in one sentence."""
    return wording.say(f"delivery_do_{cause}")


def report_as_json(wording: Wording, report: Report, now: datetime) -> str:
    """The report for programs; docs/meetings.md says what its keys mean."""
    waited = now - report.waiting_since if report.waiting_since else timedelta()
    told = {
        "at": now.isoformat(timespec="seconds"),
        "days": LOOKED_BACK.days,
        "states": {state: dict(report.states.get(state, {})) for state in STATES},
        "planned": report.planned,
        "oldest_waiting_seconds": int(waited.total_seconds()),
        "causes": dict(report.causes),
        "unreached": [
            {
                "name": one.name,
                "unit": one.unit,
                "cause": one.cause,
                "why": cause_text(wording, one.cause),
                "do": remedy_text(wording, one.cause),
            }
            for one in report.unreached
        ],
    }
    return json.dumps(told, ensure_ascii=False)


def report_as_text(wording: Wording, report: Report, now: datetime) -> str:
    """The report for who reads it in a terminal."""
    lines = [wording.say("delivery_intro")]
    for state in STATES:
        if reasons := report.states.get(state):
            each = ", ".join(f"{reason} {count}" for reason, count in reasons.items())
            name = wording.say(f"delivery_state_{state}")
            lines.append(f"  {name}: {sum(reasons.values())} ({each})")
    if not any(report.states.values()):
        lines.append(f"  {wording.say('delivery_nothing')}")
    if report.planned:
        lines.append(wording.say("delivery_planned", count=report.planned))
    if report.waiting_since:
        seconds = int((now - report.waiting_since).total_seconds())
        lines.append(wording.say("delivery_oldest", seconds=seconds))
    if not report.causes:
        lines.append(wording.say("delivery_all_reached"))
        return "\n".join(lines)
    lines.append(f"{wording.say('delivery_causes')}: {sum(report.causes.values())}")
    for cause, count in report.causes.items():
        lines.append(f"{cause_text(wording, cause)}: {count}. {remedy_text(wording, cause)}")
        lines += [f"  {_named(one)}" for one in report.unreached if one.cause == cause]
    return "\n".join(lines)


def show_status(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """«leveringsstatus»: counts and, a page at a time, who can't be reached and what to do."""
    wording = context.wording
    if not may_see_delivery(person):
        key = "delivery_not_organiser_all" if may_organise(person) else "delivery_not_yours"
        return [TextReply(wording.say(key))]
    report = read_report(context.session, context.now)
    pages = max((len(report.unreached) + A_PAGE - 1) // A_PAGE, 1)
    page = min(number_in(value, "page"), pages - 1)
    if report.unreached:
        record(context.session, context.now, person.key, READ_UNREACHED, "people")
    blocks: list[Block] = [] if page else _counts(wording, report)
    blocks += _people(wording, report.unreached[page * A_PAGE :][:A_PAGE])
    if pages > 1:
        at = wording.say("delivery_page", page=page + 1, pages=pages)
        blocks.append(Paragraph(at, "note"))
    shown = [
        Button(wording.say(key), {"verb": "delivery_status", "page": to}, sends_inputs=False)
        for key, to in (("delivery_before", page - 1), ("delivery_after", page + 1))
        if 0 <= to < pages
    ]
    return [CardReply(wording.say("delivery_title"), tuple(blocks), tuple(shown), context.language)]


def _counts(wording: Wording, report: Report) -> list[Block]:
    states = {state: sum(report.states.get(state, {}).values()) for state in STATES}
    facts = [
        (wording.say(f"delivery_state_{state}"), str(count))
        for state, count in states.items()
        if count
    ]
    blocks: list[Block] = [Paragraph(wording.say("delivery_intro"))]
    if facts:
        blocks.append(Facts(tuple(facts)))
    else:
        blocks.append(Paragraph(wording.say("delivery_nothing")))
    if report.planned:
        blocks.append(Paragraph(wording.say("delivery_planned", count=report.planned), "note"))
    if not report.causes:
        blocks.append(Paragraph(wording.say("delivery_all_reached")))
        return blocks
    blocks.append(Paragraph(wording.say("delivery_causes"), "heading"))
    causes = ((cause_text(wording, cause), str(n)) for cause, n in report.causes.items())
    blocks.append(Facts(tuple(causes)))
    if LEFT in report.causes:
        blocks.append(Paragraph(remedy_text(wording, LEFT), "note"))
    return blocks


def _people(wording: Wording, people: Sequence[Unreached]) -> list[Block]:
    """The people under each cause, after what to do about it."""
    blocks: list[Block] = []
    for cause, some in groupby(people, key=lambda one: one.cause):
        names = tuple(_named(one) for one in some)
        blocks += [
            Paragraph(cause_text(wording, cause), "heading"),
            Paragraph(remedy_text(wording, cause)),
            Items(names),
        ]
    return blocks


def _named(one: Unreached) -> str:
    return f"{one.name}, {one.unit}" if one.unit else one.name


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["delivery_status"](context, {})


_HANDLERS: Mapping[str, Handler] = {
    "delivery_status": show_status,
    "delivery_again": send_unknown_again,
}
VERBS: dict[str, Pressed] = {verb: registered(handler) for verb, handler in _HANDLERS.items()}
COMMANDS: dict[str, Commanded] = dict.fromkeys(("utboks", "leveringsstatus"), _asked)
