"""The fields of the form of a meeting: what was filled in -> a meeting, and back.

What is filled in is a dictionary of texts, by field. It travels as it is, so that nothing is lost
between the form and its preview.
"""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlsplit

from dialogs.dates import read_date, show_date
from dialogs.meetings.audience import Register, audience_text, parse_audience
from dialogs.meetings.kinds import KINDS, kind_as_written
from dialogs.meetings.limits import LONGEST_MEETING, YEARS_AHEAD
from dialogs.meetings.sending_times import OSLO, at
from dialogs.messages import Block, Choice, DateInput, Paragraph, TextInput
from dialogs.pressed import text_in
from dialogs.wording import Wording
from storage.meetings import Meeting

Filled = Mapping[str, str]

# Together they fit twice in a card, beside the meeting as it is shown.
LONGEST = {
    "other_kind": 60,
    "title": 150,
    "begins": 20,
    "ends": 20,
    "place": 150,
    "link": 800,
    "topic": 500,
    "preparation": 1_500,
    "audience_text": 600,
}
FIELDS = (
    "kind",
    "other_kind",
    "title",
    "day",
    "begins",
    "ends",
    "until",
    "place",
    "link",
    "topic",
    "preparation",
    "audience",
    "audience_text",
    "asks_answer",
    "day_before",
)
OTHER_KIND = "annen"
WRITTEN = "-"  # the audience is only what is written
YES, NO = "ja", "nei"
LONGEST_CHOICE = 200  # of what is chosen, not written: «gruppe: …», «sone: …»
_MANY_LINES = ("preparation", "audience_text")
_CLOCK = re.compile(r"(?:kl(?:okk(?:a|en))?\.? ?)?(\d{1,2})(?:[:.,]?(\d{2}))?")
_DAY = timedelta(days=1)
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Form:
    """What the form offers: the kinds of meeting in use, and the register for the audience."""

    wording: Wording
    register: Register
    kinds: Sequence[str]
    today: date

    def kind_options(self) -> tuple[tuple[str, str], ...]:
        kinds = dict.fromkeys([*KINDS, *self.kinds])
        other = (OTHER_KIND, self.wording.say("meeting_kind_other"))
        return (*((kind, kind) for kind in kinds), other)

    def audience_options(self) -> tuple[tuple[str, str], ...]:
        places = [f"sone: {one}" for one in self.register.named("sone").values()]
        groups = [f"gruppe: {one}" for one in self.register.named("gruppe").values()]
        lines = ("ledere", "lærere", "tillitsvalgte", "alle", *places, *groups)
        written = (WRITTEN, self.wording.say("meeting_audience_written"))
        return (*((one, audience_text(self.wording, [one])) for one in lines), written)


# What is filled in


def filled_in(value: Mapping[str, Any]) -> dict[str, str]:
    """What stands in the fields; what came from outside and is no text is left out."""
    most = {field: LONGEST.get(field, LONGEST_CHOICE) + 1 for field in FIELDS}  # seen as too long
    return {field: text_in(value, field)[: most[field]] for field in FIELDS}


def filled_of(form: Form, meeting: Meeting) -> dict[str, str]:
    """The fields as they would be filled in for this meeting."""
    begins, ends = meeting.starts.astimezone(OSLO), meeting.ends.astimezone(OSLO)
    last = ends.date() - _DAY if ends.time() == _MIDNIGHT else ends.date()
    options = dict(form.audience_options())
    first, *rest = [*meeting.audience, ""]
    chosen = first if first in options else WRITTEN
    lines = [one for one in ([] if chosen == first else [first]) + rest if one]
    return {
        "kind": meeting.kind,
        "other_kind": "",
        "title": meeting.title,
        "day": begins.date().isoformat(),
        "begins": f"{begins:%H:%M}",
        "ends": "24:00" if ends.time() == _MIDNIGHT else f"{ends:%H:%M}",
        "until": last.isoformat() if last != begins.date() else "",
        "place": meeting.place,
        "link": meeting.link,
        "topic": meeting.topic,
        "preparation": meeting.preparation,
        "audience": chosen,
        "audience_text": audience_text(form.wording, lines),
        "asks_answer": YES if meeting.asks_answer else NO,
        "day_before": YES if meeting.day_before else NO,
    }


def digests(filled: Filled) -> dict[str, str]:
    """A short mark of each field, to see later which of them somebody has changed."""
    return {
        field: hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
        for field, text in filled.items()
    }


# Reading it


def read_form(form: Form, filled: Filled) -> tuple[dict[str, Any], dict[str, str]]:
    """The fields of the meeting that were meant, and what is wrong, by field; all at once."""
    say, errors = form.wording.say, {}
    for field, longest in LONGEST.items():
        if len(filled[field]) > longest:
            errors[field] = say("meeting_too_long", longest=longest)
    kind = filled["kind"]
    if kind == OTHER_KIND:
        kind = kind_as_written(filled["other_kind"])
        if not kind:
            errors["other_kind"] = say("meeting_other_kind_error")
    elif kind not in dict(form.kind_options()):
        errors["kind"] = say("meeting_kind_error")
    link = _link(filled["link"])
    if link is None:
        errors.setdefault("link", say("meeting_link_error"))
    written = [filled["audience_text"]]
    if filled["audience"] not in ("", WRITTEN):
        written.insert(0, filled["audience"])
    audience, problems = parse_audience("\n".join(written), form.register, form.wording)
    if problems:
        errors.setdefault("audience_text", " ".join(problems))
    times, wrong_times = _read_times(form, filled)
    fields = {
        "kind": kind,
        "title": " ".join(filled["title"].split()) or capital(kind),
        **times,
        "place": " ".join(filled["place"].split()),
        "link": link,
        "topic": filled["topic"],
        "preparation": filled["preparation"],
        "audience": audience,
        "asks_answer": filled["asks_answer"] == YES,
        "day_before": filled["day_before"] == YES,
    }
    return fields, {**errors, **wrong_times}


