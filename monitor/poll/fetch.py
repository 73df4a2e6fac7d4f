"""HTTP, asked once and politely: conditional, bounded in size and time, redirects guarded.

Whatever the server does, the answer is a ``Page`` that answers questions; nobody else looks at headers.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time as clock
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

import requests
import urllib3
from requests.adapters import HTTPAdapter

from monitor import __version__
from monitor.model import FeedState
from monitor.poll.guard import Forbidden, Limits, check, origin, private, shown

USER_AGENT = f"Oximeter/{__version__} (channel activity health monitor)"
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
STATUS_SENTENCES = {
    401: "HTTP {status} from {address}: it asks for a password; the feed must be open, or the address carry the key",
    403: "HTTP {status} from {address}: the server refuses us; ask its owner to let Oximeter in",
    404: "HTTP {status} from {address}: there is nothing at this address; has the feed moved?",
    410: "HTTP {status} from {address}: the feed is gone for good; find its new address or retire the channel's feed",
    429: "HTTP {status} from {address}: the server asks us to slow down",
}
SERVER_FAILED = "HTTP {status} from {address}: the server failed; it is asked again tomorrow night"
UNEXPECTED = "HTTP {status} from {address}: expected 200 and a feed"


@dataclass(frozen=True, slots=True)
class Page:
    """One answer to one question. ``error`` is a whole sentence where there is nothing to read."""

    address: str
    """As asked for, before any redirect."""
    final: str
    """Where the answer came from."""
    moved_to: str | None = None
    """Where permanent redirects led, None where there were none."""
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    seconds: float = 0.0
    now: int = 0
    error: str | None = None
    temporary: bool = False
    """True where any redirect on the way was a temporary one."""
    longest_retry: int = 7 * 86_400

    @property
    def ok(self) -> bool:
        """True where there is a body to read."""
        return self.error is None and self.status == 200

    @property
    def not_modified(self) -> bool:
        return self.error is None and self.status == 304

    @property
    def gone(self) -> bool:
        """The feed itself is gone for good. What a temporary redirect led to says nothing of that."""
        return self.status == 410 and not self.temporary

    @property
    def throttled(self) -> bool:
        """Asked to slow down: 429, or 503 with a time to come back."""
        return self.status == 429 or (self.status == 503 and self.retry_at is not None)

    @property
    def retry_at(self) -> int | None:
        """When the server wants to be asked again (Unix seconds), from Retry-After in seconds or as a date."""
        if self.status not in (429, 503):
            return None
        value = self.headers.get("Retry-After", "").strip()
        if value.isascii() and value.isdigit():
            wait = int(value[:12])
        else:
            try:
                wait = int(parsedate_to_datetime(value).timestamp()) - self.now
            except (ValueError, TypeError, IndexError, OverflowError, OSError):
                return None
        return self.now + min(max(wait, 0), self.longest_retry)

    @property
    def etag(self) -> str | None:
        return _validator(self.headers.get("ETag"))

    @property
    def last_modified(self) -> str | None:
        return _validator(self.headers.get("Last-Modified"))

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")[:200]


def _validator(value: str | None) -> str | None:
    """A validator that can be stored and sent back as it is, or None."""
    return value if value and len(value) <= 1_000 and value.isprintable() and value.isascii() else None


class _Watch:
    """The fetch that a thread is in: its socket, for the deadline, and the host that must be on the open internet."""

    def __init__(self) -> None:
        self.sock: socket.socket | None = None
        self.open_internet_host: str | None = None


class _Here(threading.local):
    def __init__(self) -> None:
        self.watch = _Watch()


_here = _Here()


class _Watched:
    """Mixin for urllib3 connections. The peer is checked when connected, as a name may change what it stands for."""

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        host = str(getattr(self, "host", "")).strip("[]").lower()
        sock: socket.socket | None = getattr(self, "sock", None)
        peer = str(sock.getpeername()[0]) if sock is not None else ""
        if sock is not None and _here.watch.open_internet_host == host and private(peer):
            sock.close()
            raise Forbidden(f"{host} leads to {peer}, a private address: only the feed's own host may do that")
        _here.watch.sock = sock

    def getresponse(self) -> Any:
        _here.watch.sock = getattr(self, "sock", None)
        return super().getresponse()  # type: ignore[misc]


class _Http(_Watched, urllib3.connection.HTTPConnection):
    pass


class _Https(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """requests' own adapter over watched connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


