"""What happens each night to questions that are handed over.

Answers that nobody has said anything to are taken to be good. What belongs to people who have left
the register is closed, and what they were to answer is new again.
"""

from datetime import datetime, timedelta

from dialogs.handovers.advisers import advisers_but
from dialogs.handovers.handover_notices import change_cards, tell_new
from dialogs.meetings.sending_times import SendingTimes
from storage.database import Database, Session
from storage.handovers import Handover, change_handover, handovers_in
from storage.people import find_person

CLOSED_AFTER = timedelta(days=14)  # without a word from who asked


def keep_handovers(database: Database, sending: SendingTimes, now: datetime) -> None:
    """Close and give back, each question at most once; nobody is told that it is closed."""
    with database.transaction() as session:
        for handover in handovers_in(session, "ny", "tildelt", "besvart", lock=True):
            _keep(session, sending, handover, now)


def _keep(session: Session, sending: SendingTimes, handover: Handover, now: datetime) -> None:
    if find_person(session, handover.asker) is None or _is_settled(handover, now):
        closed = change_handover(session, handover, state="lukket", closed_at=now)
        if handover.state == "ny":
            change_cards(session, closed, now)
    elif handover.state == "tildelt":
        there = {one.key for one in advisers_but(session, handover.asker)}
        if handover.assigned not in there:
            new = change_handover(session, handover, state="ny", assigned="", assigned_name="")
            tell_new(session, sending, new, now)
            change_cards(session, new, now)


def _is_settled(handover: Handover, now: datetime) -> bool:
    answered = handover.answered_at
    return handover.state == "besvart" and answered is not None and answered < now - CLOSED_AFTER
