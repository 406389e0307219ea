"""A draft as the conversation sees it: what is stored, together with the guide that asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from dialogs import answers, engine
from dialogs.access import is_leader, may_edit, owner_for
from dialogs.actions import ACTIONS
from dialogs.context import OSLO, Composing, Context
from dialogs.guide import Guide, Step
from dialogs.known import Known
from dialogs.messages import Language, Reply, TextReply
from dialogs.plan_rows import rows_of
from dialogs.school_year import school_year
from knowledge.library import Library
from storage.database import Session
from storage.drafts import (
    Answer,
    Conflict,
    Draft,
    Owner,
    answers_of,
    find_draft,
    latest_draft,
    list_drafts,
    save_answer,
    start_draft,
)
from storage.people import RegisteredPerson, find_person, people_of_unit


@dataclass(frozen=True)
class View:
    """One draft, read once: `stored` by storage key, `answers` by step id."""

    draft: Draft
    guide: Guide
    stored: Mapping[str, Answer]
    answers: Mapping[str, Any]
    known: Known

    @property
    def title(self) -> str:
        """The guide's name, and what this draft is about when there may be several."""
        name = self.guide.named(self.known.language)
        step = self.guide.find(self.guide.named_by)
        value = self.answers.get(self.guide.named_by)
        if step is None or value is None or not answers.fits(step, value, self.known):
            return name
        return f"{name} – {answers.plain(step, value, self.known.language, self.known)}"

    def with_saved(self, saved: Answer) -> "View":
        """The view after an answer was saved in it."""
        stored = {**self.stored, saved.key: saved}
        revision = max(self.draft.revision, saved.revision)
        return _read(replace(self.draft, revision=revision), self.guide, stored, self.known)

    def rows(self, step_id: str) -> list[dict[str, Any]]:
        """The rows of a table; none when it has only been passed."""
        answer = self.answers.get(step_id)
        return answer if isinstance(answer, list) else []

    def missing(self) -> tuple[Step, ...]:
        """The steps on the way that need an answer and have none."""
        return tuple(
            step
            for step in engine.path(self.guide, self.answers)
            if step.kind != "read" and not step.optional and not self._has_answer(step)
        )

    def _has_answer(self, step: Step) -> bool:
        value = self.answers.get(step.id)
        return not engine.is_empty(value) and answers.fits(step, value, self.known)

    def base(self, key: str) -> int:
        """The revision of an answer as it is now; 0 when there is none."""
        return self.stored[key].revision if key in self.stored else 0


def open_view(context: Context | Composing, draft_id: object) -> View | None:
    """The draft, when it is there and is this person's to edit."""
    person = context.person
    if person is None or not isinstance(draft_id, str):
        return None
    draft = find_draft(context.session, draft_id)
    if draft is None or not may_edit(person, draft.owner):
        return None
    guide = context.guides.get(draft.guide)
    return view_of(context, person, guide, draft) if guide else None


def gone(context: Context, draft_id: object = "") -> list[Reply]:
    """What to say when a draft is not there, not theirs, or its guide is no longer used."""
    context.turn.doing = None
    if context.person is None:
        return [TextReply(context.wording.say("steps_unknown"))]
    draft = find_draft(context.session, draft_id) if isinstance(draft_id, str) else None
    unused = draft is not None and may_edit(context.person, draft.owner)
    return [TextReply(context.wording.say("steps_not_in_use" if unused else "steps_gone"))]


def view_of(
    context: Context | Composing, person: RegisteredPerson, guide: Guide, draft: Draft
) -> View:
    """The draft read for this person. The caller has seen to it that they may."""
    stored = answers_of(context.session, draft.id)
    known = known_for(
        context.session,
        context.library,
        person,
        draft.owner,
        year=draft.year,
        about=draft.about,
        today=context.today,
        language=context.language,
    )
    return _read(draft, guide, stored, known)


def _read(draft: Draft, guide: Guide, stored: Mapping[str, Answer], known: Known) -> View:
    values = {key: one.value for key, one in stored.items()}
    known = replace(known, answers=engine.gather(values, guide))
    return View(draft, guide, stored, known.answers, known)


