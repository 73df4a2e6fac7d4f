"""What would go wrong tonight: the clock, the store, the disk, the report's folder, every feed, and whoever is told.

Nothing is left behind.
"""

from __future__ import annotations

import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from monitor.alone import lock_path
from monitor.config import Config
from monitor.deliver import heartbeat, mail, notify
from monitor.errors import ConfigError, LockedError, OximeterError
from monitor.lock import locked
from monitor.machine import clock_gone_back, dead_clock, short_of_room
from monitor.model import FeedState, Reading
from monitor.poll import Limits, poll
from monitor.poll.discover import discover
from monitor.poll.executor import Crew, working
from monitor.poll.guard import shown
from monitor.store import Store, check_store, opening
from monitor.store.backup import Unsound, is_sound
from monitor.store.hold import held
from monitor.store.trouble import sentences

LOCK_SECONDS = 5
"""How long the store may be held by another program before that is told."""
TOMORROW = "; it is asked again tomorrow night"
"""What a night promises of a feed, and a check does not."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tried: what, whether it is well, and a sentence."""

    what: str
    well: bool
    sentence: str


def check(config: Config, now: int, by_the_machine: bool = False) -> Iterator[Finding]:
    """Try everything that tonight's run needs; each finding as it comes. Nothing is stored, written or sent.

    ``now`` is Unix seconds; ``by_the_machine`` says that it is the machine's clock, which may be dead.
    """
    holds = _held_by_a_run(config)
    if holds is not None:
        yield Finding("lock", True, f"A run is at work and holds {holds}; another waits until it is done.")
    store = _tried("store", lambda: _store(config.store_url, at_work=holds is not None))
    trouble = (dead_clock(now) if by_the_machine else None) or (
        clock_gone_back(now, _last_fetch(config.store_url)) if store.well else None
    )
    if trouble is not None:
        yield Finding("clock", False, trouble)
    yield store
    yield _folder(config.folder)
    yield from _disks(config)
    if not config.channels:
        yield Finding("channels", False, f"{config.path} has no channel yet; add a [[channel]] with an id and feeds.")
    scheduler = config.crew.scheduler
    if scheduler is not None:
        from monitor.poll.cluster import muster

        yield _tried("cluster", lambda: muster(scheduler))
    yield from feeds(config, now)
    if config.smtp is None:
        yield Finding("mail", True, f"No mail server is set: letters go to {config.folder / 'outbox'}.")
    else:
        yield _tried("mail", lambda: _mail_server(config))
    if not config.readers:
        yield Finding("mail", False, "Nobody gets the report; name somebody in [report] to.")
    if config.notify or config.notify_env:
        yield _tried("notify", lambda: _rooms(config))
    yield _tried("heartbeat", lambda: _heartbeat(config))


def tally(findings: Sequence[Finding]) -> str:
    """How much would go wrong tonight, in a sentence; empty where all is well."""
    wrong = sum(not one.well for one in findings)
    return f"{wrong} of {len(findings)} would go wrong tonight." if wrong else ""


def _held_by_a_run(config: Config) -> str | None:
    """What a run holds that tonight's would need, here or on another machine; None where it is free."""
    path = lock_path(config)
    if _is_locked(path):
        return str(path)
    try:
        with held(config.store_url, config.share):
            return None
    except LockedError:
        return opening.name_of(opening.read_url(config.store_url))
    except OximeterError:  # the store's own finding says what is wrong there
        return None


def _is_locked(path: Path) -> bool:
    """True where another run holds the lock; where there is no lock file none is made."""
    if not path.exists():
        return False
    try:
        with locked(path):
            return False
    except LockedError:
        return True
    except OximeterError:  # the store's own finding says what is wrong there
        return False


def _last_fetch(url: str) -> int | None:
    """When the store last asked a feed; None where it cannot say, as before it is brought up to date."""
    try:
        parsed = opening.read_url(url)
        path = opening.sqlite_file(parsed)
        if path is not None and not path.is_file():  # connecting would make it
            return None
        name = opening.name_of(parsed)
        with sentences(name), Store(opening.connect(parsed), name) as store:
            return store.last_fetch()
    except OximeterError:
        return None


def _store(url: str, at_work: bool) -> str:
    """Whether the store can be opened, written and relied on. While a run is at work the writing is its own."""
    path = opening.sqlite_file(opening.read_url(url))
    if path is not None and path.is_file() and path.stat().st_size > 0:
        with sentences(str(path)):
            if not at_work:
                _begin_to_write(path)
            if not is_sound(path):
                raise Unsound("database disk image is malformed")
    # Last, for it closes the store as one who may write, and so leaves no file beside it.
    return check_store(url)


def _begin_to_write(path: Path) -> None:
    """Take SQLite's lock for writing, and give it back. Raises sqlite3.Error where that cannot be had."""
    address = f"{path.resolve().as_uri()}?mode=rw"
    with closing(sqlite3.connect(address, uri=True, timeout=LOCK_SECONDS, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        db.execute("ROLLBACK")


def _disks(config: Config) -> Iterator[Finding]:
    """A finding for each disk, of the store's and the report's, that is nearly full."""
    path = opening.sqlite_file(opening.read_url(config.store_url))
    folders = [config.folder] if path is None else [path.parent, config.folder]
    for sentence in dict.fromkeys(short_of_room(folder) for folder in folders):
        if sentence is not None:
            yield Finding("disk", False, sentence)


def feeds(config: Config, now: int) -> Iterator[Finding]:
    """Fetch and read every feed as if for the first time; of channels that list none, those that are found."""
    limits = Limits(total_seconds=config.poll.fetch_seconds, retry_pause=config.poll.retry_seconds)
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
    with working(Crew(config.poll.connections)) as executor:  # from here, whoever reads them at night
        for reading in poll(states, now, executor, limits, only_due=False):
            yield Finding("feed", reading.outcome.readable, _sentence(reading))


def _sentence(reading: Reading) -> str:
    """What came of a feed; its address once, and nothing of another night."""
    reason, address = reading.reason.removesuffix(TOMORROW), shown(reading.url)
    told = reason if reading.outcome.readable else f"{reading.outcome}: {reason}"
    platform = f" ({reading.platform})" if reading.platform else ""
    named = re.search(rf"(?<!\S){re.escape(address)}[:;,]?(?!\S)", reason)
    return f"{reading.channel}{'' if named else f', {address}'}: {told}{platform}"


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


def _heartbeat(config: Config) -> str:
    """Whether the watcher's host is there. It is told nothing: that would count as a night."""
    address = config.watcher()
    if address is None:
        return "No heartbeat is set: nobody is told where nights stop coming; see [heartbeat]."
    heartbeat.knock(address)
    return f"Every night is told to {heartbeat.describe(address)}, which can be reached."


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
