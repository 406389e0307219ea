"""Short human replies to greetings, thanks and the like, when a message is nothing else."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from rapidfuzz import process
from rapidfuzz.distance import DamerauLevenshtein

from dialogs.messages import Language

_FILE = Path(__file__).with_suffix(".toml")
_WORD = re.compile(r"\w+")
_LAUGHTER = re.compile(r"(?:h[aeiæø]){2,}h?|lo+l")
_REPEATED = re.compile(r"(\w)\1{2,}")  # heeei; but "takk" keeps its two

LONGEST = 150  # characters; nobody chats small talk at length
SHORTEST_MISSPELT = 4  # letters; shorter words have too many neighbours


@dataclass(frozen=True, slots=True)
class _Talk:
    """Everything in small_talk.toml. `kinds` maps what is said to its rank; None is a filler."""

    kinds: Mapping[str, int | None]
    replies: tuple[Mapping[Language, str], ...]
    public: tuple[Mapping[Language, str], ...]  # the same where several people read
    emojis: Mapping[str, int]
    other_emoji: int
    known: frozenset[str]
    by_letter: Mapping[str, tuple[str, ...]]  # the same, by first letter
    longest: int


def reply_to(text: str, language: Language, *, public: bool = False) -> str | None:
    """The reply when the whole message is small talk, otherwise None.

    `public` is for a team or a group chat, where several people read.
    """
    if len(text) > LONGEST:
        return None
    talk = _read()
    words = [_plain(word) for word in _WORD.findall(unicodedata.normalize("NFC", text).lower())]
    ranks = _ranks(words, talk) if words else _emoji_ranks(text, talk)
    if not ranks:
        return None
    return (talk.public if public else talk.replies)[min(ranks)][language]


def _plain(word: str) -> str:
    """The word without the letters that joy repeats: heeeei -> hei, haaaahaha -> haha."""
    word = _REPEATED.sub(r"\1", word)
    return "haha" if _LAUGHTER.fullmatch(word) else word


def _ranks(words: list[str], talk: _Talk) -> list[int]:
    """The ranks of the pieces that the words are made of; empty when they say anything else."""
    if pieces := _pieces(words, talk):
        return pieces
    spelt = []
    for word in words:
        known = _spelt(word, talk)
        if known is None:
            return []
        spelt.append(known)
    return _pieces(spelt, talk)


def _pieces(words: list[str], talk: _Talk) -> list[int]:
    """Cut the words into known pieces from the end, so that each place is looked at once."""
    # found[i]: the ranks of the pieces of words[i:], None when it cannot be cut.
    found: list[list[int] | None] = [None] * len(words) + [[]]
    for start in range(len(words) - 1, -1, -1):
        for end in range(min(len(words), start + talk.longest), start, -1):
            rest = found[end]
            piece = " ".join(words[start:end])
            if rest is not None and piece in talk.kinds:
                rank = talk.kinds[piece]
                found[start] = rest if rank is None else [rank, *rest]
                break
    return found[0] or []


def _spelt(word: str, talk: _Talk) -> str | None:
    """The known word that this is, perhaps misspelt by one letter; None when there is none."""
    if word in talk.known:
        return word
    if len(word) < SHORTEST_MISSPELT:
        return None
    likely = talk.by_letter.get(word[0], ())
    near = process.extractOne(word, likely, scorer=DamerauLevenshtein.distance, score_cutoff=1)
    return near[0] if near else None


def _emoji_ranks(text: str, talk: _Talk) -> list[int]:
    """The mood of a message of emojis only; empty for punctuation only."""
    signs = [sign for sign in text if unicodedata.category(sign) == "So"]
    if not signs:
        return []
    return [talk.emojis[s] for s in signs if s in talk.emojis] or [talk.other_emoji]


@cache
def _read() -> _Talk:
    data = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    ranks = {row["name"]: rank for rank, row in enumerate(data["talk"])}
    kinds: dict[str, int | None] = {_said(filler): None for filler in data["fillers"]}
    for rank, row in reversed(list(enumerate(data["talk"]))):
        kinds.update({_said(phrase): rank for phrase in row["say"]})
    words = {word for said in kinds for word in said.split()}
    return _Talk(
        kinds=kinds,
        replies=tuple({"nb": row["nb"], "nn": row["nn"]} for row in data["talk"]),
        public=tuple(
            {"nb": row.get("nb_public", row["nb"]), "nn": row.get("nn_public", row["nn"])}
            for row in data["talk"]
        ),
        emojis={sign: ranks[name] for name, signs in data["emoji"].items() for sign in signs},
        other_emoji=ranks["okay"],
        known=frozenset(words),
        by_letter={
            letter: tuple(group) for letter, group in groupby(sorted(words), key=itemgetter(0))
        },
        longest=max(len(said.split()) for said in kinds),
    )


def _said(phrase: str) -> str:
    return " ".join(_plain(word) for word in phrase.split())
