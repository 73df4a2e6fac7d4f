"""Takes a channel's vital signs at one moment."""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Vitals
from monitor.oxygen.activity import Activity, Promise, live
from monitor.oxygen.examination import Examination, lay_out
from monitor.oxygen.gaps import own_gaps
from monitor.oxygen.signs import SIGNS
from monitor.oxygen.silence import Life, outlook

WINDOW_DAYS = 90


def measure(
    activity: Activity,
    promise: Promise,
    now: int,
    window_days: int = WINDOW_DAYS,
    whole: bool = True,
    outlooks: tuple[float, float] | None = None,
) -> Vitals:
    """Measure the five signs at ``now`` over the last ``window_days`` days, using nothing later than ``now``.

    ``whole`` is False where the channel may be older than its first known contribution, since its feeds only showed
    the newest: then a short reach is no young age. ``outlooks`` are the probabilities of silence and of collapse, where
    the caller has worked them out already.
    """
    known = activity.before(now)
    exam = lay_out(known, promise, now, window_days, whole)
    silent, collapse = outlooks or _outlooks(known, exam, whole)
    silence = None if exam.moments.size == 0 else max(0.0, float(exam.clock - exam.moments[-1]) / DAY)
    last_reply = max([*known.times[known.is_reply][-1:].tolist(), *known.counted_times[-1:].tolist()], default=None)
    return Vitals(
        now=now,
        window_days=window_days,
        signs={sign: take(exam) for sign, take in SIGNS.items()},
        posts=known.between(now - window_days * DAY, now).posts,
        replies=known.between(now - window_days * DAY, now).replies,
        last_post=next(iter(known.times[~known.is_reply][-1:].tolist()), None),
        last_reply=last_reply,
        age_days=_age(known, promise, now, whole),
        silence_days=silence,
        silent_probability=None if np.isnan(silent) else silent,
        collapse_probability=None if np.isnan(collapse) else collapse,
        longer_gap_probability=None if silence is None else _longer(known, exam, silence),
    )


def _outlooks(known: Activity, exam: Examination, whole: bool) -> tuple[float, float]:
    silent, collapse = outlook(Life.of(known, exam.promise.still, whole), np.array([exam.clock]))
    return float(silent[0]), float(collapse[0])


def _longer(known: Activity, exam: Examination, silence: float) -> float:
    """Probability that a gap of this channel, while it lives, is longer than the silence that it is in."""
    life = live(known.life, exam.promise.still)
    return float(own_gaps(life, np.array([exam.clock])).longer(np.array([silence]))[0])


def _age(known: Activity, promise: Promise, now: int, whole: bool) -> float | None:
    """Days since it was opened, or first written to; None where a short reach is all that is known."""
    first = promise.opened
    if first is None or first > now:
        first = min([*known.times[:1].tolist(), *known.counted_times[:1].tolist()], default=None)
        if first is None or (not whole and now - first < promise.stamina_days * DAY):
            return None
    return max(0.0, (now - first) / DAY)
