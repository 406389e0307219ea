"""Whether somebody asks for a meeting of the calendar, and for which: text -> Asked.

Most questions with «møte» in them are about how one works, and belong to the documents. So a
question is one of the calendar only when every word of it has its place here: a meeting, a time,
a topic, or one of the small words between. One word too many, and it is the documents' to answer.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from rapidfuzz.distance import OSA

from dialogs.meetings.kinds import KINDS
from dialogs.meetings.periods import Period, find_period
from knowledge.norwegian import fold

LONGEST = 160  # characters
LONGEST_TOPIC = 8  # words
SHORTEST_MISSPELT = 4  # letters; shorter words have too many neighbours


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked for: a kind, a time, a topic, the next one, in any combination.

    `every` asks for all that there are. `sure` is off for what may as well be a question to the
    documents: then it is one of the calendar only where the calendar has an answer. `name` is
    what a meeting may be called.
    """

    kind: str = ""
    period: Period | None = None
    topic: str = ""
    name: str = ""
    next: bool = False
    prepares: bool = False
    every: bool = False
    sure: bool = True


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_MEET = _words(
    "møte møter møtet møta møtene møtane møti samling samlinger samlingen samlinga samlingar "
    "samlingene samlingane "
    "møtes møtest samles samlast mote moter motet"
)
_WHEN = _words(
    "når nårtid nar nåt dato datoen datoer datoar datoane datoene kl klokka klokken klokkeslett"
)
_NEXT = _words("neste nest kommende komande førstkommende nærmeste næraste fyrstkomande")
_AGAIN = _words("igjen att")
_LIST = _words("hvilke alle mine mitt vis liste oversikt")
_PLAN = _words("møteplan møteplanen møtekalender møtekalenderen kalender kalenderen")
_HAS = _words("er har skal blir kommer kjem skjer holdes haldast møtes møtest")
_PREPARE = _words(
    "forberede forberedes forberedelse forberedelsen forberedt førebu førebuast førebuing lese ta "
    "med mellomarbeid mellomarbeidet"
)
_BETWEEN = _words("mellomarbeid mellomarbeidet")
_ANYTHING = _words("noe noko noen nokon")
_WHAT = _words(
    "hva kva hvor kvar kor hvilke hvilket hvilken tema temaet temaer agenda agendaen "
    "saker saksliste sakslista sted stad rom lokale program programmet sak"
)
_TOO_MUCH = _words("gjøre gjere gjera gjort")  # what one is to do is asked of the documents as well
_SMALL = _words(
    "det noe noko noen nokon nokre et eit ett en ein ei i på til for oss meg du vi me jeg eg de "
    "dei min vår våre vårt våra mitt da så nå no som om og eller å dag dagen tid tidspunkt gang "
    "gong være vere vera ha få får hatt må kan si fortelle fortel gi vise sjå se minne hei hallo "
    "takk planlagt planlagte fastsatt satt sett opp innkalt kalt inn den dei disse desse "
    "før lenge varer varar begynner byrjar starter startar slutter sluttar "
    "holder handler handlar lurer på vite vet veit andre flere fleire også bare berre mot fram "
    "av ved hos mer meir nye ny nytt vel tro egentlig eigentleg altså ikke ikkje ellers elles "
    "lagt der her snart fast oppsatt kalenderfestet"
)
# What is over is history, and the documents': the calendar is asked of what comes.
_PAST = _words(
    "var hatt ble blei vart hadde hadda handlet handla møttes møttest startet starta sluttet "
    "slutta begynte byrja skjedde snakket snakka forrige førre sist siste gikk gjekk lærte jobbet"
)
_HISTORY = re.compile(r"\b(?:19\d\d|20[01]\d|202[01])\b")

