"""Finds text that tells of harm to somebody, or holds personal data, before anything is kept.

A clause is what stands between two marks (`4. trinn` is not cut). Each is tried against the
phrases of guard.toml, which says how they are written and when each kind of them fires. The
phrases are found by the beginnings of the text's words, so an ordinary question tries few.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["worry", "personal"]
Sureness = Literal["sure", "told", "hinted"]

_FILE = Path(__file__).with_suffix(".toml")
_SENTENCE = re.compile(r"[!?\n;]|(?<!\d)\.(?=\s|$)")
_CLAUSE = re.compile(r"[,:()–—]| - ")
_WORD = re.compile(r"\w+")
_GAP = r"(?:\w+ ){0,3}"
_KEY = 4  # letters of a word's beginning that a phrase is found by


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found. Never the text itself."""

    kind: Kind
    what: str


@dataclass(frozen=True, slots=True)
class _Phrase:
    rank: int  # place in the order they are tried: by sureness, then as in the file
    what: str
    grave: bool
    sureness: Sureness
    written: str  # as a regular expression

    def search(self, words: str) -> re.Match[str] | None:
        return _compiled(self.written).search(words)


@dataclass(frozen=True, slots=True)
class _Rules:
    """guard.toml, made ready. `phrases` are by the beginning of a word they cannot do without."""

    phrases: Mapping[str, tuple[_Phrase, ...]]
    ignore: re.Pattern[str]
    who: Mapping[str, re.Pattern[str]]
    openers: re.Pattern[str]
    about: re.Pattern[str]
    names: frozenset[str]
    ambiguous: frozenset[str]
    not_names: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Clause:
    words: str  # lower case, one space between
    asks: bool  # of itself, or because its sentence does


def find(text: str) -> Finding | None:
    """What the text holds that must not be kept, the gravest first; None when it is harmless."""
    text = unicodedata.normalize("NFC", text)
    return _worry(text) or _personal(text)


def _worry(text: str) -> Finding | None:
    rules = _read()
    keys = {key for word in _WORD.findall(text.lower()) for key in (word, word[:_KEY])}
    phrases = {phrase for key in keys for phrase in rules.phrases.get(key, ())}
    if not phrases:
        return None
    sentences = _sentences(text, rules.ignore)
    said = [p for p in phrases if any(p.search(c) for s in sentences for c in s)]
    if not said:
        return None
    clauses = [clause for sentence in sentences for clause in _clauses(sentence, rules)]
    concrete = _names_somebody(text) or any(rules.who["concrete"].search(c.words) for c in clauses)
    for phrase in sorted(said, key=lambda p: p.rank):
        for clause in clauses:
            if phrase.search(clause.words) and _fires(phrase, clause, concrete, rules):
                return Finding("worry", phrase.what)
    return None


def _sentences(text: str, ignore: re.Pattern[str]) -> list[list[str]]:
    """The clauses of each sentence, as words with one space between."""
    sentences = []
    for sentence in _SENTENCE.split(text.lower()):
        parts = (" ".join(_WORD.findall(part)) for part in _CLAUSE.split(sentence))
        sentences.append([" ".join(ignore.sub(" ", part).split()) for part in parts if part])
    return sentences


def _clauses(sentence: Iterable[str], rules: _Rules) -> Iterator[_Clause]:
    """Which clauses ask. One without anybody in it asks when an earlier one did."""
    who = rules.who
    asked = False
    for words in sentence:
        opens = bool(rules.openers.match(words) or who["whenever"].search(words))
        asked = asked or opens
        somebody = any(who[name].search(words) for name in ("one", "the", "concrete"))
        yield _Clause(words, opens or (asked and not somebody))


def _fires(phrase: _Phrase, clause: _Clause, concrete: bool, rules: _Rules) -> bool:
    """Whether a phrase that stands in the clause tells of somebody, or only asks in general."""
    if phrase.sureness == "sure" or (phrase.sureness == "told" and concrete):
        return True
    who = rules.who
    one = any(who[name].search(clause.words) for name in ("one", "the"))
    about = bool(rules.about.search(clause.words))
    first = bool(who["first"].search(clause.words))
    if phrase.sureness == "told":
        if clause.asks:
            return one and (phrase.grave or first)
        return one or not (about or who["many"].search(clause.words))
    if clause.asks and not concrete:
        return one and phrase.grave and first
    return (one or concrete) and not about


# ---------------------------------------------------------------- personal data

