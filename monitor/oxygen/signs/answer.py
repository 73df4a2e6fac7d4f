"""Answer: does the organisation answer its users, and how fast?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.model import DAY, Sign, Vital
from monitor.oxygen.activity import Activity, Flags, Ints
from monitor.oxygen.counting import first_places, median, quantile
from monitor.oxygen.examination import Examination
from monitor.oxygen.gaps import Floats
from monitor.oxygen.intervals import chance_of_so_small_a_share, health, of_share

ANSWER_DAYS = 7.0
"""An answer is in time within so many days, where nothing else was promised."""
FEWEST_QUESTIONS = 3
TARGET = 0.8
"""Share of threads that a promise is taken to mean: eight in ten answered in the promised time."""


@dataclass(frozen=True, slots=True, eq=False)
class Questions:
    """Threads that users began or joined: when they first spoke, and days until staff spoke next (inf: not yet)."""

    asked: Ints
    waits: Floats

    def those(self, mine: Flags) -> Questions:
        """A part of them."""
        return Questions(self.asked[mine], self.waits[mine])

    def before(self, moment: int) -> Questions:
        """As they were known at ``moment``: asked by then, and answered by then or not yet."""
        known = self.asked <= moment
        asked, waits = self.asked[known], self.waits[known]
        return Questions(asked, np.where(np.rint(waits * DAY) <= moment - asked, waits, np.inf))

    def within(self, days: float) -> int:
        """How many were answered within ``days``."""
        return int(np.count_nonzero(self.waits <= days))

    @property
    def answered(self) -> Floats:
        """Days until the first answer (time to first response) of those that have one."""
        return self.waits[np.isfinite(self.waits)]


def answer(exam: Examination) -> Vital:
    """Share of users' threads that staff answered in time (response rate), against the past.

    In time is the promised time, or a week. None where no staff was ever seen. Facts: time to first response in days
    (CHAOSS), median and 90th percentile of those answered, and how many were answered late or not yet.
    """
    promised = exam.promise.answer_within_days
    if not np.any(exam.life.staff == 1):
        return Vital(Sign.ANSWER, None, None, "share")
    patience = promised or ANSWER_DAYS
    every = questions(exam.life)
    then = every.before(exam.start)
    ripe = every.asked <= exam.now - patience * DAY
    recent = every.those((every.asked > exam.start) & ripe)
    young = every.those((every.asked > exam.start) & ~ripe).within(patience)
    last = min(exam.past_end, exam.start - int(patience * DAY))
    earlier = then.those((then.asked > exam.past_start) & (then.asked <= last))
    asked, in_time, before = recent.asked.size, recent.within(patience), earlier.asked.size
    normal = earlier.within(patience) / before if before >= FEWEST_QUESTIONS else None
    late, waiting = recent.answered.size - in_time, asked - recent.answered.size
    facts: dict[str, float] = {"asked": asked, "answered": in_time, "late": late, "waiting": waiting}
    if not exam.bare:
        facts |= _speed(recent, earlier) | ({} if promised is None else {"promised_days": promised})
    well = None
    if normal is not None or (promised is not None and before):
        target = normal if promised is None else TARGET
        # What is answered before its time is up is life given; what is not may still be.
        well = health(in_time + young, (asked + young) * (target or 0.0))
    if normal is not None and not exam.bare:
        at_all = earlier.answered.size / before
        facts |= {"expected": asked * at_all, "chance": chance_of_so_small_a_share(in_time, asked, normal)}
        facts["chance_at_all"] = chance_of_so_small_a_share(recent.answered.size, asked, at_all)
    value, low, high = None, None, None
    if asked >= FEWEST_QUESTIONS:
        value = in_time / asked
        low, high = (None, None) if exam.bare else of_share(in_time, asked)
    events, since = int(asked + before), exam.past_start + 1
    return Vital(Sign.ANSWER, value, normal, "share", well, events, since, exam.now, facts, low, high)


def _speed(recent: Questions, earlier: Questions) -> dict[str, float]:
    """Days until the first answer, now and before."""
    facts: dict[str, float] = {}
    if recent.answered.size:
        facts |= {"days": median(recent.answered), "days_90": quantile(recent.answered, 0.9)}
    if earlier.answered.size >= FEWEST_QUESTIONS:
        facts["days_normal"] = median(earlier.answered)
    return facts


def questions(life: Activity) -> Questions:
    """Every thread in which the public spoke, and how long it waited for staff."""
    public = (life.staff == 0) & (life.thread >= 0)
    threads, index = first_places(life.thread[public])
    asked = life.times[public][index]
    waits = np.full(asked.size, np.inf)
    ours = (life.staff == 1) & (life.thread >= 0)
    if not ours.any() or asked.size == 0:
        return Questions(asked, waits)
    base, width = life.times[0], life.times[-1] - life.times[0] + 1
    keys = np.sort(life.thread[ours] * width + (life.times[ours] - base))
    mine = threads * width + (asked - base)
    spot = np.minimum(np.searchsorted(keys, mine), keys.size - 1)
    same = (keys[spot] >= mine) & (keys[spot] // width == threads)
    waits[same] = (keys[spot][same] - mine[same]) / DAY
    return Questions(asked, waits)


def last_answer(life: Activity) -> int | None:
    """When staff last wrote in a thread that the public had written in before (Unix seconds); None: never seen."""
    public = (life.staff == 0) & (life.thread >= 0)
    ours = (life.staff == 1) & (life.thread >= 0)
    threads, index = first_places(life.thread[public])
    if threads.size == 0 or not ours.any():
        return None
    spot = np.minimum(np.searchsorted(threads, life.thread[ours]), threads.size - 1)
    answers = (threads[spot] == life.thread[ours]) & (life.times[public][index][spot] <= life.times[ours])
    return max(life.times[ours][answers].tolist(), default=None)
