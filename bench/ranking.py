"""How long the ranking takes: reading a question and searching, on our corpus and on a large one.

The first time, the words of a question are new to the process; warmed, the same questions are
asked again. "Misspelled" has two letters swapped in every longer word, so that every question
goes the slow way through the spelling. The large corpus recombines our own sentences, with
compounds made of our own words in place of some, so that the vocabulary grows as it would.
"""

import random
import statistics
import time
from collections.abc import Sequence
from itertools import islice

from bench.quality import OWN
from bench.scoring import read_questions
from bench.table import Goal, goals, table
from knowledge.documents import Document, FrontMatter, Section, Unit
from knowledge.library import HOME, Library, load_library
from knowledge.norwegian import WordLists, stem, tokens
from knowledge.search import read_question, search

LARGE = 100_000
COMPOUNDS = 60_000
SEED = 2026


def report() -> str:
    questions = [
        str(q["question"])
        for name in ("measuring", "tuning")
        for q in read_questions(OWN / f"{name}.jsonl")
    ]
    stem.cache_clear()  # other parts of the bench may have asked the same questions
    shipped, _ = load_library()
    figures, rows = _corpus("our corpus", shipped, questions)
    result = [
        Goal("p50, first time", figures[0], 0.5, "ms", at_most=True),
        Goal("p99, first time", figures[1], 5, "ms", at_most=True),
    ]
    began = time.perf_counter()
    large = large_library(shipped, LARGE)
    took = time.perf_counter() - began
    figures, more = _corpus(f"{len(large.passages):,} passages", large, questions)
    result.append(Goal("p50 at 100,000 passages, first time", figures[0], 10, "ms", at_most=True))
    head = ("read_question + search", "n", "p50 ms", "p99 ms")
    return "\n\n".join(
        (
            table(head, rows + more),
            f"In the same run, a million additions in Python take {_reference():.0f} ms. "
            "A machine that is slower at these is slower at all of it.",
            f"{len(shipped.passages)} passages, {sum(len(p.asks) for p in shipped.passages)} ways "
            f"of asking; the large corpus was made and indexed in {took:.0f} s.",
            goals(result),
        )
    )


def _corpus(
    name: str, library: Library, questions: Sequence[str]
) -> tuple[tuple[float, float], list[tuple[str, int, float, float]]]:
    """The first figures, and a row for each way of asking."""
    chance = random.Random(SEED)
    misspelled = [_misspelled(question, chance) for question in questions]
    rows = []
    for way, asked in (
        ("first time", questions),
        ("warmed", questions),
        ("misspelled", misspelled),
    ):
        rows.append((f"{name}, {way}", len(asked), *_times(library, asked)))
    return (rows[0][2], rows[0][3]), rows


def _times(library: Library, questions: Sequence[str]) -> tuple[float, float]:
    """p50 and p99 in milliseconds."""
    times = []
    for question in questions:
        began = time.perf_counter()
        search(library, read_question(library, question))
        times.append(1000 * (time.perf_counter() - began))
    cuts = statistics.quantiles(times, n=100)
    return cuts[49], cuts[98]


def _reference() -> float:
    """Milliseconds for a million additions, the fastest of five: how fast this machine is now."""

    def once() -> float:
        began = time.perf_counter()
        total = 0
        for number in range(1_000_000):
            total += number
        return 1000 * (time.perf_counter() - began)

    return min(once() for _ in range(5))


def _misspelled(question: str, chance: random.Random) -> str:
    words = []
    for word in tokens(question):
        if len(word) > 5:
            at = chance.randrange(1, len(word) - 2)
            word = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        words.append(word)
    return " ".join(words)


def large_library(shipped: Library, count: int) -> Library:
    """A library of `count` passages of two sentences each."""
    chance = random.Random(SEED)
    sentences = [
        unit.text
        for document in shipped.documents
        for section in document.sections
        for unit in section.units
        if unit.kind in ("sentence", "item")
    ]
    words = sorted({w for s in sentences for w in tokens(s) if len(w) > 3 and w.isalpha()})
    compounds = [
        chance.choice(words) + chance.choice(("", "s", "e")) + chance.choice(words)
        for _ in range(COMPOUNDS)
    ]
    texts = (
        f"{_varied(chance.choice(sentences), compounds, chance)} "
        f"{_varied(chance.choice(sentences), compounds, chance)}"
        for _ in range(count)
    )
    documents: list[Document] = []
    while batch := list(islice(texts, 1_000)):
        document = Document(f"stor-{len(documents)}", FrontMatter(title="Stor"))
        heading = chance.choice(sentences)[:50]
        section = Section(document, (heading,), heading, 1)
        section.units = [Unit(text, "sentence", block) for block, text in enumerate(batch, start=1)]
        document.sections.append(section)
        documents.append(document)
    return Library(documents, [], WordLists.read(HOME / "words"))


def _varied(sentence: str, compounds: Sequence[str], chance: random.Random) -> str:
    """The sentence with a sixth of its longer words replaced; some compounds are common."""
    return " ".join(
        compounds[int(len(compounds) * chance.random() ** 3)]
        if len(word) > 5 and chance.random() < 0.17
        else word
        for word in sentence.split()
    )
