"""What a reply becomes in Teams: text shown as it was written, sources, buttons and sizes."""

import json
import re
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot import cards
from bot.card_elements import is_input
from bot.feedback_dialog import feedback_dialog
from bot.markdown import escape_line, markdown, shown_lines
from bot.sizes import cut, message_bytes
from dialogs.messages import (
    Button,
    CardReply,
    Choice,
    Facts,
    Items,
    Language,
    Paragraph,
    Reply,
    Source,
    Suggestion,
    Table,
    TextReply,
)
from tests.bot.fakes import LINKS

ANGRY_TEXTS = [
    "[trykk her](https://eksempel.no)",
    "![bilde](https://eksempel.no/a.png)",
    "[1](https://eksempel.no) og [2][3] og [4]: https://eksempel.no",
    "<at>Rektor</at> <b>fet</b> <script>alert(1)</script> </div> <!-- skjult --> <https://a.no>",
    "**fet** __fet__ *kursiv* _kursiv_ ~~strøket~~ `kode` snake_case_navn 5 * 3 * 2",
    "# Overskrift\n## Til\n> sitat\n- punkt\n+ punkt\n* punkt\n1. én\n2) to\n---\n===\n***",
    "| a | b |\n|---|---|\n| c | d |",
    "```\nkode\n```\n~~~\nkode\n~~~\n    innrykk",
    "&amp; &lt;b&gt; &#65; &copy; AT&T, A & B, x<5 og y>3",
    "\\ \\\\ \\* slutt\\\n\\",
    "- [ ] gjøre\n- [x] gjort\n[^1]: fotnote[^1]",
    "\u202eomvendt\u202c \u200fhøyre 👩‍🏫 \x00\x07 {krøll} {{DATE(2020-01-01T00:00:00Z)}}",
    "DROP TABLE person; --  '\"",
]
ACTIVE = st.text(st.sampled_from("ab1.)\n -+*_~`#>=<!&;:/\\[](){}|'\"amp"))
ANY_TEXT = st.text() | ACTIVE | st.lists(st.sampled_from(ANGRY_TEXTS)).map("\n".join)


def activities_for(reply: Reply) -> list[dict[str, Any]]:
    return cards.activities_for(reply, LINKS)


def activity_of(reply: Reply) -> dict[str, Any]:
    """The one activity of a reply that fits in one."""
    [activity] = activities_for(reply)
    return activity


def card_for(reply: CardReply) -> dict[str, Any]:
    return cards.card_for(reply, LINKS)


