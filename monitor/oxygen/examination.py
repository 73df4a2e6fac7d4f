"""One channel laid out to be measured: its window, the past that it is held against, the clock that its pauses stop.

The past does not depend on what happened in the window, so that one contribution more never makes the normal higher.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import DAY
from monitor.oxygen.activity import Activity, Ints, Promise, live

WEEK = 7 * DAY
YEAR = 365 * DAY
MEMORY = 3 * YEAR
"""How far before the window a channel's life is looked at."""
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
    moments: Ints
    """Every sign of life, on the clock that stands still in pauses and on holidays."""
    clock: int
    """``now`` on that clock."""
    clock_start: int
    """``start`` on that clock."""

    def weeks(self, begin: int, end: int) -> float:
        """Weeks between two moments, pauses and holidays left out."""
        first, last = live([begin, end], self.promise.still)
        return max(0.0, float(last - first) / WEEK)

    @property
    def window_weeks(self) -> float:
        """Length of the window."""
        return self.weeks(self.start, self.now)

    @property
    def past_weeks(self) -> float:
        """Length of the past."""
        return self.weeks(self.past_start, self.past_end)


def lay_out(known: Activity, promise: Promise, now: int, window_days: int) -> Examination:
    """Lay out what was ``known`` at ``now``.

    The window is the last ``window_days`` days, or the channel's life where that is shorter. The past is the year
    before the window, or before the silence that the window is in, as far as the channel's life covers it.
    """
    life = known.life
    first = int(life[0]) - 1 if life.size else now
    born = first if promise.opened is None else min(first, promise.opened - 1)
    start = max(now - window_days * DAY, min(born, now))
    before = life[life <= start]
    past_end = min(start, int(before[-1]) + LULL) if before.size else start
    past_start = min(past_end, max(first, past_end - YEAR))
    recent = known.between(past_end - MEMORY, now)
    clock, clock_start = (int(one) for one in live([now, start], promise.still))
    return Examination(
        life=recent,
        window=recent.between(start, now),
        past=recent.between(past_start, past_end),
        promise=promise,
        now=now,
        start=start,
        past_start=past_start,
        past_end=past_end,
        moments=live(recent.life, promise.still),
        clock=clock,
        clock_start=clock_start,
    )
