"""A file of meetings, whatever its kind -> rows of text by column."""

from datetime import datetime
from pathlib import PurePath

from dialogs.meetings.file_rows import LARGEST_FILE, FileRow, MeetingFileError, cannot_read
from dialogs.meetings.ics_file import read_ics
from dialogs.meetings.table_file import read_csv, read_xlsx, rows_of_text
from dialogs.wording import Wording

__all__ = ["EXTENSIONS", "MeetingFileError", "read_meeting_file", "read_pasted"]

EXTENSIONS = (".csv", ".txt", ".xlsx", ".ics")
_ZIP = b"PK\x03\x04"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"  # .xls, and what Office has locked with a password
_LOCKED = "EncryptedPackage".encode("utf-16-le")


def read_meeting_file(name: str, content: bytes, wording: Wording, now: datetime) -> list[FileRow]:
    """The rows of a file by its name and what is in it; raises `MeetingFileError`."""
    if len(content) > LARGEST_FILE:
        raise too_large(wording)
    ending = PurePath(name.casefold()).suffix
    if ending == ".xls" or content.startswith(_OLD_OFFICE):
        locked = _LOCKED in content
        key = "meeting_import_locked" if locked else "meeting_import_old_excel"
        raise cannot_read(wording.say(key))
    if ending not in EXTENSIONS:
        raise cannot_read(wording.say("meeting_import_ending", name=name[:80]))
    if not content.strip():
        raise cannot_read(wording.say("meeting_import_empty"))
    # What is in the file decides: some save a calendar as .txt, or an Excel file as .csv.
    if content.startswith(_ZIP):
        return read_xlsx(content, wording)
    if b"BEGIN:VCALENDAR" in content[:1_000].upper():
        return read_ics(content, wording, now)
    if ending == ".xlsx":
        raise cannot_read(wording.say("meeting_import_not_excel"))
    if ending == ".ics":
        raise cannot_read(wording.say("meeting_import_not_calendar"))
    return read_csv(content, wording)


def read_pasted(text: str, wording: Wording) -> list[FileRow]:
    """Rows with headings, as copied from a spreadsheet or written with `;` between."""
    return rows_of_text(text.strip("\r\n"), wording)


def too_large(wording: Wording) -> MeetingFileError:
    most = LARGEST_FILE // 1_000_000
    return cannot_read(wording.say("meeting_import_large", megabytes=most))
