"""Takes a channel's vital signs at one moment."""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Sign, Vital, Vitals
from monitor.oxygen.activity import MOSTLY, Activity, Promise
from monitor.oxygen.examination import lay_out
from monitor.oxygen.gaps import Floats
from monitor.oxygen.signs import SIGNS
from monitor.oxygen.signs.answer import last_answer
from monitor.oxygen.silence import Life, Outlook, outlook

WINDOW_DAYS = 90


def measure(
    activity: Activity,
    promise: Promise,
    now: int,
    window_days: int = WINDOW_DAYS,
    whole: bool = True,
    ahead: Outlook | None = None,
) -> Vitals:
    """Measure the five signs at ``now`` over the last ``window_days`` days, using nothing later than ``now``.

    ``whole`` is False where the channel may be older than its first known contribution, since its feeds only showed
    the newest: then a short reach is no young age. ``ahead`` is the outlook at ``now``, where the caller has worked it
    out already.
    """
    known = activity.before(now)
    exam = lay_out(known, promise, now, window_days, whole)
    ahead = ahead or outlook(Life.of(known, promise.still, whole), np.array([exam.clock]))
    silence = None if exam.moments.size == 0 else max(0.0, float(exam.clock - exam.moments[-1]) / DAY)
    last_reply = max([*known.times[known.is_reply][-1:].tolist(), *known.counted_times[-1:].tolist()], default=None)
    window = known.between(now - window_days * DAY, now)
    return Vitals(
        now=now,
        window_days=window_days,
        signs={sign: take(exam) for sign, take in SIGNS.items()},
        posts=window.posts,
        replies=window.replies,
        last_post=next(iter(known.times[~known.is_reply][-1:].tolist()), None),
        last_reply=last_reply,
        age_days=_age(known, promise, now, whole),
        silence_days=silence,
        silent_probability=_told(ahead.silent),
        collapse_probability=_told(ahead.collapse),
        longer_gap_probability=_told(ahead.longer),
        last_staff=next(iter(known.times[known.staff == 1][-1:].tolist()), None),
        last_answer=last_answer(known),
    )


def take_signs(
    activity: Activity, promise: Promise, now: int, window_days: int = WINDOW_DAYS, whole: bool = True
) -> dict[Sign, Vital]:
    """As ``measure``, of the five signs their values and healths alone."""
    exam = lay_out(activity.before(now), promise, now, window_days, whole, bare=True)
    return {sign: take(exam) for sign, take in SIGNS.items()}


def _told(probability: Floats) -> float | None:
    return None if np.isnan(probability[0]) else float(probability[0])


def _age(known: Activity, promise: Promise, now: int, whole: bool) -> float | None:
    """Days since it was opened, or first written to; None where a short reach, or a short watch, is all we know."""
    first = promise.opened
    if first is None or first > now:
        first = min([*known.times[:1].tolist(), *known.counted_times[:1].tolist()], default=None)
        known_since = whole and known.undated <= MOSTLY
        if first is None or (not known_since and now - first < promise.stamina_days * DAY):
            return None
    return max(0.0, (now - first) / DAY)
