"""The models of silence and collapse: what they rest on, and how they behave on any life."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit

from monitor.model import DAY, CountedReplies, Event, Kind
from monitor.oxygen import Activity, Life, Promise, fitted, measure, outlook
from monitor.oxygen.activity import live
from monitor.oxygen.gaps import GapPrior, own_gaps
from monitor.oxygen.silence import FIGURES, Outlook, figures

NOW = 1_800_000_000


def life(days: list[float], posts: list[bool] | None = None, authors: list[int] | None = None) -> Life:
    """Contributions so many days ago each, in any order: posts by author 1 where nothing else is said."""
    times = np.array([NOW - int(day * DAY) for day in days], dtype=np.int64)
    order = np.argsort(times, kind="stable")
    is_post = np.array(posts if posts is not None else [True] * len(days), dtype=np.bool_)
    author = np.array(authors if authors is not None else [1] * len(days), dtype=np.int64)
    return Life(times[order], is_post[order], author[order])


def silent(one: Life, day: float = 0.0) -> float:
    """Probability of lasting silence so many days after NOW."""
    return float(outlook(one, np.array([NOW + int(day * DAY)])).silent[0])


def same(one: Outlook, other: Outlook) -> bool:
    """To the last bit."""
    pairs = ((one.silent, other.silent), (one.collapse, other.collapse), (one.longer, other.longer))
    return all(np.array_equal(told, again, equal_nan=True) for told, again in pairs)


WEEKLY = [2.0 + 7 * n for n in range(110)]


def test_longer_silence_is_likelier_to_last() -> None:
    found = [silent(life(WEEKLY), days) for days in (0, 30, 100, 300, 900)]
    assert found == sorted(found)
    assert found[0] < 0.05
    assert found[-1] > 0.9


def test_the_same_silence_says_more_of_a_busy_channel_than_of_a_quiet_one() -> None:
    daily = life([90.0 + n for n in range(700)])
    quarterly = life([90.0 + 91 * n for n in range(12)])
    assert silent(daily) > 0.4
    assert silent(quarterly) < 0.35 < silent(daily)


def test_long_gaps_in_the_past_excuse_a_long_silence() -> None:
    steady = life([100.0 + 10 * n for n in range(100)])
    bursty = life([100.0 + 10 * n + 90 * (n // 5) for n in range(100)])
    assert silent(bursty) < silent(steady)


def test_nothing_is_foretold_of_a_channel_that_nobody_ever_wrote_to() -> None:
    empty = life([])
    assert np.isnan(outlook(empty, np.array([NOW])).silent).all()
    assert np.isnan(outlook(life([-1.0]), np.array([NOW])).longer).all()
    vitals = measure(Activity.of([]), Promise(), NOW)
    assert (vitals.silent_probability, vitals.collapse_probability, vitals.longer_gap_probability) == (None, None, None)


def test_own_gaps_are_the_populations_where_there_are_none_and_their_own_where_there_are_many() -> None:
    prior = GapPrior(mean=3.0, mean_weight=3.0, spread=1.5, spread_weight=4.0, memory=10.0, hazard=0.02)
    none = own_gaps(life([5.0]).times, np.array([NOW]), prior)
    assert none.centre[0] == pytest.approx(3.0)
    assert none.spread[0] == pytest.approx(1.5 * math.sqrt(4 / 3))
    assert none.freedom[0] == pytest.approx(4.0)
    many = own_gaps(life([float(n) for n in range(0, 3000, 3)]).times, np.array([NOW]), prior)
    weight = 1 / (1 - 0.5**0.1)
    assert many.freedom[0] == pytest.approx(weight + 4)
    assert many.centre[0] == pytest.approx((weight * math.log(3) + 3 * 3.0) / (weight + 3))
    squares = 4 * 1.5**2 + weight * 3 / (weight + 3) * (math.log(3) - 3) ** 2
    assert many.spread[0] == pytest.approx(math.sqrt(squares / (weight + 4) * (1 + 1 / (weight + 3))))


def test_gaps_within_a_day_are_no_gaps() -> None:
    chat = [day + minute / 1440 for day in range(3, 60, 3) for minute in range(0, 300, 7)]
    once = [float(day) for day in range(3, 60, 3)]
    one, other = (own_gaps(life(days).times, np.array([NOW])) for days in (chat, once))
    assert one.freedom == pytest.approx(other.freedom)
    assert one.centre == pytest.approx(other.centre, abs=0.1)


def test_the_busiest_forum_has_gaps_of_a_day_and_its_silence_is_soon_seen() -> None:
    """Forty contributions a day leave no twelve hours free: their rhythm is a day all the same."""
    busy = life([30 + day + hour / 24 for day in range(700) for hour in np.arange(7, 23.5, 0.41)])
    assert own_gaps(busy.times, np.array([NOW])).longer(np.array([30.0]))[0] < 0.03


def test_whether_it_is_over_follows_from_bayes_rule() -> None:
    gaps = own_gaps(life(WEEKLY).times, np.array([NOW]))
    silence = np.array([40.0])
    alive = float(gaps.longer(silence)[0])
    over = fitted.HAZARD / (fitted.HAZARD + (1 - fitted.HAZARD) * alive)
    assert gaps.over(silence)[0] == pytest.approx(over)
    ahead = float(gaps.longer(silence + 180)[0]) / alive
    assert gaps.quiet(silence, 180)[0] == pytest.approx(over + (1 - over) * ahead)


def test_each_figure_is_what_it_is_said_to_be() -> None:
    days = [10.0, 12.0, 30.0, 60.0, 150.0, 200.0, 300.0, 500.0]
    posts = [False, True, True, True, True, True, True, True]
    authors = [2, 1, 1, 3, 4, -1, 1, 9]
    found = dict(zip(FIGURES, figures(life(days, posts, authors), np.array([NOW]))[0], strict=True))
    quiet = own_gaps(life(days).times, np.array([NOW])).quiet(np.array([10.0]), 180)
    assert found["own_gaps"] == pytest.approx(float(logit(quiet[0])))
    assert found["weeks_alive"] == pytest.approx(math.log1p(7)), "two of the eight fell in one week"
    assert found["last_quarter"] == pytest.approx(math.log1p(4) - math.log1p(7 / 4))
    assert found["last_voices"] == pytest.approx(math.log1p(3) - math.log1p(4 / 2)), "unknown authors are nobody"
    assert found["post_lag"] == pytest.approx(math.log(19 / 17))


def test_the_probability_is_the_sum_of_the_figures() -> None:
    one = life(WEEKLY)
    table = figures(one, np.array([NOW]))[0]
    odds = fitted.SILENCE[0] + sum(c * x for c, x in zip(fitted.SILENCE[1:], table, strict=True))
    assert silent(one) == pytest.approx(float(expit(odds)))


def test_what_the_feeds_window_hides_is_not_taken_for_youth() -> None:
    busy = [3.0 + n / 4 for n in range(40)]
    seen = life(busy)
    windowed = Life(seen.times, seen.is_post, seen.author, whole=False)
    assert silent(windowed, 20) < silent(seen, 20)


def test_replies_known_from_counts_are_signs_of_life() -> None:
    events = [Event(Kind.POST, NOW - 200 * DAY, "a", "t")]
    counted = [CountedReplies(NOW - day * DAY, 3, "t") for day in (5, 60, 120)]
    with_counts, without = Life.of(Activity.of(events, counted)), Life.of(Activity.of(events))
    assert with_counts.times.tolist() == sorted(with_counts.times.tolist())
    assert silent(with_counts) < silent(without)


LIVES = st.lists(st.tuples(st.floats(0, 1500), st.booleans(), st.integers(-1, 5)), min_size=1, max_size=60).map(
    lambda rows: life(*(list(column) for column in zip(*rows, strict=True)))
)


@settings(max_examples=100, deadline=None)
@given(LIVES, st.lists(st.integers(0, 900), min_size=1, max_size=8))
def test_between_two_contributions_silence_only_grows_likelier(one: Life, days: list[int]) -> None:
    moments = NOW + np.array(sorted(days), dtype=np.int64) * DAY
    ahead = outlook(one, moments)
    quiet, less = ahead.silent, ahead.collapse
    # In the first weeks it may sink by a little: a fresh gap may be a short one, and an old lack of posts wears off.
    assert all(later >= earlier - 0.1 for earlier, later in pairwise(quiet))
    assert float(outlook(one, np.array([NOW + 2000 * DAY])).silent[0]) >= quiet.max() - 1e-9
    assert ((quiet > 0) & (quiet < 1) & (less >= quiet) & (less < 1)).all()


@settings(max_examples=100, deadline=None)
@given(LIVES, st.integers(-(10**8), 10**8))
def test_shifting_all_times_shifts_nothing(one: Life, shift: int) -> None:
    moments = NOW + np.array([0, 40, 400]) * DAY
    moved = Life(one.times + shift, one.is_post, one.author)
    assert same(outlook(one, moments), outlook(moved, moments + shift))


@settings(max_examples=100, deadline=None)
@given(LIVES, st.integers(0, 1500))
def test_nothing_later_than_its_moment_is_used(one: Life, ago: int) -> None:
    moment = np.array([NOW - ago * DAY])
    before = one.times <= moment[0]
    cut = Life(one.times[before], one.is_post[before], one.author[before])
    assert same(outlook(one, moment), outlook(cut, moment))


@settings(max_examples=100, deadline=None)
@given(LIVES, st.lists(st.integers(-1500, 900), min_size=2, max_size=8))
def test_many_moments_at_once_are_as_each_alone(one: Life, days: list[int]) -> None:
    moments = NOW + np.array(days, dtype=np.int64) * DAY
    together = outlook(one, moments)
    for place in range(moments.size):
        alone = outlook(one, moments[place : place + 1])
        assert together.at(place).silent == pytest.approx(alone.silent, rel=1e-9, nan_ok=True)
        assert together.at(place).longer == pytest.approx(alone.longer, rel=1e-9, nan_ok=True)


SPANS = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)), max_size=6)


@settings(max_examples=200, deadline=None)
@given(SPANS, st.lists(st.integers(-50, 1000), min_size=1, max_size=20))
def test_the_clock_stands_still_in_every_pause_and_runs_elsewhere(spans: list[tuple[int, int]], at: list[int]) -> None:
    still = {second for start, end in spans for second in range(start, end)}
    told: NDArray[np.int64] = live(sorted(at), spans)
    for (one, other), (early, late) in zip(pairwise(told), pairwise(sorted(at)), strict=True):
        assert other - one == sum(second not in still for second in range(early, late))
