"""One channel laid out to be measured: its window, the past that it is held against, the clock that its pauses stop.

The past does not depend on what happened in the window, so that one contribution more never makes the normal higher.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.model import DAY
from monitor.oxygen.activity import Activity, Clock, Ints, Promise, clock_of
from monitor.oxygen.counting import differences, median

WEEK = 7 * DAY
YEAR = 365 * DAY
MEMORY = 5 * YEAR
"""How far before the window a channel's life is looked at."""
SLOW_YEARS = 3 * YEAR
"""The past of a channel that posts less often than three times a year."""
FEWEST_POSTS = 3
SHORTEST_PAST_WEEKS = 4
"""A past shorter than this is no normal."""
DEATH = 180 * DAY
UNUSUAL = 4
"""A silence of half a year, and of so many times the usual gap, parts a channel's lives."""
LULL = 30 * DAY
"""A silence that began before the window is no normal: the past ends so long after it began."""


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """One channel at one moment: its recent life, the window, and the year before it. Times in Unix seconds."""

    life: Activity
    """Window, past and the two years before."""
    window: Activity
    past: Activity
    promise: Promise
    now: int
    start: int
    """Where the window begins; contributions at that second belong to the past."""
    past_start: int
    past_end: int
    ticks: Clock
    """It stands still in pauses and on holidays."""
    moments: Ints
    """Every sign of life, on the clock that stands still in pauses and on holidays."""
    clock: int
    """``now`` on that clock."""
    clock_start: int
    """``start`` on that clock."""
    bare: bool = False
    """True where of each sign only its value and its health are asked for."""

    def weeks(self, begin: int, end: int) -> float:
        """Weeks between two moments, pauses and holidays left out."""
        return max(0.0, float(self.ticks.at(end) - self.ticks.at(begin)) / WEEK)

    @property
    def window_weeks(self) -> float:
        """Length of the window."""
        return self.weeks(self.start, self.now)

    @property
    def past_weeks(self) -> float:
        """Length of the past."""
        return self.weeks(self.past_start, self.past_end)


def lay_out(
    known: Activity, promise: Promise, now: int, window_days: int, whole: bool = True, bare: bool = False
) -> Examination:
    """Lay out what was ``known`` at ``now``.

    The window is the last ``window_days`` days, or the channel's life where that is shorter. Where the feeds hide an
    older life (``whole`` is False) and show little more than the window, it is the later half of what they show.
    """
    life = known.life
    first = _begin(known) if life.size else now
    born = first if promise.opened is None else min(first, promise.opened - 1)
    start = max(now - window_days * DAY, min(born, now))
    if not whole and start - first < SHORTEST_PAST_WEEKS * WEEK and now - first >= 2 * SHORTEST_PAST_WEEKS * WEEK:
        start = (first + now) // 2
    past_start, past_end = _past(known, first, start)
    recent = known.between(past_end - MEMORY, now)
    ticks = clock_of(promise.still)
    return Examination(
        life=recent,
        window=recent.between(start, now),
        past=recent.between(past_start, past_end),
        promise=promise,
        now=now,
        start=start,
        past_start=past_start,
        past_end=past_end,
        ticks=ticks,
        moments=ticks.times(recent.life),
        clock=ticks.at(now),
        clock_start=ticks.at(start),
        bare=bare,
    )


def _begin(known: Activity) -> int:
    """The moment that a known life begins after. What was there undated at the first look was written before it."""
    first = int(known.life[0])
    seen_then = known.times == first
    return first if bool(seen_then.any()) and not bool(known.dated[seen_then].any()) else first - 1


def _past(known: Activity, first: int, start: int) -> tuple[int, int]:
    """Where the past lies that a window from ``start`` on is held against; nothing of the window is looked at.

    Steps: 1. a silence that the window began in is left out; 2. the past is the year up to there, or three years for a
    channel that posts less than three times in it; 3. a channel that came back from the dead is held against its new
    life as soon as that is eight weeks old, until then against the life before.
    """
    before = known.before(start)
    times = before.life
    end = min(start, int(times[-1]) + LULL) if times.size else start
    begin, revived = first, _revival(times, end)
    if revived is not None and start - revived[1] >= 2 * SHORTEST_PAST_WEEKS * WEEK:
        begin = revived[1] - 1
    elif revived is not None:
        end = min(end, revived[0] + LULL)
    year = before.between(end - YEAR, end)
    reach = YEAR if year.posts >= FEWEST_POSTS or year.replies > year.posts else SLOW_YEARS
    return min(end, max(begin, end - reach)), end


def _revival(times: Ints, end: int) -> tuple[int, int] | None:
    """The last word and the first word again of the latest silence in the past year that parts two lives."""
    gaps = differences(times)
    if gaps.size < FEWEST_POSTS:
        return None
    long = (gaps > max(DEATH, UNUSUAL * median(gaps))) & (times[1:] > end - YEAR)
    places = np.flatnonzero(long)
    return None if places.size == 0 else (int(times[places[-1]]), int(times[places[-1] + 1]))
