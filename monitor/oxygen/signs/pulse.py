"""Pulse: is it posted to as often as it used to be, or as promised?"""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Sign, Vital
from monitor.oxygen.activity import Ints
from monitor.oxygen.counting import differences, median, quantile
from monitor.oxygen.examination import SHORTEST_PAST_WEEKS, WEEK, Examination
from monitor.oxygen.gaps import Floats, active_days
from monitor.oxygen.intervals import chance_of_so_few, health, of_count

FEWEST_POSTS = 3
"""Fewer posts than this in the past are no normal."""
FEWEST_GAPS = 3
FEWEST_STRETCHES = 6
MANY_REPLIES = 10
PATIENCE = 2.0
"""A silence up to so many times the channel's own long gaps costs no oxygen."""
MONTHS_A_YEAR, WEEKS_A_YEAR = 12, 365.25 / 7


def pulse(exam: Examination) -> Vital:
    """Posts a week in the window (posting frequency), against the promise, or else the past.

    Health is the lower of two: posts against what was expected, and the channel's long gaps (the 90th percentile, those
    of the window left out) against the silence that it is in.
    """
    posts, before = exam.window.posts, exam.past.posts
    by_replies = _lives_by_replies(exam)
    if by_replies:
        posts, before = exam.window.replies, exam.past.replies
    weeks, past_weeks = exam.window_weeks, exam.past_weeks
    own = before / past_weeks if past_weeks >= SHORTEST_PAST_WEEKS and before >= FEWEST_POSTS else None
    promised = exam.promise.posts_per_month
    normal = own if promised is None else promised * MONTHS_A_YEAR / WEEKS_A_YEAR
    facts = {"posts": float(posts), "past_posts": float(before)} | _rhythm(exam)
    value = posts / weeks if weeks >= 1 and exam.moments.size else None
    low, high = (None, None) if value is None or exam.bare else (bound / weeks for bound in of_count(posts))
    well = None
    if value is not None and normal is not None:
        expected = normal * weeks
        if not exam.bare:
            unsure = 1.0 if own is None else _clumping(exam, by_replies) * (1 + expected / before)
            facts |= {"expected": expected, "chance": chance_of_so_few(posts, expected, unsure)}
            facts["against_promise"] = float(promised is not None)
        well = min(health(posts, expected), _lull(facts))
    if own is not None:
        facts["own_normal"] = own
    since = exam.past_start + 1
    return Vital(Sign.PULSE, value, normal, "per_week", well, posts + before, since, exam.now, facts, low, high)


def _lives_by_replies(exam: Examination) -> bool:
    """True for a feed of comments, with hardly a post: they are its pulse."""
    told = exam.past if exam.past.times.size else exam.life
    return told.posts < FEWEST_POSTS and told.replies > MANY_REPLIES * told.posts


def _clumping(exam: Examination, by_replies: bool) -> float:
    """Variance against mean of the past's counts in stretches of four weeks; 1 where posts come independently.

    Batches of posts make a poor quarter likelier than a Poisson count would have it (index of dispersion).
    """
    mine = exam.past.is_reply if by_replies else ~exam.past.is_reply
    edges = np.arange(exam.past_end, exam.past_start - 1, -4 * WEEK)[::-1]
    if edges.size <= FEWEST_STRETCHES:
        return 1.0
    counts = differences(exam.past.times[mine].searchsorted(edges, side="right"))
    return max(1.0, float(np.var(counts, ddof=1) / np.mean(counts))) if counts.any() else 1.0


def _rhythm(exam: Examination) -> dict[str, float]:
    """The silence, and the channel's own gaps: of the past where it has a few, else of all that is known."""
    if exam.moments.size == 0:
        return {}
    facts = {
        "silence_days": max(0.0, float(exam.clock - exam.moments[-1]) / DAY),
        "reach_days": float(exam.now - exam.life.life[0]) / DAY,
        "undated": exam.life.undated,
    }
    past = gaps(exam.moments[exam.moments <= exam.clock_start])
    own = past if past.size >= FEWEST_GAPS else gaps(exam.moments)
    if own.size:
        facts |= {"gap_days": median(own), "long_gap_days": quantile(own, 0.9)}
        facts |= {"gaps": float(own.size), "past_gaps": float(past.size)}
    return facts


def gaps(moments: Ints) -> Floats:
    """Days between one day with contributions and the next."""
    return differences(active_days(moments)[0]).astype(np.float64)


def _lull(facts: dict[str, float]) -> float:
    """Long gaps against the silence, 0..1; 1 where too few gaps are known."""
    if facts.get("past_gaps", 0.0) < FEWEST_GAPS:
        return 1.0
    patience = PATIENCE * max(facts["long_gap_days"], WEEK / DAY)
    return min(1.0, patience / max(facts["silence_days"], patience))
