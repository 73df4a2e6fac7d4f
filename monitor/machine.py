"""What a night needs of the machine: a clock that lives, room on the disk, and no more memory than it must have."""

from __future__ import annotations

import contextlib
import ctypes
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from monitor.model import DAY

EARLIEST = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
"""No clock that lives says less (Unix seconds): one whose battery died starts anew at 1970 or some years ago."""
ROOM_BYTES = 100_000_000
"""A disk with less left is full in no time: a night writes some megabytes, and its database as many again."""


M_ARENA_MAX = -8
"""From glibc's malloc.h."""
ARENAS = 2


@contextlib.contextmanager
def sparing_memory() -> Iterator[None]:
    """Within, many threads share few heaps; at the end what is free is given back. Where the system has no such calls,
    nothing happens.

    glibc gives every thread a heap of its own, and keeps what each once needed: a night of sixteen threads that met
    large feeds would hold all of it to its end.
    """
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, ARENAS)
    except (OSError, AttributeError, TypeError):
        yield
        return
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError):
            libc.malloc_trim(0)


def dead_clock(now: int) -> str | None:
    """What is wrong with a machine whose clock says ``now`` (Unix seconds); None where nothing is."""
    if now >= EARLIEST:
        return None
    return (
        f"The machine's clock says {_moment(now)}, which has long passed, so every date would be wrong: set the clock "
        "(a flat battery is the usual cause), or give a moment with --now."
    )


def clock_gone_back(now: int, last_fetch: int | None) -> str | None:
    """What is wrong where feeds were asked more than a day after ``now`` (Unix seconds); None where nothing is."""
    if last_fetch is None or now >= last_fetch - DAY:
        return None
    return f"The clock says {_moment(now)}, but the store was written on {_moment(last_fetch)}: set the clock."


def short_of_room(folder: Path) -> str | None:
    """What is wrong with the disk that ``folder``, or the nearest above it, lies on; None where nothing is."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        left = shutil.disk_usage(nearest).free
    except OSError:  # some network disks do not say
        return None
    if left >= ROOM_BYTES:
        return None
    return (
        f"The disk of {nearest} has only {left // 1_000_000:,} MB left; make room until there are "
        f"{ROOM_BYTES // 1_000_000:,} MB."
    )


def _moment(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d %H:%M} UTC"
