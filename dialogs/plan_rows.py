"""The rows of a school's levende utviklingsplan, as they are stored: one answer a row.

The plan is an ordinary draft, one for each school and school year. A row is a dict of its columns:
"maal", "tiltak", "ansvarlig" (a person's key), "frist" (ISO date), "kjennetegn", "ambisjon" and
"status"; those without an answer may be missing.
"""

from collections.abc import Mapping
from typing import Any

from storage.database import Session
from storage.drafts import Answer, Draft, Owner, answers_of, latest_draft, list_drafts, save_answer

PLAN = "utviklingsplan"
STEP = "tiltak"
DONE = "ferdig"
LONGEST_LINE = 80


def key_of(row_id: str) -> str:
    """What a row is stored under."""
    return f"{STEP}/{row_id}"


def rows_in(stored: Mapping[str, Answer]) -> list[dict[str, Any]]:
    """The rows that stand in a plan, each with its "id", in the order they were written."""
    beginning = key_of("")
    return [
        {**answer.value, "id": key.removeprefix(beginning)}
        for key, answer in stored.items()
        if key.startswith(beginning) and isinstance(answer.value, dict)
    ]


def is_done(row: Mapping[str, Any]) -> bool:
    return row.get("status") == DONE


def first_words(row: Mapping[str, Any]) -> str:
    """A row's tiltak on one line, short enough for a title or a list to choose from."""
    line = " ".join(str(row.get("tiltak") or "").split())
    if len(line) <= LONGEST_LINE:
        return line
    return line[:LONGEST_LINE].rsplit(" ", 1)[0].rstrip(" ,.;:–-") + "…"


def find_row(session: Session, plan: Draft | None, row_id: str) -> Answer | None:
    """One row that stands in the plan."""
    found = answers_of(session, plan.id).get(key_of(row_id)) if plan else None
    return found if found is not None and isinstance(found.value, dict) else None


def newest_plan(session: Session, owner: Owner) -> Draft | None:
    """The plan that is in use: before anybody has opened this year's, the one before."""
    return latest_draft(session, owner, PLAN)


def find_plan(session: Session, owner: Owner, year: str) -> Draft | None:
    """The plan of a school year, if it is begun."""
    return next(iter(list_drafts(session, [owner], guide=PLAN, year=year)), None)


def plan_before(session: Session, owner: Owner, year: str) -> Draft | None:
    """The newest plan from before a school year; usually that of the year before."""
    return latest_draft(session, owner, PLAN, before_year=year)


def rows_of(session: Session, owner: Owner, year: str) -> list[dict[str, Any]]:
    """The rows of the year's plan; before it is begun, those that it will begin with."""
    plan = find_plan(session, owner, year)
    if plan is not None:
        return rows_in(answers_of(session, plan.id))
    before = plan_before(session, owner, year)
    rows = rows_in(answers_of(session, before.id)) if before else []
    return [row for row in rows if not is_done(row)]


def carry_over(session: Session, plan: Draft) -> int:
    """Put in a plan what the one before left unfinished; how many rows that was.

    What has once stood in the plan is left alone, so that asking again does nothing, and a row that
    was deleted stays so. The rows keep their ids, and who wrote them and when.
    """
    before = plan_before(session, plan.owner, plan.year)
    if plan.guide != PLAN or before is None:
        return 0
    stored = answers_of(session, plan.id)
    left = {
        key: answer
        for key, answer in answers_of(session, before.id).items()
        if key.startswith(key_of("")) and isinstance(answer.value, dict)
        if not is_done(answer.value) and key not in stored
    }
    for key, answer in left.items():
        save_answer(
            session,
            plan.id,
            key,
            answer.value,
            base=0,
            person_key=answer.author,
            person_name=answer.author_name,
            at=answer.at,
        )
    return len(left)
