"""The question sets that ship are whole and as the sources say; every mistake in a file is told."""

import tomllib
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from dialogs.answers import Read, hear, plain
from dialogs.guide_files import Guides
from dialogs.meetings.audience import ROLES
from dialogs.question_set import (
    COUNTED,
    WRITTEN,
    Finest,
    QuestionSection,
    QuestionSet,
    Rhythm,
    SetKind,
    Visibility,
)
from dialogs.question_set_files import (
    FOLDER,
    check_question_sets,
    is_question_set,
    load_question_sets,
    questions_of,
)
from dialogs.questions import section_address
from knowledge.library import Library
from tests.dialogs.known import known_about

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "guides.md").read_text("utf-8")
EXAMPLE = DOCS / "example-question-set.toml"
SETS = load_question_sets()[0]
SURVEY = SETS["kompetanseundersokelsen"]
SHORT = [one for one in SETS.values() if one.kind == "refleksjon"]
PRUVA = ["Praktisk", "Relevant", "Utfordrende", "Variert", "Aktiv"]
AREAS = [
    "Digital kompetanse",
    "Skole- og klasseledelse",
    "Sosial og emosjonell kompetanse",
    "Dybdelæring",
    "Tilpasset opplæring og vurdering for læring",
]

GOOD = """
id = "prove"
kind = "refleksjon"
title = "Prøve"
title_nn = "Prøve på nynorsk"
about = "Om"
about_nn = "Om"
source = "Kilde"
minutes = 0.5
to = ["lærere"]

[[section]]
id = "forste"
title = "Først"
title_nn = "Fyrst"

[[section.step]]
id = "skala"
kind = "scale"
text = "Hvor mye?"
text_nn = "Kor mykje?"
low = "lite"
low_nn = "lite"
high = "mye"
high_nn = "mykje"

[[section]]
id = "andre"
title = "Etterpå"
title_nn = "Seinare"

[[section.step]]
id = "valg"
kind = "one_of"
text = "Hva?"
text_nn = "Kva?"
choices = [
  { value = "a", text = "Det ene", text_nn = "Det eine" },
  { value = "b", text = "Det andre", text_nn = "Det andre" },
]
"""


def told(folder: Path, *texts: str) -> list[str]:
    paths = []
    for number, text in enumerate(texts, start=1):
        paths.append(folder / f"{number}.toml")
        paths[-1].write_text(text, "utf-8")
    return check_question_sets(paths, set())[1]


