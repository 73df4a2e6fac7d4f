"""One contribution is one, whatever its feeds call it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DAY, Channel, Entry, Kind, Outcome, Reading, Walk
from monitor.poll.platforms.base import folded, place_of
from monitor.store import Store, open_store

START = 1_700_000_000
POSTS, COMMENTS = "https://blog.example/feed", "https://blog.example/comments/feed"
BLOG = Channel("blog", "Blog", (POSTS, COMMENTS))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return open_store(f"sqlite:///{tmp_path}/o.db")


def post(number: int, uid: str | None = None, link: str | None = None, **more: object) -> Entry:
    link = link if link is not None else f"https://blog.example/{number}"
    name = uid or f"id-{number}"
    entry = Entry(
        name, name, Kind.POST, START - number * DAY, f"Post {number}", link, "Gry", link, place=place_of(link)
    )
    return replace(entry, **more)  # type: ignore[arg-type]


def read(store: Store, *entries: Entry, url: str = POSTS, night: int = 0) -> int:
    moment = START + night * DAY
    return store.record(Reading("blog", url, Outcome.UPDATED, "", moment, url, digest=f"{night}{url}", entries=entries))


def test_entries_whose_ids_change_with_every_poll_are_known_again(store: Store) -> None:
    for night in range(4):
        new = read(store, *(post(number, uid=f"session-{night}-{number}") for number in range(5)), night=night)
        assert new == (5 if night == 0 else 0)
    found = store.history(BLOG)
    assert (found.total_posts, found.at_least) == (5, False)


def test_the_move_to_https_and_tracking_parameters_make_no_new_entries(store: Store) -> None:
    old = [
        post(number, uid=f"http://blog.example/{number}", link=f"http://blog.example/{number}") for number in range(3)
    ]
    moved = [f"https://blog.example/{number}?utm_source=rss&utm_medium=feed" for number in range(3)]
    read(store, *old)
    new = read(store, *(post(number, uid=link, link=link) for number, link in enumerate(moved)), night=1)
    assert new == 0
    assert store.history(BLOG).total_posts == 3


def test_two_entries_shown_side_by_side_are_two_though_they_look_alike(store: Store) -> None:
    same = {"link": "https://blog.example/changes", "time": START, "title": "Fixed"}
    read(store, post(1, **same), post(2, **same))
    assert store.history(BLOG).total_posts == 2
    read(store, post(3, **same), post(4, **same), night=1)
    assert store.history(BLOG).total_posts == 2, "the same two, under other ids"
    read(store, post(5, **same), post(6, **same), post(7, **same), night=2)
    assert store.history(BLOG).total_posts == 3


def test_an_entry_in_two_feeds_of_a_channel_under_two_ids_is_one(store: Store) -> None:
    read(store, post(1), post(2))
    read(store, post(1, uid="tag:1"), post(2, uid="tag:2", link="https://proxy.example/~r/2"), post(3), url=COMMENTS)
    assert store.history(BLOG).total_posts == 3


def test_counts_follow_an_entry_through_its_change_of_id(store: Store) -> None:
    read(store, post(1, reply_count=2))
    read(store, post(1, uid="other", reply_count=5), night=1)
    found = store.history(BLOG)
    assert (found.total_posts, found.total_replies) == (1, 5)
    assert [(one.time, one.replies) for one in found.counted] == [(START + DAY, 3)]


def test_a_pingback_is_kept_and_taken_off_the_count(store: Store) -> None:
    read(store, post(1, reply_count=3))
    thread = "https://blog.example/1"
    kinds = [Kind.REPLY, Kind.LINKBACK]
    comments = [post(9 + n, link=f"{thread}#comment-{n}", kind=kind, thread=thread) for n, kind in enumerate(kinds)]
    read(store, *comments, url=COMMENTS)
    found = store.history(BLOG)
    assert (found.total_replies, found.linkbacks, len(found.events)) == (2, 1, 2)


def test_a_page_of_the_past_is_never_news(store: Store) -> None:
    read(store, post(1), post(2))
    page = Reading(
        "blog", POSTS, Outcome.UPDATED, "", START + 5 * DAY, POSTS, etag='"x"', entries=(post(8), post(9, time=None))
    )
    walk = Walk("blog", POSTS, "https://blog.example/feed?paged=3", 2, START - 8 * DAY)
    assert store.record_older(page, walk) == 2
    found = store.history(BLOG)
    assert max(event.time for event in found.events) == START - DAY
    assert [event.dated for event in found.events].count(False) == 1
    assert store.walk("blog", POSTS) == walk
    line = store.feed_lines([BLOG], None)[0]
    assert (line.new_entries, line.last_read) == (2, START)
    assert store.feed_states([BLOG])[0].etag is None
    assert store.record_older(page, walk) == 0


def test_the_first_look_at_a_post_s_replies_shows_its_past(store: Store) -> None:
    replies = (post(3, kind=Kind.REPLY), post(4, kind=Kind.REPLY, time=None))
    first = Reading("blog", COMMENTS, Outcome.UPDATED, "", START + 9 * DAY, COMMENTS, entries=replies, thread_of=POSTS)
    store.record(first)
    assert {event.time for event in store.history(BLOG).events} == {START - 3 * DAY}
    later = (*replies, post(5, kind=Kind.REPLY, time=None))
    store.record(replace(first, time=START + 10 * DAY, entries=later))
    assert store.history(BLOG).events[-1].time == START + 10 * DAY


def test_a_gap_is_written_down_and_closed_by_a_walk_past_it(store: Store) -> None:
    read(store, post(10), post(11))
    read(store, post(1), post(2), night=1)
    gap = store.feed_lines([BLOG], None)[0].gaps[0]
    assert (gap.begins, gap.ends, gap.noticed) == (START - 10 * DAY, START - 2 * DAY, START + DAY)
    assert store.feed_states([BLOG])[0].next_poll == START + DAY + DAY // 2  # sooner than the night that missed it
    page = Reading("blog", POSTS, Outcome.UPDATED, "", START + 2 * DAY, POSTS, entries=(post(5), post(400)))
    store.record_older(page, Walk("blog", POSTS, "x", 1, START - 400 * DAY))
    assert store.history(BLOG).at_least is True  # one old entry on the page is pinned there, or brought up
    page = replace(page, entries=(post(10), post(11), post(12)))
    store.record_older(page, Walk("blog", POSTS, "x", 2, START - 400 * DAY))
    assert store.history(BLOG).at_least is False


@given(st.text(max_size=60))
def test_reading_an_identifier_never_fails_and_settles(text: str) -> None:
    assert folded(folded(text)) == folded(text)
    assert isinstance(place_of(text), str)


def test_tracking_is_left_out_and_all_else_stays() -> None:
    assert folded("http://A.example/x?utm_source=a&id=1&fbclid=z#c") == "https://a.example/x?id=1#c"
    assert folded("https://a.example/?p=1") == "https://a.example/?p=1"
    assert place_of("https://a.example/") == ""
    assert place_of("https://a.example/?p=1#comment-2") == "/?p=1#comment-2"
