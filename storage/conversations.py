"""Conversations: opening and closing one turn at a time, and knowing a message sent again.

A turn is `open_turn`, what the dialogs do, `close_turn`, all in one transaction. The row of the
conversation is locked from open to commit, so that turns of one conversation come one by one,
whichever copy of the program they reach. Plain statements and one plain object are used instead
of mapped rows: it is on the path of every message, and they cost a third.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update
from sqlmodel import Session, col

from storage.database import insert_if_absent
from storage.people import PERSON_COLUMNS, RegisteredPerson, find_person, person_from
from storage.tables import Conversation, Person, Unit

REMEMBERED = 20  # how many activity ids, and how many sent answers, a conversation remembers

# Teams sends a message again, sometimes under a new id, when a turn lasts more than about 15 s.
SLOW_TURN = timedelta(seconds=10)
RESENT_WITHIN = timedelta(minutes=2)
# A turn that never finished was cut off by a crash: after this, the person is asking again.
UNFINISHED_FOR = timedelta(minutes=10)


@dataclass(slots=True, kw_only=True)
class Turn:
    """A turn in progress: what came in, who wrote, and what the conversation remembers.

    Only the five fields in the middle are for the dialogs to change; `close_turn` saves them.
    """

    conversation: str
    sender: str
    activity: str
    digest: str
    arrived: datetime
    reference: Mapping[str, Any]

    language: str | None  # chosen in this conversation; None = the person's own
    acting_as: str | None  # the key of a demo person; saved always, heeded only with `local`
    topic: dict[str, Any] | None  # what a follow-up question builds on
    doing: dict[str, Any] | None  # what the person is in the middle of: the step of a draft
    installed: bool

    person: RegisteredPerson | None  # None for somebody who isn't in the people register
    answers: list[list[str]]
    recent: list[str] = field(repr=False)


_Id = col(Conversation.id)
_OPEN = (
    select(
        col(Conversation.sender),
        col(Conversation.language),
        col(Conversation.acting_as),
        col(Conversation.topic),
        col(Conversation.doing),
        col(Conversation.answers),
        col(Conversation.recent),
        col(Conversation.last_digest),
        col(Conversation.last_arrived),
        col(Conversation.last_finished),
        *PERSON_COLUMNS,
    )
    .select_from(Conversation)
    .outerjoin(Person, col(Person.aad_object_id) == bindparam("person"))
    .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
    .where(_Id == bindparam("conversation"))
    .with_for_update(of=Conversation)
)
_LANGUAGE = (
    select(col(Conversation.language), col(Person.language))
    .select_from(Conversation)
    .outerjoin(Person, col(Person.aad_object_id) == func.lower(col(Conversation.sender)))
    .where(_Id == bindparam("conversation"))
)
_CHOSEN = (
    select(col(Conversation.language))
    .where(col(Conversation.language).is_not(None))
    .order_by(col(Conversation.last_arrived).desc())
    .limit(1)
)
_SENDER_IS = func.lower(col(Conversation.sender)) == bindparam("person")
_CHOSEN_BY = _CHOSEN.where(_SENDER_IS)
_CHOSEN_BY_OR_AS = _CHOSEN.where(
    or_(_SENDER_IS, col(Conversation.acting_as) == bindparam("person"))
)
_CLOSE = update(Conversation).where(_Id == bindparam("conversation"))
_MARK = _CLOSE.where(col(Conversation.last_arrived) == bindparam("arrived"))


def open_turn(
    session: Session,
    *,
    conversation: str,
    sender: str,
    activity: str,
    digest: str,
    arrived: datetime,
    reference: Mapping[str, Any],
    local: bool = False,
) -> Turn | None:
    """Lock the conversation (made if it is new) and begin a turn; None = a repeat.

    `activity` is the id of what came in, `digest` stands for its content, `arrived` is when it
    came (with time zone). A repeat is the same activity id again; or the same sender and content
    under a new id when the turn before it was unfinished at `arrived`, or took over ten seconds
    and this came within two minutes of it. `local` lets a demo person be acted.
    """
    found = {"conversation": conversation, "person": sender.lower()}
    row = session.connection().execute(_OPEN, found).first()
    if row is None:
        # Two first messages at once: one makes the row, the other waits for it here.
        insert_if_absent(session, Conversation, _new_row(conversation, sender, arrived))
        row = session.connection().execute(_OPEN, found).one()
    known_sender, language, acting_as, topic, doing, answers, recent, last_digest, *times = row[:10]

    if activity in recent:
        return None
    if digest == last_digest and sender == known_sender and _sent_again(arrived, *times):
        # Teams may send again under the new id too, and by then another message may be the last.
        _save(session, conversation, recent=_last([*recent, activity]))
        return None

    person = person_from(row[10:])
    if local and acting_as is not None:
        person = find_person(session, acting_as)
    return Turn(
        conversation=conversation,
        sender=sender,
        activity=activity,
        digest=digest,
        arrived=arrived,
        reference=reference,
        language=language,
        acting_as=acting_as,
        topic=topic,
        doing=doing,
        installed=True,  # what came in came from there
        person=person,
        answers=answers,
        recent=recent,
    )


def close_turn(session: Session, turn: Turn, finished: datetime) -> None:
    """Save the turn, finished at `finished` (the door corrects that for a slow turn)."""
    _save(
        session,
        turn.conversation,
        sender=turn.sender,
        language=turn.language,
        acting_as=turn.acting_as,
        reference=turn.reference,
        topic=turn.topic,
        doing=turn.doing,
        recent=_last([*turn.recent, turn.activity]),
        last_digest=turn.digest,
        last_arrived=turn.arrived,
        last_finished=finished,
        installed=turn.installed,
        updated=turn.arrived.date(),
    )


def mark_unfinished(session: Session, conversation: str, arrived: datetime) -> None:
    """The turn that arrived then is still going on. Does nothing once another turn has begun."""
    _mark(session, conversation, arrived, None)


def mark_finished(
    session: Session, conversation: str, arrived: datetime, finished: datetime
) -> None:
    """The turn that arrived then ended at `finished`. Does nothing once another turn has begun."""
    _mark(session, conversation, arrived, finished)


def remember_sent(session: Session, sent: Iterable[tuple[str, str, str]]) -> None:
    """Remember what each sent answer quoted: (conversation, id of what was sent, passage)."""
    by_conversation: dict[str, list[list[str]]] = defaultdict(list)
    for conversation, sent_id, passage in sent:
        by_conversation[conversation].append([sent_id, passage])
    # In the order of their ids, so that two copies doing this at once don't wait for each other.
    for conversation in sorted(by_conversation):
        one = select(col(Conversation.answers)).where(_Id == conversation).with_for_update()
        answers = session.connection().execute(one).scalar()
        if answers is not None:
            _save(session, conversation, answers=_last(answers + by_conversation[conversation]))


def passage_of(turn: Turn, sent_id: str) -> str | None:
    """The passage quoted in an answer sent in this conversation; None when it is forgotten."""
    return next((passage for sent, passage in reversed(turn.answers) if sent == sent_id), None)


def language_of_person(session: Session, key: str, *, local: bool) -> str | None:
    """The language somebody has chosen where they last wrote; None when they have chosen none."""
    chosen = _CHOSEN_BY_OR_AS if local else _CHOSEN_BY
    return session.connection().execute(chosen, {"person": key}).scalar()


def person_in(session: Session, conversation: str, *, local: bool) -> RegisteredPerson | None:
    """Who a conversation is with; None for somebody who isn't in the register (any more)."""
    wanted = select(col(Conversation.sender), col(Conversation.acting_as)).where(
        _Id == conversation
    )
    row = session.connection().execute(wanted).first()
    if row is None:
        return None
    return find_person(session, row.acting_as if local and row.acting_as else row.sender)


