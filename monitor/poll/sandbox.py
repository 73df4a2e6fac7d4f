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
import queue
import signal
import sys
import threading
import types
import zlib
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TimedOut
from typing import Any

from pebble import ProcessExpired, ProcessPool

from monitor.poll.guard import Limits, shown
from monitor.poll.parse import Parsed, parse

CHILDREN = max(1, min(2, os.cpu_count() or 1))
"""Each holds some 30 MB; most of a night is waiting for servers."""
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

log = logging.getLogger("oximeter.poll")


WAYS = multiprocessing.get_all_start_methods()
BASE: Any = multiprocessing.get_context("forkserver" if "forkserver" in WAYS else "spawn")


class _Process(BASE.Process):  # type: ignore[misc]
    """A child that does not run the main module again.

    The standard library has every child do so, and asks scripts to guard against it. A child of ours needs nothing of
    that module, and a script that reads a feed should not be run as many times over as there are children.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        with _one_at_a_time:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                return BASE.Process._Popen(process_obj)
            finally:
                sys.modules["__main__"] = main


_one_at_a_time = threading.Lock()


class _Context(type(BASE)):  # type: ignore[misc]
    Process = _Process


class _NoChild(Exception):
    """No child process can be made here."""


class _Child:
    """One child process at a time, behind a pool of its own: where it dies, no other is touched."""

    def __init__(self) -> None:
        self._pool: ProcessPool | None = None

    def parse(self, body: bytes, content_type: str, address: str, now: int, limits: Limits) -> Parsed:
        """Parse in the child. Raises TimedOut, MemoryError, or where the child broke ProcessExpired or RuntimeError."""
        arguments = (_packed(body), content_type, address, now, limits)
        pool = self._ready()
        future = pool.schedule(_task, args=arguments, timeout=limits.parse_seconds)
        try:
            # Bounded here too: a child that is killed from outside at the wrong moment never answers.
            return future.result(timeout=limits.parse_seconds + GRACE)
        except TimedOut:
            if not future.done():
                self.end()
            raise

    def _ready(self) -> ProcessPool:
        """The pool, with a child that has answered once: one that cannot even start says nothing of a feed."""
        if self._pool is None:
            try:
                self._pool = _new_pool()
                self._pool.schedule(os.getpid).result(timeout=START_SECONDS)
            except Exception as error:
                self.end()
                raise _NoChild(f"{type(error).__name__}: {error}") from error
        return self._pool

    def end(self) -> None:
        """Let the child go; a new one comes when it is needed."""
        pool, self._pool = self._pool, None
        if pool is not None:
            pool.stop()  # type: ignore[no-untyped-call]
            with contextlib.suppress(TimedOut):
                pool.join(timeout=5)


class _Children:
    """As many children as there are processors, each lent to one thread at a time."""

    def __init__(self) -> None:
        self._process = 0
        self._free: queue.LifoQueue[_Child] = queue.LifoQueue()
        self._grown = False
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def one(self, large: bool = False) -> Iterator[_Child]:
        """A child for this thread alone, waited for where all are at work."""
        with self._lock:
            self._grown = self._grown or large
            if self._process != os.getpid():  # after a fork the children are the other process's
                self._process, self._free = os.getpid(), queue.LifoQueue()
                for _ in range(CHILDREN):
                    self._free.put(_Child())
            free = self._free
        child = free.get()
        try:
            yield child
        finally:
            free.put(child)

    def rest(self) -> None:
        """Between two rounds of feeds: children that had large ones make way, for their memory is needed elsewhere."""
        if self._grown:
            self._grown = False
            self.end()

    def end(self) -> None:
        """Let all children go that are not at work."""
        idle: list[_Child] = []
        with self._lock, contextlib.suppress(queue.Empty):
            while self._process == os.getpid():
                idle.append(self._free.get_nowait())
        for child in idle:
            child.end()
            self._free.put(child)


def _new_pool() -> ProcessPool:
    context = _Context()
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


children = _Children()
atexit.register(children.end)


def parse_apart(body: bytes, content_type: str, address: str, now: int, limits: Limits | None = None) -> Parsed:
    """As ``parse``, in a child process with ``limits.parse_seconds`` to do it in. Never raises."""
    limits = limits or Limits()
    where = shown(address)
    with children.one(large=len(body) > LARGE) as child:
        try:
            return _parse_twice(child, body, content_type, address, now, limits)
        except TimedOut:
            seconds = f"{limits.parse_seconds:g}"
            return Parsed(error=f"{where} was not understood within {seconds} seconds of work: a feed takes less")
        except (MemoryError, ProcessExpired, RuntimeError):
            child.end()
            return Parsed(error=f"{where} takes more memory to read than a feed may")
        except _NoChild as error:
            # No semaphores here, or we are a daemon's child ourselves: better read here than not at all.
            log.warning("feeds are read without a child process: %s", error)
            return parse(body, content_type, address, now, limits)


def _parse_twice(child: _Child, body: bytes, content_type: str, address: str, now: int, limits: Limits) -> Parsed:
    """Parse in the child, and once more in a fresh one where it broke: the system may have ended it for another."""
    try:
        return child.parse(body, content_type, address, now, limits)
    except (ProcessExpired, RuntimeError):
        child.end()
        return child.parse(body, content_type, address, now, limits)