def changed(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def with_step(kind: str, rest: str = "") -> str:
    return (
        f'{GOOD}\n[[section.step]]\nid = "ny"\nkind = "{kind}"\ntext = "A"\ntext_nn = "A"\n{rest}'
    )


# What ships


def test_what_ships_has_no_mistakes_and_names_sections_that_are_there(library: Library) -> None:
    sections = {
        section_address(section) for document in library.documents for section in document.sections
    }
    count, problems = check_question_sets([], sections)
    assert problems == []
    assert count == len(SETS) == len(list(FOLDER.glob("*.toml")))


def test_the_bot_has_them(guides: Guides) -> None:
    assert guides.sets.keys() == SETS.keys()


@pytest.mark.parametrize("one", SHORT, ids=lambda one: str(one.id))
def test_a_short_reflection_is_answered_in_half_a_minute(one: QuestionSet) -> None:
    assert 1 <= len(list(one.steps())) <= 3
    assert len(one.texts()) <= 1
    assert one.minutes == 0.5
    assert len(one.questions("nb")) >= 2


def test_four_short_reflections_ship_for_those_they_are_for() -> None:
    assert {one.id for one in SHORT} >= {
        "manedens-refleksjon",
        "rett-vei",
        "var-praksis",
        "krevende-tid",
    }
    month, leaders = SETS["manedens-refleksjon"], SETS["krevende-tid"]
    assert (month.rhythm, month.unasked, "lærere" in month.to) == ("måned", True, True)
    assert (leaders.to, leaders.finest) == (("ledere",), "kommune")
    assert SETS["var-praksis"].together


def test_all_answers_are_collected_without_names() -> None:
    assert {one.visibility for one in SETS.values()} == {"samlet"}


def test_pruva_is_as_the_plan_says(library: Library) -> None:
    one = SETS["var-praksis"]
    for id in ("kjenner_igjen", "ove_pa"):
        step = one.find(id)
        assert step is not None
        assert [option.text for option in step.choices] == PRUVA
    (plan,) = (d for d in library.documents if d.id == "kvalitetsplan")
    said = [str(unit.text) for section in plan.sections for unit in section.units]
    for word in PRUVA:
        assert any(text.startswith(f"{word}:") for text in said), word


def test_the_survey_has_the_five_areas_of_the_source_each_with_its_definition() -> None:
    assert [one.title for one in SURVEY.section if one.id != "laering_i_skolen"] == AREAS
    for section in SURVEY.section:
        assert "forslag" in section.about
        assert section.used_for
        assert section.not_used_for


def test_each_sub_theme_is_an_example_with_the_two_scales_of_the_source() -> None:
    for section in SURVEY.section[:5]:
        pairs = [step for step in section.step if step.kind == "two_scales"]
        assert 3 <= len(pairs) <= 4
        for step in pairs:
            assert step.example
            competence, importance = step.scales
            assert (competence.id, importance.id) == ("kompetanse", "viktighet")
            assert (competence.low, competence.high) == (
                "ikke tilfredsstillende",
                "tilfredsstillende",
            )
            assert (importance.low, importance.high) == ("ikke viktig", "svært viktig")
        comments = [step for step in section.step if step.kind == "long_text"]
        assert len(comments) == 1
        assert comments[0].optional


def test_the_survey_takes_five_to_ten_minutes_and_asks_years_of_experience() -> None:
    assert 5 <= SURVEY.minutes <= 10
    assert 30 <= len(SURVEY.questions("nb")) <= 50  # ten seconds each are at most eight minutes
    assert [step.id for step in SURVEY.background] == ["erfaring"]


@pytest.mark.parametrize("one", SETS.values(), ids=lambda one: str(one.id))
def test_nothing_is_called_kartlegging_or_ranks_anybody(one: QuestionSet) -> None:
    text = one.model_dump_json().casefold()
    words = text.replace("«hvordan kartlegge skolenes behov", "")  # the name of the source
    for word in ("kartlegg", "ranger", "best skole"):
        assert word not in words


@pytest.mark.parametrize("one", SETS.values(), ids=lambda one: str(one.id))
def test_a_round_keeps_all_of_it(one: QuestionSet) -> None:
    assert questions_of(one.model_dump(mode="json")) == one


@pytest.mark.parametrize("one", SETS.values(), ids=lambda one: str(one.id))
def test_questions_have_the_same_categories_in_both_languages(one: QuestionSet) -> None:
    nb, nn = one.questions("nb"), one.questions("nn")
    assert [(q.id, len(q.categories), q.ordered) for q in nb] == [
        (q.id, len(q.categories), q.ordered) for q in nn
    ]


# Mistakes


def test_a_good_file_has_no_mistakes(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            changed('title = "Først"', 'titel = "Først"'),
            "section «forste»: nøkkelen «title» mangler",
        ),
        (changed('title = "Først"', 'titel = "Først"'), "ukjent nøkkel «titel». Mente du «title»?"),
        (
            changed('id = "forste"', 'id = "Første"'),
            "kan bare ha små bokstaver, tall og understrek",
        ),
        (changed('id = "prove"', 'id = "prøve"'), "kan bare ha små bokstaver, tall og bindestrek"),
        (changed('"refleksjon"', '"refleksion"'), "Mente du «refleksjon»?"),
        (changed("minutes = 0.5", "minutes = 0"), "«minutes» må være mer enn 0"),
        (changed("minutes = 0.5", "minutes = 5"), "tar høyst 2 minutter"),
        (changed('["lærere"]', '["lærerne"]'), "to: «lærerne» går ikke an her. Velg mellom alle"),
        (changed('title_nn = "Fyrst"', 'title_nn = "Fyrst"\nabout = "Hva"'), "uten «about_nn»"),
        (changed('id = "andre"', 'id = "forste"'), "to deler har id-en «forste»"),
        (changed('id = "valg"', 'id = "skala"'), "steg «skala»: to steg har denne id-en"),
        (changed('high = "mye"', ""), "steg «skala»: «high_nn» står uten «high»"),
        (changed('kind = "scale"', 'kind = "skala"'), "steg «skala»: «kind» kan ikke være «skala»"),
        (changed(', text_nn = "Det eine" }', " }"), "steg «valg»: choices «a»: nøkkelen «text_nn»"),
        (changed("[[section.step]]", "[[section.stepp]]"), "section «forste»: nøkkelen «step»"),
        (with_step("date"), "steg «ny»: kind kan ikke være «date». Bruk scale, two_scales, one_of"),
        (with_step("long_text"), "steg «ny»: ingen må skrive med egne ord"),
        (with_step("long_text", 'prefill = "last_year"\noptional = true'), "prefill brukes ikke"),
        (with_step("short_text", 'optional = true\nwhy = "Plan › Borte"'), "«Plan › Borte» finnes"),
        (
            GOOD + '\n[[background]]\nid = "alder"\nkind = "number"\ntext = "A"\ntext_nn = "A"',
            "alder",
        ),
        (changed("to =", 'visibility = "navngitt"\nto ='), 'Skriv to = ["ledere"]'),
        (changed('"refleksjon"', '"undersøkelse"'), "section «forste»: «about» mangler"),
        (
            changed('"refleksjon"', '"sjekk"\nunasked = true'),
            "unasked hører bare til en refleksjon",
        ),
        ('id = "x"\nkind "y"', "1.toml, linje 2"),
    ],
)
def test_a_slip_is_told_with_what_to_do(tmp_path: Path, text: str, said: str) -> None:
    mistakes = told(tmp_path, text)
    assert [one for one in mistakes if said in one], mistakes
    assert all(one.startswith("1.toml") for one in mistakes)


