"""Real channels' histories as a table of cut-offs: what was known then, and what came after.

A directory of histories holds ``events.csv.gz`` (or ``events.csv``), as ``oximeter backtest`` reads it, and
``channels.csv`` with the columns ``channel``, ``family``, ``observation_end`` (Unix seconds: the source was still being
kept until then, so that silence before it is real) and ``clumped`` (1: a bulk import, which is left out).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from monitor.model import DAY
from monitor.oxygen import Activity
from monitor.oxygen.silence import AHEAD_DAYS, COLLAPSE_SHARE, Life
from monitor.replay import Columns, read_events

EVERY = 30 * DAY
FIRST = 180 * DAY
YEAR = 365 * DAY
LEAST_EVENTS = 12

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class History:
    """One channel: ``source`` is where it was found, so that channels of one source are never split over folds."""

    name: str
    source: str
    family: str
    observed_until: int
    activity: Activity
    life: Life


@dataclass(frozen=True)
class Cuts:
    """Monthly moments of many channels, one row each: a moment is judged where 180 observed days follow it."""

    histories: tuple[History, ...]
    channel: Ints
    """The row's history, by number."""
    moment: Ints
    judged: Flags
    ended: Flags
    """The channel had its last contribution before, and was seen to be silent for a year after that."""
    since_end: Floats
    """Days since the channel's last contribution of all; negative before it."""
    weight: Floats
    """Every channel weighs the same over its judged moments; 0 elsewhere."""
    silent: Flags
    """Nothing in the next 180 days. Meaningful where judged."""
    collapsed: Flags
    """Under a quarter of the last year's rate in the next 180 days."""
    steady: Flags
    """Twelve contributions or more in the last year: only then can there be a collapse."""
    source: NDArray[np.str_]
    family: NDArray[np.str_]

    def per_channel(self) -> Iterator[tuple[History, Flags]]:
        """Each history with the mask of its rows."""
        for number, history in enumerate(self.histories):
            yield history, self.channel == number


def load(folder: Path) -> tuple[History, ...]:
    """The histories of a directory, clumped ones left out."""
    events = next(path for name in ("events.csv.gz", "events.csv") if (path := folder / name).exists())
    columns = read_events(events)
    with (folder / "channels.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["clumped"] != "1"]
    return tuple(_history(row, columns[row["channel"]]) for row in rows)


def _history(row: dict[str, str], columns: Columns) -> History:
    activity = Activity.from_arrays(columns.times, columns.reply, columns.author, columns.thread, columns.staff)
    return History(
        name=row["channel"],
        source=row["channel"].partition(":")[0],
        family=row["family"],
        observed_until=int(row["observation_end"]),
        activity=activity,
        life=Life.of(activity),
    )


def cuts(histories: tuple[History, ...]) -> Cuts:
    """Moments 180 days after a channel's first contribution and every 30 days from there, to a year after its last.

    Only moments with twelve contributions so far, one of them in the last year.
    """
    kept, parts = [], []
    for history in histories:
        part = _rows(history)
        if part["judged"].any():
            parts.append(part | {"channel": np.full(part["moment"].size, len(kept))})
            kept.append(history)
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    return Cuts(
        histories=tuple(kept),
        source=np.array([kept[number].source for number in whole["channel"]]),
        family=np.array([kept[number].family for number in whole["channel"]]),
        **whole,
    )


def _rows(history: History) -> dict[str, NDArray[np.generic]]:
    times, end = history.life.times, history.observed_until
    moments = np.arange(times[0] + FIRST, min(times[-1] + YEAR, end) + 1, EVERY, dtype=np.int64)
    seen = np.searchsorted(times, moments, side="right")
    last = times[np.maximum(seen - 1, 0)]
    good = (seen >= LEAST_EVENTS) & (moments - last <= YEAR)
    moments, seen = moments[good], seen[good]
    year = seen - np.searchsorted(times, moments - YEAR, side="right")
    ahead = np.searchsorted(times, moments + AHEAD_DAYS * DAY, side="right") - seen
    judged = moments <= end - AHEAD_DAYS * DAY
    return {
        "moment": moments,
        "judged": judged,
        "ended": (moments > times[-1]) & (end - times[-1] >= YEAR),
        "since_end": (moments - times[-1]) / DAY,
        "weight": np.where(judged, 1 / max(1, np.count_nonzero(judged)), 0.0),
        "silent": ahead == 0,
        "collapsed": ahead < COLLAPSE_SHARE * year * AHEAD_DAYS / 365,
        "steady": year >= LEAST_EVENTS,
    }
