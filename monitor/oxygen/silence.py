"""How likely it is that nothing more comes, and that what comes is next to nothing.

Two logistic models on the same few figures (``FIGURES``), with the coefficients of ``fitted``. Three of the five are
taken at the last contribution; between two contributions the probability rises with the silence.
docs/oxygen.md explains each of them, and follows one real channel through the sum.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit  # type: ignore[import-untyped,unused-ignore]

from monitor.model import DAY
from monitor.oxygen import fitted
from monitor.oxygen.activity import Activity, Flags, Ints, live
from monitor.oxygen.gaps import GapPrior, Gaps, own_gaps

Floats = NDArray[np.float64]

AHEAD_DAYS = 180
"""How far ahead silence and collapse are foretold."""
COLLAPSE_SHARE = 0.25
"""Activity has collapsed where it is under this share of the last year's rate."""
WEEK = 7 * DAY
WEEKS = 156
"""How many weeks up to the last contribution are looked at: three years."""
CERTAIN = 1e-5
LAG_DAYS = 7.0

FIGURES = ("own_gaps", "weeks_alive", "last_quarter", "last_voices", "post_lag")
"""The figures of both models, in the order of their coefficients, which follow the intercept.

``own_gaps``: log-odds that this silence lasts, going by the channel's own gaps alone (``gaps.Gaps.quiet``).
``weeks_alive``: log(1 + weeks with any contribution in the three years up to the last contribution).
``last_quarter``: contributions in the 13 weeks up to the last one against a quarter of those in 52 weeks, as log ratio.
``last_voices``: known participants in those 13 weeks against half of those in the 52, as log ratio.
``post_lag``: log of (days since the last post + 7) against (days since the last contribution of any kind + 7).
"""


@dataclass(frozen=True, slots=True, eq=False)
class Life:
    """Every sign of life of a channel, ascending by time (Unix seconds, on a clock that stands still in pauses)."""

    times: Ints
    is_post: Flags
    author: Ints
    """A number for each participant, -1 where unknown."""
    whole: bool = True
    """False where only the newest contributions are known, and there were others before."""

    @classmethod
    def of(cls, activity: Activity, pauses: Sequence[tuple[int, int]] = (), whole: bool = True) -> Life:
        """All contributions, and the nights on which counts told of further replies."""
        counted = activity.counted_times
        if counted.size == 0:
            return cls(live(activity.times, pauses), ~activity.is_reply, activity.author, whole)
        times = np.concatenate([activity.times, counted])
        order = np.argsort(times, kind="stable")
        is_post = np.concatenate([~activity.is_reply, np.zeros(counted.size, dtype=np.bool_)])
        author = np.concatenate([activity.author, np.full(counted.size, -1, dtype=np.int64)])
        return cls(live(times[order], pauses), is_post[order], author[order], whole)


def silence_odds(figures: Floats) -> Floats:
    """Log-odds of silence for 180 days more; ``figures`` is M x 5."""
    return np.asarray(fitted.SILENCE[0] + figures @ np.array(fitted.SILENCE[1:]), dtype=np.float64)


