"""Investment: is there an owner, are the hours pledged enough for the answers owed, are the questions answered?"""

from __future__ import annotations

import numpy as np

from monitor.model import Sign, Vital
from monitor.oxygen.activity import Activity
from monitor.oxygen.counting import how_many
from monitor.oxygen.examination import SHORTEST_PAST_WEEKS, Examination
from monitor.oxygen.intervals import of_count

MINUTES_PER_ANSWER = 15
"""What reading and answering one thread is reckoned to take."""
LUCK, OWNER, HOURS, QUESTIONS = 0.3, 0.3, 0.3, 0.1
"""What the sign's health is made of: a channel that nobody is named for may live on, but by luck."""


def investment(exam: Examination) -> Vital:
    """Hours a week of answers owed (workload) against hours pledged (capacity).

    Health holds the pledge against the load of the past, where there is one, so that life in the window is no fault.
    """
    promise, pledged = exam.promise, exam.promise.hours_per_week
    weeks = exam.window_weeks
    questions = min(3, max(0, promise.questions_answered))
    facts = {"owner": float(promise.owner), "questions": float(questions)}
    if pledged is not None:
        facts["hours_pledged"] = pledged
    events = int(exam.window.times.size)
    if weeks < 1 or exam.moments.size == 0:
        return Vital(Sign.INVESTMENT, None, pledged, "hours", None, events, None, None, facts)
    threads = owed(exam.window)
    value = hours(threads) / weeks
    low, high = (None, None) if exam.bare else (hours(bound) / weeks for bound in of_count(threads))
    facts |= {"hours_owed": value, "threads_owed": threads / weeks, "minutes": float(MINUTES_PER_ANSWER)}
    long = exam.past_weeks >= SHORTEST_PAST_WEEKS
    load = hours(owed(exam.past)) / exam.past_weeks if long else 0.0
    if long:
        facts["hours_normal"] = load
    enough = 0.0 if pledged is None else min(1.0, pledged / load) if load > 0 else 1.0
    well = LUCK + OWNER * promise.owner + HOURS * max(0.0, enough) + QUESTIONS * questions / 3
    return Vital(
        Sign.INVESTMENT, value, pledged, "hours", min(1.0, well), events, exam.start + 1, exam.now, facts, low, high
    )


def hours(threads: float) -> float:
    """Hours that so many threads take to answer."""
    return threads * MINUTES_PER_ANSWER / 60


def owed(part: Activity) -> int:
    """Threads that wait for the organisation: any with a contribution not from staff; loose ones count each."""
    theirs = part.thread[part.staff != 1]
    return how_many(theirs[theirs >= 0]) + int(np.count_nonzero(theirs < 0))
