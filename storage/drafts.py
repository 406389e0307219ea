"""Drafts of guides: who owns them, what is written in them, and where each person is.

Answers are only added, so that everything ever written can be shown with who and when; the newest
of a key is what holds. The row of the draft is the lock of its answers. Plain statements and plain
objects, as in conversations.py: a step of a guide is on the path of a message.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import and_, bindparam, case, func, insert, update
from sqlmodel import Session, col, delete, or_, select

from storage.database import insert_if_absent
from storage.tables import DraftAnswer, DraftPlace, GuideDraft, SharedVersion

OwnerKind = Literal["school", "skoleeierteam", "person"]


class DraftGone(LookupError):
    """The draft was deleted in the meantime."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a draft is. `name` is that of the unit, "" for the team, or a person's key."""

    kind: OwnerKind
    name: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A guide that somebody has begun. `year` is a school year, "2026–2027".

    `about` is what it is for when there may be several: a section's address, or "". `revision`
    goes up by one for every saved change of an answer. People are keys of the register.
    """

    id: str
    guide: str
    owner: Owner
    year: str
    about: str
    revision: int
    started_by: str
    started_at: datetime
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was written under a key; `revision` is the draft's, as this writing made it."""

    key: str
    value: Any
    revision: int
    author: str
    author_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Conflict:
    """Not saved: somebody has written since, and `now` is what stands there."""

    now: Answer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person was last in a draft, and the ids of the steps that the guide had then."""

    draft: str
    person: str
    step: str
    steps: tuple[str, ...]
    at: datetime


_Id = col(GuideDraft.id)
_DRAFTS = select(  # type: ignore[call-overload]  # sqlmodel types up to four columns
    _Id,
    col(GuideDraft.guide),
    col(GuideDraft.owner_kind),
    col(GuideDraft.owner_name),
    col(GuideDraft.year),
    col(GuideDraft.about),
    col(GuideDraft.revision),
    col(GuideDraft.started_by),
    col(GuideDraft.started_at),
    col(GuideDraft.finished_at),
)
_FIND = _DRAFTS.where(_Id == bindparam("draft_id"))
_LOCK = select(col(GuideDraft.revision)).where(_Id == bindparam("draft_id")).with_for_update()
_REVISE = update(GuideDraft).where(_Id == bindparam("draft_id"))

_Of = col(DraftAnswer.draft) == bindparam("draft_id")
_WRITINGS = select(  # type: ignore[call-overload]
    col(DraftAnswer.key),
    col(DraftAnswer.value),
    col(DraftAnswer.revision),
    col(DraftAnswer.author),
    col(DraftAnswer.author_name),
    col(DraftAnswer.at),
).where(_Of)
_HISTORY = _WRITINGS.order_by(col(DraftAnswer.revision))
_NEWEST = (
    _WRITINGS.where(col(DraftAnswer.key) == bindparam("answer_key"))
    .order_by(col(DraftAnswer.revision).desc())
    .limit(1)
)
_Writings = (
    select(
        col(DraftAnswer.key),
        func.max(DraftAnswer.revision).label("newest"),
        func.min(DraftAnswer.revision).label("first"),
    )
    .where(_Of)
    .group_by(col(DraftAnswer.key))
    .subquery()
)
_ANSWERS = _WRITINGS.join(
    _Writings,
    and_(
        col(DraftAnswer.key) == _Writings.c.key,
        col(DraftAnswer.revision) == _Writings.c.newest,
    ),
).order_by(_Writings.c.first)
_WRITE = insert(DraftAnswer)

_PLACES = select(  # type: ignore[call-overload]
    col(DraftPlace.draft),
    col(DraftPlace.person),
    col(DraftPlace.step),
    col(DraftPlace.steps),
    col(DraftPlace.at),
).where(col(DraftPlace.person) == bindparam("person_key"))
_PLACE = _PLACES.where(col(DraftPlace.draft) == bindparam("draft_id"))
_LAST_PLACES = _PLACES.order_by(col(DraftPlace.at).desc(), col(DraftPlace.draft)).limit(20)
_MOVE = update(DraftPlace).where(
    col(DraftPlace.draft) == bindparam("draft_id"),
    col(DraftPlace.person) == bindparam("person_key"),
)


def start_draft(
    session: Session,
    *,
    id: str,
    guide: str,
    owner: Owner,
    year: str,
    about: str,
    slot: str,
    person: str,
    at: datetime,
) -> Draft:
    """Begin a draft; or the one that is there already, with the same id or in the same slot."""
    row = {
        "id": id,
        "slot": slot,
        "guide": guide,
        "owner_kind": owner.kind,
        "owner_name": owner.name,
        "year": year,
        "about": about,
        "revision": 0,
        "started_by": person,
        "started_at": at,
        "changed_at": at,
    }
    insert_if_absent(session, GuideDraft, row)
    same = or_(_Id == id, col(GuideDraft.slot) == slot)
    # An old button finds the draft that it made, even if the slot is another's by now.
    found = _DRAFTS.where(same).order_by(case((_Id == id, 0), else_=1)).limit(1)
    return _draft(session.connection().execute(found).one())


def find_draft(session: Session, id: str) -> Draft | None:
    """The draft with this id; None when it is deleted, or never was."""
    row = session.connection().execute(_FIND, {"draft_id": id}).first()
    return _draft(row) if row is not None else None


def list_drafts(
    session: Session, owners: Sequence[Owner], *, guide: str | None = None, year: str | None = None
) -> list[Draft]:
    """The drafts of these owners, the last begun first."""
    if not owners:
        return []
    wanted = _DRAFTS.where(or_(*(_owned_by(owner) for owner in owners)))
    if guide is not None:
        wanted = wanted.where(col(GuideDraft.guide) == guide)
    if year is not None:
        wanted = wanted.where(col(GuideDraft.year) == year)
    newest = wanted.order_by(col(GuideDraft.started_at).desc(), _Id)
    return [_draft(row) for row in session.connection().execute(newest)]


def latest_draft(
    session: Session,
    owner: Owner,
    guide: str,
    *,
    before_year: str | None = None,
    finished: bool | None = None,
) -> Draft | None:
    """The owner's draft of the guide of the latest year, in it the last begun; None for none.

    `before_year` leaves out that year and later ones; `finished` takes only those that are, or
    only those that are not.
    """
    wanted = _DRAFTS.where(_owned_by(owner), col(GuideDraft.guide) == guide)
    if before_year is not None:
        wanted = wanted.where(col(GuideDraft.year) < before_year)
    if finished is not None:
        wanted = wanted.where(col(GuideDraft.finished_at).is_not(None) == finished)
    latest = wanted.order_by(
        col(GuideDraft.year).desc(), col(GuideDraft.started_at).desc(), _Id
    ).limit(1)
    row = session.connection().execute(latest).first()
    return _draft(row) if row is not None else None


def answers_of(session: Session, draft_id: str) -> dict[str, Answer]:
    """What holds now, by key, in the order in which the keys were first written."""
    rows = session.connection().execute(_ANSWERS, {"draft_id": draft_id})
    return {row[0]: Answer(*row) for row in rows}


def history_of(session: Session, draft_id: str) -> list[Answer]:
    """Everything ever written in the draft, oldest first."""
    rows = session.connection().execute(_HISTORY, {"draft_id": draft_id})
    return [Answer(*row) for row in rows]


def save_answer(
    session: Session,
    draft_id: str,
    key: str,
    value: Any,
    *,
    base: int | None,
    person_key: str,
    person_name: str,
    at: datetime,
) -> Answer | Conflict:
    """Write an answer, unless somebody has written since `base`; raises `DraftGone`.

    `base` is the revision of the answer that the writer saw, 0 for none, None to write anyway.
    The value that stands there already is not written again.
    """
    execute = session.connection().execute
    revision = execute(_LOCK, {"draft_id": draft_id}).scalar()
    if revision is None:
        raise DraftGone(draft_id)
    row = execute(_NEWEST, {"draft_id": draft_id, "answer_key": key}).first()
    if row is not None:
        now = Answer(*row)
        if _same(now.value, value):
            return now
        if base not in (None, now.revision):
            return Conflict(now)
    written = Answer(key, value, revision + 1, person_key, person_name, at)
    execute(
        _WRITE,
        {
            "draft": draft_id,
            "key": key,
            "revision": written.revision,
            "value": value,
            "author": person_key,
            "author_name": person_name,
            "at": at,
        },
    )
    execute(_REVISE, {"draft_id": draft_id, "revision": written.revision, "changed_at": at})
    return written


def finish_draft(session: Session, draft_id: str, at: datetime) -> None:
    """Mark the draft as finished; one that is finished stays as it was."""
    unfinished = _REVISE.where(col(GuideDraft.finished_at).is_(None))
    values = {"draft_id": draft_id, "finished_at": at, "changed_at": at}
    session.connection().execute(unfinished, values)


def delete_draft(session: Session, draft_id: str, *, revision: int | None = None) -> bool:
    """Delete the draft with all that was written in it; what is shared of it stays.

    With `revision`, only if nothing has been written since: False when something has.
    """
    execute = session.connection().execute
    now = execute(_LOCK, {"draft_id": draft_id}).scalar()
    if revision is not None and now != revision:
        return False
    execute(delete(DraftAnswer).where(col(DraftAnswer.draft) == draft_id))
    execute(delete(DraftPlace).where(col(DraftPlace.draft) == draft_id))
    execute(delete(GuideDraft).where(_Id == draft_id))
    return True


def remember_place(
    session: Session,
    draft_id: str,
    person_key: str,
    step: str,
    steps: Sequence[str],
    at: datetime,
) -> None:
    """Remember that the person is at this step of the draft, which must be there."""
    place = {"step": step, "steps": list(steps), "at": at}
    where = {"draft_id": draft_id, "person_key": person_key}
    if session.connection().execute(_MOVE, {**where, **place}).rowcount == 0:
        new = {"draft": draft_id, "person": person_key, **place}
        insert_if_absent(session, DraftPlace, new)


def place_of(session: Session, draft_id: str, person_key: str) -> Place | None:
    """Where the person was last in the draft; None for who hasn't been there."""
    return _place(session, _PLACE, {"draft_id": draft_id, "person_key": person_key})


