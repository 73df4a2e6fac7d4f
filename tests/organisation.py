"""A small organisation in a folder of its own: a config, and feeds served on loopback."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.config import Config, load

NOW = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""A Monday night at three, Danish time."""


def item(number: int, day: datetime, title: str = "", author: str = "Redaktionen", **more: str) -> str:
    """One post of an RSS feed."""
    extra = "".join(f"<{name.replace('_', ':')}>{value}</{name.replace('_', ':')}>" for name, value in more.items())
    return (
        f"<item><title>{escape(title or f'Indlæg {number}')}</title><guid isPermaLink='false'>p{number}</guid>"
        f"<link>https://blog.eksempel.example/{number}</link><pubDate>{format_datetime(day)}</pubDate>"
        f"<dc:creator>{escape(author)}</dc:creator>{extra}</item>"
    )


def rss(*items: str, title: str = "Bloggen") -> bytes:
    """An RSS feed of these items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
        'xmlns:slash="http://purl.org/rss/1.0/modules/slash/">'
        f"<channel><title>{escape(title)}</title><link>https://blog.eksempel.example/</link>{''.join(items)}"
        "</channel></rss>"
    ).encode()


def weekly_posts(weeks: int = 40, until: datetime = NOW, **more: str) -> bytes:
    """A feed with one post a week, the newest on the day before ``until``."""
    return rss(*(item(weeks - n, until - timedelta(days=1 + 7 * n), **more) for n in range(weeks)))


@dataclass
class Served:
    """An answer for a path that can be changed, and that honours its own ETag."""

    body: bytes
    status: int = 200
    etag: str = '"1"'
    asked: list[dict[str, str]] = field(default_factory=list)

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        self.asked.append(dict(handler.headers))
        known = self.status == 200 and handler.headers.get("If-None-Match") == self.etag
        handler.send_response(304 if known else self.status)
        handler.send_header("ETag", self.etag)
        if not known:
            handler.send_header("Content-Length", str(len(self.body)))
        handler.end_headers()
        if not known:
            handler.wfile.write(self.body)


@dataclass(frozen=True)
class Office:
    """The folder that the commands are run in."""

    folder: Path

    @property
    def path(self) -> Path:
        return self.folder / "config" / "channels.toml"

    @property
    def config(self) -> Config:
        return load(self.path)

    def write(self, feeds: dict[str, Sequence[str]], more: str = "", to: str = "chef@eksempel.example") -> Office:
        """Write the config: channels by id with their feeds' addresses, and further tables."""
        channels = "".join(
            f'[[channel]]\nid = "{name}"\nfeeds = {json.dumps(list(urls))}\n' for name, urls in feeds.items()
        )
        if "[poll]" not in more:
            more += "\n[poll]\nretry_seconds = 0\n"
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(
            f'{more}\n{channels}\n[organisation]\nname = "Eksempel A/S"\nlanguage = "da"\n'
            f'timezone = "Europe/Copenhagen"\nstaff = ["Redaktionen"]\n'
            f'[report]\nto = ["{to}"]\nfrom = "oximeter@eksempel.example"\nwhen = "daily"\n',
            encoding="utf-8",
        )
        return self

    def oximeter(self, *arguments: str, now: datetime = NOW) -> Result:
        """Run a command as from the command line."""
        given = [*arguments, "--config", str(self.path), "--now", now.isoformat()]
        return CliRunner().invoke(main, given, catch_exceptions=False)

    def json(self, *arguments: str, now: datetime = NOW) -> Any:
        """What a command prints with --json."""
        result = self.oximeter(*arguments, "--json", now=now)
        assert result.exit_code == 0, result.output
        return json.loads(result.stdout)

    @property
    def letters(self) -> list[Path]:
        """The mails in the outbox."""
        return sorted((self.folder / "reports" / "outbox").glob("*.eml"))
