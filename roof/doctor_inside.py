"""What `doctor` says of the database, the people in it, the content, the directory and backups."""

import os
import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from roof.doctor_outside import clock
from roof.findings import Finding, warning, well, wrong
from roof.parts import Stop, contacts_from

if TYPE_CHECKING:
    from bot.settings import Settings
    from storage.checkup import DatabaseFacts
    from storage.database import Session

BACKUP_SPACING = timedelta(days=2)
LEAST_SPACE = 1_000_000_000  # bytes
HOLIDAYS_AHEAD = timedelta(days=180)


# The database and the people in it


def of_database(settings: "Settings", now: datetime) -> list[Finding]:
    """Whether it opens, and what is in it. A database that isn't there is not made."""
    from storage.checkup import read_facts
    from storage.database import DatabaseError, open_database

    about = "Database"
    file = _sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        do = "Den blir laget når boten starter; sett DATABASE_URL om den skal ligge et annet sted."
        return [warning(about, f"filen {file} finnes ikke ennå.", do)]
    try:
        database = open_database(settings.database_url)
    except DatabaseError as error:
        says, _, do = str(error).partition(";")
        return [wrong(about, f"{says.strip()}.".replace("..", "."), _sentence(do))]
    try:
        with database.transaction() as session:
            facts = read_facts(session, now)
            found = _of_facts(facts)
            if not facts.is_behind:  # else the tables that are asked may not be there
                found += _of_people(session, now)
    finally:
        database.close()
    if file is not None:
        found += _of_space("Disken til databasen", file.parent)
    return found


def _of_facts(facts: "DatabaseFacts") -> list[Finding]:
    from storage.database import NEWEST_MIGRATION

    size = f"{facts.size / 1_000_000:.0f} MB"
    kind = "PostgreSQL" if facts.kind == "postgresql" else "SQLite"
    version = ".".join(map(str, facts.version[:2]))
    found = [well("Database", f"{kind} {version}, {size}.")]
    if facts.is_too_old:
        found = [wrong("Database", f"PostgreSQL {version} er for gammel.", "Bruk 13 eller nyere.")]
    if facts.kind == "sqlite":
        found.append(
            well("Kopier", "SQLite passer for én kopi av boten; bruk PostgreSQL til flere.")
        )
    if not facts.migration:
        do = "Start boten: Den lager tabellene selv."
        found.append(warning("Tabeller", "er ikke laget ennå.", do))
    elif facts.is_behind:
        do = "Start boten: Den oppdaterer tabellene selv. Ta en sikkerhetskopi først."
        says = f"er på nivå {facts.migration}, programmet på {NEWEST_MIGRATION}."
        found.append(warning("Tabeller", says, do))
    elif facts.is_newer_than_the_program:
        do = "Oppgrader denne kopien også. Den virker imens."
        says = f"er på nivå {facts.migration}, nyere enn programmet ({NEWEST_MIGRATION})."
        found.append(warning("Tabeller", says, do))
    else:
        found.append(well("Tabeller", f"er på nivå {facts.migration}."))
    if facts.ahead is not None:
        found.append(clock("Klokken til databasen", "denne maskinen", facts.ahead))
    return found


def _of_people(session: "Session", now: datetime) -> list[Finding]:
    from dialogs.meetings.delivery import read_report
    from storage.conversations import people_reached
    from storage.people import list_people

    people = list_people(session)
    if not people:
        do = "Les inn personene med «app.py people import» eller «app.py directory sync»."
        return [warning("Personer", "registeret er tomt: Alle kan spørre, ingen kan mer.", do)]
    found = [well("Personer", f"{len(people)} i registeret.")]
    if not any(person.role == "administrator" for person in people):
        do = "Gi noen rollen administrator: De varsles når noe må rettes."
        found.append(warning("Administrator", "ingen har rollen.", do))
    without = len({person.key for person in people} - people_reached(session))
    if without:
        do = "Installer appen for alle i Teams administrasjonssenter, eller se docs/directory.md."
        found.append(warning("Appen", f"{without} i registeret har den ikke.", do))
    report = read_report(session, now)
    if report.unreached:
        do = "Se hvem og hvorfor med «app.py outbox status»."
        says = f"siste melding nådde ikke {len(report.unreached)} personer."
        found.append(warning("Meldinger", says, do))
    if report.waiting_since is not None and now - report.waiting_since > timedelta(hours=1):
        do = "Se etter at boten kjører, og se i loggen."
        says = f"noe har ventet på å bli sendt siden {report.waiting_since:%d.%m.%Y %H:%M} UTC."
        found.append(wrong("Meldinger", says, do))
    return found


# What the bot knows


