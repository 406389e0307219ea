"""What the commands are built of: settings, knowledge, contacts and times; each part, or `Stop`."""

import gc
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dialogs.contacts import Contacts, read_contacts
from knowledge.library import Library, load_library

if TYPE_CHECKING:
    from bot.settings import Settings
    from dialogs.guide_files import Guides
    from dialogs.meetings.sending_times import SendingTimes

# What only one command needs is imported in it: `ask` starts in a third of the time without the
# web and the database.


class Stop(Exception):
    """The command can't go on; the message is one sentence that says what to do."""


@contextmanager
def all_of_it_stays() -> Iterator[None]:
    """What is loaded in here is never looked through for garbage: that would only cost."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def settings_from_environment(*, local: bool) -> "Settings":
    from bot.settings import SettingsError, read_settings

    try:
        return read_settings(os.environ, local=local)
    except SettingsError as error:
        raise Stop(str(error)) from error


def library_from(folder: Path | None) -> Library:
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    with all_of_it_stays():
        library, problems = load_library(folder)
    for problem in problems:
        logging.getLogger("kvalitetsbot").warning("action=knowledge_problem %s", problem)
    return library


def guides_from(folder: Path | None) -> "Guides":
    from dialogs.guide_files import load_guides

    guides, problems = load_guides(folder)
    for problem in problems:
        logging.getLogger("kvalitetsbot").warning("action=guide_problem %s", problem)
    return guides


def knowledge_dir() -> Path | None:
    folder = os.environ.get("KNOWLEDGE_DIR", "").strip()
    return Path(folder) if folder else None


def contacts_from(folder: Path | None) -> Contacts:
    """The kommune's own contacts, where it has put them in its knowledge folder."""
    path = folder / "contacts.toml" if folder else None
    try:
        return read_contacts(path if path and path.exists() else None)
    except ValueError as error:  # of TOML, or of a key that is missing or unknown
        raise Stop(f"Det er feil i {path}: rett dem, se docs/content.md. {error}") from error


def sending_times(settings: "Settings") -> "SendingTimes":
    """When the bot may write first, with the holidays alone: the rest takes longer to read."""
    from dialogs.meetings.sending_times import SendingTimes
    from knowledge.holidays import read_holidays
    from knowledge.library import HOME

    own = settings.knowledge_dir / "holidays.toml" if settings.knowledge_dir else None
    holidays, _ = read_holidays(own if own and own.exists() else HOME / "holidays.toml")
    if settings.reminder_hours is None:
        return SendingTimes(holidays, always=True)
    return SendingTimes(holidays, *settings.reminder_hours)
