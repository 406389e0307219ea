"""A question that is handed over, in a line or a few: what, by whom, how old."""

from datetime import datetime

from dialogs.context import OSLO, Composing, Context
from dialogs.messages import Block, Paragraph
from storage.handovers import Handover
from storage.people import find_person

Where = Context | Composing

LONGEST_LINE = 120
LONGEST_TITLE = 80


def age(where: Where, at: datetime) -> str:
    """«i dag», «i går», «for 3 dager siden»."""
    days = (where.today - at.astimezone(OSLO).date()).days
    if days < 2:
        return where.wording.say("handover_yesterday" if days == 1 else "handover_today")
    return where.wording.say("handover_days", count=days)


def asker_of(where: Where, handover: Handover) -> str:
    """Name and school; the school is where the register has them now."""
    person = find_person(where.session, handover.asker)
    return ", ".join(filter(None, (handover.asker_name, person.unit if person else "")))


def line(where: Where, handover: Handover) -> str:
    """«Spørsmålet …» – Ane Solbakk, Nordlia skole, i går."""
    asked = first_words(handover.question, LONGEST_LINE)
    return f"«{asked}» – {asker_of(where, handover)}, {age(where, handover.at)}"


def first_words(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def asked_blocks(where: Where, handover: Handover, longest: int | None = None) -> list[Block]:
    """The whole question, by whom and when; what was answered to it, so `longest` characters."""
    wording = where.wording
    by = wording.say(
        "handover_asked_by", who=asker_of(where, handover), age=age(where, handover.at)
    )
    blocks: list[Block] = [Paragraph(by, "note"), Paragraph(handover.question, "quote")]
    if handover.answer:
        answered = wording.say("handover_answered_by", name=handover.assigned_name)
        shown = first_words(handover.answer, longest) if longest else handover.answer
        blocks += [Paragraph(answered, "heading"), Paragraph(shown)]
    return blocks
