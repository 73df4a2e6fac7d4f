"""Prints how well Oximeter and four simple rules foretell silence and collapse, cross-validated by source.

Usage: python -m benchmarks.detection FOLDER (with events.csv.gz and channels.csv; see histories.py)
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from benchmarks.detection import baselines
from benchmarks.detection.fit import PRIOR, Table, fit
from benchmarks.detection.histories import Cuts, Floats, cuts, load
from benchmarks.detection.scoring import FALSE_ALARMS, Marks, calibration_error, marks, reliability
from benchmarks.detection.verdicts import print_verdicts
from monitor.oxygen.gaps import GapPrior

OURS = "Oximeter"
RANKINGS = ("auroc", "precision", "collapse_auroc", "collapse_precision")
PLATEAU = {
    "mean": (2.5, 3.5),
    "mean_weight": (1.5, 6.0),
    "spread": (1.2, 1.8),
    "spread_weight": (2.0, 8.0),
    "memory": (5.0, 20.0),
    "hazard": (0.01, 0.04),
}
"""Other figures for the population's gaps, by their names in ``GapPrior``."""


def main() -> None:
    """Print the tables for the folder named."""
    if len(sys.argv) != 2 or not (Path(sys.argv[1]) / "channels.csv").is_file():
        raise SystemExit("Usage: python -m benchmarks.detection FOLDER (with events.csv.gz and channels.csv in it)")
    table = Table(cuts(load(Path(sys.argv[1]))))
    rows = table.cuts
    on = rows.judged
    print(
        f"{len(rows.histories)} channels of {len(set(rows.source))} sources, {np.count_nonzero(on):,} monthly moments; "
        f"{np.average(rows.silent[on], weights=rows.weight[on]):.1%} were followed by 180 silent days."
    )
    silence, collapse = cross_validated(table, rows.source)
    told = {name: marks(rows, score) for name, score in rules(rows).items()}
    told[OURS] = marks(rows, silence, collapse, probability=True)
    as_one = marks(rows, silence)
    print("\nFitted on all sources but the one that is judged:\n")
    print_marks(told)
    print(
        f"\nWith its one score for both outcomes, as `oximeter backtest` writes it: collapse AUROC "
        f"{as_one.collapse_auroc:.3f}, average precision {as_one.collapse_precision:.3f}."
    )
    print_goals(told, as_one)
    print_reliability(rows, silence, collapse)
    print_families(rows, silence, rules(rows)[baselines.NAMES[0]])
    print_verdicts(rows, silence, collapse)
    print_plateau(table)
    harder = cross_validated(table, rows.family)[0]
    print("\nFitted on all kinds of channels but the one that is judged (blogs, forums, lists, chat, comments):\n")
    print_marks({OURS: marks(rows, harder, probability=True)})


def cross_validated(table: Table, groups: np.ndarray, prior: GapPrior = PRIOR) -> tuple[Floats, Floats]:
    """Probabilities of silence and of collapse in every row, from models fitted on the rows of all other groups."""
    silence, collapse = (np.empty(groups.size) for _ in range(2))
    for group in np.unique(groups):
        mine = groups == group
        found = fit(table, ~mine, prior)
        x = table.figures(prior)[mine]
        silence[mine] = expit(found.silence[0] + x @ found.silence[1:])
        collapse[mine] = np.maximum(silence[mine], expit(found.collapse[0] + x @ found.collapse[1:]))
    return silence, collapse


def print_plateau(table: Table) -> None:
    """What becomes of the marks where one of the population's figures is another."""
    tried = {"as it is": PRIOR}
    for name, values in PLATEAU.items():
        tried |= {f"{name} {value:g}": replace(PRIOR, **{name: value}) for value in values}
    print("\nWith another population of gaps (one figure changed at a time):\n")
    told = {}
    for name, prior in tried.items():
        told[name] = marks(table.cuts, *cross_validated(table, table.cuts.source, prior), probability=True)
    print_marks(told)


