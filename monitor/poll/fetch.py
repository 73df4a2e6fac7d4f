"""HTTP, asked once and politely: conditional, bounded in size and time, redirects guarded.

Whatever the server does, the answer is a ``Page`` that answers questions; nobody else looks at headers.
"""

from __future__ import annotations

import contextlib
import time as clock
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urljoin, urlsplit

import requests

from monitor import __version__
from monitor.model import FeedState
from monitor.poll.deadline import Deadline
from monitor.poll.decode import read_body
from monitor.poll.failures import is_unreached, may_pass, sentence
from monitor.poll.guard import Forbidden, Limits, Refused, check, host_key, is_home, origin, refuse_private, shown
from monitor.poll.transport import resolve, through_proxy, turns

USER_AGENT = f"Oximeter/{__version__} (channel activity health monitor)"
ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = (301, 302, 303, 307, 308)
PERMANENT = (301, 308)
WHOLE = (200, 203)
"""A body comes with it; 203 is a 200 that a proxy had a hand in."""
PASSING = (408, 425, 500, 502, 503, 504, 520, 521, 522, 523, 524)
"""Statuses that a minute later may be another."""
SLOW_DOWN = 3_600
"""Seconds that a server is left in peace that says "too many requests" and not for how long."""
URL_LETTERS = "".join(chr(code) for code in range(33, 127))
"""All that may stand in an address as it is; whatever else a server writes there is percent-encoded."""
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
    passing: bool = False
    """True for a failure that may have passed a minute later."""
    unreached: bool = False
    """True where no connection could be made."""
    stale_connection: bool = False
    """True where nothing came over a connection that was kept alive from an earlier question."""

    @property
    def ok(self) -> bool:
        """True where there is a body to read."""
        return self.error is None and self.status in WHOLE

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
        wait = _retry_after(self.headers.get("Retry-After", ""), self.headers.get("Date", ""), self.now)
        if wait is None:
            wait = SLOW_DOWN if self.status == 429 else None
        return None if wait is None else self.now + min(max(wait, 0), self.longest_retry)

    @property
    def etag(self) -> str | None:
        return _validator(self.headers.get("ETag"))

    @property
    def last_modified(self) -> str | None:
        return _validator(self.headers.get("Last-Modified"))

    @property
    def content_type(self) -> str:
        return self.headers.get("Content-Type", "")[:200]


def _retry_after(value: str, date: str, now: int) -> int | None:
    """Seconds to wait; None where the header is missing or nonsense.

    A date is compared with our clock, and where that makes no sense with the server's own: either may be wrong.
    """
    value = value.strip()
    if value.isascii() and value.isdigit():
        return int(value[:12])
    until, theirs = _moment(value), _moment(date)
    if until is None:
        return None
    waits = [until - clock for clock in (now, theirs) if clock is not None]
    return next((wait for wait in waits if abs(wait) <= Limits().retry_seconds), waits[0])


def _moment(value: str) -> int | None:
    try:
        return int(parsedate_to_datetime(value[:100]).timestamp())
    except (ValueError, TypeError, IndexError, OverflowError, OSError):
        return None


def _validator(value: str | None) -> str | None:
    """A validator that can be stored and sent back as it is, or None."""
    return value if value and len(value) <= 1_000 and value.isprintable() and value.isascii() else None


def fetch(session: requests.Session, state: FeedState, now: int, limits: Limits | None = None) -> Page:
    """Ask for ``state.address`` once. Never raises: every failure is a Page with an error sentence.

    ``session`` is best made by ``transport.new_session``: only that holds a fetch to its deadline and addresses.
    """
    limits = limits or Limits()
    walk = _Walk(session, state, now, limits)
    try:
        # The address of a post's reply feed is the feed's word: only the listed feed is the owner's.
        with Deadline(limits.total_seconds, state.thread_of or state.url) as deadline:
            try:
                page = walk.page(deadline)
            except Exception as error:
                page = replace(
                    walk.failed(error, deadline.passed), stale_connection=deadline.reused and walk.status is None
                )
            if deadline.passed and page.error is None:
                page = walk.failed(TimeoutError(), True)
    except RuntimeError as error:  # the deadline's thread could not be started
        page = walk.made({}, b"", f"{shown(state.address)} was not asked: {error}")
    return page


