"""What matters beside the counts in a channel's life: its last answer, its long silences, its changes of status."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from monitor.model import DAY, Happening, Mark, Status
from monitor.oxygen.activity import Activity, Ints, Promise, live
from monitor.oxygen.counting import differences, median
from monitor.oxygen.examination import LULL, UNUSUAL

MOST_SILENCES = 3
FEWEST_GAPS = 3


def marks(
    activity: Activity,
    promise: Promise,
    changes: Iterable[tuple[int, Status]],
    answered: int | None,
    begin: int,
    now: int,
) -> tuple[Mark, ...]:
    """The events from ``begin`` to ``now`` that belong on the channel's chart, oldest first.

    ``changes`` are (moment, new status); ``answered`` is when the organisation last answered anybody. All moments are
    Unix seconds.
    """
    found = [Mark(Happening.STATUS, moment, status=status) for moment, status in changes]
    if answered is not None:
        found.append(Mark(Happening.ANSWER, answered))
    found = [mark for mark in found if begin <= mark.begins <= now]
    silences = long_silences(activity.life, promise, begin, now)
    return tuple(sorted(found + silences, key=lambda mark: (mark.begins, mark.kind)))


def long_silences(life: Ints, promise: Promise, begin: int, now: int) -> list[Mark]:
    """The longest silences since ``begin`` that stand out.

    That is: of a month at least, and of four times the usual gap between active days.
    Planned pauses and holidays are no silence. The one that still goes on has no end.
    """
    known = life[life <= now]
    if known.size <= FEWEST_GAPS:
        return []
    edges = np.append(known, now)
    gaps = differences(live(edges, promise.still))
    days = gaps[:-1][gaps[:-1] >= DAY / 2]
    usual = median(days) if days.size else float(DAY)
    long = np.flatnonzero((gaps >= max(LULL, UNUSUAL * usual)) & (edges[1:] > begin))
    longest = sorted(long[np.argsort(gaps[long], kind="stable")[::-1]][:MOST_SILENCES].tolist())
    last = known.size - 1
    return [Mark(Happening.SILENCE, int(edges[i]), None if i == last else int(edges[i + 1])) for i in longest]
