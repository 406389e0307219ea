"""Documents: every kind of file is read with its structure, and the plan is word for word."""

import re
from pathlib import Path

import pytest

from knowledge.documents import (
    Document,
    DocumentError,
    Kind,
    Section,
    read_document,
    read_documents,
    sentences,
)
from knowledge.library import HOME, Library
from tests.knowledge.files import write, write_docx, write_pdf

SOURCES = Path(__file__).parents[3] / "shared" / "sources"

OURS = """+++
title = "Plan for alt"
short = "Planen"
publisher = "Fjordvik kommune"
kommune = "Fjordvik"
year = 2024
status = "historisk"
quoted = true
source = "Fjordvik kommune: Plan for alt"
note = "Gammel."
+++

Innledning uten overskrift.

# Del 1 – Rammer {short="Del 1"}

## Verdier

Barna er med. De er
modige [sic] og trygge.

## Bare for øyet {short=""}

### Tiltak som har en svært lang overskrift {short="Tiltak"}

Skolen skal:

- lytte til **elevene**
- følge [planen](https://example.org)

Frister:

1. i mai
2. i juni

| Dato | Møte | Sted |
|---|---|---|
| 3. mai | Oppstart | |
| 4. juni | Slutt | Rådhuset |
"""


@pytest.fixture(scope="module")
def plan(library: Library) -> Document:
    return document_named(library, "kvalitetsplan")


def document_named(library: Library, name: str) -> Document:
    return next(document for document in library.documents if document.id == name)


def read(tmp_path: Path, text: str, name: str = "fil.md", encoding: str = "utf-8") -> Document:
    return read_document(write(tmp_path / name, text, encoding))


def section(document: Document, name: str) -> Section:
    return document.by_name[name]


def texts(section: Section, *kinds: Kind) -> list[str]:
    return [unit.text for unit in section.units if not kinds or unit.kind in kinds]


def whole(document: Document) -> str:
    return " ".join(unit.text for section in document.sections for unit in section.units)


# Our own Markdown


def test_the_header_says_what_the_document_is(tmp_path: Path) -> None:
    about = read(tmp_path, OURS).about
    assert (about.title, about.short, about.publisher) == (
        "Plan for alt",
        "Planen",
        "Fjordvik kommune",
    )
    assert (about.year, about.status, about.note) == (2024, "historisk", "Gammel.")


def test_a_header_with_the_line_ends_of_windows_is_a_header_too(tmp_path: Path) -> None:
    document = read(tmp_path, OURS.replace("\n", "\r\n"))
    assert document.about.title == "Plan for alt"
    assert "+++" not in whole(document)


def test_the_heading_path_uses_the_short_names_and_leaves_out_what_is_only_for_the_eye(
    tmp_path: Path,
) -> None:
    document = read(tmp_path, OURS)
    assert [one.name for one in document.sections] == [
        "",
        "Del 1",
        "Del 1 › Verdier",
        "Del 1 › Tiltak",
    ]


def test_a_short_name_hides_nothing_of_the_heading(tmp_path: Path) -> None:
    document = read(tmp_path, OURS)
    assert section(document, "Del 1").heading == "Del 1 – Rammer"
    tiltak = section(document, "Del 1 › Tiltak")
    assert texts(tiltak, "heading") == ["Tiltak som har en svært lang overskrift"]


def test_text_before_the_first_heading_is_kept(tmp_path: Path) -> None:
    assert texts(read(tmp_path, OURS).sections[0]) == ["Innledning uten overskrift."]


def test_sic_is_taken_out_of_the_text_and_remembered(tmp_path: Path) -> None:
    verdier = section(read(tmp_path, OURS), "Del 1 › Verdier")
    assert texts(verdier, "sentence") == ["Barna er med.", "De er modige og trygge."]
    assert [unit.slips for unit in verdier.units[1:]] == [(), ("er modige",)]


def test_a_list_belongs_to_the_line_that_leads_into_it(tmp_path: Path) -> None:
    tiltak = section(read(tmp_path, OURS), "Del 1 › Tiltak")
    blocks: dict[int, list[str]] = {}
    for unit in tiltak.units[1:]:
        blocks.setdefault(unit.block, []).append(unit.text)
    assert list(blocks.values())[:2] == [
        ["Skolen skal:", "lytte til elevene", "følge planen"],
        ["Frister:", "i mai", "i juni"],
    ]


def test_a_list_after_a_full_stop_stands_alone(tmp_path: Path) -> None:
    document = read(tmp_path, "# A\n\nDette er alt.\n\n- en\n- to\n")
    _, sentence, *items = section(document, "A").units
    assert {item.block for item in items} == {sentence.block + 1}


