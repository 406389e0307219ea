"""What is sent of meetings: the reminder, the week's list, a change, a cancellation.

A message was planned when something happened; what it says, and whether it still is right to send,
is decided here, from the meeting as it is now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, time
from typing import Any

from dialogs.context import OSLO, Composing, Noticed
from dialogs.meetings import (
    answering,
    calendar_links,
    meeting_card,
    meeting_questions,
    reminder_wishes,
)
from dialogs.meetings.audience import audience_text, concerns, is_for, read_groups
from dialogs.meetings.meeting_card import meeting_facts, meeting_line, when_text
from dialogs.meetings.planning import (
    CANCELLED,
    CARD,
    CHANGED,
    REMINDER,
    WEEK,
    facts_of,
    is_absent,
    subject_of,
)
from dialogs.meetings.reminder_times import A_WEEK, after_pause, has_list, notice_due
from dialogs.meetings.sending_times import at
from dialogs.messages import (
    Block,
    Button,
    CardReply,
    Choice,
    Download,
    Items,
    Paragraph,
    Reply,
)
from dialogs.notices import Later
from storage.meeting_answers import answer_of, answers_by
from storage.meetings import Meeting, find_meeting
from storage.reminder_wishes import Wish, wish_of

# Of these, what was there before is told too; the others may be long, or are only to be pressed.
_FROM_TO = ("place", "topic")
_ONLY_NEW = ("link", "preparation")


# The reminder


def reminder(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """The reminder; None when the meeting was moved or cancelled, or the person hears no more."""
    wish = wish_of(composing.session, composing.person.key)
    meeting = _heard_of(composing, about, wish)
    if meeting is None or meeting.cancelled_at is not None or meeting.starts <= composing.now:
        return None
    if datetime.fromisoformat(str(about["starts"])) != meeting.starts:
        return None
    # 0 days before is what was put in after the list was sent.
    single = about.get("days")
    if single and wish.weekly and has_list(meeting.starts, wish, composing.sending):
        return None
    # Not sent outside the allowed hours even when it then isn't sent at all: people count on quiet
    # evenings, and the meeting is in their own calendar. What has changed is another matter.
    due = composing.sending.next(after_pause(composing.now, wish, composing.sending))
    if due > composing.now:
        return Later(due) if due < meeting.starts else None
    return _card(composing, meeting, _title(composing, meeting, "reminders_title"))


def _heard_of(composing: Composing, about: Mapping[str, Any], wish: Wish) -> Meeting | None:
    """The meeting, if the person is one who hears of it."""
    meeting, person = find_meeting(composing.session, str(about["meeting"])), composing.person
    if meeting is None or wish.stopped:
        return None
    if not is_for(composing.session, meeting.audience, person):
        return None
    absent = is_absent(answer_of(composing.session, meeting.id, person.key))
    return None if absent else meeting


def _title(composing: Composing, meeting: Meeting, key: str) -> str:
    when = when_text(composing.wording, meeting, composing.today)
    return composing.wording.say(key, title=meeting.title, when=when)


def _card(
    composing: Composing, meeting: Meeting, title: str, said: Sequence[Block] = ()
) -> CardReply:
    """The meeting with why it is sent, what to do next, and how to stop."""
    wording = composing.wording
    blocks: list[Block] = [*said, Paragraph(why(composing, meeting))]
    blocks += meeting_facts(composing, meeting)
    if asked := answering.answer_line(composing, meeting):
        blocks.append(Paragraph(asked))
    elif meeting.preparation:
        blocks.append(Paragraph(wording.say("reminders_next_prepare")))
    else:
        blocks.append(Paragraph(wording.say("reminders_next_calendar")))
    blocks.append(Paragraph(wording.say("reminders_stop"), "note"))
    # To answer and to stop is one press: Teams shows six buttons, and hides the rest behind «…».
    buttons: tuple[Button | Download, ...] = (
        *answering.buttons(composing, meeting),
        *reminder_wishes.buttons(composing, meeting),
        *calendar_links.buttons(composing, meeting),
        *meeting_questions.topic_button(composing, meeting),
    )
    about = subject_of(meeting.id)
    return CardReply(title, tuple(blocks), buttons, composing.language, about)


def why(composing: Composing, meeting: Meeting) -> str:
    """«Du får dette fordi møtet er for ledere.»"""
    wording, session, person = composing.wording, composing.session, composing.person
    lines = (one for one in meeting.audience if is_for(session, (one,), person))
    head, _, name = (part.strip() for part in next(lines, "").partition(":"))
    role, _, kind = head.rpartition(" i ")
    if not name and head:
        return wording.say("reminders_why", who=audience_text(wording, [head]))
    if kind not in ("sone", "skoletype", "enhet", "gruppe"):
        return wording.say("reminders_why_you")
    if not role:
        return wording.say("reminders_why", who=wording.say(f"reminders_{kind}", name=name))
    place = wording.say(f"reminders_in_{kind}", name=name)
    return wording.say("reminders_why_both", who=audience_text(wording, [role]), place=place)


# The list for the week


def week(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """The meetings of this week and the next, for who wants one list; None when there are none."""
    wish, now = wish_of(composing.session, composing.person.key), composing.now
    meetings = _listed(composing, about)
    if not wish.weekly or wish.stopped or not meetings:
        return None
    monday = datetime.fromisoformat(str(about["monday"])).date()
    next_week = at(monday + A_WEEK, time())
    due = composing.sending.next(after_pause(now, wish, composing.sending))
    if due > now:
        return Later(due) if due < meetings[-1].starts else None
    wording = composing.wording
    blocks: list[Block] = [Paragraph(wording.say("reminders_week_why"))]
    for key, some in (
        ("reminders_this_week", [one for one in meetings if one.starts < next_week]),
        ("reminders_next_week", [one for one in meetings if one.starts >= next_week]),
    ):
        if some:
            blocks.append(Paragraph(wording.say(key), "heading"))
            blocks.append(Items(tuple(_listed_line(composing, one) for one in some)))
    options = tuple((one.id, one.title) for one in meetings)
    blocks.append(
        Choice("meeting", wording.say("reminders_week_choose"), options, value=options[0][0])
    )
    blocks.append(Paragraph(wording.say("reminders_week_stop"), "note"))
    title = "reminders_week_title_one" if len(meetings) == 1 else "reminders_week_title_many"
    return CardReply(
        wording.say(title, week=monday.isocalendar().week, count=len(meetings)),
        tuple(blocks),
        (
            Button(wording.say("meeting_open"), {"verb": "meeting_show"}, weight="main"),
            Button(
                wording.say("reminder_wishes_edit"),
                {"verb": "reminder_wishes"},
                sends_inputs=False,
            ),
            Button(
                wording.say("reminder_wishes_stop"), {"verb": "reminder_stop"}, sends_inputs=False
            ),
        ),
        composing.language,
    )


def _listed(composing: Composing, about: Mapping[str, Any]) -> list[Meeting]:
    """What of the list is still to come for the person, in its order."""
    answers = answers_by(composing.session, composing.person.key)
    groups = read_groups(composing.session)
    found = (find_meeting(composing.session, str(id)) for id in about["meetings"])
    coming = [
        one
        for one in found
        if one is not None
        and one.cancelled_at is None
        and one.starts > composing.now
        and concerns(one.audience, composing.person, groups)
        and not is_absent(answers.get(one.id))
    ]
    return sorted(coming, key=lambda one: one.starts)


def _listed_line(composing: Composing, meeting: Meeting) -> str:
    wording = composing.wording
    line = meeting_line(wording, meeting, composing.today)
    for label, text in (
        ("meeting_topic", meeting.topic),
        ("meeting_preparation", meeting.preparation),
    ):
        if text:
            line += f" – {wording.say(label)}: {text}"
    return line


# Changes


def changed(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """What has changed since the person was told; None when nothing has any more."""
    wish, was = wish_of(composing.session, composing.person.key), about["was"]
    meeting = _heard_of(composing, about, wish)
    if meeting is None or meeting.version != about["version"]:
        return None  # a newer change has a message of its own
    if meeting.cancelled_at is not None or was == facts_of(meeting):
        return None
    wording, before = composing.wording, _as_it_was(meeting, was)
    said: list[Block] = []
    if was["cancelled"]:
        said.append(Paragraph(wording.say("reminders_held_after_all")))
    if lines := _what_changed(composing, before, meeting):
        said.append(Items(tuple(lines)))
    if before.starts != meeting.starts and meeting.asks_answer:
        said.append(Paragraph(wording.say("reminders_answer_again")))
    key = "reminders_restored_title" if was["cancelled"] else "reminders_changed_title"
    card = _card(composing, meeting, _title(composing, meeting, key), said)
    return _in_time(composing, meeting, before, wish, card)


def _as_it_was(meeting: Meeting, was: Mapping[str, Any]) -> Meeting:
    """The meeting as the person was told of it."""
    starts, ends = (datetime.fromisoformat(was[name]) for name in ("starts", "ends"))
    told = {name: was[name] for name in (*_FROM_TO, *_ONLY_NEW)}
    return replace(meeting, starts=starts, ends=ends, **told)


def _in_time(
    composing: Composing, meeting: Meeting, before: Meeting, wish: Wish, card: CardReply
) -> Reply | Later | None:
    """The card in an allowed hour, or at any hour when it else comes too late to be of use."""
    starts = [one for one in (meeting.starts, before.starts) if one > composing.now]
    if not starts:
        return None
    due = notice_due(composing.now, min(starts), wish, composing.sending)
    if due <= composing.now:
        return card
    return Later(due) if due < max(starts) else None


def _what_changed(composing: Composing, before: Meeting, meeting: Meeting) -> list[str]:
    """A line for each thing that is another than the person was told."""
    wording, lines = composing.wording, list[str]()
    was, now = (when_text(wording, one, composing.today) for one in (before, meeting))
    if was != now:
        lines.append(wording.say("reminders_changed_time", was=was, now=now))
    for name in _FROM_TO:
        was, now = getattr(before, name), getattr(meeting, name)
        if was != now:
            how = "new" if not was else "gone" if not now else "other"
            lines.append(wording.say(f"reminders_changed_{name}_{how}", was=was, now=now))
    for name in _ONLY_NEW:
        now = getattr(meeting, name)
        if getattr(before, name) != now:
            how = "other" if now else "gone"
            lines.append(wording.say(f"reminders_changed_{name}_{how}"))
    return lines


def cancelled(composing: Composing, about: Mapping[str, Any]) -> Reply | Later | None:
    """That a meeting they were told of isn't held; None when it is after all."""
    wish, was = wish_of(composing.session, composing.person.key), about["was"]
    meeting = _heard_of(composing, about, wish)
    if meeting is None or meeting.version != about["version"]:
        return None
    if meeting.cancelled_at is None or was["cancelled"]:
        return None
    wording, before = composing.wording, _as_it_was(meeting, was)
    because = meeting.cancelled_because
    blocks = [Paragraph(because)] if because else []
    blocks.append(Paragraph(wording.say("reminders_cancelled_next")))
    if asked := meeting.changed_by_name or meeting.organiser_name:
        blocks.append(Paragraph(wording.say("reminders_cancelled_ask", name=asked), "note"))
    card = CardReply(
        _title(composing, before, "reminders_cancelled_title"),
        tuple(blocks),
        calendar_links.buttons(composing, meeting),
        composing.language,
        subject_of(meeting.id),
    )
    return _in_time(composing, meeting, before, wish, card)


def sent_card(composing: Composing, about: Mapping[str, Any]) -> Reply | None:
    """What a card that was sent is changed to: the meeting as it is now."""
    meeting = find_meeting(composing.session, str(about["meeting"]))
    if meeting is None:
        return None
    wording = composing.wording
    if not meeting_card.may_see(composing, composing.person, meeting):
        said = Paragraph(wording.say("reminders_card_not_yours"))
        about_it = subject_of(meeting.id)
        return CardReply(meeting.title, (said,), (), composing.language, about_it)
    if meeting.cancelled_at is not None:
        card = meeting_card.meeting_card(composing, meeting)
        return replace(card, title=wording.say("reminders_card_cancelled", title=meeting.title))
    changed_at = f"{meeting.changed_at.astimezone(OSLO):%d.%m. kl. %H.%M}"
    said = Paragraph(wording.say("reminders_card_changed", at=changed_at), "note")
    return meeting_card.meeting_card(composing, meeting, [said])


NOTICES: dict[str, Noticed] = {
    REMINDER: reminder,
    WEEK: week,
    CHANGED: changed,
    CANCELLED: cancelled,
    CARD: sent_card,
}
