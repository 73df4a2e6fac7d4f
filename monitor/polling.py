"""The feeds of a night: which are asked, and what is stored of the answers."""

from __future__ import annotations

import logging
import time as clock
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import replace

from monitor.config import Config
from monitor.machine import sparing_memory
from monitor.model import DAY, FeedLine, FeedState, Outcome, Reading
from monitor.poll import YOUNG, Limits, afresh, is_time, poll_in_batches, to_follow
from monitor.poll.executor import working
from monitor.poll.guard import shown
from monitor.store import Store
from monitor.store.trouble import NotTaken

BETWEEN_SECONDS = 240
"""The longest that busy feeds may take between two nights: the next look is five minutes away."""

log = logging.getLogger("oximeter.polling")

Watch = Callable[[Reading, int], None]
"""Told of every reading as it is stored, with the number of entries that were new."""


def poll_feeds(
    config: Config, store: Store, now: int, watch: Watch | None = None, every: bool = True
) -> tuple[FeedLine, ...]:
    """Poll every feed of the config and store the readings as they come, those that come together in one transaction.

    Where this is not the day's only look (``every`` is False) feeds are asked at the pace that their life needs. It
    ends after ``[poll] night_minutes``: feeds whose turn had not come by then are read first on the next night. Steps:
    1. every listed feed; 2. posts whose reply counts a "not modified" may have hidden; 3. the feeds of single posts'
    replies, where the counts say that there is more.
    """
    ends = clock.monotonic() + config.poll.night_minutes * 60
    with sparing_memory(), working(config.crew) as executor:
        listed = [state for state in _listed_feeds(config, store, now) if every or is_time(state, now)]
        _poll_and_store(config, store, listed, now, executor, watch, ends)
        for questions in (_hidden_counts, _threads):
            _poll_and_store(config, store, questions(config, store, now), now, executor, watch, ends)
    return tuple(store.feed_lines(config.channels, since=now))


def poll_due(config: Config, store: Store, now: int, watch: Watch | None = None) -> tuple[FeedLine, ...]:
    """Poll only the feeds whose window would pass by before the next night; their lines."""
    states = store.feed_states(config.channels)
    # No feed is busy later than in a day: a moment further off was set by a clock that was wrong.
    due = [state for state in states if state.next_poll is not None and not now < state.next_poll <= now + DAY]
    if due:
        with sparing_memory(), working(config.crew) as executor:
            _poll_and_store(config, store, due, now, executor, watch, clock.monotonic() + BETWEEN_SECONDS)
    asked = {(state.channel, state.url) for state in due}
    return tuple(line for line in store.feed_lines(config.channels, now) if (line.channel, line.url) in asked)


def _poll_and_store(
    config: Config,
    store: Store,
    states: list[FeedState],
    now: int,
    executor: Executor,
    watch: Watch | None,
    ends: float,
) -> None:
    limits = Limits(total_seconds=config.poll.fetch_seconds, retry_pause=config.poll.retry_seconds)
    for readings in poll_in_batches(states, now, executor, limits, ends=ends):
        for told, new in _stored(store, readings):
            if watch is not None:
                watch(told, new)


def _stored(store: Store, readings: list[Reading]) -> list[tuple[Reading, int]]:
    """The readings as they were stored, each with the number of new entries: together, or one by one if need be."""
    try:
        return list(zip(readings, store.record_all(readings), strict=True))
    except NotTaken:
        return [_store_one(store, reading) for reading in readings]


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
    states = store.feed_states(config.channels)
    hearing = Counter(state.channel for state in states if state.carries_replies)
    return [afresh(state, now, hearing[state.channel] > state.carries_replies) for state in states]


def _hidden_counts(config: Config, store: Store, now: int) -> list[FeedState]:
    """Posts to be read once more, whole: more replies came than their own feed shows, and counts may tell of them."""
    missed = store.missed_at(now)
    return [
        replace(state, etag=None, last_modified=None)
        for state in (store.feed_states(config.channels) if missed else ())
        if state.stale_validators and state.channel in missed and state.body_read != now
    ]


def _threads(config: Config, store: Store, now: int) -> list[FeedState]:
    """The feeds of single posts' replies that may tell of more than was seen."""
    return to_follow(store.lively_threads(config.channels, now - YOUNG), now)
