"""The database: its address, its transactions, and bringing its tables up to date."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import OperationalError
from typing import Any

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    QueuePool,
    create_engine,
    event,
    inspect,
    make_url,
    text,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlmodel import Session

from storage.tables import Table

# `Session` too: the dialogs pass it along without importing sqlmodel.
__all__ = ["Database", "DatabaseError", "Session", "insert_if_absent", "open_database"]

log = logging.getLogger("kvalitetsbot.database")

MIGRATIONS = Path(__file__).parent / "migrations"
NEWEST_MIGRATION = "0005"  # four digits: a later one is greater
MIGRATION_LOCK = 5_847_390_112  # any number, the same in every copy of the program

ANSWERS = ("answered", "ballot_draft", "ballot", "ballot_text")  # what `sweep` writes anew

# How long a migration waits for a table on PostgreSQL. Whoever wants the table meanwhile waits
# behind it, turns too; and a backup that is being taken holds every table to its end.
TABLE_LOCK_SECONDS = 3
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL's code for having waited so long

BUSY_SECONDS = 10  # how long to wait for another process that writes to the same SQLite file
CONNECT_SECONDS = 5
POSTGRESQL_CONNECTIONS = 10


class DatabaseError(Exception):
    """The database can't be used; the message is one Norwegian sentence that says what to do."""


class Database:
    """One SQLite file, SQLite in memory, or PostgreSQL, by its SQLAlchemy address."""

    def __init__(self, url: str) -> None:
        self._engine = _engine(_parse(url))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits at the end, and rolls back if anything is raised."""
        with Session(self._engine, expire_on_commit=False) as session, session.begin():
            yield session

    def migrate(self) -> None:
        """Bring the tables up to date, or leave them. Of several copies starting at once, one does.

        All of it is one transaction. Tables of a later version of the program are left as they
        are: during an upgrade a copy of the version before may restart, and migrations only add.
        Raises DatabaseError when somebody holds a table for too long; nothing is changed then.
        """
        with self._engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
                )
                # After the lock above: a copy that waits for another's migration may wait long.
                connection.execute(text(f"SET LOCAL lock_timeout = '{TABLE_LOCK_SECONDS}s'"))
            found = _migration_of(connection)
            if found is not None and found > NEWEST_MIGRATION:
                log.warning("action=tables_newer found=%s known=%s", found, NEWEST_MIGRATION)
            elif found != NEWEST_MIGRATION:
                _upgrade(connection)

    def sweep(self) -> None:
        """Take away what is left on the disk of deleted answers: SQLite's log, dead rows.

        Each night: on PostgreSQL the tables are locked while they are written anew.
        """
        raw = self._engine.raw_connection()  # neither can be done within a transaction
        try:
            if self._engine.dialect.name == "postgresql":
                connection: Any = raw.driver_connection
                connection.autocommit = True
                for table in ANSWERS:
                    connection.execute(f"VACUUM FULL {table}")
                connection.autocommit = False
            else:
                raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            raw.close()

    def other_connections(self) -> int:
        """How many others are connected to this PostgreSQL database as the same user."""
        others = text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND usename = current_user AND pid <> pg_backend_pid()"
        )
        with self._engine.connect() as connection:
            found: int = connection.execute(others).scalar_one()
        return found

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Open the database and see that it answers, or raise `DatabaseError`."""
    address = _parse(url)
    if address.get_backend_name() == "sqlite" and not _in_memory(address):
        _make_folder(Path(str(address.database)).parent)
    database = Database(url)
    try:
        # A transaction rather than a read: SQLite finds out here that it can't write.
        with database._engine.begin() as connection:
            connection.execute(text("SELECT 1"))
            inspect(connection).get_table_names()
    except DBAPIError as error:
        database.close()
        raise DatabaseError(_what_to_do(address)) from error
    return database


def sqlite_file(url: str) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL. One in memory can't be kept."""
    address = _parse(url)
    if address.get_backend_name() != "sqlite":
        return None
    if _in_memory(address):
        raise DatabaseError("Databasen ligger bare i minnet: sett DATABASE_URL til en fil.")
    return Path(str(address.database))


