"""What a person fills in of a round: what is asked, what is filled in, and what becomes of it.

Answers are JSON by step id, as in a draft of steg for steg; None is an optional step passed without
an answer. `values` and `texts` are what goes in the ballot box.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from dialogs import answers
from dialogs.access import LEADERS
from dialogs.checkins.round_audience import is_staff
from dialogs.checkins.round_words import title_in
from dialogs.context import Composing, Context
from dialogs.deputy import can_share
from dialogs.drafts import known_for
from dialogs.guide import Step
from dialogs.known import Known
from dialogs.meetings.audience import is_for
from dialogs.messages import Language
from dialogs.question_set import COUNTED, WRITTEN, QuestionSet
from dialogs.question_set_files import questions_of
from dialogs.school_year import school_year
from storage.ballots import Named, Place, draft_of, has_answered, named_answer_of
from storage.database import Session
from storage.drafts import Owner
from storage.people import RegisteredPerson
from storage.rounds import Round

Where = Context | Composing

BACKGROUND = "@"  # what stands before the first theme; ids of sections begin with a letter
EXPERIENCE = "erfaring"
LEADER, TEACHER = "leder", "lærer"  # the roles that results are split by
TELL_UNIT = "tell_unit"  # the input that is ticked to let texts be read with the school's name


@dataclass(frozen=True)
class Form:
    """A round's questions with what one person has filled in of them."""

    round: Round
    questions: QuestionSet
    person: RegisteredPerson
    known: Known
    answers: Mapping[str, Any] = field(default_factory=dict)

    @property
    def language(self) -> Language:
        return self.known.language

    @property
    def is_survey(self) -> bool:
        """Theme by theme and saved as one goes, rather than all on one card."""
        return self.questions.kind == "undersøkelse"

    @property
    def is_named(self) -> bool:
        return self.questions.visibility == "navngitt"

    @property
    def title(self) -> str:
        return title_in(self.language, self.round)

    @property
    def sections(self) -> tuple[str, ...]:
        """The cards of a survey in order, by id."""
        background = (BACKGROUND,) if self.questions.background else ()
        return (*background, *(section.id for section in self.questions.section))

    @property
    def steps(self) -> tuple[Step, ...]:
        """All that is asked, in order."""
        return (*self.questions.background, *self.questions.steps())

    def steps_of(self, section: str) -> tuple[Step, ...]:
        """What is asked on one card of a survey."""
        if section == BACKGROUND:
            return self.questions.background
        return next((one.step for one in self.questions.section if one.id == section), ())

    def find(self, step: object) -> Step | None:
        return next((one for one in self.steps if one.id == step), None)

    @property
    def missing(self) -> tuple[Step, ...]:
        """The steps that must be answered and are not."""
        return tuple(
            one for one in self.steps if not one.optional and self.answers.get(one.id) is None
        )

    @property
    def current(self) -> str:
        """The first card of a survey with something that has not been passed; "" for none."""
        return next(
            (
                section
                for section in self.sections
                if any(step.id not in self.answers for step in self.steps_of(section))
            ),
            "",
        )

    @property
    def tells_unit(self) -> bool:
        """Whether people may choose that what they write is read with their school's name."""
        own = self.questions.finest == "skole" and not self.round.unit and bool(self.person.unit)
        return own and not self.is_named and bool(self.questions.texts())

    def section_of(self, step: Step) -> str:
        return next(one for one in self.sections if step in self.steps_of(one))

    def with_answers(self, more: Mapping[str, Any]) -> "Form":
        return replace(self, answers={**self.answers, **more})


@dataclass(frozen=True, slots=True)
class Filled:
    """What could be read of a card, by step, and what is wrong with the rest, by input."""

    answers: Mapping[str, Any]
    mistakes: Mapping[str, str]
    written: Sequence[str]  # in people's own words: for the guard, before anything is kept


def form_of(where: Where, person: RegisteredPerson, round: Round) -> Form:
    """The round's questions with the person's draft; of a named round, what was answered last."""
    known = known_for(
        where.session,
        where.library,
        person,
        Owner("person", person.key),
        year=school_year(where.today),
        about="",
        today=where.today,
        language=where.language,
    )
    form = Form(round, questions_of(round.asked), person, known)
    kept = draft_of(where.session, round.id, person.key)
    if not kept and form.is_named and (named := named_of(where.session, form)):
        kept = dict(named.answers)
    steps = {step.id: step for step in form.steps}
    return replace(
        form,
        answers={id: v for id, v in kept.items() if id in steps and answers.fits(steps[id], v)},
    )


def named_of(session: Session, form: Form) -> Named | None:
    """What has been answered for the person's school in a named round."""
    return named_answer_of(session, form.round.id, form.person.unit)


def is_asked(session: Session, round: Round, person: RegisteredPerson) -> bool:
    """Whether the round is put to the person, as the register is now."""
    if not is_staff(person):
        return False
    if round.month is not None:  # what is shared unasked, by those whom the set is for
        return is_for(session, questions_of(round.asked).to, person)
    return is_for(session, round.audience, person)


def may_answer_for_school(session: Session, person: RegisteredPerson) -> bool:
    """Who gives a school's official answer: rektor, or the deputy."""
    if person.role not in LEADERS or not person.unit:
        return False
    return can_share(session, person, Owner("school", person.unit))


def is_done(session: Session, round: Round, person: RegisteredPerson) -> bool:
    """Whether nothing more is awaited of the person: they have answered, or their school has."""
    if questions_of(round.asked).visibility == "navngitt":
        if not may_answer_for_school(session, person):
            return True
        return named_answer_of(session, round.id, person.unit) is not None
    return has_answered(session, round.id, person.key)


def read_steps(form: Form, steps: Sequence[Step], value: Mapping[str, Any]) -> Filled:
    """What a card sent, which may be any JSON."""
    read: dict[str, Any] = {}
    mistakes: dict[str, str] = {}
    written: list[str] = []
    for step in steps:
        found = answers.read(step, value, form.language, form.known)
        if isinstance(found, answers.Mistakes):
            mistakes |= found.by_input
        else:
            read[step.id] = found.value
            written += answers.free_texts(step, found.value)
    return Filled(read, mistakes, written)


def is_ticked(value: Mapping[str, Any]) -> bool:
    return value.get(TELL_UNIT) == "ja"


# Into the ballot box


def values_of(form: Form) -> list[tuple[str, int]]:
    """What is counted: (question, category from 1)."""
    found: list[tuple[str, int]] = []
    for step in form.questions.steps():
        answer = form.answers.get(step.id)
        if answer is None or step.kind not in COUNTED:
            continue
        match step.kind:
            case "scale":
                found.append((step.id, answer))
            case "two_scales":
                found += [(f"{step.id}.{one.id}", answer[one.id]) for one in step.scales]
            case "one_of":
                options = [option.value for option in step.choices]
                found.append((step.id, options.index(answer) + 1))
    return found


def texts_of(form: Form) -> list[tuple[str, str]]:
    """What is read: (question, text)."""
    return [
        (step.id, str(form.answers[step.id]))
        for step in form.questions.steps()
        if step.kind in WRITTEN and form.answers.get(step.id)
    ]


def place_of(form: Form) -> Place:
    """Where the answers are from, as far as results are shown."""
    if form.questions.finest == "kommune":
        return Place()
    return Place(form.person.unit, form.person.zone, form.person.school_type)


def role_of(form: Form) -> str:
    """The role that results are split by; a tillitsvalgt is one of the lærere."""
    return LEADER if form.person.role in LEADERS else TEACHER


def experience_of(form: Form) -> str:
    return str(form.answers.get(EXPERIENCE) or "")