class Visible(HTMLParser):
    """What a person sees of a piece of HTML, and which elements came alive."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.elements: set[str] = set()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        if tag == "br":
            self.text += "\n"

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        self.elements.add("!--")


def words(text: str) -> list[str]:
    return text.split()


def with_angry_texts(test: Any) -> Any:
    for text in ANGRY_TEXTS:
        test = example(text=text)(test)
    return test


@pytest.mark.parametrize("flavour", ["commonmark", "js-default", "gfm-like"])
@with_angry_texts
@given(text=ANY_TEXT)
def test_whatever_is_in_a_text_is_shown_as_it_was_written(flavour: str, text: str) -> None:
    """No link, heading, emphasis, list or HTML comes alive, and no character is lost."""
    renderer = MarkdownIt(flavour, {"html": True, "linkify": False})
    seen = Visible(renderer.render(markdown(text)))
    assert seen.elements <= {"p", "br"}
    assert words(seen.text) == words("\n".join(shown_lines(text)))


@with_angry_texts
@given(text=ANY_TEXT)
def test_a_line_is_shown_as_written_where_html_is_off_too(text: str) -> None:
    """Cards read Markdown without HTML."""
    renderer = MarkdownIt("commonmark", {"html": False})
    for line in shown_lines(text):
        seen = Visible(renderer.render(escape_line(line)))
        assert seen.elements <= {"p"}
        assert words(seen.text) == words(line)


def test_ordinary_norwegian_text_needs_no_escape() -> None:
    text = "«Skolen skal … (jf. § 9 A-4) – og barnehagen, S/U & FAU», se kap. 3.2 [sic] [1] 50 %"
    assert markdown(text) == text


def test_paragraphs_and_list_items_stay_apart() -> None:
    assert markdown("Tiltak:\n\n• Ett\n• To\n\n\n\nSlutt") == (
        "Tiltak:<br><br>• Ett<br>• To<br><br>Slutt"
    )


def source(number: int, **changes: Any) -> Source:
    fields = {
        "document": "Kvalitetsplan",
        "path": ("Del 2", "Ambisjon 2 skole", "Samarbeidslæring"),
        "abstract": "Skolen skal legge til rette for samarbeidslæring.",
    }
    return Source(number, **{**fields, **changes})


def test_a_source_is_shown_at_its_mark() -> None:
    activity = activity_of(TextReply("«Skolen skal …» [1]", sources=(source(1),)))
    assert activity["text"] == "«Skolen skal …» [1]"
    assert activity["textFormat"] == "markdown"
    [entity] = activity["entities"]
    assert (entity["type"], entity["@id"]) == ("https://schema.org/Message", "")
    assert "additionalType" not in entity, "a quotation is not made by AI"
    [citation] = entity["citation"]
    assert citation["position"] == 1
    assert citation["appearance"]["name"] == (
        "Kvalitetsplan › Del 2 › Ambisjon 2 skole › Samarbeidslæring"
    )


def test_a_source_without_a_mark_is_left_out() -> None:
    """Teams refuses positions that the text does not have, and more than twenty of them."""
    sources = (source(1), source(2), source(2), source(7))
    activity = activity_of(TextReply("Ett [2] og [1](se under)", sources=sources))
    assert [one["position"] for one in activity["entities"][0]["citation"]] == [1, 2]
    assert "[1]" in activity["text"]
    many = TextReply(
        " ".join(f"[{n}]" for n in range(1, 31)), sources=tuple(source(n) for n in range(1, 31))
    )
    positions = [one["position"] for one in activity_of(many)["entities"][0]["citation"]]
    assert positions == list(range(1, 21))
    assert "entities" not in activity_of(TextReply("Ingen merker", sources=(source(1),)))


def test_a_long_source_keeps_its_innermost_heading_and_the_limits_of_teams() -> None:
    long = source(
        1,
        path=(
            "Del 2 Ambisjoner og tiltak",
            "Ambisjon 2 for skolene i kommunen",
            "Samarbeidslæring",
        ),
        abstract="Ord " * 100,
    )
    activity = activity_of(TextReply("[1]", sources=(long,)))
    appearance = activity["entities"][0]["citation"][0]["appearance"]
    assert len(appearance["name"]) <= 80
    assert appearance["name"].endswith("Samarbeidslæring")
    assert len(appearance["abstract"]) <= 160
    assert appearance["abstract"].endswith("Ord…")


def test_only_a_secure_address_becomes_a_link_from_a_source() -> None:
    for url, kept in (("https://eksempel.no/plan", True), ("javascript:alert(1)", False)):
        reply = TextReply("[1]", sources=(source(1, url=url),))
        appearance = activity_of(reply)["entities"][0]["citation"][0]["appearance"]
        assert ("url" in appearance) is kept


def test_at_most_three_suggestions_are_offered_and_each_is_said_as_written() -> None:
    offered = tuple(Suggestion("Ord " * n, f"si {n}") for n in (1, 30, 2, 3))
    reply = TextReply("Hei", suggestions=offered)
    actions = activity_of(reply)["suggestedActions"]["actions"]
    assert [(one["type"], one["value"]) for one in actions] == [
        ("imBack", "si 1"),
        ("imBack", "si 30"),
        ("imBack", "si 2"),
    ]
    assert all(len(one["title"]) <= 80 for one in actions)


def test_feedback_is_asked_for_only_where_the_reply_asks() -> None:
    assert activity_of(TextReply("Hei", asks_feedback=True))["channelData"] == {
        "feedbackLoop": {"type": "custom"}
    }
    assert "channelData" not in activity_of(TextReply("Hei"))


@given(text=st.text(), limit=st.integers(2, 50))
def test_a_cut_text_keeps_its_limit_and_says_that_it_was_cut(text: str, limit: int) -> None:
    short = cut(text, limit)
    assert len(short) <= limit
    assert short == " ".join(text.split()) or short.endswith("…")


def test_a_cut_falls_between_words() -> None:
    assert cut("Samarbeidslæring i skolen", 20) == "Samarbeidslæring i…"
    assert cut("Samarbeidslæring", 8) == "Samarbe…"


def shown_in(card: dict[str, Any]) -> str:
    """All text of a card, escapes undone, as the renderer's tests see it in Chromium."""
    found = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            for key, value in node.items():
                if key in ("text", "label", "title") and isinstance(value, str):
                    found.append(re.sub(r"\\(?=\W)", "", value))
                else:
                    walk(value)
        elif isinstance(node, list):
            for one in node:
                walk(one)

    walk(card)
    return " ".join(" ".join(found).split())


