from __future__ import annotations

import logging
import os
import shutil
import sqlite3
from collections import namedtuple
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path

import pytest

from monitor.errors import StoreError
from monitor.store import check_store, mending, open_store
from monitor.store.backup import backups, copy, is_sound
from monitor.store.trouble import StoreDamaged
from tests.store.builders import FORUM, START, a_post, a_reading, a_store

MONDAY = date(2026, 3, 2)


def path_of(folder: Path) -> Path:
    return folder / "data" / "oximeter.db"


def url_of(folder: Path) -> str:
    return f"sqlite:///{path_of(folder)}"


def filled(folder: Path, *posts: str) -> Path:
    """A store with some posts, each in a night of its own."""
    with a_store(folder) as store:
        for night, post in enumerate(posts or ("a",)):
            store.record(a_reading(a_post(post, START + night * 3_600, title=f"{post} " * 1000), night=night))
    return path_of(folder)


def posts_in(folder: Path) -> int:
    with a_store(folder) as store:
        return store.history(FORUM).total_posts


def keep(folder: Path, *days: int) -> list[str]:
    """The backups' days after a run in the evening of each of these days."""
    with a_store(folder) as store:
        for day in days:
            store.keep_backup(MONDAY + timedelta(days=day))
    return [str(one.day) for one in backups(path_of(folder))]


def damaged(path: Path) -> bytes:
    """The store with its first page overwritten; its bytes."""
    path.write_bytes(b"\xff" * 4096 + path.read_bytes()[4096:])
    return path.read_bytes()


def meet(folder: Path) -> StoreDamaged:
    with pytest.raises(StoreDamaged) as raised:
        open_store(url_of(folder))
    return raised.value


def test_the_first_run_that_has_something_to_keep_makes_a_backup_and_then_one_a_week_is_made(tmp_path: Path) -> None:
    assert keep(tmp_path, 0) == []
    filled(tmp_path)
    assert keep(tmp_path, 1, 2, 7) == ["2026-03-03"]
    assert keep(tmp_path, 8) == ["2026-03-10", "2026-03-03"]
    assert keep(tmp_path, 9, 14, 15) == ["2026-03-17", "2026-03-10"]


def test_a_backup_is_one_sound_file_with_all_that_was_still_in_the_wal(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        assert path_of(tmp_path).with_name("oximeter.db-wal").stat().st_size > 0
        store.keep_backup(MONDAY)
    (made,) = backups(path_of(tmp_path))
    assert sorted(one.name for one in made.path.parent.iterdir()) == ["oximeter.db", made.path.name]
    made.path.parent.chmod(0o500)
    with closing(sqlite3.connect(f"{made.path.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
        assert db.execute("SELECT uid FROM entries").fetchall() == [("uid-a",)]
        assert db.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    made.path.parent.chmod(0o700)


def test_a_backup_is_as_private_as_the_store(tmp_path: Path) -> None:
    filled(tmp_path).chmod(0o640)
    keep(tmp_path, 0)
    (made,) = backups(path_of(tmp_path))
    assert made.path.stat().st_mode & 0o777 == 0o640


def test_a_backup_of_a_day_to_come_is_neither_counted_nor_removed(tmp_path: Path) -> None:
    path = filled(tmp_path)
    ahead = path.with_name("oximeter.db.backup-2036-01-01")
    ahead.write_bytes(b"made while the clock was wrong")
    assert keep(tmp_path, 0, 7, 14) == ["2036-01-01", "2026-03-16", "2026-03-09"]


def test_without_room_for_three_stores_no_backup_is_made_and_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    size = filled(tmp_path).stat().st_size
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9 * size, 7 * size, 3 * size - 1))
    assert keep(tmp_path, 0) == []
    assert "3 times" in caplog.text
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(9 * size, 5 * size, 4 * size))
    assert keep(tmp_path, 0) == ["2026-03-02"]


