"""Whom a meeting is for: lines as people write them -> the people in the register.

A line is a role ("ledere"), a place ("sone: Sone nord"), both ("ledere i sone: Sone nord"), a
group, or people by e-mail. Several lines stand with + between, or each on its own line.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dialogs.access import LEADERS
from storage.database import Session
from storage.meetings import list_groups, members_of
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
_BETWEEN = re.compile(r"[\n+]")


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
    groups = {name: members_of(session, name) for name in list_groups(session)}
    return Register(list_people(session), groups)


def parse_audience(text: str, register: Register) -> tuple[tuple[str, ...], list[str]]:
    """The lines as they are kept, and a sentence for each thing that is wrong with them."""
    lines: list[str] = []
    problems: list[str] = []
    for part in _BETWEEN.split(text):
        written = " ".join(part.split())
        if not written:
            continue
        line, problem = _parse_line(written, register)
        problems += [problem] if problem else []
        if line and line not in lines:
            lines.append(line)
    if not lines and not problems:
        problems.append(
            "Målgruppen mangler. Skriv for eksempel «ledere», «sone: …» eller «enhet: …»."
        )
    return tuple(lines), problems


def invited(audience: Iterable[str], register: Register) -> list[RegisteredPerson]:
    """The people that the lines stand for, each once, in the order of the register."""
    wanted: set[str] = set()
    for line in audience:
        wanted |= _people_of(line, register)
    return [one for one in register.people if one.key in wanted]


def concerns(audience: Iterable[str], person: RegisteredPerson, register: Register) -> bool:
    return any(person.key in _people_of(line, register) for line in audience)


def _parse_line(written: str, register: Register) -> tuple[str, str]:
    """The line as it is kept, or what is wrong with it."""
    head, colon, rest = (part.strip() for part in written.partition(":"))
    role = ""
    if both := _BOTH.fullmatch(head.casefold()):
        role, head = _ROLE_WORDS.get(both[1], "?"), both[2]
    elif not colon and (role := _ROLE_WORDS.get(head.casefold(), "")):
        return role, ""
    kind = _NAMED.get(head.casefold())
    if role == "?" or kind is None or not colon or (role and kind not in _PLACES.values()):
        return "", (
            f"Målgruppen «{written}» er ukjent. Skriv ledere, lærere, alle, tillitsvalgte, "
            "sone: …, skoletype: …, enhet: …, gruppe: … eller personer: e-post, e-post."
        )
    if kind == "personer":
        return _parse_people(rest, register)
    there = register.named(kind)
    name = there.get(rest.casefold())
    if name is None and kind == "sone":  # «sone: Øst» for «Sone øst»
        name = there.get(f"sone {rest}".casefold())
    if name is None:
        known = ", ".join(there.values()) or "ingen"
        return "", f"Finner ikke {kind} «{rest}». Disse finnes: {known}."
    return (f"{role} i {kind}: {name}" if role else f"{kind}: {name}"), ""


def _parse_people(text: str, register: Register) -> tuple[str, str]:
    emails = [part.strip().casefold() for part in re.split(r"[,;\s]+", text) if part.strip()]
    known = {one.email.casefold() for one in register.people if one.email}
    missing = [email for email in emails if email not in known]
    if not emails:
        return "", "Skriv e-postadressene etter «personer:», med komma mellom."
    if missing:
        return "", f"Står ikke i personregisteret: {', '.join(missing)}."
    return f"personer: {', '.join(dict.fromkeys(emails))}", ""


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
        return {one.key for one in register.people if one.email.casefold() in emails}
    roles = ROLES.get(role, ())
    return {
        one.key
        for one in register.people
        if _place(one, kind) == name and (not roles or one.role in roles)
    }


def _place(person: RegisteredPerson, kind: str) -> str:
    return {"sone": person.zone, "skoletype": person.school_type, "enhet": person.unit}[kind]
