"""«utviklingsplanen»: the school's living plan as a card, one plan a school year.

The plan is a draft like any other: its rows are edited by rows.py, and it is shared like the rest.
What is special: each August it begins with what the year before left unfinished.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from dialogs.access import is_leader, is_school_owner, reader
from dialogs.context import OSLO, Commanded, Context, Pressed
from dialogs.deadlines import deadline_events
from dialogs.drafts import View, begin, view_of
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Download,
    Items,
    Paragraph,
    Reply,
    Suggestion,
    TextReply,
)
from dialogs.plan_blocks import by_goal, choice_of_row, plan_blocks
from dialogs.plan_rows import (
    PLAN,
    STEP,
    carry_over,
    find_plan,
    find_row,
    first_words,
    newest_plan,
    plan_before,
    rows_in,
)
from dialogs.pressed import id_in
from dialogs.questions import find_section, section_card
from storage.drafts import Draft, Owner
from storage.people import RegisteredPerson
from storage.shared import Version, list_shared

Row = Mapping[str, Any]

SHOW: Mapping[str, Any] = {"verb": "plan"}  # what a button to the plan carries
PAGE = 50


@dataclass(frozen=True, slots=True)
class OpenedPlan:
    """This year's plan. `carried` rows of `before` came into it now, when it was opened first."""

    view: View
    carried: int = 0
    before: str = ""


def open_plan(context: Context) -> OpenedPlan | str:
    """The plan of this school year, begun if need be; or one sentence that says why not."""
    guide = context.guides.get(PLAN)
    person = context.person
    if guide is None or person is None:
        return context.wording.say("plan_unknown")
    began = begin(context, guide, id=uuid4().hex)
    if isinstance(began, str):
        return began
    carried = carry_over(context.session, began.draft)
    if not carried:
        return OpenedPlan(began)
    before = plan_before(context.session, began.draft.owner, began.draft.year)
    view = view_of(context, person, guide, began.draft)
    return OpenedPlan(view, carried, before.year if before else "")


