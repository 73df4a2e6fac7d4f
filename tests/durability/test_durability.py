"""Every scenario once, the long ones short. Alone, and longer: ``python -m tests.durability.NAME``."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.durability import corrupt, full_disk, killed, migration, shut_out, two_runs, whole_files
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


def test_nights_that_are_killed_anywhere_leave_what_calm_nights_leave() -> None:
    toll = killed.storm(nights=2, kills=2, seed=1)
    assert toll.kills + toll.too_late == 4


def test_a_night_that_is_killed_before_a_step_of_its_own_is_done_again() -> None:
    assert killed.points([20, 100]) == 2


def test_a_migration_that_is_killed_leaves_the_store_as_it_was() -> None:
    assert migration.killed_before([3, 9]) == 2


def test_readers_never_see_half_a_file_however_often_its_writers_are_killed() -> None:
    looks, _ = whole_files.storm(kills=3, seed=1)
    assert looks > 0
