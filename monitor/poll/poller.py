"""Many feeds at once, each host one feed at a time."""

from __future__ import annotations

import contextlib
import hashlib
import queue
import threading
import time as clock
from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import requests

from monitor.model import DAY, FeedState, Outcome, Reading
from monitor.poll.decode import bulky
from monitor.poll.executor import ClusterGone
from monitor.poll.fetch import Page, fetch
from monitor.poll.follow import pace, rhythm
from monitor.poll.guard import Limits, host_key, shown
from monitor.poll.sandbox import children, parse_apart
from monitor.poll.transport import own_session

SHARE_SECONDS = 2.0
"""A host's feeds are read over one connection for this long before their readings are handed on."""
LONGEST_PAUSE = 2.0
"""Seconds. A host has as long a pause as it took to answer, so that we never are more than half of its work."""
IN_A_ROW = 3
"""So many feeds of a host that give no connection, or that ask us to slow down: its others wait."""
PATIENCE = 3
"""Failures in a row after which a feed is asked less and less often."""
FIRST_BACK_OFF, LONGEST_BACK_OFF = 3_600, 20 * 3_600
"""Seconds: never as long as a day, so that the nightly look is kept."""
REVIVAL = 7 * DAY
"""A retired feed is asked again once in so long: a server may have been wrong about "gone for good"."""
HANDED_IN = 256
"""Hosts whose feeds are with the executor at one time, those included whose readings wait to be taken: what a night
holds in memory does not grow with its feeds. More for an executor whose ``threads`` are more than half as many.
"""
OVERTIME = 900.0
"""Seconds without any answer after the end of the night, beyond what a fetch may take, until those that are still out
are given up: workers that died never give one, and one may wait long for its turn with a host.
"""


def poll(
    states: Sequence[FeedState],
    now: int,
    executor: Executor,
    limits: Limits | None = None,
    only_due: bool = True,
    ends: float | None = None,
) -> Iterator[Reading]:
    """One reading for each state, as they come: see ``poll_in_batches``."""
    for readings in poll_in_batches(states, now, executor, limits, only_due, ends):
        yield from readings


def poll_in_batches(
    states: Sequence[FeedState],
    now: int,
    executor: Executor,
    limits: Limits | None = None,
    only_due: bool = True,
    ends: float | None = None,
) -> Iterator[list[Reading]]:
    """One reading for each state, in lists of all that came while the list before was being used.

    Never raises for a feed; a feed that fails is a reading. Steps: 1. feeds that are not due have a reading at once; 2.
    every host is asked for its feeds one at a time, those first that failed least and waited longest; 3. after all
    others, feeds whose failure may have passed are asked once more, and so are the feeds of hosts that were left alone
    meanwhile.

    With ``only_due`` feeds that are retired, that asked for time or that keep failing are not fetched. ``now`` is Unix
    seconds. ``ends`` is the moment of ``time.monotonic()`` from which no more feeds are asked. Any executor will do:
    only plain values pass to and from it.
    """
    limits = limits or Limits()
    due: list[FeedState] = []
    resting: list[Reading] = []
    for state in states:
        reading = _not_due(state, now) if only_due else None
        if reading is None:
            due.append(state)
        else:
            resting.append(reading)
    if resting:
        yield resting
    night = _Night(now, executor, limits, ends)
    if isinstance(executor, ThreadPoolExecutor) and any(state.digest is None for state in due):
        children.prepare()
    try:
        yield from night.round(sorted(due, key=lambda state: _turn(state, now)))
        if night.again:
            clock.sleep(max(0.0, min(limits.retry_pause, _left(ends))))
            yield from night.last_round()
    finally:
        children.rest()


def _turn(state: FeedState, now: int) -> tuple[bool, int]:
    """What feeds are sorted by: those last that failed lately, and of all others those first that waited longest."""
    asked = state.asked or 0
    return state.failures > 0 and 0 <= now - asked < 2 * DAY, asked


def _left(ends: float | None) -> float:
    return float("inf") if ends is None else ends - clock.monotonic()


