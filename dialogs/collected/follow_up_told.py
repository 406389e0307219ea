"""What was heard in a round and what is done about it, as those who were asked read it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from dialogs.access import is_school_owner, may_act_on_results
from dialogs.checkins.round_audience import invited_to, school_of
from dialogs.checkins.round_planning import subject_of
from dialogs.checkins.round_words import title_in
from dialogs.collected.results import Seen, rounds_seen_by, seen_by
from dialogs.context import Composing, Context, Noticed
from dialogs.dates import show_date
from dialogs.meetings.sending_times import SendingTimes, at
from dialogs.messages import Block, Button, CardReply, Facts, PageLinks, Paragraph, Reply
from dialogs.notices import Later
from dialogs.pressed import id_in
from dialogs.wording import Wording
from storage.database import Session
from storage.follow_ups import FollowUp, find_follow_up, follow_ups_of
from storage.outbox import Queued, queue_all, replan
from storage.people import RegisteredPerson
from storage.rounds import Round

TOLD = "round_followup"
DEADLINE = "round_followup_due"
AT = time(8)
WORTH_SENDING = timedelta(days=14)

Where = Context | Composing


# Reading


@dataclass(frozen=True, slots=True)
class Side:
    """A round, and for whom the person follows it up: a school, or "" for the kommune."""

    seen: Seen
    unit: str


def side_of(where: Where, person: RegisteredPerson, round_id: str) -> Side | str:
    """For whom the person follows up the round; or one sentence that says why they don't."""
    seen = seen_by(where.session, person, round_id)
    if seen is None:
        return where.wording.say("follow_up_gone")
    unit = seen.round.unit or ("" if is_school_owner(person) else person.unit)
    whole = seen.questions.finest == "kommune" and not seen.round.unit
    if not may_act_on_results(person, unit) or (unit and whole):
        return where.wording.say("follow_up_not_yours")
    return Side(seen, unit)


def may_read(person: RegisteredPerson, follow_up: FollowUp) -> bool:
    """Whether it is for somebody who may open the round: the kommune's, or their own school's."""
    return follow_up.unit in ("", school_of(person))


def told_to(session: Session, person: RegisteredPerson, round_id: str) -> list[FollowUp]:
    """What has been told of a round that the person may open, the kommune's before the school's."""
    units = dict.fromkeys(("", school_of(person)))
    return follow_ups_of(session, round_id, list(units), told=True)


def blocks_for(where: Where, round: Round, unit: str) -> tuple[Block, ...]:
    """What the kommune (`unit` "") or a school has told after the round; () for nothing.

    The caller has seen that the person may open the round. Another school's is never shown.
    """
    person = where.person
    if person is None or unit not in ("", school_of(person)):
        return ()
    found = follow_ups_of(where.session, round.id, [unit], told=True)
    return shown(where.wording, found)


def shown(wording: Wording, follow_ups: Sequence[FollowUp]) -> tuple[Block, ...]:
    """Each as heard and done; under a heading whose it is."""
    blocks: list[Block] = []
    before = None
    for one in follow_ups:
        if one.unit != before:
            heading = one.unit or wording.say("follow_up_kommune")
            blocks.append(Paragraph(heading, "heading"))
            before = one.unit
        blocks.append(facts_of(wording, one))
    return tuple(blocks)


def facts_of(wording: Wording, one: FollowUp) -> Facts:
    """One measure; what isn't filled in is left out."""
    pairs = (
        ("follow_up_heard", one.heard),
        ("follow_up_measure", one.measure),
        ("follow_up_responsible", one.responsible),
        ("follow_up_deadline", show_date(one.deadline) if one.deadline else ""),
        ("follow_up_effect", one.effect),
    )
    return Facts(tuple((wording.say(key), text) for key, text in pairs if text))


@dataclass(frozen=True, slots=True)
class Told:
    """A round, and what has been told after it."""

    round: Round
    follow_ups: list[FollowUp]