def test_a_backup_that_cannot_be_written_is_logged_and_leaves_the_older_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    filled(tmp_path)
    keep(tmp_path, 0)

    def refuse(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    assert keep(tmp_path, 7) == ["2026-03-02"]
    assert "No space left on device" in caplog.text
    assert not list(path_of(tmp_path).parent.glob("*.part*"))


def test_a_store_that_turns_out_to_be_damaged_takes_no_sound_backups_place(tmp_path: Path) -> None:
    path = filled(tmp_path, *map(str, range(60)))
    keep(tmp_path, 0)
    with a_store(tmp_path) as store:
        pages = path.stat().st_size // 4096
        with path.open("r+b") as file:
            file.seek((pages - 3) * 4096)
            file.write(b"\xff" * 8192)
        with pytest.raises(StoreDamaged):
            store.keep_backup(MONDAY + timedelta(days=7))
    assert [str(one.day) for one in backups(path)] == ["2026-03-02"]
    assert all(is_sound(one.path) for one in backups(path))


def test_a_copy_half_made_by_a_killed_run_is_no_backup_and_is_cleared_away(tmp_path: Path) -> None:
    path = filled(tmp_path)
    for name in ("oximeter.db.backup-2026-03-02.part", "oximeter.db.backup-2026-03-02.part-journal"):
        path.with_name(name).write_bytes(b"half")
    assert backups(path) == []
    mending.tidy(url_of(tmp_path), MONDAY)
    assert not path.with_name("oximeter.db.backup-2026-03-02.part").exists()


def test_a_damaged_store_is_kept_aside_with_its_wal_and_the_newest_sound_backup_takes_its_place(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = filled(tmp_path, "a", "b")
    keep(tmp_path, 0)
    filled(tmp_path, "a", "b", "c")
    keep(tmp_path, 7)
    backups(path)[0].path.write_bytes(b"not sound")
    before = damaged(path)
    path.with_name("oximeter.db-wal").write_bytes(b"what was written last")
    told = meet(tmp_path)
    mending.mend(url_of(tmp_path), MONDAY + timedelta(days=8), told)
    aside = path.with_name("oximeter.db.damaged-2026-03-10")
    assert aside.read_bytes() == before
    assert aside.with_name(aside.name + "-wal").read_bytes() == b"what was written last"
    assert aside.with_name(aside.name + ".note").read_text(encoding="utf-8").splitlines()[0] == "2026-03-02"
    assert posts_in(tmp_path) == 2
    assert [str(one.day) for one in backups(path)] == ["2026-03-09", "2026-03-02"]
    assert str(aside) in caplog.text


def test_a_second_damaged_store_of_one_day_is_kept_beside_the_first(tmp_path: Path) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    for _ in range(3):
        damaged(path)
        mending.mend(url_of(tmp_path), MONDAY, meet(tmp_path))
    asides = sorted(one.name for one in path.parent.iterdir() if one.name.endswith(".note"))
    assert asides == [f"oximeter.db.damaged-2026-03-02{n}.note" for n in ("-2", "-3", "")]
    assert posts_in(tmp_path) == 1


@pytest.mark.parametrize("size", [100, 4096, 5000])
def test_a_truncated_store_is_damaged(tmp_path: Path, size: int) -> None:
    path = filled(tmp_path, *map(str, range(20)))
    path.write_bytes(path.read_bytes()[:size])
    assert "damaged" in str(meet(tmp_path)) or "not an SQLite database" in str(meet(tmp_path))


def test_without_a_backup_a_damaged_store_is_refused_untouched(tmp_path: Path) -> None:
    path = filled(tmp_path)
    before = damaged(path)
    told = meet(tmp_path)
    with pytest.raises(StoreDamaged) as raised:
        mending.mend(url_of(tmp_path), MONDAY, told)
    assert raised.value is told
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]


def test_looking_says_what_the_next_run_will_do_and_renames_nothing(tmp_path: Path) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    before = damaged(path)
    with pytest.raises(StoreError, match="puts back the backup of 2026-03-02"):
        check_store(url_of(tmp_path))
    assert "puts back the backup of 2026-03-02" in str(meet(tmp_path))
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


def test_a_backup_of_another_program_or_of_a_newer_oximeter_is_not_gone_on_from(tmp_path: Path) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    for sql in ("UPDATE alembic_version SET version_num = '9999'", "DROP TABLE alembic_version"):
        with closing(sqlite3.connect(backups(path)[0].path)) as db:
            db.execute(sql)
            db.commit()
        before = damaged(path)
        with pytest.raises(StoreDamaged):
            mending.mend(url_of(tmp_path), MONDAY, meet(tmp_path))
        assert path.read_bytes() == before


def test_a_disk_too_full_for_the_backup_leaves_the_damaged_store_where_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    before, told = damaged(path), meet(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(mending, "write_whole", full)
    with pytest.raises(StoreError, match="No space left on device"):
        mending.mend(url_of(tmp_path), MONDAY, told)
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


@pytest.mark.parametrize("step", range(1, 8))
def test_a_mending_that_is_killed_before_any_of_its_steps_is_finished_by_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    before, told = damaged(path), meet(tmp_path)
    path.with_name("oximeter.db-wal").write_bytes(b"what was written last")
    steps = iter(range(1, 100))

    class Killed(BaseException):
        pass

    def dying(name: str) -> None:
        real = getattr(os, name)

        def call(*arguments: object, **more: object) -> object:
            if next(steps) == step:
                # Dead processes clean nothing up.
                monkeypatch.setattr(mending, "discard", lambda *_: None)
                raise Killed
            return real(*arguments, **more)

        monkeypatch.setattr(os, name, call)

    with monkeypatch.context() as within:
        monkeypatch = within
        dying("rename")
        dying("replace")
        try:
            mending.mend(url_of(tmp_path), MONDAY, told)
        except Killed:
            pass
        else:
            assert step > 5  # copy, note, store, WAL and copy again are the renames that there are
    with_damage = MONDAY + timedelta(days=1)
    mending.tidy(url_of(tmp_path), with_damage)
    if path.read_bytes() == before:
        mending.mend(url_of(tmp_path), with_damage, meet(tmp_path))
    assert posts_in(tmp_path) == 1
    asides = [one for one in path.parent.iterdir() if ".damaged-" in one.name and one.suffix.startswith(".damaged")]
    assert before in [one.read_bytes() for one in asides]
    assert b"what was written last" in [one.read_bytes() for one in asides]


def test_a_store_half_put_back_is_not_made_anew_by_somebody_who_only_looks(tmp_path: Path) -> None:
    path = filled(tmp_path)
    copy(path, path.with_name("oximeter.db.restored"))
    path.unlink()
    with pytest.raises(StoreError, match="just being put back"):
        open_store(url_of(tmp_path))
    assert not path.exists()
    mending.tidy(url_of(tmp_path), MONDAY)
    assert posts_in(tmp_path) == 1


@pytest.mark.parametrize("lost", ["deleted", "emptied", "made anew"])
def test_a_store_that_is_gone_is_put_back_from_its_backup(tmp_path: Path, lost: str) -> None:
    path = filled(tmp_path)
    keep(tmp_path, 0)
    path.unlink()
    if lost == "emptied":
        path.touch()
    if lost == "made anew":
        a_store(tmp_path).close()
    if lost == "deleted":
        assert "puts back the backup of 2026-03-02" in check_store(url_of(tmp_path))
    mending.tidy(url_of(tmp_path), MONDAY)
    assert posts_in(tmp_path) == 1
    (note,) = path.parent.glob("*.note")
    assert note.read_text(encoding="utf-8").startswith("2026-03-02\n")


def test_a_new_store_and_a_full_one_are_left_as_they_are(tmp_path: Path) -> None:
    mending.tidy(url_of(tmp_path), MONDAY)
    assert list(tmp_path.iterdir()) == []
    filled(tmp_path, "a", "b")
    keep(tmp_path, 0)
    mending.tidy(url_of(tmp_path), MONDAY)
    assert posts_in(tmp_path) == 2
    assert not list(path_of(tmp_path).parent.glob("*.note"))


def test_stores_in_memory_and_on_servers_are_left_to_their_own_means(tmp_path: Path) -> None:
    for url in ("sqlite://", "postgresql+psycopg://u@127.0.0.1:1/db"):
        mending.tidy(url, MONDAY)
        with pytest.raises(StoreDamaged):
            mending.mend(url, MONDAY, StoreDamaged("damaged"))
    with open_store("sqlite://") as store:
        store.keep_backup(MONDAY)


def test_a_link_to_a_store_elsewhere_is_followed(tmp_path: Path) -> None:
    real = filled(tmp_path / "disk")
    (tmp_path / "data").mkdir()
    path_of(tmp_path).symlink_to(real)
    keep(tmp_path, 0)
    assert [one.path.parent for one in backups(real)] == [real.parent]
    damaged(real)
    mending.mend(url_of(tmp_path), MONDAY, meet(tmp_path))
    assert path_of(tmp_path).is_symlink()
    assert posts_in(tmp_path) == 1


def test_text_that_is_no_longer_text_is_damage(tmp_path: Path) -> None:
    path = filled(tmp_path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("UPDATE entries SET title = CAST(x'ff00ff' AS TEXT)")
        db.commit()
    with pytest.raises(StoreDamaged), a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", title="y"), night=5))


def test_the_log_says_when_a_backup_was_made(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    filled(tmp_path)
    with caplog.at_level(logging.INFO, "oximeter.store"):
        keep(tmp_path, 0)
    assert "backup-2026-03-02" in caplog.text
