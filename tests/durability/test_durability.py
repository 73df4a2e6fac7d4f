"""Every scenario once, the long ones short. Alone, and longer: ``python -m tests.durability.NAME``."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.durability import corrupt, full_disk, migration, shut_out, two_runs
from tests.durability.scene import Skipped

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9, bounds and mounts are Unix's")

PLAYED: tuple[Callable[[], object], ...] = (
    *full_disk.SCENARIOS,
    *shut_out.SCENARIOS,
    *corrupt.SCENARIOS,
    *two_runs.SCENARIOS,
    *(migration.kept_first, migration.failing, migration.of_a_newer_version),
)


@pytest.mark.parametrize("scenario", PLAYED, ids=lambda scenario: scenario.__name__)
def test_the_night_ends_with_a_sentence_loses_nothing_and_is_right_again(scenario: Callable[[], object]) -> None:
    try:
        scenario()
    except Skipped as reason:
        pytest.skip(str(reason))
