"""The farm's web server: one process, one loop, no more work for an answer than it takes.

It answers GET alone. ``/NUMBER/...`` is a feed, on whatever address of 127.0.0.0/8 it is asked; ``/-/night/N`` sets the
night, ``/-/counts`` tells and forgets what was asked. It hears loopback alone.
"""

from __future__ import annotations

import heapq
import json
import resource
import select
import socket
import time as clock
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from benchmarks.polling.documents import document, validators
from benchmarks.polling.feeds import TYPES, Plan

HELD_BYTES = 256_000_000
"""Feeds are written beforehand as far as they fit in this; the others as they are asked for."""
SEND_BUFFER = 1_000_000
"""Bytes that the system takes at once, so that an answer is one call."""
REQUEST_BYTES = 65_536
NOTHING = b""


@dataclass
class Farm:
    """What is answered."""

    plans: Sequence[Plan]
    port: int
    median_latency: float = 0.0
    """Seconds; every feed has its own."""
    held_bytes: int = HELD_BYTES
    night: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    _held: dict[int, tuple[int, bytes]] = field(default_factory=dict)

    def turn(self, night: int) -> None:
        """Set the night, and write the feeds that have changed and fit."""
        self.night = night
        room = self.held_bytes
        for plan in self.plans:
            version, written = self._held.get(plan.number, (-1, NOTHING))
            if version != plan.changed(night):
                written = document(plan, night, self.port)
                self._held[plan.number] = plan.changed(night), written
            room -= len(written)
            if room < 0:
                del self._held[plan.number]
                break

    def answer(self, request: bytes) -> tuple[bytes, bytes, float]:
        """Head, body and the moment before which they are not sent (0: at once)."""
        target = request[4 : request.find(b" ", 4)]
        first, _, rest = target[1:].partition(b"/")
        if first == b"-":
            return self._control(rest.decode("latin-1"))
        plan = self.plans[int(first)] if first.isdigit() and int(first) < len(self.plans) else None
        if not request.startswith(b"GET ") or plan is None or target != plan.path.encode():
            self.counts["other"] += 1
            return _head(404, b"Not Found", 0, b"Content-Type: text/plain\r\n"), NOTHING, 0.0
        wait = clock.monotonic() + plan.latency * self.median_latency if self.median_latency else 0.0
        etag, modified = validators(plan, self.night)
        headers = _headers(plan, etag, modified)
        if _unchanged(request, etag, modified):
            self.counts["not_modified"] += 1
            return b"HTTP/1.1 304 Not Modified\r\n" + headers + b"\r\n", NOTHING, wait
        held = self._held.get(plan.number)
        body = held[1] if held and held[0] == plan.changed(self.night) else document(plan, self.night, self.port)
        self.counts["whole"] += 1
        self.counts["bytes"] += len(body)
        return _head(200, b"OK", len(body), headers), body, wait

    def _control(self, asked: str) -> tuple[bytes, bytes, float]:
        what, _, value = asked.partition("/")
        if what == "night":
            self.turn(int(value))
        used = resource.getrusage(resource.RUSAGE_SELF)
        told = {"night": self.night, "cpu_seconds": used.ru_utime + used.ru_stime, **self.counts}
        self.counts.clear()
        body = json.dumps(told).encode()
        return _head(200, b"OK", len(body), b"Content-Type: application/json\r\n"), body, 0.0


def _head(status: int, phrase: bytes, length: int, headers: bytes) -> bytes:
    return b"HTTP/1.1 %d %s\r\n%sContent-Length: %d\r\n\r\n" % (status, phrase, headers, length)


@lru_cache(4096)
def _headers(plan: Plan, etag: bytes, modified: bytes) -> bytes:
    named = [(b"Content-Type", TYPES[plan.kind].encode()), (b"ETag", etag), (b"Last-Modified", modified)]
    return b"".join(b"%s: %s\r\n" % pair for pair in named if pair[1])


def _unchanged(request: bytes, etag: bytes, modified: bytes) -> bool:
    """As RFC 9110 has it: where an ETag is asked about, the date does not count."""
    asked = _header(request, b"\r\nif-none-match:")
    if asked is not None:
        return bool(etag) and asked == etag
    return bool(modified) and _header(request, b"\r\nif-modified-since:") == modified


