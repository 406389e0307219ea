"""All that the bot knows, loaded once: documents, their passages and the indexes over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

from knowledge.curated import Curated, read_curated
from knowledge.documents import Document, Section, Unit, read_documents
from knowledge.holidays import Holidays, read_holidays
from knowledge.index import Index
from knowledge.norwegian import WordLists, Words, tokens
from knowledge.promises import Promise, read_promises
from knowledge.reflections import Reflections, read_reflections
from knowledge.veiviser import Entry, as_document, read_veiviser

Level = Literal["barnehage", "skole", ""]
HOME = Path(__file__).parent
OWN_WORDS = 2.0  # what a word of text or heading counts beside one of a way of asking

# Words that say whether a question or a passage is about the kindergarten or the school.
_LEVEL_WORDS: dict[str, Level] = {
    "barnehag": "barnehage",
    "barnehagebarn": "barnehage",
    "barnehagelær": "barnehage",
    "skol": "skole",
    "elev": "skole",
    "lær": "skole",
    "klasse": "skole",
    "klass": "skole",
    "rektor": "skole",
    "ungdomsskol": "skole",
    "barneskol": "skole",
    "grunnskol": "skole",
    "drammensskol": "skole",
}


def level_of(words: Words, text: str) -> Level:
    """Which of the two a text is about, "" when it says neither or both."""
    levels: set[Level] = set()
    for word in tokens(text):
        stemmed = words.stem(word)
        level = _LEVEL_WORDS.get(stemmed)
        if level is None and stemmed.startswith("barnehag"):
            level = "barnehage"
        elif level is None and (stemmed.endswith(("skol", "elev")) or stemmed.startswith("skol")):
            level = "skole"
        if level:
            levels.add(level)
    return levels.pop() if len(levels) == 1 else ""


@dataclass(eq=False)
class Passage:
    """A run of units of one section that can be quoted.

    `asks` are the curated ways of asking; a passage without any is a plain paragraph or list.
    """

    section: Section
    first: int
    last: int
    outline: bool = False
    asks: tuple[str, ...] = ()
    level: Level = ""

    @cached_property
    def id(self) -> str:
        place = "oversikt" if self.outline else f"{self.first}-{self.last}"
        return f"{self.section.document.id}/{self.section.name}/{place}"

    @cached_property
    def units(self) -> tuple[Unit, ...]:
        if self.outline:
            below = self.section.document.children(self.section)
            return tuple(Unit(s.heading, "item", 0) for s in below)
        return tuple(self.section.units[self.first : self.last + 1])

    @cached_property
    def text(self) -> str:
        return " ".join(unit.text for unit in self.units)

    @property
    def document(self) -> Document:
        return self.section.document


class Asked(NamedTuple):
    """A curated way of asking, and the number of the passage that answers it."""

    passage: int
    question: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of a passage, for seeing how much of a question it covers."""

    text: frozenset[str]  # its own words and its headings
    head: frozenset[str]  # its headings
    head_numbers: frozenset[str]  # the numbers in them: «Modul 3»


