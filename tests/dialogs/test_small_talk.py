"""Small talk gets a short human answer; a question never does."""

import tomllib
from pathlib import Path

import pytest

from dialogs import small_talk
from dialogs.messages import Language
from dialogs.small_talk import reply_to

ROOT = Path(__file__).parents[2]
TALKS = tomllib.loads(Path(small_talk.__file__).with_suffix(".toml").read_text(encoding="utf-8"))[
    "talk"
]
NAMES = {row[language]: row["name"] for row in TALKS for language in ("nb", "nn")}


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hei!", "greeting"),
        ("heeeei", "greeting"),
        ("Hallo, er du der?", "how"),
        ("god morgen", "greeting"),
        ("God morgon!", "greeting"),
        ("Hei på deg, Kvalitetsbot", "greeting"),
        ("Tusen takk for hjelpen!", "thanks"),
        ("tusen takk for hjelpa", "thanks"),
        ("takk så mye for svaret", "thanks"),
        ("takk for hjelpn", "thanks"),
        ("tussen takk", "thanks"),
        ("Ok, supert. Ha det!", "bye"),
        ("god helg da", "bye"),
        ("Takk, ha ei god helg", "bye"),
        ("Ha en fin dag videre!", "bye"),
        ("hvem er du", "who"),
        ("Kven er du?", "who"),
        ("Hei! Hvem er du?", "who"),
        ("er du en robot?", "robot"),
        ("Er du KI?", "robot"),
        ("er dette chatgpt", "robot"),
        ("hvordan går det", "how"),
        ("Hei, korleis går det?", "how"),
        ("du er flink", "compliment"),
        ("bra svar!", "compliment"),
        ("du er dum", "complaint"),
        ("Det stemmer ikkje", "complaint"),
        ("fortell en vits", "joke"),
        ("ok", "okay"),
        ("Okei, greit", "okay"),
        ("hahahaha", "laugh"),
        ("test", "test"),
        ("hæ?", "puzzled"),
        ("nei takk", "sorry"),
        ("er jeg anonym?", "privacy"),
        ("👍", "thanks"),
        ("😂😂", "laugh"),
        ("🦖", "okay"),
        ("👋 hei", "greeting"),
    ],
)
def test_small_talk_is_answered_in_kind(text: str, name: str) -> None:
    """A greeting is greeted, a thank-you is welcomed, also misspelt or in several pieces."""
    reply = reply_to(text, "nb")
    assert reply is not None
    assert NAMES[reply] == name


@pytest.mark.parametrize(
    "text",
    [
        "Hei! Hva er PRUVA?",
        "Takk, men hva med barnehagene?",
        "ok, og for barnehagene?",
        "hva er planen",
        "hvem er skoleeier",
        "kven er skuleeigar",
        "PRUVA",
        "mobbing",
        "test av leseferdighet",
        "hva er en god helg i barnehagen",
        "er du enig i planen",
        "",
        "?",
        "...",
        "og for skolene?",
        "hjørneflagg",
        "hei " * 60,
    ],
)
def test_a_message_with_a_question_is_not_small_talk(text: str) -> None:
    """Politeness around a question does not hide the question."""
    assert reply_to(text, "nb") is None


def test_no_curated_question_is_small_talk() -> None:
    """What we have prepared for is answered from the documents."""
    asked = [
        question
        for path in sorted((ROOT / "knowledge" / "questions").glob("*.toml"))
        for answer in tomllib.loads(path.read_text(encoding="utf-8")).get("answer", [])
        for question in answer["ask"]
    ]
    assert [question for question in asked if reply_to(question, "nb")] == []


@pytest.mark.parametrize("row", TALKS, ids=[row["name"] for row in TALKS])
def test_everything_listed_is_understood(row: dict[str, object]) -> None:
    """Each phrase of the file gets a reply in the language asked for."""
    languages: tuple[Language, ...] = ("nb", "nn")
    for phrase in row["say"]:  # type: ignore[attr-defined]
        for language in languages:
            assert reply_to(phrase, language) is not None, phrase


def test_the_bot_does_not_pass_for_a_human_or_a_language_model() -> None:
    """Who asks whether it is a robot is told the truth."""
    reply = reply_to("er du et menneske?", "nb")
    assert reply is not None
    assert "dataprogram" in reply
    assert "uten språkmodell" in reply
