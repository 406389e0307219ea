"""Whom to tell: the emergency numbers and the kommune's own contacts."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from dialogs.contacts import read_contacts

ONE_SET = """
[[emergency]]
name = "Brann"
name_nn = "Brann"
phone = "110"

[[kommune]]
name = "Barnevernet"
name_nn = "Barnevernet"
purpose = "ved omsorgssvikt"
purpose_nn = "ved omsorgssvikt i heimen"
phone = "32 00 00 00"
link = "https://example.no/barnevern"

[[kommune]]
name = "Varsling"
name_nn = "Varsling"
purpose = "på arbeidsplassen"
purpose_nn = "på arbeidsplassen"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "contacts.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("number", ["110", "112", "113", "116 111", "116 123"])
@pytest.mark.parametrize("language", ["nb", "nn"])
def test_emergency_numbers_are_always_shown(language: str, number: str) -> None:
    """Whoever is worried sees the emergency numbers, in either language."""
    lines = read_contacts().lines("nn" if language == "nn" else "nb", unset="ikke satt")
    assert any(line.endswith(" " + number) for line in lines)


def test_a_contact_that_is_not_set_says_so() -> None:
    """A contact without phone and link shows that the kommune has not set it."""
    contacts = read_contacts()
    unset = [line for line in contacts.lines("nb", unset="ikke satt") if "(ikke satt)" in line]
    assert len(unset) == len(contacts.missing()) > 0


def test_a_contact_that_is_set_shows_how_to_reach_it(tmp_path: Path) -> None:
    """Phone and link stand on the line, in the person's language, and it is no longer missing."""
    contacts = read_contacts(written(tmp_path, ONE_SET))
    assert contacts.lines("nb", unset="ikke satt") == [
        "Brann 110",
        "Barnevernet, ved omsorgssvikt: 32 00 00 00, https://example.no/barnevern",
        "Varsling, på arbeidsplassen (ikke satt)",
    ]
    assert "i heimen" in contacts.lines("nn", unset="ikkje sett")[1]
    assert contacts.missing() == ["Varsling"]


@pytest.mark.parametrize(
    "wrong",
    [ONE_SET.replace("link =", "lenke ="), ONE_SET + "\n[other]\n", "kommune = []\n"],
)
def test_a_key_that_nobody_knows_is_an_error(tmp_path: Path, wrong: str) -> None:
    """A misspelt key stops the program; it does not hide a number."""
    with pytest.raises(ValidationError):
        read_contacts(written(tmp_path, wrong))