def of_content(settings: "Settings", now: datetime) -> list[Finding]:
    """Documents, guides, holidays, and whom to tell about a worry."""
    from dialogs.guide_files import load_guides
    from knowledge.library import load_library

    folder = settings.knowledge_dir
    if folder is not None and not folder.is_dir():
        do = "Rett KNOWLEDGE_DIR, eller lag mappen."
        return [wrong("Innhold", f"finner ikke mappen {folder}.", do)]
    library, problems = load_library(folder)
    problems += load_guides(folder)[1]
    found = [well("Innhold", f"{len(library.documents)} dokumenter.")]
    if problems:
        do = "Se dem med «app.py documents check» og «app.py guides check»."
        found = [
            warning("Innhold", f"{len(problems)} feil i filene; det som er feil, brukes ikke.", do)
        ]
    found += _of_contacts(folder)
    until = library.holidays.known_until
    if library.holidays.is_demo:
        do = "Lag holidays.toml i KNOWLEDGE_DIR med kommunens skolerute, se docs/content.md."
        found.append(warning("Skoleferier", "er et eksempel, ikke kommunens egne.", do))
    elif until is None or until < (now + HOLIDAYS_AHEAD).date():
        says = f"står bare til {_day(until)}." if until else "er ikke satt."
        found.append(warning("Skoleferier", says, "Legg neste skoleår i holidays.toml."))
    return found


def _of_contacts(folder: Path | None) -> list[Finding]:
    about = "Kontakter ved bekymring"
    try:
        missing = contacts_from(folder).missing()
    except Stop as stop:
        return [wrong(about, "filen contacts.toml kan ikke leses.", str(stop))]
    if missing:
        do = "Lag contacts.toml i KNOWLEDGE_DIR med telefon eller lenke, se docs/content.md."
        return [warning(about, f"mangler {', '.join(missing)}.", do)]
    return [well(about, "er satt.")]


def of_directory(settings: "Settings") -> list[Finding]:
    """The groups of Entra ID that the register is made of, where that is used."""
    if settings.knowledge_dir is None or not (settings.knowledge_dir / "directory.toml").exists():
        return []
    from dialogs.directory.directory_file import read_directory_file

    _, problems = read_directory_file(settings.knowledge_dir / "directory.toml")
    if not problems:
        return [well("Grupper i Entra ID", "directory.toml kan brukes.")]
    do = "Rett filen, se docs/directory.md."
    return [wrong("Grupper i Entra ID", problem, do) for problem in problems]


# Backups


def of_backups(settings: "Settings", now: datetime) -> list[Finding]:
    """Those of SQLite are our own, those of PostgreSQL the server's; the list is in both."""
    about, folder = "Sikkerhetskopi", settings.backup_dir
    if not _can_be_written(folder):
        says = f"boten får ikke skrevet i {folder}, der listen over det som er slettet, skal ligge."
        return [warning(about, says, "La boten skrive der, eller rett BACKUP_DIR.")]
    if _sqlite_file(settings.database_url) is None:
        return []
    do = "Kjør «app.py backup» hver natt, se docs/backup.md."
    # Not the database that a restore has laid aside.
    taken = [file.stat().st_mtime for file in folder.glob("kvalitetsbot-[0-9]*.db")]
    if not taken:
        return [warning(about, f"det er ingen i {folder}.", do)]
    newest = datetime.fromtimestamp(max(taken), UTC)
    found = [well(about, f"den nyeste er fra {_day(newest.date())}.")]
    if now - newest > BACKUP_SPACING:
        found = [warning(about, f"den nyeste er fra {_day(newest.date())}.", do)]
    return found + _of_space("Disken til sikkerhetskopier", folder)


def _can_be_written(folder: Path) -> bool:
    """Whether files can be made there, or the folder itself."""
    there = next(one for one in (folder, *folder.absolute().parents) if one.exists())
    return there.is_dir() and os.access(there, os.W_OK)


def _of_space(about: str, folder: Path) -> list[Finding]:
    free = shutil.disk_usage(folder).free
    if free >= LEAST_SPACE:
        return []
    return [warning(about, f"har bare {free / 1_000_000:.0f} MB ledig.", "Rydd, eller flytt den.")]


def _sqlite_file(database_url: str) -> Path | None:
    """The file of an SQLite address; None for PostgreSQL."""
    if not database_url.startswith("sqlite"):
        return None
    return Path(database_url.partition(":///")[2])


def _day(day: date) -> str:
    return f"{day:%d.%m.%Y}"


def _sentence(text: str) -> str:
    text = text.strip()
    return f"{text[:1].upper()}{text[1:]}" if text else "Se etter i DATABASE_URL."
