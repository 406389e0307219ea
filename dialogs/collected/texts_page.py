"""What people wrote in a round: reading, search, and themes that readers put on the texts.

"tekster/<round>" shows fifty at a time, in a random order that stays the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from dialogs.checkins.round_words import title_in
from dialogs.collected.menu import menu_for, rounds_trail
from dialogs.collected.results import (
    Readable,
    Seen,
    may_set_themes,
    read_texts,
    readable_by,
    seen_by,
    text_read,
    themes_read,
)
from dialogs.context import Composing, Context, Paged, Pressed
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Input,
    Page,
    PageLinks,
    Paragraph,
    Reply,
    TextInput,
    TextReply,
)
from dialogs.pressed import id_in, registered, text_in
from dialogs.steps import refusal
from dialogs.wording import Wording
from storage.ballots import Text, set_themes
from storage.people import RegisteredPerson
from storage.round_texts import find_text
from storage.rounds import find_round

AT_ONCE = 50
LONGEST_SEARCH = 100
MOST_THEMES = 5
LONGEST_THEME = 40
_EVERY = "-"


def texts_page(composing: Composing, rest: str, query: Mapping[str, str]) -> Page | None:
    """The texts of a round that the person may read; None when the round isn't theirs to see."""
    session, person, wording = composing.session, composing.person, composing.wording
    seen = seen_by(session, person, rest)
    if seen is None:
        return None
    readable = readable_by(session, person, seen)
    themes = themes_read(session, readable) if readable.counts else {}
    wanted = _wanted(query, readable, themes)
    found, total, first = _found(composing, readable, wanted, query.get("side", ""))
    title = title_in(composing.language, seen.round)
    return Page(
        wording.say("collected_texts_title", title=title),
        tuple(_cards(composing, seen, readable, wanted, found, total, first)),
        menu=menu_for(wording, person),
        trail=rounds_trail(wording, (title, f"/side/runder/{seen.round.id}")),
        filters=tuple(_filters(composing, seen, readable, themes, wanted)),
        language=composing.language,
    )


def _wanted(
    query: Mapping[str, str], readable: Readable, themes: Mapping[str, int]
) -> dict[str, str]:
    """What of the query means anything here."""
    question, theme = query.get("sporsmal", ""), query.get("tema", "")
    return {
        "sporsmal": question if question in readable.counts else "",
        "q": query.get("q", "").strip()[:LONGEST_SEARCH],
        "tema": theme if theme in themes else "",
    }


def _found(
    composing: Composing, readable: Readable, wanted: Mapping[str, str], page: str
) -> tuple[list[Text], int, int]:
    """The texts of that page of the list, how many there are, and the number of the first."""

    def find(first: int) -> tuple[list[Text], int]:
        return read_texts(
            composing.session,
            readable,
            question=wanted["sporsmal"],
            search=wanted["q"],
            theme=wanted["tema"],
            offset=first,
            limit=AT_ONCE,
        )

    short = page.isascii() and page.isdigit() and len(page) < 6
    first = (max(int(page), 1) - 1) * AT_ONCE if short else 0
    found, total = find(first)
    if not found and total:
        first = (total - 1) // AT_ONCE * AT_ONCE
        found, total = find(first)
    return found, total, first


def _filters(
    composing: Composing,
    seen: Seen,
    readable: Readable,
    themes: Mapping[str, int],
    wanted: Mapping[str, str],
) -> Iterator[Input]:
    if not readable.counts:
        return
    wording = composing.wording
    if len(readable.counts) > 1:
        every = (_EVERY, wording.say("collected_texts_every_question"))
        asked = ((id, _asked(composing, seen, id)) for id in readable.counts)
        label, value = wording.say("collected_texts_question"), wanted["sporsmal"] or _EVERY
        yield Choice("sporsmal", label, (every, *asked), required=False, value=value)
    label = wording.say("collected_texts_search")
    yield TextInput("q", label, wanted["q"], longest=LONGEST_SEARCH, required=False, lines=False)
    if themes:
        every = (_EVERY, wording.say("collected_texts_every_theme"))
        named = ((theme, _counted(wording, theme, count)) for theme, count in themes.items())
        label, value = wording.say("collected_texts_theme"), wanted["tema"] or _EVERY
        yield Choice("tema", label, (every, *named), required=False, value=value)


def _counted(wording: Wording, theme: str, count: int) -> str:
    return wording.say("collected_theme_count", theme=theme, count=count) if count else theme


def _asked(composing: Composing, seen: Seen, question: str) -> str:
    """The question; of several themes, after the theme that it belongs to."""
    language = composing.language
    for section in seen.questions.section:
        for step in section.step:
            if step.id == question:
                theme = f"{section.named(language)}: " if len(seen.questions.section) > 1 else ""
                return f"{theme}{step.asked(language)}"
    return question


