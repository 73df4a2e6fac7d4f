"""Many feeds at once, each host one feed at a time."""

from __future__ import annotations

import hashlib
import time as clock
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import replace

import requests

from monitor.model import FeedState, Outcome, Reading
from monitor.poll.fetch import Page, fetch, new_session
from monitor.poll.follow import pace
from monitor.poll.guard import Limits, origin, shown
from monitor.poll.parse import parse

SHARE_SECONDS = 2.0
"""A host's feeds are read over one connection for this long before their readings are handed on."""


def poll(
    states: Sequence[FeedState], now: int, executor: Executor, limits: Limits | None = None, only_due: bool = True
) -> Iterator[Reading]:
    """One reading for each state, as they come. Never raises for a feed; a feed that fails is a reading.

    A host is asked for one feed at a time, and no more once it asks us to slow down; where the host of a post's reply
    feed gives no answer, its other reply feeds have no reading either and are left for another night. With
    ``only_due`` feeds that are gone, or that have asked for time, are not fetched. ``now`` is Unix seconds. Any
    executor will do: only plain values pass to and from it.
    """
    limits = limits or Limits()
    hosts: dict[str, deque[FeedState]] = defaultdict(deque)
    for state in states:
        reading = _not_due(state, now) if only_due else None
        if reading is not None:
            yield reading
        else:
            hosts[origin(state.address)[0]].append(state)
    yield from _by_host(hosts, now, executor, limits)


def _by_host(hosts: dict[str, deque[FeedState]], now: int, executor: Executor, limits: Limits) -> Iterator[Reading]:
    """Every host has one task at most: its next is handed in when the one before is done."""
    running: dict[Future[list[Reading]], str] = {}
    ready = list(hosts)
    try:
        while ready or running:
            for host in ready:
                try:
                    running[executor.submit(read_some, tuple(hosts[host]), now, limits)] = host
                except RuntimeError as error:
                    reason = f"the work could not be handed out: {error}"
                    yield from [_failed(state, now, reason) for state in hosts[host]]
            ready = []
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                host = running.pop(future)
                for reading in _result(future, hosts[host][0], now):
                    hosts[host].popleft()
                    yield reading
                    if _unreachable(reading):
                        hosts[host].clear()
                if hosts[host]:
                    ready.append(host)
    finally:
        for future in running:
            future.cancel()


def _unreachable(reading: Reading) -> bool:
    """True where the host of a post's reply feed gave no answer: its others need not be waited for tonight."""
    return bool(reading.thread_of) and reading.outcome is Outcome.FAILED and reading.http_status is None


def _result(future: Future[list[Reading]], first: FeedState, now: int) -> list[Reading]:
    """The task's readings. Where the worker itself broke, its first feed has failed and the rest are tried again."""
    try:
        return future.result()
    except Exception as error:
        return [_failed(first, now, f"{shown(first.address)} was not read: the worker broke ({type(error).__name__})")]


def read_some(states: Sequence[FeedState], now: int, limits: Limits) -> list[Reading]:
    """Readings of the first of one host's feeds: at least one, and as many as fit in SHARE_SECONDS."""
    started = clock.monotonic()
    readings: list[Reading] = []
    with new_session() as session:
        for state in states:
            readings.append(read_feed(session, state, now, limits))
            if _unreachable(readings[-1]):
                break
            retry_at = readings[-1].retry_at
            if retry_at is not None and retry_at > now:
                return readings + [_asked_to_wait(later, now, retry_at) for later in states[len(readings) :]]
            if clock.monotonic() - started > SHARE_SECONDS:
                break
    return readings


def read_feed(session: requests.Session, state: FeedState, now: int, limits: Limits | None = None) -> Reading:
    """Fetch and parse one feed. Never raises; ``session`` is best made by ``fetch.new_session``."""
    limits = limits or Limits()
    page = fetch(session, state, now, limits)
    reading = replace(_kept(state, now), http_status=page.status, size=len(page.body), seconds=page.seconds)
    if page.gone:
        return replace(reading, outcome=Outcome.GONE, reason=page.error or "")
    if page.throttled:
        return replace(reading, outcome=Outcome.THROTTLED, reason=page.error or "", retry_at=page.retry_at)
    if page.not_modified:
        validators = replace(
            reading, etag=page.etag or state.etag, last_modified=page.last_modified or state.last_modified
        )
        return replace(validators, outcome=Outcome.NOT_MODIFIED, reason="unchanged since it was last read")
    if not page.ok:
        return replace(reading, outcome=Outcome.FAILED, reason=page.error or f"HTTP {page.status}: expected 200")
    return _read_body(reading, page, state, now, limits)


def _read_body(reading: Reading, page: Page, state: FeedState, now: int, limits: Limits) -> Reading:
    digest = hashlib.sha256(page.body).hexdigest()
    moved = page.moved_to is not None and page.moved_to != state.address
    fresh = replace(
        reading, etag=page.etag, last_modified=page.last_modified, digest=digest, address=page.moved_to or state.address
    )
    if digest == state.digest and not moved:
        return replace(fresh, outcome=Outcome.NOT_MODIFIED, reason="the same as when it was last read")
    parsed = parse(page.body, page.content_type, page.final, now, limits)
    if parsed.error is not None:
        # The validators of what we could read are kept: an error page's own would hide the feed's return.
        return replace(reading, outcome=Outcome.FAILED, reason=parsed.error)
    fresh = replace(
        fresh, platform=parsed.platform, title=parsed.title, entries=parsed.entries, older=parsed.older,
        carries_replies=parsed.carries_replies, stale_validators=parsed.stale_validators,
        pace=pace(parsed.entries, now),
    )  # fmt: skip
    if moved:
        return replace(fresh, outcome=Outcome.MOVED, reason=f"moved for good to {shown(fresh.address)}")
    return replace(fresh, outcome=Outcome.UPDATED, reason=f"read {len(parsed.entries)} entries")


def _kept(state: FeedState, now: int) -> Reading:
    """A reading that keeps all we knew."""
    return Reading(
        channel=state.channel, url=state.url, outcome=Outcome.FAILED, reason="", time=now, address=state.address,
        etag=state.etag, last_modified=state.last_modified, digest=state.digest, thread_of=state.thread_of,
    )  # fmt: skip


def _failed(state: FeedState, now: int, reason: str) -> Reading:
    return replace(_kept(state, now), reason=reason)


def _asked_to_wait(state: FeedState, now: int, retry_at: int) -> Reading:
    when = clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(retry_at))
    reason = f"not asked: {shown(state.address)} is on a server that wants no questions until {when} UTC"
    return replace(_kept(state, now), outcome=Outcome.THROTTLED, reason=reason, retry_at=retry_at)


def _not_due(state: FeedState, now: int) -> Reading | None:
    """The reading of a feed that is not to be asked tonight; None where it is."""
    if state.gone:
        reason = f"not asked: {shown(state.address)} was gone for good (HTTP 410) and is retired"
        return replace(_kept(state, now), outcome=Outcome.GONE, reason=reason)
    if state.retry_at is not None and state.retry_at > now:
        return _asked_to_wait(state, now, state.retry_at)
    return None
