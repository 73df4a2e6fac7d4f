"""What would go wrong tonight: the store, the report's folder, every feed, the mail server; nothing is left behind."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from monitor.config import Config
from monitor.deliver import mail, notify
from monitor.errors import ConfigError, OximeterError
from monitor.jobs import CONNECTIONS
from monitor.model import FeedState, Reading
from monitor.poll import discover, poll
from monitor.store import check_store


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: what, whether it is well, and a sentence."""

    what: str
    well: bool
    sentence: str


def check(config: Config, now: int) -> Iterator[Finding]:
    """Try everything that tonight's run needs; each finding as it comes. Nothing is stored, written or sent."""
    yield _tried("store", lambda: check_store(config.store_url))
    yield _folder(config.folder)
    if not config.channels:
        yield Finding("channels", False, f"{config.path} has no channel yet; add a [[channel]] with an id and feeds.")
    yield from feeds(config, now)
    if config.smtp is None:
        yield Finding("mail", True, f"No mail server is set: letters go to {config.folder / 'outbox'}.")
    else:
        yield _tried("mail", lambda: _mail_server(config))
    if not config.readers:
        yield Finding("mail", False, "Nobody gets the report; name somebody in [report] to.")
    if config.notify or config.notify_env:
        yield _tried("notify", lambda: _rooms(config))


def feeds(config: Config, now: int) -> Iterator[Finding]:
    """Fetch and read every feed as if for the first time; of channels that list none, those that are found."""
    states: list[FeedState] = []
    for channel in config.channels:
        urls = channel.feeds
        if channel.unlisted and channel.site:
            found = discover(channel.site, now)
            if found.error:
                yield Finding("feed", False, f"{channel.id}: {found.error}")
                continue
            urls = tuple(feed.address for feed in found.feeds)
        states += [FeedState(channel.id, url, url) for url in urls]
    with ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="check") as executor:
        for reading in poll(states, now, executor, only_due=False):
            yield Finding("feed", reading.outcome.readable, _sentence(reading))


def _sentence(reading: Reading) -> str:
    told = reading.reason if reading.outcome.readable else f"{reading.outcome}: {reading.reason}"
    platform = f" ({reading.platform})" if reading.platform else ""
    return f"{reading.channel}, {reading.url}: {told}{platform}"


def _tried(what: str, attempt: Callable[[], str]) -> Finding:
    try:
        return Finding(what, True, attempt())
    except OximeterError as error:
        return Finding(what, False, str(error))


def _rooms(config: Config) -> str:
    """Whether every chat room has an address that can be used; nothing is sent."""
    rooms = config.rooms()
    for address in rooms:
        if not notify.known(address):
            raise ConfigError([f"{config.path}: report.notify: {notify.describe(address)} is no address of a service"])
    return f"Changes are told to {', '.join(notify.describe(address) for address in rooms) or 'nobody'}."


def _mail_server(config: Config) -> str:
    settings = config.smtp_settings()
    assert settings is not None
    mail.try_out(settings)
    return f"The mail server {settings.host}:{settings.port} is ready."


def _folder(folder: Path) -> Finding:
    """Whether the report can be written: the folder, or the nearest one above it that exists, is ours to write in."""
    nearest = next(path for path in (folder, *folder.parents) if path.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK):
        return Finding("report", True, f"The report goes to {folder}.")
    return Finding("report", False, f"The report's folder {folder} cannot be written; check {nearest}.")
