"""What became of the channels after each verdict: was dead dead, and did the breathing go on?"""

from __future__ import annotations

import numpy as np

from benchmarks.detection.histories import Cuts, Floats
from monitor.model import Status
from monitor.oxygen import Promise, diagnose, measure, outlook
from monitor.oxygen.silence import Outlook


def statuses(rows: Cuts, silence: Floats, collapse: Floats) -> np.ndarray:
    """The verdict at every row, given the probabilities that were told without knowing the row's source."""
    found = np.empty(rows.moment.size, dtype=object)
    promise = Promise()
    for history, mine in rows.per_channel():
        for row in np.flatnonzero(mine):
            now = int(rows.moment[row])
            one = slice(row, row + 1)
            longer = outlook(history.life, rows.moment[one]).longer
            vitals = measure(history.activity, promise, now, ahead=Outlook(silence[one], collapse[one], longer))
            found[row] = diagnose(vitals, promise, True, None, now)
    return found


def print_verdicts(rows: Cuts, silence: Floats, collapse: Floats) -> None:
    """For each status, how often it was said, and how often silence or collapse came within 180 days."""
    found = statuses(rows, silence, collapse)
    said = np.array([one.status.value for one in found])
    why = np.array([one.reasons[0].code for one in found])
    print("\n| verdict | share of moments | oxygen, median | then silent | then collapsed | went on |")
    print("| --- | --- | --- | --- | --- | --- |")
    names = [(status.value, said == status.value) for status in Status]
    names += [(f"… {code}", why == code) for code in sorted(set(why[np.isin(said, ["dead", "starving", "thin"])]))]
    for name, chosen in names:
        mine = rows.judged & chosen
        if not mine.any():
            continue
        weight = rows.weight[mine]
        busy = mine & rows.steady
        oxygen = np.median([one.oxygen for one in found[mine] if one.oxygen is not None] or [np.nan])
        fell = np.average(rows.collapsed[busy], weights=rows.weight[busy]) if busy.any() else np.nan
        silent = np.average(rows.silent[mine], weights=weight)
        share = weight.sum() / rows.weight.sum()
        print(f"| {name} | {share:.1%} | {oxygen:.0f} | {silent:.0%} | {fell:.0%} | {1 - silent:.0%} |")
