"""Where a person is in a guide: a function of the guide and the answers, and of nothing else.

Answers are kept by step id, so a guide may gain, lose and move steps while drafts are open. There
is no expression language here: a step is followed by the next one, or by the later step that its
answer names. What needs more is a function in actions.py.
"""

from collections.abc import Mapping
from typing import Any

from dialogs.answers import fits
from dialogs.guide import Guide, Step

Answers = Mapping[str, Any]  # by step id; None is an optional step passed without an answer

ROW_MARK = "/"  # "step/row": what one row of a table is stored under


def gather(stored: Mapping[str, Any], guide: Guide | None = None) -> dict[str, Any]:
    """Answers by step id, of what is stored by key.

    A table's rows, in the order they were first written, are one list, each with its "id". A row
    that was deleted is None, and is left out. With `guide`, rows don't hide what was answered
    after the step ceased to be a table.
    """
    answers: dict[str, Any] = {}
    for key, value in stored.items():
        step, mark, row = key.partition(ROW_MARK)
        if not mark:
            answers.setdefault(step, value)
            continue
        rows = answers[step] if isinstance(answers.get(step), list) else []
        if isinstance(value, Mapping):
            rows = [*rows, {**value, "id": row}]
        answers[step] = rows
    for one in guide.step if guide else ():
        # It was a table once; what has been answered since is what holds.
        if one.kind != "table" and stored.get(one.id) not in (None, True):
            answers[one.id] = stored[one.id]
    return answers


def path(guide: Guide, answers: Answers) -> tuple[Step, ...]:
    """The steps from first to last, as far as the answers so far tell which they are.

    It always ends: a jump leads forward, and one that doesn't is taken as none.
    """
    steps = guide.step
    places = {step.id: number for number, step in enumerate(steps)}
    found: list[Step] = []
    number = 0
    while number < len(steps):
        step = steps[number]
        found.append(step)
        answer = answers.get(step.id)
        target = step.next.get(answer, "") if isinstance(answer, str) else ""
        number = max(number + 1, places.get(target, 0))
    return tuple(found)


def current(guide: Guide, answers: Answers) -> Step | None:
    """The first step on the path without an answer that fits it; None when nothing is missing."""
    return next((step for step in path(guide, answers) if not _answered(step, answers)), None)


def after(guide: Guide, answers: Answers, step_id: str) -> Step | None:
    """The step after that one on the path; None after the last.

    From a step that the path no longer passes, it is the next one in the guide that it does pass;
    from one that is gone, the current step.
    """
    order = [step.id for step in guide.step]
    if step_id not in order:
        return current(guide, answers)
    later = order[order.index(step_id) + 1 :]
    return next((step for step in path(guide, answers) if step.id in later), None)


def before(guide: Guide, answers: Answers, step_id: str) -> Step | None:
    """The step before that one on the path; None before the first, and for one that is gone."""
    order = [step.id for step in guide.step]
    if step_id not in order:
        return None
    earlier = order[: order.index(step_id)]
    return next((step for step in reversed(path(guide, answers)) if step.id in earlier), None)


def place(guide: Guide, answers: Answers, step_id: str) -> tuple[int, int]:
    """(number, count): "Steg 3 av 11". A step that isn't on the path counts as the first."""
    ids = [step.id for step in path(guide, answers)]
    return (ids.index(step_id) + 1 if step_id in ids else 1, len(ids))


def new_steps(guide: Guide, known_ids: tuple[str, ...]) -> tuple[Step, ...]:
    """The steps that a person who has seen those ids hasn't seen."""
    return tuple(step for step in guide.step if step.id not in known_ids)


def lost(guide: Guide, answers: Answers) -> dict[str, Any]:
    """What has been answered and no step of the guide can show any more: by the id it had."""
    return {
        id: value
        for id, value in answers.items()
        if not is_empty(value) and not _has_place(guide.find(id), value)
    }


def is_empty(value: Any) -> bool:
    """Whether a stored value holds nothing that somebody chose or wrote (1 does, True doesn't)."""
    return value is None or value is True or value == []


def _has_place(step: Step | None, value: Any) -> bool:
    return step is not None and fits(step, value)


def _answered(step: Step, answers: Answers) -> bool:
    return step.id in answers and (step.kind == "read" or fits(step, answers[step.id]))
