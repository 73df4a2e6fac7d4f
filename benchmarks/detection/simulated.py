"""Prints when simulated channels with a known end are flagged, night by night, hysteresis included."""

from __future__ import annotations

from collections import Counter

import numpy as np

from benchmarks.detection.lives import END, ENDING, GOING_ON, LAST, Habits, first_night, live_through, nights, quarterly
from monitor.model import Diagnosis, Status
from monitor.oxygen import Promise

SEEDS = range(5)
BEGIN = END - 60
FLAGS = (Status.DEAD, Status.STARVING)


def main() -> None:
    """Print the two tables."""
    print(f"\nSimulated channels, {len(SEEDS)} of each kind; days from the end to the night of the verdict, median:\n")
    print("| channel | thin or worse | starving or worse | dead | first reason for starving | flagged before the end |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, habits in ENDING.items():
        print(_row(name, [_watched(habits, seed) for seed in SEEDS]))
    print("\nChannels that go on (nights from day 840 to 1,300): nights with each verdict\n")
    print("| channel | breathing | thin | starving | dead |")
    print("| --- | --- | --- | --- | --- |")
    for name, habits in GOING_ON.items():
        print(_calm(name, [_watched(habits, seed) for seed in SEEDS]))
    print(_calm("newsletter every 91 days", [nights(quarterly(), Promise(owner=True), BEGIN, LAST)]))


def _watched(habits: Habits, seed: int) -> list[Diagnosis]:
    return nights(live_through(habits, seed), habits.promise, BEGIN, LAST)


def _row(name: str, watched: list[list[Diagnosis]]) -> str:
    cells = []
    for statuses in ((*FLAGS, Status.THIN), FLAGS, (Status.DEAD,)):
        days = [first_night(found, BEGIN, *statuses, since=END) for found in watched]
        middle = np.median([np.inf if day is None else day - END for day in days])
        cells.append(f"{middle:.0f}" if np.isfinite(middle) else "–")
    codes = Counter(
        next((one.reasons[0].code for one in found[END - BEGIN :] if one.status in FLAGS), "–") for found in watched
    )
    early = sum(first_night(found[: END - BEGIN], BEGIN, *FLAGS) is not None for found in watched)
    return f"| {name} | {' | '.join(cells)} | {codes.most_common(1)[0][0]} | {early} of {len(watched)} |"


def _calm(name: str, watched: list[list[Diagnosis]]) -> str:
    count = Counter(one.status for found in watched for one in found)
    cells = [str(count[status]) for status in (Status.BREATHING, Status.THIN, Status.STARVING, Status.DEAD)]
    return f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
