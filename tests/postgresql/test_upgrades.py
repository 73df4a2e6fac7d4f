"""A store of any older version on a server is brought up to date with all that it knew."""

from __future__ import annotations

from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from monitor.errors import StoreError
from monitor.model import Channel, Entry, Kind
from monitor.store import check_store, open_store, opening
from monitor.store.schema import REVISION, metadata
from monitor.store.sql import LONGEST_NAME
from tests.postgresql.server import Server
from tests.store.builders import FORUM, POSTS, START, a_post, a_reading

REVISIONS = sorted(opening._known_revisions())
LONG = "https://blog.example/" + "å" * 1_300
"""Longer than is kept today, and still short enough for an index of an older store."""


def _insert(connection: Any, table: str, **row: Any) -> None:
    names = ", ".join(row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({', '.join(f':{name}' for name in row)})"), row)


def an_old_store(url: str, revision: str, uid: str = "uid-a") -> None:
    """A store as it was at ``revision``: a feed that was read once, had a gap, and shows a post with seven replies."""
    with opening.connect(opening.read_url(url)).begin() as connection:
        settings = opening._alembic()
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
        _insert(connection, "channels", id="debat", first_watched=START)
        _insert(
            connection, "feeds", channel="debat", url=POSTS, address=POSTS, etag='"1"', gone=False, missed=True,
            platform="generic", title="Debat", reason="", new_entries=1, last_fetch=START, last_read=START,
        )  # fmt: skip
        _insert(
            connection, "fetches", feed_id=1, time=START, outcome="updated", reason="", size=0, seconds=0.0, shown=1,
            new_entries=1, missed=True,
        )  # fmt: skip
        _insert(
            connection, "entries", feed_id=1, uid=uid, key="key-a", kind="post", time=START - 60, first_seen=START,
            title="Titel", link="", author="Gry", thread="a",
        )  # fmt: skip
        _insert(connection, "reply_counts", feed_id=1, uid=uid, time=START, replies=7)


@pytest.mark.parametrize("revision", REVISIONS)
def test_a_store_of_every_version_is_brought_up_to_date(server: Server, revision: str) -> None:
    url = server.url(name := server.a_database())
    an_old_store(url, revision)
    if revision != REVISION:
        assert "brought up to date" in check_store(url)
    with open_store(url) as store:
        with store._reading() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert store.history(FORUM).total_posts == 1
        assert store.record(a_reading(a_post("a", START - 60, title="Titel", author="Gry"), night=1)) == 0
        assert store.record(a_reading(a_post("b", START + 90), night=2)) == 1
        assert store.history(FORUM).total_posts == 2
    server.drop(name)


def test_names_too_long_for_today_are_shortened_with_what_belongs_to_them(server: Server) -> None:
    url = server.url(name := server.a_database())
    an_old_store(url, "0002", uid=LONG)
    with open_store(url) as store:
        with store._reading() as connection:
            uids = set(connection.execute(text("SELECT uid FROM entries UNION SELECT uid FROM reply_counts")).scalars())
        post = Entry(LONG, "key-a", Kind.POST, START - 60, title="Titel", author="Gry", thread="a")
        assert store.record(a_reading(post, night=1)) == 0
    assert len(uids) == 1
    assert len(uids.pop().encode()) <= LONGEST_NAME
    server.drop(name)


def test_a_store_of_a_newer_version_is_refused_untouched(server: Server, database: str) -> None:
    server.does("UPDATE alembic_version SET version_num = '9999'", database)
    for use in (open_store, check_store):
        with pytest.raises(StoreError, match="newer Oximeter"):
            use(server.url(database))
    assert server.does("SELECT version_num FROM alembic_version", database) == [("9999",)]


def test_a_database_named_without_its_driver_is_opened_with_ours(url: str) -> None:
    with open_store(url.replace("+psycopg", "")) as store:
        assert store.record(a_reading(a_post("a"))) == 1
        assert store.feed_states([Channel("debat", "D", (POSTS,))])[0].asked == START
