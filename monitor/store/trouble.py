"""Turns what a database or a disk says into one sentence a person can act on."""

from __future__ import annotations

import random
import sqlite3
import time as clock
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, SQLAlchemyError

from monitor.errors import StoreError
from monitor.store.backup import Unsound, backups

T = TypeVar("T")

_KNOWN = (
    ("not a database", "is not an SQLite database; move the file away, or name another in [store] url"),
    ("malformed", "is damaged; put back a copy from a backup, or move the file away to start afresh"),
    ("disk image", "is damaged; put back a copy from a backup, or move the file away to start afresh"),
    ("locked", "is held by another program; try again when that has finished"),
    ("readonly", "cannot be written; check the permissions of the file and of its folder"),
    ("unable to open", "cannot be opened; check that it is a file, and the permissions of it and of its folder"),
    ("disk is full", "has no room left on its disk; make room, then run again"),
    ("No space left", "has no room left on its disk; make room, then run again"),
    ("password authentication failed", "refuses us; check the user and the password"),
    ('FATAL: database "', "is not on its server; make it there with createdb, or correct [store] url"),
    ("no password supplied", "wants a password; give it in [store] url, in PGPASSWORD, or in a .pgpass file"),
    ("server closed the connection", "lost the connection to its server; see that it runs, then run again"),
    ("terminating connection", "was left by its server, which is stopping; run again when it is up"),
    ("disk I/O", "cannot be read or written where it is; check that its disk is well and has room, then run again"),
)
_CODES = (
    ("08", "lost the connection to its server; see that it runs and can be reached, then run again"),
    ("25006", "cannot be written: its server is a copy that is only read; name the one that it copies"),
    ("28", "refuses us: check the user, the password, and whom its server lets in (pg_hba.conf)"),
    ("3D000", "is not on that server; make it there with createdb, or correct [store] url"),
    ("42501", "may not be written by that user; let the user own the database, or grant the right"),
    ("53100", "has no room left on its disk; make room, then run again"),
    ("53300", "is on a server that takes no more connections; raise its max_connections, or let others finish"),
    ("55P03", "is held by another program; try again when that has finished"),
    ("57P", "was left by its server, which is stopping or starting; run again when it is up"),
    ("XX00", "is damaged; put back a copy from a backup of the server"),
)
"""How PostgreSQL's codes begin, and what that means for us."""
_IN_EACH_OTHERS_WAY = ("40P01", "40001")
_DAMAGE = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_TOLD_DAMAGE = ("unsupported file format", "Could not decode to UTF-8")
"""Damage that SQLite gives no code of its own: all we write is UTF-8, in the format of our day."""


class StoreDamaged(StoreError):
    """The store's file is damaged: what it holds can no longer be relied on."""


class StoreBusy(StoreError):
    """Two writers got in each other's way, and the server ended our part: it may be done again at once."""


class NotTaken(StoreError):
    """The database does not take the values it was given: it is well itself, and takes others. ``cause``: its words."""

    def __init__(self, sentence: str, cause: str) -> None:
        super().__init__(sentence)
        self.cause = cause


_NOT_TAKEN = (DataError, IntegrityError, OverflowError, UnicodeError)
_TOO_MUCH = ("22", "54")
"""How PostgreSQL's codes for bad values and for exceeded limits (a row too long for an index) begin."""


def sentence(name: str, error: BaseException) -> str:
    """What is wrong with the store ``name``, without any SQL, parameter or password."""
    if isinstance(error, ImportError):
        return f"The store {name} needs the driver {error.name}, which is not installed."
    if isinstance(error, OSError):
        return f"The store {name} cannot be used: {error.strerror or type(error).__name__}."
    kept = backups(Path(name).resolve()) if is_damage(error) else []
    if kept:
        return f"The store {name} is damaged; the next run keeps it aside and puts back the backup of {kept[0].day}."
    told, code = _told(error), _code(error)
    by_code = (meaning for start, meaning in _CODES if code.startswith(start))
    by_words = (meaning for mark, meaning in _KNOWN if mark in told)
    meaning = next(chain(by_code, by_words), None)
    if meaning is not None:
        return f"The store {name} {meaning}."
    return f"The store {name} cannot be used: {told.rstrip('.')}."


def is_damage(error: BaseException) -> bool:
    """True where SQLite found its file damaged, or no database at all."""
    cause = _cause(error)
    if not isinstance(cause, sqlite3.Error):
        return False
    code = getattr(cause, "sqlite_errorcode", None)
    by_code = code is not None and code & 0xFF in _DAMAGE
    return isinstance(cause, Unsound) or by_code or any(mark in str(cause) for mark in _TOLD_DAMAGE)


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Raise every database or disk error within as a StoreError naming the store: StoreDamaged or NotTaken if it is.

    Numbers too large and letters that are none are refused by SQLite's driver with errors of Python's own.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError, ImportError, OverflowError, UnicodeError) as error:
        if is_damage(error):
            raise StoreDamaged(sentence(name, error)) from error
        if _code(error) in _IN_EACH_OTHERS_WAY:
            raise StoreBusy(sentence(name, error)) from error
        if _is_not_taken(error):
            raise NotTaken(sentence(name, error), _first_line(error)) from error
        raise StoreError(sentence(name, error)) from error


def patiently(work: Callable[[], T]) -> T:
    """Do the work of one transaction, and again where another writer got in its way."""
    for pause in _PAUSES:
        try:
            return work()
        except StoreBusy:
            clock.sleep(random.uniform(0, pause))  # not both at the same moment again
    return work()


_PAUSES = (0.05, 0.2, 0.5, 1.0, 2.0)
"""Seconds, at most, between two tries."""


def _is_not_taken(error: BaseException) -> bool:
    return isinstance(error, _NOT_TAKEN) or _code(error).startswith(_TOO_MUCH)


def _code(error: BaseException) -> str:
    """PostgreSQL's code of the error; empty where it has none."""
    return str(getattr(_cause(error), "sqlstate", None) or "")


def _cause(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error


def _first_line(error: BaseException) -> str:
    """The database's own sentence, without the details: those repeat the values."""
    return next(iter(str(_cause(error)).strip().splitlines()), "")[:300].rstrip(".") or type(_cause(error)).__name__


def _told(error: BaseException) -> str:
    cause = _cause(error)
    return " ".join(str(cause).split())[:300] or type(cause).__name__
