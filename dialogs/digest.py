"""The weekly digest: on Mondays, what others shared the week before, in one message a person."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

from dialogs.access import LEADERS, SCHOOL_OWNER_TEAM, is_leader, is_school_owner, reader
from dialogs.context import OSLO, Commanded, Composing, Context, Noticed, Pressed
from dialogs.messages import Button, CardReply, Paragraph, Reply, TextReply
from dialogs.notices import Later
from dialogs.pressed import registered
from dialogs.shared_list import version_choice
from storage.outbox import queue
from storage.people import RegisteredPerson, people_with_roles
from storage.preferences import preference, set_preference
from storage.shared import Version, find_shared, list_shared

PREFERENCE = "weekly_digest"
A_WEEK = timedelta(days=7)
SENT_AT = time(8)  # on Monday, in Oslo
# The bot may have been down: a digest that is later than this is no news.
LATEST_AFTER = timedelta(days=4)
# What is shared with the school alone is heard of there, and what is shared with everybody is
# mostly lærere's own plans: neither makes a digest by itself.
ANNOUNCED = ("sonen", "ledere", "skoleeierteamet")
LONGEST_LIST = 20
_BATCH = 50


def queue_digest(context: Context, version: Version) -> None:
    """See that the leaders and the skoleeierteam who may read it hear of it next Monday."""
    if version.audience not in ANNOUNCED:
        return
    monday = context.today - timedelta(days=context.today.weekday())
    due = datetime.combine(monday + A_WEEK, SENT_AT, OSLO)
    for person in people_with_roles(context.session, (*LEADERS, *SCHOOL_OWNER_TEAM)):
        if _is_own(version, person):
            continue
        if find_shared(context.session, version.id, reader(person)) is not None:
            queue(
                context.session,
                person=person.key,
                reason="digest",
                occasion=_week(monday),
                about={"monday": monday.isoformat()},
                due=due,
                latest=due + LATEST_AFTER,
            )


def digest(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """What others have shared that week with this person; None when that is nothing any more."""
    wording, person = composing.wording, composing.person
    if not preference(composing.session, person.key, PREFERENCE, True):
        return None
    if composing.later is not None:  # if it is too late by then, the outbox says so
        return composing.later
    monday = date.fromisoformat(str(about["monday"]))
    versions = [one for one in _shared_in(composing, monday) if not _is_own(one, person)]
    if not versions:
        return None
    listed, more = versions[:LONGEST_LIST], len(versions) - LONGEST_LIST
    blocks = [Paragraph(wording.say("digest_more", count=more), "note")] if more > 0 else []
    stop = {"verb": "digest", "on": False}
    return CardReply(
        wording.say("digest_title", week=monday.isocalendar().week),
        (
            Paragraph(wording.say("digest_intro")),
            version_choice(wording, listed),
            *blocks,
            Paragraph(wording.say("digest_note"), "note"),
        ),
        (
            Button(wording.say("shared_read"), {"verb": "shared_read"}, weight="main"),
            Button(wording.say("digest_stop"), stop, sends_inputs=False),
        ),
        composing.language,
    )


def switch(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """Begin or stop sending the digest."""
    wording, on = context.wording, value.get("on")
    if not isinstance(on, bool):
        return [TextReply(wording.say("old_button"))]
    if not is_leader(person) and not is_school_owner(person):
        return [TextReply(wording.say("digest_not_yours"))]
    set_preference(context.session, person.key, PREFERENCE, on)
    return [TextReply(wording.say("digest_on" if on else "digest_off"))]


def _shared_in(composing: Composing, monday: date) -> Iterator[Version]:
    """What the person may read that was shared in the week that began then, newest first."""
    begins, ends = (datetime.combine(day, time(), OSLO) for day in (monday, monday + A_WEEK))
    offset = 0
    while True:
        versions, _ = list_shared(
            composing.session, reader(composing.person), offset=offset, limit=_BATCH
        )
        for version in versions:
            if version.shared_at < begins:
                return
            if version.shared_at < ends:
                yield version
        if len(versions) < _BATCH:
            return
        offset += _BATCH


def _is_own(version: Version, person: RegisteredPerson) -> bool:
    """Whether somebody at the person's school shared it, or the person's own team."""
    match version.owner.kind:
        case "school":
            return version.owner.name == person.unit
        case "skoleeierteam":
            return is_school_owner(person)
    return version.shared_by == person.key


def _week(monday: date) -> str:
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def _switched(on: bool) -> Commanded:
    return lambda context, rest: VERBS["digest"](context, {"on": on})


VERBS: dict[str, Pressed] = {"digest": registered(switch)}
COMMANDS: dict[str, Commanded] = {
    "stopp ukesoversikten": _switched(False),
    "stopp vekeoversikta": _switched(False),
    "start ukesoversikten": _switched(True),
    "start vekeoversikta": _switched(True),
}
NOTICES: dict[str, Noticed] = {"digest": digest}
