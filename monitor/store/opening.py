"""Opens the database behind a store: address, connection settings and revision."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import StaticPool

from monitor.errors import StoreError
from monitor.store.backup import ready_of
from monitor.store.schema import REVISION, metadata
from monitor.store.tallying import triggers

BUSY_SECONDS = 30.0
"""How long to wait for another process's write, unless the URL says ``?timeout=SECONDS``."""

_MIGRATIONS = Path(__file__).parent / "migrations"
_PG_LOCK = 7_069_833  # any fixed number: whoever holds it is the one who migrates
_PATIENCE = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""After how long a PostgreSQL server that says nothing more is taken for lost: seconds, the last one milliseconds."""


def read_url(url: str) -> URL:
    """Parse a store URL. Raises StoreError where it is no URL, or of a database we do not write for."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise StoreError(
            "The store's url is not a database URL; write for example sqlite:///data/oximeter.db."
        ) from None
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"The store's url begins with {parsed.drivername}; only sqlite and postgresql are supported.")
    # The one driver that we install. SQLAlchemy's own choice for a bare postgresql:// is an older one.
    return parsed.set(drivername="postgresql+psycopg") if parsed.drivername == "postgresql" else parsed


def sqlite_file(url: URL) -> Path | None:
    """The file behind an SQLite URL; None for a database in memory or on a server."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


def busy_seconds(url: URL) -> float:
    """How long to wait for another process's write. Raises StoreError where the URL asks for what is no time."""
    told = url.query.get("timeout", str(BUSY_SECONDS))
    try:
        seconds = float(str(told))
    except ValueError:
        seconds = -1
    if not 0 <= seconds <= 3_600:
        raise StoreError(f"The store's url asks for a timeout of {told}; expected seconds, from 0 to 3600.")
    return seconds


def place_of(path: Path) -> tuple[int, int] | None:
    """Which file is at ``path``: its disk and its number there; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def name_of(url: URL) -> str:
    """What to call the store in a sentence: its file, or its URL without the password, wherever that stands."""
    path = sqlite_file(url)
    return str(path) if path else url.set(query={}).render_as_string(hide_password=True)


def is_new(path: Path) -> bool:
    """True where there is no file yet. Raises StoreError where none could be made."""
    if path.exists():
        return False
    nearest = next(folder for folder in path.parents if folder.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise StoreError(f"The store {path} cannot be made: {nearest} is no folder that we may write in.")
    return True


def check_file(path: Path, wait: float = BUSY_SECONDS) -> None:
    """Look at an existing SQLite file without writing to it. Raises StoreError where it is not ours to open."""
    if not path.exists() and ready_of(path.resolve()).exists():
        raise StoreError(f"The store {path} is just being put back from a backup; the next run finishes that.")
    if not path.exists() or (path.is_file() and path.stat().st_size == 0):
        return
    if path.is_dir():
        raise StoreError(f"The store {path} cannot be opened: it is a folder; name a file in [store] url.")
    address = f"{path.resolve().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=wait)) as db:
        tables = {row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return
        if "alembic_version" not in tables:
            raise StoreError(f"The database {path} belongs to another program; name another file in [store] url.")
        row = db.execute("SELECT version_num FROM alembic_version").fetchone()
    _refuse_unknown(str(path), row[0] if row else None)


def connect(url: URL, **options: Any) -> Engine:
    """An engine on ``url`` with SQLAlchemy's ``options``; nothing is opened before its first use."""
    wait = busy_seconds(url)
    if url.get_backend_name() != "sqlite":
        return _connect_postgresql(url, wait, options)
    if sqlite_file(url) is None:
        options["poolclass"] = StaticPool
    engine = create_engine(url, connect_args={"timeout": wait, "check_same_thread": False}, **options)
    event.listen(engine, "connect", partial(_prepare_sqlite, wait))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_postgresql(url: URL, wait: float, options: dict[str, Any]) -> Engine:
    ours: dict[str, Any] = {"application_name": "oximeter"} | _PATIENCE
    arguments = {name: value for name, value in ours.items() if name not in url.query}
    url = url.difference_update_query(["timeout"])
    engine = create_engine(url, pool_pre_ping=True, connect_args=arguments, **options)
    event.listen(engine, "connect", partial(_prepare_postgresql, wait))
    return engine


def migrate(connection: Connection, name: str) -> None:
    """Bring the store up to the newest revision, within the caller's transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _PG_LOCK})
    found = revision(connection)
    _refuse_unknown(name, found)
    if found == REVISION:
        return
    if found is None and connection.dialect.name == "sqlite":
        _create(connection)
    else:
        _upgrade(connection, name)


def _upgrade(connection: Connection, name: str) -> None:
    from alembic import command  # slow to import, and needed only on the night after an upgrade
    from alembic.util import CommandError

    config = _alembic()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise StoreError(f"The store {name} cannot be brought up to date: {error}.") from error


def _create(connection: Connection) -> None:
    """Make all the tables as the migrations would leave them, in a tenth of their time."""
    metadata.create_all(connection)
    for statement in triggers("sqlite"):
        connection.exec_driver_sql(statement)
    connection.exec_driver_sql(
        "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL CONSTRAINT alembic_version_pkc PRIMARY KEY)"
    )
    connection.execute(text("INSERT INTO alembic_version (version_num) VALUES (:revision)"), {"revision": REVISION})


def is_newest(connection: Connection) -> bool:
    """True where the store needs no migration. Raises StoreError where it is of a newer Oximeter."""
    found = revision(connection)
    _refuse_unknown(name_of(connection.engine.url), found)
    return found == REVISION


def revision(connection: Connection) -> str | None:
    """The store's revision; None where it has no tables yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return None if found is None else str(found)


def _refuse_unknown(name: str, revision: str | None) -> None:
    if revision is None or revision == REVISION or revision in _known_revisions():
        return
    raise StoreError(f"The store {name} was written by a newer Oximeter (revision {revision}); upgrade Oximeter.")


def _known_revisions() -> set[str]:
    from alembic.script import ScriptDirectory

    return {script.revision for script in ScriptDirectory.from_config(_alembic()).walk_revisions()}


def _alembic() -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("path_separator", "os")
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


def _prepare_sqlite(wait: float, connection: Any, _record: Any) -> None:
    # Transactions are begun by _begin_sqlite: the driver's own begin comes too late to guard a read before a write.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout = {int(wait * 1000)}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA journal_mode = WAL")
    # With NORMAL a power cut damages nothing either, but takes back the last transactions: a letter written down as
    # sent would be sent again. A night has some hundred transactions; a sync for each is a second or so.
    connection.execute("PRAGMA synchronous = FULL")


def _prepare_postgresql(wait: float, connection: Any, _record: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = {max(1, int(wait * 1000))}")  # 0 would be: for ever
        # Where we and our machine are gone, the server is to notice, and give back what we held.
        cursor.execute("SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3")
        # What recording relies on, whatever the server's owner made the default: after waiting for a row of another
        # process, what that process wrote is seen.
        cursor.execute("SET default_transaction_isolation = 'read committed'")
    connection.commit()


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("writing", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