class _Walk:
    """The way from the address asked for to the answer, one redirect at a time."""

    def __init__(self, session: requests.Session, state: FeedState, now: int, limits: Limits) -> None:
        self.session, self.state, self.now, self.limits = session, state, now, limits
        self.started = clock.monotonic()
        self.final = state.address
        self.redirected = False
        self.moved_to: str | None = None
        self.temporary = False
        self.conditional = bool(state.etag or state.last_modified)
        self.status: int | None = None

    def page(self, deadline: Deadline) -> Page:
        for _ in range(self.limits.redirects + 1):
            with turns.turn(host_key(self.final), deadline), self._asked(deadline) as response:
                self.status = response.status_code
                target = response.headers.get("Location", "").strip()
                if self.status not in REDIRECTS or not target:
                    return self._answer(response)
            self._follow(target)
            self.redirected = True
        raise Refused(
            f"{shown(self.state.address)} redirects more than {self.limits.redirects} times: expected a feed at the end"
        )

    def failed(self, error: Exception, late: bool) -> Page:
        via = self.state.address if self.redirected else ""
        page = self.made({}, b"", sentence(error, self.final, self.limits, late, via))
        return replace(page, passing=not late and may_pass(error), unreached=not late and is_unreached(error))

    def made(self, headers: Mapping[str, str], body: bytes, error: str | None) -> Page:
        return Page(
            address=self.state.address, final=self.final, moved_to=self.moved_to, status=self.status, headers=headers,
            body=body, seconds=round(clock.monotonic() - self.started, 3), now=self.now, error=error,
            temporary=self.temporary, longest_retry=self.limits.retry_seconds,
        )  # fmt: skip

    @contextlib.contextmanager
    def _asked(self, deadline: Deadline) -> Iterator[requests.Response]:
        held = check(self.final, deadline.configured)
        deadline.asked = shown(self.final)
        if held and through_proxy(self.session, self.final):
            self._look_first(deadline)
        headers = {"User-Agent": USER_AGENT, "Accept": ACCEPT, "Accept-Encoding": "gzip, deflate"}
        if self.conditional and self.state.etag:
            headers["If-None-Match"] = self.state.etag
        if self.conditional and self.state.last_modified:
            headers["If-Modified-Since"] = self.state.last_modified
        timeout = (self.limits.connect_seconds, self.limits.read_seconds)
        with self.session.get(
            self.final, headers=headers, stream=True, allow_redirects=False, timeout=timeout
        ) as response:
            yield response

    def _look_first(self, deadline: Deadline) -> None:
        """A proxy connects for us, to a name that it resolves itself: the best we can do is to look before."""
        host, port = origin(self.final)
        found: list[str] = []
        with contextlib.suppress(OSError):  # a name that only the proxy knows is the proxy's to refuse
            found = resolve(host, port or 80, deadline.left)
        for ip in found:
            refuse_private(deadline.asked, ip)

    def _follow(self, target: str) -> None:
        before = self.final
        # Headers arrive as Latin-1; a Location in raw UTF-8 is common enough to be read as such.
        with contextlib.suppress(UnicodeError):
            target = target.encode("latin-1").decode("utf-8")
        try:
            self.final = urljoin(self.final, quote(target, safe=URL_LETTERS)[: self.limits.link_chars])
        except ValueError:
            self.redirected = True
            raise Forbidden(
                f"{shown(target)} is not an address we fetch: expected http:// or https:// and a host"
            ) from None
        self.final = self._with_our_name(before, self.final)
        if self.status in PERMANENT and not self.temporary:
            self.moved_to = self.final
            # Validators belong to the old address: two addresses may use one ETag for different bodies.
            self.conditional = False
        else:
            self.temporary = True

    def _with_our_name(self, before: str, after: str) -> str:
        """The user and password of an address stay with it where its own server writes a redirect without them."""
        own, host = urlsplit(before).netloc.rpartition("@")[0], urlsplit(after).netloc
        in_clear = before.startswith("https:") and not after.startswith("https:")
        if not own or "@" in host or in_clear or not is_home(*origin(after), self.state.url):
            return after
        return after.replace(f"//{host}", f"//{own}@{host}", 1)

    def _answer(self, response: requests.Response) -> Page:
        page = self.made(response.headers, b"", None)
        if page.status == 304 and not self.conditional:
            unasked = f"HTTP 304 from {shown(self.final)} though nothing was kept from it"
            return replace(page, error=unasked, passing=True)
        if page.status == 304:
            return page
        if page.status not in WHOLE:
            passing = page.status in PASSING and not page.throttled
            return replace(page, error=_status_sentence(page), passing=passing)
        try:
            return self.made(page.headers, read_body(response, self.limits), None)
        except ValueError:  # numbers of HTTP's own that are none
            raise Refused(
                f"{shown(self.final)} gave something that is not HTTP: expected a web server's answer"
            ) from None


def _status_sentence(page: Page) -> str:
    """Whole sentences rather than halves to be joined: the report says each of them in the reader's language."""
    status = page.status or 0
    if page.retry_at is not None and page.retry_at > page.now:
        moment = clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(page.retry_at))
        return (
            f"HTTP {status} from {shown(page.final)}: the server asks us to slow down, and to wait until {moment} UTC"
        )
    sentence = STATUS_SENTENCES.get(status) or (SERVER_FAILED if status >= 500 else UNEXPECTED)
    return sentence.format(status=status, address=shown(page.final))
