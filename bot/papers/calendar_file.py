"""Paper -> a calendar file with its events, for Outlook and the like."""

import uuid
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vDuration, vText

from bot.papers.written import day_after, one_line, written
from dialogs import messages
from dialogs.messages import Paper

# Whoever makes the same name of it gets the same id: that is the point of it.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "kvalitetsbot")
_OSLO = ZoneInfo("Europe/Oslo")


def calendar_file(
    paper: Paper, address: str, now: datetime, *, refresh: timedelta | None = None
) -> bytes:
    """The events. Opened again, from the same address, it changes them: no copies.

    `refresh` is for a file that calendars fetch again by themselves: how often that is enough.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Kvalitetsbot//NO")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(one_line(paper.title)))  # it escapes nothing by itself
    if refresh is not None:
        calendar.add("refresh-interval", vDuration(refresh), parameters={"VALUE": "DURATION"})
        calendar.add("x-published-ttl", vDuration(refresh))
    for event in paper.events:
        if event.moments is not None:
            calendar.add_component(_meeting(event, event.moments))
        else:
            calendar.add_component(_entry(event, paper, address, now))
    return bytes(calendar.to_ical())


def _entry(event: messages.Event, paper: Paper, address: str, now: datetime) -> Event:
    # The ids of events are unique in their own paper only.
    entry = Event()
    entry.add("uid", f"{uuid.uuid5(_NAMESPACE, f'{address} {event.id}')}@kvalitetsbot")
    entry.add("dtstamp", now)
    entry.add("dtstart", event.day)
    entry.add("dtend", day_after(event.until))
    entry.add("summary", one_line(event.title))
    entry.add("description", "\n\n".join(filter(None, map(written, (event.text, paper.title)))))
    entry.add("transp", "TRANSPARENT")  # a period of many weeks leaves people free
    return entry


def _meeting(event: messages.Event, moments: messages.Moments) -> Event:
    """A meeting, with the same id in every file, so that one file corrects another.

    Without an alarm: people's own calendars remind as they have told them to.
    """
    entry = Event()
    entry.add("uid", f"{one_line(event.id)}@kvalitetsbot")
    # Not the hour of this file: the same meeting is the same bytes until it is changed.
    entry.add("dtstamp", moments.changed_at)
    entry.add("last-modified", moments.changed_at)
    entry.add("sequence", moments.version)
    begins, ends = (one.astimezone(_OSLO) for one in (moments.starts, moments.ends))
    if begins.time() == ends.time() == time(0):
        entry.add("dtstart", begins.date())
        entry.add("dtend", ends.date())
    else:  # in UTC, which needs no description of summer time for every reader to agree on it
        entry.add("dtstart", moments.starts)
        entry.add("dtend", moments.ends)
    entry.add("summary", one_line(event.title))
    entry.add("status", "CANCELLED" if moments.cancelled else "CONFIRMED")
    if text := written(event.text):
        entry.add("description", text)
    if place := one_line(moments.place):
        entry.add("location", place)
    link = one_line(moments.link)
    if link.startswith("https://") and " " not in link:
        entry.add("url", link)
    return entry