def rules(rows: Cuts) -> dict[str, Floats]:
    """The four simple rules' scores; BG/NBD is fitted on all sources, the judged one included, to its advantage."""
    return baselines.simple(rows) | {baselines.NAMES[3]: baselines.bgnbd(rows, rows.judged)}


def print_marks(told: dict[str, Marks]) -> None:
    """A row for each score."""
    print(
        "| score | silence AUROC | average precision | collapse AUROC | average precision "
        f"| median days to a lasting flag at {FALSE_ALARMS:.0%} false alarms | Brier | calibration error |"
    )
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, one in told.items():
        delay = f"{one.delay_days:.0f}" if np.isfinite(one.delay_days) else "not within a year"
        brier, error = ("–" if value is None else f"{value:.3f}" for value in (one.brier, one.error))
        print(
            f"| {name} | {one.auroc:.3f} | {one.precision:.3f} "
            f"| {one.collapse_auroc:.3f} | {one.collapse_precision:.3f} | {delay} | {brier} | {error} |"
        )


def print_goals(told: dict[str, Marks], as_one: Marks) -> None:
    """Ours against the best of the rules."""
    ours, others = told[OURS], [one for name, one in told.items() if name != OURS]
    best = {name: max(getattr(one, name) for one in others) for name in RANKINGS}
    soonest = min(one.delay_days for one in others)
    print("\n| against the best rule | ours | its | difference | with the one score |")
    print("| --- | --- | --- | --- | --- |")
    for name in RANKINGS:
        mine, one = getattr(ours, name), getattr(as_one, name)
        print(f"| {name} | {mine:.3f} | {best[name]:.3f} | {mine - best[name]:+.3f} | {one - best[name]:+.3f} |")
    print(
        f"\nOur delay is {ours.delay_days / soonest:.2f} of the soonest rule's, and "
        f"{ours.delay_days / told[baselines.NAMES[0]].delay_days:.2f} of that of {baselines.NAMES[0]}."
    )


def print_reliability(rows: Cuts, silence: Floats, collapse: Floats) -> None:
    """Of those told 30 %, how many fell silent, or collapsed?"""
    print("\n| told | silence: mean told | came | share of moments | collapse: mean told | came | share of moments |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    on, busy = rows.judged, rows.judged & rows.steady
    quiet = {line[0]: line[1:] for line in reliability(rows.silent[on], silence[on], rows.weight[on])}
    less = {line[0]: line[1:] for line in reliability(rows.collapsed[busy], collapse[busy], rows.weight[busy])}
    for number in range(10):
        cells = [f"{value:.0%}" for part in (quiet, less) for value in part.get(number, (np.nan,) * 3)]
        print(f"| {number * 10}–{number * 10 + 10} % | {' | '.join(cells)} |")
    error = calibration_error(rows.collapsed[busy], collapse[busy], rows.weight[busy])
    print(f"\nExpected calibration error of the collapse: {error:.3f}.")


def print_families(rows: Cuts, ours: Floats, theirs: Floats) -> None:
    """The same within each kind of channel."""
    print("\n| kind | channels | fell silent | AUROC | average precision | days of silence AUROC | average precision |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for family in np.unique(rows.family):
        mine = rows.judged & (rows.family == family)
        truth, weight = rows.silent[mine], rows.weight[mine]
        if truth.all() or not truth.any():
            continue
        one, other = (_ranking(truth, score[mine], weight) for score in (ours, theirs))
        print(
            f"| {family} | {len(set(rows.channel[mine]))} | {np.average(truth, weights=weight):.0%} "
            f"| {one[0]:.3f} | {one[1]:.3f} | {other[0]:.3f} | {other[1]:.3f} |"
        )


def _ranking(truth: np.ndarray, score: Floats, weight: Floats) -> tuple[float, float]:
    return (
        roc_auc_score(truth, score, sample_weight=weight),
        average_precision_score(truth, score, sample_weight=weight),
    )


if __name__ == "__main__":
    main()
