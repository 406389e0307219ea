"""`privacy`: the documents that a kommune needs before it takes the bot into use."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from roof.parts import Stop, settings_from_environment

if TYPE_CHECKING:
    from bot.settings import Settings
    from dialogs.messages import Language
    from dialogs.privacy_pack.running import Running


def add_commands(commands: Any) -> None:
    privacy = commands.add_parser(
        "privacy", help="skriv personverndokumentene slik boten er satt opp"
    )
    privacy.add_argument(
        "folder", nargs="?", type=Path, default=Path("dist/personvern"), metavar="MAPPE"
    )
    privacy.set_defaults(command=_privacy)


def _privacy(arguments: argparse.Namespace) -> int:
    from bot.papers.plain import plain
    from bot.papers.word import word
    from dialogs.privacy_pack.documents import FILES, paper_of

    settings, now = settings_from_environment(local=True), datetime.now(UTC)
    running, folder = running_from(settings, now), arguments.folder
    languages: tuple[Language, ...] = ("nb", "nn")
    asked = 0
    try:
        for language in languages:
            (folder / language).mkdir(parents=True, exist_ok=True)
            for document, name in FILES.items():
                paper = paper_of(document, language, running)
                text = plain(paper)
                asked += text.count("[")
                (folder / language / f"{name}.docx").write_bytes(word(paper, now))
                (folder / language / f"{name}.txt").write_text(text, "utf-8")
    except OSError as error:
        raise Stop(f"Får ikke skrevet til «{folder}»: {error.strerror}.") from error
    sys.stdout.write(
        f"{len(FILES)} dokumenter på bokmål og nynorsk ligger i {folder}, som Word og tekst.\n"
        f"{asked} steder står det noe i klammer som kommunen må fylle inn eller avgjøre.\n"
    )
    for name, value in (
        ("KOMMUNE", settings.kommune),
        ("PRIVACY_CONTACT", settings.privacy_contact),
        ("HOSTING", settings.hosting),
        ("PUBLIC_URL", running.address),
    ):
        if not value:
            sys.stdout.write(f"{name} er ikke satt. Sett den, og kjør kommandoen på nytt.\n")
    return 0


def running_from(settings: "Settings", now: datetime) -> "Running":
    """What the documents tell of these settings."""
    from dialogs.directory.directory_file import NAME
    from dialogs.privacy_pack.running import Running

    folder = settings.knowledge_dir
    return Running(
        kommune=settings.kommune,
        contact=settings.privacy_contact,
        hosting=settings.hosting,
        address="" if settings.public_url.startswith("http://localhost") else settings.public_url,
        postgresql=settings.database_url.startswith("postgres"),
        directory=folder is not None and (folder / NAME).is_file(),
        smallest=settings.smallest_group,
        hours=settings.reminder_hours,
        day=now.astimezone(ZoneInfo("Europe/Oslo")).date(),
    )