def _cards(
    composing: Composing,
    seen: Seen,
    readable: Readable,
    wanted: Mapping[str, str],
    found: Sequence[Text],
    total: int,
    first: int,
) -> Iterator[CardReply]:
    wording, language = composing.wording, composing.language
    if not readable.counts:
        none = wording.say("collected_texts_none", smallest=readable.smallest)
        yield CardReply("", (Paragraph(none),), language=language)
        return
    said = [Paragraph(wording.say("collected_texts_about"))]
    if readable.unit:
        said.append(Paragraph(wording.say("collected_texts_own")))
    if total:
        last = first + len(found)
        counted = wording.say("collected_texts_shown", first=first + 1, last=last, total=total)
        said.append(Paragraph(counted, "note"))
    else:
        said.append(Paragraph(wording.say("collected_texts_no_hits")))
    yield CardReply("", tuple(said), language=language)
    for question in readable.counts:
        number = next((n for n, one in enumerate(found) if one.question == question), 0)
        texts = [one for one in found if one.question == question]
        if not texts:
            continue
        heading = _asked(composing, seen, question)
        if may_set_themes(composing.person, seen):
            yield CardReply(heading, language=language)
            for n, text in enumerate(texts, start=first + number + 1):
                yield theme_card(wording, text, wording.say("collected_text_number", number=n))
        else:
            blocks = [block for text in texts for block in _read(wording, text)]
            yield CardReply(heading, tuple(blocks), language=language)
    links = tuple(_ways(wording, seen, wanted, total, first))
    if links:
        title = wording.say("collected_pages")
        yield CardReply(title, (PageLinks(links),), language=language)


def _ways(
    wording: Wording, seen: Seen, wanted: Mapping[str, str], total: int, first: int
) -> Iterator[tuple[str, str]]:
    """To the page before and the page after."""
    for key, start in (
        ("collected_page_before", first - AT_ONCE),
        ("collected_page_after", first + AT_ONCE),
    ):
        if 0 <= start < total:
            kept = {name: value for name, value in wanted.items() if value}
            page = urlencode({**kept, "side": start // AT_ONCE + 1})
            yield wording.say(key), f"/side/tekster/{seen.round.id}?{page}"


def _read(wording: Wording, text: Text) -> Iterator[Block]:
    said = text.text
    if text.unit:
        said = wording.say("collected_text_unit", text=said, unit=text.unit)
    yield Paragraph(said, "quote")
    if text.themes:
        themes = ", ".join(text.themes)
        yield Paragraph(wording.say("collected_themes", themes=themes), "note")


# Themes


def theme_card(
    wording: Wording,
    text: Text,
    title: str,
    said: Sequence[Block] = (),
    written: str | None = None,
) -> CardReply:
    """A text with its themes to fill in; `said` stands above, `written` is what was wrong."""
    value = ", ".join(text.themes) if written is None else written
    label = wording.say("collected_themes_label")
    field = TextInput(
        "themes",
        label,
        value,
        longest=MOST_THEMES * (LONGEST_THEME + 2),
        required=False,
        lines=False,
        hint=wording.say("collected_themes_hint"),
    )
    quoted = list(_read(wording, Text(text.id, text.question, text.text, text.unit)))
    save = Button(wording.say("collected_themes_save"), {"verb": "text_themes", "text": text.id})
    return CardReply(title, (*said, *quoted, field), (save,), wording.language)


def keep_themes(
    context: Context, person: RegisteredPerson, value: Mapping[str, Any]
) -> list[Reply]:
    """Put themes on a text: short words, none of them a name."""
    wording, session = context.wording, context.session
    id = id_in(value, "text")
    there = find_text(session, id) if id else None
    # Two who set themes at once take turns.
    round = find_round(session, there[0], lock=True) if there else None
    seen = seen_by(session, person, round.id) if round else None
    text = text_read(session, readable_by(session, person, seen), id) if seen else None
    if seen is None or text is None:
        return [TextReply(wording.say("collected_themes_gone"))]
    if not may_set_themes(person, seen):
        return [TextReply(wording.say("collected_themes_not_yours"))]
    title, written = wording.say("collected_themes_title"), text_in(value, "themes")
    themes = read_themes(written)
    wrong = ""
    if len(themes) > MOST_THEMES or any(len(theme) > LONGEST_THEME for theme in themes):
        most, longest = MOST_THEMES, LONGEST_THEME
        wrong = wording.say("collected_themes_many", most=most, longest=longest)
    elif refusal(context, themes):
        wrong = wording.say("collected_themes_guarded")
    if wrong:
        return [theme_card(wording, text, title, [Paragraph(wrong, "error")], written)]
    set_themes(session, id, themes)
    kept = text_read(session, readable_by(session, person, seen), id) or text
    key = "collected_themes_saved" if themes else "collected_themes_removed"
    back = (wording.say("collected_themes_back"), f"/side/tekster/{seen.round.id}")
    said: list[Block] = [Paragraph(wording.say(key)), PageLinks((back,))]
    return [theme_card(wording, kept, title, said)]


def read_themes(written: str) -> list[str]:
    """The themes of a line with commas, in small letters, each once."""
    parts = (" ".join(part.split()).lower() for part in written.split(","))
    return list(dict.fromkeys(part for part in parts if part))


PAGES: dict[str, Paged] = {"tekster": texts_page}
VERBS: dict[str, Pressed] = {"text_themes": registered(keep_themes)}
PAGE_VERBS: set[str] = {"text_themes"}