_Task = Future[list[Reading]]


@dataclass
class _Night:
    """What is known of the hosts while they are asked."""

    now: int
    executor: Executor
    limits: Limits
    ends: float | None
    again: list[tuple[FeedState, Reading]] = field(default_factory=list)
    """Feeds to be asked once more, each with its reading in case that the night is over before."""
    last: bool = False
    running: dict[_Task, str] = field(default_factory=dict)
    """The host of every task that is with the executor."""
    done: queue.SimpleQueue[_Task] = field(default_factory=queue.SimpleQueue)

    @property
    def most(self) -> int:
        """Tasks with the executor at one time."""
        return max(HANDED_IN, 2 * int(getattr(self.executor, "threads", 0)))

    def round(self, states: Sequence[FeedState]) -> Iterator[list[Reading]]:
        """Every host has one task at most: its next is handed in when the one before is done."""
        hosts: dict[str, deque[FeedState]] = defaultdict(deque)
        for state in states:
            hosts[host_key(state.address)].append(state)
        ready = deque(hosts)
        try:
            while ready or self.running:
                readings: list[Reading] = []
                while ready and len(self.running) < self.most:
                    host = ready.popleft()
                    readings += self._hand_in(host, hosts[host])
                if _left(self.ends) <= 0:
                    readings += self._called_off(hosts)
                for task in self._finished():
                    host = self.running.pop(task)
                    readings += self._taken(_result(task, hosts[host][0], self.now), hosts[host])
                    if hosts[host]:
                        ready.append(host)
                if readings:
                    yield readings
        finally:
            for task in self.running:
                task.cancel()

    def last_round(self) -> Iterator[list[Reading]]:
        """Ask those once more that are worth it; where the night is over, their first readings stand."""
        waiting, self.again, self.last = self.again, [], True
        if _left(self.ends) <= 0:
            yield [reading for _, reading in waiting]
            return
        yield from self.round([state for state, _ in waiting])

    def _hand_in(self, host: str, waiting: deque[FeedState]) -> Iterator[Reading]:
        if _left(self.ends) <= 0:
            yield from (_too_late(state, self.now) for state in waiting)
            return
        try:
            task = self.executor.submit(read_some, tuple(waiting), self.now, self.limits)
        except RuntimeError as error:
            reason = f"the work could not be handed out: {error}"
            yield from (replace(_failed(state, self.now, reason), asked=False) for state in waiting)
            return
        self.running[task] = host
        task.add_done_callback(self.done.put)

    def _called_off(self, hosts: dict[str, deque[FeedState]]) -> Iterator[Reading]:
        """The night is over: tasks that nobody has begun are taken back, and their feeds are first tomorrow."""
        for task, host in list(self.running.items()):
            if task.cancel():
                del self.running[task]
                yield from (_too_late(state, self.now) for state in hosts.pop(host))

    def _finished(self) -> list[_Task]:
        """The tasks that are done, as soon as one is; none where the night ends before that.

        All of them, where workers give no answer long after its end.
        """
        if not self.running:
            return []
        left = _left(self.ends)
        patience = left if left > 0 else OVERTIME + 2 * self.limits.total_seconds
        try:
            finished = [self.done.get(timeout=min(patience, threading.TIMEOUT_MAX))]
        except queue.Empty:
            return [] if left > 0 else list(self.running)
        with contextlib.suppress(queue.Empty):
            while True:
                finished.append(self.done.get_nowait())
        return [task for task in finished if task in self.running]

    def _taken(self, readings: list[Reading], waiting: deque[FeedState]) -> Iterator[Reading]:
        """Readings of the first feeds of a host's queue: handed on, or kept for a second try."""
        for reading in readings:
            state = waiting.popleft()
            if reading.passing and not self.last and not state.thread_of:
                self.again.append((state, reading))
            else:
                yield reading
            if _is_hopeless(reading):
                waiting.clear()


def _is_hopeless(reading: Reading) -> bool:
    """True where the host of a post's reply feed gave no answer: its others need not be waited for tonight."""
    return bool(reading.thread_of) and reading.outcome is Outcome.FAILED and reading.http_status is None


