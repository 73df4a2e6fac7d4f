"""A channel's life week by week, for charts."""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Weeks
from monitor.oxygen.activity import Activity

WEEK = 7 * DAY


def weekly(activity: Activity, now: int, weeks: int = 104) -> Weeks:
    """The last ``weeks`` stretches of seven days, oldest first; the last one ends with ``now``, which it includes."""
    edges = now + 1 - WEEK * np.arange(weeks, -1, -1, dtype=np.int64)
    posts = np.diff(np.searchsorted(activity.times[~activity.is_reply], edges))
    replies = np.diff(np.searchsorted(activity.times[activity.is_reply], edges))
    sums = np.concatenate([[0], np.cumsum(activity.counted)])
    counted = np.diff(sums[np.searchsorted(activity.counted_times, edges)])
    return Weeks(int(edges[0]), posts.tolist(), (replies + counted).tolist())
