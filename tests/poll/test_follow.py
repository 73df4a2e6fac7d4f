"""What is asked beyond the listed feeds, and how soon a window passes by."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DAY, Entry, FeedState, Kind, ThreadFeed
from monitor.poll.follow import AGAIN, PER_HOST, SHORTEST_REST, afresh, is_time, pace, rhythm, to_follow

NOW = 1_790_000_000


def thread(**known: object) -> ThreadFeed:
    state = FeedState("blog", "https://blog.example/1/feed", "https://blog.example/1/feed", thread_of="u")
    plain = ThreadFeed(
        state,
        posted=NOW - DAY,
        counted=3,
        counted_at=NOW,
        grown=False,
        seen=1,
        asked_at=None,
        failed=False,
        beside=False,
    )
    return replace(plain, **known)  # type: ignore[arg-type]


def followed(**known: object) -> bool:
    return bool(to_follow([thread(**known)], NOW))


def test_a_post_that_counts_more_replies_than_were_seen_is_asked_about() -> None:
    assert followed()
    assert followed(beside=True)
    assert not followed(seen=3)


def test_a_count_that_has_not_risen_since_it_was_asked_about_is_left_alone() -> None:
    assert not followed(asked_at=NOW - 2 * DAY, counted_at=NOW - 3 * DAY)
    assert followed(asked_at=NOW - 2 * DAY, counted_at=NOW - DAY)


def test_an_old_post_is_asked_about_only_when_its_count_grows() -> None:
    assert not followed(posted=NOW - 400 * DAY)
    assert followed(posted=NOW - 400 * DAY, grown=True)


def test_without_counts_young_posts_are_asked_about_nightly_unless_a_feed_shows_all_replies() -> None:
    plain = {"counted": None, "counted_at": None}
    assert followed(**plain)
    assert not followed(**plain, beside=True)
    assert not followed(**plain, posted=NOW - 60 * DAY)
    assert not followed(**plain, asked_at=NOW - 3600)
    assert followed(**plain, asked_at=NOW - DAY)


def test_one_that_failed_rests_for_a_week() -> None:
    assert not followed(failed=True, asked_at=NOW - 3 * DAY)
    assert followed(failed=True, asked_at=NOW - 8 * DAY)


def test_one_that_failed_is_asked_again_though_its_count_has_not_changed_since() -> None:
    assert followed(failed=True, asked_at=NOW - 8 * DAY, counted_at=NOW - 9 * DAY)
    assert not followed(failed=True, asked_at=NOW - 8 * DAY, counted_at=NOW - 9 * DAY, seen=3)


def test_one_whose_server_asked_for_time_rests_until_tomorrow() -> None:
    state = replace(thread().state, retry_at=NOW - DAY + 60)
    assert not followed(failed=True, state=state, asked_at=NOW - 3600, counted_at=NOW - 9 * DAY)
    assert followed(failed=True, state=state, asked_at=NOW - DAY, counted_at=NOW - 9 * DAY)


def test_a_host_is_asked_a_bounded_number_of_questions_a_night() -> None:
    many = [
        thread(state=FeedState("b", f"https://a.example/{n}", f"https://a.example/{n}", thread_of="u"))
        for n in range(99)
    ]
    assert len(to_follow(many, NOW)) == PER_HOST
    assert to_follow(many, NOW)[0].url.endswith("/0")
    asked = [replace(one, asked_at=NOW - 3600) for one in many[: PER_HOST - 3]]
    assert len(to_follow([*asked, *many[PER_HOST:]], NOW)) == 3  # an hour later, of the same host


def test_validators_are_left_out_where_they_hide_counts_every_night_or_weekly_beside_a_reply_feed() -> None:
    state = FeedState("b", "u", "u", etag='"1"', stale_validators=True, body_read=NOW - DAY)
    assert afresh(state, NOW, beside=False).etag is None
    assert afresh(state, NOW, beside=True).etag == '"1"'
    assert afresh(replace(state, body_read=NOW - 8 * DAY), NOW, beside=True).etag is None
    assert afresh(replace(state, body_read=NOW - 3600), NOW, beside=False).etag == '"1"'
    assert afresh(replace(state, stale_validators=False), NOW, beside=False).etag == '"1"'


def test_every_feed_is_read_whole_once_a_week_whatever_its_server_says() -> None:
    state = FeedState("b", "u", "u", etag='"1"', last_modified="Mon", digest="d", body_read=NOW - 6 * DAY)
    assert afresh(state, NOW, beside=False) == state
    whole = afresh(replace(state, body_read=NOW - 7 * DAY), NOW, beside=False)
    assert (whole.etag, whole.last_modified, whole.digest) == (None, None, "d")


@pytest.mark.parametrize("read", [None, NOW - 20 * DAY, 30_000_000, NOW + 3_650 * DAY])
def test_what_was_read_by_a_wrong_clock_is_read_and_parsed_anew(read: int | None) -> None:
    state = FeedState("b", "u", "u", etag='"1"', last_modified="Mon", digest="d", body_read=read)
    anew = afresh(state, NOW, beside=False)
    assert (anew.etag, anew.last_modified, anew.digest) == (None, None, None)


def test_a_look_by_a_clock_of_the_future_does_not_put_off_tonight_s() -> None:
    ages = NOW + 3_650 * DAY
    assert followed(asked_at=ages)
    assert followed(asked_at=ages, failed=True)
    assert followed(asked_at=ages, counted=None, counted_at=None)
    assert not followed(asked_at=NOW + 3600)  # the clock was set back by an hour: asked tonight all the same
    asked = [thread(state=FeedState("b", f"https://a.example/{n}", f"https://a.example/{n}"), asked_at=ages)
             for n in range(PER_HOST + 5)]  # fmt: skip
    assert len(to_follow(asked, NOW)) == PER_HOST


def entries(*times: int) -> list[Entry]:
    return [Entry(str(n), str(n), Kind.POST, time) for n, time in enumerate(times)]


def test_a_window_that_reaches_back_days_needs_no_haste() -> None:
    assert pace(entries(*range(NOW - 25 * DAY, NOW, DAY)), NOW) is None
    assert pace(entries(NOW, NOW - 60), NOW) is None
    assert pace([], NOW) is None
    assert pace(entries(*[NOW] * 20), NOW) is None  # a feed that writes "now" is not busy


def test_a_busy_window_is_read_again_before_half_of_it_has_passed_at_its_busiest() -> None:
    steady = entries(*range(NOW - 25 * 288, NOW, 288))
    assert pace(steady, NOW) == 12 * 288
    rush = [NOW - 60 * n for n in range(13)] + [NOW - 3600 * n for n in range(2, 14)]
    assert pace(entries(*rush), NOW) == 12 * 60


@given(st.lists(st.integers(NOW - 5 * DAY, NOW + DAY), max_size=60))
def test_the_pace_is_never_negative_nor_longer_than_the_window(times: list[int]) -> None:
    found = pace(entries(*times), NOW)
    assert found is None or 0 <= found <= max(times) - min(times)


def posts_every(seconds: int, number: int = 20) -> list[Entry]:
    return [Entry(str(n), str(n), Kind.POST, NOW - n * seconds) for n in range(number)]


@given(st.integers(1, 400 * DAY), st.integers(2, 60))
def test_the_rhythm_of_a_steady_feed_is_its_pause(pause: int, number: int) -> None:
    assert rhythm(posts_every(pause, number)) == pause


def test_one_long_silence_is_no_rhythm_and_too_few_dates_are_none() -> None:
    hourly = posts_every(3600)
    assert rhythm([*hourly, Entry("old", "old", Kind.POST, NOW - 400 * DAY)]) == 3600
    assert rhythm(hourly[:1]) is rhythm([Entry("a", "a", Kind.POST), Entry("b", "b", Kind.POST)]) is None


def looks_a_day(**known: object) -> int:
    """How often a feed is asked in a day of hourly looks."""
    state = FeedState("blog", "u", "u", asked=NOW, **known)  # type: ignore[arg-type]
    looks = 0
    for hour in range(1, 25):
        if is_time(state, now := NOW + hour * 3600):
            state, looks = replace(state, asked=now), looks + 1
    return looks


def test_a_feed_that_is_written_to_every_month_is_asked_once_a_day_however_often_one_looks() -> None:
    assert looks_a_day(rhythm=30 * DAY) == looks_a_day() == 1
    assert looks_a_day(rhythm=DAY) == 4
    assert looks_a_day(rhythm=600) == 24


def test_a_feed_that_failed_or_whose_window_would_pass_by_does_not_rest() -> None:
    resting = FeedState("blog", "u", "u", asked=NOW - 3600, rhythm=30 * DAY)
    assert not is_time(resting, NOW)
    assert is_time(replace(resting, failures=1), NOW)
    assert is_time(replace(resting, next_poll=NOW - 1), NOW)
    assert is_time(replace(resting, asked=None), NOW)


@given(st.none() | st.integers(0, 2**40), st.integers(-DAY, 40 * DAY))
def test_no_feed_rests_for_a_day_nor_is_asked_twice_in_a_quarter_of_an_hour(beat: int | None, ago: int) -> None:
    asked = is_time(FeedState("blog", "u", "u", asked=NOW - ago, rhythm=beat), NOW)
    if not 0 <= ago < AGAIN:  # one of the future was asked by a clock that was wrong
        assert asked
    elif ago < SHORTEST_REST:
        assert not asked
