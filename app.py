"""The roof: the command line. Builds every part and hands them to each other."""

import argparse
import asyncio
import gc
import io
import json
import logging
import os
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dialogs.contacts import Contacts, read_contacts
from dialogs.questions import Answered, respond
from dialogs.wording import Wording
from knowledge.library import Library, load_documents, load_library
from knowledge.quotes import surroundings
from knowledge.search import best_of_each_section

if TYPE_CHECKING:
    from bot.settings import Settings
    from dialogs.guide_files import Guides
    from dialogs.meetings.sending_times import SendingTimes
    from storage.database import Database

# What only one command needs is imported in it: `ask` starts in a third of the time without the
# web and the database.


LONGEST_PASSAGE = 1_200
MOST_PASSAGES = 10


class Stop(Exception):
    """The command can't go on; the message is one sentence that says what to do."""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; returns the exit code (2 = it could not be done)."""
    parsed = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(name)s %(message)s")
    logging.getLogger("kvalitetsbot").setLevel(logging.INFO)  # not what libraries say of requests
    command: Callable[[argparse.Namespace], int] = parsed.command
    try:
        return command(parsed)
    except Stop as stop:
        sys.stderr.write(f"{stop}\n")
        return 2
    except BrokenPipeError:
        return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="app.py", description="Kvalitetsbot.")
    commands = parser.add_subparsers(required=True, metavar="KOMMANDO")

    serve = commands.add_parser("serve", help="start boten")
    serve.add_argument("--local", action="store_true", help="uten innlogging, bare denne maskinen")
    serve.set_defaults(command=_serve)

    run = commands.add_parser("run", help="start boten og et chattevindu på denne maskinen")
    run.set_defaults(command=_run, local=True)

    ask = commands.add_parser("ask", help="still et spørsmål i terminalen")
    ask.add_argument("question", nargs="?", help="spørsmålet")
    ask.add_argument("--json", action="store_true", help="svar som et JSON-objekt")
    ask.add_argument("--jsonl", action="store_true", help="les JSON-linjer fra standard inn")
    ask.add_argument("--nynorsk", action="store_true", help="teksten rundt sitatet på nynorsk")
    ask.add_argument(
        "--documents", type=Path, metavar="MAPPE", help="svar fra filene i en annen mappe"
    )
    ask.set_defaults(command=_ask)

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

    documents = commands.add_parser("documents", help="dokumentene").add_subparsers(required=True)
    check = documents.add_parser("check", help="se etter feil i alle filer i kunnskapsmappen")
    check.set_defaults(command=_check_documents)

    guides = commands.add_parser("guides", help="steg for steg").add_subparsers(required=True)
    check_guides = guides.add_parser("check", help="se etter feil i alle filer, eller i disse")
    check_guides.add_argument("file", nargs="*", type=Path, metavar="FIL.toml")
    check_guides.set_defaults(command=_check_guides)

    audit = commands.add_parser("audit", help="lesejournalen").add_subparsers(required=True)
    check_audit = audit.add_parser(
        "check", help="se om noe er endret eller slettet i lesejournalen"
    )
    check_audit.add_argument(
        "--known", metavar="NUMMER:HASH", help="den siste raden, slik den ble notert sist"
    )
    check_audit.set_defaults(command=_check_audit)

    package = commands.add_parser("package", help="lag Teams-appen som en .zip")
    package.add_argument("target", nargs="?", type=Path, default=Path("dist/kvalitetsbot.zip"))
    package.set_defaults(command=_package)
    return parser


def _settings(*, local: bool) -> "Settings":
    from bot.settings import SettingsError, read_settings

    try:
        return read_settings(os.environ, local=local)
    except SettingsError as error:
        raise Stop(str(error)) from error


def _library(folder: Path | None) -> Library:
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    # What is loaded stays: looking through it for garbage only costs, now and at every turn.
    gc.disable()
    library, problems = load_library(folder)
    gc.freeze()
    gc.enable()
    for problem in problems:
        logging.getLogger("kvalitetsbot").warning("action=knowledge_problem %s", problem)
    return library


def _guides(folder: Path | None) -> "Guides":
    from dialogs.guide_files import load_guides

    guides, problems = load_guides(folder)
    for problem in problems:
        logging.getLogger("kvalitetsbot").warning("action=guide_problem %s", problem)
    return guides


# Serving


def _serve(arguments: argparse.Namespace) -> int:
    asyncio.run(_serve_until_stopped(_settings(local=arguments.local), window=False))
    return 0


def _run(arguments: argparse.Namespace) -> int:
    asyncio.run(_serve_until_stopped(_settings(local=True), window=True))
    return 0


async def _serve_until_stopped(settings: "Settings", *, window: bool) -> None:
    from bot.playground import playground
    from bot.web import CannotServe, build_app, serve
    from dialogs.assistant import Assistant
    from dialogs.checkins.demo_rounds import load_demo_rounds
    from dialogs.meetings.demo_calendar import load_demo_calendar
    from dialogs.outgoing import Outbox
    from schedule.clock import Clock
    from schedule.due import after
    from storage.database import DatabaseError, open_database
    from storage.demo_people import load_demo_people
    from storage.pace import PaceLimits
    from storage.secrets import shared_secret

    sending = _sending_times(settings)
    try:
        database = open_database(settings.database_url)
    except DatabaseError as error:
        raise Stop(str(error)) from error
    try:
        database.migrate()
        library, guides = _library(settings.knowledge_dir), _guides(settings.knowledge_dir)
        with database.transaction() as session:
            secret = settings.secret_key or shared_secret(session, "SECRET_KEY")
            if settings.local:
                now = datetime.now(UTC)
                load_demo_people(session)
                load_demo_calendar(session, sending, now)
                load_demo_rounds(session, sending, guides.sets, settings.smallest_group, now)
        assistant = Assistant(
            library,
            guides,
            database,
            _contacts(settings.knowledge_dir),
            secret,
            local=settings.local,
            sending=sending,
            smallest_group=settings.smallest_group,
        )
        outbox = Outbox(
            database,
            assistant.compose,
            rule=after,
            limits=PaceLimits(settings.send_rate, settings.conversation_limits),
            local=settings.local,
        )
        keep_house = partial(_keep_house, database, sending, settings.smallest_group)
        app = build_app(
            settings,
            assistant,
            secret=secret,
            site=assistant,
            clock_for=lambda send: Clock(outbox, send, keep_house=keep_house),
        )
        try:
            if window:
                async with playground(settings.port):
                    await serve(app, settings)
            else:
                await serve(app, settings)
        except CannotServe as error:
            raise Stop(str(error)) from error
    finally:
        database.close()


def _keep_house(database: "Database", sending: "SendingTimes", smallest: int) -> None:
    """At start and every night: keep rounds, plan all reminders, delete what is kept enough."""
    from dialogs.checkins.nightly import keep_rounds
    from dialogs.meetings.planning import plan_all
    from storage.retention import delete_expired

    now = datetime.now(UTC)
    keep_rounds(database, sending, now, smallest)
    with database.transaction() as session:
        plan_all(session, sending, now)
    with database.transaction() as session:
        delete_expired(session, now.date())
    database.sweep()


# Asking


def _ask(arguments: argparse.Namespace) -> int:
    if arguments.documents is not None:
        if not arguments.documents.is_dir():
            raise Stop(f"Finner ikke mappen «{arguments.documents}».")
        library, problems = load_documents(arguments.documents)
        sys.stderr.writelines(f"{problem}\n" for problem in problems)
        if not library.documents:
            raise Stop(
                f"Det er ingen .md-, .txt-, .docx- eller .pdf-filer i «{arguments.documents}»."
            )
    else:
        library = _library(_knowledge_dir())
    wording = Wording("nn" if arguments.nynorsk else "nb")
    contacts = _contacts(_knowledge_dir())
    if arguments.jsonl:
        return _ask_lines(library, contacts, wording, _lines_in())
    if not arguments.question:
        raise Stop('Skriv et spørsmål, for eksempel: ask "Hva er PRUVA?"')
    answered = respond(library, contacts, wording, arguments.question)
    if arguments.json:
        sys.stdout.write(_json("", answered) + "\n")
    else:
        sys.stdout.write(answered.reply.text + "\n")
    return 0


def _knowledge_dir() -> Path | None:
    folder = os.environ.get("KNOWLEDGE_DIR", "").strip()
    return Path(folder) if folder else None


def _contacts(folder: Path | None) -> Contacts:
    """The kommune's own contacts, where it has put them in its knowledge folder."""
    path = folder / "contacts.toml" if folder else None
    try:
        return read_contacts(path if path and path.exists() else None)
    except ValueError as error:  # of TOML, or of a key that is missing or unknown
        raise Stop(f"Det er feil i {path}: rett dem, se docs/content.md. {error}") from error


