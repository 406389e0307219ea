"""docs/guides.md tells all that a guide can say, and its example runs."""

import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

import app
from dialogs import engine
from dialogs.actions import ACTIONS
from dialogs.answers import KINDS, Read, hear, plain
from dialogs.guide import Audience, Column, Guide, Kind, Link, Option, OwnerKind, Scale, Step
from dialogs.guide_files import check_guides, load_guides
from storage.people_file import ROLES
from tests.dialogs.known import known_about

DOCS = Path(__file__).parent.parent / "docs"
PAGE = (DOCS / "guides.md").read_text("utf-8")
EXAMPLE = DOCS / "example-guide.toml"

# What somebody types, step by step, in both languages.
TYPED = {
    "forst": ("neste", True),
    "navn": ("Vårens lesegrupper", "Vårens lesegrupper"),
    "erfaring": ("ja", "ja"),
    "larte": ("Korte bøker er best.", "Korte bøker er best."),
    "trinn": ("1 og 3", ["smatrinn", "ungdomstrinn"]),
    "varighet": ("seks", 6),
    "tro": ("4", 4),
    "leselyst": ("2 og 5", {"god": 2, "viktig": 5}),
    "start": ("12.1.2027", "2027-01-12"),
    "prove": ("12.1.2027–1.3.2027", {"from": "2027-01-12", "until": "2027-03-01"}),
}


def example() -> Guide:
    return Guide.model_validate(tomllib.loads(EXAMPLE.read_text("utf-8")))


@pytest.mark.parametrize("model", [Guide, Step, Column, Option, Link, Scale])
def test_every_key_is_explained(model: type[BaseModel]) -> None:
    assert not [key for key in model.model_fields if f"`{key}`" not in PAGE]


@pytest.mark.parametrize(
    "words",
    [KINDS, get_args(Kind), ACTIONS, ROLES, get_args(Audience), get_args(OwnerKind)],
    ids=["kinds", "kinds of the schema", "actions", "roles", "audiences", "owners"],
)
def test_every_word_that_a_key_may_hold_is_explained(words: Any) -> None:
    assert not [word for word in words if f"`{word}`" not in PAGE]


def test_an_action_is_explained_under_the_key_it_belongs_to() -> None:
    keys = {
        "prefill": "prefill",
        "choices": "choices_from",
        "compute": "compute",
        "rule": "starts_when",
    }
    for name, action in ACTIONS.items():
        assert f"| `{name}` | `{keys[action.purpose]}` |" in PAGE


def test_the_example_is_shown_as_it_is() -> None:
    assert f"```toml example-guide.toml\n{EXAMPLE.read_text('utf-8')}```" in PAGE


def test_the_example_has_no_mistakes(capsys: pytest.CaptureFixture[str]) -> None:
    assert app.main(["guides", "check", str(EXAMPLE)]) == 0
    assert capsys.readouterr().out.endswith("Alt i orden.\n")


def test_the_example_has_every_kind() -> None:
    assert {step.kind for step in example().step} == set(KINDS)


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_the_example_is_typed_to_its_end(language: Any) -> None:
    guide, known = example(), replace(known_about(), language=language)
    stored: dict[str, Any] = {}
    while step := engine.current(guide, engine.gather(stored)):
        if step.kind == "table":
            stored["grupper/1"] = {"gruppe": "Ravnene", "ansvarlig": "k2"}
            stored[step.id] = True
            continue
        text, value = TYPED[step.id]
        heard = hear(step, text, language, known)
        assert heard == Read(value)
        stored[step.id] = value
    answers = engine.gather(stored)
    assert engine.current(guide, answers) is None
    assert list(answers) == [step.id for step in guide.step]
    assert all(plain(s, answers[s.id], language, known) for s in guide.step if s.kind != "read")


def test_the_example_jumps_past_what_nobody_can_know() -> None:
    ids = [step.id for step in engine.path(example(), {"erfaring": "nei"})]
    assert ids[2:4] == ["erfaring", "trinn"]


def test_what_ships_has_no_mistakes() -> None:
    guides, problems = load_guides()
    assert problems == []
    assert len(guides.all) > 15
    assert "lesegrupper" not in guides.by_id
    assert check_guides([], set())[0] == len(guides.all)
