"""Who is in the people register, and how a new register file changes it."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam
from sqlmodel import Session, col, delete, select

from storage.deletions import note_deletion
from storage.tables import Person, Unit


@dataclass(frozen=True, slots=True)
class RegisteredPerson:
    """A person as the register knows them. `key` is the Entra object id, in lower case.

    `unit` and what follows about it are "" for somebody without a unit. `language` is "nb" or "nn".
    """

    key: str
    name: str
    email: str
    role: str
    unit: str = ""
    unit_kind: str = ""
    school_type: str = ""
    zone: str = ""
    language: str = "nb"


@dataclass(frozen=True, slots=True)
class Change:
    """One person before and after an import."""

    before: RegisteredPerson
    after: RegisteredPerson

    @property
    def what(self) -> tuple[str, ...]:
        """The names of the fields that differ, such as ("role", "unit")."""
        names = (field.name for field in fields(RegisteredPerson))
        return tuple(n for n in names if getattr(self.before, n) != getattr(self.after, n))


@dataclass(frozen=True, slots=True)
class Changes:
    """What an import does, or would do, to the register; people in the order of their names."""

    added: tuple[RegisteredPerson, ...]
    changed: tuple[Change, ...]
    removed: tuple[RegisteredPerson, ...]
    unchanged: int


# The `source` of who is in the register by an app role alone begins so (app_roles.py).
BY_APP_ROLE = "approlle"

# The columns of a RegisteredPerson, in its order; `open_turn` reads the same ones beside its own.
PERSON_COLUMNS = (
    col(Person.aad_object_id),
    col(Person.name),
    col(Person.email),
    col(Person.role),
    col(Unit.name),
    col(Unit.kind),
    col(Unit.school_type),
    col(Unit.zone),
    col(Person.language),
)
_PEOPLE = (
    select(*PERSON_COLUMNS)  # type: ignore[call-overload]  # sqlmodel types up to four columns
    .select_from(Person)
    .outerjoin(Unit, col(Unit.id) == col(Person.unit_id))
)
_PERSON = _PEOPLE.where(col(Person.aad_object_id) == bindparam("key"))


def person_from(row: Sequence[Any]) -> RegisteredPerson | None:
    """The person in a row of `PERSON_COLUMNS`; None when the join found nobody."""
    if row[0] is None:
        return None
    key, name, email, role, unit, kind, school_type, zone, language = row
    return RegisteredPerson(
        key, name, email, role, unit or "", kind or "", school_type or "", zone or "", language
    )


def find_person(session: Session, key: str) -> RegisteredPerson | None:
    """The person with this Entra object id, or None for somebody who isn't in the register."""
    row = session.connection().execute(_PERSON, {"key": key.lower()}).first()
    return person_from(row) if row is not None else None


def list_people(session: Session) -> list[RegisteredPerson]:
    """Everybody in the register, in the order of their names."""
    return _listed(session)


def people_of_unit(session: Session, unit: str) -> list[RegisteredPerson]:
    """Everybody who works at the unit, in the order of their names."""
    return _listed(session, col(Unit.name) == unit)


def people_with_roles(session: Session, roles: Collection[str]) -> list[RegisteredPerson]:
    """Everybody with one of these roles, in the order of their names."""
    return _listed(session, col(Person.role).in_(roles))


def import_people(session: Session, people: Sequence[RegisteredPerson], dry_run: bool) -> Changes:
    """Make the register equal to `people`; with `dry_run`, only tell what that would change.

    Whoever isn't among `people` leaves the register, but for those who are there by an app role
    alone (storage/app_roles.py). The same people again change nothing.
    """
    changes = _compared(_known_beside_app_roles(session, people), people)
    if not dry_run:
        _apply(session, changes, people)
        for gone in changes.removed:
            note_deletion(session, gone.key, "register", datetime.now(UTC))
    return changes


def update_people(session: Session, people: Sequence[RegisteredPerson], dry_run: bool) -> Changes:
    """Add and change these people; with `dry_run`, only tell what that would change.

    `removed` are those who aren't among `people`: they stay, until `remove_people`. Those who are
    there by an app role alone are left as in `import_people`.
    """
    changes = _compared(_known_beside_app_roles(session, people), people)
    if not dry_run:
        _save_people(session, changes, people, _save_units(session, people))
        _delete_empty_units(session)
    return changes