def test_a_list_within_a_list_loses_nothing(tmp_path: Path) -> None:
    document = read(tmp_path, "# A\n\n- ytre\n  - indre\n  - indre to\n- neste\n")
    assert " ".join(texts(section(document, "A"), "item")) == "ytre indre indre to neste"


def test_a_list_under_a_heading_is_no_part_of_the_heading(tmp_path: Path) -> None:
    for text in ("# A\n\n- en\n- to\n", "# A\n\n- en\n  - to\n"):
        heading, *items = section(read(tmp_path, text), "A").units
        assert items
        assert all(item.block != heading.block for item in items)


def test_every_table_row_is_a_unit_that_names_its_columns(tmp_path: Path) -> None:
    tiltak = section(read(tmp_path, OURS), "Del 1 › Tiltak")
    assert texts(tiltak, "row") == [
        "3. mai – Møte: Oppstart",
        "4. juni – Møte: Slutt · Sted: Rådhuset",
    ]


def test_a_table_with_one_column_shows_its_cells_alone(tmp_path: Path) -> None:
    document = read(tmp_path, "# A\n\n| Navn |\n|---|\n| Kari |\n")
    assert texts(section(document, "A"), "row") == ["Kari"]


@pytest.mark.parametrize(
    ("paragraph", "expected"),
    [
        ("En setning. To setninger.", ["En setning.", "To setninger."]),
        ("Er det sant? Ja! Slik er det.", ["Er det sant?", "Ja!", "Slik er det."]),
        ("Han sa «ja.» Så gikk han.", ["Han sa «ja.»", "Så gikk han."]),
        ("Se jf. FNs barnekonvensjon. Ferdig.", ["Se jf. FNs barnekonvensjon.", "Ferdig."]),
        ("Bruk f.eks. Drammen, dvs. Norge. Slutt.", ["Bruk f.eks. Drammen, dvs. Norge.", "Slutt."]),
        ("Det gjelder bl.a. Oslo.", ["Det gjelder bl.a. Oslo."]),
        (
            "Det er to dimensjoner; 1. relasjonsvarme og 2. tydelighet.",
            ["Det er to dimensjoner; 1. relasjonsvarme og 2. tydelighet."],
        ),
        ("Etter § 17-12 skal det. Nytt.", ["Etter § 17-12 skal det.", "Nytt."]),
        ("Møtet er 12.11.2020. Det er det.", ["Møtet er 12.11.2020.", "Det er det."]),
        ("Fristen er 1. Mai er for sent.", ["Fristen er 1. Mai er for sent."]),
        ("Det var i 2018. Regelverket er nytt.", ["Det var i 2018.", "Regelverket er nytt."]),
        ("Spør T. Hansen om SFO. Hun vet.", ["Spør T. Hansen om SFO.", "Hun vet."]),
        ("Uten punktum til slutt", ["Uten punktum til slutt"]),
        ("", []),
    ],
)
def test_a_paragraph_is_split_where_a_reader_would(paragraph: str, expected: list[str]) -> None:
    assert sentences(paragraph) == expected


# Somebody's own files


def test_a_text_file_has_headings_paragraphs_and_lists(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Skoleskyss\n\nElever har rett til skyss. Det gjelder\nalle trinn.\n\n"
        "Kravene er:\n• over 2 km\n• over 4 km fra 2. klasse\n",
        "skyss.txt",
    )
    skyss = section(document, "Skoleskyss")
    assert texts(skyss, "sentence") == [
        "Elever har rett til skyss.",
        "Det gjelder alle trinn.",
        "Kravene er:",
    ]
    assert texts(skyss, "item") == ["over 2 km", "over 4 km fra 2. klasse"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("name", ["regler.txt", "regler.md"])
def test_norwegian_letters_are_right_however_the_file_was_saved(
    tmp_path: Path, encoding: str, name: str
) -> None:
    document = read(tmp_path, "Blåbærøya skole – «hjem» gjelder fra våren.\n", name, encoding)
    assert whole(document) == "Blåbærøya skole – «hjem» gjelder fra våren."


def test_a_header_after_a_byte_order_mark_is_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, OURS, encoding="utf-8-sig").about.title == "Plan for alt"


def test_a_word_file_keeps_headings_lists_and_tables(tmp_path: Path) -> None:
    document = read_document(write_docx(tmp_path / "regler.docx"))
    assert texts(section(document, "Ordensregler"), "sentence") == [
        "Reglene gjelder alle.",
        "De ble vedtatt i 2024.",
    ]
    mobil = section(document, "Ordensregler › Mobil")
    assert texts(mobil, "item") == ["Mobilen er av i timen.", "Læreren tar vare på den."]
    assert texts(mobil, "row") == ["8. trinn – Sted: Skapet", "9. trinn – Sted: Mobilhotellet"]