class Library:
    """Documents ready to be asked. Build it with `load_library`; it never changes afterwards."""

    def __init__(
        self,
        documents: list[Document],
        curated: Iterable[Curated],
        lists: WordLists,
        veiviser: Mapping[str, Entry] | None = None,
        promises: Iterable[Promise] = (),
        holidays: Holidays | None = None,
        reflections: Reflections | None = None,
    ) -> None:
        self.documents = documents
        self.holidays = holidays or Holidays()
        self.reflections = reflections or Reflections()
        self.veiviser = dict(veiviser or {})
        self.promises = tuple(promises)
        # Home is the kommune whose plan is quoted; answers from elsewhere say so.
        self.kommune = next((d.about.kommune for d in documents if d.about.quoted), "")
        self.words = Words(lists)
        self.passages: list[Passage] = []
        self.curated = curated = tuple(curated)
        self.words.learn(u.text for d in documents for s in d.sections for u in s.units)
        self.words.learn(question for c in curated for question in c.ask)
        _, ways_on = as_document(self.veiviser)
        self.words.learn(question for c in ways_on for question in c.ask)
        self._add_curated([*curated, *ways_on])
        self._add_plain()
        self.by_id = {passage.id: passage for passage in self.passages}
        for passage in self.passages:
            passage.level = self._level(passage)
        self._by_section: dict[Section, list[Passage]] = {}
        for passage in self.passages:
            self._by_section.setdefault(passage.section, []).append(passage)
        self._index()

    def in_section(self, section: Section) -> list[Passage]:
        """The passages of a section, those with curated questions first."""
        return self._by_section.get(section, [])

    def _add_curated(self, curated: Iterable[Curated]) -> None:
        """One passage for each answer; two entries with the same quotation are one answer."""
        asks: dict[tuple[Section, int, int, bool], tuple[str, ...]] = {}
        for one in curated:
            place = (one.section, one.first, one.last, one.outline)
            asks[place] = asks.get(place, ()) + one.ask
        self.passages += [Passage(*place, asks=ask) for place, ask in asks.items()]

    def _add_plain(self) -> None:
        """Every paragraph, list and table row is a passage; a heading only where it says much."""
        taken = {(p.section, p.first, p.last) for p in self.passages}
        for document in self.documents:
            for section in document.sections:
                start = 0
                units = section.units
                for place in range(1, len(units) + 1):
                    ends = place == len(units) or units[place].block != units[start].block
                    if not ends:
                        continue
                    alone = units[start].kind == "heading" and place == 1
                    tells = not alone or len(units) == 1 or len(units[0].text) > 60
                    if tells and (section, start, place - 1) not in taken:
                        self.passages.append(Passage(section, start, place - 1))
                    start = place

    def _level(self, passage: Passage) -> Level:
        return level_of(self.words, " ".join(passage.section.path)) or level_of(
            self.words, passage.text
        )

    def _index(self) -> None:
        words = self.words
        self.ask_index = Index("cosine")  # an entry for each way of asking
        self.bag_index = Index("bm25")  # an entry for each passage: text, headings and asks
        self.views: list[Terms] = []
        self.asked: list[Asked] = []
        for number, passage in enumerate(self.passages):
            head: dict[str, float] = {}
            words.count(" ".join(passage.section.path), head)
            text: dict[str, float] = {}
            words.count(passage.text, text)
            bag = dict.fromkeys(head | text, 0.0)
            for part in (head, text):
                for term, weight in part.items():
                    bag[term] += OWN_WORDS * weight
            for question in passage.asks:
                entry: dict[str, float] = {}
                words.count(question, entry)
                for term, weight in entry.items():
                    bag[term] = bag.get(term, 0.0) + weight
                self.ask_index.add(entry)
                self.asked.append(Asked(number, question))
            self.bag_index.add(bag)
            numbers = frozenset(term for term in head if term.isdigit())
            self.views.append(Terms(frozenset(head | text), frozenset(head), numbers))
        self.ask_index.finish()
        self.bag_index.finish()
        words.built()
        # What a word that nobody has used weighs: as much as one that is used once.
        self.ceiling = max([*self.bag_index.idf.values(), 1.0])


def load_library(own: Path | None = None) -> tuple[Library, list[str]]:
    """Load what ships with the bot, and the kommune's own folder: (library, every problem found).

    `own` (KNOWLEDGE_DIR) may hold documents, question files in questions/, and its own
    veiviser.toml, promises.toml, holidays.toml and reflections.toml instead of those that ship.
    """
    documents, problems = read_documents(HOME / "documents")
    question_folders = [HOME / "questions"]
    if own is not None:
        added, wrong = read_documents(own)
        taken = {document.id for document in documents}
        problems += wrong + [
            f"{d.id}: et dokument med dette navnet følger med boten. Gi filen et annet navn."
            for d in added
            if d.id in taken
        ]
        documents += [d for d in added if d.id not in taken]
        question_folders.append(own / "questions")
    curated: list[Curated] = []
    for folder in question_folders:
        found, wrong = read_curated(folder, documents)
        curated += found
        problems += wrong
    veiviser, wrong = read_veiviser(_own_or_ours(own, "veiviser.toml"))
    problems += wrong
    promises, wrong = read_promises(_own_or_ours(own, "promises.toml"), documents)
    problems += wrong
    holidays, wrong = read_holidays(_own_or_ours(own, "holidays.toml"))
    problems += wrong
    reflections, wrong = read_reflections(_own_or_ours(own, "reflections.toml"), documents)
    problems += wrong
    lists = WordLists.read(HOME / "words")
    library = Library(documents, curated, lists, veiviser, promises, holidays, reflections)
    return library, problems


def _own_or_ours(own: Path | None, name: str) -> Path:
    return own / name if own is not None and (own / name).exists() else HOME / name


def load_documents(folder: Path) -> tuple[Library, list[str]]:
    """Load somebody's own folder of .md, .txt, .docx and .pdf files, without curated questions."""
    documents, problems = read_documents(folder)
    return Library(documents, [], WordLists.read(HOME / "words")), problems