def _read_times(form: Form, filled: Filled) -> tuple[dict[str, datetime], dict[str, str]]:
    say = form.wording.say
    errors: dict[str, str] = {}
    day = read_date(filled["day"], form.today)
    begins, ends = read_clock(filled["begins"]), read_clock(filled["ends"])
    until = read_date(filled["until"], form.today) if filled["until"] else day
    if day is None:
        errors["day"] = say("meeting_day_error")
    if begins is None or begins == _DAY:
        errors["begins"] = say("meeting_clock_error")
    if ends is None:
        errors["ends"] = say("meeting_clock_error")
    if until is None and filled["until"]:
        errors["until"] = say("meeting_until_error")
    if errors or day is None or until is None or begins is None or ends is None:
        return {}, errors
    if until < day:
        return {}, {"until": say("meeting_until_before")}
    starts_at, ends_at = _moment(day, begins), _moment(until, ends)
    if ends_at <= starts_at:
        return {}, {"ends": say("meeting_ends_before")}
    if ends_at - starts_at > LONGEST_MEETING:
        return {}, {"until": say("meeting_lasts", days=LONGEST_MEETING.days)}
    if day.year > form.today.year + YEARS_AHEAD:
        return {}, {"day": say("meeting_far_ahead", years=YEARS_AHEAD)}
    return {"starts": starts_at, "ends": ends_at}, {}


def read_clock(text: str) -> timedelta | None:
    """A time of day («12», «12.00», «kl 12», «1200»), until and with 24:00; None for no such."""
    found = _CLOCK.fullmatch(" ".join(text.casefold().split()))
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    clock = timedelta(hours=hour, minutes=minute)
    return clock if minute < 60 and clock <= _DAY else None


def _moment(day: date, clock: timedelta) -> datetime:
    if clock == _DAY:
        return at(day + _DAY, _MIDNIGHT)
    hours, minutes = divmod(clock.seconds // 60, 60)
    return at(day, time(hours, minutes))


def _link(text: str) -> str | None:
    """The address, with https put before one without; None for what is none."""
    if not text:
        return ""
    link = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(link)
        host = parts.hostname or ""
    except ValueError:
        return None
    plain = not re.search(r"[\s\\<>\"]", link) and "@" not in parts.netloc
    return link if parts.scheme == "https" and "." in host.strip(".") and plain else None


def capital(text: str) -> str:
    """The text with a capital letter first; the others as they are."""
    return text[:1].upper() + text[1:]


# Showing it


def inputs(
    form: Form, filled: Filled, errors: Mapping[str, str], notes: Mapping[str, str]
) -> list[Block]:
    """The fields, each with what is wrong with it, or to be noted, right above."""
    blocks: list[Block] = []
    for field in FIELDS:
        if note := notes.get(field):
            blocks.append(
                Paragraph(f"{form.wording.say(f'meeting_field_{field}')}: {note}", "note")
            )
        if error := errors.get(field):
            blocks.append(Paragraph(error, "error"))
        blocks.append(_input(form, field, filled[field]))
    return blocks


def shown_value(form: Form, field: str, value: str) -> str:
    """What was filled in, as it is read: the label of what was chosen, and dates as in Norway."""
    if not value:
        return form.wording.say("meeting_emptied")
    match field:
        case "kind":
            return dict(form.kind_options()).get(value, value)
        case "audience":
            return dict(form.audience_options()).get(value, value)
        case "asks_answer" | "day_before":
            return form.wording.say("meeting_yes" if value == YES else "meeting_no")
        case "day" | "until":
            day = read_date(value, form.today)
            return show_date(day) if day else value
    return value


def _input(form: Form, field: str, value: str) -> Block:
    say = form.wording.say
    label = say(f"meeting_field_{field}")
    match field:
        case "kind":
            error = say("meeting_kind_error")
            return Choice(field, label, form.kind_options(), error, value=value)
        case "audience":
            options = form.audience_options()
            return Choice(field, label, options, required=False, value=value)
        case "asks_answer" | "day_before":
            options = ((YES, say("meeting_yes")), (NO, say("meeting_no")))
            return Choice(field, label, options, required=False, value=value or NO)
        case "day":
            return DateInput(field, label, value, say("meeting_day_error"))
        case "until":
            return DateInput(field, label, value, required=False)
    hints = {"audience_text": "meeting_audience_hint"}
    hinted = field in ("title", "begins", "ends", "link", "audience_text")
    clock = field in ("begins", "ends")
    return TextInput(
        field,
        label,
        value,
        say("meeting_clock_error") if clock else "",
        LONGEST[field],
        required=clock,
        lines=field in _MANY_LINES,
        hint=say(hints.get(field, f"meeting_{field}_hint")) if hinted else "",
    )
