"""Puts a backup in the place of a store that is damaged or lost; what was damaged is kept aside.

Only for whoever holds the store's lock. A store on a PostgreSQL server, or in memory, is left to its own means.
"""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from datetime import date
from itertools import count
from pathlib import Path

from monitor.errors import StoreError
from monitor.files import sync_folder, write_whole
from monitor.store import opening
from monitor.store.backup import SIDES, Backup, backups, copy, discard, discard_parts, is_sound, ready_of
from monitor.store.trouble import StoreDamaged, sentences

log = logging.getLogger("oximeter.store")


def tidy(url: str, day: date) -> None:
    """Finish what a killed run began: half-made copies are removed, a mending half done is done.

    A store that is not there, or has nothing in it, though there is a backup of it, is put back from that.
    """
    store = _file(url)
    if store is None:
        return
    with sentences(opening.name_of(opening.read_url(url))):
        discard_parts(store)
        ready = ready_of(store)
        if ready.exists() and not store.exists():
            _place(store, _unfinished(store) or _unused(store, day))
        discard(ready)  # killed before anything was moved: the damage is met again, and mended from the beginning
        if backups(store) and _is_bare(store):
            backup = _newest_sound(store, day)
            if backup is not None:
                _mend(store, day, f"The store {store} was gone, or had nothing in it.", backup)


def mend(url: str, day: date, damage: StoreDamaged) -> None:
    """Put the newest sound backup in the place of the damaged store. Raises ``damage`` where there is none.

    Steps: 1. the backup is copied whole beside the store; 2. a note says which backup that is; 3. the damaged file is
    renamed, then its WAL, for that belongs to it and would be played into the copy; 4. the copy gets the store's name.
    Killed between 3 and 4, ``tidy`` finds the copy ready and no store, and finishes. Nothing is ever overwritten.
    """
    store = _file(url)
    if store is None:
        raise damage
    with sentences(opening.name_of(opening.read_url(url))):
        backup = _newest_sound(store, day)
        if backup is None and backups(store):
            raise StoreDamaged(
                f"The store {store} is damaged, and so are its backups; put back a copy from elsewhere, or move it and "
                "them away to start afresh."
            ) from damage
        if backup is None:
            raise damage
        _mend(store, day, f"The store {store} was damaged.", backup)


def _mend(store: Path, day: date, why: str, backup: Backup) -> None:
    ready, aside = ready_of(store), _unused(store, day)
    copy(backup.path, ready)
    told = f"{why}\nOn {day} the backup {backup.path.name} took its place; what was there is kept beside this note.\n"
    try:
        write_whole(_note(aside), f"{backup.day}\n{told}")
        if store.exists():
            os.rename(store, aside)
    except BaseException:
        discard(ready)
        raise
    _place(store, aside)
    log.warning(
        "%s The backup of %s has taken its place; what was there is kept in %s. What was stored since then is read "
        "again as far as the feeds still show it.", why, backup.day, aside,
    )  # fmt: skip


def _place(store: Path, aside: Path) -> None:
    for side in SIDES:
        left = store.with_name(store.name + side)
        if left.exists():
            os.rename(left, aside.with_name(aside.name + side))
    os.rename(ready_of(store), store)
    sync_folder(store.parent)


def _file(url: str) -> Path | None:
    path = opening.sqlite_file(opening.read_url(url))
    return None if path is None else path.resolve()  # SQLite keeps the WAL beside the file that a link leads to


def _note(aside: Path) -> Path:
    return aside.with_name(aside.name + ".note")


def _unused(store: Path, day: date) -> Path:
    """The first name for a damaged store of ``day`` that nothing has yet."""
    for number in count(1):
        aside = store.with_name(f"{store.name}.damaged-{day}" + ("" if number == 1 else f"-{number}"))
        if not any(path.exists() for path in (aside, _note(aside), *(Path(f"{aside}{side}") for side in SIDES))):
            return aside
    raise AssertionError("numbers do not end")  # pragma: no cover


def _unfinished(store: Path) -> Path | None:
    """Where the killed run was moving the damaged store to: it has its note, and nothing beside the store yet."""
    mark = f"{store.name}.damaged-"
    notes = [one for one in store.parent.iterdir() if one.name.startswith(mark) and one.suffix == ".note"]
    asides = [note.with_suffix("") for note in sorted(notes, key=lambda note: note.stat().st_mtime_ns, reverse=True)]
    taken = (SIDES[0], SIDES[1])
    return next((one for one in asides[:1] if not any(Path(f"{one}{side}").exists() for side in taken)), None)


def _newest_sound(store: Path, day: date) -> Backup | None:
    """The newest backup that could be gone on from; one of a day to come, made by a wrong clock, last of all."""
    for backup in sorted(backups(store), key=lambda one: one.day > day):
        try:
            if is_sound(backup.path) and not _is_bare(backup.path):
                opening.check_file(backup.path)
                return backup
        except StoreError:  # of a newer Oximeter
            pass
        log.warning("The backup %s cannot be used; trying an older one.", backup.path)
    return None


def _is_bare(path: Path) -> bool:
    """True where the file is not there or holds no feed: it is no more than a store made a moment ago."""
    if not path.exists() or path.stat().st_size == 0:
        return True
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as db:
            if db.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone() is None:
                return True
            opening.check_file(path)
            return db.execute("SELECT 1 FROM feeds LIMIT 1").fetchone() is None
    except (sqlite3.Error, StoreError):  # whatever it is, it is not bare: opening it tells
        return False
