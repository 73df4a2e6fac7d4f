"""A store on a server is held by one run at a time, on whatever machine; or each share of it by one.

The hold is an advisory lock of PostgreSQL's: it ends with the connection, so also where the process is killed, the
machine loses its power, or the network is cut. A store in a file has its lock file, and none of this.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.pool import NullPool

from monitor.errors import LockedError
from monitor.store import opening
from monitor.store.trouble import sentences

_OURS = 7_069_834
"""Any fixed number, by which our locks are told from those of other programs in the same database."""
_WHOLE = 0


@contextmanager
def held(url: str, share: str | None = None) -> Iterator[Callable[[], None]]:
    """Hold the store at ``url`` within: all of it, or one ``share`` beside the runs of other shares.

    Yields what looks whether it is still held, and raises StoreError where it is not: the server may have been started
    anew, and another run begun. Only between steps is that worth a question.

    Raises LockedError at once where another run holds what is wanted, StoreError where the server cannot be used.
    """
    parsed = opening.read_url(url)
    if parsed.get_backend_name() != "postgresql":
        yield lambda: None
        return
    name = opening.name_of(parsed)
    engine = opening.connect(parsed, poolclass=NullPool)
    with sentences(name):
        # In no transaction: one that is open all night would keep the server from clearing up.
        connection = engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with connection:
        with sentences(name):
            free = _take(connection, share)
            if (connection.dialect.server_version_info or (0,)) >= (14,):
                connection.execute(text("SET idle_session_timeout = 0"))  # it has nothing to say all night
        if not free:
            what = f"the store {name}" if share is None else f"the share {share} of the store {name}, or on all of it"
            raise LockedError(f"Another run is at work on {what}, here or elsewhere; let it finish, then try again.")

        def look() -> None:
            with sentences(name):
                connection.execute(text("SELECT 1"))

        yield look


def _take(connection: Connection, share: str | None) -> bool:
    """Take the locks that are wanted; what was taken goes with the connection."""
    if share is None:
        return _is_ours(connection, "pg_try_advisory_lock", _WHOLE)
    return _is_ours(connection, "pg_try_advisory_lock_shared", _WHOLE) and _is_ours(
        connection, "pg_try_advisory_lock", _number_of(share)
    )


def _is_ours(connection: Connection, how: str, number: int) -> bool:
    return bool(connection.execute(text(f"SELECT {how}(:ours, :number)"), {"ours": _OURS, "number": number}).scalar())


def _number_of(share: str) -> int:
    """A number for the share that is not that of the whole: 31 bits, as PostgreSQL's own are signed."""
    return zlib.crc32(share.encode()) % (2**31 - 1) + 1
