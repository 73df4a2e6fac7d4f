"""Four simple rules to be compared with: what a user could compute instead."""

from __future__ import annotations

import numpy as np
from scipy.optimize import minimize
from scipy.special import gammaln

from benchmarks.detection.histories import Cuts, Flags, Floats
from monitor.model import DAY
from monitor.oxygen.silence import WEEK

NAMES = ("days of silence", "silence / own median gap", "last 90 days / 90 before", "BG/NBD probability alive")


def simple(cuts: Cuts) -> dict[str, Floats]:
    """The three rules that need no fitting; higher is likelier to fall silent."""
    silence, gap, fade = (np.empty(cuts.moment.size) for _ in range(3))
    for history, mine in cuts.per_channel():
        times, at = history.life.times, cuts.moment[mine]
        seen = np.searchsorted(times, at, side="right")
        silence[mine] = (at - times[seen - 1]) / DAY
        median = np.array([np.median(np.diff(times[:number])) for number in seen]) / DAY
        gap[mine] = silence[mine] / (median + 1)
        late = seen - np.searchsorted(times, at - 90 * DAY, side="right")
        early = seen - late - np.searchsorted(times, at - 180 * DAY, side="right")
        fade[mine] = -np.log((late + 1) / (early + 1))
    return dict(zip(NAMES, (silence, gap, fade), strict=False))


def repeats(cuts: Cuts) -> tuple[Floats, Floats, Floats]:
    """For BG/NBD: weeks with any contribution beyond the first, age in weeks at the last one, and age in weeks.

    Contributions or days instead of weeks were tried: they make a weaker rule.
    """
    count, recency, age = (np.empty(cuts.moment.size) for _ in range(3))
    for history, mine in cuts.per_channel():
        times, at = history.life.times, cuts.moment[mine]
        began = times[np.unique((times - times[0]) // WEEK, return_index=True)[1]]
        count[mine] = np.searchsorted(began, at, side="right") - 1
        last = times[np.searchsorted(times, at, side="right") - 1]
        recency[mine] = np.where(count[mine] > 0, (last - times[0]) / WEEK, 0.0)
        age[mine] = (at - times[0]) / WEEK
    return count, recency, age


def bgnbd(cuts: Cuts, train: Flags) -> Floats:
    """1 - P(alive) of the BG/NBD model, fitted by maximum likelihood on the rows ``train``.

    Fader, Hardie and Lee (2005), "Counting Your Customers" the Easy Way: likelihood (6), P(alive) as in their note.
    """
    count, recency, age = repeats(cuts)
    parts = _log_parts(*(values[train] for values in (count, recency, age)))
    weight = cuts.weight[train]

    def loss(logs: Floats) -> float:
        return -float(np.sum(weight * np.logaddexp(*parts(np.exp(np.clip(logs, -8, 8))))))

    best = np.exp(minimize(loss, np.zeros(4), method="L-BFGS-B", bounds=[(-6, 6)] * 4).x)
    alive, gone = _log_parts(count, recency, age)(best)
    return np.asarray(1 / (1 + np.exp(np.clip(alive - gone, -500, 500))))


def _log_parts(count: Floats, recency: Floats, age: Floats):  # type: ignore[no-untyped-def]
    """Log-likelihoods of "still alive" and "gone after the last one", as a function of (r, alpha, a, b)."""

    def parts(values: Floats) -> tuple[Floats, Floats]:
        r, alpha, a, b = values
        common = gammaln(r + count) - gammaln(r) + r * np.log(alpha)
        beta = gammaln(a + b) - gammaln(b) + gammaln(b + count) - gammaln(a + b + count)
        alive = common + beta - (r + count) * np.log(alpha + age)
        gone = common + beta + np.log(a) - np.log(b + np.maximum(count, 1) - 1) - (r + count) * np.log(alpha + recency)
        return alive, np.where(count > 0, gone, -np.inf)

    return parts
