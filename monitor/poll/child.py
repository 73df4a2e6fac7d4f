"""One child process in which feeds are read: bounded in time and memory, and replaced where it breaks."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import zlib
from concurrent.futures import TimeoutError as TimedOut

from pebble import ProcessExpired, ProcessPool

from monitor.poll.guard import Limits
from monitor.poll.parse import parse
from monitor.poll.parsed import Parsed
from monitor.processes import Context

PARSES_EACH = 500
"""After so many a child makes way for a fresh one, as parsers leak."""
MEMORY = 400_000_000
"""Bytes that a child may allocate."""
START_SECONDS = 60.0
"""How long a child may take to start, on however slow a machine."""
LARGE = 500_000
"""Bytes."""
GRACE = 5
"""Seconds beyond the time-out after which a child ends itself, where nobody is left to kill it, or is given up."""


class NoChild(Exception):
    """No child process can be made here."""


class Broken(Exception):
    """The child broke: it took more memory than it may, or somebody ended it."""


class Child:
    """One child process at a time, behind a pool of its own: where it dies, no other is touched."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None

    def parse(self, body: bytes, content_type: str, address: str, now: int, limits: Limits) -> Parsed:
        """Parse in the child. Raises TimedOut, MemoryError, Broken or NoChild."""
        arguments = (_packed(body), content_type, address, now, limits)
        pool = self.ready()
        try:
            future = pool.schedule(_task, args=arguments, timeout=limits.parse_seconds)
            # Bounded here too: a child that is killed from outside at the wrong moment never answers.
            return future.result(timeout=limits.parse_seconds + GRACE)
        except TimedOut:
            if not future.done():
                self.end()
            raise
        except (ProcessExpired, RuntimeError) as error:
            self.end()
            raise Broken from error

    def ready(self) -> ProcessPool:
        """The pool, with a child that has answered once: one that cannot even start says nothing of a feed."""
        if self._pool is None:
            try:
                self._pool = _new_pool()
                self._pool.schedule(os.getpid).result(timeout=START_SECONDS)
            except Exception as error:
                self.end()
                raise NoChild(f"{type(error).__name__}: {error}") from error
        return self._pool

    def end(self) -> None:
        """Let the child go; a new one comes when it is needed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            with contextlib.suppress(TimedOut):
                pool.join(timeout=5)


def _new_pool() -> ProcessPool:
    context = Context()
    with contextlib.suppress(AttributeError):
        context.set_forkserver_preload([__name__])
    return ProcessPool(max_workers=1, max_tasks=PARSES_EACH, initializer=_settle_in, initargs=[MEMORY], context=context)


def _settle_in(memory: int) -> None:
    """In a new child: bound its memory (bytes), and leave Ctrl-C to the parent."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))


def _packed(body: bytes) -> tuple[bool, bytes]:
    """The body as it is handed to a child: a large one compressed, as handing it over copies it twice."""
    return (True, zlib.compress(body, 1)) if len(body) > LARGE else (False, body)


def _task(packed: tuple[bool, bytes], content_type: str, address: str, now: int, limits: Limits) -> Parsed:
    """In the child. The alarm ends it where the parent, who would have done so, was killed meanwhile."""
    alarm = getattr(signal, "alarm", None)
    if alarm is not None:
        alarm(int(limits.parse_seconds) + GRACE)
    large, body = packed
    try:
        return parse(zlib.decompress(body) if large else body, content_type, address, now, limits)
    finally:
        if alarm is not None:
            alarm(0)
        if large:
            _give_back()


def _give_back() -> None:
    """Return what a large feed took: the child stays, and glibc would keep it."""
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
