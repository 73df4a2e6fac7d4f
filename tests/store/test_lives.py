"""Lives read for measuring are the histories that the store tells one at a time, whether read anew or from digests."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Channel, Entry, EventColumns, History, Kind, Outcome, Reading
from monitor.oxygen import Activity, Promise, measure, participants, participants_of, staff_matcher
from monitor.store import Store
from monitor.store.digests import pack, unpack
from monitor.store.lives import read
from tests.store.builders import FORUM, NIGHT, POSTS, START, a_post, a_reading, a_reply, a_store

NUMBERS = itertools.count()
NAMES = ("", "Anna", "Bo", "Søren Ærø", "anna")
STAFF = staff_matcher(["Anna", "*@x.example"])


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with a_store(tmp_path_factory.mktemp("lives")) as opened:
        yield opened


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Entries with few keys, places and moments, so that feeds and nights often show the same."""
    number = draw(st.integers(0, 7))
    return Entry(
        uid=f"uid-{number}",
        key=f"key-{draw(st.integers(0, 7))}",
        kind=draw(st.sampled_from(Kind)),
        time=draw(st.none() | st.integers(-3, 3).map(lambda days: START + days * NIGHT // 2)),
        title=draw(st.sampled_from(["", "Nyt"])),
        author=draw(st.sampled_from(NAMES)),
        email=draw(st.sampled_from(["", "a@x.example"])),
        thread=draw(st.sampled_from(["", "t1", "t2"])),
        reply_count=draw(st.none() | st.integers(0, 4)),
        place=draw(st.sampled_from(["", "p1", f"p-{number}"])),
    )


READINGS = st.lists(
    st.tuples(st.integers(0, 1), st.integers(0, 4), st.lists(entries(), max_size=5, unique_by=lambda one: one.uid)),
    min_size=1,
    max_size=6,
)


def a_channel() -> Channel:
    name = f"c{next(NUMBERS)}"
    return Channel(name, name, (f"https://{name}.example/a", f"https://{name}.example/b"))


def recorded(store: Store, channel: Channel, feed: int, night: int, shown: list[Entry]) -> None:
    url, time = channel.feeds[feed], START + night * NIGHT
    digest = f"{night} {len(shown)} {next(NUMBERS)}"
    reading = Reading(channel.id, url, Outcome.UPDATED, "read", time, url, digest=digest, entries=tuple(shown))
    store.record(reading)


def the_same(told: History, history: History, columns: EventColumns) -> None:
    """What the columns hold is what the history tells."""
    assert replace(told, events=(), counted=(), began=told.first) == history
    assert columns.times.tolist() == [event.time for event in told.events]
    assert columns.is_reply.tolist() == [event.kind is Kind.REPLY for event in told.events]
    assert columns.dated.tolist() == [event.dated for event in told.events]
    signed = [("", "") if place < 0 else columns.signatures[place] for place in columns.signature]
    assert signed == [(event.author, event.email) for event in told.events]
    assert columns.counted_times.tolist() == [more.time for more in told.counted]
    assert columns.counted.tolist() == [more.replies for more in told.counted]
    numbers = [*columns.thread.tolist(), *columns.counted_thread.tolist()]
    names = [*(event.thread for event in told.events), *(more.thread for more in told.counted)]
    pairs = set(zip(numbers, names, strict=True))
    assert len(pairs) == len(set(numbers)) == len(set(names))
    assert all((number == -1) == (name == "") for number, name in pairs)


def measured_the_same(told: History, columns: EventColumns, now: int) -> None:
    """Every figure is the same to the last digit, and so are the people."""
    plain, fast = Activity.of(told.events, told.counted, STAFF), Activity.of_columns(columns, STAFF)
    promise = Promise(posts_per_month=2, answer_within_days=2)
    assert measure(plain, promise, now) == measure(fast, promise, now)
    assert participants(told.events, STAFF, START) == participants_of(columns, STAFF, START)


@settings(max_examples=150, deadline=None)
@given(READINGS, st.integers(-1, 5))
def test_any_sequence_of_recordings_is_read_alike_all_ways(
    store: Store, readings: list[tuple[int, int, list[Entry]]], night: int
) -> None:
    channel = a_channel()
    for feed, at, shown in readings:
        recorded(store, channel, feed, at, shown)
        for until in (None, START + night * NIGHT, START + 9 * NIGHT):
            told = store.history(channel, until)
            for _ in range(2):  # the second time from a digest, where there is one
                ((history, columns, digest),) = store.lives([channel], until)
                the_same(told, history, columns)
                measured_the_same(told, columns, until or START + 9 * NIGHT)
                store.keep_digests([] if digest is None else [digest])


def test_a_digest_is_made_once_and_used_until_an_entry_is_written(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", author="Anna")))

        def digest(until: int | None = START + NIGHT) -> bool:
            ((_, _, made),) = store.lives([FORUM], until)
            store.keep_digests([] if made is None else [made])
            return made is not None

        assert digest()
        assert not digest()
        store.record(a_reading(a_post("a", author="Anna"), night=1))
        assert not digest(), "the same entries once more change nothing"
        store.record(a_reading(a_post("a", author="Bo"), night=2))
        assert digest(), "an author was put right"
        store.record(a_reading(a_post("a", author="Bo", reply_count=3), night=3))
        assert digest(START + 3 * NIGHT), "a count was told"
        store.record(a_reading(a_reply("1", "a"), night=3, url="https://debat.example/one-post.rss", thread_of=POSTS))
        assert digest(START + 3 * NIGHT), "a feed that is not in the config counts too"


def test_a_digest_says_nothing_of_the_time_before_it(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), a_post("b", START + NIGHT), night=1))
        ((_, _, digest),) = store.lives([FORUM], START + NIGHT)
        assert digest is not None
        store.keep_digests([digest])
        ((_, columns, _),) = store.lives([FORUM], START)
        assert columns.times.tolist() == [START]
        assert store.lives([FORUM], START)[0][2] is None, "nor is one made of half of what is known"


def test_a_damaged_digest_is_made_anew(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        ((_, before, digest),) = store.lives([FORUM], START)
        assert digest is not None
        for body in (b"", digest.body[:-1], digest.body[:9] + b"\0" + digest.body[10:]):
            store.keep_digests([replace(digest, body=body)])
            ((_, columns, made),) = store.lives([FORUM], START)
            assert columns.times.tolist() == before.times.tolist()
            assert made == digest


def test_what_lies_beyond_the_digests_form_is_read_from_the_entries(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", -5), a_post("b", START)))
        ((history, columns, digest),) = store.lives([FORUM], START)
        the_same(store.history(FORUM, START), history, columns)
        assert digest is None


def test_the_database_keeps_its_tallies_itself(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), a_post("b")))
        store.record(a_reading(a_post("b"), a_post("c"), night=1))
        assert store.feed_lines([FORUM], None)[0].entries == 3
        with store._writing() as connection:
            connection.exec_driver_sql("DELETE FROM entries WHERE uid = 'uid-a'")
        assert store.feed_lines([FORUM], None)[0].entries == 2
        assert store.history(FORUM).total_posts == 2


def test_packing_loses_nothing(tmp_path: Path) -> None:
    from monitor.store.lives import around

    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", reply_count=0, author="Søren Ærø"), a_post("b", None)))
        store.record(a_reading(a_post("a", reply_count=3, author="Søren Ærø"), a_post("b", None), night=1))
        with store._reading() as connection:
            told, _ = read(connection, around(connection, [FORUM])["debat"], None)
        body = pack(told)
        assert body is not None
        again = unpack(body)
        assert again is not None
        for name in ("times", "is_reply", "dated", "signature", "thread", "counted_times", "counted", "counted_thread"):
            assert getattr(again.columns, name).tolist() == getattr(told.columns, name).tolist(), name
        assert again.columns.signatures == told.columns.signatures
        assert (again.posts, again.replies, again.linkbacks, again.counting) == (2, 3, 0, True)
