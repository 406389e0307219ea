"""«Hvor er vi?»: how far a school is in kompetansepakken, for each role what that role needs.

Of what the leaders write, the rest of the school sees what `modules.seen_by_school` names and
nothing else; the skoleeierteam sees numbers for the whole kommune.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from dialogs.access import is_leader, is_school_owner, owner_for
from dialogs.context import Commanded, Context, Pressed
from dialogs.counts import FEWEST
from dialogs.dates import show_date
from dialogs.guide import Column, Guide, in_language
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Items,
    Language,
    Paragraph,
    Reply,
    Table,
    TextReply,
)
from dialogs.module_progress import Progress, read_progress, saved_answers
from dialogs.modules import (
    MEETINGS,
    PREPARE,
    TIMETABLE,
    Module,
    Period,
    iso_date,
    modules,
)
from dialogs.school_year import school_year
from storage.drafts import count_drafts
from storage.people import RegisteredPerson

NOTES = "notater"


def where_are_we(context: Context, rest: str = "") -> list[Reply]:
    """The card of the person's role."""
    person, wording = context.person, context.wording
    if person is None:
        return [TextReply(wording.say("modules_unknown"))]
    if is_school_owner(person):
        return [_kommune_card(context)]
    if not person.unit or person.unit_kind != "skole":
        return [TextReply(wording.say("modules_no_school"))]
    if is_leader(person):
        return [_leaders_card(context, person)]
    return [_colleagues_card(context, person)]


# The leaders


def _leaders_card(context: Context, person: RegisteredPerson) -> CardReply:
    wording = context.wording
    progress = read_progress(context.session, person.unit, finished_plan=False)
    blocks: list[Block] = []
    if progress.rows:
        blocks.append(Paragraph(_today(context, person.unit, progress.rows)))
        if progress.plan and not progress.plan.finished_at:
            blocks.append(Paragraph(wording.say("modules_plan_draft"), "note"))
    else:
        blocks.append(Paragraph(wording.say("modules_no_plan")))
    lines = tuple(_line(context, progress, module) for module in progress.order)
    blocks.append(Table(tuple(wording.many("modules_status_columns")), lines))
    buttons: list[Button] = []
    if module := progress.begun:
        title = module.named(context.language)
        blocks.append(Paragraph(wording.say("modules_next_continue", title=title)))
        # Opened, not begun: the draft may be of last school year.
        opens = {"verb": "open", "draft": progress.drafts[module.guide].id}
        says = wording.say("modules_continue", number=module.number)
        buttons.append(Button(says, opens, weight="main"))
    elif module := progress.next:
        title = module.named(context.language)
        blocks.append(Paragraph(wording.say("modules_next_begin", title=title)))
        says = wording.say("modules_begin", number=module.number)
        buttons += _begin(context, person, module.guide, says, main=bool(progress.rows))
    else:
        blocks.append(Paragraph(wording.say("modules_all_done")))
    if progress.plan and progress.rows:
        see = {"verb": "overview", "draft": progress.plan.id}
        buttons.append(Button(wording.say("modules_see_plan"), see))
    elif progress.plan:
        opens = {"verb": "open", "draft": progress.plan.id}
        buttons.append(Button(wording.say("modules_make_plan"), opens, weight="main"))
    else:
        buttons += _begin(context, person, TIMETABLE, wording.say("modules_make_plan"), main=True)
    blocks.append(Paragraph(wording.say("modules_who_sees"), "note"))
    return CardReply(wording.say("modules_title"), tuple(blocks), tuple(buttons), wording.language)


def _line(context: Context, progress: Progress, module: Module) -> tuple[str, ...]:
    key = "modules_not_begun"
    if module.guide in progress.finished:
        key = "modules_done"
    elif module.guide in progress.drafts:
        key = "modules_begun"
    row = progress.of(module)
    dates = f"{show_date(row.first)}–{show_date(row.last)}" if row else "–"
    return (module.named(context.language), context.wording.say(key), dates)


def _today(context: Context, school: str, rows: Sequence[Period]) -> str:
    """Where the school is today by the dates of its plan."""
    say, today = context.wording.say, context.today
    now = next((row for row in rows if row.first <= today <= row.last), None)
    if now:
        until = show_date(now.last)
        return say(
            "modules_today_in", today=show_date(today), school=school, title=now.title, day=until
        )
    coming = next((row for row in rows if row.first > today), None)
    if coming is None:
        return say(
            "modules_today_after", school=school, day=show_date(max(row.last for row in rows))
        )
    begins = show_date(coming.first)
    if coming is rows[0]:
        return say("modules_today_before", day=begins, title=coming.title)
    return say(
        "modules_today_between",
        today=show_date(today),
        school=school,
        title=coming.title,
        day=begins,
    )


# Everybody else at the school