def show_plan(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """The plan, or that of the year named in `value`; for others than leaders what is shared."""
    person = context.person
    if person is None:
        return [TextReply(context.wording.say("plan_unknown"))]
    if is_school_owner(person):
        return [_for_school_owner(context, person)]
    if not person.unit:
        return [TextReply(context.wording.say("plan_no_school"))]
    if not is_leader(person):
        return [_for_staff(context, person)]
    opened = open_plan(context)
    if isinstance(opened, str):
        return [TextReply(opened)]
    draft = opened.view.draft
    year = value.get("year")
    if isinstance(year, str) and year != draft.year:
        old = find_plan(context.session, draft.owner, year)
        if old is not None:
            return [_old_card(context, opened.view, old)]
    return [plan_card(context, opened)]


def plan_by_name(context: Context, rest: str) -> list[Reply]:
    """«utviklingsplanen», or «utviklingsplanen: 2025–2026»."""
    return show_plan(context, {"year": rest.strip().replace("-", "–")} if rest.strip() else {})


def last_year(context: Context, rest: str) -> list[Reply]:
    """«fjorårets plan»; this year's, where there is none before it."""
    person = context.person
    if person is None or not is_leader(person):
        return show_plan(context, {})
    opened = open_plan(context)
    if isinstance(opened, str):
        return [TextReply(opened)]
    draft = opened.view.draft
    old = plan_before(context.session, draft.owner, draft.year)
    return [_old_card(context, opened.view, old) if old else plan_card(context, opened)]


# The card of the ledergruppe


def plan_card(
    context: Context,
    opened: OpenedPlan,
    *,
    said: Sequence[Block] = (),
    extra: Sequence[Button] = (),
) -> CardReply:
    """This year's plan; `said` stands above it, and the buttons of `extra` first."""
    wording, view = context.wording, opened.view
    rows = by_goal(rows_in(view.stored))
    carried = [Paragraph(text) for text in [carried_note(context, opened)] if text]
    to_row = {"verb": "row_edit", "draft": view.draft.id, "step": STEP}
    buttons: list[Button | Download] = [*extra]
    blocks: list[Block] = [*said, *carried]
    if rows:
        blocks += plan_blocks(context, view, rows)
        blocks.append(choice_of_row(context, rows))
        buttons.append(Button(wording.say("plan_edit"), {**to_row, "existing": True}))
        buttons.append(Button(wording.say("plan_section"), {"verb": "plan_section"}))
    else:
        blocks.append(Paragraph(wording.say("plan_empty")))
        blocks.append(Items(tuple(wording.many("plan_empty_ways"))))
    add = {**to_row, "row": ""}
    buttons.append(Button(wording.say("plan_add"), add, sends_inputs=False, weight="main"))
    if rows:
        preview = {"verb": "preview", "draft": view.draft.id}
        buttons.append(Button(wording.say("plan_share"), preview, sends_inputs=False))
        buttons += _downloads(context, view.draft, rows_in(view.stored))
    old = plan_before(context.session, view.draft.owner, view.draft.year)
    if old is not None:
        named = wording.say("plan_last_year", year=old.year)
        buttons.append(Button(named, {**SHOW, "year": old.year}, sends_inputs=False))
    return CardReply(_title(context, view.draft), tuple(blocks), tuple(buttons), context.language)


def show_section(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Vis i Kvalitetsplanen»: the section that a row of the plan in use belongs to, whole."""
    wording, person = context.wording, context.person
    if person is None or not is_leader(person):
        return show_plan(context, {})
    plan = newest_plan(context.session, Owner("school", person.unit))
    found = find_row(context.session, plan, id_in(value, "row"))
    if found is None:
        return [TextReply(wording.say("plan_row_gone"))]
    address = str(found.value.get("ambisjon") or "")
    section = find_section(context.library, address) if address else None
    if section is None:
        key = "plan_section_gone" if address else "plan_section_none"
        show = Suggestion(wording.say("plan_show"), wording.say("plan_show"))
        said = wording.say(key, measure=first_words(found.value))
        return [TextReply(said, suggestions=(show,))]
    card = section_card(wording, section)
    return [replace(card, buttons=(Button(wording.say("plan_return"), SHOW),))]


def _old_card(context: Context, view: View, old: Draft) -> CardReply:
    """A plan from before, to read; what is unfinished of it stands in this year's."""
    wording = context.wording
    old_view = view_of(context, view.known.person, view.guide, old)
    note = Paragraph(wording.say("plan_old_note", year=old.year), "note")
    blocks = [note, *plan_blocks(context, old_view, by_goal(rows_in(old_view.stored)))]
    this_year = Button(wording.say("plan_this_year"), SHOW)
    downloads = _downloads(context, old, ())  # its deadlines are this year's, or past
    return CardReply(_title(context, old), tuple(blocks), (this_year, *downloads), context.language)


def carried_note(context: Context, opened: OpenedPlan) -> str:
    """What the plan began with, to be said once: when it came in."""
    if not opened.carried:
        return ""
    key = "plan_carried_one" if opened.carried == 1 else "plan_carried"
    return context.wording.say(key, year=opened.before, count=opened.carried)


def _title(context: Context, draft: Draft) -> str:
    return context.wording.say("plan_title", unit=draft.owner.name, year=draft.year)


def _downloads(context: Context, draft: Draft, rows: Sequence[Mapping[str, Any]]) -> list[Download]:
    reader_key = context.person.key if context.person else ""
    paper = f"draft:{draft.id}"
    files = [
        Download(context.wording.say("plan_docx"), paper, "docx", reader_key),
        Download(context.wording.say("plan_txt"), paper, "txt", reader_key),
    ]
    if any(deadline_events(rows)):
        files.append(Download(context.wording.say("plan_ics"), paper, "ics", reader_key))
    return files


# The card of others: what is shared with them


def _for_staff(context: Context, person: RegisteredPerson) -> Reply:
    wording = context.wording
    newest = _newest_shared(context, person)
    if newest is None:
        return TextReply(wording.say("plan_not_shared"))
    shared = f"{newest.shared_at.astimezone(OSLO):%d.%m.%Y}"
    said = wording.say("plan_shared_by", name=newest.shared_by_name, date=shared)
    read = {"verb": "shared_read", "version": newest.id}
    return CardReply(
        wording.say("plan_shared_title", unit=person.unit),
        (Paragraph(said),),
        (Button(wording.say("plan_shared_read"), read, weight="main"),),
        context.language,
    )


def _newest_shared(context: Context, person: RegisteredPerson) -> Version | None:
    """The plan of the person's own school that was shared last."""
    own = Owner("school", person.unit)
    offset, total = 0, 1
    while offset < total:  # last shared first
        page, total = list_shared(
            context.session, reader(person), guide=PLAN, offset=offset, limit=PAGE
        )
        for version in page:
            if version.owner == own:
                return version
        offset += PAGE
    return None


def _for_school_owner(context: Context, person: RegisteredPerson) -> Reply:
    wording = context.wording
    _, total = list_shared(context.session, reader(person), guide=PLAN, limit=1)
    if not total:
        return TextReply(wording.say("plan_owners_none"))
    said = "plan_owners_one" if total == 1 else "plan_owners_many"
    listed = {"verb": "shared_list", "search": "", "guide": PLAN, "offset": 0}
    return CardReply(
        wording.say("plan_owners_title"),
        (Paragraph(wording.say(said, count=total)),),
        (Button(wording.say("plan_owners_show"), listed, weight="main"),),
        context.language,
    )


VERBS: dict[str, Pressed] = {"plan": show_plan, "plan_section": show_section}
COMMANDS: dict[str, Commanded] = {
    "utviklingsplanen": plan_by_name,
    "utviklingsplan": plan_by_name,
    "vis utviklingsplanen": plan_by_name,
    "vis utviklingsplan": plan_by_name,
    "utviklingsplanen vår": plan_by_name,
    "utviklingsplanen til skolen": plan_by_name,
    "utviklingsplanen til skulen": plan_by_name,
    "skolens utviklingsplan": plan_by_name,
    "levende utviklingsplan": plan_by_name,
    "levande utviklingsplan": plan_by_name,
    "vår utviklingsplan": plan_by_name,
    "fjorårets plan": last_year,
    "fjorårets utviklingsplan": last_year,
    "planen fra i fjor": last_year,
    "planen frå i fjor": last_year,
}
