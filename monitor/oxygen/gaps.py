"""A channel's own gaps: how long a silence its life so far explains.

Gaps are taken as log-normal, for a few long ones among many short ones is how people write, and are known the less the
fewer there are. So the channel's own mean and spread are mixed with those of the population (``fitted``), and what is
then expected of the next gap is a Student t distribution of its logarithm (Gelman et al., Bayesian Data Analysis, 3.3).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr  # type: ignore[import-untyped,unused-ignore]

from monitor.model import DAY
from monitor.oxygen import fitted
from monitor.oxygen.activity import Ints
from monitor.oxygen.counting import differences

Floats = NDArray[np.float64]

FORGOTTEN = 30
"""After so many times the memory a gap counts less than one in a thousand million, and is left out."""
HALF = 0.5
"""Days added to every silence: a channel is not looked at in the very second in which somebody wrote."""


@dataclass(frozen=True, slots=True, eq=False)
class GapPrior:
    """What is known of any channel's gaps before the first of them; ``weight``s are in gaps."""

    mean: float = fitted.GAP_MEAN
    """Of the natural logarithm of a gap in days."""
    mean_weight: float = fitted.GAP_MEAN_WEIGHT
    spread: float = fitted.GAP_SPREAD
    """Standard deviation of that logarithm."""
    spread_weight: float = fitted.GAP_SPREAD_WEIGHT
    memory: float = fitted.GAP_MEMORY
    """After so many gaps an older one counts half."""
    hazard: float = fitted.HAZARD
    """Probability that a contribution is the last one, before anything else is known."""


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """What is expected of the gap that a channel is in, at each of M moments: arrays of length M."""

    centre: Floats
    """Of the logarithm of the gap in days."""
    spread: Floats
    freedom: Floats
    hazard: float

    def longer(self, days: Floats) -> Floats:
        """Probability (0..1) that a gap of this channel, while it lives, is longer than ``days``."""
        return np.asarray(stdtr(self.freedom, (self.centre - np.log(days + HALF)) / self.spread), dtype=np.float64)

    def over(self, days: Floats) -> Floats:
        """Probability (0..1) that a channel silent for ``days`` has had its last contribution.

        Every contribution may be the last (``hazard``), as in the BG/NBD model (Fader, Hardie and Lee, "Counting Your
        Customers" the Easy Way, 2005); here with the channel's own log-normal gaps. By Bayes' rule.
        """
        return self.hazard / (self.hazard + (1 - self.hazard) * self.longer(days))

    def quiet(self, days: Floats, ahead: float) -> Floats:
        """Probability (0..1) that a channel silent for ``days`` stays so for ``ahead`` days more."""
        gone = self.over(days)
        return gone + (1 - gone) * self.longer(days + ahead) / self.longer(days)


def active_days(times: Ints) -> tuple[Ints, Ints]:
    """Days on which there was any contribution, numbered from the first, and the first contribution of each.

    ``times`` ascend, Unix seconds. A day is one of 24 hours since the very first contribution, so that neither a time
    zone nor a shift of all times matters.
    """
    if times.size == 0:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
    days = (times - times[0]) // DAY
    new = np.ones(days.size, dtype=np.bool_)
    np.not_equal(days[1:], days[:-1], out=new[1:])  # they ascend
    return days[new], times[new]


def own_gaps(times: Ints, moments: Ints, prior: GapPrior | None = None) -> Gaps:
    """The gaps that ended no later than each of M ``moments``; ``times`` ascend. All in Unix seconds.

    Steps: 1. gaps are days between one active day and the next, so that a busy day is one; 2. their logarithms are
    averaged, older ones fading; 3. mean and spread are drawn towards the population's, by the conjugate
    (normal-inverse-chi-square) rule, and the next gap is expected around them.
    """
    prior = prior or GapPrior()
    days, began = active_days(times)
    logs = np.log(differences(days))
    known = np.searchsorted(began[1:], moments, side="right")
    steps = np.arange(int(FORGOTTEN * prior.memory))  # always as many: sums must not depend on what comes later
    back = known[:, None] - 1 - steps
    fading = np.where(back >= 0, 0.5 ** (steps / prior.memory), 0.0)
    recent = logs[np.maximum(back, 0)] if logs.size else np.zeros_like(fading)
    weight = fading.sum(axis=1)
    some = np.maximum(weight, 1e-9)
    mean = (fading * recent).sum(axis=1) / some
    variance = (fading * np.square(recent - mean[:, None])).sum(axis=1) / some
    known_by = weight + prior.mean_weight
    freedom = weight + prior.spread_weight
    apart = weight * prior.mean_weight / known_by * np.square(mean - prior.mean)
    squares = prior.spread_weight * prior.spread**2 + weight * variance + apart
    return Gaps(
        centre=(weight * mean + prior.mean_weight * prior.mean) / known_by,
        spread=np.sqrt(squares / freedom * (1 + 1 / known_by)),
        freedom=freedom,
        hazard=prior.hazard,
    )
