"""Paper -> a calendar file with its events, for Outlook and the like."""

import uuid
from datetime import datetime

from icalendar import Calendar, Event, vText

from bot.papers.written import day_after, one_line, written
from dialogs import messages
from dialogs.messages import Paper

# Whoever makes the same name of it gets the same id: that is the point of it.
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_DNS, "kvalitetsbot")


def calendar_file(paper: Paper, address: str, now: datetime) -> bytes:
    """The events as whole days. Opened again, from the same address, it changes them: no copies."""
    calendar = Calendar()
    calendar.add("prodid", "-//Kvalitetsbot//NO")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", vText(one_line(paper.title)))  # it escapes nothing by itself
    for event in paper.events:
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
