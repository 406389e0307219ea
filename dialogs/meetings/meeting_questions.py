"""Questions answered from the calendar: when is the next one, what is in week 9, when is it about …

dialogs/meetings/asked.py reads what is asked for; here the meetings are found and told of. Nobody
is told of a meeting that isn't for them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time, timedelta
from typing import Any

from rapidfuzz.distance import OSA

from dialogs import guard
from dialogs.context import OSLO, Commanded, Context, Pressed
from dialogs.dates import read_date, show_date
from dialogs.meetings.asked import LONGEST, Asked, read_asked
from dialogs.meetings.homework import homework_for
from dialogs.meetings.meeting_card import (
    HORIZON,
    Writing,
    find_mine,
    may_see,
    meeting_line,
    show_meeting,
    when_text,
)
from dialogs.meetings.periods import Period
from dialogs.meetings.sending_times import at
from dialogs.messages import Button, Reply, Suggestion, TextReply
from dialogs.pressed import id_in, registered
from dialogs.questions import LONGEST_QUESTION, answer, guarded
from dialogs.small_talk import reply_to
from knowledge.library import Library
from knowledge.norwegian import Words, stem
from storage.meetings import Meeting, find_meeting, kinds_in_use
from storage.people import RegisteredPerson

MOST_LISTED = 12
# Nothing but the calendar knows of these: the documents have only those of 2020–2021.
ALWAYS_OURS = ("skoleledermøte", "LED-skole")
BACK = timedelta(days=365)
_DAY = timedelta(days=1)

# A meeting is on a topic when its words have so much of the topic's, each word counting 0..1.
ENOUGH = 0.55
BESIDE_THE_BEST = 0.2
# A topic of several parts, where the plan knows one of them.
_PARTS = re.compile(r"\s+[–—-]\s+|[;:,.()/]\s*| og ")
MOST_PARTS = 6
A_SLIP = 0.16  # of a word's letters, for words of the calendar that no document has


def hear(context: Context, text: str) -> TextReply | None:
    """The answer to a question to the calendar; None for everything else."""
    if len(text) > LONGEST or guard.find(text) or reply_to(text, context.language):
        return None
    words = context.library.words
    asked = read_asked(
        text,
        context.today,
        kinds_in_use(context.session),
        lambda word: words.stem(word) in words.known,
    )
    if asked is None:
        return None
    if context.person is None:
        return TextReply(context.wording.say("asked_unknown")) if asked.sure else None
    reply = _answer(context, asked)
    if reply is not None:
        context.turn.topic = None  # «og den neste?» is no question to the documents now
    return reply


def _answer(context: Context, asked: Asked) -> TextReply | None:
    mine = find_mine(context, context.now - BACK, context.now + HORIZON)
    found = [one for one in mine if not asked.kind or _is(asked.kind, one)]
    if asked.kind and not found and asked.kind not in ALWAYS_OURS:
        return None  # the documents and the veiviser may know whom to ask
    if asked.topic:
        found = on_topic(context.library, asked.topic, found)
    if asked.name:
        found = _called(asked.name, found)
    if asked.period is not None:
        return _in_period(context, asked, asked.period, mine, found)
    coming = [one for one in found if one.ends > context.now]
    if coming:
        return _told(context, asked, coming[:1] if asked.next or not asked.every else coming)
    if asked.topic and found:
        held = meeting_line(context.wording, found[-1], context.today)
        said = context.wording.say("asked_held", line=held)
        return TextReply(said, suggestions=_suggestions(context, found[-1]))
    return _none(context, asked, mine) if asked.sure else None


def _is(kind: str, meeting: Meeting) -> bool:
    return meeting.kind.casefold() == kind.casefold()


def _in_period(
    context: Context, asked: Asked, period: Period, mine: list[Meeting], found: list[Meeting]
) -> TextReply | None:
    """What there is within the days that were named; what is over by now only when all is."""
    first, last = at(period.first, time(0)), at(period.last + _DAY, time(0))
    if last < context.now - BACK:
        return None
    # Of what lies further ahead than one usually looks.
    if last > context.now + HORIZON and not (asked.topic or asked.name):
        more = find_mine(context, context.now + HORIZON, last)
        found = found + [one for one in more if not asked.kind or _is(asked.kind, one)]
    within = [one for one in found if one.starts < last and one.ends > first]
    coming = [one for one in within if one.ends > context.now]
    if within:
        shown = coming or within
        return _told(context, asked, shown[:1] if asked.next and coming else shown)
    return _none(context, asked, mine) if asked.sure else None


# What is said


def _told(context: Context, asked: Asked, meetings: Sequence[Meeting]) -> TextReply:
    wording = context.wording
    if len(meetings) > 1:
        lines = [f"• {meeting_line(wording, one, context.today)}" for one in meetings[:MOST_LISTED]]
        if left := len(meetings) - MOST_LISTED:
            lines += [wording.say("asked_more", count=left)] if left > 0 else []
        title = wording.say("asked_several", count=len(meetings))
        return TextReply(
            "\n\n".join([title, "\n".join(lines)]), suggestions=_all(context, meetings)
        )
    [meeting] = meetings
    when = when_text(wording, meeting, context.today)
    details = (
        ("meeting_where", meeting.place),
        ("meeting_link", meeting.link),
        ("meeting_topic", meeting.topic),
        ("meeting_preparation", meeting.preparation),
        ("meeting_homework", homework_for(context.session, meeting)),
    )
    lines = [f"{wording.say(label)}: {text}" for label, text in details if text]
    if asked.prepares and not meeting.preparation and not details[-1][1]:
        lines.append(wording.say("asked_no_preparation"))
    said = "asked_one" if meeting.ends > context.now else "asked_one_held"
    parts = [wording.say(said, title=meeting.title, when=when), "\n".join(lines)]
    return TextReply("\n\n".join(filter(None, parts)), suggestions=_suggestions(context, meeting))


def _none(context: Context, asked: Asked, mine: Iterable[Meeting]) -> TextReply:
    """That there is none, with the next one that there is."""
    wording = context.wording
    where = asked.period.words if asked.period else ""
    what = {"topic": asked.topic, "kind": asked.kind, "period": where}
    if asked.topic:
        said = wording.say("asked_no_topic", **what)
    elif asked.period is not None:
        days = _days(asked.period)
        key = "asked_no_kind_then" if asked.kind else "asked_none_then"
        said = wording.say(key, days=days, **what)
    else:
        said = wording.say("asked_no_kind" if asked.kind else "asked_none", **what)
    coming = [one for one in mine if one.ends > context.now]
    ways: tuple[Suggestion, ...] = ()
    if coming:
        line = meeting_line(wording, coming[0], context.today)
        said += " " + wording.say("asked_but_next", line=line)
        ways = _suggestions(context, coming[0])[:1]
    if asked.topic:
        ways = (*ways, _paragraphs(context, asked.topic))
    return TextReply(said, suggestions=ways)


def _days(period: Period) -> str:
    if period.first == period.last:
        return show_date(period.first)
    return f"{show_date(period.first)}–{show_date(period.last)}"


def _suggestions(context: Context, meeting: Meeting) -> tuple[Suggestion, ...]:
    show = _show(context, meeting)
    return (show, _paragraphs(context, meeting.topic)) if meeting.topic else (show,)


def _all(context: Context, meetings: Sequence[Meeting]) -> tuple[Suggestion, ...]:
    coming = next((one for one in meetings if one.ends > context.now), meetings[0])
    every = context.wording.say("asked_my_meetings")
    return _show(context, coming), Suggestion(every, every)


def _show(context: Context, meeting: Meeting) -> Suggestion:
    """What it says is read by `_shown`: the day and the title, which a person can read too."""
    title = context.wording.say("asked_show")
    day = show_date(meeting.starts.astimezone(OSLO).date())
    return Suggestion(title, f"{title}: {day} {meeting.title}")


def _paragraphs(context: Context, topic: str) -> Suggestion:
    """What it says is read by `_paragraphs_said`."""
    say = context.wording.say
    return Suggestion(say("asked_paragraphs", topic=topic), f"{say('asked_on')}: {topic}")


# Finding


def on_topic(library: Library, topic: str, meetings: Iterable[Meeting]) -> list[Meeting]:
    """The meetings whose title, topic or preparation is on this, in the order they stand in."""
    scores = [(_likeness(library.words, topic, one), one) for one in meetings]
    best = max((score for score, _ in scores), default=0.0)
    least = max(ENOUGH, best - BESIDE_THE_BEST)
    return [one for score, one in scores if score >= least]


def _likeness(words: Words, topic: str, meeting: Meeting) -> float:
    """How much of the topic the meeting's words have: the mean over its words, each 0..1."""
    wanted = words.content(topic)
    there = words.content(f"{meeting.title} {meeting.topic} {meeting.preparation}")
    terms: dict[str, float] = {}
    for word in there:
        for term, weight in words.indexed(word).items():
            terms[term] = max(terms.get(term, 0.0), weight)
    return sum(_has(words, word, terms, there) for word in wanted) / len(wanted) if wanted else 0.0


