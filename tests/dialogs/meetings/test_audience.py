"""Whom a meeting is for: what people write, what is kept of it, and who that is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.meetings.audience import (
    ROLES,
    Register,
    audience_text,
    concerns,
    invited,
    parse_audience,
    read_people,
)
from dialogs.wording import read_wordings
from tests.dialogs.kommune import (
    ANE_LÆRER,
    BJØRN_LÆRER,
    DAVID_REKTOR,
    ELI_REKTOR,
    FATIMA_AVDELINGSLEDER,
    GEIR_TILLITSVALGT,
    HANNE_SKOLEEIER,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    PEOPLE,
)

EMAILED = [replace(one, email=f"{one.name.split()[0].lower()}@eksempel.no") for one in PEOPLE]
REGISTER = Register(EMAILED, {"Nyutdannede": {ANE_LÆRER, BJØRN_LÆRER}, "tom": set()})
LEADERS = {
    DAVID_REKTOR,
    KARI_AVDELINGSLEDER,
    LARS_REKTOR,
    FATIMA_AVDELINGSLEDER,
    ELI_REKTOR,
}
WORDINGS = read_wordings()


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("ledere", ["ledere"]),
        ("Ledere", ["ledere"]),
        ("leiarar", ["ledere"]),
        ("  ALLE  ", ["alle"]),
        ("lærere + tillitsvalgte", ["lærere", "tillitsvalgte"]),
        ("lærere+tillitsvalgte", ["lærere", "tillitsvalgte"]),
        ("lærarar\ntillitsvalde\n\n", ["lærere", "tillitsvalgte"]),
        ("ledere + leiarar", ["ledere"]),
        ("sone: Sone nord", ["sone: Sone nord"]),
        ("sone: nord", ["sone: Sone nord"]),
        ("SONE : sone NORD", ["sone: Sone nord"]),
        ("ledere i sone: Nord", ["ledere i sone: Sone nord"]),
        ("leiarar i sone: nord", ["ledere i sone: Sone nord"]),
        ("lærarar ved eining: Nordlia skole", ["lærere i enhet: Nordlia skole"]),
        ("alle på skole: bakken skole", ["alle i enhet: Bakken skole"]),
        ("skoletype: ungdomsskole", ["skoletype: ungdomsskole"]),
        ("skuletype: ungdomsskule", ["skoletype: ungdomsskole"]),
        ("skule: Nordlia skule", ["enhet: Nordlia skole"]),
        ("gruppe: nyutdannede", ["gruppe: Nyutdannede"]),
        ("personer: ANE@eksempel.no, david@eksempel.no", 2),
        ("personar: ane@eksempel.no; david@eksempel.no", 2),
        ("personer: ane@eksempel.no david@eksempel.no", 2),
        ("personer: Ane Solbakk, david lunde", 2),
        ("personer: Ane Solbakk <ane@eksempel.no>, david@eksempel.no", 2),
        ("ane@eksempel.no, david@eksempel.no", 2),
    ],
)
def test_what_people_write_is_kept_in_one_way(written: str, kept: list[str] | int) -> None:
    lines, problems = parse_audience(written, REGISTER)
    assert problems == []
    both = ["personer: ane@eksempel.no, david@eksempel.no"]
    assert list(lines) == (both if kept == 2 else kept)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("", "mangler"),
        (" + \n ", "mangler"),
        ("foreldre", "«foreldre» er ukjent"),
        ("sone:", "Finner ikke sonen «»"),
        ("sone: Vest", "Disse finnes: Sone nord, Sone sør."),
        ("enhet: Ingen skole", "Finner ikke enheten «Ingen skole»"),
        ("gruppe: sekretærer", "Finner ikke gruppen «sekretærer»"),
        ("foreldre i sone: Nord", "er ukjent"),
        ("ledere i gruppe: Nyutdannede", "er ukjent"),
        ("ledere i sone", "er ukjent"),
        ("ledere:", "er ukjent"),
        ("personer:", "Skriv e-postadressene"),
        ("personer: ukjent@eksempel.no", "ukjent@eksempel.no"),
        ("personer: Kari Nordmann, ane@eksempel.no", "Står ikke i personregisteret: Kari Nordmann"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(written: str, told: str) -> None:
    lines, problems = parse_audience(written, REGISTER)
    assert lines == ()
    assert len(problems) == 1
    assert told in problems[0]


def test_every_wrong_line_is_told_at_once_beside_what_is_right() -> None:
    lines, problems = parse_audience("ledere + foreldre + sone: Vest", REGISTER)
    assert lines == ("ledere",)
    assert len(problems) == 2


def test_a_plus_in_an_address_is_part_of_it() -> None:
    register = Register([replace(EMAILED[0], email="ane+bot@eksempel.no")], {})
    written = "alle+personer: ane+bot@eksempel.no"
    assert parse_audience(written, register) == (("alle", "personer: ane+bot@eksempel.no"), [])


def test_a_name_that_two_have_names_nobody() -> None:
    twins = [EMAILED[0], replace(EMAILED[0], key="other", email="other@eksempel.no")]
    assert read_people("Ane Solbakk", twins) == ([], ["Ane Solbakk"])
    assert read_people("other@eksempel.no", twins) == ([twins[1]], [])


def test_who_has_no_address_can_be_put_in_a_group_instead() -> None:
    _, problems = parse_audience("personer: Ane Solbakk", Register(PEOPLE, {}))
    assert problems == [
        "Har ingen e-postadresse i personregisteret: Ane Solbakk. Lag en gruppe i stedet."
    ]


def test_problems_are_told_in_nynorsk_too() -> None:
    for written in ("", "foreldre", "sone: V", "skule: V", "skuletype: V", "gruppe: V", "a@b.no"):
        for register in (REGISTER, Register((), {})):
            _, (nb,) = parse_audience(written, register, WORDINGS["nb"])
            _, (nn,) = parse_audience(written, register, WORDINGS["nn"])
            assert nb != nn


@pytest.mark.parametrize(
    ("line", "keys"),
    [
        ("alle", {one.key for one in PEOPLE}),
        ("ledere", LEADERS),
        ("lærere", {ANE_LÆRER, BJØRN_LÆRER}),
        ("tillitsvalgte", {GEIR_TILLITSVALGT}),
        ("sone: Sone nord", {ANE_LÆRER, DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR}),
        ("ledere i sone: Sone nord", {DAVID_REKTOR, KARI_AVDELINGSLEDER, LARS_REKTOR}),
        ("skoletype: ungdomsskole", {ELI_REKTOR, GEIR_TILLITSVALGT}),
        ("alle i enhet: Bakken skole", {LARS_REKTOR}),
        ("gruppe: Nyutdannede", {ANE_LÆRER, BJØRN_LÆRER}),
        ("gruppe: tom", set()),
        ("personer: ane@eksempel.no, hanne@eksempel.no", {ANE_LÆRER, HANNE_SKOLEEIER}),
        # What is there no more, or was never written by us, stands for nobody.
        ("gruppe: borte", set()),
        ("sone: Borte", set()),
        ("enhet: ", set()),
        ("foreldre", set()),
        ("foreldre i sone: Sone nord", set()),
        ("planet: Mars", set()),
        ("personer: ", set()),
        ("personer: ,", set()),
        ("", set()),
    ],
)
def test_a_line_stands_for_these_people(line: str, keys: set[str]) -> None:
    register = Register(
        [*EMAILED, replace(EMAILED[0], key="x", role="annen", email="", unit="")],
        {**REGISTER.groups},
    )
    found = {one.key for one in invited([line], register)} - {"x"}
    assert found == keys
    assert {one.key for one in EMAILED if concerns([line], one, register)} == keys


def test_people_are_invited_once_and_in_the_order_of_the_register() -> None:
    found = invited(["lærere", "sone: Sone nord", "gruppe: Nyutdannede"], REGISTER)
    assert [one.name for one in found] == [
        "Ane Solbakk",
        "David Lunde",
        "Kari Moen",
        "Lars Vik",
        "Bjørn Åsheim",
    ]


LINES = st.one_of(
    st.sampled_from(sorted(ROLES)),
    st.builds(
        "{}{}: {}".format,
        st.sampled_from(["", *(f"{role} i " for role in sorted(ROLES))]),
        st.just("sone"),
        st.sampled_from(["Sone nord", "Sone sør"]),
    ),
    st.sampled_from(
        [
            "enhet: Nordlia skole",
            "skoletype: barneskole",
            "gruppe: Nyutdannede",
            "personer: ane@eksempel.no, eli@eksempel.no",
        ]
    ),
)


@given(st.lists(LINES, min_size=1, unique=True), st.sampled_from(["nb", "nn"]))
def test_what_is_shown_can_be_written_again(lines: list[str], language: str) -> None:
    """Kept lines, shown in either language and read again, are the same lines."""
    shown = audience_text(WORDINGS["nn" if language == "nn" else "nb"], lines)
    assert parse_audience(shown, REGISTER) == (tuple(lines), [])
    assert {one.key for one in EMAILED if concerns(lines, one, REGISTER)} == {
        one.key for one in invited(lines, REGISTER)
    }


@given(st.text(max_size=200))
def test_any_text_gives_lines_or_sentences(text: str) -> None:
    lines, problems = parse_audience(text, REGISTER)
    assert lines or problems
