"""`serve` and `run`: builds every part of the running bot and hands them to each other."""

import argparse
import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from roof.directory import NightlyDirectory
from roof.parts import (
    Stop,
    all_of_it_stays,
    contacts_from,
    guides_from,
    library_from,
    sending_times,
    settings_from_environment,
)

if TYPE_CHECKING:
    from bot.settings import Settings
    from dialogs.meetings.sending_times import SendingTimes
    from storage.database import Database


def add_commands(commands: Any) -> None:
    serve = commands.add_parser("serve", help="start boten")
    serve.add_argument("--local", action="store_true", help="uten innlogging, bare denne maskinen")
    serve.set_defaults(command=_serve)

    run = commands.add_parser("run", help="start boten og et chattevindu på denne maskinen")
    run.set_defaults(command=_run, local=True)


def _serve(arguments: argparse.Namespace) -> int:
    asyncio.run(
        _serve_until_stopped(settings_from_environment(local=arguments.local), window=False)
    )
    return 0


def _run(arguments: argparse.Namespace) -> int:
    asyncio.run(_serve_until_stopped(settings_from_environment(local=True), window=True))
    return 0


async def _serve_until_stopped(settings: "Settings", *, window: bool) -> None:
    with all_of_it_stays():
        from bot.playground import playground
        from bot.web import UNDER_WAY, CannotServe, build_app, serve
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
        from storage.watching import Watching

    sending = sending_times(settings)
    try:
        database = open_database(settings.database_url)
    except DatabaseError as error:
        raise Stop(str(error)) from error
    try:
        database.migrate()
        library, guides = library_from(settings.knowledge_dir), guides_from(settings.knowledge_dir)
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
            contacts_from(settings.knowledge_dir),
            secret,
            local=settings.local,
            sending=sending,
            smallest_group=settings.smallest_group,
        )
        assistant.read_news()  # what is published already, before anybody is answered
        outbox = Outbox(
            database,
            assistant.compose,
            rule=after,
            limits=PaceLimits(settings.send_rate, settings.conversation_limits),
            local=settings.local,
        )
        directory = NightlyDirectory(database, settings, sending)

        def nightly() -> None:
            each_night(database, sending, settings)
            directory.begin()

        app = build_app(
            settings,
            assistant,
            secret=secret,
            site=assistant,
            watched=Watching(database, local=settings.local),
            clock_for=lambda send: Clock(
                outbox, send, keep_house=nightly, look=assistant.read_news
            ),
        )
        app[UNDER_WAY].append(directory.stop)
        try:
            if window:
                async with playground(settings.port):
                    await serve(app, settings)
            else:
                await serve(app, settings)
        except CannotServe as error:
            raise Stop(str(error)) from error
    except DatabaseError as error:  # the tables could not be brought up to date
        raise Stop(str(error)) from error
    finally:
        database.close()


def each_night(database: "Database", sending: "SendingTimes", settings: "Settings") -> None:
    """At start and every night: keep house, and write down outside the database what is deleted."""
    from bot.errors import log_error
    from roof.backup import keep_journal

    keep_house(database, sending, settings)
    try:
        keep_journal(database, settings.backup_dir, datetime.now(UTC))
    except OSError as error:  # a folder that can't be written to: the bot goes on
        log_error("journal_not_written", error)


def keep_house(database: "Database", sending: "SendingTimes", settings: "Settings") -> None:
    """At start and every night: keep rounds, plan all messages, delete what is kept enough."""
    from bot.checkup import credential_expires
    from dialogs.checkins.nightly import keep_rounds
    from dialogs.expiry import plan_warnings
    from dialogs.handovers.nightly import keep_handovers
    from dialogs.meetings.planning import plan_all
    from storage.retention import delete_expired

    now = datetime.now(UTC)
    keep_rounds(database, sending, now, settings.smallest_group)
    keep_handovers(database, sending, now)
    with database.transaction() as session:
        plan_all(session, sending, now)
        what: Literal["secret", "certificate"] = "secret"
        if settings.app_certificate:
            what = "certificate"
        plan_warnings(session, what, credential_expires(settings), now)
    with database.transaction() as session:
        delete_expired(session, now.date())
    database.sweep()
