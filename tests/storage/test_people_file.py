"""The people register as a file: what spreadsheets write is read, errors come all at once."""

import pytest

from storage.demo_people import DEMO_PEOPLE
from storage.people import RegisteredPerson
from storage.people_file import (
    COLUMNS,
    ROLES,
    ROLES_WITH_UNIT,
    PeopleFileError,
    parse_people,
    read_people,
)

HEADINGS = ";".join(COLUMNS)
ID = "0a000000-0000-4000-8000-00000000000{}"
AASE = (
    f"{ID.format(1)};Åse Bjørnø;ase@fjordvik.example;Lærer;"
    "Øvre Æsvik skole;skole;barneskole;sør;nynorsk"
)
EXPECTED = RegisteredPerson(
    key=ID.format(1),
    name="Åse Bjørnø",
    email="ase@fjordvik.example",
    role="lærer",
    unit="Øvre Æsvik skole",
    unit_kind="skole",
    school_type="barneskole",
    zone="sør",
    language="nn",
)


def file_of(*rows: str, headings: str = HEADINGS) -> bytes:
    return "\n".join([headings, *rows, ""]).encode()


def errors_of(content: bytes) -> list[str]:
    with pytest.raises(PeopleFileError) as raised:
        parse_people(content)
    return str(raised.value).splitlines()


def test_a_row_becomes_a_person() -> None:
    assert parse_people(file_of(AASE)) == [EXPECTED]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_spreadsheets_write_is_read(encoding: str, delimiter: str, line_end: str) -> None:
    text = file_of(AASE).decode().replace(";", delimiter).replace("\n", line_end)
    assert parse_people(text.encode(encoding)) == [EXPECTED]


def test_columns_may_stand_in_any_order_and_the_last_three_may_be_left_out() -> None:
    headings = "Rolle;Enhetstype;enhet;NAVN; epost ;aad_object_id"
    (person,) = parse_people(
        file_of(f"rektor;sfo;Nordlia;Ola;;{ID.format(1).upper()}", headings=headings)
    )
    assert person == RegisteredPerson(
        key=ID.format(1), name="Ola", email="", role="rektor", unit="Nordlia", unit_kind="SFO"
    )


def test_a_quoted_value_may_hold_the_delimiter_and_blank_rows_are_skipped() -> None:
    row = f'{ID.format(1)};"Berg; Kari";;administrator;;;;;'
    (person,) = parse_people(file_of("", row, ";;;;;;;;"))
    assert person.name == "Berg; Kari"
    assert person.language == "nb"


def test_everything_wrong_is_told_at_once_with_its_row() -> None:
    assert errors_of(
        file_of(
            AASE,
            "12;;ase@;vaktmester;;;;;engelsk",
            f"{ID.format(1)};Ola;;lærer;;;;;nb",
            "",
            f"{ID.format(2)};Kari;;rektor;Øvre Æsvik skole;barnehage;;sør;nb",
            f"{ID.format(3)};Per;;tillitsvalgt;Nordlia;;;;nb",
            f"{ID.format(4)};Pål;;fagrådgiver;;skole;;;nb;for mye",
        )
    ) == [
        "Rad 3: aad_object_id «12» er ikke en objekt-id fra Entra, som ser slik ut:"
        " 01234567-89ab-cdef-0123-456789abcdef.",
        "Rad 3: Navn mangler.",
        "Rad 3: E-postadressen «ase@» er ikke gyldig.",
        "Rad 3: Rollen «vaktmester» finnes ikke. Velg en av: lærer, rektor, avdelingsleder,"
        " tillitsvalgt, skoleeierteam, fagrådgiver, administrator.",
        "Rad 3: Språket «engelsk» finnes ikke. Velg bokmål (nb) eller nynorsk (nn).",
        "Rad 4: En lærer må ha en enhet.",
        "Rad 4: Samme aad_object_id som i rad 2.",
        "Rad 6: Enheten «Øvre Æsvik skole» har en annen enhetstype, skoletype eller sone"
        " enn i rad 2.",
        "Rad 7: Enheten «Nordlia» mangler enhetstype (skole, barnehage, SFO, PPT …).",
        "Rad 8: Raden har 10 felt, men overskriften har 9.",
        "Rad 8: Enhetstype, skoletype eller sone er fylt ut, men enhet mangler.",
    ]


def test_wrong_headings_are_told_all_at_once() -> None:
    headings = HEADINGS.replace("rolle", "stilling") + ";navn"
    assert errors_of(file_of(AASE, headings=headings)) == [
        "Rad 1: Kolonnen «rolle» mangler.",
        "Rad 1: Kolonnen «stilling» er ukjent. Kolonnene heter aad_object_id, navn, epost, rolle,"
        " enhet, enhetstype, skoletype, sone, språk.",
        "Rad 1: Kolonnen «navn» står flere ganger.",
    ]


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_refused_rather_than_emptying_the_register(content: bytes) -> None:
    assert errors_of(content) == ["Rad 1: Filen er tom."]


def test_a_file_with_headings_only_is_refused_too() -> None:
    assert errors_of(file_of()) == ["Rad 2: Filen har ingen personer."]


def test_a_file_in_an_unknown_encoding_is_told_apart_from_a_wrong_one() -> None:
    assert errors_of(b"\xff\xfe\x81\x00") == [
        "Rad 1: Filen har ukjent tegnsett. Lagre den som «CSV UTF-8» og prøv igjen."
    ]


def test_a_quotation_mark_that_never_ends_is_told() -> None:
    (error,) = errors_of(file_of('"' + AASE))
    assert error.startswith("Rad 1: Filen er ikke gyldig CSV")


def test_the_roles_that_need_a_unit_are_roles() -> None:
    assert set(ROLES_WITH_UNIT) <= set(ROLES)


def test_the_demo_people_have_every_role_one_barnehage_four_schools_and_two_zones() -> None:
    people = read_people(DEMO_PEOPLE)
    units = {person.unit: person for person in people if person.unit}
    assert {person.role for person in people} == set(ROLES)
    assert {person.language for person in people} == {"nb", "nn"}
    assert sorted(unit.unit_kind for unit in units.values()) == ["barnehage", *["skole"] * 4]
    assert len({unit.zone for unit in units.values()}) == 2
