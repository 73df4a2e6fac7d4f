"""What would we have said then? One channel's history, replayed."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model import DAY
from monitor.oxygen.activity import Activity, Ints, Promise
from monitor.oxygen.diagnosis import diagnose
from monitor.oxygen.silence import Life, outlook
from monitor.oxygen.vitals import measure

FIRST_DAYS = 180
LAST_DAYS = 365


def backtest(
    times: Any, reply: Any, author: Any, thread: Any, staff: Any, every_days: int = 30, until: int | None = None
) -> tuple[Ints, list[str], NDArray[np.float64]]:
    """Replay a history: moments (Unix seconds), the status and the probability of silence at each.

    Moments run from the first event + 180 days, every ``every_days``, to ``until`` or the last event + 365 days.
    Nothing later than a moment is used for it. Each moment is judged for itself: the three nights that a change must
    hold pass within any step of three days or more. Raises ValueError where ``every_days`` is below 1.
    """
    if every_days < 1:
        raise ValueError(f"every_days must be 1 or more, not {every_days}")
    whole = Activity.from_arrays(times, reply, author, thread, staff)
    if whole.times.size == 0:
        return np.empty(0, dtype=np.int64), [], np.empty(0, dtype=np.float64)
    stop = int(whole.times[-1]) + LAST_DAYS * DAY if until is None else until
    moments = np.arange(int(whole.times[0]) + FIRST_DAYS * DAY, stop + 1, every_days * DAY, dtype=np.int64)
    promise = Promise()
    ahead = outlook(Life.of(whole), moments)
    statuses = [
        diagnose(measure(whole, promise, now, ahead=ahead.at(place)), promise, True, None, now).status.value
        for place, now in enumerate(moments.tolist())
    ]
    return moments, statuses, ahead.silent
