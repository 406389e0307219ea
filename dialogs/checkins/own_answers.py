"""«Vis mine svar én gang»: a person's own answers as egenvurdering, before they are sent.

The picture is made of the draft and kept nowhere: strengths first, then own gap by theme, then all
that was answered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from dialogs import answers
from dialogs.checkins.ballot_form import Form, Where
from dialogs.guide import Step
from dialogs.messages import Block, Facts, Items, Paragraph, Table
from dialogs.question_set import QuestionSection
from dialogs.wording import Wording

STRONG = 4  # of 5: from here one's own competence counts as a strength


@dataclass(frozen=True, slots=True)
class Gap:
    """How good one's competence is and how important developing it is, from 1 to 5."""

    name: str
    competence: float
    importance: float

    @property
    def size(self) -> float:
        """Above 0 where developing it is more important than the competence is good."""
        return self.importance - self.competence

    @property
    def is_strength(self) -> bool:
        return self.competence >= STRONG and self.size <= 0


def own_picture(where: Where, form: Form) -> list[Block]:
    """Strengths and gaps where there are pairs of scales, else nothing; then every answer."""
    wording = where.wording
    gaps = [gap for section in form.questions.section for gap in gaps_of(form, section)]
    blocks: list[Block] = [Paragraph(wording.say("round_own_once"), "note")]
    if gaps:
        strong = tuple(one.name for one in gaps if one.is_strength)
        blocks.append(Paragraph(wording.say("round_own_strengths"), "heading"))
        none = Paragraph(wording.say("round_own_no_strengths"))
        blocks.append(Items(strong) if strong else none)
        blocks += [
            Paragraph(wording.say("round_own_gap"), "heading"),
            Paragraph(wording.say("round_own_gap_means")),
            Table(tuple(wording.many("round_own_columns")), tuple(_themes(form))),
        ]
    blocks.append(Paragraph(wording.say("round_own_all"), "heading"))
    blocks.append(Facts(tuple(own_lines(wording, form, form.steps))))
    return blocks


def own_lines(wording: Wording, form: Form, steps: Iterable[Step]) -> list[tuple[str, str]]:
    """Each question with what the person has answered."""
    return [(step.heading(form.language), _plain(wording, form, step)) for step in steps]


def _plain(wording: Wording, form: Form, step: Step) -> str:
    """An answer on one line; of a pair of scales without their questions, which are all alike."""
    answer = form.answers.get(step.id)
    if step.kind == "two_scales" and answer is not None:
        first, second = _pair(step, answer)
        return wording.say("round_own_pair", first=first, second=second)
    return answers.plain(step, answer, form.language, form.known)


def gaps_of(form: Form, section: QuestionSection) -> list[Gap]:
    """The person's own gaps of a theme: its first scale is the competence, the second how important
    it is to develop it."""
    return [
        Gap(step.heading(form.language), *_pair(step, form.answers[step.id]))
        for step in section.step
        if step.kind == "two_scales" and form.answers.get(step.id) is not None
    ]


def _pair(step: Step, answer: Mapping[str, Any]) -> tuple[float, float]:
    first, second = (answer[scale.id] for scale in step.scales)
    return first, second


def _themes(form: Form) -> Iterable[tuple[str, ...]]:
    """A row for each theme, in the survey's own order."""
    for section in form.questions.section:
        gaps = gaps_of(form, section)
        if gaps:
            competence = sum(one.competence for one in gaps) / len(gaps)
            importance = sum(one.importance for one in gaps) / len(gaps)
            shown = (_shown(competence), _shown(importance), _shown(importance - competence))
            yield (section.named(form.language), *shown)


def _shown(number: float) -> str:
    return f"{number:.1f}".replace(".", ",").replace("-", "−")
