"""History on day one: feeds walked back page by page, and the replies to old posts, politely and resumably."""

from __future__ import annotations

import ipaddress
import time as clock
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import requests

from monitor.model import Channel, FeedState, Kind, Outcome, Reading, Walk
from monitor.poll import Robots, new_session, read_feed
from monitor.poll.guard import origin, shown
from monitor.store import Store

PAUSE = 0.5
"""Seconds between two questions to a host, or as long as its last answer took where that is more."""
MAX_PAGES = 500
"""Pages asked of one channel in one go."""


@dataclass(frozen=True, slots=True)
class Walked:
    """What came of walking one channel back."""

    channel: str
    pages: int = 0
    entries: int = 0
    """New to us."""
    reached: int | None = None
    """The oldest date met."""
    whole: bool = False
    """True where every feed that can be paged was followed to its first page."""
    sentences: tuple[str, ...] = ()
    """Why a walk ended before that."""


Watch = Callable[[str, int, int], None]
"""Told of every page: the channel, pages so far, entries so far."""


@dataclass(slots=True)
class _Trip:
    """One channel's walk in the making."""

    session: requests.Session
    store: Store
    channel: Channel
    now: int
    since: int | None
    max_pages: int
    watch: Watch
    pages: int = 0
    entries: int = 0
    reached: int | None = None
    last: Reading | None = None
    silent: set[str] = field(default_factory=set)
    """Hosts that gave no answer."""
    sentences: list[str] = field(default_factory=list)
    robots: Robots = field(init=False)

    def __post_init__(self) -> None:
        self.robots = Robots(self.session, self.now)

    def ask(self, state: FeedState) -> Reading:
        """The next page, after a pause; the machine itself needs none."""
        if self.last is not None and not _loopback(state.address):
            clock.sleep(max(PAUSE, min(self.last.seconds, 10.0), self.robots.delay(state.address, state.url)))
        self.pages += 1
        self.last = read_feed(self.session, state, self.now)
        if self.last.outcome is Outcome.FAILED and self.last.http_status is None:
            self.silent.add(origin(state.address)[0])
        return self.last

    def learnt(self, new: int, reading: Reading) -> None:
        self.entries += new
        times = [entry.time for entry in reading.entries if entry.time is not None]
        self.reached = min([*times, *([] if self.reached is None else [self.reached])], default=None)
        self.watch(self.channel.id, self.pages, self.entries)

    def has_gaps(self, url: str) -> bool:
        """True where entries slipped by that no walk has passed yet."""
        return any(line.gaps for line in self.store.feed_lines([self.channel], None) if line.url == url)

    @property
    def full(self) -> bool:
        return self.pages >= self.max_pages


def backfill(
    store: Store,
    channels: tuple[Channel, ...],
    now: int,
    since: int | None,
    max_pages: int,
    watch: Watch,
) -> Iterator[Walked]:
    """Walk each channel back to ``since`` (Unix seconds), its first page, or ``max_pages`` questions; one result each.

    Steps for a channel: 1. every listed feed, page by page, each stored as it is read, from where the last walk
    stopped; 2. the feeds of single posts' replies, where counts or the lack of a reply feed say that they have more.
    What is stored is never news: it has its own date, or that of what it was found beside.
    """
    for channel in channels:
        with new_session() as session:
            trip = _Trip(session, store, channel, now, since, max_pages, watch)
            states = {state.url: state for state in store.feed_states([channel])}
            walks = [_walk(trip, states[url]) for url in channel.feeds]
            _threads(trip)
        whole = any(walk.finished for walk in walks) and not trip.full
        yield Walked(channel.id, trip.pages, trip.entries, trip.reached, whole, tuple(trip.sentences))