def sqlite_url(file: Path) -> str:
    """The address of an SQLite file."""
    return URL.create("sqlite", database=str(file)).render_as_string()


def without_password(url: str) -> str:
    """The address of a PostgreSQL database as its own programs take it, but for the password."""
    address = _parse(url)
    bare = URL.create(
        "postgresql",
        username=address.username,
        host=address.host,
        port=address.port,
        database=address.database,
        query=address.query,
    )
    return bare.difference_update_query(["password"]).render_as_string()


def insert_if_absent(session: Session, table: type[Table], values: Mapping[str, Any]) -> None:
    """Insert a row unless one with the same key is there, or is being inserted by somebody else."""
    connection = session.connection()
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(table).values(**values).on_conflict_do_nothing())


def _parse(url: str) -> URL:
    try:
        address = make_url(url)
    except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
        raise DatabaseError(
            "Adressen i DATABASE_URL er ikke gyldig; skriv den som"
            " sqlite:///data/kvalitetsbot.db eller postgresql://bruker:passord@tjener/base."
        ) from error
    # "postgres" alone is what hosting services hand out.
    if address.drivername in ("postgres", "postgresql"):
        address = address.set(drivername="postgresql+psycopg")
    if address.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise DatabaseError(
            f"Databasen må være SQLite eller PostgreSQL, ikke «{address.drivername}»; skriv"
            " DATABASE_URL som sqlite:///data/kvalitetsbot.db eller"
            " postgresql://bruker:passord@tjener/base."
        )
    return address


def _in_memory(address: URL) -> bool:
    return address.database in (None, "", ":memory:")


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "postgresql":
        return create_engine(
            address,
            pool_size=POSTGRESQL_CONNECTIONS,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_SECONDS},
        )
    # SQLite has one writer at a time. With one connection the threads queue for it fairly and
    # wake at once, instead of each trying again after a pause; and memory is one database.
    engine = create_engine(
        address,
        poolclass=QueuePool,
        pool_size=1,
        max_overflow=0,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver begins transactions late and by its own rules; we say BEGIN ourselves.
    connection.isolation_level = None
    # The file remembers that it is WAL. Of copies that begin at once on a new file one sets it, and
    # the others may be told that the file is locked; what else is wrong shows at the first BEGIN.
    with suppress(OperationalError):
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    # What is deleted is written over: a draft had both a person and what they answered.
    connection.execute("PRAGMA secure_delete = ON")


def _begin_sqlite(connection: Connection) -> None:
    # IMMEDIATE: take the write lock before reading, so that what is read still holds at commit.
    connection.connection.cursor().execute("BEGIN IMMEDIATE")


def _migration_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _upgrade(connection: Connection) -> None:
    # Alembic takes a third of a second to import: not when there is nothing to do.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == LOCK_NOT_AVAILABLE:
            raise DatabaseError(
                "Noe annet bruker tabellene, kanskje en sikkerhetskopi, så de ble ikke oppgradert."
                " Ingenting er endret; start boten på nytt når det er ferdig."
            ) from error
        raise


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DatabaseError(_unwritable(folder)) from error


def _unwritable(folder: Path) -> str:
    return (
        f"Kan ikke skrive til mappen «{folder}»; gi den som starter boten skriverett der,"
        " eller velg en annen mappe med DATABASE_URL."
    )


def _what_to_do(address: URL) -> str:
    if address.get_backend_name() == "postgresql":
        return (
            f"Får ikke åpnet databasen «{address.database}» på «{address.host or 'localhost'}»;"
            " se at tjeneren kjører, at basen finnes, og at navn og passord i DATABASE_URL stemmer."
        )
    file = Path(str(address.database))
    if file.is_file() and not _looks_like_sqlite(file):
        return (
            f"Filen «{file}» er ikke en SQLite-database; flytt den,"
            " eller velg en annen fil med DATABASE_URL."
        )
    return _unwritable(file.parent)


def _looks_like_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(6) in (b"", b"SQLite")
