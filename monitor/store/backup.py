"""Whole copies of an SQLite store: one a week, the two newest kept, each looked through before it counts."""

from __future__ import annotations

import errno
import logging
import os
import re
import shutil
import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from monitor.files import sync_folder

EVERY_DAYS = 7
"""A backup of this many days ago, or more, is followed by a new one."""
KEPT = 2
"""So many backups stay; with the store that makes three."""
ROOM = 3
"""A backup is made where the disk has this many times the store's own size free."""
WAIT_SECONDS = 30
"""How long to wait for another process's write."""

READY = ".restored"
"""The ending of a whole copy of a backup that waits to take the store's place."""
PART = ".part"
SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a file: what was written last is in the first."""

log = logging.getLogger("oximeter.store")


class Unsound(sqlite3.DatabaseError):
    """The store's file is damaged, though SQLite itself raised nothing."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One backup: the day of the run that made it, and its file."""

    day: date
    path: Path


def backups(store: Path) -> list[Backup]:
    """The store's backups, newest first; whether they are sound is not looked at."""
    found = []
    with suppress(OSError):
        for one in store.parent.iterdir():
            told = one.name.removeprefix(f"{store.name}.backup-")
            if told != one.name and re.fullmatch(r"\d{4}-\d\d-\d\d", told):
                with suppress(ValueError):
                    found.append(Backup(date.fromisoformat(told), one))
    return sorted(found, key=lambda backup: backup.day, reverse=True)


def ready_of(store: Path) -> Path:
    """The copy of a backup that is about to take the store's place."""
    return store.with_name(store.name + READY)


def keep(store: Path, day: date) -> Path | None:
    """Make the week's backup of the store, and remove those that are one too many; None where none is due.

    Steps: 1. look whether one is due and there is anything to keep; 2. look whether there is room; 3. copy; 4. only
    then let go of the older ones. Raises sqlite3.Error (Unsound where the store turns out to be damaged) or OSError.
    """
    if not is_due(store, day) or not _has_entries(store):
        return None
    if not _has_room(store):
        log.warning(
            "No backup of the store %s was made: its disk has less than %d times the store's size free; make room.",
            store, ROOM,
        )  # fmt: skip
        return None
    made = store.with_name(f"{store.name}.backup-{day.isoformat()}")
    copy(store, made)
    # A backup of a day to come was made while the clock was wrong: it is neither counted nor removed.
    for old in [backup for backup in backups(store) if backup.day <= day][KEPT:]:
        old.path.unlink(missing_ok=True)
    return made


def is_due(store: Path, day: date) -> bool:
    """True where no backup is of the last week."""
    return not any(day - timedelta(days=EVERY_DAYS) < backup.day <= day for backup in backups(store))


def copy(source: Path, target: Path) -> None:
    """Copy a store with all that is in its WAL, in place of an earlier ``target``: whole and looked through, or not.

    The copy is one file, without a WAL of its own. Raises Unsound where ``source`` is damaged, sqlite3.Error or
    OSError where it cannot be read or ``target`` cannot be written.
    """
    part = target.with_name(target.name + PART)
    discard(part)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        _fill(source, part)
        shutil.copymode(source, part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        discard(part)
        raise
    sync_folder(target.parent)


def is_sound(path: Path) -> bool:
    """True where SQLite finds nothing wrong with the file at ``path``, which is not written to."""
    try:
        with closing(_reading(path)) as db:
            return _looks_sound(db)
    except sqlite3.Error:
        return False


def discard(path: Path) -> None:
    """Remove the file and all that SQLite keeps beside it, where there."""
    for side in ("", *SIDES):
        with suppress(OSError):
            path.with_name(path.name + side).unlink(missing_ok=True)


def discard_parts(store: Path) -> None:
    """Remove copies that a killed run left half made. Only for whoever holds the store's lock."""
    with suppress(OSError):
        for one in store.parent.iterdir():
            if one.name.startswith(f"{store.name}.") and one.name.endswith(PART):
                discard(one)


def _fill(source: Path, part: Path) -> None:
    with closing(_reading(source)) as old, closing(sqlite3.connect(part)) as new:
        new.execute("PRAGMA synchronous = OFF")  # it is synced once, when it is whole
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")
        if _looks_sound(new):
            return
        if not _looks_sound(old):
            raise Unsound("database disk image is malformed")
        raise OSError(errno.EIO, "a copy did not come out like the store itself; check the disk")


def _reading(path: Path) -> sqlite3.Connection:
    # Unlike a plain path, mode=ro never makes a file that is not there.
    return sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=WAIT_SECONDS)


def _looks_sound(db: sqlite3.Connection) -> bool:
    return [row[0] for row in db.execute("PRAGMA quick_check(1)")] == ["ok"]


def _has_entries(store: Path) -> bool:
    with closing(_reading(store)) as db:
        return db.execute("SELECT 1 FROM entries LIMIT 1").fetchone() is not None


def _has_room(store: Path) -> bool:
    parts = (store.with_name(store.name + side) for side in ("", *SIDES))
    size = sum(part.stat().st_size for part in parts if part.exists())
    return shutil.disk_usage(store.parent).free >= ROOM * size
