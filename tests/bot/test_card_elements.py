"""What each block of a form becomes: fields with labels, errors, tables, pictures and buttons."""

from typing import Any

import pytest

from bot.card_elements import is_input
from bot.cards import card_for, dialog_task
from bot.links import Link
from bot.sizes import message_bytes
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    DateInput,
    DialogReply,
    Download,
    Language,
    NumberInput,
    Paragraph,
    Picture,
    Table,
    TextInput,
)
from tests.bot.fakes import LINKS
from tests.bot.test_cards import activities_for, shown_in

LARGEST_MESSAGE = 28 * 1024


def elements(*blocks: Block, language: Language = "nb") -> list[dict[str, Any]]:
    body: list[dict[str, Any]]
    _, *body = card_for(CardReply("Tittel", blocks, language=language), LINKS)["body"]
    return body


def actions(*buttons: Button | Download) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = card_for(CardReply("Tittel", (), buttons), LINKS)["actions"]
    return found


INPUTS: list[tuple[Block, str, str]] = [
    (Choice("f", "Felt", (("a", "A"),)), "Velg ett", "Vel eitt"),
    (Choice("f", "Felt", (("a", "A"),), several=True), "Velg ett eller flere", "Vel eitt eller"),
    (TextInput("f", "Felt"), "Skriv noe", "Skriv noko"),
    (NumberInput("f", "Felt"), "Skriv et tall.", "Skriv eit tal."),
    (NumberInput("f", "Felt", minimum=1, maximum=5), "tall fra 1 til 5.", "tal frå 1 til 5."),
    (NumberInput("f", "Felt", minimum=0.5), "tall som er 0,5 eller mer", "0,5 eller meir"),
    (NumberInput("f", "Felt", maximum=7), "tall som er 7 eller mindre", "7 eller mindre"),
    (DateInput("f", "Felt"), "Velg en dato", "Vel ein dato"),
]


@pytest.mark.parametrize(("block", "bokmål", "nynorsk"), INPUTS)
def test_every_field_has_a_label_and_says_what_is_missing_in_the_readers_language(
    block: Block, bokmål: str, nynorsk: str
) -> None:
    for language, said in (("nb", bokmål), ("nn", nynorsk)):
        [field] = elements(block, language=language)  # type: ignore[arg-type]
        assert (field["label"], field["isRequired"]) == ("Felt", True)
        assert said in field["errorMessage"]


def test_what_was_filled_in_before_stands_in_the_fields() -> None:
    one, several, text, number, decimal, day = elements(
        Choice("a", "A", (("x", "X"), ("y", "Y")), value="y"),
        Choice("b", "B", (("x", "X"), ("y", "Y")), value="x,y", several=True),
        TextInput("c", "C", "Det vi skrev\n\ni går", hint="For eksempel …", lines=False),
        NumberInput("d", "D", "24"),
        NumberInput("e", "E", "2.5"),
        DateInput("f", "F", "2027-01-12"),
    )
    assert (one["value"], several["value"], several["isMultiSelect"]) == ("y", "x,y", True)
    assert (text["value"], text["placeholder"]) == ("Det vi skrev\n\ni går", "For eksempel …")
    assert not text["isMultiline"]
    assert (number["value"], decimal["value"]) == (24, 2.5)
    assert (day["type"], day["value"]) == ("Input.Date", "2027-01-12")


@pytest.mark.parametrize(
    "block",
    [
        NumberInput("f", "Felt", "tjue", minimum=1),
        NumberInput("f", "Felt", "nan"),
        NumberInput("f", "Felt", "1e999"),
        DateInput("f", "Felt", "12. januarr"),
    ],
)
def test_what_was_written_by_mistake_is_shown_to_be_put_right(
    block: NumberInput | DateInput,
) -> None:
    """A field for numbers or dates would show it empty."""
    [field] = elements(block)
    assert (field["type"], field["value"]) == ("Input.Text", block.value)
    assert "min" not in field


def test_an_error_is_said_in_words_and_not_only_by_its_colour() -> None:
    [error] = elements(Paragraph("Datoen må være etter 12.01.2027.", "error"))
    [run] = error["inlines"]
    assert run["text"] == "Feil: Datoen må være etter 12.01.2027."
    assert run["color"] == "Attention"


def test_a_table_is_shown_row_by_row_with_the_name_of_every_column() -> None:
    """Teams on phones shows the Table element too narrow, or not at all."""
    table = Table(
        ("Tiltak", "Ansvarlig", "Frist"),
        (("Felles økt", "Kari\nOla", "12.01.2027"), ("", "Per", "")),
    )
    shown = elements(table)
    assert [shown_in(one) for one in shown] == [
        *("Felles økt", "Ansvarlig: Kari", "Ola", "Frist: 12.01.2027"),
        *("–", "Ansvarlig: Per", "Frist: –"),
    ]
    assert [one.get("separator", False) for one in shown].count(True) == 2
    assert shown_in(elements(Table(("Tiltak",), ()))[0]) == "Ingen rader."


