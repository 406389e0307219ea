"""How often the answer is right: our own questions, and the shared ones where they are at hand.

`tests/quality/measuring.jsonl` was written from the documents alone and is never tuned on;
`tuning.jsonl` is what the weights are fitted on, so its figures flatter. The shared questions are
read from a folder beside the repository; the even lines of each file are the half that nobody
looks at while building. Everything goes through the same path as `app.py ask --jsonl`.
"""

from collections.abc import Iterable
from pathlib import Path

from bench.asking import ask
from bench.bm25 import PlainSearch
from bench.scoring import Answers, Question, Score, holds, read_questions, score
from bench.table import Goal, goals, table
from knowledge.library import load_library

REPOSITORY = Path(__file__).parents[1]
OWN = REPOSITORY / "tests" / "quality"
SHARED = REPOSITORY.parent / "shared" / "questions"


def question_sets() -> dict[str, list[Question]]:
    """Name -> questions, the sets that were not tuned on first."""
    sets = {"measuring": read_questions(OWN / "measuring.jsonl")}
    if SHARED.is_dir():
        files = [read_questions(path) for path in sorted(SHARED.glob("*.jsonl"))]
        sets["shared, even lines"] = [q for file in files for q in file[1::2]]
        sets["shared, all"] = [q for file in files for q in file]
    sets["tuning (tuned on)"] = read_questions(OWN / "tuning.jsonl")
    return sets


def report() -> str:
    sets = question_sets()
    answers = {name: ask(questions) for name, questions in sets.items()}
    unseen = "shared, even lines" if "shared, even lines" in sets else "measuring"
    head = ("questions", "n", "hit@1", "hit@3", "declined", "unanswerable", "declined", "length")
    rows = [_row(name, score(sets[name], answers[name])) for name in sets]
    rows.append(("BM25 alone, measuring", *_floor(sets["measuring"])))
    parts = [table(head, rows)]
    for name in dict.fromkeys(("measuring", unseen, "tuning (tuned on)")):
        parts.append(f"{name}, by style and kind:\n" + _groups(sets[name], answers[name]))
    parts += [f"Goals on «{n}»:\n" + _goals(sets[n], answers[n]) for n in sets if "tuned" not in n]
    return "\n\n".join(parts)


def _row(name: str, s: Score) -> tuple[str | int | float, ...]:
    return (
        name,
        s.answerable,
        s.hit1,
        s.hit3,
        s.declined,
        s.unanswerable,
        s.declined_rightly,
        f"{s.length:.0f}",
    )


def _groups(questions: list[Question], answers: Answers) -> str:
    answerable = [q for q in questions if q["gold_any"]]
    others = [q for q in questions if not q["gold_any"]]
    rows: list[tuple[str | int | float, ...]] = []
    for key in ("style", "kind"):
        for value, group in _grouped(answerable, key).items():
            s = score(group, answers)
            rows.append((f"{key} {value}", s.answerable, s.hit1, s.hit3, s.declined))
    for value, group in _grouped(others, "kind").items():
        s = score(group, answers)
        rows.append((f"unanswerable {value}", s.unanswerable, "", "", s.declined_rightly))
    return table(("group", "n", "hit@1", "hit@3", "declined"), rows)


def _grouped(questions: Iterable[Question], key: str) -> dict[str, list[Question]]:
    groups: dict[str, list[Question]] = {}
    for question in questions:
        groups.setdefault(str(question[key]), []).append(question)
    return groups


def _goals(questions: list[Question], answers: Answers) -> str:
    s = score(questions, answers)
    answerable = [q for q in questions if q["gold_any"]]
    styles = {
        style: score(group, answers).hit1 for style, group in _grouped(answerable, "style").items()
    }
    bokmål = styles.get("bokmål", 0.0)
    figures = [
        Goal("hit@1", s.hit1, 0.80),
        Goal("hit@3", s.hit3, 0.92),
        Goal("unanswerable declined", s.declined_rightly, 0.90),
        Goal("answerable declined", s.declined, 0.05, at_most=True),
        Goal("mean answer", s.length, 500, "characters", at_most=True),
    ]
    figures += [
        Goal(f"hit@1 of bokmål less {style}", bokmål - styles[style], 0.05, at_most=True)
        for style in ("nynorsk", "skrivefeil")
        if style in styles
    ]
    return goals(figures)


def _floor(questions: list[Question]) -> tuple[int | float | str, ...]:
    """hit@1 and hit@3 of BM25 over the plain passages; it never declines."""
    library, _ = load_library()
    texts = [p.text for p in library.passages if not p.asks and not p.outline]
    plain = PlainSearch(texts)
    answerable = [q for q in questions if q["gold_any"]]
    found = [
        [holds(texts[n], q["gold_any"]) for n in plain.search(q["question"], 3)] for q in answerable
    ]
    count = len(found)
    return (count, sum(f[0] for f in found) / count, sum(map(any, found)) / count, "", "", "", "")
