"""Lives that a simple rule gets wrong: each is judged as a person who knew the channel would."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from monitor.almanac import public_holidays
from monitor.model import DAY, Diagnosis, Event, Kind, Sign, Status
from monitor.oxygen import Activity, Promise, diagnose, measure, staff_matcher
from tests.oxygen.builders import NOW, posts, replies, taken

OWNED = Promise(owner=True)


def judged(
    events: Sequence[Event], promise: Promise = OWNED, now: int = NOW, whole: bool = True, staff: Sequence[str] = ()
) -> Diagnosis:
    activity = Activity.of(events, (), staff_matcher(staff) if staff else None)
    return diagnose(measure(activity, promise, now, whole=whole), promise, True, None, now)


def over_three_years(events: Sequence[Event], step: int = 3) -> Counter[Status]:
    """How many of the last three years' days have each verdict, without hysteresis."""
    return Counter(judged(events, now=NOW - ago * DAY).status for ago in range(0, 1095, step))


@pytest.mark.parametrize("days", [91, 182, 365])
def test_a_slow_channel_in_health_breathes_all_year(days: int) -> None:
    assert set(over_three_years(posts(5 + days * n for n in range(20)))) == {Status.BREATHING}


def test_a_forum_closed_for_two_months_each_summer_is_never_called_dead_and_seldom_starving() -> None:
    """Its owner can say so (``paused``); a summer is no news to those who have seen three of them."""
    found = over_three_years(posts(day for day in range(3, 2500, 4) if not 200 <= day % 365 < 260))
    assert found[Status.DEAD] == 0
    assert found[Status.STARVING] <= 0.1 * found.total()


def test_a_channel_back_from_the_dead_is_held_against_the_life_that_it_had() -> None:
    def days_after_its_return(days: int) -> Status:
        new, old = range(2, days, 7), range(days + 730, days + 1200, 7)
        return judged(posts([*new, *old])).status

    assert days_after_its_return(40) in (Status.THIN, Status.BREATHING)
    assert {days_after_its_return(days) for days in range(60, 200, 4)} == {Status.BREATHING}


def test_one_topic_does_not_silence_a_feed_of_comments() -> None:
    comments = replies(range(2, 500))
    for events in (comments, comments + posts([400]), comments + posts([40])):
        assert judged(events).status is Status.BREATHING
        assert judged(events, Promise(posts_per_month=8)).status is Status.BREATHING


def test_a_pause_over_all_of_the_past_leaves_no_normal_and_no_error() -> None:
    events = posts(range(2, 700, 7)) + replies(range(2, 700, 7))
    for pause in ((NOW - 900 * DAY, NOW - 90 * DAY), (NOW - 900 * DAY, NOW + DAY), (0, 2 * NOW)):
        assert judged(events, Promise(pauses=(pause,))).status in (Status.BREATHING, Status.UNKNOWN)


def test_a_past_of_one_holiday_is_no_normal() -> None:
    zone = ZoneInfo("Europe/Copenhagen")
    new_year = next(start for start, _ in reversed(public_holidays("DK", zone, NOW)) if start < NOW - 100 * DAY)
    events = [
        Event(kind, new_year + 3600 * hour, "Bo", f"t{hour // 2}")
        for hour, kind in enumerate([Kind.POST, Kind.REPLY] * 4)
    ]
    for ago in range(80, 110):
        judged(events, Promise(holidays=public_holidays("DK", zone, NOW)), now=new_year + ago * DAY)


def test_a_planned_pause_of_any_length_costs_no_oxygen() -> None:
    events = [event for number, day in enumerate(range(101, 700, 2)) for event in posts([day], f"a{number % 12}")]
    found = judged(events, Promise(owner=True, pauses=((NOW - 100 * DAY, NOW + DAY),)))
    assert found.status is Status.BREATHING
    assert found.oxygen is not None
    assert found.oxygen > 80


def test_a_launch_burst_is_no_normal_for_ever_after() -> None:
    burst = [97.05 - hour / 96 for hour in range(4)]
    steady = [float(day) for day in range(1, 97)]
    found = taken(Sign.ECHO, posts(burst + steady) + replies(burst + steady, after=0.5))
    assert found.value == 1
    assert found.health is None or found.health > 0.5


def test_an_opening_in_the_future_is_not_believed() -> None:
    assert judged(posts(range(2, 920, 7)), Promise(opened=NOW + 3650 * DAY)).status is Status.BREATHING


@pytest.mark.parametrize(("reach", "status"), [(10, Status.UNKNOWN), (60, Status.BREATHING), (110, Status.BREATHING)])
def test_a_busy_forum_whose_feeds_reach_back_two_months_is_judged(reach: int, status: Status) -> None:
    assert judged(posts(n / 4 + 0.1 for n in range(4 * reach)), whole=False).status is status


def batches(seed: int) -> Iterable[float]:
    """About six posts within two days, about every twenty-five days."""
    dice, day = np.random.default_rng(seed), 2.0
    while day < 1500:
        yield from day + dice.uniform(0, 2, dice.geometric(1 / 6))
        day += dice.exponential(25)


def test_the_busiest_forum_is_starving_a_month_after_it_fell_silent() -> None:
    days = [31 + day + hour / 24 for day in range(400) for hour in np.arange(7, 23.5, 0.41)]
    assert judged(posts(days)).status is Status.STARVING


def test_posting_in_batches_is_not_taken_for_a_collapse() -> None:
    found: Counter[Status] = Counter()
    for seed in range(12):
        events = posts(batches(seed))
        found.update(judged(events, now=NOW - ago * DAY).status for ago in range(0, 600, 20))
    assert found[Status.DEAD] == 0
    assert found[Status.STARVING] <= 0.06 * found.total()


def test_an_answer_that_may_still_come_in_time_is_neither_for_nor_against() -> None:
    """With a long promise, only those answered already would be counted among the young, and flatter the share."""
    events = posts(range(1, 460, 2)) + replies(range(1, 460, 4), "Anna", after=0.5)
    found = taken(Sign.ANSWER, events, Promise(answer_within_days=60), staff=["Anna"])
    assert found.value == pytest.approx(0.5, abs=0.05)


def test_a_window_without_names_says_nothing_of_how_many_took_part() -> None:
    named = [event for number, day in enumerate(range(95, 470, 3)) for event in posts([day], f"a{number % 9}")]
    found = taken(Sign.CIRCLE, named + posts(range(1, 90, 3), ""))
    assert found.value is None
    assert "circle_shrinking" not in [reason.code for reason in judged(named + posts(range(1, 90, 3), "")).reasons]