LONG_CARD = CardReply(
    "Hele avsnittet",
    (
        *(Paragraph(f"Avsnitt {n} " + "Løpende tekst med æøå. " * 60) for n in range(20)),
        Paragraph("Overskrift", "heading"),
        Paragraph("X" * 30_000),
        Items(tuple(f"Punkt {n} " + "ord " * 200 for n in range(30))),
        Facts((("Ansvarlig", "Skoleeier " * 900),)),
        Paragraph("👩‍🏫" * 2_000, "quote"),
        Choice("valg", "Velg", (("a", "A"), ("b", "B"))),
    ),
    (Button("Send", {"gjør": "send"}),),
)


def test_a_card_that_is_too_large_is_sent_as_several_with_nothing_cut() -> None:
    activities = activities_for(LONG_CARD)
    assert len(activities) > 3
    assert all(message_bytes(one) <= 28 * 1024 for one in activities)
    cards = [one["attachments"][0]["content"] for one in activities]
    everything = "".join(shown_in(card) for card in cards).replace(" ", "")
    for block in LONG_CARD.blocks[:20]:
        assert isinstance(block, Paragraph)
        assert block.text.replace(" ", "") in everything
    assert everything.count("X") >= 30_000
    assert everything.count("👩‍🏫") == 2_000
    assert everything.count("Skoleeier") == 900
    assert cards[0]["body"][0]["text"] == f"Hele avsnittet (1 av {len(cards)})"
    assert cards[0]["body"][0]["style"] == "heading"


def test_the_choices_and_buttons_of_a_large_card_stay_together() -> None:
    """A button sends the choices of its own card only."""
    *others, last = [one["attachments"][0]["content"] for one in activities_for(LONG_CARD)]
    assert [one["type"] for one in last["body"] if "Input" in one["type"]] == ["Input.ChoiceSet"]
    assert last["actions"][0]["data"] == {"gjør": "send"}
    assert not any("actions" in card or "Input." in json.dumps(card) for card in others)


def test_a_heading_is_never_left_alone_at_the_end_of_a_card() -> None:
    blocks = []
    for n in range(12):
        blocks += [Paragraph(f"Overskrift {n}", "heading"), Paragraph("ord " * 1_500)]
    for activity in activities_for(CardReply("Tittel", tuple(blocks))):
        body = activity["attachments"][0]["content"]["body"]
        assert body[-1].get("style") != "heading"


def test_a_text_that_is_too_long_is_sent_as_several_with_nothing_cut() -> None:
    lines = [f"{n} " + "ord " * 20 + f"[{n % 3}]" for n in range(600)]
    reply = TextReply(
        "\n".join(lines),
        sources=(source(1), source(2)),
        suggestions=(Suggestion("Hjelp", "hjelp"),),
        asks_feedback=True,
    )
    activities = activities_for(reply)
    assert len(activities) > 1
    assert all(message_bytes(one) <= 28 * 1024 for one in activities)
    joined = " ".join(one["text"].replace("<br>", " ") for one in activities)
    assert words(joined) == words(" ".join(lines))
    assert ["suggestedActions" in one for one in activities].count(True) == 1
    assert "suggestedActions" in activities[-1]


