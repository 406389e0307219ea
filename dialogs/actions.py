"""The functions that a guide may name: what is proposed, chosen between, computed and ruled.

A guide has no expression language. What can't be said by order, kinds and one level of branching
is a function here, with its purpose, so that a guide can't name it in the wrong place.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from dialogs.guide import Guide, Step
from dialogs.known import Known
from dialogs.modules import (
    module_name,
    module_order,
    module_orders,
    module_period,
    module_rows,
    module_timeline,
)
from dialogs.questions import section_address

Purpose = Literal["prefill", "choices", "compute", "rule"]
Options = tuple[tuple[str, str], ...]  # (value, label)

PLAN_DOCUMENT = "kvalitetsplan"
_AMBITION = "Ambisjon"
_LEVELS = ("barnehage", "skole")


@dataclass(frozen=True, slots=True)
class Action:
    """One function, and what it is for. Its signature follows from that:

    - "prefill": (Known, Guide, Step) -> a value as the step's kind stores it, or None
    - "choices": (Known) -> Options
    - "compute": (Known, Step) -> tuple[Block, ...]
    - "rule": (Known, Guide) -> one sentence that says why not yet, or ""
    """

    purpose: Purpose
    call: Callable[..., Any]
    computes: bool = False  # a prefill that follows from other answers: worth doing again


def school_name(known: Known, guide: Guide, step: Step) -> str | None:
    """The unit and what kind of school it is: «Nordlia skole, barneskole»."""
    person = known.person
    return ", ".join(part for part in (person.unit, person.school_type) if part) or None


def last_year(known: Known, guide: Guide, step: Step) -> Any:
    """What was answered to the same step in the newest earlier draft of the same guide."""
    return known.earlier(guide.id).get(step.id)


def plan_goals(known: Known, guide: Guide, step: Step) -> str | None:
    """The mål of the utviklingsplan, one a line, each once."""
    goals = (str(row.get("maal") or "").strip() for row in known.plan())
    return "\n".join(dict.fromkeys(filter(None, goals))) or None


def colleagues(known: Known) -> Options:
    """Everybody at the unit; two with the same name are told apart by their roles."""
    people = known.colleagues()
    names = [person.name for person in people]
    return tuple(
        (one.key, f"{one.name} ({one.role})" if names.count(one.name) > 1 else one.name)
        for one in people
    )


def plan_sections(known: Known) -> Options:
    """The ambisjoner of the Kvalitetsplan and their tiltak: (section address, short path).

    A school or kindergarten chooses between those of its own kind.
    """
    others = {level for level in _LEVELS if level != known.person.unit_kind}
    others = others if len(others) == 1 else set()
    found = []
    for document in known.library.documents:
        if document.id != PLAN_DOCUMENT:
            continue
        for section in document.sections:
            below = section.path[1:]
            if below and below[0].startswith(_AMBITION) and below[0].split()[-1] not in others:
                found.append((section_address(section), " › ".join(below)))
    return tuple(found)


def _module_rows(known: Known, guide: Guide, step: Step) -> list[dict[str, Any]] | None:
    return module_rows(known, step)


ACTIONS: Mapping[str, Action] = {
    "school_name": Action("prefill", school_name),
    "last_year": Action("prefill", last_year),
    "plan_goals": Action("prefill", plan_goals),
    "module_name": Action("prefill", module_name),
    "module_period": Action("prefill", module_period),
    "module_rows": Action("prefill", _module_rows, computes=True),
    "colleagues": Action("choices", colleagues),
    "plan_sections": Action("choices", plan_sections),
    "module_orders": Action("choices", module_orders),
    "module_timeline": Action("compute", module_timeline),
    "module_order": Action("rule", module_order),
}
