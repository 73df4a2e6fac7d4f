"""What is marked on a channel's chart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DAY, Event, Happening, Kind, Status
from monitor.oxygen import Activity, Promise, marks
from monitor.oxygen.marks import MOST_SILENCES, long_silences

NOW = 1_767_229_200


def life(*days: float) -> Activity:
    """Posts so many days ago."""
    return Activity.of([Event(Kind.POST, NOW - int(day * DAY)) for day in days])


def test_a_silence_is_marked_where_it_is_long_for_the_channel() -> None:
    weekly = [*range(700, 400, -7), *range(340, 60, -7)]
    found = marks(life(*weekly), Promise(), (), None, NOW - 730 * DAY, NOW)
    assert [(mark.kind, round((NOW - mark.begins) / DAY), mark.ends) for mark in found] == [
        (Happening.SILENCE, 406, NOW - 340 * DAY),
        (Happening.SILENCE, 67, None),
    ]
    quarterly = range(1500, 20, -91)
    assert marks(life(*quarterly), Promise(), (), None, NOW - 730 * DAY, NOW) == ()


def test_silences_before_the_chart_hide_none_that_is_on_it() -> None:
    old = [day for start in (3300, 2900, 2500) for day in range(start, start - 200, -7)]
    found = marks(life(*old, *range(2100, 66, -7)), Promise(), (), None, NOW - 730 * DAY, NOW)
    assert [mark.ends for mark in found] == [None]


def test_a_planned_pause_is_no_silence() -> None:
    pause = ((NOW - 66 * DAY, NOW),)
    weekly = life(*range(700, 66, -7))
    assert marks(weekly, Promise(pauses=pause), (), None, NOW - 730 * DAY, NOW) == ()


def test_answers_and_changes_are_marked_within_the_chart_alone() -> None:
    changes = [(NOW - 900 * DAY, Status.THIN), (NOW - 9 * DAY, Status.STARVING)]
    found = marks(life(*range(700, 0, -7)), Promise(), changes, NOW - 20 * DAY, NOW - 730 * DAY, NOW)
    assert [(mark.kind, mark.status) for mark in found] == [
        (Happening.ANSWER, None),
        (Happening.STATUS, Status.STARVING),
    ]


@given(st.lists(st.floats(0, 2000), max_size=40))
def test_silences_are_few_in_order_and_apart(days: list[float]) -> None:
    found = long_silences(np.sort(life(*days).life), Promise(), NOW - 730 * DAY, NOW)
    assert len(found) <= MOST_SILENCES
    for one, other in pairwise(found):
        assert one.ends is not None
        assert one.ends <= other.begins
    assert all(mark.ends is None or mark.ends > NOW - 730 * DAY for mark in found)
