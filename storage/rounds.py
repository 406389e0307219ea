"""Rounds: question sets put to people, their frozen results, and which schools share theirs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text, update
from sqlmodel import Session, col, delete, select

from storage.database import insert_if_absent
from storage.tables import AskedRound, ResultShare, RoundResult

ROUNDS_LOCK = 5_847_390_113  # any number, the same in every copy of the program


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """A round as it now is; see `tables.AskedRound`. Moments have a time zone.

    Until `opens` it is planned; until `closes` it is open; then nobody can answer, and when it has
    been closed (`closed_at`) its results are there.
    """

    id: str
    question_set: str
    asked: Mapping[str, Any]
    title: str
    purpose: str = ""
    audience: tuple[str, ...]
    unit: str = ""
    month: str | None = None
    series: str = ""
    repeat: str = ""
    discussed_on: date | None = None
    opens: datetime
    closes: datetime
    closed_at: datetime | None = None
    cancelled_at: datetime | None = None
    process: Mapping[str, Any] = field(default_factory=dict)
    created_by: str = ""
    created_by_name: str = ""

    def is_open(self, now: datetime) -> bool:
        """Whether it can be answered."""
        return (
            self.opens <= now < self.closes and self.closed_at is None and self.cancelled_at is None
        )


_COLUMNS = [col(getattr(AskedRound, name)) for name in Round.__dataclass_fields__]
_Id = col(AskedRound.id)


def lock_rounds(session: Session) -> None:
    """Let only one transaction at a time make or move rounds, in all copies of the program."""
    if session.connection().dialect.name == "postgresql":  # SQLite has one writer anyway
        session.connection().execute(
            text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ROUNDS_LOCK}
        )


def add_round(session: Session, made: Round) -> bool:
    """Keep a new round; False when one with the id (or the month) is there: pressed twice."""
    insert_if_absent(session, AskedRound, _values(made))
    found = find_round(session, made.id)
    return found is not None and found == made


def change_round(session: Session, round: Round) -> None:
    """Keep the round as it is given."""
    changed = update(AskedRound).where(_Id == round.id).values(**_values(round))
    session.connection().execute(changed)


def find_round(session: Session, id: str, *, lock: bool = False) -> Round | None:
    """The round; with `lock`, nobody else changes it, or answers in it, until the commit."""
    wanted = select(*_COLUMNS).where(_Id == id)
    row = session.connection().execute(wanted.with_for_update() if lock else wanted).first()
    return _round(row) if row is not None else None


def round_of_month(session: Session, month: str) -> Round | None:
    """The round of what is shared unasked in a month ("2026-11")."""
    wanted = select(*_COLUMNS).where(col(AskedRound.month) == month)
    row = session.connection().execute(wanted).first()
    return _round(row) if row is not None else None


def list_rounds(session: Session, *, since: datetime | None = None) -> list[Round]:
    """All rounds (that close after `since`), those that open last first; not the cancelled."""
    wanted = select(*_COLUMNS).where(col(AskedRound.cancelled_at).is_(None))
    if since is not None:
        wanted = wanted.where(col(AskedRound.closes) > since)
    ordered = wanted.order_by(col(AskedRound.opens).desc(), _Id)
    return [_round(row) for row in session.connection().execute(ordered)]


def rounds_of_series(session: Session, series: str) -> list[Round]:
    """The rounds that repeat each other, cancelled ones too, in the order they open."""
    wanted = select(*_COLUMNS).where(col(AskedRound.series) == series)
    return [
        _round(row) for row in session.connection().execute(wanted.order_by(col(AskedRound.opens)))
    ]


def rounds_to_close(session: Session, now: datetime) -> list[str]:
    """The ids of those whose time is over and whose results are not computed."""
    over = select(_Id).where(
        col(AskedRound.closes) <= now,
        col(AskedRound.closed_at).is_(None),
        col(AskedRound.cancelled_at).is_(None),
    )
    return list(session.connection().execute(over.order_by(_Id)).scalars())


# Results


def keep_result(
    session: Session, round: str, report: Mapping[str, Any], public: Mapping[str, Any]
) -> None:
    """Freeze what a closed round says; what is there already stays."""
    row = {"round": round, "report": dict(report), "public": dict(public)}
    insert_if_absent(session, RoundResult, row)


def result_of(session: Session, round: str, *, public: bool = False) -> dict[str, Any] | None:
    """The report of a closed round as JSON; with `public`, the one of larger groups."""
    column = RoundResult.public if public else RoundResult.report
    wanted = select(col(column)).where(col(RoundResult.round) == round)
    row = session.connection().execute(wanted).first()
    return row[0] if row is not None else None


def share_result(session: Session, round: str, unit: str, by: str, at: datetime) -> None:
    """A school shares its result with the skoleeierteam; again changes nothing."""
    row = {"round": round, "unit": unit, "by": by, "at": at}
    insert_if_absent(session, ResultShare, row)


def withdraw_result(session: Session, round: str, unit: str) -> None:
    """The school no longer shares its result; what isn't shared is left so."""
    gone = delete(ResultShare).where(col(ResultShare.round) == round, col(ResultShare.unit) == unit)
    session.connection().execute(gone)


def units_sharing(session: Session, round: str) -> set[str]:
    """The schools that have shared their result of the round."""
    wanted = select(col(ResultShare.unit)).where(col(ResultShare.round) == round)
    return set(session.connection().execute(wanted).scalars())


def rounds_shared(session: Session) -> dict[str, set[str]]:
    """The schools that have shared their results with the skoleeierteam, by round."""
    shared: dict[str, set[str]] = {}
    wanted = select(col(ResultShare.round), col(ResultShare.unit))
    for round, unit in session.connection().execute(wanted):
        shared.setdefault(round, set()).add(unit)
    return shared


def _round(row: Sequence[Any]) -> Round:
    found = Round(**dict(zip(Round.__dataclass_fields__, row, strict=True)))
    return replace(found, audience=tuple(found.audience))


def _values(round: Round) -> dict[str, Any]:
    values = {name: getattr(round, name) for name in Round.__dataclass_fields__}
    return {
        **values,
        "audience": list(round.audience),
        "asked": dict(round.asked),
        "process": dict(round.process),
    }
