"""The modules of kompetansepakken: the facts, the rule of their order, and a plan with dates.

The rows of a plan are those of the table in the guide «fremdriftsplan»: {"id": "modul-1",
"modul": "Modul 1: …", "fra": "2026-08-17", "til": "2026-09-11"}. People edit them, so anything but
the id may be missing, and nothing says that they stand in order.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from dialogs.dates import show_date
from dialogs.guide import Guide, Step, in_language
from dialogs.known import Known
from dialogs.messages import Block, Event, Items, Language, Paragraph, Table
from dialogs.wording import Wording
from knowledge.holidays import Holidays

Rows = Sequence[Mapping[str, Any]]

TIMETABLE = "fremdriftsplan"  # the guide that a school makes its plan with
MEETINGS, PREPARE = "fellesmoter", "forberedelse"  # steps of a module's guide that all may see
FREE = (2, 3, 4)  # the school chooses the order of these; 1 comes before them, 5 after
_FILE = Path(__file__).with_suffix(".toml")
_DAYS_OF_A_MONTH = 30.44


class Module(BaseModel):
    """One module, as modules.toml has it. Weeks are the least the source says, from and to."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)

    number: int = Field(ge=0)
    guide: str
    title: str
    title_nn: str
    weeks_from: int = Field(ge=1)
    weeks_to: int
    leader_weeks_from: int | None = None
    leader_weeks_to: int | None = None
    parts: tuple[str, ...]
    parts_nn: tuple[str, ...]
    meetings: str
    meetings_nn: str
    prepare: str
    prepare_nn: str
    source: str  # the section's address

    def named(self, language: Language) -> str:
        return f"Modul {self.number}: {in_language(language, self.title, self.title_nn)}"


@dataclass(frozen=True, slots=True)
class Period:
    """A row of a plan that has both its dates. `module` is None for a row people have added."""

    id: str
    title: str
    module: Module | None
    first: date
    last: date

    @property
    def short(self) -> str:
        return f"Modul {self.module.number}" if self.module else self.title


@cache
def modules() -> tuple[Module, ...]:
    """All modules in the order of their numbers."""
    written = tomllib.loads(_FILE.read_text(encoding="utf-8"))["module"]
    return tuple(Module.model_validate(one) for one in written)


def module_of_guide(id: str) -> Module | None:
    return next((module for module in modules() if module.guide == id), None)


def seen_by_school(guide: str, step: str) -> str:
    """The sentence on who sees this step, where everybody at the school does; else "".

    The name of a text with {unit}. Nothing else of a leaders' draft is seen by the school.
    """
    if guide == TIMETABLE and step in ("moduler", "tidslinje"):
        return "modules_seen_when_finished"
    seen = module_of_guide(guide) is not None and step in (MEETINGS, PREPARE)
    return "modules_seen_when_saved" if seen else ""


def must_come_first(module: Module) -> tuple[Module, ...]:
    """The modules that are done before this one may begin."""
    if module.number in FREE:
        return (modules()[1],)
    return tuple(m for m in modules() if 1 <= m.number < 5) if module.number == 5 else ()


def module_order(known: Known, guide: Guide) -> str:
    """Why a module can't begin yet, as one sentence; "" when it can."""
    module = module_of_guide(guide.id)
    if module is None:
        return ""
    return why_not_yet(module, known.finished(), known.language)


def why_not_yet(module: Module, finished: frozenset[str], language: Language) -> str:
    """The same, by the ids of the guides that the school has finished."""
    missing = [one for one in must_come_first(module) if one.guide not in finished]
    if not missing:
        return ""
    if missing[0].number == 1:
        return _wording(language).say("modules_first_1", number=module.number)
    left = [str(one.number) for one in missing]
    return _wording(language).say("modules_last_5", left=_listed(left))


def module_orders(known: Known) -> tuple[tuple[str, str], ...]:
    """The orders a school may take module 2–4 in."""
    say = _wording(known.language).say
    return tuple(
        ("-".join(map(str, (a, b, c))), say("modules_order", first=a, then=b, last=c))
        for a, b, c in permutations(FREE)
    )


def in_order(rekkefolge: object) -> tuple[Module, ...]:
    """All modules in the order of the answer "3-2-4"; in that of their numbers without one."""
    chosen = str(rekkefolge).split("-") if rekkefolge else []
    if sorted(chosen) != [str(number) for number in FREE]:
        return modules()
    return tuple(modules()[number] for number in (0, 1, *map(int, chosen), 5))


def module_rows(known: Known, step: Step) -> list[dict[str, Any]] | None:
    """A plan from the answers «start» and «rekkefolge»; None before there is a start.

    Each module gets the lower end of the least time that the source says. With the holidays
    stepped over, that makes the about six months which the source has in mind.
    """
    start = iso_date(known.answers.get("start"))
    if start is None:
        return None
    holidays = known.library.holidays
    first = holidays.first_school_day(start)
    rows: list[dict[str, Any]] = []
    for module in in_order(known.answers.get("rekkefolge")):
        last = holidays.add_school_weeks(first, module.weeks_from)
        rows.append(
            {
                "id": module.guide,
                "modul": module.named(known.language),
                "fra": first.isoformat(),
                "til": last.isoformat(),
            }
        )
        first = holidays.next_school_day(last)
    return rows


