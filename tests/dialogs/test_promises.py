"""What the plan promises: its status stands under the quotation once somebody has set it."""

from pathlib import Path

from dialogs.messages import CardReply
from dialogs.promises import promises_card
from dialogs.questions import answer
from dialogs.wording import Wording
from knowledge.library import Library, load_library

SET = """
[[promise]]
id = "verktoykasse"
kind = "dokument"
title = "Verktøykasse for PRUVA"
sections = ["Del 2 › Ambisjon 2 skole › PRUVA"]
responsible = ["skoleeier"]
status = "under arbeid"
link = "https://kommunen.example/pruva"
owner = "Fagrådgiver"
updated = 2026-11-20
"""


def test_a_promise_that_is_set_stands_under_the_quotation(tmp_path: Path) -> None:
    (tmp_path / "promises.toml").write_text(SET, encoding="utf-8")
    library, problems = load_library(tmp_path)
    text = answer(library, Wording("nb"), "Hva er PRUVA?").reply.text
    assert not problems
    assert "Verktøykasse for PRUVA: Status: under arbeid." in text
    assert "Fagrådgiver, 20.11.2026, https://kommunen.example/pruva" in text


def test_a_promise_that_nobody_has_set_says_nothing_under_the_quotation(library: Library) -> None:
    assert "Status:" not in answer(library, Wording("nb"), "Hva er PRUVA?").reply.text


def test_what_is_promised_is_listed_with_the_one_responsible(library: Library) -> None:
    card = promises_card(library.promises, Wording("nb"))
    assert isinstance(card, CardReply)
    shown = str(card)
    assert shown.count("(ikke satt)") == len(library.promises)
    assert "Skoleeier" in shown