def test_a_fourth_question_is_too_many_for_a_short_reflection(tmp_path: Path) -> None:
    more = "".join(
        f'\n[[section.step]]\nid = "t{n}"\nkind = "long_text"\ntext = "A"\ntext_nn = "A"\n'
        "optional = true"
        for n in range(2)
    )
    assert told(tmp_path, GOOD + more) == [
        "1.toml: en kort refleksjon har høyst 3 spørsmål. Ta bort noen.",
        "1.toml: en kort refleksjon har høyst ett spørsmål som svares med egne ord.",
    ]


def test_the_scales_of_a_survey_have_their_names_in_order(tmp_path: Path) -> None:
    text = (FOLDER / "kompetanseundersokelsen.toml").read_text("utf-8")
    turned = text.replace('id = "kompetanse"', 'id = "x"', 1)
    assert told(tmp_path, turned) == [
        "1.toml, steg «digital_undervisning»: scales: id-ene skal være kompetanse og viktighet, "
        "i den rekkefølgen."
    ]


def test_every_mistake_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    bad = changed('title = "Først"', "").replace('text = "Det ene"', 'tekst = "Det ene"')
    bad = bad.replace('high = "mye"', "")
    mistakes = told(tmp_path, bad, 'id = "x\n')
    assert [one.partition(":")[0] for one in mistakes[:4]] == [
        "1.toml",  # the title of the section
        "1.toml, steg «valg»",  # text is missing
        "1.toml, steg «valg»",  # tekst is unknown
        "1.toml, steg «skala»",  # in a step that can be read
    ]
    assert mistakes[-1].startswith("2.toml, linje 1")


def test_two_files_may_not_have_the_same_id(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD, GOOD) == ["2.toml: id «prove» står også i 1.toml. Endre den ene."]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes("title = 'på'".encode("latin-1"))
    mistakes = check_question_sets([latin, tmp_path / "borte.toml"], set())[1]
    assert [one.partition(":")[0] for one in mistakes] == ["latin.toml", "borte.toml"]


# The kommune's own


def test_the_kommune_replaces_one_that_ships(tmp_path: Path) -> None:
    (tmp_path / "question_sets").mkdir()
    own = tmp_path / "question_sets" / "min.toml"
    own.write_text(changed('id = "prove"', 'id = "rett-vei"'), "utf-8")
    sets, problems = load_question_sets(tmp_path)
    assert not problems
    assert sets["rett-vei"].title == "Prøve"
    assert len(sets) == len(SETS)


def test_one_with_mistakes_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "question_sets").mkdir()
    own = tmp_path / "question_sets" / "min.toml"
    own.write_text(changed('id = "prove"', 'id = "rett-vei"').replace("to =", "til ="), "utf-8")
    sets, problems = load_question_sets(tmp_path)
    assert sets["rett-vei"] == SETS["rett-vei"]
    assert problems
    assert all(one.startswith("min.toml: ") for one in problems)


def test_a_file_to_check_is_known_from_a_guide() -> None:
    assert all(is_question_set(path) for path in (*FOLDER.glob("*.toml"), EXAMPLE))
    guides = Path(__file__).parents[2] / "dialogs" / "guides"
    assert not [path for path in guides.glob("*.toml") if is_question_set(path)]


# The documentation


@pytest.mark.parametrize("model", [QuestionSet, QuestionSection])
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    explained = PAGE[PAGE.index("## Spørsmålssett") :]
    assert not [key for key in model.model_fields if f"`{key}`" not in explained]


@pytest.mark.parametrize(
    "words",
    [
        get_args(SetKind),
        get_args(Visibility),
        get_args(Finest),
        get_args(Rhythm)[1:],
        (*COUNTED, *WRITTEN),
        ROLES,
    ],
    ids=["kinds", "visibility", "finest", "rhythm", "kinds of step", "to"],
)
def test_every_word_that_a_key_may_hold_is_explained(words: Any) -> None:
    assert not [word for word in words if f"`{word}`" not in PAGE]


def test_the_example_is_shown_as_it_is_and_has_no_mistakes() -> None:
    assert f"```toml example-question-set.toml\n{EXAMPLE.read_text('utf-8')}```" in PAGE
    assert check_question_sets([EXAMPLE], set()) == (1, [])


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_example_is_answered(language: Any) -> None:
    one = QuestionSet.model_validate(tomllib.loads(EXAMPLE.read_text("utf-8")))
    typed = {
        "erfaring": ("1", "ny"),
        "uteskole": ("3 og 5", {"kompetanse": 3, "viktighet": 5}),
        "hvor_ofte": ("2", "maned"),
        "hindrer": ("Været.", "Været."),
    }
    known = known_about()
    for step in (*one.background, *one.steps()):
        text, value = typed[step.id]
        assert hear(step, text, language, known) == Read(value)
        assert plain(step, value, language, known)
    assert [question.id for question in one.questions(language)] == [
        "uteskole.kompetanse",
        "uteskole.viktighet",
        "hvor_ofte",
    ]
