from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, event

from monitor.errors import StoreError
from monitor.store import backup, open_store, opening
from monitor.store.opening import _known_revisions, migrate
from monitor.store.schema import REVISION, metadata
from tests.durability.migration import dump, make_old
from tests.store.builders import FORUM, a_post, a_reading, a_store


def refusal(path: Path) -> str:
    before = path.read_bytes()
    with pytest.raises(StoreError) as raised:
        open_store(f"sqlite:///{path}")
    assert path.read_bytes() == before
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_new_store_has_the_newest_tables_and_waits_for_others(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'oximeter.db'}")
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert REVISION in _known_revisions()
    engine.dispose()


def shape(path: Path) -> dict[str, object]:
    """All that a store's tables are: columns, keys, indexes and triggers, in whatever order they were made."""
    with closing(sqlite3.connect(path)) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        pragmas = ("table_info", "foreign_key_list", "index_list")
        found: dict[str, object] = {
            f"{pragma} {table}": sorted(repr(row[1:]) for row in db.execute(f"PRAGMA {pragma}({table})"))
            for pragma in pragmas
            for table in tables
        }
        for name, kind, sql in db.execute("SELECT name, type, sql FROM sqlite_master WHERE type <> 'table'"):
            columns = [row[2] for row in db.execute(f"PRAGMA index_info({name})")] if kind == "index" else sql
            found[name] = columns, "WHERE" in (sql or "")
    return found


def test_a_new_store_is_what_the_migrations_lead_to(tmp_path: Path) -> None:
    a_store(tmp_path).close()
    engine = create_engine(f"sqlite:///{tmp_path}/old.db")
    with engine.begin() as connection:
        opening._upgrade(connection, "old.db")
    engine.dispose()
    assert shape(tmp_path / "data" / "oximeter.db") == shape(tmp_path / "old.db")


def test_every_connection_has_its_settings(tmp_path: Path) -> None:
    with a_store(tmp_path) as store, store._reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL: what is sent stays sent


