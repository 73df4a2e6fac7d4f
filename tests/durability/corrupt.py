"""A damaged store: told, kept aside, never overwritten, and the same night is right by itself.

``--tries N`` harms the store in N random ways more; none of them may end in anything but a right night or a sentence.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import click

from tests.durability.full_disk import told
from tests.durability.scene import Bureau, Ended, a_folder, bytes_of, holds, keeps, night, play, say, sound
from tests.durability.village import Village, a_village

PAGE = 4_096


def overwritten(store: Path, chance: random.Random) -> None:
    """Pages in a row are noise."""
    pages = store.stat().st_size // PAGE
    first = chance.randrange(pages)
    _write(store, first * PAGE, chance.randbytes(PAGE * chance.randint(1, 4)))


def blank(store: Path, chance: random.Random) -> None:
    """Half of the file reads as zeros."""
    _write(store, store.stat().st_size // 2, b"\0" * (store.stat().st_size // 2))


def truncated(store: Path, chance: random.Random) -> None:
    """The file ends too early."""
    with store.open("r+b") as file:
        file.truncate(chance.randrange(1, store.stat().st_size))


def empty(store: Path, chance: random.Random) -> None:
    """The file has nothing in it."""
    store.write_bytes(b"")


def headless(store: Path, chance: random.Random) -> None:
    """The file's first page is noise."""
    _write(store, 0, chance.randbytes(PAGE))


def flipped(store: Path, chance: random.Random) -> None:
    """Single bits are turned over."""
    for _ in range(chance.randint(1, 40)):
        place = chance.randrange(store.stat().st_size)
        with store.open("r+b") as file:
            file.seek(place)
            byte = file.read(1)[0]
        _write(store, place, bytes([byte ^ 1 << chance.randrange(8)]))


HARMS = (overwritten, blank, truncated, empty, headless, flipped)


def _write(store: Path, place: int, what: bytes) -> None:
    with store.open("r+b") as file:
        file.seek(place)
        file.write(what)


def a_used_office(folder: Path, village: Village, name: str = "kontor") -> Bureau:
    """An office with backups of its first night and its eighth."""
    office = Bureau(folder / name).write(village.feeds, village.sites)
    for number in (0, 7, 9):
        village.number = number
        office.must_run(night(number))
    assert len(backups(office)) == 2
    return office


def backups(office: Bureau) -> list[Path]:
    return sorted(path for path in office.store.parent.iterdir() if ".db.backup-" in path.name)


def damaged_and_mended() -> None:
    """Each harm in turn: the damaged file is kept byte for byte, and the night goes on from the newest backup."""
    with a_folder() as folder, a_village(9, 12) as village:
        office = a_used_office(folder, village)
        kept = holds(backups(office)[-1])
        village.number = 10
        for number, harm in enumerate((headless, blank, truncated, empty)):
            harm(office.store, random.Random(number))
            if harm in (headless, blank):
                _looking_changes_nothing(office)
            before = office.store.read_bytes()
            ended = office.must_run(night(10) + timedelta(hours=number))
            say(f"{harm.__name__}: {ended.err.strip().splitlines()[0][:160]}")
            note = max(office.store.parent.glob("*.note"), key=lambda path: path.stat().st_mtime_ns)
            if harm is not blank:  # that one is met only when some of the night has been written
                assert note.with_suffix("").read_bytes() == before, "the damaged file was not kept as it was"
            assert note.with_suffix("").exists()
            told_of = note.read_text(encoding="utf-8")
            assert told_of.splitlines()[0] == "2026-03-09", told_of
            sound(office.store)
            keeps(kept, office.store)
            _is_right(office)


def _looking_changes_nothing(office: Bureau) -> None:
    before = _all_of(office)
    for command in (("check",), ("status", "--json"), ("export",)):
        looked = office.run(night(10), *command)
        assert "Traceback" not in looked.err, looked.err
    after = _all_of(office)
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    assert not changed, f"looking changed {sorted(changed)}"


