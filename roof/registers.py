"""`people`, `meetings`, `outbox` and `audit`: what the database holds, from the terminal."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dialogs.wording import Wording
from roof.parts import Stop, knowledge_dir, sending_times, settings_from_environment


def add_commands(commands: Any) -> None:
    people = commands.add_parser("people", help="personregisteret").add_subparsers(required=True)
    load = people.add_parser("import", help="les personer fra en CSV-fil")
    load.add_argument("file", type=Path, metavar="FIL.csv")
    load.add_argument("--dry-run", action="store_true", help="vis bare hva som ville blitt endret")
    load.set_defaults(command=_import_people)

    meetings = commands.add_parser("meetings", help="møtekalenderen").add_subparsers(required=True)
    load = meetings.add_parser("import", help="les møter fra en .csv-, .xlsx- eller .ics-fil")
    load.add_argument("file", type=Path, metavar="FIL")
    load.add_argument("--dry-run", action="store_true", help="vis bare hva som ville blitt endret")
    load.set_defaults(command=_import_meetings)

    outbox = commands.add_parser("outbox", help="meldingene").add_subparsers(required=True)
    status = outbox.add_parser("status", help="vis hva som er sendt, og hvem som ikke kan nås")
    status.add_argument("--json", action="store_true", help="som et JSON-objekt")
    status.set_defaults(command=_outbox_status)

    audit = commands.add_parser("audit", help="lesejournalen").add_subparsers(required=True)
    check_audit = audit.add_parser(
        "check", help="se om noe er endret eller slettet i lesejournalen"
    )
    check_audit.add_argument(
        "--known", metavar="NUMMER:HASH", help="den siste raden, slik den ble notert sist"
    )
    check_audit.set_defaults(command=_check_audit)


def _import_people(arguments: argparse.Namespace) -> int:
    from dialogs.checkins.round_planning import plan_rounds
    from dialogs.meetings.planning import plan_all
    from storage.database import DatabaseError, open_database
    from storage.people import import_people
    from storage.people_file import PeopleFileError, read_people

    try:
        people = read_people(arguments.file)
        database = open_database(settings_from_environment(local=True).database_url)
    except (PeopleFileError, DatabaseError) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"Får ikke lest «{arguments.file}»: {error.strerror}.") from error
    try:
        database.migrate()
        with database.transaction() as session:
            changes = import_people(session, people, dry_run=arguments.dry_run)
            if not arguments.dry_run:  # who is new, or has another role, has other meetings
                sending, now = (
                    sending_times(settings_from_environment(local=True)),
                    datetime.now(UTC),
                )
                plan_all(session, sending, now)
                plan_rounds(session, sending, now)
    finally:
        database.close()
    out = sys.stdout.write
    for title, names in (
        ("Nye", [p.name for p in changes.added]),
        ("Endret", [f"{c.after.name} ({', '.join(c.what)})" for c in changes.changed]),
        ("Fjernes" if arguments.dry_run else "Fjernet", [p.name for p in changes.removed]),
    ):
        out(f"{title}: {len(names)}\n")
        for name in names:
            out(f"  {name}\n")
    out(f"Uendret: {changes.unchanged}\n")
    if arguments.dry_run:
        out("Ingenting er lagret. Kjør uten --dry-run for å lagre.\n")
    return 0


def _import_meetings(arguments: argparse.Namespace) -> int:
    from dialogs.meetings.file_rows import LARGEST_FILE, MeetingFileError
    from dialogs.meetings.import_told import counts, headed_lines
    from dialogs.meetings.importing import apply_import, plan_import
    from dialogs.meetings.meeting_files import read_meeting_file, too_large
    from storage.database import DatabaseError, open_database

    file, wording, now = arguments.file, Wording("nb"), datetime.now(UTC)
    folder = knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    sending = sending_times(settings_from_environment(local=True))
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise too_large(wording)
        rows = read_meeting_file(file.name, file.read_bytes(), wording, now)
        database = open_database(settings_from_environment(local=True).database_url)
        try:
            database.migrate()
            with database.transaction() as session:
                plan = plan_import(session, rows, wording, now)
                if not arguments.dry_run:
                    apply_import(session, sending, plan, by=None, now=now)
        finally:
            database.close()
    except MeetingFileError as error:
        raise Stop("\n".join(one.line(wording) for one in error.problems)) from error
    except DatabaseError as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"Får ikke lest «{file}»: {error.strerror}.") from error
    for heading, lines in headed_lines(plan, wording):
        sys.stdout.writelines(f"{line}\n" for line in (heading, *(f"  {one}" for one in lines)))
    sys.stdout.writelines(f"{line}\n" for line in counts(plan, wording))
    if arguments.dry_run:
        sys.stdout.write(wording.say("meeting_import_nothing_saved") + "\n")
    return 0


def _outbox_status(arguments: argparse.Namespace) -> int:
    from dialogs.meetings.delivery import read_report, report_as_json, report_as_text
    from storage.database import DatabaseError, open_database

    try:
        database = open_database(settings_from_environment(local=True).database_url)
    except DatabaseError as error:
        raise Stop(str(error)) from error
    now = datetime.now(UTC)
    try:
        database.migrate()
        with database.transaction() as session:
            report = read_report(session, now)
    finally:
        database.close()
    told = report_as_json if arguments.json else report_as_text
    sys.stdout.write(told(Wording("nb"), report, now) + "\n")
    return 0


def _check_audit(arguments: argparse.Namespace) -> int:
    from storage.audit import check, last_entry
    from storage.database import DatabaseError, open_database

    known = None
    if arguments.known is not None:
        number, _, noted = arguments.known.partition(":")
        if not number.isdecimal() or not noted:
            raise Stop("Skriv --known som NUMMER:HASH, slik kommandoen skrev det ut sist.")
        known = int(number), noted.strip()
    try:
        database = open_database(settings_from_environment(local=True).database_url)
    except DatabaseError as error:
        raise Stop(str(error)) from error
    try:
        database.migrate()
        with database.transaction() as session:
            problems, last = check(session, known), last_entry(session)
    finally:
        database.close()
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    if last is not None:
        sys.stdout.write(f"Siste rad, å notere utenfor basen: {last.number}:{last.hash}\n")
    sys.stdout.write(f"{len(problems)} feil.\n" if problems else "Lesejournalen henger sammen.\n")
    return 2 if problems else 0
