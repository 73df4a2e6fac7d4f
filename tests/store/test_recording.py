from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql

from monitor.errors import StoreError
from monitor.model import Channel, Entry, FeedState, Kind, Outcome, Reading, Rests
from monitor.store import open_store
from monitor.store.schema import channels, entries, feeds, fetches, gaps, reply_counts
from monitor.store.sql import feeds_named, insert_or
from monitor.store.store import Store
from tests.store.builders import FORUM, NIGHT, POSTS, REPLIES, START, a_post, a_reading, a_reply, a_store


def count(store: Store, table: object) -> int:
    with store._reading() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())  # type: ignore[arg-type]


def test_a_new_feed_has_a_blank_state(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        assert store.feed_states([FORUM]) == [FeedState("debat", POSTS, POSTS), FeedState("debat", REPLIES, REPLIES)]
        assert [line.outcome for line in store.feed_lines([FORUM], None)] == [None, None]


def test_a_reading_leaves_its_validators_and_its_new_address(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        moved = "https://ny.example/feed"
        store.record(a_reading(a_post("a"), address=moved, outcome=Outcome.MOVED, etag='"1"', last_modified="Mon"))
        state = store.feed_states([FORUM])[0]
        assert (state.address, state.etag, state.last_modified, state.digest) == (moved, '"1"', "Mon", "body 0")


def moved_to(address: str | None, night: float) -> Reading:
    """A reading in which permanent redirects led to ``address``."""
    return replace(
        a_reading(a_post("a"), outcome=Outcome.MOVED if address else Outcome.UPDATED, moving_to=address),
        time=int(START + night * NIGHT),
    )


def test_a_feed_has_moved_when_permanent_redirects_led_to_one_place_on_several_nights(tmp_path: Path) -> None:
    new = "https://ny.example/feed"
    with a_store(tmp_path) as store:
        for night, address in ((0, POSTS), (0.01, POSTS), (1, POSTS), (1.98, new)):
            store.record(moved_to(new, night))
            assert store.feed_states([FORUM])[0].address == address


@pytest.mark.parametrize("between", [None, "https://kapret.example/feed"])
def test_a_redirect_that_did_not_stand_is_no_move(tmp_path: Path, between: str | None) -> None:
    new = "https://ny.example/feed"
    with a_store(tmp_path) as store:
        for night, address in ((0, new), (1, between), (2, new), (3, new)):
            store.record(moved_to(address, night))
            assert store.feed_states([FORUM])[0].address == POSTS
        store.record(moved_to(new, 4))
        assert store.feed_states([FORUM])[0].address == new


def test_a_redirect_noted_by_a_clock_that_was_wrong_starts_anew(tmp_path: Path) -> None:
    new = "https://ny.example/feed"
    with a_store(tmp_path) as store:
        for night, address in ((4_000, POSTS), (0, POSTS), (1, POSTS), (2, new)):
            store.record(moved_to(new, night))
            assert store.feed_states([FORUM])[0].address == address


def test_a_feed_that_keeps_failing_where_it_moved_to_is_asked_for_where_the_config_has_it(tmp_path: Path) -> None:
    new = "https://ny.example/feed"
    with a_store(tmp_path) as store:
        for night in range(3):
            store.record(replace(moved_to(new, night), etag='"1"'))
        for night, address in ((3, new), (4, new), (5, POSTS), (6, new), (7, POSTS), (8, new)):
            store.record(a_reading(night=night, outcome=Outcome.FAILED, reason="no", digest=None))
            state = store.feed_states([FORUM])[0]
            assert (state.address, state.etag) == (address, '"1"' if address == new else None)


def test_failures_in_a_row_are_counted_until_the_feed_is_read_or_was_not_asked(tmp_path: Path) -> None:
    def failed(night: int, **more: object) -> Reading:
        return a_reading(night=night, outcome=Outcome.FAILED, reason="no", digest=None, **more)

    with a_store(tmp_path) as store:
        for night, (reading, failures, asked) in enumerate(
            [
                (failed(0), 1, 0),
                (failed(1), 2, 1),
                (failed(2, asked=False), 2, 1),
                (a_reading(night=3, outcome=Outcome.NOT_MODIFIED, digest=None), 0, 3),
                (failed(4), 1, 4),
            ]
        ):
            store.record(reading)
            state = store.feed_states([FORUM])[0]
            assert (state.failures, state.asked) == (failures, START + asked * NIGHT), night
        assert state.reason == "no"


def test_a_feed_first_met_as_a_post_s_reply_feed_is_a_listed_one_once_the_config_lists_it(tmp_path: Path) -> None:
    listed, own = Channel("debat", "Debatforum", (POSTS, REPLIES)), Channel("debat", "Debatforum", (POSTS,))
    post = a_post("a", replies_feed=REPLIES)
    with a_store(tmp_path) as store:
        store.record(a_reading(post))
        store.record(a_reading(a_reply("r", "a"), url=REPLIES, thread_of=POSTS))
        assert [thread.state.url for thread in store.thread_feeds(own)] == [REPLIES]
        state = store.feed_states([listed])[1]
        assert (state.thread_of, state.digest) == ("", "body 0")
        store.record(a_reading(a_reply("r", "a", replies_feed="https://debat.example/a/feed"), url=REPLIES, night=1))
        assert [thread.state.url for thread in store.thread_feeds(listed)] == ["https://debat.example/a/feed"]


@pytest.mark.parametrize("told", [{"etag": '"1"'}, {"last_modified": "Mon, 02 Mar 2026 00:00:00 GMT"}])
def test_validators_under_which_new_entries_come_are_not_sent_again(tmp_path: Path, told: dict[str, str]) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), **told))
        store.record(a_reading(a_post("a", title="edited"), night=1, **told))
        assert store.feed_states([FORUM])[0].etag == told.get("etag")
        for night, posts in ((2, "ab"), (3, "abc"), (4, "abc")):
            store.record(a_reading(*map(a_post, posts), night=night, **told))
            state = store.feed_states([FORUM])[0]
            assert (state.etag, state.last_modified) == (None, None)
        store.record(a_reading(outcome=Outcome.NOT_MODIFIED, digest="body 4", night=5, **told))
        assert store.feed_states([FORUM])[0].etag is None


