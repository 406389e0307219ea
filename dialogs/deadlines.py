"""Deadlines of the utviklingsplan: the responsible person is reminded a week before.

A reminder is queued when a row is saved, and made from the row as it is when it is due. So one that
should have been cancelled says nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from dialogs.access import is_leader
from dialogs.context import OSLO, Composing, Context, Noticed, Pressed
from dialogs.messages import Button, CardReply, Event, Facts, Paragraph, Reply, TextReply
from dialogs.notices import Later
from dialogs.plan_rows import (
    DONE,
    PLAN,
    STEP,
    find_row,
    first_words,
    is_done,
    key_of,
    newest_plan,
)
from storage.database import Session
from storage.drafts import Answer, Conflict, Draft, Owner, find_draft, history_of, save_answer
from storage.outbox import cancel, queue
from storage.people import RegisteredPerson

REASON = "deadline"
DAYS_BEFORE = 7
AT = time(8)
LAST_MOMENT = time(23, 59, 59)


# Queueing


def plan_row_saved(
    session: Session, draft: Draft, row_id: str, row: Mapping[str, Any] | None, now: datetime
) -> None:
    """Queue the reminder of a row as it now is, and cancel those of what it was before.

    Called after every saved row of a plan, with None for a deleted one. Of a plan that a newer one
    has replaced, nothing is queued.
    """
    newest = newest_plan(session, draft.owner)
    if draft.guide != PLAN or newest is None or newest.id != draft.id:
        return
    wanted = _reminded(row)
    key = key_of(row_id)
    written = {_reminded(one.value) for one in history_of(session, draft.id) if one.key == key}
    for person, frist in filter(None, written - {wanted}):
        cancel(session, reason=REASON, occasion=_occasion(row_id, frist), person=person)
    if wanted is None:
        return
    person, frist = wanted
    due = reminder_at(frist, now)
    if due is None:
        cancel(session, reason=REASON, occasion=_occasion(row_id, frist), person=person)
        return
    queue(
        session,
        person=person,
        reason=REASON,
        occasion=_occasion(row_id, frist),
        about={"unit": draft.owner.name, "row": row_id, "frist": frist.isoformat()},
        due=due,
        latest=datetime.combine(frist, LAST_MOMENT, OSLO).astimezone(UTC),
    )


def reminder_at(frist: date, now: datetime) -> datetime | None:
    """A week before at 08:00 in Oslo; when that is past, the next morning, if it isn't too late."""
    here = now.astimezone(OSLO)
    if frist < here.date():
        return None
    week_before = datetime.combine(frist - timedelta(days=DAYS_BEFORE), AT, OSLO)
    if week_before > here:
        return week_before.astimezone(UTC)
    morning = here.date() if here.time() < AT else here.date() + timedelta(days=1)
    return datetime.combine(morning, AT, OSLO).astimezone(UTC) if morning <= frist else None


def _occasion(row_id: str, frist: date) -> str:
    return f"{row_id}:{frist.isoformat()}"


def _reminded(row: object) -> tuple[str, date] | None:
    """Who is to be reminded of which deadline; None when nobody is."""
    if not isinstance(row, Mapping) or is_done(row):
        return None
    person, frist = row.get("ansvarlig"), frist_of(row)
    return (person, frist) if isinstance(person, str) and person and frist else None


def frist_of(row: Mapping[str, Any]) -> date | None:
    try:
        return date.fromisoformat(row.get("frist") or "")
    except (TypeError, ValueError):
        return None


def deadline_events(rows: Iterable[Mapping[str, Any]]) -> Iterator[Event]:
    """The deadlines that aren't met yet, for a calendar."""
    for row in rows:
        frist = frist_of(row)
        if frist is not None and not is_done(row):
            parts = (row.get("tiltak") or "", row.get("kjennetegn") or "")
            text = "\n\n".join(part for part in parts if part)
            yield Event(str(row["id"]), first_words(row), frist, frist, text)


# The reminder