def test_a_pdf_keeps_its_pages_and_mends_words_broken_at_the_line_end(tmp_path: Path) -> None:
    first = ["Alle barn har rett til skoleplass. Plassen gis etter nær-", "skoleprinsippet."]
    path = write_pdf(tmp_path / "plass.pdf", first, ["Søknaden sendes innen 1. mars hvert år."])
    document = read_document(path)
    assert texts(section(document, "Side 1"), "sentence") == [
        "Alle barn har rett til skoleplass.",
        "Plassen gis etter nærskoleprinsippet.",
    ]
    assert texts(section(document, "Side 2"), "sentence") == [
        "Søknaden sendes innen 1. mars hvert år."
    ]


def test_somebodys_own_file_is_called_by_its_name(tmp_path: Path) -> None:
    document = read(tmp_path, "Tekst.", "Plan for SFO.txt")
    assert (document.id, document.short) == ("Plan for SFO", "Plan for SFO")


def test_a_folder_is_read_by_name_and_other_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("b.md", "a.txt", "bilde.png", ".gitkeep"):
        write(tmp_path / name, "Tekst.")
    (tmp_path / "mappe.md").mkdir()
    documents, problems = read_documents(tmp_path)
    assert [document.id for document in documents] == ["a", "b"]
    assert problems == []


def test_a_file_is_read_whether_its_ending_has_small_or_capital_letters(tmp_path: Path) -> None:
    write(tmp_path / "A.TXT", "Tekst.")
    write(tmp_path / "B.Md", "Tekst.")
    assert [document.id for document in read_documents(tmp_path)[0]] == ["A", "B"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ødelagt.docx", b"dette er ikke Word"),
        ("ødelagt.pdf", b"dette er ikke PDF"),
        ("tom.pdf", b""),
        ("tom.docx", b""),
        ("avkuttet.pdf", b"%PDF-1.4\n1 0 obj\n<<"),
        ("hode.md", b"+++\ntitle = \n+++\nTekst."),
        ("uten tittel.md", b"+++\nyear = 2024\n+++\nTekst."),
        ("ukjent felt.md", b'+++\ntitle = "T"\nfarge = "blue"\n+++\nTekst.'),
        ("status.md", b'+++\ntitle = "T"\nstatus = "gammel"\n+++\nTekst.'),
        ("uten slutt.md", b'+++\ntitle = "T"\n\n# Overskrift\n'),
    ],
)
def test_a_broken_file_gets_one_sentence_that_names_it(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentError) as raised:
        read_document(tmp_path / name)
    assert str(raised.value).startswith(name)
    assert "\n" not in str(raised.value)


def test_broken_files_are_told_all_at_once_and_stop_none_of_the_others(tmp_path: Path) -> None:
    write(tmp_path / "god.md", "# A\n\nTekst.")
    write(tmp_path / "feil.md", "+++\ntitle =\n+++\n")
    write(tmp_path / "feil.pdf", "nei")
    documents, problems = read_documents(tmp_path)
    assert [document.id for document in documents] == ["god"]
    assert [problem.split(maxsplit=1)[0].rstrip(":") for problem in problems] == [
        "feil.md",
        "feil.pdf",
    ]


# What ships

EYE_ONLY = re.compile(r"^\s*Beskrivelse av tiltak(?:ene)?\s*[:.]?\s*$", re.MULTILINE)
PAGE_FOOTER = re.compile(r"Kvalitetsplan for helhetlig læringsløp\s+\d+")
BROKEN_WORD = re.compile(r"(?<=kvalitetsutviklings)-\s+(?=prosessen)")

TILTAK = {
    "Ambisjon 1 barnehage": ["Leken er vår viktigste aktivitet"],
    "Ambisjon 2 barnehage": [
        "Handlingsplan for trygt og godt barnehagemiljø",
        "Lekemiljø som synliggjør mangfoldet",
        "Kompetanseutvikling om leke- og læringsmiljø",
        "Veiledningsteam",
    ],
    "Ambisjon 3 barnehage": [
        "Barnets beste ligger alltid til grunn",
        "Veileder for vurdering av metoder, programmer og verktøy",
        "Språklige ressurser",
        "Sosioemosjonell utvikling",
        "Kompetanseutvikling om barns grunnleggende ferdigheter",
        "Gode overganger",
    ],
    "Ambisjon 4 barnehage": [
        "Kompetanseutviklingsplan og rekrutteringsstrategi",
        "Nyutdannede barnehagelærere",
        "Personalutvikling og foreldresamarbeid",
        "Landingssiden for barnehage og skoler",
    ],
    "Ambisjon 1 skole": [
        "Autoritative voksne",
        "Elevmedvirkning",
        "De fire dimensjonene for inkludering",
        "Trygge og gode klasseledere",
        "Skolens plan for trygt og godt skolemiljø",
        "Veileder for hjem-skolesamarbeid",
        "Gode overganger",
    ],
    "Ambisjon 2 skole": [
        "PRUVA",
        "Samarbeidslæring",
        "Læringsfremmende vurderingspraksis",
        "Samarbeid om planlegging og gjennomføring",
        "Morgendagens klasserom",
    ],
    "Ambisjon 3 skole": [
        "Læring gjennom lek i begynneropplæringen",
        "Grunnleggende ferdigheter i alle fag",
        "Å lære å lære",
        "Kritisk tenkning og digital dømmekraft",
        "Karriereveiledning",
        "Fravær",
    ],
    "Ambisjon 4 skole": [
        "Kompetansehevingsplan",
        "Læring og utvikling i profesjonsfellesskapet",
        "Nyutdannede lærere",
        "Felles grunnmur og verdisyn",
        "Veiledere og handlingsplaner",
    ],
}