def _result(task: _Task, first: FeedState, now: int) -> list[Reading]:
    """The task's readings. Where the worker itself broke, its first feed has failed and the rest are tried again."""
    where = shown(first.address)
    if not task.done():
        return [
            replace(_failed(first, now, f"{where} was not read: the worker broke (it gave no answer)"), asked=False)
        ]
    try:
        return task.result()
    except ClusterGone as error:
        return [replace(_failed(first, now, f"{where} was not asked: {error}"), asked=False)]
    except Exception as error:
        return [_failed(first, now, f"{where} was not read: the worker broke ({type(error).__name__})")]


def read_some(states: Sequence[FeedState], now: int, limits: Limits) -> list[Reading]:
    """Readings of the first of one host's feeds: at least one, and as many as fit in SHARE_SECONDS.

    Where a few in a row give no connection, or ask us to slow down, the readings of all others say so.
    """
    started = clock.monotonic()
    readings: list[Reading] = []
    with own_session() as session:
        for state in states:
            readings.append(read_feed(session, state, now, limits))
            left = states[len(readings) :]
            if not left or _is_hopeless(readings[-1]):
                break
            row = readings[-IN_A_ROW:] if len(readings) >= IN_A_ROW else []
            if row and all(one.unreached and not one.elsewhere for one in row):
                return readings + [_left_alone(later, now) for later in left]
            if row and all(_wants_peace(one, now) for one in row):
                until = min(max(one.retry_at or now for one in row), now + LONGEST_BACK_OFF)
                return readings + [replace(_asked_to_wait(later, now, until), passing=True) for later in left]
            clock.sleep(min(readings[-1].seconds, LONGEST_PAUSE))
            if clock.monotonic() - started > SHARE_SECONDS and not _may_be_a_row(readings[-1], now):
                break
    return readings


def _may_be_a_row(reading: Reading, now: int) -> bool:
    """True where the reading may be the first of a row of the same trouble: the next feed is to tell."""
    return (reading.unreached and not reading.elsewhere) or _wants_peace(reading, now)


def _wants_peace(reading: Reading, now: int) -> bool:
    """True where the host that was asked wants no questions for now."""
    return reading.retry_at is not None and reading.retry_at > now and not reading.elsewhere


def read_feed(session: requests.Session, state: FeedState, now: int, limits: Limits | None = None) -> Reading:
    """Fetch and parse one feed. Never raises; ``session`` is best made by ``new_session``."""
    limits = limits or Limits()
    with bulky():
        page = fetch(session, state, now, limits)
        if page.stale_connection:
            # Kept alive from the feed before, and dead: not this feed's doing.
            session.close()
            page = fetch(session, state, now, limits)
        return _read(page, state, now, limits)


def _read(page: Page, state: FeedState, now: int, limits: Limits) -> Reading:
    reading = _kept(
        state, now, http_status=page.status, size=len(page.body), seconds=page.seconds, passing=page.passing,
        unreached=page.unreached, elsewhere=host_key(page.final) != host_key(state.address),
    )  # fmt: skip
    if page.gone:
        return replace(reading, outcome=Outcome.GONE, reason=page.error or "")
    if page.throttled:
        return replace(reading, outcome=Outcome.THROTTLED, reason=page.error or "", retry_at=page.retry_at)
    if page.not_modified:
        return replace(
            reading, outcome=Outcome.NOT_MODIFIED, reason="unchanged since it was last read",
            etag=page.etag or state.etag, last_modified=page.last_modified or state.last_modified,
        )  # fmt: skip
    if not page.ok:
        return replace(reading, outcome=Outcome.FAILED, reason=page.error or f"HTTP {page.status}: expected 200")
    return _read_body(reading, page, state, now, limits)


