"""Names longer than a database can index are shortened, and stand for the same contribution every night."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from monitor.model import Entry, Kind
from monitor.store import Store, open_store, opening
from monitor.store.schema import entries, reply_counts
from monitor.store.sql import LONGEST_NAME, clean, short
from tests.store.builders import FORUM, POSTS, REPLIES, START, a_reading, a_store

LONG = "привет" * 333
NAMES = ("uid", "key", "thread", "place")


def a_long_post(ending: str = "", **more: Any) -> Entry:
    names: dict[str, Any] = {name: f"{LONG}{name}{ending}" for name in NAMES} | {"thread": LONG}
    return replace(Entry("", "", Kind.POST, None), **names, **more)


def names_in(store: Store) -> list[str]:
    with store._reading() as connection:
        return [value for row in connection.execute(select(*(entries.c[name] for name in NAMES))) for value in row]


def test_an_entry_with_long_names_is_stored_once_under_names_that_every_database_indexes(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        assert [store.record(a_reading(a_long_post(), night=night)) for night in (0, 1)] == [1, 0]
        assert store.record(a_reading(a_long_post(), url=REPLIES)) == 1
        assert max(len(name.encode()) for name in names_in(store)) <= LONGEST_NAME
        assert store.history(FORUM).total_posts == 1  # seen through two feeds, by one key


def test_entries_whose_long_names_differ_at_the_end_alone_are_several(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        posts = [a_long_post(str(number), title=str(number)) for number in range(3)]
        assert [store.record(a_reading(*posts, night=night)) for night in (0, 1)] == [3, 0]
        assert store.history(FORUM).total_posts == 3


def test_replies_stay_in_a_thread_with_a_long_name(tmp_path: Path) -> None:
    reply = Entry("r", "r", Kind.REPLY, START, thread=LONG)
    with a_store(tmp_path) as store:
        store.record(a_reading(a_long_post(reply_count=1), reply))
        assert {event.thread for event in store.history(FORUM).events} == {short(LONG)}
        assert store.history(FORUM).total_replies == 1


@given(st.text(max_size=50), st.integers(1, 60))
def test_a_short_name_stays_as_it_is_and_no_name_is_too_long(piece: str, times: int) -> None:
    whole = piece * times
    name = short(whole)
    assert len(name.encode()) <= LONGEST_NAME
    assert short(name) == name
    assert (name == clean(whole)) == (len(clean(whole).encode()) <= LONGEST_NAME)


@pytest.mark.parametrize("long", NAMES)
def test_an_older_store_s_long_names_become_those_of_today_with_all_that_belongs_to_them(
    tmp_path: Path, long: str
) -> None:
    url = f"sqlite:///{tmp_path}/old.db"
    row: dict[str, Any] = {name: LONG if name == long else name for name in NAMES}
    with opening.connect(opening.read_url(url)).execution_options(writing=True).begin() as connection:
        settings = opening._alembic()
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0002")
        connection.execute(text("INSERT INTO channels (id) VALUES ('debat')"))
        connection.execute(
            text(
                "INSERT INTO feeds (id, channel, url, address, gone, missed, platform, title, reason, new_entries) "
                "VALUES (1, 'debat', :url, :url, 0, 0, '', '', '', 0)"
            ),
            {"url": POSTS},
        )
        connection.execute(
            text(
                "INSERT INTO entries (feed_id, uid, key, kind, first_seen, title, link, author, thread, place) "
                "VALUES (1, :uid, :key, 'post', :time, 'Titel', '', 'Gry', :thread, :place)"
            ),
            row | {"time": START},
        )
        connection.execute(
            text("INSERT INTO reply_counts (feed_id, uid, time, replies) VALUES (1, :uid, :time, 7)"),
            {"uid": row["uid"], "time": START},
        )
    with open_store(url) as store:
        post = Entry(kind=Kind.POST, title="Titel", author="Gry", **row)
        assert store.record(a_reading(post, night=1)) == 0
        assert sorted(names_in(store)) == sorted(map(short, row.values()))
        with store._reading() as connection:
            assert connection.execute(select(reply_counts.c.uid, reply_counts.c.replies)).all() == [
                (short(row["uid"]), 7)
            ]
        assert [event.time for event in store.history(FORUM).events] == [START]
