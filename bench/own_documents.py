"""Somebody's own documents, without curated questions: our ranking against tantivy's.

bench/documents/ holds eight documents of a made-up kommune (.md, .txt, .docx, .pdf), and
bench/documents.jsonl 100 questions that they answer and 30 that they don't. Both search the very
same passages, as knowledge/ reads them, and a hit is a passage that holds the gold. tantivy gets
its Norwegian stemmer, with and without its Norwegian stop words, over the text alone and over
text and headings; the best of the four is what we compare with.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import tantivy

from bench.asking import ask
from bench.scoring import Question, holds, read_questions, score
from bench.table import Goal, goals, table
from knowledge.library import Library, Passage, load_documents
from knowledge.norwegian import tokens
from knowledge.search import read_question, search

HERE = Path(__file__).parent
FOLDER = HERE / "documents"
QUESTIONS = HERE / "documents.jsonl"

Search = Callable[[str], Sequence[Passage]]


@dataclass(frozen=True, slots=True)
class Hits:
    """Share of the questions whose first, and one of whose first three passages, holds the gold."""

    hit1: float
    hit3: float


class Tantivy:
    """The passages of a library in a tantivy index in memory."""

    def __init__(self, library: Library, *, headings: bool, stopwords: bool) -> None:
        self._passages = library.passages
        self._fields = ["text", "heading"] if headings else ["text"]
        schema = tantivy.SchemaBuilder()
        schema.add_unsigned_field("number", stored=True)
        for field in self._fields:
            schema.add_text_field(field, tokenizer_name="norwegian")
        self._index = tantivy.Index(schema.build())
        self._index.register_tokenizer("norwegian", _analyser(stopwords))
        writer = self._index.writer(heap_size=20_000_000, num_threads=1)
        for number, passage in enumerate(self._passages):
            texts = {"text": passage.text, "heading": " ".join(passage.section.path)}
            writer.add_document(
                tantivy.Document(number=number, **{name: texts[name] for name in self._fields})
            )
        writer.commit()
        self._index.reload()

    def search(self, question: str) -> list[Passage]:
        """The three best passages, best first."""
        words = " ".join(tokens(question))  # what else a question holds is syntax to the parser
        searcher = self._index.searcher()
        hits = searcher.search(self._index.parse_query(words, self._fields), 3).hits
        return [self._passages[searcher.doc(address)["number"][0]] for _, address in hits]


def _analyser(stopwords: bool) -> tantivy.TextAnalyzer:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple()).filter(
        tantivy.Filter.lowercase()
    )
    if stopwords:
        builder = builder.filter(tantivy.Filter.stopword("norwegian"))
    return builder.filter(tantivy.Filter.stemmer("norwegian")).build()


def report() -> str:
    library, _ = load_documents(FOLDER)
    questions = read_questions(QUESTIONS)
    answerable = [q for q in questions if q["gold_any"]]
    searches = {"ours": _ours(library)} | {
        "tantivy" + ", headings" * headings + ", stop words" * stopwords: Tantivy(
            library, headings=headings, stopwords=stopwords
        ).search
        for headings, stopwords in product((False, True), repeat=2)
    }
    hits = {name: _hits(find, answerable) for name, find in searches.items()}
    parts = [
        f"{len(library.documents)} documents, {len(library.passages)} passages, "
        f"{len(answerable)} questions with an answer:",
        table(("search", "hit@1", "hit@3"), [(n, h.hit1, h.hit3) for n, h in hits.items()]),
    ]
    rival = max((n for n in hits if n != "ours"), key=lambda n: (hits[n].hit1, hits[n].hit3))
    parts.append(_styles(answerable, searches["ours"], searches[rival], rival))
    answered = score(questions, ask(questions, "--documents", str(FOLDER)))
    parts.append(
        f"The answers as the chat shows them: hit@1 {answered.hit1:.3f}, "
        f"hit@3 {answered.hit3:.3f}, declined {answered.declined:.3f}; of "
        f"{answered.unanswerable} unanswerable declined {answered.declined_rightly:.3f}; "
        f"mean length {answered.length:.0f}."
    )
    parts.append(
        goals(
            [
                Goal("hit@1 less the best tantivy's", hits["ours"].hit1 - hits[rival].hit1, 0.01),
                Goal("hit@3 less the best tantivy's", hits["ours"].hit3 - hits[rival].hit3, 0.01),
            ]
        )
    )
    return "\n\n".join(parts)


def hits_of_ours() -> Hits:
    """Our ranking over the documents as it is now; bench/ablation.py takes parts of it away."""
    library, _ = load_documents(FOLDER)
    return _hits(_ours(library), [q for q in read_questions(QUESTIONS) if q["gold_any"]])


def _ours(library: Library) -> Search:
    return lambda question: [
        h.passage for h in search(library, read_question(library, question), 3)
    ]


def _hits(find: Search, questions: Iterable[Question]) -> Hits:
    found = [[holds(p.text, q["gold_any"]) for p in find(q["question"])] for q in questions]
    return Hits(
        sum(any(f[:1]) for f in found) / len(found), sum(any(f[:3]) for f in found) / len(found)
    )


def _styles(questions: Sequence[Question], ours: Search, theirs: Search, rival: str) -> str:
    rows = []
    for style in dict.fromkeys(q["style"] for q in questions):
        group = [q for q in questions if q["style"] == style]
        mine, other = _hits(ours, group), _hits(theirs, group)
        rows.append((style, len(group), mine.hit1, mine.hit3, other.hit1, other.hit3))
    return f"By style, beside {rival}:\n" + table(
        ("style", "n", "hit@1", "hit@3", "tantivy @1", "tantivy @3"), rows
    )
