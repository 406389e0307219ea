"""Every mistake in the file of a guide is told at once: where it is, and what to do."""

import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

import app
from dialogs.guide_files import Guides, check_guides, load_guides
from dialogs.questions import section_address
from knowledge.library import Library

GOOD = """
id = "prove"
title = "Prøve"
title_nn = "Prøve på nynorsk"
about = "Om"
about_nn = "Om"
source = "Kilde"
minutes = 10
owner = "school"
roles = ["rektor"]
audiences = ["skolen", "alle"]
suggested = "skolen"
ask = ["prøv meg"]

[[step]]
id = "valg"
kind = "one_of"
text = "Velg"
text_nn = "Vel"
choices = [
  { value = "ja", text = "Ja", text_nn = "Ja" },
  { value = "nei", text = "Nei", text_nn = "Nei" },
]
next = { nei = "slutt" }

[[step]]
id = "midten"
kind = "long_text"
text = "Hvorfor?"
text_nn = "Kvifor?"

[[step]]
id = "slutt"
kind = "read"
text = "Ferdig"
text_nn = "Ferdig"
"""
SLIPS = tomllib.loads(Path(__file__).with_name("guide_slips.toml").read_text("utf-8"))["slip"]


def told(folder: Path, *texts: str) -> list[str]:
    paths = []
    for number, text in enumerate(texts, start=1):
        paths.append(folder / f"{number}.toml")
        paths[-1].write_text(text, "utf-8")
    return check_guides(paths, {"Plan › Del 1"})[1]


def changed(old: str, new: str, times: int = 1) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, times)


def without(slip: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in slip.items() if name != key}


def with_step(rest: str) -> str:
    return f'{GOOD}\n[[step]]\nid = "nytt"\ntext = "Nytt"\ntext_nn = "Nytt no"\n{rest}\n'


def test_a_good_file_has_no_mistakes(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []


# What is in a file


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: slip["said"])
def test_a_slip_is_told_with_what_to_do(tmp_path: Path, slip: dict[str, Any]) -> None:
    text = with_step(slip["step"]) if "step" in slip else changed(**without(slip, "said"))
    mistakes = told(tmp_path, text)
    assert [one for one in mistakes if slip["said"] in one], mistakes
    assert all(one.startswith("1.toml") for one in mistakes)
    # A misspelt key is missing too, and a text that is left out leaves its twin alone.
    assert len(mistakes) <= 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('id = "a\ntitle = "b"', "1.toml, linje 1: linjen er ikke gyldig TOML."),
        ('id = "a"\n\ntitle "b"', "1.toml, linje 3: "),
        ("ask = [", "1.toml, slutten av filen: "),
        ('id = "a"\nid = "b"', "det samme står to ganger. Ta bort det ene."),
    ],
)
def test_a_slip_in_toml_is_told_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    mistakes = told(tmp_path, text)
    assert len(mistakes) == 1
    assert said in mistakes[0]


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    latin = tmp_path / "latin.toml"
    latin.write_bytes("title = 'på'".encode("latin-1"))
    mistakes = check_guides([latin, tmp_path / "borte.toml"], set())[1]
    assert [one.partition(":")[0] for one in mistakes] == ["latin.toml", "borte.toml"]
    assert "UTF-8" in mistakes[0]


def test_a_section_that_is_there_is_no_mistake(tmp_path: Path) -> None:
    assert told(tmp_path, with_step('kind = "date"\nwhy = "Plan › Del 1"')) == []


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    bad = changed('text = "Hvorfor?"', 'tekst = "Hvorfor?"').replace("minutes = 10", "")
    bad = bad.replace('nei = "slutt"', 'nei = "borte"')
    bad += '\n[[step]]\nid = "skala"\nkind = "scale"\ntext = "a"\ntext_nn = "a"\n'
    mistakes = told(tmp_path, bad, 'id = "x\n')
    assert [one.partition(":")[0] for one in mistakes] == [
        "1.toml",  # minutes
        "1.toml, steg «midten»",  # text is missing
        "1.toml, steg «midten»",  # tekst is unknown
        "1.toml, steg «skala»",  # in a step that can be read
        "1.toml, steg «valg»",  # where it leads
        "2.toml, linje 1",
    ]


def test_a_head_is_looked_at_though_a_step_cannot_be_read(tmp_path: Path) -> None:
    bad = changed('"long_text"', '"text"').replace('["rektor"]', '["rektor", "vaktmester"]')
    bad = bad.replace("ask =", 'per = "theme"\nnamed_by = "midten"\nask =')
    assert [one.partition(".")[2][:30] for one in told(tmp_path, bad)] == [
        "toml, steg «midten»: «kind» ka",
        "toml: roles: rollen «vaktmeste",
    ]


