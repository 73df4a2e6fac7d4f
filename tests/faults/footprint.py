"""How much memory a process and all that it started hold, read from /proc while they run."""

from __future__ import annotations

import contextlib
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PROC = Path("/proc")
EVERY = 0.2
"""Seconds between two looks."""


@dataclass
class Footprint:
    """The most that was seen at one moment."""

    peak: int = 0
    """Bytes of proportional set size (PSS): memory that several share is counted once among them."""
    looks: int = 0
    each: list[int] = field(default_factory=list)
    """What each process held at that moment, the first process first."""


def measurable() -> bool:
    """True where the system tells how much memory a process holds."""
    return (PROC / "self" / "smaps_rollup").exists()


def family_of(pid: int) -> list[int]:
    """The process and all its descendants."""
    children: dict[int, list[int]] = defaultdict(list)
    for stat in PROC.glob("[0-9]*/stat"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            # The name, in parentheses, may hold anything.
            children[int(stat.read_text().rpartition(")")[2].split()[1])].append(int(stat.parent.name))
    found, waiting = [], [pid]
    while waiting:
        found.append(waiting.pop())
        waiting += children[found[-1]]
    return found


def held(pid: int) -> int:
    """Bytes that a process holds; 0 where it has ended."""
    with contextlib.suppress(OSError):
        for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0


@contextmanager
def watched(pid: int) -> Iterator[Footprint]:
    """Look at the process and its descendants until the end of the block."""
    seen, over = Footprint(), threading.Event()

    def look() -> None:
        while not over.is_set():
            each = [held(one) for one in family_of(pid)]
            if sum(each) > seen.peak:
                seen.peak, seen.each = sum(each), each
            seen.looks += 1
            over.wait(EVERY)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