def reminder(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """What is sent; None when the row is gone, finished, moved, or somebody else's by now."""
    person, wording = composing.person, composing.wording
    owner = Owner("school", str(about.get("unit", "")))
    row_id = str(about.get("row", ""))
    plan = newest_plan(composing.session, owner)
    found = find_row(composing.session, plan, row_id)
    row = found.value if found else None
    frist = frist_of(row) if row else None
    if plan is None or row is None or frist is None or person.unit != owner.name:
        return None
    if _reminded(row) != (person.key, frist) or frist.isoformat() != about.get("frist"):
        return None
    days = (frist - composing.today).days
    if days < 0:
        return None
    later = composing.later
    if later is not None and later.at.astimezone(OSLO).date() <= frist:
        return later
    leads = is_leader(person)
    facts = [
        (wording.say("deadline_what"), row.get("tiltak") or ""),
        (wording.say("deadline_goal"), row.get("maal") or ""),
        (wording.say("deadline_when"), f"{frist:%d.%m.%Y}"),
        (wording.say("deadline_signs"), row.get("kjennetegn") or ""),
    ]
    mine = {"draft": plan.id, "row": row_id}
    done = Button(wording.say("deadline_done"), {"verb": "plan_done", **mine})
    edit = Button(
        wording.say("deadline_open"),
        {"verb": "row_edit", **mine, "step": STEP},
        weight="main",
    )
    leave = Button(wording.say("deadline_leave"), {"verb": "plan_leave", **mine})
    who = "leader" if leads else "others"
    return CardReply(
        _title(composing, days),
        (
            Paragraph(wording.say("deadline_why", unit=owner.name)),
            Facts(tuple((label, text) for label, text in facts if text)),
            Paragraph(wording.say(f"deadline_next_{who}")),
            Paragraph(wording.say(f"deadline_stop_{who}"), "note"),
        ),
        (edit, done, leave) if leads else (done,),
        composing.language,
    )


def _title(composing: Composing, days: int) -> str:
    named = {0: "deadline_title_today", 1: "deadline_title_tomorrow"}
    return composing.wording.say(named.get(days, "deadline_title_days"), days=days)


# Its buttons


def mark_done(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Merk som ferdig», which the responsible person may press even without editing the plan."""
    return _change(context, value, {"status": DONE}, "deadline_is_done")


def leave(context: Context, value: Mapping[str, Any]) -> list[Reply]:
    """«Fjern meg som ansvarlig», for a leader: the plan is theirs to edit."""
    if context.person is None or not is_leader(context.person):
        return [TextReply(context.wording.say("deadline_ask_leader"))]
    return _change(context, value, {"ansvarlig": None}, "deadline_left")


def _change(
    context: Context, value: Mapping[str, Any], change: Mapping[str, Any], said: str
) -> list[Reply]:
    """Change one's own row in the plan that is in use, though the button may be from an older."""
    wording, person = context.wording, context.person
    plan, found = _named_row(context, value)
    if plan is None or found is None or person is None:
        return [TextReply(wording.say("plan_row_gone"))]
    row, row_id = found.value, found.key.removeprefix(key_of(""))
    if not _is_responsible(person, plan, row):
        return [TextReply(wording.say("deadline_not_yours"))]
    if is_done(row):
        return [TextReply(wording.say("deadline_was_done"))]
    changed = {**row, **change}
    saved = save_answer(
        context.session,
        plan.id,
        found.key,
        changed,
        base=found.revision,
        person_key=person.key,
        person_name=person.name,
        at=context.now,
    )
    if isinstance(saved, Conflict):
        name = saved.now.author_name
        return [TextReply(wording.say("deadline_try_again", name=name))]
    plan_row_saved(context.session, plan, row_id, changed, context.now)
    return [TextReply(wording.say(said, measure=first_words(row)))]


def _named_row(
    context: Context, value: Mapping[str, Any]
) -> tuple[Draft, Answer] | tuple[None, None]:
    """The row that a button names, in the newest plan of the school whose plan it names."""
    draft_id, row_id = value.get("draft"), value.get("row")
    if not isinstance(draft_id, str) or not isinstance(row_id, str):
        return None, None
    named = find_draft(context.session, draft_id)
    if named is None or named.guide != PLAN:
        return None, None
    plan = newest_plan(context.session, named.owner)
    found = find_row(context.session, plan, row_id)
    return (plan, found) if plan and found else (None, None)


def _is_responsible(person: RegisteredPerson, plan: Draft, row: Mapping[str, Any]) -> bool:
    return row.get("ansvarlig") == person.key and person.unit == plan.owner.name


VERBS: dict[str, Pressed] = {"plan_done": mark_done, "plan_leave": leave}
NOTICES: dict[str, Noticed] = {REASON: reminder}
