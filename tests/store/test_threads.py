"""What is remembered of the feeds of single posts' replies, and that no reply is lost for a night without an answer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Channel, Outcome, Reading, ThreadFeed
from monitor.poll import YOUNG, to_follow
from monitor.store import Store
from tests.store.builders import NIGHT, POSTS, START, a_post, a_reading, a_reply, a_store

BLOG = Channel("debat", "Debatforum", (POSTS,))
OWN = "https://debat.example/a/feed"
TOO_LATE: dict[str, Any] = {"outcome": Outcome.FAILED, "asked": False}
BROKEN: dict[str, Any] = {"outcome": Outcome.FAILED, "http_status": 500}
BUSY: dict[str, Any] = {"outcome": Outcome.THROTTLED, "http_status": 429}


def counting(replies: int, night: int) -> Reading:
    """The listed feed, in which the post carries a count of replies."""
    return a_reading(a_post("a", replies_feed=OWN, reply_count=replies), night=night)


def of_the_post(night: int, seen: int = 0, **more: Any) -> Reading:
    """The feed of the post's replies."""
    replies = [a_reply(f"r{number}", "a") for number in range(seen)]
    return a_reading(*replies, night=night, url=OWN, thread_of=POSTS, **more)


def thread(store: Store) -> ThreadFeed:
    (found,) = store.thread_feeds(BLOG)
    return found


def is_asked(store: Store, night: float) -> bool:
    now = int(START + night * NIGHT)
    found = to_follow(store.thread_feeds(BLOG), now)
    # A night looks at no more than what is young or has changed lately, and misses nothing by it.
    assert to_follow(store.lively_threads([BLOG], now - YOUNG), now) == found
    return bool(found)


@pytest.mark.parametrize("before", [False, True])
def test_replies_are_asked_for_until_the_turn_of_their_feed_has_come(tmp_path: Path, before: bool) -> None:
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        if before:
            store.record(of_the_post(0, seen=1))
        store.record(counting(2, 2))
        for night in (2, 3, 4):
            assert is_asked(store, night)
            store.record(of_the_post(night, **TOO_LATE))
        assert thread(store).asked_at == (START if before else None)
        store.record(of_the_post(5, seen=2))
        assert not is_asked(store, 6)


def test_one_failure_puts_the_replies_off_for_a_week_and_does_not_hide_them(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        store.record(of_the_post(0, seen=1))
        store.record(counting(2, 2))
        store.record(of_the_post(2, **BROKEN))
        assert [is_asked(store, night) for night in (3, 8.5, 9)] == [False, False, True]
        store.record(of_the_post(9, **TOO_LATE))
        assert is_asked(store, 10)
        store.record(of_the_post(10, seen=1))  # the count told of one that is shown to nobody
        assert not is_asked(store, 20)


def test_a_night_whose_time_is_up_is_no_failure_of_a_feed_that_was_read_the_night_before(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        store.record(of_the_post(0, seen=1))
        store.record(counting(2, 1))
        store.record(of_the_post(1, **TOO_LATE))
        assert not thread(store).failed
        assert is_asked(store, 2)


def test_a_server_that_asked_for_time_is_asked_again_tomorrow(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        store.record(of_the_post(0, seen=1))
        store.record(counting(2, 2))
        store.record(of_the_post(2, retry_at=START + 2 * NIGHT + 3_600, **BUSY))
        assert not is_asked(store, 2.1)
        assert is_asked(store, 3)


def test_a_reply_feed_that_is_gone_keeps_the_night_on_which_it_was_asked(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        store.record(of_the_post(0, outcome=Outcome.GONE))
        store.record(of_the_post(1, outcome=Outcome.GONE, asked=False))
        assert (thread(store).state.gone, thread(store).state.asked) == (True, START)


def test_an_address_longer_than_an_index_takes_is_not_followed(tmp_path: Path) -> None:
    long = OWN + "?" + "ж" * 600
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", replies_feed=long, reply_count=1), a_post("b", replies_feed=OWN)))
        assert [one.state.url for one in store.thread_feeds(BLOG)] == [OWN]


def test_a_listed_feed_that_a_post_names_too_is_no_feed_of_that_post_s_alone(tmp_path: Path) -> None:
    both = replace(BLOG, feeds=(POSTS, OWN))
    with a_store(tmp_path) as store:
        store.record(counting(1, 0))
        assert store.thread_feeds(BLOG)
        assert store.thread_feeds(both) == []


def test_an_old_post_without_a_date_is_asked_about_when_its_count_grows(tmp_path: Path) -> None:
    def undated(replies: int, night: int) -> Reading:
        return a_reading(a_post("a", time=None, replies_feed=OWN, reply_count=replies), night=night)

    with a_store(tmp_path) as store:
        store.record(undated(0, 0))
        store.record(undated(3, 60))
        assert is_asked(store, 60)
