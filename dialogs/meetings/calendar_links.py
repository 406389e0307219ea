"""Meetings in people's own calendars: the file of one, and an address to follow them all."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from dialogs.access import may_organise
from dialogs.context import OSLO, Commanded, Composing, Context, Opened, Pressed
from dialogs.meetings.audience import concerns, read_groups
from dialogs.meetings.meeting_card import Writing, may_see
from dialogs.messages import (
    Button,
    CardReply,
    Download,
    Event,
    FeedAddress,
    Items,
    Moments,
    Paper,
    Paragraph,
    Reply,
)
from dialogs.pressed import registered
from dialogs.wording import Wording
from storage.calendar_feeds import feed_of, renew_feed
from storage.meetings import Meeting, find_meeting, meetings_between
from storage.people import RegisteredPerson

# What a followed calendar holds. What lies further back was put in it while it was news.
BACK = timedelta(days=30)
AHEAD = timedelta(days=365)
_DAY = timedelta(days=1)


# One meeting


def buttons(writing: Writing, meeting: Meeting) -> tuple[Download, ...]:
    """«Legg i kalenderen», for those whom the meeting is for; and to take it out when cancelled."""
    person = writing.person
    if person is None or meeting.ends <= writing.now or not may_see(writing, person, meeting):
        return ()
    key = "calendar_remove" if meeting.cancelled_at else "calendar_add"
    return (Download(writing.wording.say(key), f"meeting:{meeting.id}", "ics", person.key),)


def _meeting_paper(composing: Composing, id: str) -> Paper | None:
    meeting = find_meeting(composing.session, id)
    if meeting is None or not may_see(composing, composing.person, meeting):
        return None
    event = _event(composing.wording, meeting)
    return Paper(event.title, (), events=(event,), language=composing.language)


def _event(wording: Wording, meeting: Meeting) -> Event:
    first = meeting.starts.astimezone(OSLO).date()
    title = meeting.title
    parts = (
        ("calendar_topic", meeting.topic),
        ("calendar_preparation", meeting.preparation),
        ("calendar_because", meeting.cancelled_because if meeting.cancelled_at else ""),
    )
    if meeting.cancelled_at:
        # Some calendars show what is cancelled as if it weren't.
        title = wording.say("calendar_cancelled_title", title=title)
    return Event(
        f"meeting-{meeting.id}",
        title,
        first,
        max(first, (meeting.ends - timedelta(microseconds=1)).astimezone(OSLO).date()),
        "\n\n".join(wording.say(key, text=text) for key, text in parts if text),
        Moments(
            starts=meeting.starts,
            ends=meeting.ends,
            changed_at=meeting.changed_at,
            version=meeting.version,
            place=meeting.place,
            link=meeting.link,
            cancelled=meeting.cancelled_at is not None,
        ),
    )


# All of one's meetings


def calendar_of(composing: Composing) -> Paper:
    """The person's meetings from a month back to a year ahead, for a calendar that follows them.

    Cancelled ones stand as cancelled: what is only left out, some calendars would keep.
    """
    meetings = meetings_between(
        composing.session, composing.now - BACK, composing.now + AHEAD, cancelled=True
    )
    if not may_organise(composing.person):
        groups = read_groups(composing.session)
        meetings = [one for one in meetings if concerns(one.audience, composing.person, groups)]
    return Paper(
        composing.wording.say("calendar_name"),
        (),
        events=tuple(_event(composing.wording, one) for one in meetings),
        language=composing.language,
    )


def _address_card(context: Context, feed: str, said: str = "") -> CardReply:
    wording = context.wording
    return CardReply(
        wording.say("calendar_title"),
        (
            *([Paragraph(said)] if said else []),
            Paragraph(wording.say("calendar_what")),
            FeedAddress(feed),
            Paragraph(wording.say("calendar_secret")),
            Paragraph(wording.say("calendar_how"), "heading"),
            Items(tuple(wording.many("calendar_ways"))),
            Paragraph(wording.say("calendar_slow"), "note"),
        ),
        (Button(wording.say("calendar_renew"), {"verb": "calendar_renew", "feed": feed}),),
        context.language,
    )


def _show(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    return [_address_card(context, feed_of(context.session, person.key))]


def _renew(context: Context, person: RegisteredPerson, value: Mapping[str, Any]) -> list[Reply]:
    """A new address, once for each card: pressed twice, the first new one stays."""
    feed = feed_of(context.session, person.key)
    if value.get("feed") == feed:
        feed = renew_feed(context.session, person.key)
    return [_address_card(context, feed, context.wording.say("calendar_renewed"))]


def _asked(context: Context, rest: str) -> list[Reply]:
    return VERBS["calendar_show"](context, {})


VERBS: dict[str, Pressed] = {
    "calendar_show": registered(_show),
    "calendar_renew": registered(_renew),
}
COMMANDS: dict[str, Commanded] = dict.fromkeys(
    (
        "kalenderlenke",
        "kalenderlenkje",
        "kalenderlenka",
        "kalenderlenkja",
        "kalenderadresse",
        "abonner på kalenderen",
        "abonnere på kalenderen",
    ),
    _asked,
)
PAPERS: dict[str, Opened] = {"meeting": _meeting_paper}
