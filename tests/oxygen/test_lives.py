"""Simulated channels whose end is known, judged night after night: the dying are flagged, and the living are not."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.detection.lives import END, ENDING, GOING_ON, first_night, live_through, nights, quarterly
from monitor.model import DAY, Diagnosis, Standing, Status
from monitor.oxygen import Promise
from monitor.oxygen.diagnosis import NIGHTS_TO_CHANGE, _settle

BEGIN = END - 10
FLAGS = (Status.STARVING, Status.DEAD)
SEED = 11
FLAGGED = {
    "stops suddenly": (45, {"silent_beyond_life"}),
    "fades away": (200, {"pulse_collapsed", "silent_beyond_life"}),
    "nobody replies any more": (100, {"echo_died"}),
    "staff leaves, users go on": (100, {"answer_stopped"}),
    "users leave, staff talks to itself": (110, {"circle_monologue", "echo_died"}),
    "moves elsewhere, a trickle stays": (120, {"pulse_collapsed", "silent_beyond_life"}),
    "blog of one, weekly, stops": (110, {"pulse_collapsed", "silent_beyond_life"}),
}
"""By when at the latest, in days from the end, and what may be the first reason."""


@cache
def watched(name: str) -> list[Diagnosis]:
    habits = {**ENDING, **GOING_ON}[name]
    return nights(live_through(habits, SEED), habits.promise, BEGIN, END + 210)


@pytest.mark.parametrize("name", ENDING)
def test_a_dying_channel_is_flagged_in_time_and_for_the_right_reason(name: str) -> None:
    latest, reasons = FLAGGED[name]
    found = watched(name)
    day = first_night(found, BEGIN, *FLAGS)
    assert day is not None
    assert END < day <= END + latest
    assert found[day - BEGIN].reasons[0].code in reasons


@pytest.mark.parametrize("name", GOING_ON)
def test_a_channel_that_goes_on_is_never_called_starving(name: str) -> None:
    assert first_night(watched(name), BEGIN, *FLAGS) is None


def test_a_quarterly_newsletter_in_health_breathes_on_every_night() -> None:
    found = nights(quarterly(), Promise(owner=True), BEGIN, END + 200)
    assert {one.status for one in found} == {Status.BREATHING}


def test_a_planned_pause_is_no_silence_but_an_unplanned_one_is() -> None:
    paused = GOING_ON["planned pause of 45 days"]
    activity = live_through(paused, SEED)
    assert first_night(nights(activity, paused.promise, BEGIN, END + 46), BEGIN, Status.THIN, *FLAGS) is None
    assert first_night(nights(activity, Promise(owner=True), BEGIN, END + 46), BEGIN, Status.THIN, *FLAGS) is not None


def test_what_stopped_suddenly_is_dead_half_a_year_later() -> None:
    day = first_night(watched("stops suddenly"), BEGIN, Status.DEAD)
    assert day is not None
    assert 175 <= day - END <= 190, "its last word was said a few days before the end"


def test_the_replay_of_a_life_is_the_same_twice() -> None:
    habits = ENDING["fades away"]
    once, again = (nights(live_through(habits, 3), habits.promise, END, END + 20) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("name", [*ENDING, *GOING_ON])
def test_no_status_lasts_for_fewer_nights_than_evidence_must_hold(name: str) -> None:
    """Each change is dated to the first night of its evidence, and stands on the third."""
    found = watched(name)
    changes = [number for number, (one, other) in enumerate(pairwise(found), 1) if one.status is not other.status]
    assert all(later - earlier >= NIGHTS_TO_CHANGE for earlier, later in pairwise(changes))
    for number in changes:
        assert found[number].changed_from is found[number - 1].status
        assert found[number].since <= found[number].standing.since


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(list(Status)), min_size=1, max_size=40), st.integers(1, 5))
def test_a_status_never_changes_on_fewer_nights_of_evidence_than_it_takes(verdicts: list[Status], runs: int) -> None:
    """Whatever the evidence says from night to night, and however often a night is run."""
    standing: Standing | None = None
    told: list[Status] = []
    for night, status in enumerate(verdicts):
        before = standing
        for run in range(runs):
            standing = _settle(status, before, night * DAY + run * 600)
        assert standing is not None
        told.append(standing.status)
        if before is not None and before.status not in (standing.status, Status.UNKNOWN):
            assert verdicts[night - NIGHTS_TO_CHANGE + 1 : night + 1] == [standing.status] * NIGHTS_TO_CHANGE
    assert told[0] is verdicts[0]
