"""Whatever a feed's server does: the feed is read, whole and right, or a sentence says why not."""

from __future__ import annotations

from collections import Counter

import pytest

from monitor.model import FeedState
from monitor.poll import new_session, read_feed
from tests.faults.catalogue import FAULTS, Result, complaints
from tests.faults.fault import Fault
from tests.faults.feeds import NOW
from tests.faults.server import farm

HUNG = 30.0
"""Seconds: no look at a feed lasts so long under the tests' limits, on however slow a machine."""


def result_of(fault: Fault, address: str) -> tuple[Result, float]:
    """What comes of asking for the fault's feed, and the seconds that the fetch took."""
    with new_session() as session:
        for _ in range(fault.asks):
            reading = read_feed(session, FeedState("c", address, address), NOW, fault.limits)
    wait = None if reading.retry_at is None else reading.retry_at - NOW
    return Result(reading.outcome, reading.reason, reading.entries, len(reading.entries), wait), reading.seconds


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.family}-{fault.name}")
def test_a_fault_is_read_or_told(fault: Fault) -> None:
    with farm(fault) as here:
        address = here.address(fault)
        result, seconds = result_of(fault, address)
        assert complaints(fault, result, address) == []
        assert here.trap.visits == []
        assert seconds < HUNG


def test_every_fault_has_a_name_of_its_own() -> None:
    assert [name for name, number in Counter(fault.name for fault in FAULTS).items() if number > 1] == []


def test_there_are_faults_of_every_family() -> None:
    families = Counter(fault.family for fault in FAULTS)
    assert min(families.values()) >= 20
    assert families.total() >= 300