def newest_told(session: Session, person: RegisteredPerson, most: int) -> list[Told]:
    """The rounds that the person may read something told of, the newest first."""
    found: list[Told] = []
    for round in rounds_seen_by(session, person):
        if follow_ups := told_to(session, person, round.id):
            found.append(Told(round, follow_ups))
        if len(found) == most:
            break
    return found


# Telling


def people_told(session: Session, round: Round, unit: str) -> list[RegisteredPerson]:
    """Who gets it: those who are asked, as the register is now; of a school, its own people."""
    return [one for one in invited_to(session, round) if not unit or one.unit == unit]


def tell(
    session: Session, sending: SendingTimes, round: Round, told: Sequence[FollowUp], now: Any
) -> int:
    """Queue one message a person with all of it; says how many people."""
    unit, ids = told[0].unit, [one.id for one in told]
    people = people_told(session, round, unit)
    due = sending.next(now)
    queue_all(
        session,
        [
            Queued(
                person=one.key,
                reason=TOLD,
                occasion=f"{round.id}:{ids[0]}",  # what is told later begins with another
                about={"round": round.id, "follow_ups": ids},
                due=due,
                latest=due + WORTH_SENDING,
                subject=subject_of(round.id),
            )
            for one in people
        ],
    )
    return len(people)


def told_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To one who was asked: what was heard, and what will be done."""
    person, wording = composing.person, composing.wording
    seen = seen_by(composing.session, person, id_in(about, "round"))
    if seen is None:
        return None
    wanted = about.get("follow_ups")
    found = [
        one
        for one in told_to(composing.session, person, seen.round.id)
        if isinstance(wanted, list) and one.id in wanted
    ]
    if not found:
        return None
    if composing.later is not None:
        return composing.later
    path = (wording.say("follow_up_on_page"), f"/side/runder/{seen.round.id}")
    return CardReply(
        wording.say("follow_up_told_title", title=title_in(composing.language, seen.round)),
        (
            Paragraph(wording.say("follow_up_told_why")),
            *shown(wording, found),
            PageLinks((path,)),
            Paragraph(wording.say("follow_up_told_again"), "note"),
        ),
        (),
        composing.language,
    )


# The deadline


def plan_deadline(session: Session, sending: SendingTimes, one: FollowUp, today: date) -> None:
    """Make the one reminder of a deadline as it must be; none when it is past, or evaluated."""
    wanted = []
    if one.deadline is not None and one.deadline >= today and not one.effect and one.by:
        due = sending.next(at(one.deadline, AT))
        wanted.append(
            Queued(
                person=one.by,
                reason=DEADLINE,
                occasion=f"{one.id}:{one.deadline.isoformat()}",
                about={"follow_up": one.id, "deadline": one.deadline.isoformat()},
                due=due,
                latest=due + WORTH_SENDING,
                subject=_of(one.id),
            )
        )
    replan(session, _of(one.id), [DEADLINE], wanted)


def forget_deadline(session: Session, id: str) -> None:
    """Call off the reminder of what is deleted."""
    replan(session, _of(id), [DEADLINE], [])


def deadline_notice(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """To the one who wrote it: the deadline is today; what did it lead to?"""
    one = find_follow_up(composing.session, id_in(about, "follow_up"))
    if one is None or one.by != composing.person.key or one.effect or one.deadline is None:
        return None
    seen = seen_by(composing.session, composing.person, one.round)
    if one.deadline.isoformat() != about.get("deadline") or seen is None:
        return None
    if composing.later is not None:
        return composing.later
    wording, value = composing.wording, {"verb": "follow_up_edit", "follow_up": one.id}
    return CardReply(
        wording.say("follow_up_due_title", title=title_in(composing.language, seen.round)),
        (Paragraph(wording.say("follow_up_due")), facts_of(wording, one)),
        (Button(wording.say("follow_up_due_write"), value, sends_inputs=False, weight="main"),),
        composing.language,
    )


def _of(id: str) -> str:
    return f"follow_up:{id}"


NOTICES: dict[str, Noticed] = {TOLD: told_notice, DEADLINE: deadline_notice}