def test_a_card_can_be_read_aloud_and_used_without_seeing() -> None:
    """Headings have the heading role, everything wraps, inputs have label and error message."""
    reply = CardReply(
        "Tittel",
        (
            Paragraph("Under", "heading"),
            Paragraph("Tekst\n\ni to avsnitt"),
            Choice("rolle", "Hvilken rolle?", (("a", "Lærer"), ("b", "Rektor"))),
        ),
        tuple(Button(f"Knapp {n}", {"n": n}) for n in range(8)),
        "nn",
    )
    card = card_for(reply)
    assert (card["version"], card["lang"]) == ("1.5", "nn")
    assert card["fallbackText"].startswith("Tittel. ")
    headings = [one["text"] for one in card["body"] if one.get("style") == "heading"]
    assert headings == ["Tittel", "Under"]
    assert all(one["wrap"] for one in card["body"] if one["type"] == "TextBlock")
    [choice] = [one for one in card["body"] if one["type"] == "Input.ChoiceSet"]
    assert choice["isRequired"]
    assert (choice["label"], choice["errorMessage"]) == (
        "Hvilken rolle?",
        "Vel eitt av alternativa.",
    )
    primary = [one for one in card["actions"] if one.get("mode") != "secondary"]
    assert (len(primary), len(card["actions"])) == (6, 8)


def test_choices_that_could_be_read_as_markdown_are_in_a_list_to_pull_down() -> None:
    for label, style in (("Lærer", "expanded"), ("[her](https://eksempel.no)", "compact")):
        card = card_for(CardReply("T", (Choice("v", "Velg", (("a", label),)),)))
        assert card["body"][1]["style"] == style
        assert card["body"][1]["choices"][0]["title"] == label


def feedback_card(reaction: str, language: Language) -> dict[str, Any]:
    task = cards.dialog_task(feedback_dialog(reaction, language), LINKS)
    card: dict[str, Any] = task["card"]["content"]
    return card


@pytest.mark.parametrize("language", ["nb", "nn"])
def test_thumb_down_asks_for_one_of_the_reasons_that_advisers_use(language: Language) -> None:
    card = feedback_card("dislike", language)
    reason, text = filter(is_input, card["body"])
    assert [one["value"] for one in reason["choices"]] == [
        "feil avsnitt",
        "utdatert",
        "mangler noe",
        "forstod ikke spørsmålet",
    ]
    assert reason["isRequired"]
    assert not text["isRequired"]
    assert "varslingskanal" in shown_in(card)
    assert ("uten navn" if language == "nb" else "utan namn") in shown_in(card)
    assert card["actions"][0]["data"] == {"reaction": "dislike"}


def test_thumb_up_asks_for_nothing_that_must_be_filled_in() -> None:
    inputs = list(filter(is_input, feedback_card("like", "nb")["body"]))
    assert [one["id"] for one in inputs] == ["text"]
    assert not inputs[0]["isRequired"]


def test_a_table_of_two_columns_is_a_line_for_each_row() -> None:
    """The heading of the second column is not said again in every row."""
    table = Table(
        ("Tid", "Hva dere gjør"),
        (
            ("2 min", "Les teksten."),
            ("4 min\nalene", ""),
            ("", "Snakk sammen."),
            ("ord " * 900, "Slutt"),
        ),
    )
    _, *body = card_for(CardReply("Tittel", (table,)))["body"]
    assert [shown_in(one) for one in body[:4]] == [
        *("2 min: Les teksten.", "4 min", "alene: –", "–: Snakk sammen."),
    ]
    assert [run.get("weight") for run in body[0]["inlines"]] == ["Bolder", None]
    long, last = " ".join(shown_in(one) for one in body[4:]), shown_in(body[-1])
    assert (long.count("ord"), last) == (900, "Slutt")
    assert all(message_bytes(one) < 10_000 for one in body)
