"""A store of an older version: a whole copy first, then brought up to date; killed anywhere, it is as it was."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from monitor.store.schema import REVISION
from tests.durability.full_disk import told
from tests.durability.scene import Bureau, a_folder, bytes_of, night, play, say, sound
from tests.durability.village import a_village

OLD, NEWEST = "0002", REVISION


def make_old(store: Path) -> None:
    """Make a store of the version before, with a feed and an entry in it."""
    from alembic import command
    from sqlalchemy import text

    from monitor.store import opening

    store.parent.mkdir(parents=True, exist_ok=True)
    engine = opening.connect(opening.read_url(f"sqlite:///{store}"))
    with engine.execution_options(writing=True).begin() as connection:
        settings = opening._alembic()
        settings.attributes["connection"] = connection
        command.upgrade(settings, OLD)
        for statement in (
            "INSERT INTO channels (id, first_watched) VALUES ('gammel', 1)",
            "INSERT INTO feeds (id, channel, url, address, gone, missed, platform, title, reason, new_entries) "
            "VALUES (1, 'gammel', 'http://127.0.0.1:1/', 'http://127.0.0.1:1/', 0, 0, '', '', '', 0)",
            "INSERT INTO entries (feed_id, uid, key, kind, time, first_seen, title, link, author, thread) "
            "VALUES (1, 'a', 'a', 'post', 1699990000, 1700000000, 'Før', 'l', 'Gry', 't')",
        ):
            connection.execute(text(statement))
    engine.dispose()


def dump(store: Path) -> list[str]:
    """All that is in the store, as SQL."""
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
        return list(db.iterdump())


def revision(store: Path) -> str:
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
        return str(db.execute("SELECT version_num FROM alembic_version").fetchone()[0])


def kept_first() -> None:
    """The copy holds all that there was, and the log says where it is."""
    with a_folder() as folder, a_village(2, 2) as village:
        office = Bureau(folder / "kontor").write(village.feeds, village.sites)
        make_old(office.store)
        before = dump(office.store)
        ended = office.must_run(night(0))
        copy = office.store.with_name(f"{office.store.name}.before-{NEWEST}")
        assert dump(copy) == before
        sound(copy)
        assert copy.name in ended.err, ended.err
        say(ended.err.strip().splitlines()[0])
        assert revision(office.store) == NEWEST
        sound(office.store)


def killed_before(steps: list[int] | None = None) -> int:
    """Killed before each step in turn (or before ``steps``): the old store as it was, until one run gets through."""
    with a_folder() as folder, a_village(2, 2) as village:
        office = Bureau(folder / "kontor").write(village.feeds, village.sites)
        make_old(office.store)
        before, kills = dump(office.store), 0
        for step in steps or itertools.count(1):
            runner = ("-m", "tests.durability.migration", "--die", str(step))
            ended = office.run(night(0), "status", "--json", runner=runner)
            if ended.code != -signal.SIGKILL:
                assert ended.code == 0, ended.err
                break
            kills += 1
            sound(office.store)
            if revision(office.store) == NEWEST:  # killed when all was done
                break
            assert dump(office.store) == before, f"killed before step {step}, the old store is not as it was"
        office.must_run(night(0))
        assert revision(office.store) == NEWEST
        assert dump(office.store.with_name(f"{office.store.name}.before-{NEWEST}")) == before
    return kills


def failing() -> None:
    """A migration that cannot be done: a sentence, and the old store as it was."""
    with a_folder() as folder, a_village(2, 2) as village:
        office = Bureau(folder / "kontor").write(village.feeds, village.sites)
        make_old(office.store)
        with closing(sqlite3.connect(office.store)) as db:
            db.execute("ALTER TABLE feeds ADD COLUMN moving_to TEXT")  # in the way of the migration's own
            db.commit()
        before = dump(office.store)
        told(office.run(night(0)), "cannot be used")
        assert dump(office.store) == before


def of_a_newer_version() -> None:
    """A store of a version to come is refused untouched."""
    with a_folder() as folder, a_village(2, 2) as village:
        office = Bureau(folder / "kontor").write(village.feeds, village.sites)
        make_old(office.store)
        with closing(sqlite3.connect(office.store)) as db:
            db.execute("UPDATE alembic_version SET version_num = '9999'")
            db.commit()
        before = bytes_of(office.store)
        told(office.run(night(0)), "newer Oximeter")
        assert bytes_of(office.store) == before


def _die_while_migrating(last: int) -> None:
    """Have this process killed before the ``last`` step from where the copy begins to where all is committed."""
    from monitor.store import backup

    steps, real, mine = itertools.count(1), backup.copy, os.getpid()

    def step(*_: Any) -> None:
        if os.getpid() == mine and next(steps) == last:
            os.kill(mine, signal.SIGKILL)

    def copy(source: Path, target: Path) -> None:
        from sqlalchemy import event
        from sqlalchemy.engine import Engine

        event.listen(Engine, "before_cursor_execute", step)
        event.listen(Engine, "commit", step)
        sys.addaudithook(lambda name, _: step() if name in ("os.rename", "os.remove", "sqlite3.connect") else None)
        real(source, target)

    backup.copy = copy


def main() -> None:
    for scenario in (kept_first, failing, of_a_newer_version):
        say(f"- {scenario.__name__.replace('_', ' ')}")
        scenario()
    say(f"- killed before each of its steps: {killed_before()} kills")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--die"]:
        from monitor.cli import main as oximeter

        _die_while_migrating(int(sys.argv[2]))
        oximeter(sys.argv[3:], prog_name="oximeter")
    play(main)
