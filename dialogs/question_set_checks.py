"""What no single key can tell: whether a question set can be asked, counted and understood."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dialogs.guide import Step
from dialogs.guide_checks import Mistake
from dialogs.meetings.audience import ROLES
from dialogs.question_set import COUNTED, MOST_QUESTIONS, WRITTEN, QuestionSection, QuestionSet

MOST_TEXTS_OF_A_REFLECTION = 1  # half a minute has no room for more
MOST_MINUTES_OF_A_REFLECTION = 2
PAIR = ("kompetanse", "viktighet")  # the scales of a survey, whose distance is the gap
_ALLOWED = (*COUNTED, *WRITTEN)


def mistakes_in_set(read: QuestionSet) -> list[Mistake]:
    """Everything that is wrong with it, beside its steps one by one and its two languages."""
    return [*_in_head(read), *_in_background(read), *_in_sections(read), *_in_steps(read)]


def _in_head(read: QuestionSet) -> Iterator[Mistake]:
    for line in read.to:
        if line not in ROLES:
            yield "", f"to: «{line}» går ikke an her. Velg mellom {', '.join(ROLES)}."
    if read.visibility == "navngitt":
        if set(read.to) != {"ledere"}:
            yield "", 'to: svar med navn er bare for ledere. Skriv to = ["ledere"].'
        if read.unasked or read.background:
            yield "", "et spørsmålssett med navn kan ikke ha unasked eller background."
    if read.kind == "refleksjon":
        yield from _in_reflection(read)
    else:
        if read.unasked:
            yield "", "unasked hører bare til en refleksjon. Ta den bort."
        if read.together:
            yield "", "together hører bare til en refleksjon. Ta den bort."


def _in_reflection(read: QuestionSet) -> Iterator[Mistake]:
    if len(list(read.steps())) > MOST_QUESTIONS:
        yield "", f"en kort refleksjon har høyst {MOST_QUESTIONS} spørsmål. Ta bort noen."
    if len(read.texts()) > MOST_TEXTS_OF_A_REFLECTION:
        yield "", "en kort refleksjon har høyst ett spørsmål som svares med egne ord."
    if read.minutes > MOST_MINUTES_OF_A_REFLECTION:
        yield "", f"minutes: en kort refleksjon tar høyst {MOST_MINUTES_OF_A_REFLECTION} minutter."


def _in_background(read: QuestionSet) -> Iterator[Mistake]:
    if len(read.background) > 1:
        yield "", "background kan bare ha ett steg: «erfaring»."
    for step in read.background:
        if step.id != "erfaring" or step.kind != "one_of":
            yield step.id, "background kan bare ha steget «erfaring», av slaget one_of."


def _in_sections(read: QuestionSet) -> Iterator[Mistake]:
    for id, times in Counter(section.id for section in read.section).items():
        if times > 1:
            yield "", f"to deler har id-en «{id}». Gi den ene en annen."
    for section in read.section:
        if read.kind == "undersøkelse":
            for key, said in _told_in_a_survey(section):
                yield "", f"section «{section.id}»: «{key}» mangler. Skriv {said}."


def _told_in_a_survey(section: QuestionSection) -> Iterator[tuple[str, str]]:
    if not section.about:
        yield "about", "hva temaet betyr, for det står ved siden av spørsmålene"
    if not section.used_for:
        yield "used_for", "hva svarene skal brukes til"
    if not section.not_used_for:
        yield "not_used_for", "hva svarene ikke skal brukes til"


def _in_steps(read: QuestionSet) -> Iterator[Mistake]:
    for step in (*read.background, *read.steps()):
        if step.kind not in _ALLOWED:
            yield step.id, f"kind kan ikke være «{step.kind}». Bruk {_listed(_ALLOWED)}."
        for key in _unused(step):
            yield step.id, f"{key} brukes ikke i et spørsmålssett. Ta den bort."
        ids = tuple(scale.id for scale in step.scales)
        if read.kind == "undersøkelse" and len(ids) == len(PAIR) and ids != PAIR:
            yield step.id, f"scales: id-ene skal være {' og '.join(PAIR)}, i den rekkefølgen."
    if read.visibility == "samlet":
        for step in read.texts():
            if not step.optional:
                yield step.id, "ingen må skrive med egne ord. Legg til optional = true."


def _unused(step: Step) -> Iterator[str]:
    for key in ("next", "prefill", "compute", "choices_from"):
        if getattr(step, key):
            yield key


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words[:-1]) + " eller " + words[-1]
