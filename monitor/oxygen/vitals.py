"""The five vital signs, each held against the channel's own past or its promise.

A sign is one function from an ``Examination`` to a ``Vital``; ``SIGNS`` lists them. Normal rates are taken over the
year before the window, and only over the part of it that the evidence covers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, pdtr  # type: ignore[import-untyped,unused-ignore]

from monitor.model import DAY, Sign, Vital, Vitals
from monitor.oxygen.activity import Activity, Ints, Promise, live
from monitor.oxygen.silence import Life, outlook

WEEK = 7 * DAY
YEAR = 365 * DAY
MEMORY = 3 * YEAR
"""How far before its last event a channel's life is looked at."""
SITTING = DAY // 4
"""Gaps shorter than this are one sitting, not silence."""
SHORTEST_PAST_DAYS = 28
"""A past shorter than this is no normal."""
MINUTES_PER_ANSWER = 15
ECHO_DAYS = 7
ANSWER_DAYS = 7


@dataclass(frozen=True, slots=True, eq=False)
class Examination:
    """One channel at one moment: its recent life, the window, and the year before it."""

    life: Activity
    """The last three years up to the last event."""
    window: Activity
    past: Activity
    promise: Promise
    now: int
    start: int
    """Where the window begins."""
    past_start: int
    """Where the evidence of the past begins."""
    past_end: int
    moments: Ints
    """Every sign of life, on the clock that stands still in pauses."""
    clock: int
    """``now`` on that clock."""

    def weeks(self, begin: int, end: int) -> float:
        """Weeks between two moments, pauses left out."""
        first, last = live([begin, end], self.promise.pauses)
        return max(0.0, float(last - first) / WEEK)


def measure(activity: Activity, promise: Promise, now: int, window_days: int = 90, whole: bool = True) -> Vitals:
    """Measure the five signs at ``now`` over the last ``window_days`` days, using nothing later than ``now``.

    ``whole`` is False where the channel may be older than its first known contribution, since its feeds only showed
    the newest: then rates are taken over what they showed, and a short reach is no young age.
    """
    known = activity.before(now)
    exam = _examine(known, promise, now, window_days, whole)
    first = _first(known) if promise.opened is None else promise.opened
    young = first is not None and now - first < promise.stamina_days * DAY
    if promise.opened is None and not whole and young:
        first = None
    silence = None if exam.moments.size == 0 else max(0.0, float(exam.clock - exam.moments[-1]) / DAY)
    last_reply = max([*known.times[known.is_reply][-1:].tolist(), *known.counted_times[-1:].tolist()], default=None)
    return Vitals(
        now=now,
        window_days=window_days,
        signs={sign: take(exam) for sign, take in SIGNS.items()},
        posts=exam.window.posts,
        replies=exam.window.replies,
        last_post=next(iter(known.times[~known.is_reply][-1:].tolist()), None),
        last_reply=last_reply,
        age_days=None if first is None else max(0.0, (now - first) / DAY),
        silence_days=silence,
        silent_probability=float(outlook(Life.of(known, promise.pauses), np.array([exam.clock]))[0][0]),
    )


def _first(activity: Activity) -> int | None:
    return min([*activity.times[:1].tolist(), *activity.counted_times[:1].tolist()], default=None)


def _examine(known: Activity, promise: Promise, now: int, window_days: int, whole: bool) -> Examination:
    start = now - window_days * DAY
    life = known.life
    if not whole and life.size:
        start = max(start, int(life[0]) - 1)
    last = int(life[-1]) if life.size else now
    recent = known.between(last - MEMORY, now)
    # A channel long silent has its normal in the year up to its last sign of life, not in an empty one.
    past_end = min(start, last)
    first = int(life[0]) - 1 if life.size else past_end
    past_start = min(past_end, max(first, past_end - YEAR))
    return Examination(
        life=recent,
        window=recent.between(start, now),
        past=recent.between(past_start, past_end),
        promise=promise,
        now=now,
        start=start,
        past_start=past_start,
        past_end=past_end,
        moments=live(recent.life, promise.pauses),
        clock=int(live([now], promise.pauses)[0]),
    )


def _ratio(seen: float, expected: float) -> float:
    """Seen against expected, 0..1, with one added to both so that small numbers are not made much of."""
    return min(1.0, (seen + 1.0) / (expected + 1.0))


def _gaps(moments: Ints) -> NDArray[np.float64]:
    gaps = np.diff(moments)
    return np.asarray(gaps[gaps >= SITTING] / DAY, dtype=np.float64)


