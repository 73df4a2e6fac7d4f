"""One night with every fault at once, beside ten feeds that are well; and the night after, when all are well again."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Outcome
from tests.faults.catalogue import FAULTS, Result, complaints
from tests.faults.fault import Either, Fail, Fault, Read
from tests.faults.feeds import BLOG, HEALED, NOW, Item, items, rss
from tests.faults.footprint import Footprint, measurable, watched
from tests.faults.harm import in_json, in_page, in_terminal
from tests.faults.server import Farm, farm, own_hosts
from tests.organisation import Office

FIRST = datetime.fromtimestamp(NOW, UTC)
LATER = FIRST + timedelta(days=8)
"""Longer than the longest time that a server may ask us to stay away."""
LIMITS = "[poll]\nfetch_seconds = 20\nnight_minutes = 3\n"
LONGEST = 300
"""Seconds that a night may take on however slow a machine: the polling's own limit, and as long again to report."""
MOST_MEMORY = 300_000_000
STANDARD_GUIDS = {item.guid for item in HEALED}

pytestmark = pytest.mark.skipif(not own_hosts(), reason="this machine has one loopback address: faults share a host")


def healthy(number: int) -> Fault:
    """A feed that is well, with entries of its own."""
    found = tuple(
        Item(
            f"Nyt fra havn {number}: {n} både på øen",
            f"h{number}-{n}",
            NOW - (n + 1) * 86_400,
            link=f"{BLOG}/h/{number}/{n}",
        )
        for n in range(3 + number)
    )
    body = rss(*items(found))
    return Fault(f"well-{number}", "a feed that is well", lambda talk: talk.answer(body), Read(found), "healthy")


HEALTHY = [healthy(number) for number in range(10)]


def mixed(faults: list[Fault]) -> list[Fault]:
    """One of each family after the other, as a config would hardly have all the worst in a row."""
    families: dict[str, list[Fault]] = defaultdict(list)
    for fault in faults:
        families[fault.family].append(fault)
    return [fault for row in zip_longest(*families.values()) for fault in row if fault is not None]


@dataclass
class Nights:
    """Both nights, as a program sees them."""

    folder: Path
    addresses: dict[str, str]
    first: dict[str, dict[str, Any]] = field(default_factory=dict)
    """The lines of the first night's feeds, by channel."""
    second: dict[str, dict[str, Any]] = field(default_factory=dict)
    codes: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    memory: list[Footprint] = field(default_factory=list)
    reports: list[Path] = field(default_factory=list)
    trapped: list[str] = field(default_factory=list)

    def run(self, office: Office, moment: datetime, trusted: Path) -> dict[str, dict[str, Any]]:
        """A night in a process of its own; the lines of its feeds."""
        command = [
            sys.executable, "-m", "monitor", "run", "--config", str(office.path), "--json", "--now", moment.isoformat(),
        ]  # fmt: skip
        out, err = self.folder / "out.json", self.folder / "err.txt"
        began = time.monotonic()
        with (
            out.open("wb") as stdout,
            err.open("wb") as stderr,
            subprocess.Popen(
                command, stdout=stdout, stderr=stderr, env={**os.environ, "REQUESTS_CA_BUNDLE": str(trusted)}
            ) as process,
            watched(process.pid) as footprint,
        ):
            try:
                self.codes.append(process.wait(LONGEST))
            finally:
                process.kill()
        self.seconds.append(time.monotonic() - began)
        self.memory.append(footprint)
        self.said.append(err.read_text("utf-8", "replace"))
        told = json.loads(out.read_bytes())
        self.reports.append(Path(told["report"]))
        return {feed["channel"]: feed for feed in told["feeds"]}


def both_nights(folder: Path, here: Farm, faults: list[Fault]) -> Nights:
    nights = Nights(folder, {fault.name: here.address(fault) for fault in faults})
    office = Office(folder / "kontor").write({name: [url] for name, url in nights.addresses.items()}, more=LIMITS)
    nobody, everybody = folder / "nobody.pem", folder / "authority.pem"
    here.authority.cert_pem.write_to_path(str(everybody))
    Farm.stranger().cert_pem.write_to_path(str(nobody))
    nights.first = nights.run(office, FIRST, nobody)
    nights.trapped = list(here.trap.visits)
    here.heal()
    nights.second = nights.run(office, LATER, everybody)
    return nights


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    faults = mixed([*HEALTHY, *FAULTS])
    with farm(*faults) as here:
        yield both_nights(tmp_path_factory.mktemp("nights"), here, faults)


def test_both_nights_end_in_time_and_well(nights: Nights) -> None:
    assert nights.codes == [0, 0], nights.said
    assert max(nights.seconds) < LONGEST


def test_the_feeds_that_are_well_are_read_whole(nights: Nights) -> None:
    found = {
        fault.name: (nights.first[fault.name]["outcome"], nights.first[fault.name]["entries"]) for fault in HEALTHY
    }
    assert found == {
        fault.name: ("updated", len(fault.must.items)) for fault in HEALTHY if isinstance(fault.must, Read)
    }


def test_every_fault_is_read_or_told(nights: Nights) -> None:
    wrong = []
    for fault in FAULTS:
        line = nights.first[fault.name]
        result = Result(line["outcome"], line["reason"], None, line["entries"])
        wrong += complaints(fault, result, nights.addresses[fault.name])
    assert not wrong, "\n".join(wrong)


def test_nobody_is_led_into_the_house(nights: Nights) -> None:
    assert nights.trapped == []


def test_what_is_written_and_said_holds_nothing_harmful(nights: Nights) -> None:
    for page in nights.reports:
        assert in_page(page.read_text(encoding="utf-8")) == []
        assert in_json(json.loads(page.with_name("report.json").read_text(encoding="utf-8"))) == []
    for said in nights.said:
        assert in_terminal(said) == []


def test_when_all_is_well_again_everything_is_read(nights: Nights) -> None:
    wrong = [
        f"{fault.name}: {line['outcome']} with {line['entries']} entries: {line['reason'][:200]}"
        for fault in FAULTS
        if fault.heals and not _healed(fault, nights.first[fault.name], line := nights.second[fault.name])
    ]
    assert not wrong, "\n".join(wrong)


def _healed(fault: Fault, before: dict[str, Any], after: dict[str, Any]) -> bool:
    """The feed was read, with all that it shows now and all that it showed before."""
    if after["outcome"] not in ("updated", "moved", "not_modified"):
        return False
    must = fault.must.read if isinstance(fault.must, Either) else fault.must
    others = isinstance(must, Read) and (
        must.count is not None or any(item.guid not in STANDARD_GUIDS for item in must.items)
    )
    if isinstance(fault.must, Fail) or not Outcome(before["outcome"]).readable or not others:
        return bool(after["entries"] == len(HEALED))
    return bool(after["entries"] >= max(len(HEALED), before["entries"]))


@pytest.mark.skipif(not measurable(), reason="this system does not tell how much memory a process holds")
def test_the_worst_night_takes_little_memory(nights: Nights) -> None:
    first, second = nights.memory
    assert min(first.looks, second.looks) > 1
    assert first.peak < MOST_MEMORY
    assert second.peak < MOST_MEMORY