# How the suggested kinds are said. A kind that is somebody's own is found by its own words.
_THEY = r"(?:skolelederne|skuleleiarane|skulelederane|rektorene|rektorane|lederne|leiarane)"
_LEADERS = (
    rf"(?:møtes|møtest|samles|samlast) {_THEY}"
    r"|(?:(?:skole|skule)?(?:leder|leiar|ledar|rektor)(?:ane)?s?[ -]?(?:møt\w*|samling\w*))"
)
_UNION = r"tillits(?:valgte|valde|valgt|vald)"
_GUIDANCE = r"(?:veiledning|rettleiing)\w*"
_KINDS = {
    "skoleledermøte": _LEADERS,
    "LED-skole": r"led[- ]?(?:skol|skul)\w*",
    "samarbeidsmøte med tillitsvalgte": (
        rf"(?:samarbeids)?møt\w* med (?:dei |de )?{_UNION}|samarbeidsmøt\w*"
    ),
    "sonesamarbeid": r"sone(?:samarbeid\w*|møt\w*|samling\w*)",
    "lærende nettverk": r"lær[ea]nde nettverk\w*|nettverks(?:møt\w*|samling\w*)",
    "dialogmøte om skolebasert vurdering": r"dialogmøt\w*(?: om (?:skole|skule)basert vurdering)?",
    "fagsamtale": r"fagsamtale\w*|fagsamtalar?",
    "workshop": r"workshop\w*",
    "veiledning fra UH": rf"{_GUIDANCE} (?:fra|frå|med) uh|uh-{_GUIDANCE}",
    "samling for nyutdannede": (
        r"(?:samling\w*|møt\w*) for (?:dei |de )?nyutdann\w+|nyutdann\w+samling\w*"
    ),
    "arbeidsgruppe": r"arbeidsgrupp(?:e|a|en|emøt\w*)",
}
# Those that are long enough to be known with a slip in them.
_HEADS = (
    "skoleledermøte skoleledermøter skoleledermøtet skuleleiarmøte skuleleiarmøtet rektormøte "
    "rektormøtet dialogmøte samarbeidsmøte samarbeidsmøtet sonesamarbeid sonemøte"
)
_KIND_PATTERNS = tuple(
    (kind, re.compile(rf"(?<![\w-])(?:{_KINDS[kind]})(?![\w-])")) for kind in KINDS
)

# What comes after these is the topic.
_ASKS_TOPIC = re.compile(
    r"(?P<before>(?:når|kva tid|hvilken dag|kva dag|hvilket møte|kva møte|hvilke møter)\b.*?)"
    r" (?:handler|handlar|handle)(?: det| møtet| møta| møtene| vi)? om (?P<topic>.+)"
)
_ABOUT = re.compile(r"(?P<before>.+?) (?:om|med tema|med temaet|der temaet er) (?P<topic>.+)")
# These may as well be asked of the documents.
_HAS_TOPIC = (
    re.compile(
        r"(?P<before>når (?:er|blir|har vi|har me|skal vi ha|skal me ha)) (?P<topic>.+?)"
        r" (?:som |på )?(?:tema|temaet|programmet|agendaen|oppe)"
    ),
    re.compile(
        r"(?P<before>når (?:skal (?:vi|me) ha|har (?:vi|me)))"
        r"(?: noe| noko| mer| meir)? om (?P<topic>.+)"
    ),
)
_NAMED = re.compile(
    r"(?:når|kva tid|hvilken dag|hvilken dato|kva dato|kva dag) "
    r"(?:er det|er|har vi|har me|blir|blir det|holdes|skal vi ha|skal me ha) (?P<name>.+)"
)
_ASKS_NEXT = re.compile(
    r"(?:når|hvor|kvar|kva tid|hvilken dato|kva dato|kan du si|har vi|er det)\b"
)
_NEXT_MEETING = re.compile(r"\b(?:neste|kommende|komande) [\w-]+")
_MARKS = re.compile(r"[?!«»\"“”()…;,]|:(?!\d)|(?<!\d)\.(?=\s|$)")

Known = Callable[[str], bool]


def read_asked(
    text: str, today: date, kinds: Iterable[str] = (), known: Known = lambda word: False
) -> Asked | None:
    """What a question asks of the calendar; None when it is no question to it.

    `kinds` are those that there are meetings of, beside the suggested ones. A word that is
    `known` is no misspelling of another: «måter» are not «møter».
    """
    written = _plain(text)
    if not written or _HISTORY.search(written) or not _PAST.isdisjoint(written.split()):
        return None
    reading = _Reading(today, tuple(kinds), known)
    if found := _ASKS_TOPIC.fullmatch(written):
        said = reading.of(found["before"])
        return reading.about(found["topic"], said, sure=True) if said else None
    said = reading.of(written)
    if said is not None:
        return said.asked()
    if found := _ABOUT.fullmatch(written):
        said = reading.of(found["before"])
        if said is not None and said.meets and (said.asks_when or said.asks_for_any):
            return reading.about(found["topic"], said, sure=said.asks_when)
    for pattern in _HAS_TOPIC:
        if found := pattern.fullmatch(written):
            return reading.about(found["topic"], _Said(), sure=False)
    if found := _NAMED.fullmatch(written):
        period, name = find_period(found["name"], today)
        if name and len(name.split()) <= LONGEST_TOPIC:
            return Asked(name=name, period=period, sure=False)
    # «Når er neste møte, jeg rekker det vel?» No document knows what comes next.
    if _ASKS_NEXT.match(written) and (found := _NEXT_MEETING.search(written)):
        said = reading.of(found[0])
        return replace(said.asked() or Asked(), sure=False) if said and said.meets else None
    return None


