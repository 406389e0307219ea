"""What people, clients and mischief write: as many odd texts as one likes, the same every time."""

import random
from collections.abc import Iterator

from tests.bot.test_cards import ANGRY_TEXTS

QUESTIONS = [
    "Hva er PRUVA?",
    "Hvilke tiltak har ambisjon 2 for skolene?",
    "korleis legg de opp til elevmedverknad",
    "og for barnehagene?",
    "når var møtet om elevmedvirkning",
    "når er neste møte",
    "hvor lang tid tar modul 2",
    "hva er hovedstaden i Frankrike",
    "hva betyr skoleeier",
]
COMMANDS = [
    "hjelp",
    "hva er lovet?",
    "nynorsk",
    "bokmål",
    "bytt rolle",
    "Vis hele avsnittet",
    "Vis hele avsnittet: ",
    "Vis heile avsnittet: ",
    "Send uten navn til skoleeierteamet: ",
    "Send utan namn til skuleeigarteamet: ",
]
ODD = [
    *ANGRY_TEXTS,
    "<img src=x onerror=alert(1)>",
    "</p><h1>Hei</h1>",
    "javascript:alert(1)",
    "'; DROP TABLE conversation; --",
    "' OR 1=1 --",
    "{{DATE(2024-01-01T00:00:00Z, SHORT)}}",
    "{{TIME(",
    "{navn} {0} %s %(x)s ${x} {{}}",
    "<at>Kvalitetsbot</at> <at id='0'>Alle</at> @alle",
    "\u202eaviuP re avh\u202c \u2066\u2069\u200f\u200e",
    "\x00\x01\x07\x08\x1b[31m\x7f\x85\x9f",
    "\ud800 \udfff \ud83d",
    "😀👩‍👩‍👧‍👦🏳️‍🌈🇳🇴",
    "a\u0308\u0301" * 40,
    "ﷺ ﬀ Å Å K İ ß ſ",
    "\ufeff\u200b\u200d\u2028\u2029\u00a0\u00ad",
    "og i på til for av med om som at er",
    "?!...,,,;;;:::",
    "1 2 3 12.11.2020 0.12 § 17-12 999999999999999999999",
    "[sic] [1] [2] « » … › •",
    "\n\n\n\r\n\r\t\v\f",
    "NULL None undefined NaN true",
    "../../etc/passwd",
    "C:\\Windows\\system32",
]


def texts(count: int, seed: int) -> Iterator[str]:
    """`count` texts; the same for the same seed."""
    chance = random.Random(seed)
    yield from ["", " ", "?", "\x00", "\ud800", "x" * 30_000, "ord " * 7_500, "æ" * 40_000]
    for _ in range(count - 8):
        yield _text(chance)


def _text(chance: random.Random) -> str:
    match chance.randrange(12):
        case 0:
            return chance.choice(ODD)
        case 1:
            return chance.choice(COMMANDS) + chance.choice(ODD)
        case 2:
            return "".join(chr(chance.randrange(0x20, 0x3000)) for _ in range(chance.randrange(80)))
        case 3:
            return "".join(chr(chance.randrange(0x11_0000)) for _ in range(chance.randrange(40)))
        case 4:
            return _slip(chance, chance.choice(QUESTIONS))
        case 5:
            return chance.choice(["a", "å", "elev", "skole", "-", "😀"]) * chance.randrange(400)
        case 6 if chance.random() < 0.1:
            return " ".join(chance.choices(QUESTIONS + ODD, k=700))[:30_000]
        case _:
            pieces = chance.choices(QUESTIONS + COMMANDS + ODD, k=chance.randrange(1, 5))
            return chance.choice([" ", "", "\n"]).join(pieces)


def _slip(chance: random.Random, text: str) -> str:
    """A question with some characters gone, doubled or swapped for odd ones."""
    characters = list(text)
    for _ in range(chance.randrange(1, 6)):
        place = chance.randrange(len(characters))
        characters[place] = chance.choice(["", characters[place] * 2, "<", "*", "\u0301", "\u202e"])
    return "".join(characters)
