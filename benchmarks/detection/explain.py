"""Follows one channel of a directory of histories through the sum, step by step, as docs/oxygen.md tells it.

Usage: python -m benchmarks.detection.explain FOLDER CHANNEL DATE
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from scipy.special import expit

from benchmarks.detection.histories import History, load
from monitor.model import DAY
from monitor.oxygen import Promise, diagnose, fitted, measure
from monitor.oxygen.gaps import active_days, own_gaps
from monitor.oxygen.silence import AHEAD_DAYS, FIGURES, figures


def main() -> None:
    """Print every step for the channel and the date (YYYY-MM-DD, midnight UTC) named."""
    if len(sys.argv) != 4:
        raise SystemExit("Usage: python -m benchmarks.detection.explain FOLDER CHANNEL YYYY-MM-DD")
    folder, name, date = sys.argv[1:]
    found = [history for history in load(Path(folder)) if history.name == name]
    if not found:
        raise SystemExit(f"{folder} has no channel {name}.")
    explain(found[0], int(datetime.fromisoformat(date).replace(tzinfo=UTC).timestamp()))


def explain(history: History, now: int) -> None:
    """Print the gaps, the five figures, the sum, and the verdict."""
    life, at = history.life, np.array([now])
    times = life.times[life.times <= now]
    days = np.diff(active_days(times)[0])
    silence = np.array([(now - times[-1]) / DAY])
    own = own_gaps(life.times, at)
    longer, ahead = float(own.longer(silence)[0]), float(own.longer(silence + AHEAD_DAYS)[0])
    print(f"{times.size} contributions; the last on {_date(times[-1])}: {silence[0]:.1f} days of silence.")
    print(f"Days from one active day to the next, oldest first: {' '.join(f'{day}' for day in days)}.")
    print(f"Centre {own.centre[0]:.3f} ({np.exp(own.centre[0]):.1f} days), spread {own.spread[0]:.3f}, ", end="")
    print(f"freedom {own.freedom[0]:.2f}.")
    print(
        f"A gap of this channel is longer than the silence: {longer:.4f}; and than {AHEAD_DAYS} days more: {ahead:.4f}."
    )
    print(f"It is over: {own.over(silence)[0]:.4f}. It stays silent: {own.quiet(silence, AHEAD_DAYS)[0]:.4f}.")
    odds = {"silence": fitted.SILENCE, "collapse": fitted.COLLAPSE}
    table = figures(life, at)[0]
    print(
        "| figure | value | silence: times | makes | collapse: times | makes |\n| --- | --- | --- | --- | --- | --- |"
    )
    print(f"| intercept | | | {fitted.SILENCE[0]:.3f} | | {fitted.COLLAPSE[0]:.3f} |")
    for place, figure in enumerate(FIGURES, 1):
        cells = [f"{part[place]:.3f} | {part[place] * table[place - 1]:.3f}" for part in odds.values()]
        print(f"| {figure} | {table[place - 1]:.3f} | {' | '.join(cells)} |")
    sums = {model: part[0] + float(np.dot(part[1:], table)) for model, part in odds.items()}
    print(f"| sum | | | {sums['silence']:.3f} | | {sums['collapse']:.3f} |")
    print("; ".join(f"probability of {model} {expit(total):.2f}" for model, total in sums.items()))
    vitals = measure(history.activity, Promise(), now)
    verdict = diagnose(vitals, Promise(), True, None, now)
    print(f"Verdict: {verdict.status.value} ({verdict.reasons[0].code}), oxygen {verdict.oxygen}.")
    for sign, vital in vitals.signs.items():
        print(
            f"  {sign.value}: value {_short(vital.value)}, normal {_short(vital.normal)}, health {_short(vital.health)}"
        )
    after = history.life.times[history.life.times > now]
    print(f"What came: {'nothing until ' + _date(history.observed_until) if not after.size else _date(after[0])}.")


def _date(time: int) -> str:
    return datetime.fromtimestamp(int(time), UTC).date().isoformat()


def _short(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


if __name__ == "__main__":
    main()
