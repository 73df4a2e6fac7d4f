"""Parses run in child processes that can be killed: the most hostile feed costs a bounded time and memory.

The children are forked from a small process that knows the parser and nothing else, are kept between feeds and nights,
and end with us, also when we are killed.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import logging
import multiprocessing
import os
import signal
import threading
import zlib
from concurrent.futures import TimeoutError as TimedOut

from pebble import ProcessExpired, ProcessPool

from monitor.poll.guard import Limits, shown
from monitor.poll.parse import Parsed, parse

CHILDREN = max(1, min(4, os.cpu_count() or 1))
PARSES_EACH = 500
"""After so many a child makes way for a fresh one, as parsers leak."""
MEMORY = 400_000_000
"""Bytes that a child may allocate."""
LARGE = 500_000
"""Bytes."""
GRACE = 5
"""Seconds after which a child ends itself where nobody is left to kill it."""

log = logging.getLogger("oximeter.poll")


class _Children:
    """The pool, made when it is first needed."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None
        self._process = 0
        self._grown = False
        self._lock = threading.Lock()

    def pool(self) -> ProcessPool:
        with self._lock:
            # After a fork the pool is the other process's.
            if self._pool is None or self._process != os.getpid() or not self._pool.active:
                self._pool, self._process = _new_pool(), os.getpid()
            return self._pool

    def grow(self) -> None:
        """Remember that a child had a large feed to read."""
        self._grown = True

    def rest(self) -> None:
        """Between two rounds of feeds: children that had large ones make way, for their memory is needed elsewhere."""
        if self._grown:
            self.end()

    def end(self) -> None:
        """Let all children go; new ones come when they are needed."""
        with self._lock:
            if self._pool is not None and self._process == os.getpid():
                self._pool.stop()  # type: ignore[no-untyped-call]
                self._pool.join(timeout=5)
            self._pool, self._grown = None, False


def _new_pool() -> ProcessPool:
    ways = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in ways else "spawn")
    with contextlib.suppress(AttributeError):
        context.set_forkserver_preload([__name__])
    return ProcessPool(
        max_workers=CHILDREN, max_tasks=PARSES_EACH, initializer=_settle_in, initargs=[MEMORY], context=context
    )


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


children = _Children()
atexit.register(children.end)


def parse_apart(body: bytes, content_type: str, address: str, now: int, limits: Limits | None = None) -> Parsed:
    """As ``parse``, in a child process with ``limits.parse_seconds`` to do it in. Never raises."""
    limits = limits or Limits()
    if len(body) > LARGE:
        children.grow()
    try:
        future = children.pool().schedule(
            _task, args=(_packed(body), content_type, address, now, limits), timeout=limits.parse_seconds
        )
        return future.result()
    except TimedOut:
        return Parsed(
            error=f"{shown(address)} was not understood within {limits.parse_seconds:g} seconds of work: "
            "a feed takes less"
        )
    except (MemoryError, ProcessExpired):
        return Parsed(error=f"{shown(address)} takes more memory to read than a feed may")
    except (OSError, AssertionError, RuntimeError) as error:
        # No child can be made here (no semaphores, or we are a daemon's child): better read here than not at all.
        log.warning("feeds are read without a child process: %s", error)
        return parse(body, content_type, address, now, limits)