def collapse_odds(figures: Floats) -> Floats:
    """Log-odds of less than a quarter of the last year's activity in the next 180 days; ``figures`` is M x 5."""
    return np.asarray(fitted.COLLAPSE[0] + figures @ np.array(fitted.COLLAPSE[1:]), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class Outlook:
    """What is foretold at each of M moments: arrays of probabilities (0..1), nan before any life."""

    silent: Floats
    """Nothing comes in the next 180 days."""
    collapse: Floats
    """Under a quarter of the last year's rate comes; a silence is a collapse too, so never below ``silent``."""
    longer: Floats
    """A gap of this channel, while it lives, is longer than the silence that it is in."""

    def at(self, place: int) -> Outlook:
        """That of one moment alone."""
        return Outlook(*(part[place : place + 1] for part in (self.silent, self.collapse, self.longer)))


def outlook(life: Life, moments: Ints) -> Outlook:
    """What is foretold at each of M moments on the clock of ``life``; nothing later than a moment is used for it."""
    at = np.asarray(moments, dtype=np.int64)
    seen = life.times.searchsorted(at, side="right")
    some = seen > 0
    if not some.any():
        return Outlook(*(np.full(at.size, np.nan) for _ in range(3)))
    gaps = own_gaps(life.times, at[some])
    table, longer = _figures(life, at, gaps), np.full(at.size, np.nan)
    longer[some] = gaps.longer((at[some] - life.times[seen[some] - 1]) / DAY)
    silent = np.asarray(expit(silence_odds(table)), dtype=np.float64)
    return Outlook(silent, np.maximum(silent, expit(collapse_odds(table))), longer)


def figures(life: Life, moments: Ints, prior: GapPrior | None = None) -> Floats:
    """The figures (M x 5, as ``FIGURES``) at each of M moments on the same clock as ``life``; nan before any life."""
    at = np.asarray(moments, dtype=np.int64)
    some = at[life.times.searchsorted(at, side="right") > 0]
    return (
        _figures(life, at, own_gaps(life.times, some, prior)) if some.size else np.full((at.size, len(FIGURES)), np.nan)
    )


def _figures(life: Life, at: Ints, gaps: Gaps) -> Floats:
    """As ``figures``; ``gaps`` are those at the moments that come after the first contribution."""
    seen = np.searchsorted(life.times, at, side="right")
    found = np.full((at.size, len(FIGURES)), np.nan)
    some = seen > 0
    if not some.any():
        return found
    at, last = at[some], seen[some] - 1
    silence = (at - life.times[last]) / DAY
    quiet = gaps.quiet(silence, AHEAD_DAYS)
    ends, place = np.unique(last, return_inverse=True)
    found[some, 0] = logit(np.clip(quiet, CERTAIN, 1 - CERTAIN))
    found[some, 1:4] = _at_the_last(life, ends)[place]
    found[some, 4] = np.log((_since_a_post(life, at, last) + LAG_DAYS) / (silence + LAG_DAYS))
    return found


def _at_the_last(life: Life, ends: Ints) -> Floats:
    """Weeks alive, last quarter and last voices, as they were at contributions number ``ends``; E x 3."""
    times = life.times
    edges = times[ends][:, None] - np.arange(WEEKS + 1) * WEEK
    marks = np.searchsorted(times, edges, side="right")
    weeks = np.count_nonzero(np.diff(marks, axis=1), axis=1).astype(np.float64)
    if not life.whole:  # the year that the feeds' window hides is taken to have been as lively as what it shows
        weeks *= np.maximum(1.0, 52 / np.maximum(1.0, (times[ends] - times[0]) / WEEK))
    quarter, year = marks[:, 0] - marks[:, 13], marks[:, 0] - marks[:, 52]
    before = _seen_before(life.author)
    voices = np.array(
        [
            [_different(before, start, end + 1) for start in row]
            for row, end in zip(marks[:, [13, 52]], ends, strict=True)
        ]
    )
    return np.column_stack(
        [
            np.log1p(weeks),
            np.log1p(quarter) - np.log1p(year / 4),
            np.log1p(voices[:, 0]) - np.log1p(voices[:, 1] / 2),
        ]
    )


def _seen_before(author: Ints) -> Ints:
    """For each contribution the number of its author's one before, -1 where there is none; its own where unknown."""
    order = np.argsort(author, kind="stable")
    same = np.flatnonzero(author[order][1:] == author[order][:-1])
    before = np.full(author.size, -1, dtype=np.int64)
    before[order[same + 1]] = order[same]
    unknown = author < 0
    before[unknown] = np.flatnonzero(unknown)
    return before


def _different(before: Ints, start: int, end: int) -> int:
    """How many different known authors wrote contributions number ``start`` to ``end``, the last not included."""
    return int(np.count_nonzero(before[start:end] < start))


def _since_a_post(life: Life, at: Ints, last: Ints) -> Floats:
    """Days since the last post; since the last contribution where there was no post yet."""
    newest = np.maximum.accumulate(np.where(life.is_post, np.arange(life.times.size), -1))[last]
    return np.asarray((at - life.times[np.where(newest < 0, last, newest)]) / DAY, dtype=np.float64)