def new_session() -> requests.Session:
    """A session whose fetches are held to their deadline and to the addresses they may reach."""
    session = requests.Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=4, pool_maxsize=2))
    return session


class _Deadline:
    """Cuts the connection of this thread when the time is up: read timeouts alone let a slow drip last for ever."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.passed = False
        self._watch = _here.watch
        self._timer = threading.Timer(max(seconds, 0.0), self._cut)
        self._timer.daemon = True

    def _cut(self) -> None:
        self.passed = True
        sock = self._watch.sock
        if sock is not None:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> _Deadline:
        _here.watch.sock = None
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _here.watch.sock = None
        _here.watch.open_internet_host = None


class _Refused(Exception):
    """The answer cannot be used; ``str(error)`` says what was found and what was expected."""


def fetch(session: requests.Session, state: FeedState, now: int, limits: Limits | None = None) -> Page:
    """Ask for ``state.address`` once. Never raises: every failure is a Page with an error sentence."""
    limits = limits or Limits()
    started = clock.monotonic()
    walk = _Walk(session, state, now, limits)
    try:
        with _Deadline(limits.total_seconds) as deadline:
            try:
                page = walk.page()
            except Exception as error:
                page = walk.failed(_sentence(error, walk.final, limits, deadline.passed))
            if deadline.passed and page.error is None:
                page = walk.failed(_sentence(TimeoutError(), walk.final, limits, True))
    except RuntimeError as error:  # the deadline's thread could not be started
        page = walk.failed(f"{shown(state.address)} was not asked: {error}")
    return replace(page, seconds=round(clock.monotonic() - started, 3))


class _Walk:
    """The way from the address asked for to the answer, one redirect at a time."""

    def __init__(self, session: requests.Session, state: FeedState, now: int, limits: Limits) -> None:
        self.session, self.state, self.now, self.limits = session, state, now, limits
        self.final = state.address
        self.moved_to: str | None = None
        self.temporary = False
        self.conditional = bool(state.etag or state.last_modified)
        self.status: int | None = None

    def page(self) -> Page:
        for _ in range(self.limits.redirects + 1):
            with self._ask() as response:
                self.status = response.status_code
                target = response.headers.get("Location")
                if self.status in REDIRECTS and target:
                    self._follow(target)
                    continue
                return self._answer(response)
        raise _Refused(
            f"{shown(self.state.address)} redirects more than {self.limits.redirects} times: expected a feed at the end"
        )

    def failed(self, sentence: str) -> Page:
        return self._made({}, b"", sentence)

    def _made(self, headers: Mapping[str, str], body: bytes, error: str | None) -> Page:
        return Page(
            address=self.state.address, final=self.final, moved_to=self.moved_to, status=self.status, headers=headers,
            body=body, now=self.now, error=error, temporary=self.temporary, longest_retry=self.limits.retry_seconds,
        )  # fmt: skip

    def _ask(self) -> requests.Response:
        # The address of a post's reply feed is the feed's word: only the listed feed is the owner's.
        guarded = check(self.final, self.state.thread_of or self.state.url)
        _here.watch.open_internet_host = origin(self.final)[0] if guarded else None
        headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        if self.conditional and self.state.etag:
            headers["If-None-Match"] = self.state.etag
        if self.conditional and self.state.last_modified:
            headers["If-Modified-Since"] = self.state.last_modified
        timeout = (self.limits.connect_seconds, self.limits.read_seconds)
        return self.session.get(self.final, headers=headers, stream=True, allow_redirects=False, timeout=timeout)

    def _follow(self, target: str) -> None:
        # Headers arrive as Latin-1; a Location in raw UTF-8 is common enough to be read as such.
        with contextlib.suppress(UnicodeError):
            target = target.encode("latin-1").decode("utf-8")
        self.final = urljoin(self.final, target.strip())
        if self.status in PERMANENT and not self.temporary:
            self.moved_to = self.final
            # Validators belong to the old address: two addresses may use one ETag for different bodies.
            self.conditional = False
        else:
            self.temporary = True

    def _answer(self, response: requests.Response) -> Page:
        page = self._made(response.headers, b"", None)
        if page.status == 304 and not self.conditional:
            return self._made(page.headers, b"", f"HTTP 304 from {shown(self.final)} though nothing was kept from it")
        if page.status == 304:
            return page
        if page.status != 200:
            return self._made(page.headers, b"", _status_sentence(page))
        return self._made(page.headers, _body(response, self.limits), None)


def _status_sentence(page: Page) -> str:
    """Whole sentences rather than halves to be joined: the report says each of them in the reader's language."""
    status = page.status or 0
    sentence = STATUS_SENTENCES.get(status) or (SERVER_FAILED if status >= 500 else UNEXPECTED)
    return sentence.format(status=status, address=shown(page.final))


