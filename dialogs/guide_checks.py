"""What no single key can tell: whether the steps of a guide, and the guides, go together."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from pydantic import BaseModel

from dialogs.actions import ACTIONS, Purpose
from dialogs.guide import Column, Guide, Option, Step
from storage.people_file import ROLES

Mistake = tuple[str, str]  # (step id or "", the sentence)

# What only some kinds of step have, or may not have.
_BELONGS_TO = {
    "choices": ("one_of", "several_of"),
    "choices_from": ("one_of", "several_of"),
    "next": ("one_of",),
    "compute": ("read",),
    "minimum": ("number",),
    "maximum": ("number",),
    "unit": ("number",),
    "unit_nn": ("number",),
    "low": ("scale",),
    "low_nn": ("scale",),
    "high": ("scale",),
    "high_nn": ("scale",),
    "scales": ("two_scales",),
    "columns": ("table",),
}
_LONG = 60  # characters; a longer text is never the same in bokmål and nynorsk


def mistakes_in(guide: Guide) -> list[Mistake]:
    """Everything that is wrong within one guide."""
    ids = [step.id for step in guide.step]
    return [
        *mistakes_in_head(guide, ids),
        *mistakes_in_steps(guide.step, ids),
        *_unreachable(guide.step),
    ]


def mistakes_in_steps(steps: Sequence[Step], ids: Sequence[str]) -> list[Mistake]:
    """What is wrong with the steps that could be read; `ids` are those of all, in order."""
    twice = [id for id, times in Counter(ids).items() if times > 1]
    found = [(id, "to steg har denne id-en. Gi det ene en annen.") for id in twice]
    found += [(step.id, text) for step in steps for text in _in_step(step)]
    return found + list(_jumps(steps, ids))


def mistakes_between(guides: Iterable[tuple[str, Guide]]) -> list[str]:
    """Ids, and phrases or titles that begin two guides, of (file name, guide)."""
    found: list[str] = []
    first: dict[tuple[str, str], tuple[int, str]] = {}
    for number, (name, guide) in enumerate(guides):
        phrases = (*guide.ask, guide.title, guide.title_nn)
        said = dict.fromkeys(("ask", " ".join(phrase.casefold().split())) for phrase in phrases)
        for what, text in (("id", guide.id), *said):
            other, other_name = first.setdefault((what, text), (number, name))
            if other != number:
                found.append(f"{name}: {what} «{text}» står også i {other_name}. Endre den ene.")
    return found


def unknown_sections(steps: Iterable[Step], sections: Collection[str]) -> Iterator[Mistake]:
    """Steps whose `why` names no section; `sections` are all addresses there are."""
    known = {section.casefold() for section in sections}
    for step in steps:
        if step.why and step.why.casefold() not in known:
            yield (
                step.id,
                f"why: avsnittet «{step.why}» finnes ikke. "
                "Skriv kortnavnet på dokumentet og overskriftene slik de står, med › mellom.",
            )


def mistakes_in_head(guide: Guide, ids: Sequence[str]) -> Iterator[Mistake]:
    """What is wrong with what stands above the steps; `ids` as in `mistakes_in_steps`."""
    for text in mistakes_of_languages(guide):
        yield "", text
    for role in guide.roles:
        if role not in ROLES:
            yield "", f"roles: rollen «{role}» finnes ikke. Velg mellom {', '.join(ROLES)}."
    if guide.suggested is not None and guide.suggested not in guide.audiences:
        yield "", f"suggested: «{guide.suggested}» står ikke i audiences. Legg den til der."
    if guide.starts_when:
        for text in _action("starts_when", guide.starts_when, "rule"):
            yield "", text
    if guide.per == "theme":
        named_by = guide.find(guide.named_by)
        if named_by is None and guide.named_by in ids:
            return  # what is wrong with that step is told
        if named_by is None or named_by.kind not in ("short_text", "one_of") or named_by.optional:
            yield (
                "",
                "named_by: skriv id-en til det steget som gir utkastet navn. "
                "Det må være short_text eller one_of, og ikke valgfritt.",
            )
    elif guide.named_by:
        yield "", 'named_by hører bare til per = "theme". Ta den bort.'


def _in_step(step: Step) -> Iterator[str]:
    yield from mistakes_of_languages(step)
    for key, kinds in _BELONGS_TO.items():
        if step.kind not in kinds and getattr(step, key) not in ("", None, (), {}):
            yield f"{key} hører bare til {' og '.join(kinds)}. Ta den bort, eller endre kind."
    if step.prefill and step.kind == "read":
        yield "prefill hører ikke til read. Ta den bort."
    if step.optional and step.kind == "read":
        yield "et steg som bare leses, kan ikke være valgfritt. Ta bort optional."
    if step.prefill:
        yield from _action("prefill", step.prefill, "prefill")
    if step.compute:
        yield from _action("compute", step.compute, "compute")
    match step.kind:
        case "one_of" | "several_of":
            yield from _choices(step)
        case "scale":
            if not (step.low and step.high):
                yield "scale trenger low og high: hva 1 og 5 betyr."
        case "two_scales":
            if len(step.scales) != 2 or len({scale.id for scale in step.scales}) != 2:
                yield "two_scales trenger nøyaktig to scales, med hver sin id."
        case "number":
            least, most = step.minimum, step.maximum
            if least is not None and most is not None and least > most:
                yield "minimum er større enn maximum. Bytt dem om."
        case "table":
            yield from _columns(step)


def _columns(step: Step) -> Iterator[str]:
    if not step.columns:
        yield "table trenger columns: minst én kolonne."
    for id, times in Counter(column.id for column in step.columns).items():
        if times > 1:
            yield f"to columns heter «{id}». Gi den ene en annen id."
        if id == "id":
            yield "en kolonne kan ikke hete «id». Gi den en annen id."
    for column in step.columns:
        inside = f"columns «{column.id}»: "
        if column.kind == "one_of":
            yield from (inside + text for text in _choices(column))
        elif column.choices or column.choices_from:
            yield inside + "choices og choices_from hører bare til one_of. Ta dem bort."


def _choices(asked: Step | Column) -> Iterator[str]:
    if asked.choices and asked.choices_from:
        yield "har både choices og choices_from. Behold den ene."
    elif not asked.choices and not asked.choices_from:
        yield f"{asked.kind} trenger choices eller choices_from."
    if asked.choices_from:
        yield from _action("choices_from", asked.choices_from, "choices")
    if len(asked.choices) == 1:
        yield "choices har bare ett valg. Legg til minst ett til."
    names = ("value", "text", "text_nn")
    for name in names:
        for text, times in Counter(getattr(one, name) for one in asked.choices).items():
            if times > 1:
                yield f"choices: {name} «{text}» står to ganger. Endre den ene."


def _jumps(steps: Sequence[Step], ids: Sequence[str]) -> Iterator[Mistake]:
    """Where answers lead: to steps that are there, and forward."""
    places = {id: number for number, id in enumerate(ids)}
    for step in steps:
        if step.next and step.choices_from:
            yield step.id, "next går bare an med choices, ikke med choices_from."
        values = [option.value for option in step.choices]
        for answer, target in step.next.items():
            if values and answer not in values:
                allowed = ", ".join(values)
                yield step.id, f"next: «{answer}» er ikke et av valgene. Velg mellom {allowed}."
            if target not in places:
                yield step.id, f"next: steget «{target}» finnes ikke. Rett id-en."
            elif places[target] <= places[step.id]:
                yield step.id, f"next: steget «{target}» kommer ikke senere. Bare hopp framover."


def _unreachable(steps: Sequence[Step]) -> Iterator[Mistake]:
    places = {step.id: number for number, step in enumerate(steps)}
    reached = {0}
    for number, step in enumerate(steps):
        if number not in reached:
            text = "ingen kommer hit: alle svar hopper forbi. Rett next i et tidligere steg."
            yield step.id, text
            reached.add(number)  # what comes after it is another matter
        reached |= {places[target] for target in step.next.values() if target in places}
        values = {option.value for option in step.choices}
        if step.optional or not step.next or values - step.next.keys():
            reached.add(number + 1)


def _action(key: str, name: str, purpose: Purpose) -> Iterator[str]:
    if name in ACTIONS and ACTIONS[name].purpose == purpose:
        return
    fitting = ", ".join(sorted(n for n, action in ACTIONS.items() if action.purpose == purpose))
    yield f"{key}: funksjonen «{name}» kan ikke brukes her. Velg mellom {fitting}."


def mistakes_of_languages(part: BaseModel, inside: str = "") -> Iterator[str]:
    """Texts that stand in one language only, or are the same in both."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        if isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
            if not isinstance(value[0], Step):  # each step is looked at by itself
                for one in value:
                    yield from mistakes_of_languages(one, f"{name} «{_called(one)}»: ")
            continue
        twin = f"{name}_nn"
        if twin not in type(part).model_fields:
            continue
        nynorsk = getattr(part, twin)
        if bool(value) != bool(nynorsk):
            there, missing = (name, twin) if value else (twin, name)
            yield f"{inside}«{there}» står uten «{missing}». Skriv begge, eller ingen av dem."
        elif value == nynorsk and len(value) > _LONG:
            yield f"{inside}«{twin}» er lik «{name}». Skriv den på nynorsk."


def _called(part: BaseModel) -> str:
    if isinstance(part, Option):
        return part.value
    return str(getattr(part, "id", "") or getattr(part, "text", ""))
