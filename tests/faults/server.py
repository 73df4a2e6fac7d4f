"""A server for each fault, on raw sockets: it can do what a proper HTTP server is too well-behaved to do.

Every fault has an address of its own on loopback (127.1.0.1, 127.1.0.2, …) where the machine has more than one, since
a poller treats a host's feeds together: what one fault does to its host must not be done to the others.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
import struct
import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache

import trustme

from tests.faults.fault import Fault
from tests.faults.feeds import FEED, WELL

PATIENCE = 60.0
"""Seconds that a server waits for its client: longer than any client of ours stays."""
LONGEST_QUESTION = 65_536
XML = "application/rss+xml"


def head(status: str = "200 OK", content_type: str = XML, length: int | None = None, **headers: str) -> bytes:
    """Status line and headers, well-formed, with the empty line that ends them."""
    lines = [f"HTTP/1.1 {status}", "Connection: close"]
    lines += [f"Content-Type: {content_type}"] if content_type else []
    lines += [f"Content-Length: {length}"] if length is not None else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


class Talk:
    """One connection: what was asked, and the ways to answer it."""

    def __init__(self, sock: socket.socket, fault: Fault, farm: Farm, number: int) -> None:
        self.sock, self.fault, self.farm = sock, fault, farm
        self.number = number
        """How many questions this fault has had, this one included."""
        self.path = ""
        self.headers: dict[str, str] = {}

    @property
    def origin(self) -> str:
        """Scheme, host and port of the fault's own server."""
        return self.farm.origin(self.fault)

    @property
    def over(self) -> bool:
        return self.farm.closing.is_set()

    def hear(self) -> bool:
        """Read the question; False where none came."""
        heard = b""
        while b"\r\n\r\n" not in heard:
            piece = self.sock.recv(65_536)
            if not piece or len(heard) > LONGEST_QUESTION:
                return False
            heard += piece
        first, *lines = heard.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")
        self.path = first.split(" ")[1] if first.count(" ") >= 2 else ""
        fields = (line.partition(":") for line in lines)
        self.headers = {name.strip().lower(): value.strip() for name, _, value in fields}
        return True

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def answer(self, body: bytes = FEED, status: str = "200 OK", content_type: str = XML, **headers: str) -> None:
        """A well-formed answer."""
        self.send(head(status, content_type, len(body), **headers) + body)

    def pour(self, pieces: Iterable[bytes]) -> None:
        """Send piece after piece, for as long as somebody takes them."""
        for piece in pieces:
            if self.over:
                return
            self.send(piece)

    def drip(self, data: bytes, seconds: float = 0.05) -> None:
        """Send a byte at a time, the whole of it again and again."""
        while data:
            for place in range(len(data)):
                self.send(data[place : place + 1])
                if self.farm.closing.wait(seconds):
                    return

    def hang(self) -> None:
        """Say nothing until the client has gone."""
        self.sock.settimeout(0.2)
        while not self.over:
            with contextlib.suppress(TimeoutError):
                if not self.sock.recv(65_536):
                    return

    def reset(self) -> None:
        """Cut the connection as a crashed machine does: RST instead of an orderly end."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Trap:
    """A service of the house that nobody from outside may be led to. It counts who comes."""

    def __init__(self) -> None:
        self.visits: list[str] = []
        first = _bound("127.0.0.1")
        self.port = int(first.getsockname()[1])
        self.sockets = [first]
        with contextlib.suppress(OSError):
            self.sockets.append(_bound("::1", self.port))
        for sock in self.sockets:
            sock.listen(16)

    def visited(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            visitor, _ = sock.accept()
            self.visits.append(str(sock.getsockname()[0]))
            visitor.close()


def _bound(host: str, port: int = 0) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        sock.bind((host, port))
    except OSError:
        sock.close()
        raise
    return sock


@cache
def own_hosts() -> bool:
    """True where every fault can have a loopback address of its own."""
    try:
        _bound("127.1.0.1").close()
    except OSError:
        return False
    return True


class Farm:
    """The servers of many faults, and what each was asked."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = {fault.name: fault for fault in faults}
        self.closing = threading.Event()
        self.well = False
        self.night = 0
        """Counted by the test: some servers do something else every night."""
        self.asked: dict[str, list[tuple[str, dict[str, str]]]] = defaultdict(list)
        self.trap = Trap()
        self._authority: trustme.CA | None = None
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._selector = selectors.DefaultSelector()
        self._sockets: dict[str, socket.socket] = {}
        for number, fault in enumerate(faults):
            self._set_up(number, fault)
        for sock in self.trap.sockets:
            self._selector.register(sock, selectors.EVENT_READ, None)
        self._bell, self._ring = socket.socketpair()
        self._selector.register(self._bell, selectors.EVENT_READ, None)
        self._server = threading.Thread(target=self._serve, daemon=True)
        self._server.start()

    def _set_up(self, number: int, fault: Fault) -> None:
        host = f"127.1.{number // 250}.{number % 250 + 1}" if own_hosts() else "127.0.0.1"
        sock = self._sockets[fault.name] = _bound(host)
        if fault.listens:
            self._listen(sock, fault)

    def _listen(self, sock: socket.socket, fault: Fault) -> None:
        sock.listen(64)
        self._selector.register(sock, selectors.EVENT_READ, fault)

    def origin(self, fault: Fault) -> str:
        """Scheme, host and port of a fault's server."""
        host, port = self._sockets[fault.name].getsockname()[:2]
        return f"{fault.scheme}://{host}:{port}"

    def address(self, fault: Fault) -> str:
        """The feed's address."""
        return fault.address or self.origin(fault) + fault.path

    @property
    def authority(self) -> trustme.CA:
        """The one that signed the certificates: unknown to everybody who is not told of it."""
        if self._authority is None:
            self._authority = trustme.CA()
        return self._authority

    @staticmethod
    def stranger() -> trustme.CA:
        """An authority that signed nothing here."""
        return trustme.CA()

    def heal(self) -> None:
        """From now on every server gives a proper feed, whatever its path."""
        self.well = True
        for name, fault in self.faults.items():
            if not fault.listens:
                self._listen(self._sockets[name], fault)

    def _serve(self) -> None:
        while not self.closing.is_set():
            for key, _ in self._selector.select():
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                if key.data is not None:
                    self._welcome(sock, key.data)
                elif sock is not self._bell:
                    self.trap.visited(sock)

    def _welcome(self, listener: socket.socket, fault: Fault) -> None:
        with contextlib.suppress(OSError):
            sock, _ = listener.accept()
            sock.settimeout(PATIENCE)
            with self._lock:
                self._open.add(sock)
            threading.Thread(target=self._talk, args=(sock, fault), daemon=True).start()

    def _talk(self, sock: socket.socket, fault: Fault) -> None:
        """Do what the fault does; the client may leave at any time."""
        talk = Talk(sock, fault, self, len(self.asked[fault.name]) + 1)
        try:
            self._act(talk, fault)
        except OSError:
            pass
        finally:
            with self._lock:
                self._open.discard(sock)
            with contextlib.suppress(OSError):
                talk.sock.shutdown(socket.SHUT_WR)
            talk.sock.close()
            sock.close()

    def _act(self, talk: Talk, fault: Fault) -> None:
        if fault.at_once and not self.well:
            self.asked[fault.name].append(("", {}))
            return fault.act(talk)
        if fault.tls or (self.well and fault.scheme == "https"):
            talk.sock = self._secure(talk.sock, fault)
        if talk.hear():
            if talk.path == "/robots.txt":
                return talk.answer(b"", status="404 Not Found")
            talk.number = len(self.asked[fault.name]) + 1
            self.asked[fault.name].append((talk.path, talk.headers))
            if self.well:
                talk.answer(WELL)
            else:
                fault.act(talk)

    def _secure(self, sock: socket.socket, fault: Fault) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.authority.issue_cert(self._sockets[fault.name].getsockname()[0]).configure_cert(context)
        return context.wrap_socket(sock, server_side=True)

    def close(self) -> None:
        """End every conversation and give the ports back."""
        self.closing.set()
        self._ring.send(b"!")
        self._server.join()
        with self._lock:
            for sock in self._open:
                with contextlib.suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        self._selector.close()
        for sock in [*self._sockets.values(), *self.trap.sockets, self._bell, self._ring]:
            sock.close()


@contextmanager
def farm(*faults: Fault) -> Iterator[Farm]:
    """The servers of these faults, until the end of the block."""
    here = Farm(faults)
    try:
        yield here
    finally:
        here.close()
