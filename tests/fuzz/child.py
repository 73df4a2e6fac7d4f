"""The process that a case is tried in: bounded in memory, without a network, and free to hang or to die."""

from __future__ import annotations

import resource
import signal
import socket
import traceback
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.fuzz.case import Answer, Case

MEMORY_BYTES = 1_000_000_000
"""What one case may take, beyond what the process holds when it begins."""
PATIENCE = 4
"""How many times its bound a case may take before it is ended: what it does besides is not what is measured."""
_getaddrinfo = socket.getaddrinfo


class TooLong(BaseException):
    """The case is taking too much processor time. No Exception, so that nobody catches it for one of the input's."""


def bound(case: Case) -> float:
    """Processor seconds that a case may take: 5, and 3 more for each MB."""
    return 5.0 + 3.0 * len(case.data) / 1_000_000


def begin() -> None:
    """Set the process up: called once in each."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    socket.getaddrinfo = _only_here
    warnings.simplefilter("ignore")
    import tests.fuzz.targets  # noqa: F401  # the code as it is on disk now


def _only_here(host: Any, *rest: Any, **more: Any) -> Any:
    """Names stand for nothing and addresses are not reached, but for loopback: nobody outside is asked anything."""
    if host in ("127.0.0.1", "localhost"):
        return _getaddrinfo("127.0.0.1", *rest, **more)
    raise socket.gaierror(socket.EAI_NONAME, "nothing outside is asked")


@contextmanager
def _bounded() -> Iterator[None]:
    """The limit holds for the case alone: what hands cases in and answers out must not die of it."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0]) if Path("/proc/self/statm").exists() else 0
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)


@contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Ends the case after so much processor time, at the line that takes it."""

    def end(*_: object) -> None:
        raise TooLong(f"it took more than {seconds:.0f} s of processor time and was ended")

    before = signal.signal(signal.SIGPROF, end)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def attempt(case: Case) -> Answer:
    """Try the case. What it raises is its answer."""
    from tests.fuzz.targets import TARGETS

    try:
        with _bounded(), _ended_after(PATIENCE * bound(case)):
            seconds, note = TARGETS[case.target].attempt(case)
        return Answer(seconds, note=note)
    except TooLong as error:
        return Answer(PATIENCE * bound(case), f"Hang: {error}", traceback.format_exc()[-6_000:])
    except Exception as error:
        return Answer(0.0, f"{type(error).__name__}: {error}"[:600], traceback.format_exc()[-6_000:])