HOUR = 3_600


@pytest.mark.parametrize(
    ("rests", "hours"),
    [
        (None, 0.5),
        (Rests(ttl=2 * HOUR), 2),
        (Rests(ttl=90 * 24 * HOUR), 24),
        (Rests(hours=frozenset({22, 23, 0})), 3 - 800 / HOUR),  # START is 22:13:20
        (Rests(hours=frozenset(range(24))), 24),
        (Rests(days=frozenset({1})), 2 - 800 / HOUR),  # a Tuesday
    ],
)
def test_a_busy_feed_is_left_in_peace_when_it_says_that_it_rests(
    tmp_path: Path, rests: Rests | None, hours: float
) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), pace=HOUR // 2, rests=rests))
        assert store.feed_states([FORUM])[0].next_poll == START + int(hours * HOUR)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.THROTTLED, Outcome.GONE])
def test_a_failing_reading_keeps_validators_address_and_entries(tmp_path: Path, outcome: Outcome) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), etag='"1"', platform="discourse"))
        wait = START + 9 * NIGHT
        failed = a_reading(night=1, outcome=outcome, digest=None, address="", retry_at=wait, reason="no")
        assert store.record(failed) == 0
        state, line = store.feed_states([FORUM])[0], store.feed_lines([FORUM], None)[0]
        assert (state.etag, state.digest, state.address, state.retry_at) == ('"1"', "body 0", POSTS, wait)
        assert state.gone is (outcome is Outcome.GONE)
        assert (line.outcome, line.reason, line.entries, line.new_entries) == (outcome, "no", 1, 0)
        assert (line.last_read, line.platform) == (START, "discourse")


def test_a_gone_feed_stays_gone_through_failures_until_it_is_read_again(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(outcome=Outcome.GONE))
        store.record(a_reading(night=1, outcome=Outcome.FAILED))
        assert store.feed_states([FORUM])[0].gone
        store.record(a_reading(a_post("a"), night=2))
        assert not store.feed_states([FORUM])[0].gone


def test_not_modified_keeps_validators_that_it_does_not_repeat(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), etag='"1"', last_modified="Mon"))
        store.record(a_reading(night=1, outcome=Outcome.NOT_MODIFIED, digest=None, etag='"2"'))
        state = store.feed_states([FORUM])[0]
        assert (state.etag, state.last_modified, state.digest) == ('"2"', "Mon", "body 0")


