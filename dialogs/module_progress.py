"""How far a school is in kompetansepakken: by its drafts, and by the dates of its plan."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dialogs import engine
from dialogs.modules import TIMETABLE, Module, Period, in_order, module_of_guide, modules, periods
from storage.database import Session
from storage.drafts import Draft, Owner, answers_of, list_drafts


@dataclass(frozen=True)
class Progress:
    """How far a school is: its module drafts, the newest of each guide, and its plan."""

    drafts: Mapping[str, Draft]
    finished: frozenset[str]  # guide ids, of any year
    plan: Draft | None
    order: tuple[Module, ...]
    rows: tuple[Period, ...]

    @property
    def begun(self) -> Module | None:
        """The first module that is begun and not finished."""
        return next((m for m in self.order if m.guide in self.drafts and self._is_left(m)), None)

    @property
    def next(self) -> Module | None:
        """The first module to begin. Modul 0 is left out once the school is past it."""
        past = {m.guide for m in modules()[1:]} & (self.finished | self.drafts.keys())
        left = (m for m in self.order if m.guide not in self.drafts and self._is_left(m))
        return next((m for m in left if m.number > 0 or not past), None)

    def planned(self, today: date) -> Period | None:
        """The module that the plan is in, or comes to, among those that are not finished."""
        return next(
            (r for r in self.rows if r.last >= today and r.module and self._is_left(r.module)), None
        )

    def of(self, module: Module) -> Period | None:
        return next((row for row in self.rows if row.module == module), None)

    def _is_left(self, module: Module) -> bool:
        return module.guide not in self.finished


def read_progress(session: Session, school: str, *, finished_plan: bool) -> Progress:
    """With `finished_plan`, a plan that the leaders still work on is left alone."""
    drafts: dict[str, Draft] = {}
    finished: set[str] = set()
    plans: list[Draft] = []
    for draft in list_drafts(session, [Owner("school", school)]):
        if module_of_guide(draft.guide):
            drafts.setdefault(draft.guide, draft)
            if draft.finished_at:
                finished.add(draft.guide)
        elif draft.guide == TIMETABLE and (draft.finished_at or not finished_plan):
            plans.append(draft)
    for plan in plans:
        answers = saved_answers(session, plan)
        written = answers.get("moduler")
        written = written if isinstance(written, list) else []
        if rows := [r for r in periods(written) if r.first <= r.last]:
            order = in_order(answers.get("rekkefolge"))
            return Progress(drafts, frozenset(finished), plan, order, tuple(rows))
    newest = plans[0] if plans else None  # begun, but without dates
    return Progress(drafts, frozenset(finished), newest, modules(), ())


def saved_answers(session: Session, draft: Draft) -> Mapping[str, Any]:
    """What stands in a draft, by step id."""
    return engine.gather({key: one.value for key, one in answers_of(session, draft.id).items()})
