"""The people register as a CSV file: rows to people, or everything that is wrong with them."""

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from storage.people import RegisteredPerson

REQUIRED_COLUMNS = ("aad_object_id", "navn", "epost", "rolle", "enhet", "enhetstype")
OPTIONAL_COLUMNS = ("skoletype", "sone", "språk")
COLUMNS = (*REQUIRED_COLUMNS, *OPTIONAL_COLUMNS)
ROLES = (
    "lærer",
    "rektor",
    "avdelingsleder",
    "tillitsvalgt",
    "skoleeierteam",
    "fagrådgiver",
    "administrator",
)
ROLES_WITH_UNIT = ("lærer", "rektor", "avdelingsleder")
UNIT_KINDS = {kind.casefold(): kind for kind in ("skole", "barnehage", "SFO", "PPT")}
LANGUAGES = {"": "nb", "nb": "nb", "bokmål": "nb", "nn": "nn", "nynorsk": "nn"}

_OBJECT_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class RowError:
    """What is wrong with a row; rows are counted as in a spreadsheet, where headings are row 1."""

    row: int
    reason: str


class PeopleFileError(Exception):
    """The file can't be imported; `errors` holds everything that is wrong, in the order of rows."""

    def __init__(self, errors: Sequence[RowError]) -> None:
        self.errors = tuple(errors)
        super().__init__("\n".join(f"Rad {error.row}: {error.reason}" for error in self.errors))


def read_people(path: Path) -> list[RegisteredPerson]:
    """The people in a CSV file; raises `PeopleFileError`, or `OSError` when it can't be read."""
    return parse_people(path.read_bytes())


def parse_people(content: bytes) -> list[RegisteredPerson]:
    """The people in the content of a CSV file (`;` or `,`; UTF-8 or Windows-1252)."""
    rows = _rows(_decoded(content))
    try:
        first = next(rows, None)
        if first is None:
            raise PeopleFileError([RowError(1, "Filen er tom.")])
        headings = [heading.strip().casefold() for heading in first[1]]
        _check_headings(headings)
        people, errors = _people(headings, rows)
    except csv.Error as error:
        raise PeopleFileError([RowError(1, f"Filen er ikke gyldig CSV ({error}).")]) from error
    if errors:
        raise PeopleFileError(errors)
    if not people:
        raise PeopleFileError([RowError(2, "Filen har ingen personer.")])
    return people


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")  # what Norwegian Excel writes as plain "CSV"
    except UnicodeDecodeError as error:
        reason = "Filen har ukjent tegnsett. Lagre den som «CSV UTF-8» og prøv igjen."
        raise PeopleFileError([RowError(1, reason)]) from error


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Rows that aren't blank, with their numbers."""
    lines = text.splitlines(keepends=True)
    heading = lines[0] if lines else ""
    delimiter = ";" if heading.count(";") >= heading.count(",") else ","
    for number, cells in enumerate(csv.reader(lines, delimiter=delimiter, strict=True), start=1):
        if any(cell.strip() for cell in cells):
            yield number, cells


def _check_headings(headings: Sequence[str]) -> None:
    reasons = [f"Kolonnen «{name}» mangler." for name in REQUIRED_COLUMNS if name not in headings]
    reasons += [
        f"Kolonnen «{name}» er ukjent. Kolonnene heter {', '.join(COLUMNS)}."
        for name in headings
        if name not in COLUMNS
    ]
    reasons += [
        f"Kolonnen «{name}» står flere ganger." for name in COLUMNS if headings.count(name) > 1
    ]
    if reasons:
        raise PeopleFileError([RowError(1, reason) for reason in reasons])


def _people(
    headings: Sequence[str], rows: Iterator[tuple[int, list[str]]]
) -> tuple[list[RegisteredPerson], list[RowError]]:
    people: list[RegisteredPerson] = []
    errors: list[RowError] = []
    row_of_key: dict[str, int] = {}
    unit_in_row: dict[str, tuple[int, RegisteredPerson]] = {}
    for number, cells in rows:
        person, reasons = _person(headings, cells)
        earlier = row_of_key.setdefault(person.key, number)
        if person.key and earlier != number:
            reasons.append(f"Samme aad_object_id som i rad {earlier}.")
        if person.unit:
            earlier, same = unit_in_row.setdefault(person.unit, (number, person))
            if _unit(same) != _unit(person):
                reasons.append(
                    f"Enheten «{person.unit}» har en annen enhetstype, skoletype eller sone"
                    f" enn i rad {earlier}."
                )
        errors += [RowError(number, reason) for reason in reasons]
        people.append(person)
    return people, errors


def _person(headings: Sequence[str], cells: Sequence[str]) -> tuple[RegisteredPerson, list[str]]:
    """The person in a row, and everything that is wrong with it by itself."""
    cell = dict.fromkeys(COLUMNS, "")
    cell.update(zip(headings, (value.strip() for value in cells), strict=False))
    language = cell["språk"].casefold()
    kind = cell["enhetstype"]
    person = RegisteredPerson(
        key=cell["aad_object_id"].lower(),
        name=cell["navn"],
        email=cell["epost"],
        role=cell["rolle"].casefold(),
        unit=cell["enhet"],
        unit_kind=UNIT_KINDS.get(kind.casefold(), kind),
        school_type=cell["skoletype"],
        zone=cell["sone"],
        language=LANGUAGES.get(language, language),
    )
    reasons = []
    if any(value.strip() for value in cells[len(headings) :]):
        reasons.append(f"Raden har {len(cells)} felt, men overskriften har {len(headings)}.")
    if not _OBJECT_ID.fullmatch(person.key):
        reasons.append(
            f"aad_object_id «{cell['aad_object_id']}» er ikke en objekt-id fra Entra,"
            " som ser slik ut: 01234567-89ab-cdef-0123-456789abcdef."
        )
    if not person.name:
        reasons.append("Navn mangler.")
    if person.email and not _EMAIL.fullmatch(person.email):
        reasons.append(f"E-postadressen «{person.email}» er ikke gyldig.")
    if person.role not in ROLES:
        reasons.append(f"Rollen «{cell['rolle']}» finnes ikke. Velg en av: {', '.join(ROLES)}.")
    if person.role in ROLES_WITH_UNIT and not person.unit:
        reasons.append(f"En {person.role} må ha en enhet.")
    if person.unit and not person.unit_kind:
        reasons.append(
            f"Enheten «{person.unit}» mangler enhetstype (skole, barnehage, SFO, PPT …)."
        )
    if not person.unit and any(_unit(person)):
        reasons.append("Enhetstype, skoletype eller sone er fylt ut, men enhet mangler.")
    if language not in LANGUAGES:
        reasons.append(
            f"Språket «{cell['språk']}» finnes ikke. Velg bokmål (nb) eller nynorsk (nn)."
        )
    return person, reasons


def _unit(person: RegisteredPerson) -> tuple[str, str, str]:
    return person.unit_kind, person.school_type, person.zone