def people_reached(session: Session) -> set[str]:
    """The keys of all who have a conversation that the bot can write to."""
    wanted = select(func.lower(col(Conversation.sender)), col(Conversation.acting_as)).where(
        col(Conversation.installed)
    )
    return {key for row in session.connection().execute(wanted) for key in row if key}


def language_of(session: Session, conversation: str) -> str | None:
    """The language chosen in a conversation, else that of the person in it, else None."""
    row = session.connection().execute(_LANGUAGE, {"conversation": conversation}).first()
    return (row[0] or row[1]) if row is not None else None


def _sent_again(
    arrived: datetime, last_arrived: datetime | None, last_finished: datetime | None
) -> bool:
    if last_arrived is None:
        return False
    since = arrived - last_arrived
    if last_finished is None:
        return since < UNFINISHED_FOR
    if arrived < last_finished:
        return True
    return last_finished - last_arrived > SLOW_TURN and since <= RESENT_WITHIN


def _new_row(conversation: str, sender: str, arrived: datetime) -> dict[str, Any]:
    return {
        "id": conversation,
        "sender": sender,
        "reference": {},
        "recent": [],
        "last_digest": "",
        "answers": [],
        "installed": True,
        "updated": arrived.date(),
    }


def _save(session: Session, conversation: str, **values: Any) -> None:
    session.connection().execute(_CLOSE, {"conversation": conversation, **values})


def _mark(
    session: Session, conversation: str, arrived: datetime, finished: datetime | None
) -> None:
    session.connection().execute(
        _MARK, {"conversation": conversation, "arrived": arrived, "last_finished": finished}
    )


def _last(items: Sequence[Any]) -> list[Any]:
    return list(items[-REMEMBERED:])