@pytest.mark.skipif(not SOURCES.is_dir(), reason="kildene ligger ikke ved siden av prosjektet")
def test_what_is_quoted_from_the_plan_is_the_plan_word_for_word(plan: Document) -> None:
    """White space, bullets, a heading's colon, page footers and one broken word aside."""
    source = next(path for path in SOURCES.glob("001_*.txt"))
    text = source.read_text("utf-8")
    for left_out in (PAGE_FOOTER, EYE_ONLY, BROKEN_WORD):
        text = left_out.sub("", text)
    headings = {folded(one.heading) for one in plan.sections}
    theirs = words("\n".join(without_colon(line, headings) for line in text.splitlines()))
    ours = words(whole(plan))
    for place, (mine, other) in enumerate(zip(ours, theirs, strict=False)):
        near = " ".join(theirs[max(0, place - 8) : place + 4])
        assert mine == other, f"boten har «{mine}», kilden «{other}» i «… {near} …»"
    assert len(ours) == len(theirs)


def folded(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip().casefold()


def without_colon(line: str, headings: set[str]) -> str:
    bare = line.rstrip(" :.")
    return bare if folded(line) not in headings and folded(bare) in headings else line


def words(text: str) -> list[str]:
    text = text.casefold().replace("–", "-").replace("•", " ")
    return re.findall(r"\w+|[^\w\s]", text)


@pytest.mark.parametrize("ambisjon", TILTAK)
def test_every_tiltak_of_the_plan_is_a_heading_under_its_ambisjon(
    plan: Document, ambisjon: str
) -> None:
    parent = section(plan, f"Del 2 › {ambisjon}")
    below = [child.path[-1] for child in plan.children(parent)]
    assert [name for name in below if not name.startswith("Kjennetegn")] == TILTAK[ambisjon]


def test_pruva_is_five_letters_in_order(plan: Document) -> None:
    pruva = texts(section(plan, "Del 2 › Ambisjon 2 skole › PRUVA"), "item")
    assert "".join(item[0] for item in pruva) == "PRUVA"


def test_the_plan_has_no_sic_left_in_what_is_quoted_but_remembers_its_slips(
    plan: Document,
) -> None:
    assert "[sic]" not in whole(plan)
    slips = [slip for one in plan.sections for unit in one.units for slip in unit.slips]
    assert len(slips) > 10


def test_the_calendar_has_its_eleven_meetings_in_order(library: Library) -> None:
    rows = texts(section(document_named(library, "moteplan-2020-2021"), "Møtene"), "row")
    dates = [row.split(" ")[0] for row in rows]
    assert len(dates) == 11
    assert dates == sorted(dates, key=lambda date: date.split(".")[::-1])
    assert sum("LED-skole" in row for row in rows) == 4


def test_every_document_says_who_when_what_it_is_worth_and_where_it_is_from(
    library: Library,
) -> None:
    assert len(library.documents) >= 6
    for document in library.documents:
        about = document.about
        assert all((about.title, about.publisher, about.year, about.status, about.source))


def test_an_old_or_foreign_document_has_a_note_in_both_languages(library: Library) -> None:
    for document in library.documents:
        about = document.about
        if about.status != "gjeldende" or about.kommune not in ("", "Drammen"):
            assert about.note, document.id
            assert about.note_nn, document.id


def test_every_file_that_ships_can_be_read() -> None:
    assert read_documents(HOME / "documents")[1] == []


def test_no_two_sections_of_a_document_have_the_same_name(library: Library) -> None:
    """Otherwise "Vis hele avsnittet" would show the wrong one."""
    for document in library.documents:
        names = [one.name for one in document.sections if one.path]
        assert len(names) == len(set(names)), document.id