_NATIONAL_ID = re.compile(
    r"(?<!\d)(\d\d)[ .-]?(\d\d)[ .-]?((?:19|20)?\d\d)[ .-]{0,3}(\d{3})[ ]?(\d\d)(?!\d)"
)
_PHONE = re.compile(
    r"(?<![\w/=.,-])(?P<country>(?:\+|00)[ ]?47[ -]?)?"
    r"(?P<number>\d{8}|\d{3}[ .-]\d\d[ .-]\d{3}|\d\d[ .-]\d\d[ .-]\d\d[ .-]\d\d|\d{4}[ ]\d{4})"
    r"(?![\w-]|[.,]\d|[ ]?(?:kr|nok|,-|mill|%))",
    re.IGNORECASE,
)
_MONEY_BEFORE = re.compile(
    r"(?:\bkr\.?|\bnok|budsjett\w*|\bbeløp\w*)(?: på| er)?:? ?$", re.IGNORECASE
)
_YEARS = re.compile(r"(?:19|20)\d\d(?:19|20)\d\d")
_DATE = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"|(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])(?:19|20)\d\d"
)
_NAME = r"[^\W\d_]{2,30}(?:-[^\W\d_]{2,30})?"
_YEAR_GROUP = (
    r"(?:(?:10|[1-9])[ ]?[a-e]\b|(?:10|[1-9])\.?[ ]?-?(?:års)?(?:trinn|klasse|klassing|steg)"
    r"|(?:første|fyrste|andre|tredje|fjerde|femte|sjette|sjuende|sjuande|syvende|åttende|åttande"
    r"|niende|niande|tiende|tiande)[ ]?(?:års)?(?:trinn|klasse|steg)|vg[ ]?[1-3]\b)"
)
_PUPIL = (
    r"\b(?:elev|eleven|barnet|gutten|guten|jenta|ungen|sønnen|sonen|datteren|dattera|dottera"
    r"|medeleven|foreldrene til|moren til|mora til|faren til)"
)
_NAME_IN_YEAR_GROUP = re.compile(
    rf"(?P<first>\b{_NAME})(?P<last>(?: {_NAME}){{0,2}}?)"
    r"(?P<link>(?:,? som)?(?:,? (?:går|gjeng|er elev))? (?:i|på|frå|fra)|,| \(|)"
    rf" ?\(?{_YEAR_GROUP}",
    re.IGNORECASE,
)
_YEAR_GROUP_NAME = re.compile(
    rf"{_YEAR_GROUP}[^.!?\n]{{0,25}}?(?:\b(?:heter|heiter|kalles|ved navn|ved namn|elev|eleven"
    rf"|gutten|guten|jenta)|[:,])[ ](?P<first>{_NAME})(?P<last>(?: {_NAME})?)",
    re.IGNORECASE,
)
_PUPIL_NAME = re.compile(
    rf"{_PUPIL}(?: min| mi| mitt| vår)?(?P<called>(?:,? som)? (?:heter|heiter|kalles)"
    rf"| ved (?:navn|namn)|)[,:]? (?P<first>{_NAME})(?P<last>(?: {_NAME})?)",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
# Looking for names is slow in a long text: only where one of these is there as well.
_GROUP = re.compile(_YEAR_GROUP, re.IGNORECASE)
_PUPIL_WORD = re.compile(_PUPIL, re.IGNORECASE)


def _personal(text: str) -> Finding | None:
    has_digits = bool(_DIGIT.search(text))
    if has_digits and any(_is_national_id(match) for match in _NATIONAL_ID.finditer(text)):
        return Finding("personal", "fødselsnummer")
    if has_digits and any(_is_phone(match) for match in _PHONE.finditer(text)):
        return Finding("personal", "telefonnummer")
    if _names_pupil(text):
        return Finding("personal", "elev")
    return None


def _is_national_id(match: re.Match[str]) -> bool:
    """The date of birth can be one, or the two check digits are right.

    Day + 40 is a D-number; month + 40, + 65 and + 80 are hospital, and made-up numbers for tests.
    """
    day, month, year, *rest = match.groups()
    day_of = int(day) - 40 if int(day) > 40 else int(day)
    month_of = int(month)
    for offset in (80, 65, 40):
        if month_of > offset:
            month_of -= offset
            break
    if 1 <= day_of <= 31 and 1 <= month_of <= 12:
        return True
    digits = [int(digit) for digit in day + month + year[-2:] + "".join(rest)]
    first, second = (3, 7, 6, 1, 8, 9, 4, 5, 2, 1), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)
    return all(
        sum(w * d for w, d in zip(weights, digits, strict=False)) % 11 == 0
        for weights in (first, second)
    )


def _is_phone(match: re.Match[str]) -> bool:
    """Eight digits that are neither years, a date nor money."""
    digits = re.sub(r"\D", "", match["number"])
    if match["country"]:
        return True
    return (
        digits[0] in "23456789"
        and not digits.endswith("0000")
        and not _YEARS.fullmatch(digits)
        and not _DATE.fullmatch(digits)
        and not _MONEY_BEFORE.search(match.string[max(0, match.start() - 20) : match.start()])
    )


