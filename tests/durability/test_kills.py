"""Killed with -9: nights, migrations, writers. Longer: ``python -m tests.durability.killed --nights 60 --kills 4``."""

from __future__ import annotations

import os

import pytest

from tests.durability import killed, migration, whole_files

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kill -9 is Unix's")


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
