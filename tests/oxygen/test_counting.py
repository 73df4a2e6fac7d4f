"""What is counted in a fifth of the time is what numpy counts, to the last digit."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from monitor.oxygen import counting

FEW = arrays(np.int64, st.integers(0, 40), elements=st.integers(0, 30))
FAR = arrays(np.int64, st.integers(0, 40), elements=st.sampled_from([0, 1, 7, 5_000, 10**9, 2**40]))
NUMBERS = FEW | FAR
VALUES = arrays(np.float64, st.integers(1, 40), elements=st.floats(0, 1e6))


@given(NUMBERS)
def test_first_places_and_how_often(numbers: Any) -> None:
    different, places, counts = np.unique(numbers, return_index=True, return_counts=True)
    found, first = counting.first_places(numbers)
    assert found.tolist() == different.tolist()
    assert first.tolist() == places.tolist()
    assert counting.how_often(numbers).tolist() == counts.tolist()
    assert counting.how_many(numbers) == different.size


@given(NUMBERS, NUMBERS)
def test_is_among(numbers: Any, others: Any) -> None:
    assert counting.is_among(numbers, others).tolist() == np.isin(numbers, others).tolist()


@given(VALUES, st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
def test_median_and_quantile(values: Any, share: float) -> None:
    assert counting.median(values) == np.median(values)
    assert counting.quantile(values, share) == np.quantile(values, share)


@given(arrays(np.int64, st.integers(1, 40), elements=st.integers(0, 2**40)))
def test_median_and_differences_of_whole_numbers(values: Any) -> None:
    assert counting.median(values) == np.median(values)
    assert counting.differences(values).tolist() == np.diff(values).tolist()


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20))
def test_mean(values: list[float]) -> None:
    assert counting.mean(values) == np.mean(values)
