"""Which results and texts of a closed round a person may see; everything that shows them asks here.

A school's result is its own: everybody who works there sees it, and the skoleeierteam only when the
school has shared it. The kommune's is for all who were asked, and for the leaders and tillitsvalgte
of the schools where they were. Nobody sees another school's.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from dialogs.access import is_leader, is_school_owner
from dialogs.checkins.round_audience import is_staff, school_of
from dialogs.meetings.audience import is_for
from dialogs.question_set import QuestionSet
from dialogs.question_set_files import questions_of
from dialogs.reports import Group, Report, report_from_json, texts_to_read
from storage.ballots import Text, texts_of
from storage.database import Session
from storage.people import RegisteredPerson
from storage.round_texts import (
    count_found,
    count_texts,
    count_themes,
    find_text,
    find_texts,
)
from storage.rounds import (
    Round,
    find_round,
    list_rounds,
    result_of,
    rounds_shared,
    units_sharing,
)

WHOLE = Group("kommune")


@dataclass(frozen=True, slots=True)
class Seen:
    """A closed round, and of its report those groups alone that the person may see.

    In a school's own round the group "kommune" is that school.
    """

    round: Round
    questions: QuestionSet
    report: Report
    sharing: frozenset[str]  # the schools that share theirs with the skoleeierteam


def seen_by(session: Session, person: RegisteredPerson, round_id: str) -> Seen | None:
    """What the person sees of the round; None when it isn't closed, or isn't theirs to see."""
    round = find_round(session, round_id)
    if round is None or round.cancelled_at is not None:
        return None
    sharing = units_sharing(session, round.id)
    if not _may_open(session, person, round, sharing):
        return None
    return _seen(session, round, sharing, lambda group: _may_see(group, person, round, sharing))


def _seen(
    session: Session, round: Round, sharing: Collection[str], shows: Callable[[Group], bool]
) -> Seen | None:
    kept = result_of(session, round.id)
    if kept is None:
        return None
    # What isn't theirs is left out before it is read, so that nothing further on can show it.
    theirs = {
        part: [row for row in kept[part] if shows(Group(*row[:2]))] for part in ("figures", "rates")
    }
    report = report_from_json({**kept, **theirs})
    return Seen(round, questions_of(round.asked), report, frozenset(sharing))


def rounds_seen_by(session: Session, person: RegisteredPerson) -> list[Round]:
    """The closed rounds that the person sees something of, those that opened last first."""
    shared = rounds_shared(session) if is_school_owner(person) else {}
    return [
        round
        for round in list_rounds(session)
        if round.closed_at is not None
        and _may_open(session, person, round, shared.get(round.id, ()))
    ]


def seen_before(session: Session, person: RegisteredPerson, seen: Seen) -> Seen | None:
    """The whole and the person's own school of the round before, to see the change since then.

    That is the newest one that opened earlier, of the same questions, put by the same.
    """
    round = seen.round
    for one in rounds_seen_by(session, person):
        same = (one.question_set, one.unit, one.month is None)
        if one.opens < round.opens and same == (
            round.question_set,
            round.unit,
            round.month is None,
        ):
            own = (WHOLE, Group("skole", school_of(person)))
            return _seen(session, one, (), own.__contains__)
    return None


def is_named(round: Round) -> bool:
    """Whether the answers are the leaders' official ones; only the skoleeierteam reads them."""
    return round.asked.get("visibility") == "navngitt"


# Texts


@dataclass(frozen=True, slots=True)
class Readable:
    """Which texts of a round a person may read.

    `counts` says how many there are of each question that may be read at all. With `unit`, only
    the texts that tell this school's name; `named` are the (question, school) whose name is told.
    """

    round: str
    smallest: int
    counts: Mapping[str, int]
    named: frozenset[tuple[str, str]]
    unit: str = ""


def readable_by(session: Session, person: RegisteredPerson, seen: Seen) -> Readable:
    """What the person may read of what was written, by the rule of `reports.texts_to_read`.

    A kommune's round: the skoleeierteam reads all of it, a school what its people ticked that its
    name may be told with. A school's own round is read at the school alone, even when its numbers
    are shared.
    """
    smallest = seen.report.smallest
    own = _only_own(person, seen.round)
    if own is None:
        return Readable(seen.round.id, smallest, {}, frozenset())
    counted = {
        (question, unit): count
        for (question, unit), count in count_texts(session, seen.round.id).items()
        if not own or unit == own
    }
    totals: Counter[str] = Counter()
    for (question, _), count in counted.items():
        totals[question] += count
    order = [step.id for step in seen.questions.texts()]
    counts = {id: totals[id] for id in order if totals[id] >= smallest}
    named = {
        (question, unit)
        for (question, unit), count in counted.items()
        if unit and count >= smallest
    }
    return Readable(seen.round.id, smallest, counts, frozenset(named), own)