def pulse(exam: Examination) -> Vital:
    """Posts a week against the promise, or else the year before the window."""
    weeks = exam.weeks(exam.start, exam.now)
    past_weeks = exam.weeks(exam.past_start, exam.past_end)
    posts, before = exam.window.posts, exam.past.posts
    if exam.life.posts == 0:  # a feed of comments alone: they are its pulse
        posts, before = exam.window.replies, exam.past.replies
    promised = exam.promise.posts_per_month
    normal = before / past_weeks if past_weeks * 7 >= SHORTEST_PAST_DAYS and before else None
    own = normal
    if promised is not None:
        normal = promised * 12 / (365.25 / 7)
    value = posts / weeks if weeks >= 1 and exam.moments.size else None
    facts: dict[str, float] = {"posts": float(posts), "past_posts": float(before)}
    gaps = _gaps(exam.moments)
    if gaps.size:
        facts |= {"gap_days": float(np.median(gaps)), "long_gap_days": float(np.quantile(gaps, 0.9))}
        facts["gaps"] = float(gaps.size)
    if exam.moments.size:
        facts["reach_days"] = float(exam.now - exam.life.life[0]) / DAY
        facts["silence_days"] = max(0.0, float(exam.clock - exam.moments[-1]) / DAY)
    health = None
    if value is not None and normal is not None and posts + before >= 3:
        expected = normal * weeks
        health = _ratio(posts, expected)
        facts |= {"expected": expected, "chance": float(pdtr(posts, expected))}
        facts["against_promise"] = float(promised is not None)
        if own is not None:
            facts["own_normal"] = own
    return Vital(Sign.PULSE, value, normal, "per_week", health, posts + before, exam.past_start + 1, exam.now, facts)


def _answered(exam: Examination, begin: int, end: int) -> tuple[int, int]:
    """Posts in (begin, end], and how many of them drew a reply within a week."""
    life = exam.life
    chosen = ~life.is_reply & (life.times > begin) & (life.times <= end) & (life.thread >= 0)
    threads = np.concatenate([life.thread[life.is_reply], life.counted_thread])
    times = np.concatenate([life.times[life.is_reply], life.counted_times])
    order = np.lexsort((times, threads))
    threads, times = threads[order], times[order]
    if threads.size == 0:
        return int(np.count_nonzero(chosen)), 0
    names, index = np.unique(threads, return_index=True)
    asked = life.thread[chosen]
    spot = np.minimum(np.searchsorted(names, asked), names.size - 1)
    drew = (names[spot] == asked) & (times[index[spot]] - life.times[chosen] <= ECHO_DAYS * DAY)
    return int(asked.size), int(np.count_nonzero(drew))


def _rate(exam: Examination, part: Activity, begin: int, end: int, threaded: bool) -> tuple[int, int]:
    if threaded:
        return _answered(exam, begin, end)
    # Without threads a reply can only be shared out: as if each fell to a post of its own.
    return part.posts, min(part.posts, part.replies)


def echo(exam: Examination) -> Vital:
    """Share of posts that drew a reply within a week, against the past; None in a feed that never carried replies."""
    life = exam.life
    first = min([*life.times[life.is_reply][:1].tolist(), *life.counted_times[:1].tolist()], default=None)
    facts = {"posts": float(exam.window.posts), "replies": float(exam.window.replies)}
    if first is None:
        return Vital(Sign.ECHO, None, None, "share", None, 0, None, None, facts)
    known = np.count_nonzero(life.thread[life.is_reply] >= 0) + np.count_nonzero(life.counted_thread >= 0)
    threaded = bool(2 * known >= np.count_nonzero(life.is_reply) + life.counted_thread.size)
    # Posts of the last week may still be answered; posts from before the reply feed's reach could not be seen to be.
    end = exam.now - ECHO_DAYS * DAY if threaded else exam.now
    begin = min(exam.past_end, max(exam.past_start, first - ECHO_DAYS * DAY - 1))
    asked, answered = _rate(exam, exam.window, exam.start, end, threaded)
    past = exam.past.between(begin, exam.past_end)
    past_asked, past_answered = _rate(exam, past, begin, exam.past_end, threaded)
    value = answered / asked if asked else None
    normal = past_answered / past_asked if past_asked >= 3 else None
    facts |= {"asked": float(asked), "answered": float(answered)}
    health = None
    if value is not None and normal:
        health = _ratio(answered, asked * normal)
        facts |= {"expected": asked * normal, "chance": float(bdtr(answered, asked, min(normal, 1 - 1e-9)))}
    return Vital(Sign.ECHO, value, normal, "share", health, asked + past_asked, begin + 1, exam.now, facts)