def _plain(text: str) -> str:
    """In small letters, without marks; "" for what is too long, or several sentences."""
    folded = fold(text)
    if len(folded) > LONGEST or "\n" in text.strip() or re.search(r"[a-zæøå][.!?]\s+\w{4}", folded):
        return ""
    return " ".join(_MARKS.sub(" ", folded.replace("aa", "å")).split())


@dataclass(frozen=True, slots=True)
class _Said:
    """A piece of a question of which every word has its place."""

    words: frozenset[str] = frozenset()
    kind: str = ""
    period: Period | None = None

    def has(self, words: frozenset[str]) -> bool:
        return not self.words.isdisjoint(words)

    @property
    def meets(self) -> bool:
        return bool(self.kind) or self.has(_MEET)

    @property
    def what(self) -> bool:
        return self.has(_WHAT)

    @property
    def asks_when(self) -> bool:
        """Whether a time that comes is asked for, or named."""
        coming = self.has(_NEXT) or self.has(_AGAIN) or self.period is not None
        return coming or (self.has(_WHEN) and self.has(_HAS))

    @property
    def asks_for_any(self) -> bool:
        """«Er det noe møte», «hvilke møter har vi», «kva møte», or «møter» alone."""
        if self.has(_LIST) or self.words <= _MEET or (self.has(_MEET) and "kva" in self.words):
            return True
        return self.has(_HAS) and not self.what

    def asked(self) -> Asked | None:
        """The question that it is by itself."""
        prepares = self.has(_PREPARE)
        found = Asked(
            kind=self.kind,
            period=self.period,
            next=self.has(_NEXT) or prepares,
            prepares=prepares,
            every=bool(self.kind) or self.has(_LIST | _PLAN),
        )
        if self.meets or self.has(_PLAN):
            if self.asks_when and (self.meets or self.period):
                return found
            listed = self.has(_WHEN | _LIST | _PLAN) or (self.has(_HAS) and not self.what)
            if listed or (prepares and self.kind):
                return replace(found, sure=False)
            return None
        if self.has(_BETWEEN):
            return replace(found, sure=False)
        if self.has(_TOO_MUCH) or prepares or self.has(_WHEN):
            return None
        anything = self.what or self.has(_ANYTHING)
        return found if self.period and anything and self.has(_HAS) else None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a question is read with."""

    today: date
    kinds: tuple[str, ...]
    known: Known

    def of(self, text: str) -> _Said | None:
        """The piece, when every word of it has its place."""
        period, rest = find_period(text, self.today)
        rest = " ".join(self._corrected(word) for word in rest.split())
        kind, rest = self._kind(rest)
        words = frozenset(rest.split())
        return _Said(words, kind, period) if words <= _PLACED else None

    def about(self, topic: str, said: _Said, *, sure: bool) -> Asked | None:
        """The question with a topic, which may have the time behind it."""
        period, rest = find_period(topic, self.today)
        if said.period is not None:
            period, rest = said.period, topic
        if not rest or len(rest.split()) > LONGEST_TOPIC:
            return None
        return Asked(
            kind=said.kind, period=period, topic=rest, next=said.has(_NEXT), every=True, sure=sure
        )

    def _kind(self, text: str) -> tuple[str, str]:
        """The kind of meeting that is named, and the text without it."""
        for kind, pattern in _KIND_PATTERNS:
            if found := pattern.search(text):
                return kind, f"{text[: found.start()]} {text[found.end() :]}"
        for kind in sorted(self.kinds, key=len, reverse=True):
            # With the endings that one word has: «fagdagen», «fagdager».
            own = re.search(rf"(?<![\w-]){re.escape(fold(kind))}(?:[a-zæøå]{{0,3}})(?![\w-])", text)
            if own and fold(kind) not in _PLACED:
                return kind, f"{text[: own.start()]} {text[own.end() :]}"
        return "", text

    def _corrected(self, word: str) -> str:
        """The word that is meant, where a slip has made it unknown."""
        if word in _PLACED or len(word) < SHORTEST_MISSPELT or self.known(word):
            return word
        room = 1 if len(word) <= 6 else 2 if len(word) <= 10 else 3
        near = [
            (OSA.distance(word, one, score_cutoff=room), one)
            for one in _KEYWORDS
            if one[0] == word[0]
        ]
        distance, best = min(near, default=(room + 1, word))
        return best if distance <= room else word


_PLACED = (
    _MEET | _WHEN | _NEXT | _AGAIN | _LIST | _PLAN | _HAS | _PREPARE | _WHAT | _SMALL | _TOO_MUCH
)
_KEYWORDS = tuple(
    sorted(
        word
        for words in (_MEET, _NEXT, _PLAN, _PREPARE, _words(_HEADS))
        for word in words
        if len(word) >= SHORTEST_MISSPELT
    )
)