def test_the_url_says_how_long_to_wait_for_others(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path}/o.db?timeout=0.05") as store:
        with store._reading() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 50
        with closing(sqlite3.connect(tmp_path / "o.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(StoreError, match="held by another program"):
                store.record(a_reading(a_post("a")))
        assert store.record(a_reading(a_post("a"))) == 1


@pytest.mark.parametrize("timeout", ["soon", "-1", "nan", "1e9"])
def test_a_wait_that_is_no_time_is_a_sentence(tmp_path: Path, timeout: str) -> None:
    with pytest.raises(StoreError, match="expected seconds"):
        open_store(f"sqlite:///{tmp_path}/o.db?timeout={timeout}")


def test_a_path_with_spaces_and_danish_letters_works(tmp_path: Path) -> None:
    path = tmp_path / "blå bær på øen" / "målinger 100 %.db"
    for expected in (1, 0):
        with open_store(f"sqlite:///{path}") as store:
            assert store.record(a_reading(a_post("a"))) == expected
    assert path.exists()


@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
def test_a_store_taken_away_under_us_is_told_before_anything_more_is_lost(tmp_path: Path, how: str) -> None:
    path = tmp_path / "data" / "oximeter.db"
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        path.rename(tmp_path / "away")
        if how == "deleted":
            (tmp_path / "away").unlink()
        if how == "replaced":
            path.write_bytes((tmp_path / "away").read_bytes())
        for use in (store.waiting, lambda: store.record(a_reading(a_post("b")))):
            with pytest.raises(StoreError, match="moved, deleted or replaced"):
                use()
        assert path.exists() == (how == "replaced")


def test_a_store_that_may_not_grow_is_a_sentence_and_keeps_what_it_had(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        pages = []

        def bound(connection: sqlite3.Connection, _record: object) -> None:
            pages.append(connection.execute("PRAGMA max_page_count = 1").fetchone()[0])  # no fewer than there are

        event.listen(store._engine, "connect", bound)
        store._engine.dispose()
        with pytest.raises(StoreError, match="no room left"):
            store.record(a_reading(*[a_post(str(n), title=f"{n} " * 500) for n in range(100)]))
        assert store.history(FORUM).total_posts == 1
        event.remove(store._engine, "connect", bound)
        store._engine.dispose()
        assert store.record(a_reading(a_post("b", title="andet"), night=1)) == 1


def test_opening_again_keeps_what_was_stored(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
    with a_store(tmp_path) as store:
        assert store.history(FORUM).total_posts == 1


def test_migrating_the_newest_store_changes_nothing(tmp_path: Path) -> None:
    with a_store(tmp_path) as store, store._writing() as connection:
        migrate(connection, store.name)


def test_a_store_in_memory_works() -> None:
    with open_store("sqlite://") as store:
        assert store.record(a_reading(a_post("a"))) == 1


def test_an_empty_file_becomes_a_store(tmp_path: Path) -> None:
    (tmp_path / "new.db").touch()
    with open_store(f"sqlite:///{tmp_path / 'new.db'}") as store:
        assert store.waiting() == []


def test_a_database_without_tables_becomes_a_store(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "bare.db")) as db:
        db.execute("PRAGMA user_version = 1")
        db.commit()
    open_store(f"sqlite:///{tmp_path / 'bare.db'}").close()


def test_a_store_from_a_newer_version_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "newer.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE alembic_version (version_num TEXT)")
        db.execute("INSERT INTO alembic_version VALUES ('9999')")
        db.commit()
    assert "newer Oximeter" in refusal(path)
    assert "9999" in refusal(path)


def test_another_programs_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
        db.commit()
    assert "another program" in refusal(path)


def test_a_file_that_is_no_database_is_refused_untouched(tmp_path: Path) -> None:
    path = tmp_path / "letter.db"
    path.write_text("Kære dagbog. " * 500)
    assert str(path) in refusal(path)
    assert "not an SQLite database" in refusal(path)


def test_a_truncated_store_is_refused_untouched(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(*[a_post(str(n), title="x" * 200) for n in range(500)]))
    path = tmp_path / "data" / "oximeter.db"
    path.write_bytes(path.read_bytes()[:5000])
    assert "damaged" in refusal(path)


def test_a_folder_in_place_of_the_file_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path}")


def test_a_file_in_place_of_the_folder_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("in the way")
    with pytest.raises(StoreError, match="cannot be used"):
        a_store(tmp_path)


def test_a_missing_folder_is_not_made_unless_asked(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(f"sqlite:///{tmp_path / 'none' / 'oximeter.db'}", create_parents=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/db", "postgresql+nodriver://u:hemmelig@host/db"])
def test_an_impossible_url_is_a_sentence_without_the_password(url: str) -> None:
    with pytest.raises(StoreError) as raised:
        open_store(url)
    assert "hemmelig" not in str(raised.value)


def test_a_postgresql_server_that_is_not_there_is_a_sentence_without_the_password() -> None:
    with pytest.raises(StoreError) as raised:
        open_store("postgresql+psycopg://u:hemmelig@127.0.0.1:1/db")
    assert "hemmelig" not in str(raised.value)


def test_a_table_that_vanished_is_a_sentence_without_sql(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        with store._writing() as connection:
            connection.exec_driver_sql("DROP TABLE reply_counts")
        with pytest.raises(StoreError, match="no such table") as raised:
            store.record(a_reading(a_post("a", reply_count=1)))
        assert "INSERT" not in str(raised.value)


def test_a_store_of_the_first_version_is_brought_up_to_date_with_all_it_knew(tmp_path: Path) -> None:
    from alembic import command
    from sqlalchemy import text

    from monitor.model import Channel
    from monitor.store import opening

    url = f"sqlite:///{tmp_path}/old.db"
    with opening.connect(opening.read_url(url)).execution_options(writing=True).begin() as connection:
        settings = opening._alembic()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0001")
        feed = (
            "INSERT INTO feeds (id, channel, url, address, etag, gone, missed, platform, title, reason, new_entries) "
            "VALUES (1, 'c', 'u', 'u', 'e', 0, 1, 'generic', '', '', 0)"
        )
        fetch = (
            "INSERT INTO fetches (feed_id, time, outcome, reason, size, seconds, shown, new_entries, missed) "
            "VALUES (1, 1700000000, 'updated', '', 0, 0, 1, 1, 1)"
        )
        entry = (
            "INSERT INTO entries (feed_id, uid, key, kind, time, first_seen, title, link, author, thread) "
            "VALUES (1, 'a', 'a', 'post', 1699990000, 1700000000, 'T', 'l', 'Gry', 't')"
        )
        for statement in ("INSERT INTO channels (id, first_watched) VALUES ('c', 1)", feed, fetch, entry):
            connection.execute(text(statement))
    channel = Channel("c", "C", ("u",))
    with open_store(url) as store:
        found = store.history(channel)
        assert (found.total_posts, found.at_least) == (1, True)
        assert [gap.noticed for gap in found.feeds[0].gaps] == [1_700_000_000]
        assert store.feed_states([channel])[0].etag is None  # read whole once more, for what is now looked at


def test_an_old_store_is_copied_whole_before_it_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "gammel.db"
    make_old(path)
    before = dump(path)
    open_store(f"sqlite:///{path}").close()
    assert dump(path.with_name(f"gammel.db.before-{REVISION}")) == before
    assert dump(path) != before
    open_store(f"sqlite:///{path}").close()
    assert dump(path.with_name(f"gammel.db.before-{REVISION}")) == before


def test_without_room_for_the_copy_an_old_store_stays_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "gammel.db"
    make_old(path)
    before = dump(path)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "copy", full)
    with pytest.raises(StoreError, match="No space left on device"):
        open_store(f"sqlite:///{path}")
    assert dump(path) == before
