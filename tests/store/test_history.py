from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from monitor.model import Channel, CountedReplies, Kind, Outcome
from monitor.store.store import Store
from tests.store.builders import FORUM, NIGHT, POSTS, REPLIES, START, a_post, a_reading, a_reply, a_store


def counts(store: Store, *numbers: int) -> None:
    for night, number in enumerate(numbers):
        store.record(a_reading(a_post("a", reply_count=number), night=night))


def counted(store: Store) -> list[tuple[int, int]]:
    return [((more.time - START) // NIGHT, more.replies) for more in store.history(FORUM).counted]


def test_an_unknown_channel_has_an_empty_history(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        history = store.history(FORUM)
        assert (history.events, history.total_posts, history.first_watched) == ((), 0, None)
        assert [line.url for line in history.feeds] == [POSTS, REPLIES]


def test_one_contribution_in_two_feeds_counts_once_with_the_best_of_both(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a", None, author="Anna")))
        store.record(a_reading(replace(a_post("a", START - 9), uid="other"), url=REPLIES))
        events = store.history(FORUM).events
        assert [(e.time, e.dated, e.author, e.thread) for e in events] == [(START - 9, True, "Anna", "a")]


def test_what_one_feed_calls_a_post_is_a_post(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        store.record(a_reading(replace(a_post("a"), kind=Kind.REPLY), url=REPLIES))
        assert [e.kind for e in store.history(FORUM).events] == [Kind.POST]


def test_total_replies_take_the_larger_of_seen_and_carried_in_each_thread(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        alone = a_post("c", thread="", reply_count=4)
        store.record(a_reading(a_post("a", reply_count=5), a_post("b", reply_count=1), alone))
        replies = [a_reply("1", "a"), a_reply("2", "b"), a_reply("3", "b"), a_reply("4", "gone")]
        store.record(a_reading(*replies, url=REPLIES))
        history = store.history(FORUM)
        assert (history.total_posts, history.total_replies) == (3, 5 + 2 + 1 + 4)


def test_a_first_count_is_a_baseline_and_its_increases_are_dated_to_the_later_night(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 3, 3, 5, 9)
        assert store.history(FORUM).counted == (
            CountedReplies(START + 2 * NIGHT, 2, "a"),
            CountedReplies(START + 3 * NIGHT, 4, "a"),
        )
        assert store.history(FORUM).total_replies == 9


def test_a_count_that_falls_and_rises_again_is_not_new_replies(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 5, 3, 5, 6)
        assert counted(store) == [(3, 1)]


def test_replies_seen_are_not_counted_again(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 0, 2, 3)
        store.record(a_reading(a_reply("1", "a", START + 10), a_reply("2", "a", START + 20), url=REPLIES))
        assert counted(store) == [(2, 1)]


def test_a_reply_seen_a_moment_after_its_count_is_not_counted_again(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 0, 1)
        store.record(a_reading(a_reply("1", "a", START + NIGHT + 7), url=REPLIES))
        assert counted(store) == []


def test_a_second_count_of_one_moment_replaces_the_first(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 1)
        counts(store, 4)
        assert store.history(FORUM).total_replies == 4
        assert counted(store) == []


def test_until_leaves_out_all_that_came_later(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        counts(store, 1, 4)
        store.record(a_reading(a_post("a"), a_post("b", START + NIGHT), night=1))
        history = store.history(FORUM, until=START)
        assert (len(history.events), history.counted, history.total_replies) == (1, (), 1)
        assert history.first_watched == START
        assert store.history(FORUM, until=START - 1).first_watched is None


def test_a_feed_taken_out_of_the_config_leaves_its_entries(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        store.record(a_reading(a_reply("1", "a"), night=1, url=REPLIES))
        history = store.history(Channel("debat", "Debatforum", (POSTS,)))
        assert [line.url for line in history.feeds] == [POSTS]
        assert (history.total_replies, history.first_watched) == (1, START)


def test_rows_are_every_contribution_once_ascending(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("b", START + 5), a_post("a", author="Anna")))
        store.record(a_reading(a_post("a"), a_reply("1", "a", None), night=1, url=REPLIES))
        assert list(store.rows([FORUM])) == [
            ("debat", "post", START, "Anna", "a"),
            ("debat", "post", START + 5, "", "b"),
            ("debat", "reply", START + NIGHT, "", "a"),
        ]


def test_the_size_of_the_first_window_is_remembered(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        assert store.history(FORUM).first_shown == 0
        store.record(replace(a_reading(), outcome=Outcome.FAILED))
        store.record(a_reading(*[a_post(str(n)) for n in range(12)], night=1))
        store.record(a_reading(*[a_post(str(n)) for n in range(30)], night=2))
        assert store.history(FORUM).first_shown == 12
