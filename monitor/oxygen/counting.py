"""numpy's own functions on a channel's few hundred numbers, in a fifth of the time: the same result to the last digit.

numpy's are made for millions, and look at every kind of input first. Authors and threads are numbered from 0 in order
of appearance, so that a table of all of them is small; where numbers lie far apart, numpy's own function is asked. What
counts numbers here takes none below 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]

SPREAD = 4_096
"""Numbers below this, or below the length of their array, are looked up in a table of their own."""


def _top(numbers: Ints) -> int:
    """One more than the largest, or 0 where a table of all would be too large. ``numbers`` are not none."""
    top = int(numbers.max()) + 1
    return top if top <= max(SPREAD, numbers.size) else 0


def first_places(numbers: Ints) -> tuple[Ints, Ints]:
    """The different numbers ascending, and where each comes first: ``np.unique(numbers, return_index=True)``."""
    top = _top(numbers) if numbers.size else 0
    if not top:
        return np.unique(numbers, return_index=True)
    place = np.full(top, -1, dtype=np.int64)
    place[numbers[::-1]] = np.arange(numbers.size - 1, -1, -1)  # of several, the last that is written stays
    different = np.flatnonzero(place >= 0)
    return different, place[different]


def how_often(numbers: Ints) -> Ints:
    """How often each different number comes, by number ascending: ``np.unique(numbers, return_counts=True)[1]``."""
    if not numbers.size or not _top(numbers):
        return np.unique(numbers, return_counts=True)[1]
    counts: Ints = np.bincount(numbers)
    return counts[counts > 0]


def how_many(numbers: Ints) -> int:
    """How many different numbers there are."""
    return int(how_often(numbers).size)


def is_among(numbers: Ints, others: Ints) -> Flags:
    """Whether each of ``numbers`` is one of ``others``: ``np.isin(numbers, others)``."""
    if not numbers.size or not others.size:
        return np.zeros(numbers.size, dtype=np.bool_)
    first, second = _top(numbers), _top(others)
    if not (first and second):
        return np.isin(numbers, others)
    there = np.zeros(max(first, second), dtype=np.bool_)
    there[others] = True
    found: Flags = there[numbers]
    return found


def median(values: Ints | Floats) -> float:
    """The middle value, or the mean of the two in the middle. ``values`` are not none."""
    ordered, half = np.sort(values), values.size // 2
    if values.size % 2:
        return float(ordered[half])
    return float((float(ordered[half - 1]) + float(ordered[half])) / 2)


def quantile(values: Floats, share: float) -> float:
    """The value that a ``share`` (0..1) of them lie below, between two of them in proportion: ``np.quantile``."""
    ordered, place = np.sort(values), (values.size - 1) * share
    low = int(place)
    begin, end = float(ordered[low]), float(ordered[min(low + 1, values.size - 1)])
    part = place - low
    return end - (end - begin) * (1 - part) if part >= 0.5 else begin + (end - begin) * part


def mean(values: Sequence[float]) -> float:
    """The mean of a few values: ``np.mean``, which adds fewer than eight up one after the other."""
    if len(values) >= 8:
        return float(np.mean(values))
    total = 0.0
    for value in values:  # sum() makes up for rounding, from Python 3.12 on
        total += value
    return total / len(values)


def differences(values: Ints) -> Ints:
    """From each value to the next: ``np.diff``."""
    found: Ints = values[1:] - values[:-1]
    return found