def _all_of(office: Bureau) -> dict[str, bytes]:
    """The store's folder, but for what SQLite makes anew for every reader."""
    found = {path.name: path.read_bytes() for path in office.store.parent.iterdir() if path.suffix != ".lock"}
    return {name: content for name, content in found.items() if content and not name.endswith("-shm")}


def _is_right(office: Bureau) -> None:
    """What the feeds show is all known again, and everybody has been judged."""
    held = holds(office.store)
    assert {row[0] for row in held["verdicts"] if row[1] == "2026-03-12"} == {"blog", "forum", "nyt", "side", "torv"}
    assert all(len(ids) == 1 for ids in office.letters().values())


def without_a_backup() -> None:
    """Where there is none, the store is refused with a sentence and not touched."""
    with a_folder() as folder, a_village(9, 12) as village:
        office = a_used_office(folder, village)
        for backup in backups(office):
            backup.unlink()
        headless(office.store, random.Random(1))
        before = bytes_of(office.store)
        told(office.run(night(10)), "not an SQLite database", "damaged")
        assert bytes_of(office.store) == before
        assert not [path for path in office.store.parent.iterdir() if "damaged" in path.name]


def somebody_elses_file() -> None:
    """A file that was never ours is refused untouched, backups or not."""
    with a_folder() as folder, a_village(9, 12) as village:
        office = a_used_office(folder, village)
        office.store.unlink()
        with closing(sqlite3.connect(office.store)) as db:
            db.execute("CREATE TABLE recipes (name TEXT)")
            db.commit()
        before = bytes_of(office.store)
        told(office.run(night(10)), "another program")
        assert bytes_of(office.store) == before


def held_open_by_a_reader() -> None:
    """A reader that has the damaged store open neither stops the mending nor harms the store that takes its place."""
    with a_folder() as folder, a_village(9, 12) as village:
        office = a_used_office(folder, village)
        with closing(sqlite3.connect(office.store)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM entries").fetchone()
            _write(office.store, 0, b"\xff" * 100)
            village.number = 10
            office.must_run(night(10))
        sound(office.store)
        village.number = 11
        office.must_run(night(11))
        sound(office.store)


def harmed_at_random(tries: int, seed: int = 1) -> Counter[str]:
    """Harm the store in random ways: never a traceback, and never anything lost that a backup has."""
    chance, outcomes = random.Random(seed), Counter[str]()
    with a_folder() as folder, a_village(9, 12) as village:
        office = a_used_office(folder, village)
        kept = folder / "kept"
        shutil.copytree(office.folder, kept)
        village.number = 10
        for _ in range(tries):
            shutil.rmtree(office.folder)
            shutil.copytree(kept, office.folder)
            harm = chance.choice(HARMS)
            harm(office.store, chance)
            ended = office.run(night(10))
            outcome = _outcome(office, ended)
            outcomes[f"{harm.__name__}: {outcome}"] += 1
            if outcome == "a sentence":
                say(f"{harm.__name__}: {ended.sentence}")
            assert ended.code in (0, 1), ended.err
    return outcomes


def _outcome(office: Bureau, ended: Ended) -> str:
    assert "Traceback" not in ended.err, ended.err
    if ended.code == 1:
        return "a sentence"
    return "put back" if list(office.store.parent.glob("*.note")) else "not noticed, or not needed"


SCENARIOS = (damaged_and_mended, without_a_backup, somebody_elses_file, held_open_by_a_reader)


@click.command()
@click.option("--tries", default=0, show_default=True, help="So many random harms more.")
@click.option("--seed", default=1, show_default=True)
def main(tries: int, seed: int) -> None:
    def all_of_them() -> None:
        for scenario in SCENARIOS:
            say(f"- {scenario.__name__.replace('_', ' ')}")
            scenario()
        for outcome, number in sorted(harmed_at_random(tries, seed).items() if tries else ()):
            say(f"{number:4} {outcome}")

    play(all_of_them)


if __name__ == "__main__":
    main()