def _colleagues_card(context: Context, person: RegisteredPerson) -> CardReply:
    wording, today, language = context.wording, context.today, context.language
    progress = read_progress(context.session, person.unit, finished_plan=True)
    row = progress.planned(today)
    module = (row.module if row else None) or progress.begun or progress.next
    if module is None:
        done = Paragraph(wording.say("modules_mine_done", school=person.unit))
        return CardReply(wording.say("modules_title"), (done,), language=wording.language)
    is_now = row.first <= today if row else module == progress.begun
    key = "modules_mine_now" if is_now else "modules_mine_next"
    blocks: list[Block] = [Paragraph(wording.say(key, school=person.unit))]
    if row := progress.of(module):
        said = wording.say(
            "modules_mine_dates", first=show_date(row.first), last=show_date(row.last)
        )
    else:
        said = wording.say("modules_mine_no_plan")
    blocks.append(Paragraph(said))
    blocks += _of_module(context, progress, module)
    blocks.append(Paragraph(wording.say("modules_source", source=module.source), "note"))
    blocks.append(Paragraph(wording.say("modules_mine_who_sees"), "note"))
    notes = wording.say("modules_my_notes")
    buttons = _begin(context, person, NOTES, notes, main=True, about=module.guide)
    return CardReply(module.named(language), tuple(blocks), tuple(buttons), wording.language)


def _of_module(context: Context, progress: Progress, module: Module) -> list[Block]:
    """Its fellesmøter, forberedelse and parts: the leaders' own words where they have saved any."""
    wording, language = context.wording, context.language
    draft, guide = progress.drafts.get(module.guide), context.guides.get(module.guide)
    answers = saved_answers(context.session, draft) if draft else {}
    blocks: list[Block] = [Paragraph(wording.say("modules_meetings"), "heading")]
    if meetings := _meetings(guide, answers.get(MEETINGS), language):
        blocks.append(Items(meetings))
    else:
        ours = in_language(language, module.meetings, module.meetings_nn)
        blocks.append(Paragraph(wording.say("modules_meetings_none", meetings=ours)))
    blocks.append(Paragraph(wording.say("modules_prepare"), "heading"))
    if prepare := answers.get(PREPARE):
        blocks.append(Paragraph(str(prepare)))
    else:
        blocks.append(Paragraph(in_language(language, module.prepare, module.prepare_nn)))
        blocks.append(Paragraph(wording.say("modules_prepare_ours"), "note"))
    blocks.append(Paragraph(wording.say("modules_parts"), "heading"))
    blocks.append(Items(module.parts_nn if language == "nn" else module.parts))
    return blocks


def _meetings(guide: Guide | None, rows: object, language: Language) -> tuple[str, ...]:
    """The rows of the table as lines: the day, and what it is about. Names are left out."""
    step = guide.find(MEETINGS) if guide else None
    if step is None or not isinstance(rows, list):
        return ()
    days = [column.id for column in step.columns if column.kind == "date"]
    lines = []
    for row in sorted(rows, key=lambda row: [str(row.get(id) or "9999") for id in days]):
        when = "–".join(show_date(day) for id in days if (day := iso_date(row.get(id))))
        said = (_said(column, row.get(column.id), language) for column in step.columns)
        lines.append(": ".join(filter(None, (when, " – ".join(filter(None, said))))))
    return tuple(filter(None, lines))


def _said(column: Column, value: object, language: Language) -> str:
    """What is written in one line, or chosen between the guide's own choices; else ""."""
    if column.kind == "short_text":
        return str(value or "")
    chosen = (one for one in column.choices if one.value == value)
    return next((in_language(language, one.text, one.text_nn) for one in chosen), "")


# The skoleeierteam


def _kommune_card(context: Context) -> CardReply:
    wording, year = context.wording, school_year(context.today)
    counted = {guide: numbers for guide, *numbers in count_drafts(context.session, year)}
    lines = []
    for module in modules():
        begun, finished, *_ = counted.get(module.guide, [0, 0])
        cells = (_number(context, begun), _number(context, finished))
        lines.append((module.named(context.language), *cells))
    blocks = (
        Paragraph(wording.say("modules_kommune_intro", year=year)),
        Table(tuple(wording.many("modules_kommune_columns")), tuple(lines)),
    )
    return CardReply(wording.say("modules_kommune_title"), blocks, language=wording.language)


def _number(context: Context, schools: int) -> str:
    few = context.wording.say("modules_kommune_few", fewest=FEWEST)
    return str(schools) if schools >= FEWEST else few


def _begin(
    context: Context,
    person: RegisteredPerson,
    guide_id: str,
    title: str,
    *,
    main: bool,
    about: str = "",
) -> list[Button]:
    """A button that begins a guide, where there is one and the person may."""
    guide = context.guides.get(guide_id)
    if guide is None or owner_for(guide, person) is None:
        return []
    value = {"verb": "start", "guide": guide_id, "draft": uuid4().hex, "about": about}
    return [Button(title, value, weight="main" if main else "normal")]


def _pressed(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    return where_are_we(context)


VERBS: dict[str, Pressed] = {"modules": _pressed}
# «Hva er kompetansepakken?» is a question: only the bare words are commands.
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "hvor er vi",
        "kor er vi",
        "kvar er vi",
        "kompetansepakken",
        "kompetansepakka",
        "neste modul",
        "modulene",
        "modulane",
    ),
    where_are_we,
)