def places_of(session: Session, person_key: str) -> list[Place]:
    """Where the person was in drafts, the last first, whether they may still be theirs or not."""
    rows = session.connection().execute(_LAST_PLACES, {"person_key": person_key})
    return [_place_in(row) for row in rows]


def count_drafts(session: Session, year: str) -> list[tuple[str, int, int, int]]:
    """For every guide: how many schools have begun, have finished, and share it with others.

    Sharing with one's own school is not counted.
    """
    shared = (
        select(SharedVersion.id)
        .where(
            col(SharedVersion.draft) == _Id,
            col(SharedVersion.withdrawn_at).is_(None),
            col(SharedVersion.audience) != "skolen",
        )
        .exists()
    )
    school = col(GuideDraft.owner_name)
    counts = (
        select(
            col(GuideDraft.guide),
            func.count(school.distinct()),
            func.count(case((col(GuideDraft.finished_at).is_not(None), school)).distinct()),
            func.count(case((shared, school)).distinct()),
        )
        .where(
            col(GuideDraft.owner_kind) == "school",
            col(GuideDraft.year) == year,
            col(GuideDraft.revision) > 0,  # looked at, and nothing written, is not begun
        )
        .group_by(col(GuideDraft.guide))
        .order_by(col(GuideDraft.guide))
    )
    rows = session.connection().execute(counts)
    return [(guide, begun, finished, sharing) for guide, begun, finished, sharing in rows]


def _owned_by(owner: Owner) -> Any:
    return and_(col(GuideDraft.owner_kind) == owner.kind, col(GuideDraft.owner_name) == owner.name)


def _draft(row: Sequence[Any]) -> Draft:
    id, guide, owner_kind, owner_name, *rest = row
    return Draft(id, guide, Owner(owner_kind, owner_name), *rest)


def _place(session: Session, statement: Any, which: dict[str, str]) -> Place | None:
    row = session.connection().execute(statement, which).first()
    return _place_in(row) if row is not None else None


def _place_in(row: Sequence[Any]) -> Place:
    draft, person, step, steps, at = row
    return Place(draft, person, step, tuple(steps), at)


def _same(one: Any, other: Any) -> bool:
    # As JSON, where true is not 1, as it is in Python.
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)