def read_texts(
    session: Session,
    readable: Readable,
    *,
    question: str = "",
    search: str = "",
    theme: str = "",
    offset: int = 0,
    limit: int = 50,
) -> tuple[list[Text], int]:
    """A page of what may be read, in a random order that stays; and how many there are."""
    questions = [id for id in readable.counts if question in ("", id)]
    if not questions:
        return [], 0
    counts = {id: readable.counts[id] for id in questions}
    wanted = {"unit": readable.unit, "search": search, "theme": theme}
    if search or theme:
        counts = count_found(session, readable.round, questions, **wanted)
    total = sum(counts.values())
    # What stands before the page is counted now, and need not be looked through again.
    while questions and counts[questions[0]] <= offset:
        offset -= counts[questions.pop(0)]
    found = (
        find_texts(session, readable.round, questions, **wanted, offset=offset, limit=limit)
        if questions
        else []
    )
    return [_named(readable, text) for text in found], total


def themes_read(session: Session, readable: Readable) -> dict[str, int]:
    """The themes that readers have put on the texts, and how many have each; 0 for too few."""
    counted = count_themes(session, readable.round, list(readable.counts), unit=readable.unit)
    return {
        theme: count if count >= readable.smallest else 0
        for theme, count in sorted(counted.items())
    }


def text_read(session: Session, readable: Readable, id: str) -> Text | None:
    """One of the texts that may be read."""
    found = find_text(session, id)
    if found is None or found[0] != readable.round or found[1].question not in readable.counts:
        return None
    if readable.unit and found[1].unit != readable.unit:
        return None
    return _named(readable, found[1])


def texts_seen_by(session: Session, person: RegisteredPerson, seen: Seen) -> dict[str, list[Text]]:
    """All that the person may read of what was written, by question and in random order."""
    own = _only_own(person, seen.round)
    if own is None:
        return {}
    texts = texts_of(session, seen.round.id)
    if own:
        texts = [text for text in texts if text.unit == own]
    return texts_to_read(texts, seen.report.smallest)


def may_set_themes(person: RegisteredPerson, seen: Seen) -> bool:
    """Who puts themes on texts: the skoleeierteam, and in a school's own round its leaders."""
    if seen.round.unit:
        return is_leader(person) and person.unit == seen.round.unit
    return is_school_owner(person)


def _only_own(person: RegisteredPerson, round: Round) -> str | None:
    """The school whose texts alone the person reads; "" for all of them, None for none."""
    if round.unit:
        return "" if school_of(person) == round.unit else None
    if is_school_owner(person):
        return ""
    return school_of(person) or None


def _named(readable: Readable, text: Text) -> Text:
    return text if (text.question, text.unit) in readable.named else replace(text, unit="")


def _may_open(
    session: Session, person: RegisteredPerson, round: Round, sharing: Collection[str]
) -> bool:
    if is_named(round):
        return is_school_owner(person)
    if round.unit:
        if school_of(person) == round.unit:
            return True
        return is_school_owner(person) and round.unit in sharing
    return is_school_owner(person) or _was_asked(session, person, round)


def _was_asked(session: Session, person: RegisteredPerson, round: Round) -> bool:
    """Whether the person is one of those who are asked, or works among them.

    Rektor and the other leaders, and the tillitsvalgte, see what the lærere of their school see.
    """
    if not is_staff(person):
        return False
    teacher = replace(person, role="lærer")
    return any(is_for(session, round.audience, one) for one in (person, teacher))


def _may_see(
    group: Group, person: RegisteredPerson, round: Round, sharing: Collection[str]
) -> bool:
    match group.kind:
        case "kommune" | "erfaring":
            return True
        case "rolle":  # a ledergruppe is shown for the kommune only
            return not round.unit
        case "sone" | "skoletype":
            return is_school_owner(person) or bool(round.unit)
        case "skole":
            if group.name and school_of(person) == group.name:
                return True
            return is_school_owner(person) and group.name in sharing
