"""Small sites that behave as real ones do, on loopback: a blog with WordPress's feeds and quirks, a busy forum."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

Answer = tuple[int, dict[str, str], bytes]
NOT_FOUND: Answer = (404, {"Content-Type": "text/html"}, b"<html><body>nothing here</body></html>")


@dataclass
class Served:
    """A running site: its address, and every (path with query, headers) that it was asked for."""

    url: str
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order; every walk asks for robots.txt too."""
        return [path for path, _ in self.asked if path != "/robots.txt"]


@contextmanager
def serving(app: Callable[[str, dict[str, str], str], Answer]) -> Iterator[Served]:
    """Serve ``app(path, query, own url)`` on loopback. An ETag in the answer is honoured."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            here.asked.append((self.path, dict(self.headers)))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, headers, body = app(parts.path, query, here.url)
            if status == 200 and headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                status, body = 304, b""
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Served(f"http://127.0.0.1:{server.server_port}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


def date(time: int) -> str:
    return format_datetime(datetime.fromtimestamp(time, UTC))


def rss(title: str, link: str, items: list[str], generator: str = "", etag: str = "") -> Answer:
    """An RSS document as an answer."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/">'
        f"<channel><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<generator>{escape(generator)}</generator>{''.join(items)}</channel></rss>"
    )
    headers = {"Content-Type": "application/rss+xml; charset=UTF-8"} | ({"ETag": etag} if etag else {})
    return 200, headers, body.encode()


@dataclass
class Blog:
    """A blog with WordPress's feeds: windows of ten, counts on posts, validators that no comment moves."""

    posts: dict[int, int] = field(default_factory=dict)
    """Time of each post by number."""
    comments: list[tuple[int, int, str]] = field(default_factory=list)
    """(post, time, author), oldest first; the place in the list is the comment's number."""
    comment_feed: bool = True
    pingbacks: set[int] = field(default_factory=set)
    window: int = 10

    def home(self, url: str) -> Answer:
        # The port is missing, as behind a proxy that does not pass it on.
        links = ["/?feed=rss2"] + ["/?feed=comments-rss2"] * self.comment_feed
        html = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="http://127.0.0.1{link}" />' for link in links
        )
        return 200, {"Content-Type": "text/html"}, f"<html><head><title>Bloggen Æ</title>{html}</head></html>".encode()

    def __call__(self, path: str, query: dict[str, str], url: str) -> Answer:
        if path != "/":
            return NOT_FOUND
        if query.get("feed") == "rss2" and "p" in query:
            return self.comment_items(
                url, "By: ", [n for n, one in enumerate(self.comments) if one[0] == int(query["p"])]
            )
        if query.get("feed") == "rss2":
            return self.post_items(url, int(query.get("paged", "1")))
        if query.get("feed") == "comments-rss2" and self.comment_feed:
            return self.comment_items(url, "Comment on T by ", list(range(len(self.comments))))
        return NOT_FOUND if query else self.home(url)

    def post_items(self, url: str, page: int) -> Answer:
        newest = sorted(self.posts, key=lambda number: -self.posts[number])
        some = newest[(page - 1) * self.window : page * self.window]
        items = [
            f"<item><title>Post {number}</title><link>{url}/?p={number}</link><guid>{url}/?p={number}</guid>"
            f"<pubDate>{date(self.posts[number])}</pubDate><dc:creator>Redaktionen</dc:creator>"
            f"<slash:comments>{sum(one[0] == number for one in self.comments)}</slash:comments>"
            f"<wfw:commentRss>http://127.0.0.1/?feed=rss2&amp;p={number}</wfw:commentRss></item>"
            for number in some
        ]
        etag = f'"{max(self.posts.values())}"'
        return rss("Bloggen Æ", "http://127.0.0.1", items, "https://wordpress.org/?v=6.1", etag) if some else NOT_FOUND

    def comment_items(self, url: str, title: str, numbers: list[int]) -> Answer:
        newest = sorted(numbers, key=lambda number: -self.comments[number][1])[: self.window]
        items = []
        for number in newest:
            post, time, author = self.comments[number]
            text = "[&#8230;] from another page [&#8230;]" if number in self.pingbacks else "A word."
            items.append(
                f"<item><title>{title}{author}</title><link>{url}/?p={post}#comment-{number}</link>"
                f"<guid>{url}/?p={post}#comment-{number}</guid><pubDate>{date(time)}</pubDate>"
                f"<dc:creator>{author}</dc:creator><description><![CDATA[{text}]]></description></item>"
            )
        etag = f'"c{len(numbers)}"'
        return rss("Comments for Bloggen", "http://127.0.0.1", items, "https://wordpress.org/?v=6.1", etag)


@dataclass
class BusyForum:
    """A feed that shows the newest 25 of 300 posts a day, as they are by the clock that the test moves."""

    start: int
    now: int = 0
    window: int = 25
    pause: int = 288

    @property
    def written(self) -> int:
        return max(0, (self.now - self.start) // self.pause)

    def __call__(self, path: str, query: dict[str, str], url: str) -> Answer:
        newest = range(max(0, self.written - self.window), self.written)
        items = [
            f"<item><title>Topic {n}</title><link>{url}/t/{n}</link><guid>{url}/t/{n}</guid>"
            f"<pubDate>{date(self.start + n * self.pause)}</pubDate></item>"
            for n in reversed(newest)
        ]
        return rss("Forum", url, items)
