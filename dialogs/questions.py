"""A question -> one text message with quotation, numbered source and ways on."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dialogs import guard
from dialogs.contacts import Contacts
from dialogs.messages import (
    CardReply,
    Items,
    Language,
    Paragraph,
    Source,
    Suggestion,
    TextReply,
)
from dialogs.small_talk import reply_to
from dialogs.wording import Wording
from knowledge.answers import Beside, Found, NotFound, Result, find_answer
from knowledge.documents import FrontMatter, Section, Unit
from knowledge.library import Library
from knowledge.promises import Promise
from knowledge.quotes import Quote
from knowledge.search import Hit, Topic

LONGEST_ANSWER = 1_200
LONGEST_QUESTION = 1_000  # of what is longer, the beginning is read


Standing = Callable[[Iterable[Promise]], Iterable[Promise]]


@dataclass(frozen=True, slots=True)
class Answered:
    """The reply, whether the documents answered, what a follow-up may lean on, and the ranking."""

    reply: TextReply
    answered: bool
    topic: Topic | None
    hits: tuple[Hit, ...]
    guarded: bool = False  # a worry or personal data: nothing of it may be kept
    result: Result | None = None  # what the documents gave; None where they weren't asked


def respond(
    library: Library,
    contacts: Contacts,
    wording: Wording,
    text: str,
    topic: Topic | None = None,
    standing: Standing = list,
) -> Answered:
    """Reply to what somebody wrote, in the chat or the terminal: worries first.

    `standing` gives the promises of the plan with their status as it is now.
    """
    finding = guard.find(text)
    if finding is not None:
        said = TextReply(guarded(contacts, wording, finding), answer="guarded")
        return Answered(said, answered=False, topic=None, hits=(), guarded=True)
    if small_talk := reply_to(text, wording.language):
        return _said(small_talk)
    return answer(library, wording, text[:LONGEST_QUESTION], topic, standing)


def guarded(contacts: Contacts, wording: Wording, finding: guard.Finding) -> str:
    """Where to go with a worry, or a word on personal data; nothing written is repeated."""
    if finding.kind == "personal":
        return wording.say("personal")
    lines = contacts.lines(wording.language, unset=wording.say("contact_unset"))
    listed = "\n".join(f"• {line}" for line in lines)
    return "\n\n".join([wording.say("worry"), listed, wording.say("worry_after")])


def _said(text: str) -> Answered:
    return Answered(TextReply(text), answered=False, topic=None, hits=())


def answer(
    library: Library,
    wording: Wording,
    question: str,
    topic: Topic | None = None,
    standing: Standing = list,
) -> Answered:
    """Answer a question from the documents."""
    result = find_answer(library, question, topic)
    match result:
        case Found():
            reply = _found(library, wording, result, standing)
            return Answered(reply, True, result.topic, result.hits, result=result)
        case Beside():
            reply = _beside(library, wording, result, question)
            return Answered(reply, False, None, result.hits, result=result)
        case NotFound():
            reply = _not_found(wording, result, question)
            return Answered(reply, False, None, result.hits, result=result)


def _found(library: Library, wording: Wording, found: Found, standing: Standing) -> TextReply:
    quotes = found.quotes
    parts: list[str] = []
    for warning in dict.fromkeys(warning_line(wording, q, library.kommune) for q in quotes):
        if warning:
            parts.append(warning)
    if len(quotes) > 1:
        levels = {q.passage.level for q in quotes}
        twins = len(quotes) == 2 and levels == {"barnehage", "skole"}
        parts.append(wording.say("two_places" if twins else "several_places"))
    for number, quote in enumerate(quotes, start=1):
        if len(quotes) > 1:
            parts.append(f"{number}. {' › '.join(quote.passage.section.path[-2:])}")
        parts.append(f"{quotation(quote)} [{number}]")
    sources = tuple(_source(number, quote) for number, quote in enumerate(quotes, start=1))
    listed = "\n".join(f"[{s.number}] {s.document}, {s.section}" for s in sources)
    sections = {quote.passage.section.name for quote in quotes}
    promised = [one for one in library.promises if sections.intersection(one.sections)]
    kept = _promised(wording, standing(promised) if promised else ())
    extra = [*slip_lines(wording, quotes), *kept]
    # What is least needed goes first where an answer would be too long: never the source.
    while extra and len("\n\n".join([*parts, *extra, listed])) > LONGEST_ANSWER:
        extra.pop()
    return TextReply(
        "\n\n".join([*parts, *extra, listed]),
        sources,
        (
            _show(wording, quotes[0].passage.section),
            *(Suggestion(question, question) for question in found.neighbours),
        ),
        asks_feedback=True,
        passage=quotes[0].passage.id,
        answer="answered",
    )


def quotation(quote: Quote) -> str:
    """The units as they stand: sentences run on, list items on lines of their own."""
    lines: list[str] = []
    before: Unit | None = None
    for unit, gap in zip(quote.units, quote.gaps(), strict=True):
        skipped = "[…] " if gap else ""
        if unit.kind == "item":
            lines.append(f"• {skipped}{unit.text}")
        elif before is not None and unit.kind == "sentence" and unit.block == before.block:
            lines[-1] += f" {skipped}{unit.text}"
        else:
            lines.append(skipped + unit.text)
        before = unit
    text = "\n".join(lines)
    return f"«{text}»" if quote.document.about.quoted else text


def warning_line(wording: Wording, quote: Quote, home: str) -> str:
    """What an answer from an old or foreign source says first."""
    about = quote.document.about
    note = about.note_nn if wording.language == "nn" and about.note_nn else about.note
    if note:
        return note if note.endswith(".") else f"{note}."
    if about.status != "gjeldende":
        key = f"status_{about.status}"
        return wording.say(key, what=quote.document.short, year=about.year or "")
    if about.kommune and about.kommune != home:
        return wording.say("foreign", kommune=about.kommune, home=home)
    return ""


def slip_lines(wording: Wording, quotes: Iterable[Quote]) -> list[str]:
    words = dict.fromkeys(word for q in quotes for unit in q.units for word in unit.slips)
    return [" ".join("[sic] " + wording.say("sic", word=word) for word in words)] if words else []


def _promised(wording: Wording, promises: Iterable[Promise]) -> list[str]:
    """The status of what is promised, where somebody has set it."""
    return [
        f"{promise.title}: {promise_status(promise, wording)}"
        for promise in promises
        if promise.status != "ikke satt"
    ]


def promise_status(promise: Promise, wording: Wording) -> str:
    """Status, link, owner and date of a promise in one line."""
    updated = promise.updated.strftime("%d.%m.%Y") if promise.updated else ""
    rest = ", ".join(part for part in (promise.owner, updated, promise.link) if part)
    return wording.say(
        "promise_set", status=status_name(wording, promise.status), rest=rest
    ).strip()


def status_name(wording: Wording, status: str) -> str:
    """The status of a promise (`knowledge.promises.Status`) in the language of the reader."""
    names: dict[str, str] = dict(wording.many("promise_statuses"))
    return names[status]


def _source(number: int, quote: Quote) -> Source:
    section = quote.passage.section
    abstract = " ".join(unit.text for unit in quote.units)
    return Source(number, quote.document.short, section.path, abstract)


def section_address(section: Section) -> str:
    """What a person is seen to say when asking for a whole section; `find_section` reads it."""
    return " › ".join((section.document.short, *section.path))


def _show(wording: Wording, section: Section) -> Suggestion:
    title = wording.say("show_whole")
    return Suggestion(title, f"{title}: {section_address(section)}")


def find_section(library: Library, address: str) -> Section | None:
    """The section that `section_address` names."""
    wanted = address.strip().casefold()
    for document in library.documents:
        for section in document.sections:
            if section.path and section_address(section).casefold() == wanted:
                return section
    return None


def section_card(wording: Wording, section: Section) -> CardReply:
    """The whole section as a card of its own: nothing left out."""
    about = section.document.about
    blocks: list[Paragraph | Items] = [Paragraph(section_address(section), "note")]
    for block in _blocks(section.units):
        if block[0].kind == "item":
            blocks.append(Items(tuple(unit.text for unit in block)))
        else:
            text = " ".join(unit.text for unit in block)
            blocks.append(Paragraph(text, "quote" if about.quoted else "normal"))
    slips = dict.fromkeys(word for unit in section.units for word in unit.slips)
    blocks += [Paragraph("[sic] " + wording.say("sic", word=word), "note") for word in slips]
    if source := source_line(wording, about):
        blocks.append(Paragraph(source, "note"))
    return CardReply(section.heading or section.path[-1], tuple(blocks), language=wording.language)


def source_line(wording: Wording, about: FrontMatter) -> str:
    """Who wrote a document that is quoted, or what one in our own words is made of; "" for none."""
    if about.quoted:
        return wording.say("source_line", publisher=about.publisher, title=about.title)
    return wording.say("own_words", source=about.source) if about.source else ""


def _blocks(units: list[Unit]) -> list[list[Unit]]:
    """Units grouped into paragraphs and lists; the heading is the card's title."""
    grouped: list[list[Unit]] = []
    for unit in units:
        if unit.kind == "heading":
            continue
        last = grouped[-1][-1] if grouped else None
        if last is not None and last.block == unit.block and last.kind == unit.kind:
            grouped[-1].append(unit)
        else:
            grouped.append([unit])
    return grouped


