"""Demo people of every role in Fjordvik, a kommune that doesn't exist, for `serve --local`."""

from pathlib import Path

from sqlmodel import Session

from storage.people import import_people, list_people
from storage.people_file import read_people

DEMO_PEOPLE = Path(__file__).parent / "demo" / "people.csv"


def load_demo_people(session: Session) -> None:
    """Fill an empty people register with the demo people; a register in use is left alone."""
    if not list_people(session):
        import_people(session, read_people(DEMO_PEOPLE), dry_run=False)