def test_two_files_may_not_be_begun_by_the_same_words(tmp_path: Path) -> None:
    other = changed('id = "prove"', 'id = "annen"').replace('title = "Prøve"', 'title = "PRØV MEG"')
    mistakes = told(tmp_path, GOOD, other.replace('ask = ["prøv meg"]', ""))
    assert "2.toml: ask «prøv meg» står også i 1.toml. Endre den ene." in mistakes


def test_two_files_may_not_have_the_same_id(tmp_path: Path) -> None:
    assert "2.toml: id «prove» står også i 1.toml. Endre den ene." in told(tmp_path, GOOD, GOOD)


# Loading


@pytest.fixture
def own(tmp_path: Path) -> Path:
    (tmp_path / "guides").mkdir()
    return tmp_path


def test_the_kommunes_own_guide_stands_beside_those_that_ship(own: Path) -> None:
    (own / "guides" / "prove.toml").write_text(GOOD, "utf-8")
    ours, _ = load_guides()
    guides, problems = load_guides(own)
    assert problems == []
    assert guides.by_id.keys() == ours.by_id.keys() | {"prove"}


def test_a_guide_of_the_kommune_takes_the_place_of_the_one_with_its_id(own: Path) -> None:
    (own / "guides" / "min.toml").write_text(changed('"prove"', '"sot"'), "utf-8")
    guides, problems = load_guides(own)
    replaced = guides.get("sot")
    assert problems == []
    assert replaced is not None
    assert replaced.title == "Prøve"
    assert len(guides.all) == len(load_guides()[0].all)


def test_a_guide_with_mistakes_is_told_and_left_out(own: Path) -> None:
    (own / "guides" / "sot.toml").write_text(
        changed('"prove"', '"sot"').replace('"long_text"', '"text"'), "utf-8"
    )
    guides, problems = load_guides(own)
    kept = guides.get("sot")
    assert [one.partition(":")[0] for one in problems] == ["sot.toml, steg «midten»"]
    assert kept is not None
    assert kept.title != "Prøve"


def test_a_kommune_without_guides_of_its_own_has_those_that_ship(tmp_path: Path) -> None:
    assert load_guides(tmp_path)[0].by_id.keys() == load_guides()[0].by_id.keys()


def test_all_guides_are_read_in_a_blink() -> None:
    fastest = min(_seconds() for _ in range(3))
    assert fastest < 0.3  # it takes 0.07 s; a slow machine may be busy


def _seconds() -> float:
    began = time.perf_counter()
    load_guides()
    return time.perf_counter() - began


# Beginning


@pytest.fixture
def guides(own: Path) -> Guides:
    (own / "guides" / "prove.toml").write_text(GOOD, "utf-8")
    return load_guides(own)[0]


@pytest.mark.parametrize(
    "said",
    ["prøv meg", "Prøv meg!", "  PRØV   MEG ", "start prøve", "start prøv meg",
     "åpne prøve på nynorsk", "opne prøv meg", "start prov meg", "start på prøv meg"],
)  # fmt: skip
def test_a_guide_is_begun_by_its_phrases_and_after_start_by_its_title(
    guides: Guides, said: str
) -> None:
    assert guides.begun_by(said) is guides.get("prove")


@pytest.mark.parametrize(
    "said",
    ["", "start", "prøve", "hva er prøve?", "prov meg", "start noe annet helt", "prøv meg nå"],
)
def test_anything_else_is_a_question(guides: Guides, said: str) -> None:
    assert guides.begun_by(said) is None


# On the command line


def test_all_that_ships_is_in_order(
    library: Library, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KNOWLEDGE_DIR", raising=False)
    assert app.main(["guides", "check"]) == 0
    assert capsys.readouterr().out.endswith("Alt i orden.\n")
    sections = {section_address(s) for d in library.documents for s in d.sections}
    assert check_guides([], sections)[1] == []


def test_the_command_tells_every_mistake_and_how_many_there_are(
    own: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = changed("minutes = 10", "minutes = 0").replace('"long_text"', '"text"')
    (own / "guides" / "prove.toml").write_text(bad, "utf-8")
    monkeypatch.setenv("KNOWLEDGE_DIR", str(own))
    assert app.main(["guides", "check"]) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "prove.toml: «minutes» må være minst 1."
    assert lines[1].startswith("prove.toml, steg «midten»: «kind» kan ikke være «text».")
    assert lines[2].endswith("2 feil å rette.")


def test_the_command_may_look_at_one_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "prove.toml"
    file.write_text(GOOD, "utf-8")
    assert app.main(["guides", "check", str(file)]) == 0
    assert capsys.readouterr().out == "1 steg for steg. Alt i orden.\n"