def remove_people(
    session: Session, keys: Collection[str], at: datetime
) -> tuple[RegisteredPerson, ...]:
    """Let these people leave the register at `at`; tells who did, and was there until now."""
    these = col(Person.aad_object_id).in_(list(keys))
    session.connection().execute(select(Person.id).where(these).with_for_update()).all()
    gone = tuple(_listed(session, these))
    for person in gone:
        note_deletion(session, person.key, "register", at)
    session.connection().execute(delete(Person).where(these))
    _delete_empty_units(session)
    return gone


def _listed(session: Session, *which: Any) -> list[RegisteredPerson]:
    rows = session.connection().execute(_PEOPLE.where(*which)).all()
    people = [person for person in map(person_from, rows) if person is not None]
    return sorted(people, key=_by_name)


def _apply(session: Session, changes: Changes, people: Sequence[RegisteredPerson]) -> None:
    unit_ids = _save_units(session, people)
    rows = {row.aad_object_id: row for row in session.exec(select(Person))}
    for gone in changes.removed:
        session.delete(rows[gone.key])
    _save_people(session, changes, people, unit_ids)
    session.exec(delete(Unit).where(col(Unit.name).not_in(list(unit_ids))))


def _compared(before: Iterable[RegisteredPerson], after: Iterable[RegisteredPerson]) -> Changes:
    known = {person.key: person for person in before}
    given = {person.key: person for person in after}
    return Changes(
        added=_sorted(given[key] for key in given.keys() - known.keys()),
        changed=tuple(
            Change(known[person.key], person)
            for person in _sorted(given[key] for key in given.keys() & known.keys())
            if known[person.key] != person
        ),
        removed=_sorted(known[key] for key in known.keys() - given.keys()),
        unchanged=sum(known.get(key) == person for key, person in given.items()),
    )


def _known_beside_app_roles(
    session: Session, given: Iterable[RegisteredPerson]
) -> list[RegisteredPerson]:
    """Everybody in the register but those by an app role alone, unless they are given as well."""
    by_role = set(
        session.exec(select(Person.aad_object_id).where(col(Person.source).startswith(BY_APP_ROLE)))
    ) - {person.key for person in given}
    return [person for person in list_people(session) if person.key not in by_role]


def _save_people(
    session: Session,
    changes: Changes,
    people: Iterable[RegisteredPerson],
    unit_ids: Mapping[str, int | None],
) -> None:
    rows = {row.aad_object_id: row for row in session.exec(select(Person))}
    for person in [*changes.added, *(change.after for change in changes.changed)]:
        row = rows.get(person.key) or Person(aad_object_id=person.key, name="", role="")
        row.name, row.email, row.role = person.name, person.email, person.role
        row.unit_id, row.language = unit_ids.get(person.unit), person.language
        session.add(row)
        rows[person.key] = row
    for person in people:  # theirs from now on, also who was there by an app role alone
        rows[person.key].source = ""
    session.flush()


def _delete_empty_units(session: Session) -> None:
    used = select(Person.unit_id).where(col(Person.unit_id).is_not(None))
    session.exec(delete(Unit).where(col(Unit.id).not_in(used)))


def _save_units(session: Session, people: Sequence[RegisteredPerson]) -> dict[str, int | None]:
    units = {unit.name: unit for unit in session.exec(select(Unit))}
    saved = {}
    for person in people:
        if person.unit and person.unit not in saved:
            unit = units.get(person.unit) or Unit(name=person.unit, kind="")
            unit.kind, unit.school_type, unit.zone = (
                person.unit_kind,
                person.school_type,
                person.zone,
            )
            session.add(unit)
            saved[person.unit] = unit
    session.flush()
    return {name: unit.id for name, unit in saved.items()}


def _sorted(people: Any) -> tuple[RegisteredPerson, ...]:
    return tuple(sorted(people, key=_by_name))


def _by_name(person: RegisteredPerson) -> tuple[str, str]:
    return person.name.casefold(), person.key
