"""Turns what a database or a disk says into one sentence a person can act on."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from alembic.util import CommandError
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from monitor.errors import StoreError

_KNOWN = (
    ("not a database", "is not an SQLite database; move the file away, or name another in [store] url"),
    ("malformed", "is damaged; put back a copy from a backup, or move the file away to start afresh"),
    ("disk image", "is damaged; put back a copy from a backup, or move the file away to start afresh"),
    ("locked", "is held by another program; try again when that has finished"),
    ("readonly", "cannot be written; check the permissions of the file and of its folder"),
    ("unable to open", "cannot be opened; check that it is a file, and the permissions of it and of its folder"),
    ("full", "has no room left on its disk"),
)


def sentence(name: str, error: BaseException) -> str:
    """What is wrong with the store ``name``, without any SQL, parameter or password."""
    if isinstance(error, ImportError):
        return f"The store {name} needs the driver {error.name}, which is not installed."
    if isinstance(error, OSError):
        return f"The store {name} cannot be used: {error.strerror or type(error).__name__}."
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    told = " ".join(str(cause).split())[:300] or type(cause).__name__
    for mark, meaning in _KNOWN:
        if mark in told:
            return f"The store {name} {meaning}."
    return f"The store {name} cannot be used: {told.rstrip('.')}."


@contextmanager
def sentences(name: str) -> Iterator[None]:
    """Raise every database or disk error within as a StoreError naming the store."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, CommandError, OSError, ImportError) as error:
        raise StoreError(sentence(name, error)) from error
