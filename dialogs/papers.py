"""Papers: what is read on a card, in Word and in print. Made of a draft, or kept with a version.

A paper's address is a prefix and what follows it: "draft:<id>", "version:<id>", "sheet:<guide>".
"""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from dialogs import answers, engine
from dialogs.access import reader
from dialogs.context import Composing, Opened
from dialogs.deadlines import deadline_events
from dialogs.drafts import View, open_view
from dialogs.guide import Step, in_language
from dialogs.messages import Block, Event, Facts, Items, Paper, Paragraph, Picture, Table
from dialogs.modules import TIMETABLE
from dialogs.modules import events as module_events
from dialogs.plan_rows import PLAN
from dialogs.plan_rows import STEP as PLAN_ROWS
from storage.shared import Version, find_shared

_PAPER = TypeAdapter(Paper)

LEAST_TO_DRAW = 2  # periods: one alone is read more easily in words
ROOM_TO_WRITE = "\n" * 6


def paper_of(view: View) -> Paper:
    """The draft as its readers will see it: what is answered, under the headings of the steps."""
    blocks: list[Block] = []
    for step in engine.path(view.guide, view.answers):
        shown = tuple(_shown(step, view))
        if shown:
            blocks += [Paragraph(step.heading(view.known.language), "heading"), *shown]
    byline = ", ".join(part for part in (owner_name(view), view.draft.year) if part)
    return Paper(view.title, tuple(blocks), byline, _events(view), view.known.language)


def on_card(paper: Paper, address: str, reader: str) -> tuple[Block, ...]:
    """The paper's blocks for a card: with a timeline first, where it has periods to draw."""
    alt = timeline_alt(paper)
    return (Picture(address, reader, alt), *paper.blocks) if alt else paper.blocks


def timeline_alt(paper: Paper) -> str:
    """All that the timeline of the paper shows, in words; "" when there is nothing to draw."""
    if sum(event.until > event.day for event in paper.events) < LEAST_TO_DRAW:
        return ""
    return "; ".join(f"{e.title}: {e.day:%d.%m.%Y}–{e.until:%d.%m.%Y}" for e in paper.events)


def _shown(step: Step, view: View) -> Iterator[Block]:
    if step.kind == "read":
        return  # what is computed of the answers is for those who write, not for readers
    value = view.answers.get(step.id)
    if value is not None and answers.fits(step, value, view.known):
        yield from answers.blocks(step, value, view.known.language, view.known)


def _events(view: View) -> tuple[Event, ...]:
    """The dates of the draft: of the modules, the deadlines of the plan, or what its steps say."""
    if view.guide.id == TIMETABLE:
        return module_events(view.rows("moduler"), view.known.language)
    if view.guide.id == PLAN:
        return tuple(deadline_events(view.rows(PLAN_ROWS)))
    return tuple(_dates(view))


def _dates(view: View) -> Iterator[Event]:
    language = view.known.language
    for step in engine.path(view.guide, view.answers):
        value: Any = view.answers.get(step.id)
        if engine.is_empty(value) or not answers.fits(step, value, view.known):
            continue
        title = f"{view.title}: {step.heading(language)}"
        if step.kind == "date":
            day = date.fromisoformat(value)
            yield Event(step.id, title, day, day)
        elif step.kind == "period":
            first, last = (date.fromisoformat(value[end]) for end in ("from", "until"))
            yield Event(step.id, title, first, last)
        elif step.kind == "table":
            for row in value:
                for column in step.columns:
                    if column.kind == "date" and row.get(column.id):
                        day = date.fromisoformat(row[column.id])
                        name = answers.row_name(step, row, language, view.known)
                        yield Event(
                            f"{step.id}/{row['id']}/{column.id}", f"{title}, {name}", day, day
                        )


def owner_name(view: View) -> str:
    """Whose the draft is, for a byline."""
    match view.draft.owner.kind:
        case "school":
            return view.draft.owner.name
        case "skoleeierteam":
            return in_language(view.known.language, "Skoleeierteamet", "Skuleeigarteamet")
        case _:
            person = view.known.person
            return ", ".join(part for part in (person.name, person.unit) if part)


def paper_to_json(paper: Paper) -> dict[str, Any]:
    """The paper as it is kept with a version."""
    kept: dict[str, Any] = _PAPER.dump_python(paper, mode="json")
    return kept


def paper_from_json(kept: Mapping[str, Any]) -> Paper:
    return _PAPER.validate_python(dict(kept))


def paper_from(version: Version) -> Paper:
    """The paper that was shared, as it was then."""
    return paper_from_json(version.paper)


def words_of(paper: Paper) -> str:
    """All text of a paper, to search in."""
    return "\n".join([paper.title, *(text for block in paper.blocks for text in _texts(block))])


def _texts(block: Block) -> Iterator[str]:
    match block:
        case Paragraph(text):
            yield text
        case Items(items):
            yield from items
        case Facts(pairs):
            yield from (text for pair in pairs for text in pair)
        case Table(columns, rows):
            yield from (text for row in (columns, *rows) for text in row)


def _draft(composing: Composing, id: str) -> Paper | None:
    view = open_view(composing, id)
    return paper_of(view) if view else None


def _version(composing: Composing, id: str) -> Paper | None:
    version = find_shared(composing.session, id, reader(composing.person))
    return paper_from(version) if version else None


def _sheet(composing: Composing, id: str) -> Paper | None:
    """A guide's questions with room to write by hand, for those who gather answers on paper."""
    guide = composing.guides.get(id)
    if guide is None:
        return None
    language = composing.language
    blocks: list[Block] = [Paragraph(guide.described(language))]
    for step in guide.step:
        if step.kind == "read" or not step.on_sheet:
            continue
        blocks.append(Paragraph(step.heading(language), "heading"))
        if step.label:
            blocks.append(Paragraph(step.asked(language)))
        blocks += [Paragraph(step.helped(language), "note")] if step.helped(language) else []
        blocks.append(Paragraph(ROOM_TO_WRITE))
    source = composing.wording.say("steps_source", source=guide.source)
    return Paper(guide.named(language), tuple(blocks), source, language=language)


PAPERS: dict[str, Opened] = {"draft": _draft, "version": _version, "sheet": _sheet}
