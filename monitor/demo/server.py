"""The sample organisation's web: its feeds on loopback, as they were at any moment."""

from __future__ import annotations

import gzip
import hashlib
import sys
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib import resources
from socket import socket
from threading import BoundedSemaphore, Thread
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from monitor.demo import feeds
from monitor.demo.feeds import Site
from monitor.demo.sample import PLANS
from monitor.demo.simulate import Life, simulate
from monitor.model import DAY

SAMPLE_BASE = "http://127.0.0.1:8099"
"""The address that ``demo.toml`` gives its feeds."""
CONNECTIONS = 32
IDLE_SECONDS = 30
RENDERINGS = 256
RSS, ATOM = "application/rss+xml; charset=UTF-8", "application/atom+xml; charset=UTF-8"


def demo_config_text(base_url: str, now: int) -> str:
    """``demo.toml`` with its feeds at ``base_url``. Nothing in it depends on ``now``: the feeds do."""
    text = resources.files("monitor.demo").joinpath("demo.toml").read_text(encoding="utf-8")
    return text.replace(SAMPLE_BASE, base_url.rstrip("/"))


def past_nights(now: int) -> tuple[int, ...]:
    """The nights before ``now`` on which the demo polls: each fortnight for two years, then daily for two weeks."""
    ages = [*range(52 * 14, 14, -14), *range(14, 0, -1)]
    return tuple(now - age * DAY for age in ages)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed: its place below the channel's address, and how it is written."""

    channel: str
    path: str
    write: Callable[[Site, Life], str]
    content_type: str = RSS


@dataclass(frozen=True, slots=True)
class Body:
    """A feed as served; ``modified`` is Unix seconds."""

    content_type: str
    plain: bytes
    packed: bytes
    etag: str
    modified: int


FEEDS = (
    Feed("cykelblog", "/feed/", feeds.wordpress_posts),
    Feed("cykelblog", "/comments/feed/", feeds.wordpress_comments),
    Feed("ledelsesblog", "/feed/", feeds.wordpress_posts),
    Feed("ledelsesblog", "/comments/feed/", feeds.wordpress_comments),
    Feed("debat", "/latest.rss", feeds.discourse_topics),
    Feed("debat", "/posts.rss", feeds.discourse_posts),
    Feed("teamblog", "/feeds/posts/default", feeds.blogger_posts, ATOM),
    Feed("teamblog", "/feeds/comments/default", feeds.blogger_comments, ATOM),
    Feed("kvartalsnyt", "/feed.xml", feeds.plain_rss),
    Feed("beta-forum", "/feed", feeds.phpbb, ATOM),
    Feed("community", "/latest.rss", feeds.discourse_topics),
    Feed("community", "/posts.rss", feeds.discourse_posts),
)
BROKEN = ("/intranet/feed",)
"""What the server fails on, every time."""


def sites(base_url: str) -> dict[str, Site]:
    """The sample's channels as their feeds name them, by id."""
    return {
        "cykelblog": Site(f"{base_url}/cykelblog", "Cykelbloggen", "Om at cykle, hele året", window=40),
        "ledelsesblog": Site(f"{base_url}/ledelsesblog", "Ledelsesbloggen", "Nyt fra direktionsgangen", window=20),
        "debat": Site(f"{base_url}/debat", "Eksempel Debat", "Spørg, svar og foreslå", window=50),
        "teamblog": Site(f"{base_url}/teamblog", "Holdets blog", "Hverdagen på kontoret", window=25),
        "kvartalsnyt": Site(f"{base_url}/kvartalsnyt", "Quarterly news from Eksempel A/S", "Four times a year", "en"),
        "beta-forum": Site(f"{base_url}/beta-forum", "Betaforum", "For dem, der prøver først", window=15),
        "community": Site(f"{base_url}/community", "Eksempel Community", "Users helping users", "en", window=50),
    }


class DemoServer:
    """Serves the sample's feeds on 127.0.0.1, as they were at ``as_of`` (Unix seconds), at first ``now``.

    A context manager. ``port`` 0 takes any free one; raises OSError where the port is taken. The same ``now`` and
    ``seed`` give the same feeds, but for the port in their links.
    """

    def __init__(self, now: int, seed: int = 7, port: int = 0) -> None:
        self.as_of = now
        self._lives = {plan.id: simulate(plan, now, seed) for plan in PLANS}
        self._server = _Server(("127.0.0.1", port), _Handler, self)
        self.base_url = f"http://127.0.0.1:{self._server.server_port}"
        self._sites = sites(self.base_url)
        self._feeds = {f"/{feed.channel}{feed.path}": feed for feed in FEEDS}
        self._written = lru_cache(RENDERINGS)(self._write)
        # A short poll, so that closing does not wait.
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), name="demo-server", daemon=True)

    def __enter__(self) -> DemoServer:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def life(self, channel: str) -> Life:
        """All that is ever written in a channel, up to ``now``. Raises KeyError for one that cannot be read."""
        return self._lives[channel]

    def body(self, path: str) -> Body | None:
        """The feed at ``path`` as of now; None where there is no such feed, or not yet."""
        feed = self._feeds.get(path)
        if feed is None:
            return None
        count = self._lives[feed.channel].until(self.as_of)
        return self._written(path, count) if count else None

    def _write(self, path: str, count: int) -> Body:
        """What a feed shows depends on nothing but how much was written by then."""
        feed = self._feeds[path]
        life = self._lives[feed.channel].first(count)
        plain = feed.write(self._sites[feed.channel], life).encode()
        etag = f'"{hashlib.sha256(plain).hexdigest()[:32]}"'
        return Body(feed.content_type, plain, gzip.compress(plain, 6, mtime=0), etag, life.contributions[-1].time)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = CONNECTIONS

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler], demo: DemoServer) -> None:
        super().__init__(address, handler)
        self.demo = demo
        self._room = BoundedSemaphore(CONNECTIONS)

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """A connection beyond the bound is closed unanswered."""
        return self._room.acquire(blocking=False)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of an asker that hung up; a fault of ours is worth its traceback."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Eksempel"
    timeout = IDLE_SECONDS
    # Head and body go out in two writes; without this the second waits for the first to be acknowledged.
    disable_nagle_algorithm = True
    server: _Server

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path in BROKEN:
            self._plain(500, "Internal Server Error")
            return
        body = self.server.demo.body(path)
        if body is None:
            self._plain(404, "Not Found")
        elif self._known(body):
            self._head(304, body)
        else:
            packed = "gzip" in self.headers.get("Accept-Encoding", "")
            content = body.packed if packed else body.plain
            self._head(200, body, len(content), packed)
            self._content(content)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the terminal is the job's."""

    def _known(self, body: Body) -> bool:
        """True where the asker has this very content. An ETag is surer than a date, so it alone counts where given."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            return body.etag in (tag.strip().removeprefix("W/") for tag in tags.split(","))
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            return body.modified <= since.timestamp()
        except (ValueError, TypeError, OverflowError):
            return False

    def _head(self, status: int, body: Body, length: int | None = None, packed: bool = False) -> None:
        self.send_response(status)
        self.send_header("ETag", body.etag)
        self.send_header("Last-Modified", formatdate(body.modified, usegmt=True))
        self.send_header("Vary", "Accept-Encoding")
        if length is not None:
            self.send_header("Content-Type", body.content_type)
            self.send_header("Content-Length", str(length))
        if packed:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()

    def _plain(self, status: int, text: str) -> None:
        content = f"{status} {text}\n".encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._content(content)

    def _content(self, content: bytes) -> None:
        if self.command != "HEAD":
            self.wfile.write(content)
