"""How good a score is: ranking, calibration, and how soon an end is lastingly flagged."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

from benchmarks.detection.histories import Cuts, Flags, Floats

FALSE_ALARMS = 0.02
BINS = 10


@dataclass(frozen=True)
class Marks:
    """The marks of one score; every channel weighs the same."""

    auroc: float
    precision: float
    """Average precision."""
    collapse_auroc: float
    collapse_precision: float
    delay_days: float
    """Median days from a channel's last contribution to a flag that stays; infinite where not within a year."""
    brier: float | None = None
    error: float | None = None
    """Expected calibration error over ten bins."""


def marks(cuts: Cuts, score: Floats, collapse_score: Floats | None = None, probability: bool = False) -> Marks:
    """Mark a score against silence, and it (or another) against collapse; calibration only for a probability."""
    on = cuts.judged
    busy = on & cuts.steady
    other = score if collapse_score is None else collapse_score
    truth, weight = cuts.silent[on], cuts.weight[on]
    return Marks(
        auroc=roc_auc_score(truth, score[on], sample_weight=weight),
        precision=average_precision_score(truth, score[on], sample_weight=weight),
        collapse_auroc=roc_auc_score(cuts.collapsed[busy], other[busy], sample_weight=cuts.weight[busy]),
        collapse_precision=average_precision_score(cuts.collapsed[busy], other[busy], sample_weight=cuts.weight[busy]),
        delay_days=float(np.median(delays(cuts, score))),
        brier=brier_score_loss(truth, score[on], sample_weight=weight) if probability else None,
        error=calibration_error(truth, score[on], weight) if probability else None,
    )


def threshold(cuts: Cuts, score: Floats, false_alarms: float = FALSE_ALARMS) -> float:
    """The score above which lie at most ``false_alarms`` of the moments at which the channel was to go on."""
    alive = cuts.judged & ~cuts.silent
    values, weights = score[alive], cuts.weight[alive]
    order = np.argsort(values)
    share = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(np.searchsorted(share, 1 - false_alarms), values.size - 1)])


def delays(cuts: Cuts, score: Floats, false_alarms: float = FALSE_ALARMS) -> Floats:
    """For each ended channel, days from its last contribution to the first of the flags that stays; else infinity."""
    limit = threshold(cuts, score, false_alarms)
    found = []
    for _, mine in cuts.per_channel():
        after = np.flatnonzero(mine & cuts.ended)
        if after.size:
            below = np.flatnonzero(score[after] <= limit)
            first = below[-1] + 1 if below.size else 0
            found.append(cuts.since_end[after[first]] if first < after.size else np.inf)
    return np.array(found)


def calibration_error(truth: Flags, told: Floats, weight: Floats) -> float:
    """Mean distance, over ten bins of what was told, between what was told and what came; bins weigh by their rows."""
    return sum(abs(told - came) * share for _, told, came, share in reliability(truth, told, weight))


def reliability(truth: Flags, told: Floats, weight: Floats) -> list[tuple[int, float, float, float]]:
    """(bin, mean told, share that came, share of all rows) of each of ten bins that has any row."""
    bins = np.minimum((told * BINS).astype(int), BINS - 1)
    return [
        (
            number,
            float(np.average(told[mine], weights=weight[mine])),
            float(np.average(truth[mine], weights=weight[mine])),
            float(weight[mine].sum() / weight.sum()),
        )
        for number in range(BINS)
        if (mine := bins == number).any()
    ]