def module_period(known: Known, guide: Guide, step: Step) -> dict[str, str] | None:
    """When the school's plan says that the module of this guide is worked with."""
    rows = known.newest(TIMETABLE).get("moduler")
    for row in rows if isinstance(rows, list) else []:
        if row["id"] == guide.id and row.get("fra") and row.get("til"):
            return {"from": row["fra"], "until": row["til"]}
    return None


def module_name(known: Known, guide: Guide, step: Step) -> str | None:
    """The module that a draft is about, such as somebody's notes for it."""
    module = module_of_guide(known.about)
    return module.named(known.language) if module else None


def module_timeline(known: Known, step: Step) -> tuple[Block, ...]:
    """The plan as a table in the order of its dates, how long it is, and what to look at again."""
    rows = known.answers.get("moduler") or []
    shown, holidays = periods(rows), known.library.holidays
    wording = _wording(known.language)
    if not shown:
        return (Paragraph(wording.say("modules_no_dates"), "note"),)
    table = Table(
        tuple(wording.many("modules_columns")),
        tuple((one.title, show_date(one.first), show_date(one.last), _weeks(one)) for one in shown),
    )
    blocks: list[Block] = [table, Paragraph(_total(shown, wording, holidays))]
    if warnings := module_warnings(rows, known.language, holidays):
        blocks += [Paragraph(wording.say("modules_look_at"), "heading"), Items(warnings)]
    if holidays.is_demo:
        blocks.append(Paragraph(wording.say("modules_holidays_demo"), "note"))
    return tuple(blocks)


def periods(rows: Rows) -> list[Period]:
    """The rows that have both dates, in the order of their dates."""
    found = []
    for row in rows:
        first, last = iso_date(row.get("fra")), iso_date(row.get("til"))
        if first and last:
            title = str(row.get("modul") or "")
            found.append(Period(str(row.get("id", "")), title, _module_of(row), first, last))
    return sorted(found, key=lambda one: (one.first, one.last))


def events(rows: Rows, language: Language) -> tuple[Event, ...]:
    """What the plan puts in a calendar and on the timeline. Ids are unique within one plan."""
    return tuple(
        Event(
            one.id,
            one.title,
            one.first,
            one.last,
            in_language(language, one.module.prepare, one.module.prepare_nn) if one.module else "",
        )
        for one in periods(rows)
        if one.first <= one.last
    )


def module_warnings(rows: Rows, language: Language, holidays: Holidays) -> tuple[str, ...]:
    """What in the dates is worth another look, a sentence each. Nothing of it stops anybody."""
    return tuple(_warnings(rows, _wording(language), holidays))


def _warnings(rows: Rows, wording: Wording, holidays: Holidays) -> Iterator[str]:
    for row in rows:
        if not (iso_date(row.get("fra")) and iso_date(row.get("til"))):
            yield wording.say("modules_no_date", title=row.get("modul") or "–")
    all_shown = periods(rows)
    for one in all_shown:
        if one.last < one.first:
            yield wording.say("modules_backwards", title=one.short)
    shown = [one for one in all_shown if one.first <= one.last]
    for before, after in combinations(shown, 2):
        if key := _wrong_together(before, after):
            yield wording.say(key, first=before.short, then=after.short, day=show_date(before.last))
    for one in shown:
        weeks = holidays.school_weeks(one.first, one.last)
        if one.module and weeks < one.module.weeks_from:
            least = one.module.weeks_from
            yield wording.say("modules_short", title=one.short, weeks=weeks, least=least)
        if holiday := holidays.on(one.first):
            name = in_language(wording.language, holiday.name, holiday.name_nn).lower()
            yield wording.say("modules_in_holiday", title=one.short, name=name)
    known_until = holidays.known_until
    if shown and (known_until is None or max(one.last for one in shown) > known_until):
        until = show_date(known_until) if known_until else ""
        yield wording.say("modules_holidays_end" if until else "modules_no_holidays", day=until)


def _wrong_together(before: Period, after: Period) -> str:
    """The name of the sentence on two rows in the order of their dates; "" when they go well."""
    if before.module and after.module and after.module in must_come_first(before.module):
        return "modules_wrong_1" if after.module.number == 1 else "modules_wrong_5"
    return "modules_overlap" if after.first <= before.last else ""


def _weeks(one: Period) -> str:
    first, last = one.first.isocalendar().week, one.last.isocalendar().week
    return str(first) if first == last else f"{first}–{last}"


def _total(shown: Sequence[Period], wording: Wording, holidays: Holidays) -> str:
    first, last = min(one.first for one in shown), max(one.last for one in shown)
    months = round(((last - first).days + 1) / _DAYS_OF_A_MONTH)
    key = "modules_total" if months > 1 else "modules_total_short"
    weeks = holidays.school_weeks(first, last)
    return wording.say(
        key, first=show_date(first), last=show_date(last), months=months, weeks=weeks
    )


def _module_of(row: Mapping[str, Any]) -> Module | None:
    """By the number in its title, which is what people see; else by the row's id."""
    named = re.match(r"\s*modul\s+([0-5])\b", str(row.get("modul") or ""), re.IGNORECASE)
    return modules()[int(named[1])] if named else module_of_guide(str(row.get("id", "")))


def _listed(items: Sequence[str]) -> str:
    """«2, 3 og 4»: the same in both languages."""
    return " og ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def iso_date(value: object) -> date | None:
    """The day of a stored date; None for anything else."""
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None


@cache
def _wording(language: Language) -> Wording:
    return Wording(language)