def _beside(library: Library, wording: Wording, beside: Beside, question: str) -> TextReply:
    entry = library.veiviser[beside.entry]
    nynorsk = wording.language == "nn"
    lines = [wording.say("veiviser_intro") + " " + (entry.text_nn if nynorsk else entry.text)]
    if entry.link:
        lines.append(wording.say("veiviser_link", link=entry.link))
    checked = entry.checked.strftime("%d.%m.%Y")
    kept = wording.say("veiviser_checked", owner=entry.owner, checked=checked)
    lines.append(f"{kept} {wording.say('veiviser_demo')}" if entry.demo else kept)
    return TextReply("\n\n".join(lines), suggestions=(_send(wording, question),), answer="beside")


def _not_found(wording: Wording, missing: NotFound, question: str) -> TextReply:
    if missing.next_meeting:
        return TextReply(
            wording.say("next_meeting"),
            suggestions=(_send(wording, question),),
            answer="declined",
        )
    parts = [wording.say("not_found")]
    if missing.nearest:
        near = [f"• {section_address(section)}" for section in missing.nearest]
        parts.append("\n".join([wording.say("not_found_near"), *near]))
    parts.append(wording.say("not_found_way_on"))
    shown = tuple(
        Suggestion(section.path[-1], f"{wording.say('show_whole')}: {section_address(section)}")
        for section in missing.nearest[:2]
    )
    suggestions = (_send(wording, question), *shown)
    return TextReply("\n\n".join(parts), suggestions=suggestions, answer="declined")


def _send(wording: Wording, question: str) -> Suggestion:
    """The question stands in the button itself, so nothing needs to be kept until it is pressed."""
    title = wording.say("send_question")
    return Suggestion(title, f"{title}: {question}")


def language_named(text: str) -> Language | None:
    """The language a person switches to by writing its name."""
    folded = text.strip().casefold().rstrip(".!")
    if folded in ("nynorsk", "på nynorsk", "skriv nynorsk", "byt til nynorsk", "bytt til nynorsk"):
        return "nn"
    if folded in ("bokmål", "på bokmål", "skriv bokmål", "bytt til bokmål", "byt til bokmål"):
        return "nb"
    return None
