"""A night: poll, measure, report, deliver. The only place that knows the whole way.

Every step may be repeated: polling again stores nothing twice, judging a night again gives the same verdict, a page is
written in place of the one before, and a letter is made once for each night and recipient.
"""

from __future__ import annotations

import json
import logging
import time as clock
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from monitor import report
from monitor.config import Config
from monitor.delivery import Mail, alert_feed, deliver, page_name
from monitor.files import sweep, write_whole
from monitor.lock import locked
from monitor.machine import sparing_memory
from monitor.model import DAY, FeedLine, FeedState, Night, Outcome, Reading, Status
from monitor.nights import night_of
from monitor.poll import Limits, afresh, poll, to_follow
from monitor.poll.guard import shown
from monitor.sites import find_feeds
from monitor.store import Store, mending, open_store
from monitor.store.trouble import NotTaken, StoreDamaged

CONNECTIONS = 16
"""Hosts that are asked at the same time."""
BETWEEN_SECONDS = 240
"""The longest that busy feeds may take between two nights: the next look is five minutes away."""
NEWEST_THREADS = 300
"""Posts of a channel whose own reply feeds are considered each night."""
TROUBLED = (Status.DEAD, Status.STARVING)

log = logging.getLogger("oximeter.jobs")

Watch = Callable[[Reading, int], None]
"""Told of every reading as it is stored, with the number of entries that were new."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did."""

    feeds: tuple[FeedLine, ...] = ()
    report: Path | None = None
    mails: tuple[Mail, ...] = ()
    night: Night | None = None
    """The verdicts, where channels were judged."""

    @property
    def undelivered(self) -> tuple[Mail, ...]:
        """Letters that must wait for the next run."""
        return tuple(one for one in self.mails if one.state == "waiting")


def lock_path(config: Config) -> Path:
    """The lock of everything that writes to this config's store."""
    prefix = "sqlite:///"
    if config.store_url.startswith(prefix) and ":memory:" not in config.store_url:
        return Path(config.store_url.removeprefix(prefix).partition("?")[0] + ".lock")
    return config.folder / ".oximeter.lock"


@contextmanager
def at_work(config: Config) -> Iterator[Store]:
    """The config's store, held by this run alone. Raises LockedError or StoreError."""
    with locked(lock_path(config)), open_store(config.store_url) as store:
        yield store


def run(config: Config, now: int, watch: Watch | None = None, begun: Callable[[], None] = lambda: None) -> Result:
    """The nightly job at ``now`` (Unix seconds). Safe to repeat, to overlap and to interrupt.

    Steps: 1. what a killed run left is cleared away; 2. the night; 3. where the store turns out to be damaged and there
    is a sound backup of it, that takes its place and the night is done once more, from its beginning.

    Raises LockedError where another run is at work, OximeterError where the store or the folder cannot be used.
    A feed that fails is a line in the result; a letter that is refused is a mail that waits. ``begun`` is called once
    the night is this run's to do.
    """
    day = date.fromisoformat(night_of(now, config.zone))
    with locked(lock_path(config)):
        begun()
        sweep(config.folder)
        mending.tidy(config.store_url, day)
        try:
            return _night(config, now, day, watch)
        except StoreDamaged as damage:
            mending.mend(config.store_url, day, damage)
            return _night(config, now, day, watch)


def _night(config: Config, now: int, day: date, watch: Watch | None) -> Result:
    with open_store(config.store_url) as store:
        # A quarter of the night at most: sites that lead nowhere must not keep known feeds from being read.
        config = find_feeds(config, store, now, config.poll.night_minutes * 15)
        feeds = poll_feeds(config, store, now, watch)
        night = judge_night(config, store, now)
        page = write_report(config, store, night)
        result = Result(feeds, page, deliver(config, store, night, page), night)
        store.keep_backup(day)
    return result


def poll_feeds(config: Config, store: Store, now: int, watch: Watch | None = None) -> tuple[FeedLine, ...]:
    """Poll every feed of the config and store each reading as it comes: a night is one transaction a feed.

    It ends after ``[poll] night_minutes``: feeds whose turn had not come by then are read first on the next night.
    Steps: 1. every listed feed; 2. posts whose reply counts a "not modified" may have hidden; 3. the feeds of single
    posts' replies, where the counts say that there is more.
    """
    ends = clock.monotonic() + config.poll.night_minutes * 60
    for questions in (_listed_feeds, _hidden_counts, _threads):
        _poll_and_store(config, store, questions(config, store, now), now, watch, ends)
    return tuple(store.feed_lines(config.channels, since=now))