def _header(request: bytes, name: bytes) -> bytes | None:
    at = request.lower().find(name)
    if at < 0:
        return None
    begin = at + len(name)
    return request[begin : request.find(b"\r\n", begin)].strip()


# --- The loop ---


@dataclass(slots=True)
class _Caller:
    sock: socket.socket
    heard: bytes = NOTHING
    left: memoryview | None = None
    """What could not be sent yet."""
    closing: bool = False


def listener(port: int = 0) -> socket.socket:
    """A socket on every address of loopback, and on no other. Raises OSError where the system is not Linux."""
    sock = socket.socket()
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Bound to the device rather than to addresses: 127.0.0.0/8 has more than one socket each could serve.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo\0")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
        sock.bind(("0.0.0.0", port))
        sock.listen(1024)
        sock.setblocking(False)
    except BaseException:
        sock.close()
        raise
    return sock


class Server:
    """Serves a farm over a listening socket until it is stopped."""

    def __init__(self, sock: socket.socket, farm: Farm) -> None:
        self.sock, self.farm = sock, farm
        self._poll = select.epoll()
        self._poll.register(sock, select.EPOLLIN)
        self._callers: dict[int, _Caller] = {}
        self._later: list[tuple[float, int, _Caller, bytes, bytes]] = []
        self._order = 0

    def serve(self, going_on: Callable[[], bool] = lambda: True) -> None:
        """Answer; ``going_on`` is asked at least twice a second."""
        own = self.sock.fileno()
        try:
            while going_on():
                for number, event in self._poll.poll(self._rest()):
                    if number == own:
                        self._accept()
                    elif number in self._callers:
                        self._serve(self._callers[number], event)
                self._due()
        finally:
            for caller in list(self._callers.values()):
                self._close(caller)
            self._poll.close()

    def _rest(self) -> float:
        return max(0.0, min(0.5, self._later[0][0] - clock.monotonic())) if self._later else 0.5

    def _due(self) -> None:
        while self._later and self._later[0][0] <= clock.monotonic():
            _, _, caller, head, body = heapq.heappop(self._later)
            if self._callers.get(caller.sock.fileno()) is caller:
                self._send(caller, head, body)

    def _accept(self) -> None:
        try:
            while True:
                sock, _ = self.sock.accept()
                sock.setblocking(False)
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._callers[sock.fileno()] = _Caller(sock)
                self._poll.register(sock, select.EPOLLIN)
        except BlockingIOError:
            return

    def _serve(self, caller: _Caller, event: int) -> None:
        try:
            if event & select.EPOLLOUT:
                self._go_on(caller)
            elif event & select.EPOLLIN:
                self._hear(caller)
            else:
                self._close(caller)
        except OSError:
            self._close(caller)

    def _hear(self, caller: _Caller) -> None:
        heard = caller.sock.recv(REQUEST_BYTES)
        caller.heard += heard
        if not heard or len(caller.heard) > REQUEST_BYTES:
            self._close(caller)
        elif b"\r\n\r\n" in caller.heard:
            request, _, caller.heard = caller.heard.partition(b"\r\n\r\n")
            request += b"\r\n"
            caller.closing = (_header(request, b"\r\nconnection:") or b"").lower() == b"close"
            head, body, moment = self.farm.answer(request)
            if moment:
                self._order += 1
                heapq.heappush(self._later, (moment, self._order, caller, head, body))
            else:
                self._send(caller, head, body)

    def _send(self, caller: _Caller, head: bytes, body: bytes) -> None:
        try:
            sent = caller.sock.sendmsg((head, body))
        except BlockingIOError:
            sent = 0
        except OSError:
            self._close(caller)
            return
        if sent == len(head) + len(body):
            self._done(caller)
            return
        caller.left = memoryview(head + body)[sent:]
        self._poll.modify(caller.sock, select.EPOLLOUT)

    def _go_on(self, caller: _Caller) -> None:
        assert caller.left is not None
        caller.left = caller.left[caller.sock.send(caller.left) :]
        if not caller.left:
            caller.left = None
            self._poll.modify(caller.sock, select.EPOLLIN)
            self._done(caller)

    def _done(self, caller: _Caller) -> None:
        if caller.closing:
            self._close(caller)

    def _close(self, caller: _Caller) -> None:
        number = caller.sock.fileno()
        if self._callers.pop(number, None) is not None:
            self._poll.unregister(number)
            caller.sock.close()
