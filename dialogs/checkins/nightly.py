"""What happens to rounds each night, and at every start."""

from datetime import datetime

from dialogs.checkins.closing import close_due_rounds
from dialogs.checkins.round_planning import plan_rounds
from dialogs.checkins.rounds import make_repeats
from dialogs.meetings.sending_times import SendingTimes
from dialogs.wording import Wording
from storage.ballots import rewrite_open_rounds
from storage.database import Database


def keep_rounds(database: Database, sending: SendingTimes, now: datetime, smallest: int) -> None:
    """Close rounds whose time is over, make the next ones, plan what is sent, mix what is open.

    What open rounds hold is written anew in random order, so that no copy of the database tells
    when an answer came.
    """
    close_due_rounds(database, sending, now, smallest)
    with database.transaction() as session:
        make_repeats(session, sending, wording=Wording("nb"), smallest=smallest, now=now)
    with database.transaction() as session:
        plan_rounds(session, sending, now)
    rewrite_open_rounds(database)
