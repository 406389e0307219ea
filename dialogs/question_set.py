"""What a question set is: a short reflection or a survey, which each person answers once a round.

Strict objects of TOML files (docs/guides.md), like guides; the steps are those of guides, of the
kinds that can be counted or read without a name. `question_set_files.py` reads and checks them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from dialogs.guide import Step, in_language
from dialogs.messages import Language

SetKind = Literal["refleksjon", "undersøkelse", "sjekk"]
Visibility = Literal["samlet", "navngitt"]
Finest = Literal["kommune", "skole"]
Rhythm = Literal["", "måned", "halvår", "år"]

COUNTED = ("scale", "two_scales", "one_of")
WRITTEN = ("long_text", "short_text")
MOST_QUESTIONS = 3  # of a short reflection: all on one card
POINTS = 5  # of a scale


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class QuestionSection(_Strict):
    """A theme with its definition, and the questions about it; one card in a survey."""

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str = Field(min_length=1)
    title_nn: str = Field(min_length=1)
    about: str = ""  # the definition, which stands beside the questions
    about_nn: str = ""
    source: str = ""
    used_for: str = ""  # what the answers are used for, and not: stands beside the results
    used_for_nn: str = ""
    not_used_for: str = ""
    not_used_for_nn: str = ""
    step: tuple[Step, ...] = Field(min_length=1)

    def named(self, language: Language) -> str:
        return in_language(language, self.title, self.title_nn)

    def defined(self, language: Language) -> str:
        return in_language(language, self.about, self.about_nn)


@dataclass(frozen=True, slots=True)
class Question:
    """What is counted as one: a scale, one of a pair of scales, or a choice.

    `id` is the step's, or "step.scale". `categories` are the answers in order: category 1 is the
    first, and so on; `ordered` says that they are points of a scale, so that a mean has meaning.
    """

    id: str
    section: str
    step: str
    text: str
    categories: tuple[str, ...]
    ordered: bool


class QuestionSet(_Strict):
    """A question set: what it asks, of whom, how often, and who sees what."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    kind: SetKind
    title: str = Field(min_length=1)
    title_nn: str = Field(min_length=1)
    about: str = Field(min_length=1)
    about_nn: str = Field(min_length=1)
    source: str = Field(min_length=1)
    minutes: float = Field(gt=0, le=30)
    to: tuple[str, ...] = Field(min_length=1)  # audience lines to begin with, such as "lærere"
    rhythm: Rhythm = ""
    visibility: Visibility = "samlet"
    finest: Finest = "skole"  # the smallest unit that results are shown for
    unasked: bool = False  # may be answered of one's own accord, with «refleksjon»
    together: bool = False  # a team answers as one, in one of their chats
    background: tuple[Step, ...] = ()  # "erfaring": a choice that results are split by
    section: tuple[QuestionSection, ...] = Field(min_length=1)

    def named(self, language: Language) -> str:
        return in_language(language, self.title, self.title_nn)

    def described(self, language: Language) -> str:
        return in_language(language, self.about, self.about_nn)

    def steps(self) -> Iterator[Step]:
        """Every step in order, without the background."""
        for section in self.section:
            yield from section.step

    def find(self, id: str) -> Step | None:
        every = (*self.background, *self.steps())
        return next((step for step in every if step.id == id), None)

    def questions(self, language: Language) -> tuple[Question, ...]:
        """Everything that is counted, in the set's own order."""
        return tuple(
            question
            for section in self.section
            for step in section.step
            for question in _questions(section.id, step, language)
        )

    def texts(self) -> tuple[Step, ...]:
        """The steps that are answered in one's own words."""
        return tuple(step for step in self.steps() if step.kind in WRITTEN)


def _questions(section: str, step: Step, language: Language) -> Iterator[Question]:
    heading = step.heading(language)
    match step.kind:
        case "scale":
            low = in_language(language, step.low, step.low_nn)
            high = in_language(language, step.high, step.high_nn)
            yield Question(step.id, section, step.id, heading, _points(low, high), True)
        case "two_scales":
            for scale in step.scales:
                low = in_language(language, scale.low, scale.low_nn)
                high = in_language(language, scale.high, scale.high_nn)
                text = in_language(language, scale.text, scale.text_nn)
                id = f"{step.id}.{scale.id}"
                yield Question(id, section, step.id, f"{heading}: {text}", _points(low, high), True)
        case "one_of":
            options = tuple(in_language(language, one.text, one.text_nn) for one in step.choices)
            yield Question(step.id, section, step.id, heading, options, False)


def _points(low: str, high: str) -> tuple[str, ...]:
    middle = tuple(str(point) for point in range(2, POINTS))
    return (f"1 – {low}", *middle, f"{POINTS} – {high}")
