"""What is filled in or typed becomes an answer, or a sentence that says what to do."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dialogs import answers
from dialogs.answer_rows import keeping
from dialogs.answers import KINDS, Mistakes, Read
from dialogs.guide import Kind, Step
from dialogs.messages import (
    Choice,
    DateInput,
    Facts,
    Items,
    NumberInput,
    Paragraph,
    Table,
    TextInput,
)
from storage.people import RegisteredPerson
from tests.dialogs.known import known_about

KNOWN = known_about()
NYNORSK = replace(KNOWN, language="nn")
HUGE = 10**400


def option(value: str, text: str, text_nn: str = "") -> dict[str, str]:
    return {"value": value, "text": text, "text_nn": text_nn or text}


def scale(id: str, text: str, low: str, high: str) -> dict[str, str]:
    ends = {"low": low, "low_nn": low, "high": high, "high_nn": high}
    return {"id": id, "text": text, "text_nn": text, **ends}


def column(id: str, kind: str, label: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "kind": kind, "label": label, "label_nn": label, **more}


YES_NO = [option("ja", "Ja"), option("nei", "Nei")]
ARENAS = [
    option("fellestid", "Fellestid"),
    option("team", "Teamtid og trinnmøter"),
    option("nettverk", "Nettverk i sonen", "Nettverk i sona"),
]
MORE: dict[str, dict[str, Any]] = {
    "one_of": {"choices": ARENAS},
    "several_of": {"choices": ARENAS},
    "number": {"unit": "uker", "unit_nn": "veker", "minimum": 1, "maximum": 52},
    "scale": {"low": "svært lavt", "low_nn": "svært lågt", "high": "høyt", "high_nn": "høgt"},
    "two_scales": {
        "scales": [
            scale("god", "Er det godt nok?", "svakt", "godt"),
            scale("viktig", "Hvor viktig?", "lite", "svært"),
        ]
    },
    "table": {
        "columns": [
            column("tiltak", "long_text", "Tiltak"),
            column("hvem", "one_of", "Ansvarlig", optional=True, choices_from="colleagues"),
            column("frist", "date", "Frist", optional=True),
            column("antall", "number", "Antall", optional=True),
            column("navn", "short_text", "Navn", optional=True),
        ]
    },
}
VALUES: dict[str, Any] = {
    "read": True,
    "short_text": "Nordlia skole",
    "long_text": "Første avsnitt.\nMer.\n\nAndre <b>avsnitt</b> *her*.",
    "one_of": "team",
    "several_of": ["fellestid", "nettverk"],
    "number": 6,
    "scale": 5,
    "two_scales": {"god": 2, "viktig": 5},
    "date": "2027-01-12",
    "period": {"from": "2027-01-12", "until": "2027-03-01"},
    "table": [{"id": "r1", "tiltak": "Lese mer", "hvem": "k1", "frist": "2027-01-12"}],
}
PLAIN = {
    "read": "",
    "short_text": "Nordlia skole",
    "long_text": "Første avsnitt. Mer. Andre <b>avsnitt</b> *her*.",
    "one_of": "Teamtid og trinnmøter",
    "several_of": "Fellestid, Nettverk i sonen",
    "number": "6 uker",
    "scale": "5 – høyt",
    "two_scales": "Er det godt nok? 2; Hvor viktig? 5 – svært",
    "date": "12.01.2027",
    "period": "12.01.2027–01.03.2027",
    "table": "Lese mer",
}
EVERY_KIND = pytest.mark.parametrize("kind", get_args(Kind))


def step(kind: str, **more: Any) -> Step:
    texts = {"text": "Hva tenker dere?", "text_nn": "Kva tenkjer de?"}
    return Step.model_validate({"id": "s", "kind": kind, **texts, **MORE.get(kind, {}), **more})


def hear(kind: str, text: str, **more: Any) -> Any:
    """What is read of a typed text; the mistakes as a list of sentences."""
    heard = answers.hear(step(kind, **more), text, "nb", KNOWN)
    return heard.value if isinstance(heard, Read) else list(heard.by_input.values())


def fields_of(step: Step, value: Any) -> dict[str, Any]:
    """What a card with this answer sends back."""
    shown = answers.inputs(step, value, "nb", KNOWN)
    return {one.id: one.value for one in shown if not isinstance(one, Paragraph | Items | Table)}  # type: ignore[union-attr]


# Every kind


def test_there_is_a_kind_for_every_kind_a_guide_may_name() -> None:
    assert set(KINDS) == set(get_args(Kind))


@EVERY_KIND
def test_what_a_card_shows_comes_back_as_the_same_answer(kind: str) -> None:
    asked, value = step(kind), VALUES[kind]
    sent = fields_of(asked, value)
    came = True if kind == "table" else value  # its rows are answers of their own
    assert answers.read(asked, sent, "nb", KNOWN) == Read(came)
    assert answers.filled(asked, sent) == (kind not in ("read", "table"))


@EVERY_KIND
def test_an_answer_can_be_read_on_one_line(kind: str) -> None:
    assert answers.plain(step(kind), VALUES[kind], "nb", KNOWN) == PLAIN[kind]


@EVERY_KIND
def test_nothing_answered_is_said_when_it_is_needed(kind: str) -> None:
    if kind in ("read", "table"):
        return
    asked = step(kind)
    for empty in (
        {},
        dict.fromkeys(fields_of(asked, None), " "),
        dict.fromkeys(fields_of(asked, None)),
    ):
        wrong = answers.read(asked, empty, "nb", KNOWN)
        assert isinstance(wrong, Mistakes)
        assert wrong.by_input.keys() <= fields_of(asked, None).keys()
        assert all(said.endswith(".") for said in wrong.by_input.values())
        assert not answers.filled(asked, empty)


@EVERY_KIND
def test_an_optional_step_may_be_left_empty(kind: str) -> None:
    if kind in ("read", "table"):
        return
    asked = step(kind, optional=True)
    assert answers.read(asked, {}, "nb", KNOWN) == Read(None)
    assert answers.fits(asked, None)
    assert not answers.fits(step(kind), None)
    shown = answers.inputs(asked, None, "nb", KNOWN)
    assert all("valgfritt" in one.label and not one.required for one in shown)  # type: ignore[union-attr]
    assert answers.blocks(asked, None, "nb", KNOWN) == (Paragraph("Ikke svart", "note"),)
    assert answers.blocks(asked, None, "nn", NYNORSK) == (Paragraph("Ikkje svart", "note"),)
    assert answers.plain(asked, None, "nb", KNOWN) == "Ikke svart"


@EVERY_KIND
def test_an_answer_of_another_kind_does_not_fit(kind: str) -> None:
    fitting = {other for other, value in VALUES.items() if answers.fits(step(kind), value)}
    texts = {"short_text", "long_text"}
    alike = texts | {"one_of", "date"} if kind in texts else {"number", "scale"}
    assert kind in fitting
    assert fitting <= (alike if kind in texts | {"number", "scale"} else {kind})


@EVERY_KIND
def test_an_answer_that_does_not_fit_is_shown_as_none(kind: str) -> None:
    asked = step(kind)
    for value in (object(), {"x": 1}, [1], "", -1, HUGE):
        assert not answers.fits(asked, value)
        assert not answers.filled(asked, fields_of(asked, value))
        assert answers.blocks(asked, value, "nb", KNOWN) in (
            (),
            (Paragraph("Ikke svart", "note"),),
        )


# Anything may be sent

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(HUGE)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["4", "ja", "fellestid,team", "2027-01-12", "1e400", "NaN", "9" * 5000])
)
any_json = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
PARTS = [f"s__{part}" for part in (
    "value", "from", "until", "god", "viktig", "tiltak", "hvem", "frist", "antall", "navn"
)]  # fmt: skip


@settings(max_examples=40)
@pytest.mark.parametrize("optional", [True, False])
@EVERY_KIND
@given(fields=st.dictionaries(st.sampled_from(PARTS), any_json), value=any_json, text=st.text())
def test_a_forged_card_gives_an_answer_that_fits_or_says_what_to_do(
    kind: str, optional: bool, fields: dict[str, Any], value: Any, text: str
) -> None:
    asked = step(kind, optional=optional and kind != "read")
    for read in (
        answers.read(asked, fields, "nb", KNOWN),
        answers.hear(asked, text, "nn", NYNORSK),
    ):
        if isinstance(read, Read):
            assert kind == "table" or answers.fits(asked, read.value)
        else:
            assert read.by_input
            assert all(read.by_input.values())
            answers.inputs(asked, value, "nb", KNOWN, given=fields, mistakes=read.by_input)
    answers.fits(asked, value, KNOWN)
    answers.blocks(asked, value, "nb", KNOWN)
    answers.plain(asked, value, "nb", KNOWN)
    answers.free_texts(asked, value)
    answers.remains(value)
    answers.filled(asked, fields)


@settings(max_examples=100)
@given(fields=st.dictionaries(st.sampled_from(PARTS), any_json), value=any_json)
def test_a_forged_row_is_a_row_that_fits_or_says_what_to_do(
    fields: dict[str, Any], value: Any
) -> None:
    asked = step("table")
    read = answers.read_row(asked, fields, "nb", KNOWN)
    if isinstance(read, Read):
        assert answers.fits(asked, [{"id": "x", **read.value}])
    else:
        shown = answers.row_inputs(asked, None, "nb", KNOWN, given=fields, mistakes=read.by_input)
        errors = [one for one in shown if isinstance(one, Paragraph) and one.style == "error"]
        assert len(errors) == len(read.by_input)


# Texts


def test_a_text_is_kept_as_it_was_written() -> None:
    text = "  Første *avsnitt*\r\n\r\n<b>Andre</b> & [lenke](x) {0}\t\x00\ud800 "
    kept = "Første *avsnitt*\n\n<b>Andre</b> & [lenke](x) {0}"
    assert hear("long_text", text) == kept
    assert hear("short_text", text) == " ".join(kept.split())
    assert answers.blocks(step("long_text"), kept, "nb", KNOWN) == (
        Paragraph("Første *avsnitt*"),
        Paragraph("<b>Andre</b> & [lenke](x) {0}"),
    )


def test_a_text_that_is_too_long_says_by_how_much_and_stays() -> None:
    asked = step("long_text")
    sent = {"s__value": "å" * 3_042}
    wrong = answers.read(asked, sent, "nb", KNOWN)
    assert wrong == Mistakes(
        {"s__value": "Teksten er 42 tegn for lang. Kort den ned til 3000 tegn."}
    )
    error, field = answers.inputs(
        asked,
        "før",
        "nb",
        KNOWN,
        given=sent,
        mistakes=wrong.by_input,
    )
    assert error == Paragraph(wrong.by_input["s__value"], "error")
    assert isinstance(field, TextInput)
    assert field.value == sent["s__value"]
    assert (field.longest, field.lines, field.required) == (3_000, True, True)
    assert hear("long_text", "å" * 3_000) == "å" * 3_000
    assert hear("short_text", "å" * 201) == [
        "Teksten er 1 tegn for lang. Kort den ned til 200 tegn."
    ]


def test_everything_in_ones_own_words_is_for_the_guard_to_read() -> None:
    assert answers.free_texts(step("long_text"), "tekst") == ["tekst"]
    assert answers.free_texts(step("one_of"), "team") == []
    row = {"id": "r", "tiltak": "Lese", "hvem": "k1", "navn": "Ravnene"}
    assert answers.free_texts(step("table"), [row]) == ["Lese", "Ravnene"]


# Choices


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Fellestid", "fellestid"),
        ("fellestid.", "fellestid"),
        ("1", "fellestid"),
        ("nr 3", "nettverk"),
        ("to", "team"),
        ("team", "team"),
        ("nett", "nettverk"),
        ("n", "nettverk"),
        ("trinnmøter", "team"),
        ("felestid", "fellestid"),
        ("Netverk i sonen", "nettverk"),
    ],
)
def test_one_of_the_options_is_recognised(text: str, value: str) -> None:
    assert hear("one_of", text) == value


@pytest.mark.parametrize("text", ["4", "0", "noe helt annet", "e", "99999999999"])
def test_what_is_not_an_option_is_told_with_the_options(text: str) -> None:
    assert hear("one_of", text) == [
        "Velg ett av svarene: 1. Fellestid; 2. Teamtid og trinnmøter; 3. Nettverk i sonen."
    ]


def test_yes_and_no_are_recognised() -> None:
    for text, value in (("ja", "ja"), ("Ja!", "ja"), ("j", "ja"), ("NEI", "nei"), ("2", "nei")):
        assert hear("one_of", text, choices=YES_NO) == value
    assert isinstance(hear("one_of", "kanskje", choices=YES_NO), list)


def test_the_options_are_told_in_nynorsk_too() -> None:
    wrong = answers.hear(step("one_of"), "x", "nn", NYNORSK)
    assert isinstance(wrong, Mistakes)
    assert wrong.by_input["s__value"].startswith("Vel eitt av svara: 1. Fellestid; ")
    assert "Nettverk i sona" in wrong.by_input["s__value"]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1, 3", ["fellestid", "nettverk"]),
        ("3 og 1", ["fellestid", "nettverk"]),
        ("1, 2 og 3", ["fellestid", "team", "nettverk"]),
        ("Teamtid og trinnmøter", ["team"]),
        ("teamtid og trinnmøter, nettverk", ["team", "nettverk"]),
        ("• fellestid\n• team", ["fellestid", "team"]),
        ("teamtid og trinmøter", ["team"]),
        ("teamtid og trinnmøter og 1", ["fellestid", "team"]),
        ("fellestid og nettverk", ["fellestid", "nettverk"]),
        ("alle", ["fellestid", "team", "nettverk"]),
        ("2, 2", ["team"]),
    ],
)
def test_several_options_are_recognised_in_the_order_of_the_guide(
    text: str, value: list[str]
) -> None:
    assert hear("several_of", text) == value


@pytest.mark.parametrize(
    "text", ["1, ostekake", "teamtid og trinnmøter, x", "teamtid og trinnmøter og x", "1 og 9"]
)
def test_one_unknown_option_among_several_is_not_left_out_in_silence(text: str) -> None:
    assert hear("several_of", text)[0].startswith("Velg ett eller flere av svarene: 1. ")


@pytest.mark.parametrize("sent", ["fellestid,borte", "borte", ["borte"], [["team"]], {"x": 1}, ","])
def test_only_what_is_offered_can_be_chosen(sent: Any) -> None:
    asked = step("several_of")
    assert isinstance(answers.read(asked, {"s__value": sent}, "nb", KNOWN), Mistakes)
    assert isinstance(answers.read(step("one_of"), {"s__value": sent}, "nb", KNOWN), Mistakes)


def test_values_with_commas_in_them_are_told_apart() -> None:
    asked = step("several_of", choices=[], choices_from="colleagues")
    keys = ("a", "a,b", "b")
    people = [replace(one, key=key) for one, key in zip(KNOWN.colleagues(), keys, strict=True)]
    known = replace(KNOWN, colleagues=lambda: people)
    read = answers.read(asked, {"s__value": "a,b,b"}, "nb", known)
    assert read == Read(["a,b", "b"])


def test_what_can_no_longer_be_chosen_says_so_but_a_person_is_never_a_key() -> None:
    orders = step("one_of", choices=[], choices_from="module_orders")
    assert answers.plain(orders, "gone", "nn", NYNORSK) == "(kan ikkje veljast lenger)"
    people = step("one_of", choices=[], choices_from="colleagues")
    assert answers.plain(people, "gone", "nn", NYNORSK) == "ikkje lenger i registeret"
    library = cast(Any, SimpleNamespace(documents=[]))
    sections = step("one_of", choices=[], choices_from="plan_sections")
    address = "Kvalitetsplanen › Del 2 › Ambisjon 2 skole › PRUVA"
    assert (
        answers.plain(sections, address, "nb", replace(KNOWN, library=library))
        == "Ambisjon 2 skole › PRUVA (kan ikke velges lenger)"
    )


def test_a_row_keeps_a_choice_that_is_gone_and_takes_no_other() -> None:
    table, row = step("table"), {"tiltak": "Lese mer", "hvem": "gone"}
    keeping_it = keeping(table, [row], "nb", KNOWN)
    _, people, *_ = answers.row_inputs(keeping_it, row, "nb", KNOWN)
    assert isinstance(people, Choice)
    assert people.value == "gone"
    assert people.options[-1] == ("gone", "ikke lenger i registeret")
    assert len(people.options) == len(KNOWN.colleagues()) + 1
    sent = {"s__tiltak": "Lese mer", "s__hvem": "gone"}
    read = answers.read_row(keeping_it, sent, "nb", KNOWN)
    assert isinstance(read, Read)
    assert read.value["hvem"] == "gone"
    forged = {**sent, "s__hvem": "somebody else"}
    assert isinstance(answers.read_row(keeping_it, forged, "nb", KNOWN), Mistakes)
    assert isinstance(answers.read_row(table, sent, "nb", KNOWN), Mistakes)
    assert keeping(table, [{"hvem": "k1"}, {}], "nb", KNOWN) == table


def test_a_colleague_who_has_left_is_shown_as_somebody_who_has() -> None:
    asked = step("one_of", choices=[], choices_from="colleagues")
    assert answers.fits(asked, "gone")
    assert not answers.fits(asked, "gone", KNOWN)
    assert answers.fits(asked, "k1", KNOWN)
    assert answers.plain(asked, "gone", "nb", KNOWN) == "ikke lenger i registeret"
    (choice,) = answers.inputs(asked, "gone", "nb", KNOWN)
    assert isinstance(choice, Choice)
    assert choice.value == ""


def test_what_several_have_chosen_is_a_list() -> None:
    shown = answers.blocks(step("several_of"), ["team", "nettverk"], "nn", NYNORSK)
    assert shown == (Items(("Teamtid og trinnmøter", "Nettverk i sona")),)


# Scales and numbers


@pytest.mark.parametrize(
    ("text", "value"),
    [("4", 4), ("fire", 4), ("4 av 5", 4), ("4/5", 4), ("svært lavt", 1), ("høyt", 5)],
)
def test_a_point_on_the_scale_is_recognised(text: str, value: int) -> None:
    assert hear("scale", text) == value


@pytest.mark.parametrize("text", ["0", "6", "seks", "3,5", "midt på"])
def test_there_is_nothing_outside_the_scale(text: str) -> None:
    assert hear("scale", text) == ["Velg et tall fra 1 til 5."]


def test_only_whole_points_are_answers() -> None:
    assert not any(answers.fits(step("scale"), value) for value in (4.0, 3.5, True, "4", 0, 6))
    assert answers.read(step("scale"), {"s__value": 4.0}, "nb", KNOWN) == Read(4)


def test_the_ends_of_a_scale_say_what_they_mean() -> None:
    (choice,) = answers.inputs(step("scale"), 4, "nn", NYNORSK)
    assert isinstance(choice, Choice)
    assert choice.value == "4"
    assert [label for _, label in choice.options] == ["1 – svært lågt", "2", "3", "4", "5 – høgt"]


@pytest.mark.parametrize("text", ["2 og 5", "2, 5", "2 5", "2/5", "to og fem"])
def test_two_points_are_taken_in_the_order_of_the_scales(text: str) -> None:
    assert hear("two_scales", text) == {"god": 2, "viktig": 5}


@pytest.mark.parametrize("text", ["2", "2 5 3", "2 og 6", "fint"])
def test_two_scales_take_two_points(text: str) -> None:
    assert hear("two_scales", text) == ["Skriv to tall fra 1 til 5, for eksempel 3 og 5."]


def test_one_of_two_scales_that_is_missing_is_told_where_it_is_missing() -> None:
    read = answers.read(step("two_scales", optional=True), {"s__god": "2"}, "nb", KNOWN)
    assert read == Mistakes({"s__viktig": "Velg et tall fra 1 til 5."})
    first, second = answers.inputs(step("two_scales"), None, "nb", KNOWN)
    assert isinstance(first, Choice)
    assert isinstance(second, Choice)
    assert (first.id, second.label) == ("s__god", "Hvor viktig?")
    shown = answers.blocks(step("two_scales"), {"god": 1, "viktig": 3}, "nb", KNOWN)
    assert shown == (Facts((("Er det godt nok?", "1 – svakt"), ("Hvor viktig?", "3"))),)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("6", 6),
        ("6 uker", 6),
        ("6 uke", 6),
        ("6 veker", 6),
        ("ca. 6 uker", 6),
        ("seks", 6),
        ("seks uker", 6),
        ("1,5", 1.5),
        ("1.5 uker", 1.5),
        ("6,0", 6),
    ],
)
def test_a_number_is_recognised_with_and_without_its_unit(text: str, value: float) -> None:
    heard = hear("number", text)
    assert heard == value
    assert isinstance(heard, type(value))


@pytest.mark.parametrize("text", ["0", "53", "6 måneder", "mange", "-3", "6-8", "NaN", "1e3"])
def test_a_number_outside_what_is_asked_for_is_told(text: str) -> None:
    assert hear("number", text) == ["Skriv et tall fra 1 til 52."]


def test_a_number_is_told_with_the_limits_it_has() -> None:
    free = {"minimum": None, "maximum": None}
    assert hear("number", "x", **free) == ["Skriv et tall, for eksempel 6 uker."]
    assert hear("number", "x", **{**free, "minimum": 0}) == ["Skriv et tall som er 0 eller mer."]
    assert hear("number", "9", **{**free, "maximum": 1.5}) == [
        "Skriv et tall som er 1,5 eller mindre."
    ]
    assert hear("number", "1 000", **free) == 1_000
    assert hear("number", "12.500", **free, unit="", unit_nn="") == 12_500
    assert hear("number", "-2,5", **free) == -2.5


def test_a_number_field_speaks_with_a_decimal_point() -> None:
    (field,) = answers.inputs(step("number"), 1.5, "nb", KNOWN)
    assert isinstance(field, NumberInput)
    assert (field.label, field.value) == ("Hva tenker dere? (uker)", "1.5")
    assert (field.minimum, field.maximum) == (1, 52)
    assert answers.read(step("number"), {"s__value": "1.5"}, "nb", KNOWN) == Read(1.5)
    assert answers.plain(step("number"), 1.5, "nn", NYNORSK) == "1,5 veker"


# Dates


def test_a_typed_date_is_counted_from_today() -> None:
    assert hear("date", "i morgen") == "2026-11-23"
    assert hear("date", "mandag i uke 3") == "2027-01-18"
    assert hear("date", "en gang") == ["Skriv en dato, for eksempel 12.01.2027."]


def test_what_was_typed_and_cannot_stand_in_a_field_is_shown_above_it() -> None:
    wrong = answers.hear(step("date"), "en gang", "nb", KNOWN)
    assert isinstance(wrong, Mistakes)
    shown = answers.inputs(
        step("date"), None, "nb", KNOWN, given={"s__value": "en gang"}, mistakes=wrong.by_input
    )
    assert shown[:2] == (
        Paragraph("Skriv en dato, for eksempel 12.01.2027.", "error"),
        Paragraph("Du skrev: «en gang»", "note"),
    )
    assert isinstance(shown[2], DateInput)
    assert shown[2].value == ""


def test_a_text_typed_for_two_fields_is_shown_above_both() -> None:
    for kind in ("period", "two_scales"):
        asked = step(kind)
        typed = {answers.input_id(asked): "senere en gang"}
        shown = answers.inputs(asked, None, "nb", KNOWN, given=typed)
        assert shown[0] == Paragraph("Du skrev: «senere en gang»", "note")
        assert len(shown) == 3


def test_a_period_has_two_dates_in_order() -> None:
    first, last = answers.inputs(step("period"), VALUES["period"], "nn", NYNORSK)
    assert isinstance(first, DateInput)
    assert isinstance(last, DateInput)
    assert (first.id, last.id) == ("s__from", "s__until")
    assert first.label == "Kva tenkjer de? – frå og med"
    backwards = {"s__from": "2027-03-01", "s__until": "2027-01-12"}
    assert answers.read(step("period"), backwards, "nb", KNOWN) == Mistakes(
        {"s__until": "Sluttdatoen er før startdatoen. Velg 01.03.2027 eller senere."}
    )
    assert answers.read(step("period"), {"s__from": "2027-03-01"}, "nb", KNOWN) == Mistakes(
        {"s__until": "Skriv en dato, for eksempel 12.01.2027."}
    )
    assert hear("period", "12.1.2027–1.3.2027") == VALUES["period"]
    assert hear("period", "våren") == ["Skriv fra og til, for eksempel 12.01.2027–01.03.2027."]


# Rows


def test_a_row_is_read_column_by_column() -> None:
    sent = {"s__tiltak": "Lese mer", "s__hvem": "k2", "s__frist": "2027-01-12", "s__antall": " "}
    assert answers.read_row(step("table"), sent, "nb", KNOWN) == Read(
        {"tiltak": "Lese mer", "hvem": "k2", "frist": "2027-01-12", "antall": None, "navn": None}
    )


def test_every_mistake_of_a_row_is_told_before_its_own_field() -> None:
    sent = {"s__hvem": "vaktmesteren", "s__frist": "snart", "s__navn": "Ravnene"}
    wrong = answers.read_row(step("table"), sent, "nb", KNOWN)
    assert isinstance(wrong, Mistakes)
    assert list(wrong.by_input) == ["s__tiltak", "s__hvem", "s__frist"]
    shown = answers.row_inputs(
        step("table"), None, "nb", KNOWN, given=sent, mistakes=wrong.by_input
    )
    assert shown[0] == Paragraph("Skriv et svar.", "error")
    assert isinstance(shown[1], TextInput)
    assert isinstance(shown[-1], TextInput)
    assert shown[-1].value == "Ravnene"


def test_a_row_is_shown_again_to_be_changed() -> None:
    asked = step("table")
    row = VALUES["table"][0]
    shown = answers.row_inputs(asked, row, "nb", KNOWN)
    sent = {one.id: one.value for one in shown}  # type: ignore[union-attr]
    assert sent == {
        "s__tiltak": "Lese mer",
        "s__hvem": "k1",
        "s__frist": "2027-01-12",
        "s__antall": "",
        "s__navn": "",
    }


def test_a_row_without_anything_in_it_is_no_row() -> None:
    asked = step("table", columns=[column("a", "short_text", "A", optional=True)])
    assert answers.read_row(asked, {}, "nb", KNOWN) == Mistakes({"s__a": "Fyll ut minst ett felt."})


def test_rows_are_a_table_for_its_readers() -> None:
    (table,) = answers.blocks(step("table"), VALUES["table"], "nb", KNOWN)
    assert table == Table(
        ("Tiltak", "Ansvarlig", "Frist", "Antall", "Navn"),
        (("Lese mer", "Ane Li", "12.01.2027", "–", "–"),),
    )


def test_a_row_has_a_name_and_shows_what_is_filled_in() -> None:
    asked, row = step("table"), VALUES["table"][0]
    assert answers.row_name(asked, row, "nb", KNOWN) == "Lese mer"
    assert answers.row_name(asked, {}, "nb", KNOWN) == "–"
    assert len(answers.row_name(asked, {"tiltak": "lese " * 40}, "nb", KNOWN)) <= 60
    assert answers.row_pairs(asked, row, "nb", KNOWN) == (
        ("Tiltak", "Lese mer"),
        ("Ansvarlig", "Ane Li"),
        ("Frist", "12.01.2027"),
    )


def test_a_table_needs_a_row_unless_it_is_optional() -> None:
    assert answers.fits(step("table"), VALUES["table"])
    nothings: tuple[Any, ...] = (True, [])
    for nothing in nothings:
        assert not answers.fits(step("table"), nothing)
        assert answers.fits(step("table", optional=True), nothing)
    assert not answers.fits(step("table"), [{"id": "r", "tiltak": None}])


def test_a_colleague_who_has_left_does_not_undo_a_row() -> None:
    assert answers.fits(step("table"), [{"id": "r", "tiltak": "x", "hvem": "gone"}], KNOWN)


def test_the_people_of_a_table_are_asked_for_once() -> None:
    asked = []
    known = replace(KNOWN, colleagues=lambda: asked.append(1) or KNOWN.colleagues())  # type: ignore[func-returns-value]
    rows = [{"id": str(n), "tiltak": "x", "hvem": "k1"} for n in range(50)]
    answers.blocks(step("table"), rows, "nb", known)
    assert len(asked) == 1


# What is left of an answer


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("en\ntekst", "en tekst"),
        (1.5, "1,5"),
        (["a", "b"], "a; b"),
        ({"id": "r1", "tiltak": "Lese", "frist": None}, "Lese"),
        (None, ""),
        (True, ""),
    ],
)
def test_an_answer_without_its_step_can_still_be_read(value: Any, text: str) -> None:
    assert answers.remains(value) == text


def test_among_very_many_a_name_is_written_and_found_again() -> None:
    """A card with sixty names would be too large to send."""
    staff = [
        RegisteredPerson(
            f"00000000-0000-4000-8000-{number:012}", f"Kari Nr{number:02} Vik", "", "lærer"
        )
        for number in range(60)
    ]
    known = replace(KNOWN, colleagues=lambda: staff)
    asked = step("one_of", choices=[], choices_from="colleagues")
    (field,) = answers.inputs(asked, staff[7].key, "nb", known)
    assert isinstance(field, TextInput)
    assert field.value == "Kari Nr07 Vik"
    written = answers.read(asked, {field.id: "kari nr41 vik"}, "nb", known)
    assert written == Read(staff[41].key)
    wrong = answers.read(asked, {field.id: "Ola"}, "nb", known)
    assert isinstance(wrong, Mistakes)
    assert "slik det står i personregisteret" in wrong.by_input[field.id]
