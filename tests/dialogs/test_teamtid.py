"""«Ta med i teamtid»: one page of any section, for who has twenty minutes together."""

from collections.abc import Iterator

import pytest

from dialogs.contacts import read_contacts
from dialogs.context import Composing
from dialogs.guide import Guide, Step
from dialogs.guide_files import Guides
from dialogs.learning.workbench import Workbench
from dialogs.meetings.sending_times import SendingTimes
from dialogs.messages import Block, Items, Language, Paper, Paragraph, Table
from dialogs.questions import find_section, section_address
from dialogs.teamtid import COMMANDS, PAPERS, VERBS, team_time
from dialogs.wording import Wording, read_wordings
from knowledge.library import Library
from knowledge.reflections import Reflection, Reflections
from storage.database import Database, Session
from storage.people import RegisteredPerson
from tests.dialogs.shown import shown
from tests.dialogs.turns import NOW, button, card_of, context_for, downloads

PRUVA = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole › PRUVA"
ABOVE = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole"
OWN = Guide(
    id="teamtid",
    title="x",
    title_nn="x",
    about="x",
    about_nn="x",
    source="x",
    minutes=1,
    owner="person",
    roles=("lærer",),
    step=(Step(id="tema", kind="short_text", text="x", text_nn="x"),),
)
GUIDES = {"teamtid": OWN}
TEACHER = "Ane Solbakk"


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    with database.transaction() as session:
        yield session


