"""Fits the weights of the ranking: `python -m bench.fit` prints what to put in knowledge/search.py.

For each answerable question of tests/quality/tuning.jsonl the passages found are told apart by
whether they hold the gold; the weights are moved so that those that do get the higher share
(softmax, plain gradient steps). Nothing but the weights is learned, and nothing is written.
"""

import json
import math
import sys
from pathlib import Path

from bench.scoring import holds
from knowledge.library import Library, load_library
from knowledge.search import WEIGHTS, Likeness, read_question, search, topic_of

TUNING = Path(__file__).parent.parent / "tests" / "quality" / "tuning.jsonl"
STEPS = 400
STEP = 0.3
SHARPNESS = 8.0
SHRINK = 0.001  # keeps weights small where the questions don't say

Case = tuple[list[Likeness], list[bool]]


def main() -> None:
    library, _ = load_library()
    cases = [
        case for line in TUNING.read_text("utf-8").splitlines() for case in _case(library, line)
    ]
    fitted = list(WEIGHTS)
    for _ in range(STEPS):
        gradient = [0.0] * len(fitted)
        for likenesses, right in cases:
            _add_gradient(fitted, likenesses, right, gradient)
        fitted = [
            w + STEP * (g / len(cases) - SHRINK * w) for w, g in zip(fitted, gradient, strict=True)
        ]
    for name, before, after in zip(Likeness._fields, WEIGHTS, fitted, strict=True):
        sys.stdout.write(f"{name:12} {before:6.2f} -> {after:6.2f}\n")
    sys.stdout.write(
        f"first is right: {_share(cases, WEIGHTS):.3f} -> {_share(cases, fitted):.3f}\n"
    )


def _case(library: Library, line: str) -> list[Case]:
    asked = json.loads(line)
    if not asked["gold_any"]:
        return []
    topic = None
    if "context" in asked:
        before = read_question(library, asked["context"])
        found = search(library, before, 1)
        topic = topic_of(before, found[0].passage) if found else None
    hits = search(library, read_question(library, asked["question"], topic), 50)
    right = [holds(hit.passage.text, asked["gold_any"]) for hit in hits]
    return [([hit.likeness for hit in hits], right)] if any(right) else []


def _scores(weights: list[float], likenesses: list[Likeness]) -> list[float]:
    return [sum(w * x for w, x in zip(weights, one, strict=True)) for one in likenesses]


def _add_gradient(
    weights: list[float], likenesses: list[Likeness], right: list[bool], gradient: list[float]
) -> None:
    scores = _scores(weights, likenesses)
    top = max(scores)
    shares = [math.exp(SHARPNESS * (score - top)) for score in scores]
    total = sum(shares)
    total_right = sum(share for share, ok in zip(shares, right, strict=True) if ok) or 1e-12
    for likeness, share, ok in zip(likenesses, shares, right, strict=True):
        pull = (share / total_right if ok else 0.0) - share / total
        for place, value in enumerate(likeness):
            gradient[place] += pull * value


def _share(cases: list[Case], weights: list[float] | Likeness) -> float:
    first = 0
    for likenesses, right in cases:
        scores = _scores(list(weights), likenesses)
        first += right[scores.index(max(scores))]
    return first / len(cases)


if __name__ == "__main__":
    main()
