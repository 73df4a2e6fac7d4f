"""Ends a fetch when its time is up, whatever it waits for: one thread watches over all of them."""

from __future__ import annotations

import contextlib
import heapq
import os
import socket
import threading
import time as clock
from collections.abc import Iterator

MANY = 1_000
"""So many deadlines in the plan, and it is cleared of those that are over."""


class Deadline:
    """Ends the connection of this thread when the time is up: read time-outs alone let a slow drip last for ever."""

    def __init__(self, seconds: float, configured: str = "") -> None:
        self.passed = False
        self.over = False
        """True once nothing is left to be cut."""
        self.configured = configured
        """The address that the owner gave: its own host and port may be private, all others may not."""
        self.asked = ""
        """The address that is being asked for, as it may be printed."""
        self.reused = False
        """True where the last question went over a connection that was kept alive from an earlier one."""
        self.ends = clock.monotonic() + max(seconds, 0.0)
        """A moment of ``time.monotonic()``; infinite while the time stands still."""
        self._handle: socket.socket | None = None
        self._lock = threading.Lock()

    @property
    def left(self) -> float:
        """Seconds until the time is up; never less than a moment, as 0 would mean no time-out."""
        return max(self.ends - clock.monotonic(), 0.001)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Within, the time stands still: what we wait for is our own doing and not the server's."""
        left, self.ends = self.left, float("inf")
        try:
            yield
        finally:
            self.ends = clock.monotonic() + left
            _watcher.add(self)

    def watch(self, sock: socket.socket) -> None:
        """Have this connection cut when the time is up. A second handle, since TLS takes the first one over."""
        with self._lock:
            self._let_go()
            self._handle = socket.socket(fileno=socket.dup(sock.fileno()))
        if self.passed:
            self.cut()

    def cut(self) -> None:
        """The time is up."""
        self.passed = True
        with self._lock, contextlib.suppress(OSError):
            if self._handle is not None:
                self._handle.shutdown(socket.SHUT_RDWR)

    def _let_go(self) -> None:
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def __enter__(self) -> Deadline:
        _watcher.add(self)
        _here.deadline = self
        return self

    def __exit__(self, *_: object) -> None:
        self.over = True
        _here.deadline = None
        with self._lock:
            self._let_go()


class _Watcher:
    """A thread that cuts each deadline's connection when it is time. It ends with the process."""

    def __init__(self) -> None:
        self._plan: list[tuple[float, int, Deadline]] = []
        self._changed = threading.Condition()
        self._process = 0
        self._number = 0
        self._sweep_at = MANY

    def add(self, deadline: Deadline) -> None:
        """Watch over the deadline from now on. Raises RuntimeError where no thread can be started."""
        with self._changed:
            if deadline.ends == float("inf"):  # it stands still: whoever sets it going again adds it
                return
            if self._process != os.getpid():  # a fork takes no threads along
                self._plan = []
                threading.Thread(target=self._watch, daemon=True, name="deadlines").start()
                self._process = os.getpid()
            self._number += 1
            heapq.heappush(self._plan, (deadline.ends, self._number, deadline))
            if len(self._plan) > self._sweep_at:
                self._plan = [planned for planned in self._plan if not planned[2].over]
                heapq.heapify(self._plan)
                self._sweep_at = max(MANY, 2 * len(self._plan))
            if self._plan and self._plan[0][2] is deadline:
                self._changed.notify()

    def _watch(self) -> None:
        while True:
            for deadline in self._due():
                deadline.cut()

    def _due(self) -> list[Deadline]:
        """The deadlines whose time is up, waited for. One that was paused meanwhile is in the plan a second time."""
        with self._changed:
            wait = self._plan[0][0] - clock.monotonic() if self._plan else None
            if wait is None or wait > 0:
                self._changed.wait(wait)
            now = clock.monotonic()
            due = []
            while self._plan and self._plan[0][0] <= now:
                due.append(heapq.heappop(self._plan)[2])
        return [deadline for deadline in due if not deadline.over and deadline.ends <= now]


class _Here(threading.local):
    deadline: Deadline | None = None


_here = _Here()
_watcher = _Watcher()


def current() -> Deadline | None:
    """The deadline of this thread's fetch, where it is in one."""
    return _here.deadline


def time_is_up() -> bool:
    """True where the deadline of this thread's fetch has passed."""
    return _here.deadline is not None and _here.deadline.passed


def time_stands_still() -> contextlib.AbstractContextManager[None]:
    """Within, the deadline of this thread's fetch, if it is in one, waits."""
    return contextlib.nullcontext() if _here.deadline is None else _here.deadline.paused()
