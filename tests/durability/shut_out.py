"""A store that is held by another program, may not be written, or vanishes: a sentence, exit code 1, and untouched."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from tests.durability.full_disk import told
from tests.durability.scene import Bureau, Skipped, a_folder, bytes_of, night, play, same, say, sound
from tests.durability.village import Village, a_village


def held_by_another_program() -> None:
    """Another program writes for longer than we wait, from the start and from the middle of a night."""
    with a_folder() as folder, a_village(5, 2) as village:
        calm = Bureau(folder / "ro").write(village.feeds, village.sites)
        office = Bureau(folder / "optaget").write(village.feeds, village.sites, query="?timeout=0.2")
        for one in (calm, office):
            one.must_run(night(0))
        village.number = 1
        with closing(sqlite3.connect(office.store, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            told(office.run(night(1)), "held by another program")
            other.execute("ROLLBACK")
        _taken_in_mid_night(office, village)
        calm.must_run(night(1))
        office.must_run(night(1))
        same(calm.store, office.store)


def _taken_in_mid_night(office: Bureau, village: Village) -> None:
    """Another program takes the store when the run has asked for some pages."""
    others: list[sqlite3.Connection] = []

    def take(count: int) -> None:
        if count == 3:
            other = sqlite3.connect(office.store, isolation_level=None, check_same_thread=False, timeout=30)
            other.execute("BEGIN IMMEDIATE")
            others.append(other)

    village.asked, village.watch = 0, take
    told(office.run(night(1)), "held by another program")
    village.watch = lambda count: None
    for other in others:
        other.close()
    assert others, "the store was never taken"


def a_file_that_may_not_be_written() -> None:
    """The store's file is read-only."""
    _read_only(lambda office: [office.store])


def a_folder_that_may_not_be_written() -> None:
    """The store's folder is read-only, and all in it."""
    _read_only(lambda office: [office.store.parent, *office.store.parent.iterdir()])


def _read_only(which: Callable[[Bureau], list[Path]]) -> None:
    with a_folder() as folder, a_village(5, 2) as village:
        calm, office = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "låst"))
        for one in (calm, office):
            one.must_run(night(0))
        village.number = 1
        before = bytes_of(office.store)
        with not_to_be_written(which(office)):
            told(office.run(night(1)), "permissions", "cannot be")
            looked = office.run(night(1), "status")
            assert "Traceback" not in looked.err, looked.err
        assert bytes_of(office.store) == before, "the store was touched"
        calm.must_run(night(1))
        office.must_run(night(1))
        same(calm.store, office.store)


@contextmanager
def not_to_be_written(paths: list[Path]) -> Iterator[None]:
    """``paths`` may not be written. Root ignores permissions, so for root they are made immutable.

    Raises Skipped where root's file system knows no such thing.
    """
    if os.getuid() == 0:
        with _immutable(paths):
            yield
        return
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        yield
    finally:
        for path, mode in modes.items():
            path.chmod(mode)


@contextmanager
def _immutable(paths: list[Path]) -> Iterator[None]:
    if not shutil.which("chattr"):
        raise Skipped("root ignores permissions, and chattr is not installed")
    try:
        for path in reversed(paths):
            done = subprocess.run(["chattr", "+i", str(path)], capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise Skipped(
                    f"root ignores permissions, and no file can be made immutable here ({done.stderr.strip()})"
                )
        yield
    finally:
        for path in paths:
            subprocess.run(["chattr", "-i", str(path)], capture_output=True, check=False)


def a_store_that_vanishes() -> None:
    """The store is moved away in mid-run: told, no other is made in its place, and put back it goes on."""
    with a_folder() as folder, a_village(5, 2) as village:
        calm, office = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "væk"))
        for one in (calm, office):
            one.must_run(night(0))
        village.number, village.asked = 1, 0
        away = folder / "andetsteds"

        def take_away(count: int) -> None:
            if count == 4:
                os.rename(office.store.parent, away)

        village.watch = take_away
        told(office.run(night(1)), "moved, deleted or replaced")
        village.watch = lambda count: None
        assert not office.store.exists(), "a store was made in the place of the one that vanished"
        shutil.rmtree(office.store.parent, ignore_errors=True)
        os.rename(away, office.store.parent)
        sound(office.store)
        calm.must_run(night(1))
        office.must_run(night(1))
        same(calm.store, office.store)


SCENARIOS = (
    held_by_another_program,
    a_file_that_may_not_be_written,
    a_folder_that_may_not_be_written,
    a_store_that_vanishes,
)


def main() -> None:
    for scenario in SCENARIOS:
        say(f"- {scenario.__name__.replace('_', ' ')}")
        try:
            scenario()
        except Skipped as reason:
            say(f"SKIPPED: {reason}")


if __name__ == "__main__":
    play(main)
