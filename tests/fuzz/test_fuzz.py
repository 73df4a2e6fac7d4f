"""A few hundred fuzzed inputs, the same every time. ``make fuzz`` tries them for minutes, others each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.campaign import Campaign
from tests.fuzz.case import Case, dice, keep, kept
from tests.fuzz.child import attempt
from tests.fuzz.targets import TARGETS, make

SEED = 20_260_101
CASES = 168


def test_broken_hostile_and_odd_inputs_break_no_promise(tmp_path: Path) -> None:
    campaign = Campaign(tuple(TARGETS), SEED, small=True, strict=False, folder=tmp_path, workers=1)
    campaign.run(campaign.made(lambda done: done >= CASES))
    failures = {name: dict(tally.failures) for name, tally in campaign.tallies.items() if tally.failures}
    assert not failures, campaign.kept
    assert sum(tally.cases for tally in campaign.tallies.values()) == CASES
    assert all(tally.cases >= 5 for tally in campaign.tallies.values())
    # An exception told in a sentence is no crash, but a feed lost: that stays rare, however broken the feeds are.
    assert sum(tally.notes.total() for tally in campaign.tallies.values()) < CASES / 20


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_a_seed_has_the_same_cases_every_time(target: str) -> None:
    first, second = (
        [make(target, dice(SEED, target, number), number, small=True) for number in range(5)] for _ in range(2)
    )
    assert first == second
    assert len({case.data for case in first}) > 1


def test_a_kept_input_is_the_case_that_failed(tmp_path: Path) -> None:
    case = Case("feed", b"<rss\xff", {"type": "text/xml", "address": "http://["})
    assert kept(keep(tmp_path, case, attempt(case))) == case