def _walk(trip: _Trip, state: FeedState) -> Walk:
    """Follow one feed back. Ends at the first page, at ``since``, at the bound, or where the site refuses."""
    walk = trip.store.walk(trip.channel.id, state.url)
    if walk.finished or not walk.next or trip.has_gaps(state.url):
        # From the top: a gap lies between the newest page and where the last walk stopped.
        walk = Walk(trip.channel.id, state.url, reached=walk.reached, finished=walk.finished)
    if state.gone or (state.retry_at is not None and state.retry_at > trip.now):
        trip.sentences.append(f"{shown(state.url)}: not asked, since it is gone for good or wants no questions yet")
        return walk
    before: frozenset[str] = frozenset()
    asked: set[str] = set()
    while not trip.full:
        address = walk.next or state.address
        if walk.pages and not trip.robots.allows(address, state.url):
            trip.sentences.append(f"{shown(address)}: not asked, since the site's robots.txt asks robots to leave it")
            return walk
        asked.add(address)
        reading = trip.ask(_blank(state, address))
        ended = _end(trip, walk, reading, before)
        if ended is not None:
            return _keep(trip, reading, ended)
        before = frozenset(entry.uid for entry in reading.entries)
        walk = replace(
            walk, next="" if reading.older in asked else reading.older, pages=walk.pages + 1,
            reached=_oldest(walk, reading), finished=walk.finished or (walk.pages > 0 and not reading.older),
        )  # fmt: skip
        new = trip.store.record_older(reading, walk)
        trip.learnt(new, reading)
        if not walk.next or _far_enough(trip, walk, reading, new):
            return walk
    trip.sentences.append(f"{shown(state.url)}: stopped after {trip.pages} pages; run backfill again to go on")
    return walk


def _end(trip: _Trip, walk: Walk, reading: Reading, before: frozenset[str]) -> Walk | None:
    """How the walk ends at this page; None where it goes on."""
    if not reading.outcome.readable:
        if walk.pages and reading.http_status in (400, 404, 410):
            return replace(walk, next="", finished=True)
        trip.sentences.append(reading.reason)
        return walk
    if walk.pages and not reading.entries and not reading.older:
        return replace(walk, next="", finished=True)
    if before and {entry.uid for entry in reading.entries} <= before:
        trip.sentences.append(f"{shown(walk.url)}: the site shows the same page again; it does not page back")
        return replace(walk, next="")
    return None


def _keep(trip: _Trip, reading: Reading, walk: Walk) -> Walk:
    """Remember where the walk stands, without the page that ended it."""
    if walk.pages or walk.next:
        trip.store.record_older(replace(reading, entries=(), outcome=Outcome.NOT_MODIFIED), walk)
    return walk


def _oldest(walk: Walk, reading: Reading) -> int | None:
    times = [entry.time for entry in reading.entries if entry.time is not None and entry.kind is Kind.POST]
    times = times or [entry.time for entry in reading.entries if entry.time is not None]
    return min([*times, *([] if walk.reached is None else [walk.reached])], default=None)


def _far_enough(trip: _Trip, walk: Walk, reading: Reading, new: int) -> bool:
    """True where all is known, after an earlier walk to the end; or where a whole page is from before ``since``."""
    if walk.finished and not new and not trip.has_gaps(walk.url):
        return True
    newest = max((entry.time for entry in reading.entries if entry.time is not None), default=None)
    return trip.since is not None and newest is not None and newest < trip.since


def _threads(trip: _Trip) -> None:
    """Ask the feeds of single posts' replies that have more than was seen, newest post first."""
    for thread in trip.store.thread_feeds(trip.channel):
        told = thread.counted is not None
        # A reply whose post is not known leads to it, and to all that was said before.
        more = thread.counted > thread.seen if thread.counted is not None else thread.orphan or not thread.beside
        news = thread.failed or (thread.counted_at or 0) > (thread.asked_at or 0)
        fresh = thread.asked_at is None or (told and news)
        if origin(thread.state.address)[0] in trip.silent:
            continue
        if not (more and fresh) or (trip.since is not None and thread.posted < trip.since):
            continue
        if trip.full:
            trip.sentences.append(f"{trip.channel.id}: stopped after {trip.pages} pages; run backfill again to go on")
            return
        reading = trip.ask(thread.state)
        trip.learnt(trip.store.record(reading), reading)
        if reading.outcome is Outcome.THROTTLED:
            trip.sentences.append(reading.reason)
            return


def _blank(state: FeedState, address: str) -> FeedState:
    """A page is asked for whole: WordPress gives every page the same validators."""
    return replace(state, address=address, etag=None, last_modified=None, digest=None)


def _loopback(address: str) -> bool:
    host = origin(address)[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
