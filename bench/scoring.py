"""What counts as a right answer, by the same rules as the scorer of the shared questions.

A question has `gold_any`: alternatives, each a list of strings that an answer must all hold,
compared without regard to case and with white space folded. No alternatives: the documents don't
answer, and declining is right.

hit@1    answered, and the answer (at most 1,200 characters) holds an alternative
hit@3    the same, or one of the first three passages does
declined `answered` is false
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIMIT = 1_200

Question = Mapping[str, Any]
Answers = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Score:
    """Shares over a set of questions; a share of nothing is 0."""

    answerable: int
    hit1: float
    hit3: float
    declined: float
    unanswerable: int
    declined_rightly: float
    length: float


def read_questions(path: Path) -> list[Question]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def holds(text: str, gold_any: Iterable[Iterable[str]]) -> bool:
    folded = _fold(text)[:LIMIT]
    return any(all(_fold(part) in folded for part in gold) for gold in gold_any)


def score(questions: Iterable[Question], answers: Answers) -> Score:
    first, third, declined, rightly, lengths = [], [], [], [], []
    for question in questions:
        answer, gold = answers[question["id"]], question["gold_any"]
        if answer["answered"]:
            lengths.append(len(answer["answer"]))
        if not gold:
            rightly.append(not answer["answered"])
            continue
        hit = answer["answered"] and holds(answer["answer"], gold)
        first.append(hit)
        third.append(hit or any(holds(p["text"], gold) for p in answer["passages"][:3]))
        declined.append(not answer["answered"])
    return Score(
        len(first),
        _share(first),
        _share(third),
        _share(declined),
        len(rightly),
        _share(rightly),
        _share(lengths),
    )


def _fold(text: str) -> str:
    return re.sub(r"\s+", " ", text).lower()


def _share(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
