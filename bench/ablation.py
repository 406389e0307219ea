"""What each part of the ranking gives: the figures with that part taken away.

The parts are taken away from outside, by emptying what the library reads or by replacing a
function for as long as the questions are asked; the product has no switches for it.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from bench import own_documents
from bench.asking import ask
from bench.quality import OWN
from bench.scoring import read_questions, score
from bench.table import table
from knowledge.library import Library
from knowledge.norwegian import WordLists, Words

Without = Callable[[], AbstractContextManager[Any]]


def report() -> str:
    questions = [
        {**q, "id": f"{name}-{q['id']}"}
        for name in ("measuring", "tuning")
        for q in read_questions(OWN / f"{name}.jsonl")
    ]
    rows = []
    for name, without in PARTS.items():
        with without():
            shipped = score(questions, ask(questions))
            own = own_documents.hits_of_ours()
        rows.append(
            (
                name,
                shipped.hit1,
                shipped.hit3,
                shipped.declined,
                shipped.declined_rightly,
                own.hit1,
                own.hit3,
            )
        )
    head = ("ranking", "hit@1", "hit@3", "declined", "rightly", "own hit@1", "own hit@3")
    return f"{len(questions)} questions (measuring and tuning), and our own documents:\n" + table(
        head, rows
    )


def _lists(**emptied: Any) -> AbstractContextManager[Any]:
    read = WordLists.read
    return patch.object(WordLists, "read", lambda folder: replace(read(folder), **emptied))


def _headings() -> AbstractContextManager[Any]:
    index = Library._index

    def without(library: Library) -> None:
        paths = {p.section: p.section.path for p in library.passages}
        for section in paths:
            section.path = ()
        index(library)
        for section, path in paths.items():
            section.path = path

    return patch.object(Library, "_index", without)


PARTS: dict[str, Without] = {
    "all of it": nullcontext,
    "without curated questions": lambda: patch(
        "knowledge.library.read_curated", lambda *_: ([], [])
    ),
    "without headings": _headings,
    "without synonyms": lambda: _lists(synonyms=()),
    "without nynorsk words": lambda: _lists(nynorsk={}),
    "without stop words": lambda: _lists(stopwords=frozenset()),
    "without compounds": lambda: patch.object(Words, "parts", lambda *_: ()),
    "without spelling": lambda: patch.object(Words, "spellings", lambda *_: []),
    "without stems": lambda: patch("knowledge.norwegian.stem", str),
    "without veiviser": lambda: patch("knowledge.library.read_veiviser", lambda *_: ({}, [])),
}
