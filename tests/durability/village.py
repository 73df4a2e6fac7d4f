"""An organisation's feeds on loopback: posts, comments and reply counts that change from night to night.

Everything follows from a seed, so that two runs of one night see the same, however often each of them asks.
"""

from __future__ import annotations

import hashlib
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from xml.sax.saxutils import escape

from tests.durability.scene import FIRST

PAST_DAYS = 40
WINDOW = 10
"""So many entries does a feed show."""
PACE = {"blog": (0.6, 2.0), "forum": (1.0, 4.0), "nyt": (0.3, 0.0), "side": (0.4, 1.0), "torv": (3.0, 6.0)}
"""Posts a day and replies to each: ``torv`` is so busy that its windows pass by."""


@dataclass
class Post:
    """A post, and who answered it when."""

    channel: str
    number: int
    time: datetime
    replies: list[tuple[datetime, str]]

    def seen(self, until: datetime) -> list[tuple[datetime, str]]:
        return [reply for reply in self.replies if reply[0] <= until]


@dataclass
class Village:
    """The organisation's contributions over all its nights, and the night it is."""

    seed: int
    nights: int
    url: str = ""
    number: int = 0
    asked: int = 0
    watch: Callable[[int], None] = lambda asked: None
    posts: dict[str, list[Post]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        chance = random.Random(self.seed)
        for channel, (posts, replies) in PACE.items():
            self.posts[channel] = list(_life(chance, channel, self.nights, posts, replies))

    @property
    def feeds(self) -> dict[str, list[str]]:
        """The feeds of every channel that lists its own."""
        return {
            "blog": [f"{self.url}/blog/feed/", f"{self.url}/blog/comments/feed/"],
            "forum": [f"{self.url}/forum/feed/", f"{self.url}/forum/comments/feed/"],
            "nyt": [f"{self.url}/nyt/feed/"],
            "torv": [f"{self.url}/torv/comments/feed/"],
        }

    @property
    def sites(self) -> dict[str, str]:
        """The channel whose feed is to be found."""
        return {"side": f"{self.url}/side/"}

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and body of ``path`` tonight."""
        channel, _, what = path.lstrip("/").partition("/")
        until = FIRST + timedelta(days=self.number)
        if channel not in self.posts:
            return 404, "text/plain", b""
        if channel == "nyt" and self.number % 5 == 3:  # a server that has its bad nights
            return 404, "text/html", b"<p>Ikke fundet</p>"
        shown = [post for post in self.posts[channel] if post.time <= until][::-1]
        if what == "":
            link = f'<link rel="alternate" type="application/rss+xml" href="{self.url}/{channel}/feed/">'
            return 200, "text/html; charset=utf-8", f"<!doctype html><head>{link}</head><p>Hej".encode()
        if what == "feed/":
            return self._feed(channel, [self._post(post, until) for post in shown[:WINDOW]])
        if what == "comments/feed/":
            replies = [(*reply, post) for post in shown for reply in post.seen(until)]
            newest = sorted(replies, key=lambda one: (one[0], one[2].number), reverse=True)
            return self._feed(channel, [self._reply(*one) for one in newest[: 2 * WINDOW]])
        number = what.partition("/")[0]
        for post in shown:
            if str(post.number) == number:
                return self._feed(channel, [self._reply(*one, post) for one in post.seen(until)[: -WINDOW - 1 : -1]])
        return 404, "text/plain", b""

    def _post(self, post: Post, until: datetime) -> str:
        link = f"{self.url}/{post.channel}/{post.number}"
        return (
            f"<item><title>{escape(f'Indlæg {post.number} & mere')}</title><link>{link}</link>"
            f"<guid>{link}</guid><pubDate>{format_datetime(post.time)}</pubDate><dc:creator>Redaktionen</dc:creator>"
            f"<slash:comments>{len(post.seen(until))}</slash:comments>"
            f"<wfw:commentRss>{link}/feed/</wfw:commentRss></item>"
        )

    def _reply(self, time: datetime, author: str, post: Post) -> str:
        link = f"{self.url}/{post.channel}/{post.number}#comment-{time:%Y%m%d%H%M%S}-{author.partition(' ')[2]}"
        return (
            f"<item><title>Svar på: Indlæg {post.number}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{format_datetime(time)}</pubDate><dc:creator>{author}</dc:creator></item>"
        )

    def _feed(self, channel: str, items: list[str]) -> tuple[int, str, bytes]:
        text = (
            '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
            'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/">'
            f"<channel><title>{channel}</title><link>{self.url}/{channel}/</link>"
            f"<generator>https://wordpress.org/?v=6.7</generator>{''.join(items)}</channel></rss>"
        )
        return 200, "application/rss+xml; charset=utf-8", text.encode()


def _life(chance: random.Random, channel: str, nights: int, posts: float, replies: float) -> Iterator[Post]:
    number = 0
    for day in range(-PAST_DAYS, nights + 1):
        for _ in range(_about(chance, posts)):
            number += 1
            time = FIRST + timedelta(days=day - 1, seconds=chance.randrange(86_400))
            later = (time + timedelta(seconds=chance.randrange(60, 6 * 86_400)) for _ in range(_about(chance, replies)))
            yield Post(channel, number, time, sorted((when, f"Bruger {chance.randrange(30)}") for when in later))


def _about(chance: random.Random, mean: float) -> int:
    return sum(chance.random() < mean / 10 for _ in range(10))


@contextmanager
def a_village(seed: int, nights: int) -> Iterator[Village]:
    """The organisation of ``seed``, served on loopback."""
    village = Village(seed, nights)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            village.asked += 1
            village.watch(village.asked)
            status, kind, body = village.answer(self.path)
            etag = '"' + hashlib.sha256(body).hexdigest()[:16] + '"'
            known = status == 200 and self.headers.get("If-None-Match") == etag
            try:
                self.send_response(304 if known else status)
                self.send_header("ETag", etag)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", "0" if known else str(len(body)))
                self.end_headers()
                self.wfile.write(b"" if known else body)
            except OSError:  # whoever asked was killed
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    village.url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield village
    finally:
        server.shutdown()
        server.server_close()