def _read_body(reading: Reading, page: Page, state: FeedState, now: int, limits: Limits) -> Reading:
    digest = hashlib.sha256(page.body).hexdigest()
    moved = page.moved_to is not None and page.moved_to != state.address
    fresh = replace(
        reading, etag=page.etag, last_modified=page.last_modified, digest=digest,
        moving_to=page.moved_to if moved else None,
    )  # fmt: skip
    if digest == state.digest and not moved:
        return replace(fresh, outcome=Outcome.NOT_MODIFIED, reason="the same as when it was last read")
    parsed = parse_apart(page.body, page.content_type, page.final, now, limits)
    if parsed.error is not None:
        # The validators of what we could read are kept: an error page's own would hide the feed's return.
        return replace(reading, outcome=Outcome.FAILED, reason=parsed.error)
    fresh = replace(
        fresh, platform=parsed.platform, title=parsed.title, entries=parsed.entries, older=parsed.older,
        carries_replies=parsed.carries_replies, stale_validators=parsed.stale_validators, rests=parsed.rests,
        pace=pace(parsed.entries, now), rhythm=rhythm(parsed.entries), left_out=parsed.left_out,
    )  # fmt: skip
    if moved:
        return replace(fresh, outcome=Outcome.MOVED, reason=f"moved for good to {shown(page.moved_to or '')}")
    read, there = len(parsed.entries), len(parsed.entries) + parsed.left_out
    if parsed.left_out:
        reason = f"read {read} of {there} entries: the others are empty, broken, or more than a feed may have"
        return replace(fresh, outcome=Outcome.UPDATED, reason=reason)
    return replace(fresh, outcome=Outcome.UPDATED, reason=f"read {read} entries")


def _kept(state: FeedState, now: int, **more: Any) -> Reading:
    """A reading that keeps all we knew."""
    return Reading(
        channel=state.channel, url=state.url, outcome=Outcome.FAILED, reason="", time=now, address=state.address,
        etag=state.etag, last_modified=state.last_modified, digest=state.digest, thread_of=state.thread_of, **more,
    )  # fmt: skip


def _failed(state: FeedState, now: int, reason: str) -> Reading:
    return replace(_kept(state, now), reason=reason)


def _asked_to_wait(state: FeedState, now: int, retry_at: int) -> Reading:
    when = clock.strftime("%Y-%m-%d %H:%M", clock.gmtime(retry_at))
    reason = f"not asked: {shown(state.address)} is on a server that wants no questions until {when} UTC"
    return replace(_kept(state, now), outcome=Outcome.THROTTLED, reason=reason, retry_at=retry_at, asked=False)


def _left_alone(state: FeedState, now: int) -> Reading:
    reason = (
        f"not asked: {shown(state.address)} is on a server that took no connection; it is asked again tomorrow night"
    )
    return replace(_failed(state, now, reason), asked=False, passing=True)


def _too_late(state: FeedState, now: int) -> Reading:
    where = shown(state.address)
    reason = f"not asked: the night's time was up before the turn of {where}; it is among the first tomorrow night"
    return replace(_failed(state, now, reason), asked=False)


def _not_due(state: FeedState, now: int) -> Reading | None:
    """The reading of a feed that is not to be asked now; None where it is.

    Moments in the future, or further away than we would ever wait, come from a clock that was wrong: not heeded.
    """
    waited = now - (now if state.asked is None else state.asked)
    if state.gone and 0 <= waited < REVIVAL:
        reason = f"not asked: {shown(state.address)} was gone for good (HTTP 410); it is looked at again once a week"
        return replace(_kept(state, now), outcome=Outcome.GONE, reason=reason, asked=False)
    if state.retry_at is not None and now < state.retry_at <= now + Limits().retry_seconds:
        return _asked_to_wait(state, now, state.retry_at)
    if 0 <= waited < back_off(state.failures):
        return replace(_failed(state, now, state.reason), asked=False)
    return None


def back_off(failures: int) -> int:
    """Seconds to leave a feed in peace that failed so many times in a row: doubled each time, never a whole day."""
    return 0 if failures < PATIENCE else min(FIRST_BACK_OFF * 2 ** min(failures - PATIENCE, 10), LONGEST_BACK_OFF)