def test_a_picture_says_in_words_what_it_shows_and_is_fetched_by_a_signed_link() -> None:
    [picture] = elements(Picture("draft:1", "kari", "Modul 0: 04.01.–15.01."))
    assert picture["altText"] == "Modul 0: 04.01.–15.01."
    token = picture["url"].removeprefix("https://bot.eksempel.no/papir/").partition("/")[0]
    assert LINKS.read(token) == Link("draft:1", "png", "kari")


def test_a_button_says_how_much_it_weighs_and_what_it_sends() -> None:
    plain, main, danger, back, dialog = actions(
        Button("Vanlig", {"verb": "a"}),
        Button("Neste", {"verb": "b"}, weight="main"),
        Button("Slett", {"verb": "c"}, weight="danger"),
        Button("Tilbake", {"verb": "d"}, sends_inputs=False),
        Button("Åpne skjema", {"verb": "e"}, opens_dialog=True),
    )
    assert "style" not in plain
    assert "associatedInputs" not in plain
    assert (main["style"], danger["style"]) == ("positive", "destructive")
    assert back["associatedInputs"] == "none"
    assert dialog["data"] == {"verb": "e", "msteams": {"type": "task/fetch"}}


def test_a_download_opens_an_address_that_is_signed_for_its_reader() -> None:
    [action] = actions(Download("Word", "version:7", "docx", "kari"))
    assert action["type"] == "Action.OpenUrl"
    *_, token, name = action["url"].split("/")
    assert LINKS.read(token) == Link("version:7", "docx", "kari")
    assert name == "dokument.docx"


def test_buttons_after_the_sixth_are_in_the_menu_whatever_they_do() -> None:
    buttons = [Button(f"Knapp {n}", {}) for n in range(6)]
    shown = actions(*buttons, Download("Word", "version:7", "docx", "kari"), Button("Siste", {}))
    assert [one.get("mode") for one in shown] == [None] * 6 + ["secondary"] * 2


@pytest.mark.parametrize("sign", ["a", "æ", "👩", '"', "ש", "\n"])
def test_two_fields_with_3000_signs_fit_in_one_card_whatever_the_signs(sign: str) -> None:
    answer = sign * 3_000
    reply = CardReply(
        "Hvilke forventninger har dere til profesjonsfellesskapet på skolen?",
        (
            Paragraph("Steg 3 av 11 – Planbeskrivelse (0.13)", "note"),
            Paragraph("Teksten er for lang.", "error"),
            TextInput("a", "Svaret deres", answer, longest=3_000),
            TextInput("b", "Kjennetegn", answer, longest=3_000),
        ),
        (Button("Neste", {"verb": "answer", "draft": "0" * 32, "step": "a"}, weight="main"),),
    )
    activities = activities_for(reply)
    assert all(message_bytes(one) <= LARGEST_MESSAGE for one in activities)
    fields = [one for one in activities[-1]["attachments"][0]["content"]["body"] if is_input(one)]
    assert [one["value"] for one in fields] == [answer, answer]


@pytest.mark.parametrize("sign", ["a", "æ", "👩"])
def test_a_preview_of_long_answers_comes_in_parts_with_all_of_it(sign: str) -> None:
    blocks: list[Block] = []
    for n in range(11):
        blocks += [Paragraph(f"Overskrift {n}", "heading"), Paragraph(sign * 3_000)]
    blocks.append(Table(("Mål", "Tiltak"), tuple((sign * 200, sign * 3_000) for _ in range(4))))
    parts = activities_for(CardReply("Slik ser det ut", tuple(blocks), (Button("Del", {}),)))
    assert len(parts) > 1
    assert all(message_bytes(one) <= LARGEST_MESSAGE for one in parts)
    shown = [shown_in(one["attachments"][0]["content"]) for one in parts]
    assert sum(text.count(sign) for text in shown) >= 11 * 3_000 + 4 * 3_200


def test_the_question_and_what_is_wrong_stay_with_the_field_they_are_about() -> None:
    reply = CardReply(
        "Tittel",
        (
            *(Paragraph("ord " * 1_000) for _ in range(8)),
            Paragraph("Spørsmålet", "heading"),
            Paragraph("Skriv noe.", "error"),
            TextInput("a", "Svar", "x" * 3_000, longest=3_000),
        ),
        (Button("Neste", {}),),
    )
    *_, last = activities_for(reply)
    assert "Spørsmålet Feil: Skriv noe. Svar" in shown_in(last["attachments"][0]["content"])


def test_a_dialog_has_its_title_in_the_frame_and_is_never_parted() -> None:
    card = CardReply("Tittel", (TextInput("a", "Svar", "x" * 30_000),), (Button("Lagre", {}),))
    task = dialog_task(DialogReply(card), LINKS)
    assert (task["title"], task["height"], task["width"]) == ("Tittel", "large", "medium")
    content = task["card"]["content"]
    assert [one["type"] for one in content["body"]] == ["Input.Text"]
    assert len(content["actions"]) == 1
    [in_chat, *_] = activities_for(DialogReply(card))
    assert "Tittel" in shown_in(in_chat), "where there are no dialogs it is a card"
