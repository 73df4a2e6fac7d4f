"""Parses run in child processes that can be killed: the most hostile feed costs a bounded time and memory.

The children are forked from a small process that knows the parser and nothing else, are kept between feeds and nights,
and end with us, also when we are killed.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import threading
from collections.abc import Iterator
from concurrent.futures import TimeoutError as TimedOut
from typing import TYPE_CHECKING

from monitor.poll.guard import Limits, shown
from monitor.poll.parsed import Parsed

if TYPE_CHECKING:  # a night in which nothing is new has no use for children, and does not wait for what they need
    from monitor.poll.child import Child

CHILDREN = max(1, min(2, os.cpu_count() or 1))
"""Each holds some 30 MB; most of a night is waiting for servers."""

log = logging.getLogger("oximeter.poll")


class _Children:
    """As many children as there are processors, each lent to one thread at a time."""

    def __init__(self) -> None:
        self._process = 0
        self._free: queue.LifoQueue[Child] = queue.LifoQueue()
        self._grown = False
        self._lock = threading.Lock()
        self._closing = False

    @contextlib.contextmanager
    def one(self, large: bool = False) -> Iterator[Child]:
        """A child for this thread alone, waited for where all are at work."""
        with self._lock:
            self._grown = self._grown or large
            if self._process != os.getpid():  # after a fork the children are the other process's
                from monitor.poll.child import Child

                # Again, as what is registered last is called first: multiprocessing, imported just now, ends children
                # at the exit without asking whether they have begun.
                atexit.register(self.close)
                self._process, self._free = os.getpid(), queue.LifoQueue()
                for _ in range(CHILDREN):
                    self._free.put(Child())
            free = self._free
        child = free.get()
        try:
            yield child
        finally:
            free.put(child)

    def prepare(self) -> None:
        """Have them started now, for soon they will be needed; nobody waits for it."""

        def start() -> None:
            # One at a time: two that hold a child each would wait for each other's. Whoever needs one will be told.
            with _preparing, contextlib.ExitStack() as held, contextlib.suppress(Exception):
                for _ in range(CHILDREN):
                    if not self._closing:
                        held.enter_context(self.one()).ready()

        with contextlib.suppress(RuntimeError):
            threading.Thread(target=start, daemon=True, name="prepare").start()

    def rest(self) -> None:
        """Between two rounds of feeds: children that had large ones make way, for their memory is needed elsewhere."""
        if self._grown:
            self._grown = False
            self.end()

    def close(self) -> None:
        """At the end of the process: one that is just starting would complain of us, so it is waited for."""
        self._closing = True
        with _preparing:
            self.end()

    def end(self) -> None:
        """Let all children go that are not at work."""
        idle: list[Child] = []
        with self._lock, contextlib.suppress(queue.Empty):
            while self._process == os.getpid():
                idle.append(self._free.get_nowait())
        for child in idle:
            child.end()
            self._free.put(child)


_preparing = threading.Lock()
children = _Children()
atexit.register(children.close)


def parse_apart(body: bytes, content_type: str, address: str, now: int, limits: Limits | None = None) -> Parsed:
    """As ``parse``, in a child process with ``limits.parse_seconds`` to do it in. Never raises."""
    from monitor.poll.child import LARGE, Broken, NoChild

    limits = limits or Limits()
    where = shown(address)
    with children.one(large=len(body) > LARGE) as child:
        try:
            try:
                return child.parse(body, content_type, address, now, limits)
            except Broken:  # once more in a fresh one: the system may have ended it for another
                return child.parse(body, content_type, address, now, limits)
        except TimedOut:
            seconds = f"{limits.parse_seconds:g}"
            return Parsed(error=f"{where} was not understood within {seconds} seconds of work: a feed takes less")
        except (MemoryError, Broken):
            child.end()
            return Parsed(error=f"{where} takes more memory to read than a feed may")
        except NoChild as error:
            # No semaphores here, or we are a daemon's child ourselves: better read here than not at all.
            from monitor.poll.parse import parse

            log.warning("feeds are read without a child process: %s", error)
            return parse(body, content_type, address, now, limits)