def poll_due(config: Config, store: Store, now: int, watch: Watch | None = None) -> tuple[FeedLine, ...]:
    """Poll only the feeds whose window would pass by before the next night; their lines."""
    states = store.feed_states(config.channels)
    # No feed is busy later than in a day: a moment further off was set by a clock that was wrong.
    due = [state for state in states if state.next_poll is not None and not now < state.next_poll <= now + DAY]
    _poll_and_store(config, store, due, now, watch, clock.monotonic() + BETWEEN_SECONDS)
    asked = {(state.channel, state.url) for state in due}
    return tuple(line for line in store.feed_lines(config.channels, now) if (line.channel, line.url) in asked)


def _poll_and_store(
    config: Config, store: Store, states: list[FeedState], now: int, watch: Watch | None, ends: float
) -> None:
    limits = Limits(total_seconds=config.poll.fetch_seconds, retry_pause=config.poll.retry_seconds)
    with sparing_memory(), ThreadPoolExecutor(CONNECTIONS, thread_name_prefix="poll") as executor:
        for reading in poll(states, now, executor, limits, ends=ends):
            told, new = _store_one(store, reading)
            if watch is not None:
                watch(told, new)


def _store_one(store: Store, reading: Reading) -> tuple[Reading, int]:
    """The reading as it was stored, with the number of new entries.

    One that the database does not take is a failure of its feed alone, and the night goes on.
    """
    try:
        return reading, store.record(reading)
    except NotTaken as error:
        reason = f"{shown(reading.url)} could not be stored: {error.cause}"
        bare = replace(reading, entries=(), left_out=0, pace=None, retry_at=None, moving_to=None)
        failed = replace(bare, outcome=Outcome.FAILED, reason=reason)
    try:
        return failed, store.record(failed)
    except NotTaken:  # not even the feed's own address is taken
        log.warning("%s; nor can the store keep that it failed.", failed.reason)
        return failed, 0


def _listed_feeds(config: Config, store: Store, now: int) -> list[FeedState]:
    """Every listed feed; once a week without validators, and oftener where a "not modified" would hide reply counts."""
    hears = {(line.channel, line.url) for line in store.feed_lines(config.channels, None) if line.carries_replies}
    return [
        afresh(state, now, any(channel == state.channel and url != state.url for channel, url in hears))
        for state in store.feed_states(config.channels)
    ]


def _hidden_counts(config: Config, store: Store, now: int) -> list[FeedState]:
    """Posts to be read once more, whole: more replies came than their own feed shows, and counts may tell of them."""
    lines = store.feed_lines(config.channels, now)
    missed = {line.channel for line in lines if any(gap.noticed == now for gap in line.gaps)}
    return [
        replace(state, etag=None, last_modified=None)
        for state in store.feed_states(config.channels)
        if state.stale_validators and state.channel in missed and state.body_read != now
    ]


def _threads(config: Config, store: Store, now: int) -> list[FeedState]:
    """The feeds of single posts' replies that may tell of more than was seen."""
    threads = [thread for channel in config.channels for thread in store.thread_feeds(channel, NEWEST_THREADS)]
    return to_follow(threads, now)


def judge_night(config: Config, store: Store, now: int) -> Night:
    """Measure and judge every channel, and keep the verdicts."""
    # numpy and scipy take 26 MB: not before the feeds are read, when memory is needed most.
    from monitor.examination import examine

    night = examine(config, store, now)
    name = night_of(now, config.zone)
    for one in night.channels:
        store.save_verdict(one.channel.id, name, one.diagnosis, now)
    return night


def write_report(config: Config, store: Store, night: Night) -> Path:
    """Write the night's pages and JSON, then the archive that links to them and the alert feed. The page's path."""
    name = night_of(night.now, config.zone)
    with sparing_memory():  # the findings of many channels are large, and the page comes next
        write_whole(config.folder / name / "report.json", _findings(night))
    write_whole(config.folder / "report.schema.json", report.schema())
    for language in config.languages:
        others = {other: page_name(config, other) for other in config.languages if other != language}
        write_whole(config.folder / name / page_name(config, language), report.page(night, language, others))
    judged = (*night.oxygen_before, (name, night.oxygen))
    write_whole(config.folder / "index.html", report.archive(_nights(config, store), config.organisation, judged))
    write_whole(config.folder / "alerts.atom", alert_feed(config, store, night.now).decode())
    return config.folder / name / page_name(config, config.organisation.language)


def _findings(night: Night) -> str:
    return json.dumps(report.as_json(night), ensure_ascii=False, indent=2, allow_nan=False) + "\n"


def _nights(config: Config, store: Store) -> list[tuple[str, int, int]]:
    """(night, channels in trouble, channels) of every night that has a page, oldest first."""
    found: dict[str, list[Status]] = {path.parent.name: [] for path in config.folder.glob("????-??-??/index.html")}
    for channel in config.channels:
        for name, status, _ in store.verdicts(channel.id):
            if name in found:
                found[name].append(status)
    return [
        (name, sum(status in TROUBLED for status in statuses), len(statuses))
        for name, statuses in sorted(found.items())
        if statuses
    ]
