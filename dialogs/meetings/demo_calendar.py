"""The demo kommune's calendar for this school year, for `serve --local` and `run`."""

from datetime import datetime

from dialogs.meetings.importing import apply_import, plan_import
from dialogs.meetings.meeting_files import read_meeting_file
from dialogs.meetings.sending_times import SendingTimes
from dialogs.wording import Wording
from storage.database import Session
from storage.demo_people import DEMO_PEOPLE
from storage.meetings import kinds_in_use
from storage.people import list_people
from storage.people_file import read_people

DEMO_MEETINGS = DEMO_PEOPLE.with_name("meetings.csv")


def load_demo_calendar(session: Session, sending: SendingTimes, now: datetime) -> None:
    """Fill an empty calendar of the demo kommune; one in use is left alone.

    A kommune that tries the bot with its own people gets nobody's meetings but its own.
    """
    demo = {person.key for person in read_people(DEMO_PEOPLE)}
    if kinds_in_use(session) or {person.key for person in list_people(session)} != demo:
        return
    wording = Wording("nb")
    rows = read_meeting_file(DEMO_MEETINGS.name, DEMO_MEETINGS.read_bytes(), wording, now)
    plan = plan_import(session, rows, wording, now)
    apply_import(session, sending, plan, by=None, now=now)