def _has(words: Words, word: str, terms: Mapping[str, float], there: Iterable[str]) -> float:
    known = max((w * terms.get(term, 0.0) for term, w in words.terms(word).items()), default=0.0)
    if known or len(word) < 6:
        return known
    near = min((OSA.normalized_distance(word, one) for one in there), default=1.0)
    return 1.0 - near if near <= A_SLIP else 0.0


def _called(name: str, meetings: Iterable[Meeting]) -> list[Meeting]:
    """The meetings with this title: every word of it in the title, whatever its ending."""
    wanted = {stem(word) for word in name.split() if len(word) > 2}
    return [
        one
        for one in meetings
        if wanted and wanted <= {stem(word.strip(".,:;–()")) for word in one.title.lower().split()}
    ]


# What the plan says of a meeting's topic


def topic_button(writing: Writing, meeting: Meeting) -> tuple[Button, ...]:
    """«Hva sier planen om temaet?», one press from the card of a meeting with a topic."""
    if not meeting.topic:
        return ()
    value = {"verb": "meeting_topic", "meeting": meeting.id}
    return (Button(writing.wording.say("asked_topic_button"), value, sends_inputs=False),)


def _topic(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    wording = context.wording
    meeting = find_meeting(context.session, id_in(value, "meeting"))
    if meeting is None:
        return [TextReply(wording.say("meeting_gone"))]
    if not may_see(context, person, meeting):
        return [TextReply(wording.say("meeting_not_for_you"))]
    return [_on(context, meeting.topic or meeting.title)]


def _on(context: Context, topic: str) -> TextReply:
    """The ordinary answer to a topic, or to the first part of it that has one.

    It was written for a meeting: it is no worry of the person's, and no small talk.
    """
    whole = topic[:LONGEST_QUESTION]
    answered = answer(context.library, context.wording, whole)
    for part in _PARTS.split(whole)[:MOST_PARTS] if not answered.answered else ():
        of_part = answer(context.library, context.wording, part) if len(part) > 3 else answered
        if of_part.answered:
            answered = of_part
            break
    context.turn.topic = answered.topic.to_json() if answered.topic else None
    return answered.reply


# What is said by pressing a suggestion


def _paragraphs_said(context: Context, rest: str) -> list[Reply]:
    """«Avsnitt om: elevmedvirkning». What anybody may write here is held against the guard."""
    if finding := guard.find(rest):
        context.turn.digest = ""  # not even a trace that guesses could be held against
        return [TextReply(guarded(context.contacts, context.wording, finding))]
    return [_on(context, rest) if rest else TextReply(context.wording.say("empty"))]


def _show_said(context: Context, rest: str) -> list[Reply]:
    """«Vis møtet: 03.12.2026 Skoleledermøte»; without more it is the next one."""
    return VERBS["meeting_named"](context, {"said": rest})


def _named(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    said = str(value.get("said", "")).strip()
    day, title = _day_in(context, said)
    mine = find_mine(context, context.now - BACK, context.now + HORIZON)
    coming = [one for one in mine if one.ends > context.now]
    if day is not None:
        that_day = [one for one in mine if one.starts.astimezone(OSLO).date() == day]
        chosen = [one for one in that_day if one.title.casefold() == title] or that_day
    else:
        chosen = _called(said.casefold(), coming) if said else coming
    if not chosen:
        return [TextReply(context.wording.say("meeting_gone"))]
    return show_meeting(context, chosen[0].id)


def _day_in(context: Context, said: str) -> tuple[date | None, str]:
    first, _, title = said.partition(" ")
    return read_date(first, context.today) if first else None, title.strip().casefold()


VERBS: dict[str, Pressed] = {
    "meeting_topic": registered(_topic),
    "meeting_named": registered(_named),
}
COMMANDS: dict[str, Commanded] = {
    "vis møtet": _show_said,
    "vis møte": _show_said,
    "avsnitt om": _paragraphs_said,
}
