"""Fits the models of silence and collapse on a directory of histories, and writes ``monitor/oxygen/fitted.py``.

Usage: python -m benchmarks.detection.fit FOLDER
"""

from __future__ import annotations

import sys
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.detection.histories import Cuts, Flags, Floats, cuts, load
from monitor.oxygen import fitted
from monitor.oxygen.gaps import GapPrior
from monitor.oxygen.silence import FIGURES, figures

TARGET = Path(fitted.__file__)
PRIOR = GapPrior(mean=3.0, mean_weight=3.0, spread=1.5, spread_weight=4.0, memory=10.0, hazard=0.02)
"""The population's gaps: round figures, set by hand in the middle of a plateau (the benchmark prints it).

Searching for them by log loss within each fold was tried: it gains nothing on sources that were left out."""
ROWS = 1_421.0
"""How many independent rows the rows together count for against the penalty: 13 a channel, about one a year."""


@dataclass(frozen=True)
class Fit:
    """What was fitted: the population's gaps, and an intercept and five coefficients for each model."""

    prior: GapPrior
    silence: Floats
    collapse: Floats


class Table:
    """The figures of every row of ``cuts``, for any population of gaps."""

    def __init__(self, rows: Cuts) -> None:
        self.cuts = rows
        self._known: dict[tuple[float, ...], Floats] = {}

    def figures(self, prior: GapPrior = PRIOR) -> Floats:
        """Rows x 5; worked out once for each prior."""
        key = astuple(prior)
        if key not in self._known:
            found = np.empty((self.cuts.moment.size, len(FIGURES)))
            for history, mine in self.cuts.per_channel():
                found[mine] = figures(history.life, self.cuts.moment[mine], prior)
            self._known[key] = found
        return self._known[key]


def fit(table: Table, train: Flags, prior: GapPrior = PRIOR) -> Fit:
    """Fit both models on the rows ``train``, given the population's gaps."""
    on = train & table.cuts.judged
    silence = logistic(table.figures(prior)[on], table.cuts.silent[on], table.cuts.weight[on])
    busy = on & table.cuts.steady
    collapse = logistic(table.figures(prior)[busy], table.cuts.collapsed[busy], table.cuts.weight[busy])
    return Fit(prior, silence, collapse)


def logistic(x: Floats, y: Flags, weight: Floats) -> Floats:
    """Intercept and coefficients by maximum likelihood, with an L2 penalty of 1 on standardised figures."""
    centre, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    model = LogisticRegression(C=1.0, max_iter=500)
    model.fit((x - centre) / scale, y, sample_weight=weight * ROWS / weight.sum())
    slopes = model.coef_[0] / scale
    return np.concatenate([[model.intercept_[0] - slopes @ centre], slopes])


def write(fit: Fit, table: Table, today: str) -> str:
    """The text of ``fitted.py``."""
    rows, prior = table.cuts, fit.prior
    on = rows.judged
    listed = {
        name: "(" + ", ".join(f"{value:.4f}" for value in values) + ")"
        for name, values in (("SILENCE", fit.silence), ("COLLAPSE", fit.collapse))
    }
    return f'''"""What was fitted on real channels' histories: data alone. Do not edit; run ``make fit-detection``.

Written on {today} by benchmarks/detection/fit.py from {len(rows.histories)} public channels of
{len(set(rows.source))} sources, {np.count_nonzero(on):,} monthly moments, every channel weighing the same. The gaps'
figures are round and set by hand; the models are logistic, by maximum likelihood with an L2 penalty of 1 on
standardised figures. ``make bench-detection`` says how well they do on sources that they were not fitted on.
"""

GAP_MEAN = {prior.mean}
GAP_MEAN_WEIGHT = {prior.mean_weight}
GAP_SPREAD = {prior.spread}
GAP_SPREAD_WEIGHT = {prior.spread_weight}
GAP_MEMORY = {prior.memory}
HAZARD = {prior.hazard}
SILENCE = {listed["SILENCE"]}
"""Intercept, then a coefficient for each of ``silence.FIGURES``."""
COLLAPSE = {listed["COLLAPSE"]}
"""The same, for a collapse."""
'''


def main() -> None:
    """Fit on every channel of the folder named, and write."""
    if len(sys.argv) != 2:
        raise SystemExit("Usage: python -m benchmarks.detection.fit FOLDER (with events.csv.gz and channels.csv)")
    table = Table(cuts(load(Path(sys.argv[1]))))
    found = fit(table, np.ones(table.cuts.moment.size, dtype=np.bool_))
    TARGET.write_text(write(found, table, datetime.now(UTC).date().isoformat()), encoding="utf-8")
    print(f"{TARGET}: {found.prior}, silence {found.silence.round(3)}, collapse {found.collapse.round(3)}")


if __name__ == "__main__":
    main()
