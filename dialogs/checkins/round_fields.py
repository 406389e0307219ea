"""The fields of the form of a round: what was filled in -> what is wanted, and what is proposed.

What is filled in is a dictionary of texts, by field. It travels as it is, so that nothing is lost
between the form and its preview.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dialogs.access import may_ask_everybody
from dialogs.checkins.round_rules import DAYS, LONGEST_PURPOSE, Problem, Rules, Wanted
from dialogs.checkins.round_words import REPEATS
from dialogs.dates import LONGEST as LONGEST_DATE
from dialogs.dates import read_date
from dialogs.meetings.audience import audience_text, parse_audience
from dialogs.messages import Block, Choice, DateInput, Paragraph, TextInput
from dialogs.pressed import LONGEST_ID, text_in
from dialogs.question_set import QuestionSet, Rhythm
from dialogs.wording import Wording
from storage.people import RegisteredPerson

Filled = Mapping[str, str]

LONGEST_LINES = 600
FIELDS = {
    "audience": LONGEST_ID,
    "audience_text": LONGEST_LINES,
    "first": LONGEST_DATE,
    "last": LONGEST_DATE,
    "repeat": LONGEST_ID,
    "discussed_on": LONGEST_DATE,
    "purpose": LONGEST_PURPOSE,
}
RHYTHMS: tuple[Rhythm, ...] = ("måned", "halvår", "år")
ONCE = "en gang"
WRITTEN = "-"  # the audience is only what is written
_AHEAD = 2  # days from today to the first that is proposed: the tillitsvalgte have one to read


@dataclass(frozen=True)
class RoundFields:
    """The form of a round of one question set, for the one who fills it in."""

    wording: Wording
    rules: Rules
    person: RegisteredPerson
    set: QuestionSet

    # What is offered

    def audiences(self) -> dict[str, tuple[str, ...]]:
        """The lines of each audience that can be chosen. Tillitsvalgte are lærere as well."""
        if not may_ask_everybody(self.person):
            at = f"enhet: {self.person.unit}"
            return {"lærere": (f"lærere i {at}", f"tillitsvalgte i {at}"), "alle": (at,)}
        register = self.rules.register
        places = [
            f"{kind}: {name}"
            for kind in ("sone", "skoletype")
            for name in register.named(kind).values()
        ]
        return {
            "lærere": ("lærere", "tillitsvalgte"),
            "ledere": ("ledere",),
            "alle": ("alle",),
            **{place: (place,) for place in places},
        }

    def proposed(self) -> dict[str, str]:
        """What stands in the form to begin with."""
        options = self.audiences()
        alike = (key for key, lines in options.items() if {*lines} == {*self.set.to})
        both = {"lærere", "ledere"} <= {*self.set.to}
        chosen = next(alike, "alle" if both else next(iter(options)))
        days = DAYS[self.set.kind]
        soonest = self.rules.today + timedelta(days=_AHEAD)
        first = self.rules.free_from(soonest, days, options[chosen]) or soonest
        return {
            **dict.fromkeys(FIELDS, ""),
            "audience": chosen,
            "first": first.isoformat(),
            "last": (first + timedelta(days=days - 1)).isoformat(),
            "repeat": ONCE,
        }

    # Reading it

    def read(self, id: str, filled: Filled) -> Wanted | list[Problem]:
        """What is wanted, or what can't be read; the rules come after (round_rules.py)."""
        say, problems = self.wording.say, list[Problem]()
        audience, wrong = self._audience(filled)
        problems += [Problem("audience_text", " ".join(wrong))] if wrong else []
        first = read_date(filled["first"], self.rules.today)
        last = read_date(filled["last"], self.rules.today)
        if first is None:
            problems.append(Problem("first", say("rounds_day_error")))
        elif not filled["last"]:
            last = first + timedelta(days=DAYS[self.set.kind] - 1)
        if filled["last"] and last is None:
            problems.append(Problem("last", say("rounds_day_error")))
        discussed = self._discussed(filled)
        if filled["discussed_on"] and discussed is None:
            problems.append(Problem("discussed_on", say("rounds_day_error")))
        if len(filled["purpose"]) > LONGEST_PURPOSE:
            problems.append(Problem("purpose", say("rounds_too_long", longest=LONGEST_PURPOSE)))
        if problems or first is None or last is None:
            return problems
        return Wanted(
            id=id,
            set=self.set,
            audience=audience,
            first=first,
            last=last,
            repeat=next((one for one in RHYTHMS if one == filled["repeat"]), ""),
            discussed_on=discussed,
            purpose=filled["purpose"],
        )

    def _audience(self, filled: Filled) -> tuple[tuple[str, ...], list[str]]:
        chosen = self.audiences().get(filled["audience"], ())
        if not filled["audience_text"] and chosen:
            return chosen, []
        written, problems = parse_audience(
            filled["audience_text"], self.rules.register, self.wording
        )
        return tuple(dict.fromkeys((*chosen, *written))), problems

    def _discussed(self, filled: Filled) -> date | None:
        """The day it was discussed; one written without a year is the last that was."""
        today = self.rules.today
        day = read_date(filled["discussed_on"], today)
        if day is None or day <= today or str(day.year) in filled["discussed_on"]:
            return day
        before = read_date(f"{day.day}.{day.month}.{day.year - 1}", today)
        return before if before is not None and (today - before).days < 180 else day

    # Showing it

    def inputs(self, filled: Filled, problems: Mapping[str, str]) -> list[Block]:
        """The fields, each with what is wrong with it right above."""
        blocks: list[Block] = []
        for field in FIELDS:
            if field == "audience_text" and not may_ask_everybody(self.person):
                if problem := problems.get(field):
                    blocks.append(Paragraph(problem, "error"))
                continue
            if problem := problems.get(field):
                blocks.append(Paragraph(problem, "error"))
            blocks.append(self._input(field, filled[field]))
        return blocks

    def _input(self, field: str, value: str) -> Block:
        say = self.wording.say
        label = say(f"rounds_field_{field}")
        match field:
            case "audience":
                own = "" if may_ask_everybody(self.person) else "_own"
                named = {
                    key: say(f"rounds_audience_{name}{own}")
                    for key, name in (
                        ("lærere", "teachers"),
                        ("ledere", "leaders"),
                        ("alle", "all"),
                    )
                }
                options = [
                    (key, named.get(key) or audience_text(self.wording, (key,)))
                    for key in self.audiences()
                ]
                if not own:
                    options.append((WRITTEN, say("rounds_audience_written")))
                return Choice(field, label, tuple(options), say("rounds_choose_whom"), value=value)
            case "repeat":
                options = [(ONCE, say("rounds_once"))]
                options += [(one, say(REPEATS[one])) for one in RHYTHMS]
                return Choice(field, label, tuple(options), required=False, value=value or ONCE)
            case "first" | "last" | "discussed_on":
                required = field == "first"
                return DateInput(field, label, value, say("rounds_day_error"), required)
        return TextInput(
            field,
            label,
            value,
            longest=FIELDS[field],
            required=False,
            lines=field == "purpose",
            hint=say(f"rounds_hint_{field}"),
        )


def filled_in(value: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields; what came from outside and is no text is left out."""
    return {field: text_in(value, field)[: most + 1] for field, most in FIELDS.items()}
