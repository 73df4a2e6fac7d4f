"""Cases by the thousand, in processes that may hang or die; what fails is kept, and made smaller."""

from __future__ import annotations

import re
import time as clock
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass, field, replace
from itertools import islice
from multiprocessing import get_context
from pathlib import Path

from pebble import ProcessExpired, ProcessPool

from tests.fuzz import child, targets
from tests.fuzz.case import Answer, Case, dice, keep

KEPT = Path(".cache/fuzz")
SAME = 3
"""How many inputs of one failure are kept."""
TASKS = 2_000
"""Cases that one process takes: threads and stores leave memory behind."""
SHRINKING_SECONDS = 15.0
PLACE = re.compile(r'File "[^"]*?/(monitor/[^"]+|feedparser/[^"]+|listparser/[^"]+|tests/fuzz/tries.py)", line (\d+)')


def hang(case: Case) -> float:
    """Seconds after which a case's process is killed, where it did not end itself: the machine may be busy."""
    return 60.0 + 20.0 * child.bound(case)


def place(answer: Answer) -> str:
    """The line that is responsible: the deepest of ours, or of the library that it called."""
    found = PLACE.findall(answer.trace)
    return ":".join(found[-1]) if found else ""


def signature(answer: Answer) -> str:
    """Two failures with one signature are one failure."""
    kind, _, rest = answer.broken.partition(": ")
    promise = rest.partition(": ")[0] if kind == "Broken" else ""
    return " ".join(part for part in (kind, promise, place(answer)) if part)


@dataclass(slots=True)
class Tally:
    """What became of one target's cases."""

    cases: int = 0
    slowest: float = 0.0
    slowest_case: str = ""
    failures: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class Campaign:
    """A run of some targets from one seed. ``strict`` also holds them to their bound of time."""

    names: Sequence[str]
    seed: int
    small: bool = False
    strict: bool = True
    folder: Path = KEPT
    workers: int = 2
    tallies: dict[str, Tally] = field(default_factory=dict)
    kept: dict[str, list[Path]] = field(default_factory=dict)

    def run(self, cases: Iterator[Case], told: Callable[[Campaign], None] = lambda _: None) -> None:
        """Try every case; ``told`` is called after each."""
        self.tallies = {name: Tally() for name in self.names}
        with self._pool() as pool:
            running: dict[Future[Answer], Case] = {}
            waiting = iter(cases)
            while True:
                for case in islice(waiting, 3 * self.workers - len(running)):
                    running[pool.schedule(child.attempt, args=[case], timeout=hang(case))] = case
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    self._settle(pool, running.pop(future), future)
                told(self)

    def made(self, until: Callable[[int], bool]) -> Iterator[Case]:
        """The seed's cases, the targets in turn, as long as ``until`` (of their number so far) says False."""
        numbers: Counter[str] = Counter()
        for done, name in enumerate(targets.rounds(self.names)):
            if until(done):
                return
            number = numbers[name]
            numbers[name] += 1
            yield targets.make(name, dice(self.seed, name, number), number, self.small)

    @property
    def failed(self) -> bool:
        return any(tally.failures for tally in self.tallies.values())

    def _pool(self) -> ProcessPool:
        # Spawned: a process that replaces a killed one begins afresh, with nothing of ours in it.
        return ProcessPool(self.workers, max_tasks=TASKS, initializer=child.begin, context=get_context("spawn"))

    def _settle(self, pool: ProcessPool, case: Case, future: Future[Answer]) -> None:
        tally, answer = self.tallies[case.target], self._answer(case, future)
        tally.cases += 1
        if answer.seconds > tally.slowest:
            tally.slowest, tally.slowest_case = answer.seconds, f"{case.name} ({len(case.data):,} bytes)"
        if answer.note:
            self._note(tally, case, answer)
        if answer.broken:
            self._fail(pool, tally, case, answer)

    def _answer(self, case: Case, future: Future[Answer]) -> Answer:
        try:
            answer: Answer = future.result()
        except Late:
            return Answer(hang(case), f"Hang: it took more than {hang(case):.0f} seconds and was killed")
        except ProcessExpired as error:
            return Answer(0.0, f"Died: its process ended with code {error.exitcode}")
        if self.strict and not answer.broken and answer.seconds > child.bound(case):
            slow = (
                f"Slow: {answer.seconds:.1f} s for {len(case.data):,} bytes; expected {child.bound(case):.1f} s at most"
            )
            return replace(answer, broken=slow)
        return answer

    def _note(self, tally: Tally, case: Case, answer: Answer) -> None:
        if not tally.notes[answer.note] and not self.small:
            keep(self.folder / "notes", case, answer)
        tally.notes[answer.note] += 1

    def _fail(self, pool: ProcessPool, tally: Tally, case: Case, answer: Answer) -> None:
        name = signature(answer)
        tally.failures[name] += 1
        files = self.kept.setdefault(f"{case.target} {name}", [])
        if len(files) >= SAME:
            return
        files.append(keep(self.folder, case, answer))
        quick = not answer.broken.startswith(("Hang", "Slow"))
        if quick and len(files) == 1 and not targets.TARGETS[case.target].text:
            small, smaller = self._shrunk(pool, case, answer)
            if len(small.data) < len(case.data):
                files.append(keep(self.folder / "small", small, smaller))

    def _shrunk(self, pool: ProcessPool, case: Case, answer: Answer) -> tuple[Case, Answer]:
        """The case with all that can be left out left out: in halves, quarters, and so on; the failure stays."""
        until, wanted = clock.monotonic() + SHRINKING_SECONDS, signature(answer)
        step = max(1, len(case.data) // 2)
        while step and clock.monotonic() < until:
            start = 0
            while start < len(case.data) and clock.monotonic() < until:
                shorter = replace(case, data=case.data[:start] + case.data[start + step :], number=-1)
                found = self._answer(shorter, pool.schedule(child.attempt, args=[shorter], timeout=hang(shorter)))
                if found.broken and signature(found) == wanted:
                    case, answer = shorter, found
                else:
                    start += step
            step //= 2
        return case, answer