def _lines_in() -> Iterable[str]:
    """Standard input by lines; what is no UTF-8 shows as �, and spoils its own line only."""
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin


def _ask_lines(library: Library, contacts: Contacts, wording: Wording, lines: Iterable[str]) -> int:
    code = 0
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            asked = json.loads(line)
            question, key, before = asked["question"], asked["id"], asked.get("context") or ""
            if not isinstance(question, str) or not isinstance(before, str):
                raise TypeError
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            sys.stderr.write(f'Linje {number} er ikke {{"id": …, "question": …}} som JSON.\n')
            code = 2
            continue
        topic = None
        if before:
            topic = respond(library, contacts, wording, before).topic
        answered = respond(library, contacts, wording, question, topic)
        sys.stdout.write(_json(key, answered) + "\n")
    return code


def _json(key: Any, answered: Answered) -> str:
    told = _told(key, answered)
    text = json.dumps(told, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a sign, which only JSON can write
        return json.dumps(told)
    return text


def _told(key: Any, answered: Answered) -> dict[str, Any]:
    return {
        "id": key,
        "answered": answered.answered,
        "answer": answered.reply.text,
        "citations": [
            {"document": source.document, "section": source.section}
            for source in answered.reply.sources
        ],
        "passages": [
            {
                "text": surroundings(hit.passage, LONGEST_PASSAGE),
                "document": hit.passage.document.short,
                "section": hit.passage.section.name,
                "score": round(hit.score, 4),
            }
            for hit in best_of_each_section(answered.hits)[:MOST_PASSAGES]
        ],
    }


# Keeping house


def _sending_times(settings: "Settings") -> "SendingTimes":
    """When the bot may write first, with the holidays alone: the rest takes longer to read."""
    from dialogs.meetings.sending_times import SendingTimes
    from knowledge.holidays import read_holidays
    from knowledge.library import HOME

    own = settings.knowledge_dir / "holidays.toml" if settings.knowledge_dir else None
    holidays, _ = read_holidays(own if own and own.exists() else HOME / "holidays.toml")
    if settings.reminder_hours is None:
        return SendingTimes(holidays, always=True)
    return SendingTimes(holidays, *settings.reminder_hours)


def _import_people(arguments: argparse.Namespace) -> int:
    from dialogs.checkins.round_planning import plan_rounds
    from dialogs.meetings.planning import plan_all
    from storage.database import DatabaseError, open_database
    from storage.people import import_people
    from storage.people_file import PeopleFileError, read_people

    try:
        people = read_people(arguments.file)
        database = open_database(_settings(local=True).database_url)
    except (PeopleFileError, DatabaseError) as error:
        raise Stop(str(error)) from error
    except OSError as error:
        raise Stop(f"Får ikke lest «{arguments.file}»: {error.strerror}.") from error
    try:
        database.migrate()
        with database.transaction() as session:
            changes = import_people(session, people, dry_run=arguments.dry_run)
            if not arguments.dry_run:  # who is new, or has another role, has other meetings
                sending, now = _sending_times(_settings(local=True)), datetime.now(UTC)
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
    folder = _knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    sending = _sending_times(_settings(local=True))
    try:
        if file.stat().st_size > LARGEST_FILE:
            raise too_large(wording)
        rows = read_meeting_file(file.name, file.read_bytes(), wording, now)
        database = open_database(_settings(local=True).database_url)
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
        database = open_database(_settings(local=True).database_url)
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


def _check_documents(arguments: argparse.Namespace) -> int:
    folder = _knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    _contacts(folder)
    library, problems = load_library(folder)
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    asked = sum(len(passage.asks) for passage in library.passages)
    sys.stdout.write(
        f"{len(library.documents)} dokumenter, {asked} måter å spørre på, "
        f"{len(library.veiviser)} veivisere, {len(library.promises)} løfter. "
        + (f"{len(problems)} feil å rette.\n" if problems else "Alt i orden.\n")
    )
    return 2 if problems else 0


def _check_guides(arguments: argparse.Namespace) -> int:
    from dialogs.guide_files import check_guides
    from dialogs.question_set_files import check_question_sets, is_question_set
    from dialogs.questions import section_address
    from knowledge.documents import read_documents
    from knowledge.library import HOME

    folder = _knowledge_dir()
    if folder is not None and not folder.is_dir():
        raise Stop(f"Finner ikke mappen «{folder}»: rett KNOWLEDGE_DIR.")
    folders = [HOME / "documents", *([folder] if folder else [])]
    documents = [document for one in folders for document in read_documents(one)[0]]
    sections = {section_address(s) for d in documents for s in d.sections if s.path}
    given: list[Path] = arguments.file
    of_sets = [path for path in given if is_question_set(path)]
    of_guides = [path for path in given if path not in of_sets]
    counts, problems = dict[str, int](), list[str]()
    for what, paths, check in (
        ("steg for steg", of_guides, check_guides),
        ("spørsmålssett", of_sets, check_question_sets),
    ):
        if paths or not given:  # without any files, all that are in use
            counts[what], found = check(paths, sections, folder)
            problems += found
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    checked = ", ".join(f"{count} {what}" for what, count in counts.items())
    told = f"{len(problems)} feil å rette." if problems else "Alt i orden."
    sys.stdout.write(f"{checked}. {told}\n")
    return 2 if problems else 0


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
        database = open_database(_settings(local=True).database_url)
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


def _package(arguments: argparse.Namespace) -> int:
    from bot.package.package import PackageError, build_package

    settings = _settings(local=True)
    try:
        path = build_package(
            arguments.target, app_id=settings.app_id, public_url=settings.public_url
        )
    except PackageError as error:
        raise Stop(str(error)) from error
    sys.stdout.write(f"Teams-appen ligger i {path}. Last den opp slik docs/teams.md sier.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