@pytest.fixture
def asking(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    """Questions for the heading above PRUVA, and none for anything else."""
    asks = Reflection(section=ABOVE, ask=("Hva?", "Hvordan?"), ask_nn=("Kva?", "Korleis?"))
    monkeypatch.setattr(library, "reflections", Reflections({ABOVE: asks}))


def paper(session: Session, library: Library, address: str, language: Language = "nb") -> Paper:
    composing = Composing(
        session=session,
        person=RegisteredPerson("k", "Ane", "a@x", "lærer"),
        wording=Wording(language),
        library=library,
        guides=Guides({}),
        workbench=Workbench(library, read_contacts(), Wording("nb")),
        sending=SendingTimes(library.holidays),
        now=NOW,
        local=False,
    )
    found = PAPERS["teamtid"](composing, address)
    assert found is not None
    return found


def test_the_page_has_every_word_of_the_section_and_its_source(
    session: Session, library: Library
) -> None:
    card = card_of(team_time(context_for(session, library, GUIDES, TEACHER), PRUVA))
    text = shown([card])
    section = find_section(library, PRUVA)
    assert section is not None
    for unit in section.units:
        assert unit.text in text
    assert PRUVA in text
    assert "Kilde: " in text


@pytest.mark.usefixtures("asking")
def test_the_questions_of_the_heading_above_are_used_and_named(
    session: Session, library: Library
) -> None:
    own = shown(team_time(context_for(session, library, GUIDES), ABOVE))
    assert "Hva?\nHvordan?" in own
    assert "Spørsmålene er laget til" not in own
    below = shown(team_time(context_for(session, library, GUIDES), PRUVA))
    assert "Hva?\nHvordan?" in below
    assert "Spørsmålene er laget til «Ambisjon 2 skole»" in below


@pytest.mark.usefixtures("asking")
def test_a_section_without_questions_says_so(session: Session, library: Library) -> None:
    address = "Kvalitetsplanen › Del 1 › Grunnmur"
    text = shown(team_time(context_for(session, library, GUIDES), address))
    assert "Vi har ikke laget spørsmål til dette avsnittet." in text


@pytest.mark.usefixtures("asking")
def test_questions_and_opplegg_are_in_nynorsk_for_who_reads_it(
    session: Session, library: Library
) -> None:
    text = shown(team_time(context_for(session, library, GUIDES, language="nn"), PRUVA))
    assert "Kva?\nKorleis?" in text
    assert "Opplegg på 20 minutt\n" in text


@pytest.mark.parametrize("wording", read_wordings().values(), ids=lambda w: str(w.language))
def test_the_opplegg_takes_twenty_minutes(wording: Wording) -> None:
    steps = wording.many("teamtid_minutes")
    assert sum(int(minutes.split()[0]) for minutes, _ in steps) == 20


def test_a_page_of_an_old_source_says_so_first(session: Session, library: Library) -> None:
    address = "Skolebasert vurdering, Haugesund › Forsvarlig system"
    first = paper(session, library, address).blocks[0]
    assert isinstance(first, Paragraph)
    assert first.text.startswith("Haugesund 2018; regelverket er endret siden.")


def test_without_a_section_the_last_answers_is_taken(session: Session, library: Library) -> None:
    section = find_section(library, PRUVA)
    assert section is not None
    passage = library.in_section(section)[0]
    topic: dict[str, object] = {"words": [], "passage": passage.id}
    context = context_for(session, library, GUIDES, TEACHER, topic=topic)
    assert card_of(team_time(context, "")).title == "Teamtid: PRUVA"


@pytest.mark.parametrize("topic", [None, {"words": [], "passage": "borte/vekk/0-1"}])
def test_with_nothing_to_take_it_says_what_to_do(
    session: Session, library: Library, topic: dict[str, object] | None
) -> None:
    text = shown(team_time(context_for(session, library, GUIDES, TEACHER, topic=topic), ""))
    assert text.startswith("Hva vil dere snakke om i teamtiden? Still et spørsmål først")


def test_a_section_that_is_not_there_is_named_and_cut_short(
    session: Session, library: Library
) -> None:
    text = shown(team_time(context_for(session, library, GUIDES), "Planen › " + "x" * 500))
    assert text.startswith("Jeg finner ikke avsnittet «Planen › xxx")
    assert len(text) < 250


def test_a_teacher_can_print_it_and_make_an_opplegg(session: Session, library: Library) -> None:
    context = context_for(session, library, GUIDES, TEACHER)
    card = card_of(team_time(context, PRUVA.upper()))
    assert context.person is not None
    assert [(one.format, one.paper, one.reader) for one in downloads(card)] == [
        ("docx", f"teamtid:{PRUVA}", context.person.key),
        ("txt", f"teamtid:{PRUVA}", context.person.key),
    ]
    own = button(card, "Lag deres eget opplegg").value
    assert (own["verb"], own["guide"], own["about"]) == ("start", "teamtid", PRUVA)
    again = button(card_of(team_time(context, PRUVA)), "Lag deres eget opplegg").value
    assert own["draft"] != again["draft"]
    shared = button(card, "Delt av skolene").value
    assert (shared["verb"], shared["guide"]) == ("shared_list", "teamtid")


def test_somebody_unknown_reads_the_page_and_makes_nothing(
    session: Session, library: Library
) -> None:
    card = card_of(team_time(context_for(session, library, GUIDES), PRUVA))
    assert card.blocks
    assert card.buttons == ()


def test_a_role_that_the_guide_is_not_for_gets_no_button_for_it(
    session: Session, library: Library
) -> None:
    card = card_of(team_time(context_for(session, library, GUIDES, "Hanne Myhre"), PRUVA))
    assert [one.title for one in card.buttons][2:] == ["Delt av skolene"]


def test_the_paper_is_the_page(session: Session, library: Library) -> None:
    card = card_of(team_time(context_for(session, library, GUIDES, TEACHER), PRUVA))
    printed = paper(session, library, PRUVA)
    assert (printed.title, printed.blocks) == (card.title, card.blocks)
    assert printed.byline == "Kvalitetsbot, 02.09.2026"
    assert paper(session, library, PRUVA, "nn").language == "nn"


def test_the_paper_of_a_section_that_is_gone_is_none(session: Session, library: Library) -> None:
    with pytest.raises(AssertionError):
        paper(session, library, "Kvalitetsplanen › Borte")


def _labels(blocks: tuple[Block, ...]) -> set[Block]:
    labels = ("note", "heading")
    return {one for one in blocks if isinstance(one, Paragraph) and one.style in labels}


def test_every_section_makes_a_page_with_something_to_read(
    session: Session, library: Library
) -> None:
    """Also the headings that only have other headings under them."""
    for document in library.documents:
        for section in document.sections:
            if not section.path:
                continue
            address = section_address(section)
            blocks = paper(session, library, address).blocks
            place = blocks.index(Paragraph("Snakk sammen om", "heading"))
            beside = {Paragraph(document.about.note), *_labels(blocks)}
            assert any(block not in beside for block in blocks[:place]), address
            assert any(isinstance(block, Table) for block in blocks[place:])
            assert all(block.items for block in blocks if isinstance(block, Items))


def test_words_and_buttons_lead_there(session: Session, library: Library) -> None:
    context = context_for(session, library, {}, TEACHER)
    (card,) = VERBS["teamtid"](context, {"verb": "teamtid", "section": PRUVA})
    assert [card] == COMMANDS["ta med i teamtid"](context, PRUVA)
    assert COMMANDS["teamtid"] is COMMANDS["ta med i teamtid"]


@pytest.mark.parametrize("section", [None, 7, ["x"], {"a": 1}])
def test_a_forged_button_gets_an_answer(
    session: Session, library: Library, section: object
) -> None:
    context = context_for(session, library, GUIDES, TEACHER)
    assert shown(VERBS["teamtid"](context, {"section": section})).startswith("Hva vil dere")
