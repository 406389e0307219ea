"""Whom a meeting is for: lines as people write them -> the people in the register.

A line is a role ("ledere"), a place ("sone: Sone nord"), both ("ledere i sone: Sone nord"), a
group, or people by e-mail. Several lines stand with + between, or each on its own line.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from dialogs.access import LEADERS
from dialogs.wording import Wording
from storage.database import Session
from storage.meeting_groups import list_groups, members_of
from storage.people import RegisteredPerson, list_people

ROLES: Mapping[str, tuple[str, ...]] = {
    "alle": (),
    "ledere": LEADERS,
    "lærere": ("lærer",),
    "tillitsvalgte": ("tillitsvalgt",),
}
# As people write them, in bokmål and nynorsk, for one and for many.
_ROLE_WORDS = {
    **{word: word for word in ROLES},
    "leder": "ledere",
    "leiar": "ledere",
    "leiarar": "ledere",
    "skoleledere": "ledere",
    "skuleleiarar": "ledere",
    "lærer": "lærere",
    "lærar": "lærere",
    "lærarar": "lærere",
    "tillitsvalgt": "tillitsvalgte",
    "tillitsvald": "tillitsvalgte",
    "tillitsvalde": "tillitsvalgte",
}
_PLACES = {
    "sone": "sone",
    "skoletype": "skoletype",
    "skuletype": "skoletype",
    "enhet": "enhet",
    "eining": "enhet",
    "skole": "enhet",
    "skule": "enhet",
}
_NAMED = {**_PLACES, "gruppe": "gruppe", "personer": "personer", "personar": "personer"}
_BOTH = re.compile(r"(\w+) (?:i|ved|på) (\w+)")
# A + inside an e-mail address is no new line.
_BETWEEN = re.compile(r"\n|\+(?![^\s+,;]*@)")
_BETWEEN_PEOPLE = re.compile(r"[,;\n]")
_IN_BRACKETS = re.compile(r".*<([^<>]+@[^<>]+)>")  # «Kari Moen <kari@…>», as Outlook writes it


@dataclass(frozen=True)
class Register:
    """What audiences are held against: the people, and who is in which group."""

    people: Sequence[RegisteredPerson]
    groups: Mapping[str, Collection[str]]  # keys of people, by the group's name

    def named(self, kind: str) -> dict[str, str]:
        """What there is of zones, school types, units or groups: as written, by small letters."""
        match kind:
            case "sone":
                names: Iterable[str] = (one.zone for one in self.people)
            case "skoletype":
                names = (one.school_type for one in self.people)
            case "enhet":
                names = (one.unit for one in self.people)
            case _:
                names = self.groups
        return {name.casefold(): name for name in sorted(names) if name}


def read_register(session: Session) -> Register:
    """The register and the groups as they are now."""
    return Register(list_people(session), read_groups(session).groups)


def read_groups(session: Session) -> Register:
    """The groups alone: enough to know whether a meeting concerns somebody."""
    return Register((), {name: members_of(session, name) for name in list_groups(session)})


def parse_audience(
    text: str, register: Register, wording: Wording | None = None
) -> tuple[tuple[str, ...], list[str]]:
    """The lines as they are kept, and a sentence for each thing that is wrong with them.

    Without a wording the sentences are in bokmål, which is the language of the command line.
    """
    wording = wording or _bokmål()
    lines: list[str] = []
    problems: list[str] = []
    for part in _BETWEEN.split(text):
        written = " ".join(part.split())
        if not written:
            continue
        line, problem = _parse_line(written, register, wording)
        problems += [problem] if problem else []
        if line and line not in lines:
            lines.append(line)
    if not lines and not problems:
        problems.append(wording.say("meeting_audience_missing"))
    return tuple(lines), problems


def audience_text(wording: Wording, lines: Iterable[str]) -> str:
    """The lines as people read and write them in their language, each on its own line."""
    words: Mapping[str, str] = dict(wording.many("meeting_audience_words"))
    return "\n".join(_in_words(line, words) for line in lines)


def invited(audience: Iterable[str], register: Register) -> list[RegisteredPerson]:
    """The people that the lines stand for, each once, in the order of the register."""
    wanted: set[str] = set()
    for line in audience:
        wanted |= _people_of(line, register)
    return [one for one in register.people if one.key in wanted]


def concerns(audience: Iterable[str], person: RegisteredPerson, register: Register) -> bool:
    """Whether the person is among those whom the lines stand for; only groups are looked up."""
    alone = Register((person,), register.groups)
    return any(person.key in _people_of(line, alone) for line in audience)


def is_for(session: Session, audience: Sequence[str], person: RegisteredPerson) -> bool:
    """The same, of the groups as they are now; they are read only if a line names one."""
    named = any(line.startswith("gruppe:") for line in audience)
    return concerns(audience, person, read_groups(session) if named else Register((), {}))


def read_people(
    text: str, people: Iterable[RegisteredPerson]
) -> tuple[list[RegisteredPerson], list[str]]:
    """Who is named, by e-mail or by a name that only one person has; and what names nobody."""
    by_email: dict[str, RegisteredPerson] = {}
    by_name: dict[str, list[RegisteredPerson]] = {}
    for one in people:
        if one.email:
            by_email[one.email.casefold()] = one
        by_name.setdefault(one.name.casefold(), []).append(one)
    found: list[RegisteredPerson] = []
    unknown: list[str] = []
    for part in _each_person(text):
        bracketed = _IN_BRACKETS.fullmatch(part)
        wanted = (bracketed[1].strip() if bracketed else part).casefold()
        named = by_name.get(wanted, [])
        person = by_email.get(wanted) or (named[0] if len(named) == 1 else None)
        if person is None:
            unknown.append(part)
        elif person not in found:
            found.append(person)
    return found, unknown


def _each_person(text: str) -> list[str]:
    """The parts of a list of people; e-mail addresses may stand with only blanks between."""
    parts: list[str] = []
    for part in _BETWEEN_PEOPLE.split(text):
        words = part.split()
        several = len(words) > 1 and all("@" in word for word in words)
        parts += words if several else [" ".join(words)] if words else []
    return parts


def _parse_line(written: str, register: Register, wording: Wording) -> tuple[str, str]:
    """The line as it is kept, or what is wrong with it."""
    head, colon, rest = (part.strip() for part in written.partition(":"))
    role = ""
    if both := _BOTH.fullmatch(head.casefold()):
        role, head = _ROLE_WORDS.get(both[1], "?"), both[2]
    elif not colon and (role := _ROLE_WORDS.get(head.casefold(), "")):
        return role, ""
    elif not colon and "@" in written:
        return _parse_people(written, register, wording)
    kind = _NAMED.get(head.casefold())
    if role == "?" or kind is None or not colon or (role and kind not in _PLACES.values()):
        return "", wording.say("meeting_audience_unknown", written=written)
    if kind == "personer":
        return _parse_people(rest, register, wording)
    there = register.named(kind)
    wanted = rest.casefold()
    # «sone: Øst» for «Sone øst»; «ungdomsskule» for «ungdomsskole».
    tried = (wanted, f"sone {wanted}" if kind == "sone" else wanted, wanted.replace("kule", "kole"))
    name = next((there[one] for one in tried if one in there), None)
    if name is None:
        if not there:
            return "", wording.say(f"meeting_audience_none_{kind}", name=rest)
        known = ", ".join(there.values())
        return "", wording.say(f"meeting_audience_not_{kind}", name=rest, known=known)
    return (f"{role} i {kind}: {name}" if role else f"{kind}: {name}"), ""


def _parse_people(text: str, register: Register, wording: Wording) -> tuple[str, str]:
    found, unknown = read_people(text, register.people)
    without = [one.name for one in found if not one.email]
    if unknown:
        return "", wording.say("meeting_audience_not_people", names=", ".join(unknown))
    if without:
        return "", wording.say("meeting_audience_no_email", names=", ".join(without))
    if not found:
        return "", wording.say("meeting_audience_no_people")
    return f"personer: {', '.join(one.email.casefold() for one in found)}", ""


def _in_words(line: str, words: Mapping[str, str]) -> str:
    head, colon, name = line.partition(":")
    return " ".join(words.get(word, word) for word in head.split(" ")) + colon + name


@cache
def _bokmål() -> Wording:
    return Wording("nb")


def _people_of(line: str, register: Register) -> set[str]:
    """The keys of the people that a kept line stands for; nobody for what is there no more."""
    head, _, name = (part.strip() for part in line.partition(":"))
    role, _, kind = head.rpartition(" i ")
    if not name:
        roles = ROLES.get(head)
        if roles is None:
            return set()
        return {one.key for one in register.people if not roles or one.role in roles}
    if kind == "gruppe":
        return set(register.groups.get(name, ()))
    if kind == "personer":
        emails = {email.strip() for email in name.split(",")}
        return {one.key for one in register.people if one.email and one.email.casefold() in emails}
    roles = ROLES.get(role or "alle")
    if roles is None:
        return set()
    return {
        one.key
        for one in register.people
        if _place(one, kind) == name and (not roles or one.role in roles)
    }


def _place(person: RegisteredPerson, kind: str) -> str | None:
    """Where the person is, as a place of this kind; None when it is no kind of place."""
    places = {"sone": person.zone, "skoletype": person.school_type, "enhet": person.unit}
    return places.get(kind)