def _names_pupil(text: str) -> bool:
    rules = _read()
    in_group = bool(_GROUP.search(text))
    for match in _NAME_IN_YEAR_GROUP.finditer(text) if in_group else ():
        first, last, link = match["first"], match["last"].split(), match["link"].strip(" ,(")
        if _is_full_name(first, last, rules):
            return True
        # The name may be the last of the words: "jeg har Ola i 7B".
        name = last[-1] if last else first
        known = _is_known(name, rules)
        if known and (link or name.lower() not in rules.ambiguous):
            return True
    for pattern, needed in (
        (_YEAR_GROUP_NAME, in_group),
        (_PUPIL_NAME, bool(_PUPIL_WORD.search(text))),
    ):
        for match in pattern.finditer(text) if needed else ():
            first, last = match["first"], match["last"].split()
            called = pattern is _PUPIL_NAME and bool(match["called"])
            if _is_known(first, rules) or _is_full_name(first, last, rules):
                return True
            if called and first[0].isupper() and first.lower() not in rules.not_names:
                return True
    return False


def _is_known(name: str, rules: _Rules) -> bool:
    """A first name; one that is also a word, or that shouts, counts only with its capital."""
    folded = name.split("-")[0].lower()
    if folded not in rules.names and folded not in rules.ambiguous:
        return False
    return name[0].isupper() or folded not in rules.ambiguous


def _is_full_name(first: str, last: Sequence[str], rules: _Rules) -> bool:
    names = [first, *last]
    return len(names) > 1 and all(
        name[0].isupper() and not name.isupper() and name.lower() not in rules.not_names
        for name in names[-2:]
    )


def _names_somebody(text: str) -> bool:
    """Whether a known first name stands in the text with its capital."""
    rules = _read()
    return any(
        word[0].isupper() and word.lower() in rules.names and word.lower() not in rules.ambiguous
        for word in _WORD.findall(text)
    )


# ---------------------------------------------------------------- guard.toml


@cache
def _read() -> _Rules:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    words: dict[str, list[str]] = data["words"]
    by_key: dict[str, list[_Phrase]] = {}
    rank = 0
    for sureness in get_args(Sureness):
        for row in data["worry"]:
            for written in row[sureness]:
                pattern = _pattern(written, words)
                phrase = _Phrase(rank, row["what"], row["grave"], sureness, pattern)
                rank += 1
                for key in _keys(written, words):
                    by_key.setdefault(key, []).append(phrase)
    personal = {name: frozenset(listed.split()) for name, listed in data["personal"].items()}
    return _Rules(
        phrases={key: tuple(phrases) for key, phrases in by_key.items()},
        ignore=_any(data["ignore"], words),
        who={name: _any(written, words) for name, written in data["who"].items()},
        openers=_any([f"^ {opener}" for opener in data["asks"]["openers"]], words),
        about=_any(data["asks"]["about"], words),
        names=personal["names"],
        ambiguous=personal["ambiguous"],
        not_names=personal["not_names"],
    )


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compiled when first needed: most phrases never are."""
    return re.compile(pattern)


def _any(written: Iterable[str], words: Mapping[str, list[str]]) -> re.Pattern[str]:
    return re.compile("|".join(_pattern(phrase, words) for phrase in written))


def _pattern(written: str, words: Mapping[str, list[str]]) -> str:
    """A phrase as a regular expression on words with one space between."""
    pattern = ""
    for token in written.split():
        match token:
            case "…":
                pattern += _GAP
            case "_":
                pattern += r"\w+ "
            case "^":
                pattern += "^"
            case "$":
                pattern = pattern.removesuffix(" ") + "$"
            case _:
                alternatives = "|".join(
                    re.escape(word).replace(r"\*", r"\w*") for word in _alternatives(token, words)
                )
                one = rf"\b(?:{alternatives})\b "
                pattern += f"(?:{one})?" if token.endswith("?") else one
    return "(?:" + pattern.removesuffix(" ") + ")"


def _alternatives(token: str, words: Mapping[str, list[str]]) -> list[str]:
    listed: list[str] = []
    for word in token.rstrip("?").split("|"):
        listed.extend(words[word[1:-1]] if word.startswith("{") else [word])
    return listed


def _keys(written: str, words: Mapping[str, list[str]]) -> set[str]:
    """What to find a phrase by: its most telling word, whose shortest spelling is the longest.

    A whole word is found by itself, a beginning (`mobb*`) by its first letters.
    """
    needed = (t for t in written.split() if t not in ("…", "_", "^", "$") and t[-1] != "?")
    tokens = [_alternatives(token, words) for token in needed]
    telling = max(reversed(tokens), key=lambda token: min(len(word) for word in token))
    keys = {word.removesuffix("*")[:_KEY] if word.endswith("*") else word for word in telling}
    if short := [word for word in telling if word.endswith("*") and len(word) <= _KEY]:
        raise ValueError(f"{_FILE.name}: {short[0]!r} needs {_KEY} letters before its *")
    return keys