def _body(response: requests.Response, limits: Limits) -> bytes:
    """The decoded body. Decoded by ourselves, piece by piece, so that a few bytes cannot grow into gigabytes."""
    encoding = response.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise _Refused(f"{shown(response.url)} is encoded as {encoding[:60]!r}: expected gzip, deflate or none")
    body = bytearray()
    pieces: Iterator[bytes] = response.raw.stream(65_536, decode_content=False)
    for piece in pieces if encoding in ("", "identity") else _inflate(pieces, response.url):
        body += piece
        if len(body) > limits.body_bytes:
            raise _Refused(f"{shown(response.url)} is larger than {limits.body_bytes:,} bytes: too much for a feed")
    return bytes(body)


def _inflate(pieces: Iterator[bytes], address: str) -> Iterator[bytes]:
    """Decompressed pieces of at most 256 kB; several gzip members in a row are one body."""
    inflater, fresh = zlib.decompressobj(47), True
    for piece in pieces:
        waiting = piece
        while waiting:
            try:
                part = inflater.decompress(waiting, 262_144)
            except zlib.error as error:
                if not fresh:
                    raise _Refused(f"{shown(address)} has a broken compressed body: {error}") from error
                inflater, fresh = zlib.decompressobj(-zlib.MAX_WBITS), False  # some send deflate without its wrapper
                continue
            fresh = False
            yield part
            waiting = inflater.unconsumed_tail or inflater.unused_data
            if inflater.eof and waiting:
                inflater = zlib.decompressobj(47)
    yield from _rest(inflater, fresh, address)


def _rest(inflater: zlib._Decompress, fresh: bool, address: str) -> Iterator[bytes]:
    while not inflater.eof and not fresh:
        part = inflater.decompress(b"", 262_144)
        if not part:
            raise _Refused(f"{shown(address)} broke off in the middle of its compressed body")
        yield part


def _sentence(error: Exception, address: str, limits: Limits, late: bool) -> str:
    """What went wrong, in words for the report."""
    where = shown(address)
    if late:
        return f"{where} was not done after {limits.total_seconds:g} seconds; it is asked again tomorrow night"
    if isinstance(error, Forbidden | _Refused):
        return str(error)
    cause = f"{type(error).__name__}: {error}"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{where} has no certificate we can trust ({_brief(cause)})"
    if isinstance(error, requests.exceptions.ConnectTimeout):
        return f"{where} took no connection within {limits.connect_seconds:g} seconds"
    if isinstance(error, requests.exceptions.Timeout | urllib3.exceptions.TimeoutError):
        return f"{where} said nothing for {limits.read_seconds:g} seconds; it is asked again tomorrow night"
    if "NameResolution" in cause or "getaddrinfo" in cause:
        return f"{where}: the name {origin(address)[0]!r} is unknown; is the address spelled right?"
    if isinstance(error, requests.exceptions.ConnectionError):
        return f"{where} could not be reached ({_brief(cause)}); it is asked again tomorrow night"
    if isinstance(error, urllib3.exceptions.HTTPError):
        return f"{where} broke off before its end ({_brief(cause)}); it is asked again tomorrow night"
    return f"{where} could not be read ({_brief(cause)})"


def _brief(cause: str) -> str:
    """A library's words without line ends, shortened; its addresses may carry passwords and are left out."""
    words = " ".join(cause.split())
    return " ".join(word for word in words.split(" ") if "@" not in word and "url:" not in word)[:160]