def begin(context: Context, guide: Guide, *, id: str = "", about: str = "") -> View | str:
    """Start the guide, or open what is already started; or one sentence that says why not.

    `id` is the button's: pressed twice it begins one draft. The draft's own id is always new, so
    that no old card can reach a draft begun after the one it was made for was deleted.
    """
    person, wording = context.person, context.wording
    if person is None:
        return wording.say("steps_unknown")
    owner = owner_for(guide, person)
    if owner is None:
        return wording.say("steps_not_yours", title=guide.named(context.language))
    year = school_year(context.today)
    slot = _slot(guide, owner, year, about, id or uuid4().hex)
    if guide.starts_when and not _is_started(context.session, guide, owner, year):
        known = known_for(
            context.session,
            context.library,
            person,
            owner,
            year=year,
            about=about,
            today=context.today,
            language=context.language,
        )
        if reason := ACTIONS[guide.starts_when].call(known, guide):
            return str(reason)
    draft = start_draft(
        context.session,
        id=uuid4().hex,
        guide=guide.id,
        owner=owner,
        year=year,
        about=about,
        slot=slot,
        person=person.key,
        at=context.now,
    )
    return view_of(context, person, guide, draft)


def _slot(guide: Guide, owner: Owner, year: str, about: str, id: str) -> str:
    """What there is one of: a guide a year, or one for each thing it is about, or any number."""
    if guide.per == "theme" and not about:
        about = id
    return "|".join((guide.id, owner.kind, owner.name, year, about))


def _is_started(session: Session, guide: Guide, owner: Owner, year: str) -> bool:
    return bool(list_drafts(session, [owner], guide=guide.id, year=year))


def known_for(
    session: Session,
    library: Library,
    person: RegisteredPerson,
    owner: Owner,
    *,
    year: str,
    about: str,
    today: date,
    language: Language,
) -> Known:
    """What is known beside the draft's own answers, most of it fetched only when asked for."""

    def written(draft: Draft | None) -> Mapping[str, Any]:
        if draft is None:
            return {}
        stored = answers_of(session, draft.id)
        return engine.gather({key: one.value for key, one in stored.items()})

    return Known(
        today=today,
        language=language,
        person=person,
        owner=owner,
        year=year,
        about=about,
        answers={},
        library=library,
        earlier=lambda guide: written(latest_draft(session, owner, guide, before_year=year)),
        newest=lambda guide: written(latest_draft(session, owner, guide)),
        plan=lambda: (
            rows_of(session, Owner("school", person.unit), year) if is_leader(person) else []
        ),
        colleagues=lambda: people_of_unit(session, person.unit) if person.unit else [],
        somebody=lambda key: find_person(session, key),
        finished=lambda: frozenset(
            draft.guide for draft in list_drafts(session, [owner]) if draft.finished_at
        ),
    )


def when(at: datetime) -> str:
    """When something was written, as people in Norway write it."""
    return f"{at.astimezone(OSLO):%d.%m.%Y kl. %H.%M}"


def proposed(view: View, step: Step) -> Any:
    """What the guide proposes as the answer; None when it has nothing that fits."""
    value = ACTIONS[step.prefill].call(view.known, view.guide, step) if step.prefill else None
    return value if value is not None and answers.fits(step, value, view.known) else None


def with_proposed_rows(context: Context, view: View, step: Step) -> View:
    """A table that nobody has touched begins with the rows that its guide proposes."""
    touched = any(key == step.id or key.startswith(f"{step.id}/") for key in view.stored)
    return view if touched else propose_rows(context, view, step)


def propose_rows(context: Context, view: View, step: Step) -> View:
    """Save the rows that the guide proposes in place of those that the person has seen there."""
    rows = proposed(view, step)
    if not rows:
        return view
    new = {f"{step.id}/{row['id']}": {k: v for k, v in row.items() if k != "id"} for row in rows}
    gone = dict.fromkeys(key for key in view.stored if key.startswith(f"{step.id}/"))
    for key, row in (gone | new).items():
        save(context, view, key, row, view.base(key))
    return view_of(context, view.known.person, view.guide, view.draft)


def save(context: Context, view: View, key: str, value: Any, base: int | None) -> Answer | Conflict:
    """Save an answer as the person of the view; a Conflict when it isn't what was seen any more."""
    person = view.known.person
    return save_answer(
        context.session,
        view.draft.id,
        key,
        value,
        base=base,
        person_key=person.key,
        person_name=person.name,
        at=context.now,
    )
