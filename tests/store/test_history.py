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


def test_what_is_dated_a_little_ahead_counts_on_the_night_that_shows_it(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        ahead = a_post("a", START + 9 * 3600)
        store.record(a_reading(ahead))
        assert [event.time for event in store.history(FORUM, until=START).events] == [START]
        store.record(a_reading(ahead, night=1))
        assert [event.time for event in store.history(FORUM, until=START + NIGHT).events] == [START + 9 * 3600]
        assert store.history(FORUM, until=START - 1).events == ()


def test_a_date_after_the_first_look_is_one_of_a_change_and_an_earlier_one_is_believed(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        for night, time in enumerate((START - 9, START + NIGHT, START - 20, START - 5, START + 2 * NIGHT)):
            store.record(a_reading(a_post("a", time), night=night))
            (event,) = store.history(FORUM).events
            assert event.time == (START - 9, START - 9, START - 20, START - 5, START - 5)[night]


def test_counts_of_a_future_that_did_not_come_neither_hide_nor_double_replies(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        for night, number in ((0, 3), (1, 5), (3_650, 7), (2, 7), (3, 8)):
            store.record(a_reading(a_post("a", reply_count=number), night=night))
        assert counted(store) == [(1, 2), (2, 2), (3, 1)]
        assert store.history(FORUM, START + 3 * NIGHT).total_replies == 8


def test_counts_of_a_past_that_never_was_are_dated_to_the_next_night(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        for night, number in ((0, 3), (1, 5), (-19_000, 7), (2, 7), (3, 8)):
            store.record(a_reading(a_post("a", reply_count=number), night=night))
        assert counted(store) == [(1, 2), (2, 2), (3, 1)]
        assert store.history(FORUM).first_watched == START


def test_one_wrong_night_at_the_very_beginning_is_forgotten_too(tmp_path: Path) -> None:
    for wrong in (-19_000, 3_650):
        with a_store(tmp_path / str(wrong)) as store:
            store.record(a_reading(a_post("a", None), night=wrong))
            store.record(a_reading(a_post("a", None), night=1))
            history = store.history(FORUM, START + NIGHT)
            assert [event.time for event in history.events] == [START + NIGHT]
            assert history.first_watched == START + NIGHT


def test_one_night_in_the_past_moves_nothing_there(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        for night in range(4):
            store.record(a_reading(*(a_post(str(n), None) for n in range(night + 1)), night=night))
        before = store.history(FORUM).events
        store.record(a_reading(*(a_post(str(n), None) for n in range(4)), night=-700))
        assert store.history(FORUM).events == before
