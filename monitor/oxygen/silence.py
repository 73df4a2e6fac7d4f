"""How likely it is that nothing more comes: a logistic on three figures of a channel's last year.

The coefficients were fitted by maximum likelihood (L2 penalty 1 on standardised features) on 9,473 monthly cut-offs
of 115 public channels, each channel weighing the same; the outcome is "no event in the next 180 days". Left-out-source
cross-validation: AUROC 0.908, average precision 0.707 (days of silence alone, fitted alike: 0.879 and 0.643).
Active weeks measure the channel's own gaps: the same number of events in fewer weeks means a bursty, frailer life.
Ratios of silence to median or 90th percentile gap were tried too, and added nothing on unseen sources.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit  # type: ignore[import-untyped,unused-ignore]

from monitor.model import DAY

INTERCEPT = -1.482
LOG_SILENCE = 0.737
"""Of log(days of silence + 0.5)."""
LOG_EVENTS = 0.706
"""Of log(1 + events in the last year)."""
LOG_WEEKS = -2.268
"""Of log(1 + weeks of the last year with any event)."""

_EDGES = np.append(np.arange(53) * 7 * DAY, 365 * DAY).astype(np.int64)


def scores(times: Any, moments: Any) -> NDArray[np.float64]:
    """Probability (0..1), at each moment, of silence for 180 days more; nan before the first event.

    ``times`` ascend and are Unix seconds, as ``moments`` are; nothing later than a moment is used for it.
    """
    life, at = np.asarray(times, dtype=np.int64), np.asarray(moments, dtype=np.int64)
    found = np.full(at.size, np.nan)
    seen = np.searchsorted(life, at, side="right")
    some = seen > 0
    if not some.any():
        return found
    marks = np.searchsorted(life, at[some, None] - _EDGES[None, :], side="right")
    weeks = np.count_nonzero(np.diff(marks, axis=1), axis=1)
    silence = (at[some] - life[seen[some] - 1]) / DAY
    logit = (
        INTERCEPT
        + LOG_SILENCE * np.log(silence + 0.5)
        + LOG_EVENTS * np.log1p(marks[:, 0] - marks[:, -1])
        + LOG_WEEKS * np.log1p(weeks)
    )
    found[some] = expit(logit)
    return found


def silent_probability(times: Any, now: int) -> float | None:
    """Probability (0..1) that nothing comes within 180 days after ``now``; None where nothing ever came."""
    value = float(scores(times, [now])[0])
    return None if np.isnan(value) else value