def _questions(life: Activity) -> tuple[Ints, NDArray[np.float64]]:
    """For each thread: when the public first spoke in it, and days until staff spoke next (inf: not yet)."""
    public = (life.staff == 0) & (life.thread >= 0)
    threads, index = np.unique(life.thread[public], return_index=True)
    asked = life.times[public][index]
    ours = (life.staff == 1) & (life.thread >= 0)
    waits = np.full(asked.size, np.inf)
    if not ours.any() or asked.size == 0:
        return asked, waits
    base, width = life.times[0], life.times[-1] - life.times[0] + 1
    keys = np.sort(life.thread[ours] * width + (life.times[ours] - base))
    mine = threads * width + (asked - base)
    spot = np.minimum(np.searchsorted(keys, mine), keys.size - 1)
    same = (keys[spot] >= mine) & (keys[spot] // width == threads)
    waits[same] = (keys[spot][same] - mine[same]) / DAY
    return asked, waits


def answer(exam: Examination) -> Vital:
    """Share of threads with a public contribution that staff answered in time; None where no staff was ever seen."""
    life, promised = exam.life, exam.promise.answer_within_days
    if not np.any(life.staff == 1):
        return Vital(Sign.ANSWER, None, None, "share")
    times, waits = _questions(life)
    patience = max(ANSWER_DAYS, 2 * (promised or 0))
    recent = (times > exam.start) & ((times <= exam.now - patience * DAY) | (waits <= patience))
    earlier = (times > exam.past_start) & (times <= exam.past_end)
    asked, answered = int(recent.sum()), int((waits[recent] <= patience).sum())
    past_asked, past_answered = int(earlier.sum()), int((waits[earlier] <= patience).sum())
    facts = {"asked": float(asked), "answered": float(answered)}
    if asked < 3:
        return Vital(Sign.ANSWER, None, None, "share", None, asked + past_asked, None, None, facts)
    normal = past_answered / past_asked if past_asked >= 3 else None
    expected = asked * (normal if normal is not None else 0.5)
    health = _ratio(answered, expected)
    facts |= {"expected": expected, "chance": float(bdtr(answered, asked, min(expected / asked, 1 - 1e-9)))}
    prompt = waits[recent][np.isfinite(waits[recent])]
    if prompt.size:
        facts["days"] = float(np.median(prompt))
        if promised is not None and facts["days"] > promised:
            health = min(health, promised / facts["days"])
    if promised is not None:
        facts["promised_days"] = promised
    return Vital(
        Sign.ANSWER, answered / asked, normal, "share", health, asked + past_asked, exam.past_start + 1, exam.now, facts
    )


def _voices(part: Activity) -> tuple[int, float, int]:
    """How many different known authors, the share of the most diligent one, and contributions they stand on."""
    known = part.author[part.author >= 0]
    if known.size == 0:
        return 0, 0.0, 0
    counts = np.unique(known, return_counts=True)[1]
    return int(counts.size), float(counts.max() / known.size), int(known.size)


def circle(exam: Examination) -> Vital:
    """How many different people take part in a window, against the windows of the year before."""
    authors, share, events = _voices(exam.window)
    length = exam.now - exam.start
    ends = range(exam.past_end, exam.past_start + length - 1, -length)
    windows = [_voices(exam.past.between(end - length, end)) for end in ends]
    windows = [one for one in windows if one[2]]
    normal = float(np.mean([one[0] for one in windows])) if windows else None
    before = sum(one[2] for one in windows)
    if events + before < 5 or (events == 0 and exam.window.times.size):
        return Vital(Sign.CIRCLE, None, None, "people", None, events + before)
    old = exam.life.author[exam.life.times <= exam.start]
    newcomers = np.setdiff1d(exam.window.author, old)
    facts = {"authors": float(authors), "share": share, "newcomers": float(np.count_nonzero(newcomers >= 0))}
    if windows:
        facts["share_normal"] = float(np.mean([one[1] for one in windows]))
    health = None if normal is None else _ratio(authors, normal)
    since = exam.past_start + 1
    return Vital(Sign.CIRCLE, float(authors), normal, "people", health, events + before, since, exam.now, facts)


def _owed(part: Activity) -> int:
    """Threads that wait for the organisation: any with a contribution not from staff; loose ones count each."""
    theirs = part.thread[part.staff != 1]
    return int(np.unique(theirs[theirs >= 0]).size + np.count_nonzero(theirs < 0))


def investment(exam: Examination) -> Vital:
    """Hours a week of answers owed against hours pledged; whether there is an owner and the questions are answered."""
    promise, pledged = exam.promise, exam.promise.hours_per_week
    weeks = exam.weeks(exam.start, exam.now)
    questions = min(3, max(0, promise.questions_answered))
    facts = {"owner": float(promise.owner), "questions": float(questions)}
    events = int(exam.window.times.size)
    owed = _owed(exam.window) / weeks * MINUTES_PER_ANSWER / 60 if weeks >= 1 and exam.moments.size else None
    if owed is not None:
        facts["hours_owed"] = owed
    if pledged is not None:
        facts["hours_pledged"] = pledged
    if owed is None:
        return Vital(Sign.INVESTMENT, None, pledged, "hours", None, events, None, None, facts)
    enough = 0.0 if pledged is None else min(1.0, max(0.0, pledged) / owed) if owed > 0 else 1.0
    health = 0.4 * promise.owner + 0.4 * enough + 0.2 * questions / 3
    return Vital(Sign.INVESTMENT, owed, pledged, "hours", min(1.0, health), events, exam.start + 1, exam.now, facts)


SIGNS: dict[Sign, Callable[[Examination], Vital]] = {
    Sign.PULSE: pulse,
    Sign.ECHO: echo,
    Sign.ANSWER: answer,
    Sign.CIRCLE: circle,
    Sign.INVESTMENT: investment,
}
"""Every sign and how it is taken: a new sign is one function and one line here."""