def test_a_new_body_without_validators_forgets_the_old_ones(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), etag='"1"'))
        store.record(a_reading(a_post("a"), night=1))
        assert store.feed_states([FORUM])[0].etag is None


def test_the_same_reading_twice_is_new_once(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        reading = a_reading(a_post("a", reply_count=2), a_post("b"))
        assert [store.record(reading), store.record(reading)] == [2, 0]
        assert (count(store, entries), count(store, reply_counts), count(store, fetches)) == (2, 1, 2)


def test_edits_update_and_disappearances_delete_nothing(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", author="Bo"), a_post("b")))
        assert store.record(a_reading(a_post("a", START + 5, author="Anna"), night=1)) == 0
        events = store.history(FORUM).events
        assert [(event.author, event.time) for event in events] == [("", START), ("Anna", START + 5)]


def test_a_date_or_count_that_is_no_longer_told_is_kept(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", START - 5, reply_count=3)))
        store.record(a_reading(a_post("a", None), night=1))
        history = store.history(FORUM)
        assert (history.events[0].time, history.events[0].dated, history.total_replies) == (START - 5, True, 3)


def test_an_entry_without_a_date_is_dated_to_when_it_was_first_seen(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", None)))
        store.record(a_reading(a_post("a", None, title="edited"), night=1))
        event = store.history(FORUM).events[0]
        assert (event.time, event.dated) == (START, False)


def test_an_entry_shown_twice_counts_once_as_the_first(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        assert store.record(a_reading(a_post("a", author="newest"), a_post("a", author="older"))) == 1
        assert store.history(FORUM).events[0].author == "newest"


def test_a_window_without_overlap_is_missed_and_stays_so(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        assert not store.history(FORUM).at_least
        store.record(a_reading(a_post("b"), night=1))
        store.record(a_reading(a_post("b"), night=2))
        assert [line.at_least for line in store.feed_lines([FORUM], None)] == [True, False]
        assert store.history(FORUM).at_least


def test_an_overlap_an_empty_feed_or_an_unchanged_body_is_no_missed_window(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading())
        store.record(a_reading(a_post("a"), night=1))
        store.record(a_reading(a_post("a"), a_post("b"), night=2))
        store.record(a_reading(night=3))
        store.record(a_reading(a_post("c"), night=4, digest="body 3"))
        store.record(a_reading(replace(a_post("c"), uid="renamed"), night=5))
        assert not store.history(FORUM).at_least


def test_text_and_numbers_no_database_takes_are_made_harmless(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        nasty = Entry("u\0\ud800", "k\ud800", Kind.POST, 10**30, author="Søren\0", reply_count=10**30)
        assert store.record(a_reading(nasty)) == 1
        assert store.record(a_reading(nasty, night=1)) == 0
        assert store.history(FORUM).events[0].author == "Søren"


def test_a_reading_is_stored_whole_or_not_at_all(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        with store._writing() as connection:
            connection.exec_driver_sql("DROP TABLE fetches")
        with pytest.raises(StoreError):
            store.record(a_reading(a_post("a")))
        assert (count(store, entries), count(store, feeds)) == (0, 0)


def test_many_entries_are_recorded_in_pieces(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        many = [a_post(str(n)) for n in range(2_500)]
        random.Random(1).shuffle(many)
        assert [store.record(a_reading(*many)), store.record(a_reading(*many, night=1))] == [2_500, 0]


def test_processes_may_record_the_same_feed_at_once(tmp_path: Path) -> None:
    with a_store(tmp_path) as one, a_store(tmp_path) as two:
        new: list[int] = []
        stores = [one, two, one, two]
        reading = a_reading(*[a_post(str(n)) for n in range(200)])
        threads = [threading.Thread(target=lambda s=s: new.append(s.record(reading))) for s in stores]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert sorted(new) == [0, 0, 0, 200]


def test_lines_show_new_entries_of_the_last_fetch_of_this_night_only(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), a_post("b")))
        store.record(a_reading(a_reply("r", "a"), night=1, url=REPLIES))
        lines = store.feed_lines([FORUM, Channel("blog", "Blog", ("https://blog.example/",))], START + NIGHT)
        assert [(line.entries, line.new_entries) for line in lines] == [(2, 0), (1, 1), (0, 0)]
        assert store.feed_lines([FORUM], None)[0].new_entries == 2


def test_the_upserts_are_written_for_postgresql_too() -> None:
    class Server:
        dialect = postgresql.dialect()

    server: object = Server()
    nothing = insert_or(server, feeds)  # type: ignore[arg-type]
    changing = insert_or(server, reply_counts, update=["replies"])  # type: ignore[arg-type]
    assert "ON CONFLICT DO NOTHING" in str(nothing.compile(dialect=Server.dialect))
    assert "ON CONFLICT (feed_id, uid, time) DO UPDATE" in str(changing.compile(dialect=Server.dialect))


def everything(store: Store) -> dict[str, list[tuple[str, ...]]]:
    """All that is stored of feeds and entries, whatever numbers the database gave them."""
    found: dict[str, list[tuple[str, ...]]] = {}
    with store._reading() as connection:
        names = {row.id: (row.channel, row.url) for row in connection.execute(select(feeds))}
        for table in (channels, feeds, entries, gaps, reply_counts, fetches):
            rows = [dict(row._mapping) for row in connection.execute(select(table))]
            for row in rows:
                row |= {"feed_id": names[row["feed_id"]]} if "feed_id" in row else {}
                row |= {} if table is channels else {"id": None}
            found[table.name] = sorted(tuple(map(repr, row.values())) for row in rows)
    return found


TOLD = st.tuples(
    st.sampled_from(list(Outcome)),
    st.lists(st.sampled_from("abcdef"), max_size=4, unique=True),
    st.none() | st.integers(0, 3),
)
"""Of one feed on one night: how it was read, the posts in it, their number of replies."""


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0, 0, 0, 400 * NIGHT, -START]),
            st.dictionaries(st.sampled_from([POSTS, REPLIES, "https://debat.example/third"]), TOLD, min_size=1),
        ),
        max_size=5,
    )
)
def test_readings_stored_together_are_stored_as_one_by_one(
    nights: list[tuple[int, dict[str, tuple[Outcome, list[str], int | None]]]],
) -> None:
    """Whatever they say, and also on nights on which the clock is wrong."""
    with open_store("sqlite://") as one_by_one, open_store("sqlite://") as together:
        for night, (wrong, told) in enumerate(nights):
            readings = []
            for url, (outcome, names, number) in told.items():
                posts = [a_post(name, title=f"{name} {night // 2}", reply_count=number) for name in names]
                reading = a_reading(*posts, night=night, url=url, outcome=outcome, digest=f"{night}{url}", pace=number)
                channel = "debat" if url == POSTS else "andet"
                readings.append(replace(reading, channel=channel, time=max(0, reading.time + wrong)))
            new = [one_by_one.record(reading) for reading in readings]
            assert together.record_all(readings) == new
        assert everything(together) == everything(one_by_one)


def plan(store: Store, ask: Callable[[Connection], Any]) -> str:
    """How SQLite goes about a query."""
    with store._reading() as connection:
        text = ask(connection).compile(connection, compile_kwargs={"literal_binds": True})
        return "\n".join(row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}"))


def test_feeds_are_looked_up_and_not_searched_for_however_many_there_are(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        names = [("debat", POSTS), ("debat", REPLIES), ("andet", POSTS)]
        found = plan(store, lambda connection: feeds_named(connection, names))
    assert "SCAN feeds" not in found
    assert "channel=? AND url=?" in found


@pytest.mark.parametrize("odd", ["http://x.example/a b", 'http://x.example/"\\u0041', "http://x.example/æøå\u2028"])
def test_a_feed_of_an_odd_address_is_stored_and_known_again(tmp_path: Path, odd: str) -> None:
    with a_store(tmp_path) as store:
        assert [store.record(a_reading(a_post("a"), url=odd, night=night)) for night in (0, 1)] == [1, 0]


def test_a_feed_whose_address_ends_early_for_some_is_known_again(tmp_path: Path) -> None:
    odd = "http://x.example/\0feed"
    with a_store(tmp_path) as store:
        assert [store.record(a_reading(a_post("a"), url=odd, night=night)) for night in (0, 1)] == [1, 0]
