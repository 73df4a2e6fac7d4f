"""Which questions beyond the listed feeds are worth asking tonight. Pure: values in, feeds to ask out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from monitor.model import DAY, Entry, FeedState, ThreadFeed
from monitor.poll.guard import origin

YOUNG = 30 * DAY
"""A post younger than this may still draw replies."""
AGAIN = 20 * 3_600
"""One look a night is enough."""
WEEK = AFTER_FAILURE = 7 * DAY
FORGOTTEN = 15 * DAY
"""A body read longer ago than two weekly looks: the machine was off, or its clock was wrong."""
SHORTEST_REST = 900
PER_NIGHT = 200
PER_HOST = 40
FULL_WINDOW = 10
"""A window of fewer entries is not full."""
AT_ONCE = 60
"""Seconds: nobody writes a full window within them."""
SHORT_REACH = 2 * DAY
"""A window that reaches back further does not pass by between two nights."""


def pace(entries: Sequence[Entry], now: int) -> int | None:
    """Seconds in which half of the window's entries came, at the busiest; None where nightly is often enough.

    ``now`` is Unix seconds. A feed asked again within this time has not shown anything that we did not see, unless it
    gets twice as busy as it ever was in its window. Where all have one date, it is that of the asking or of a rebuilt
    site, and says nothing of how fast they come.
    """
    times = sorted(entry.time for entry in entries if entry.time is not None)
    if len(times) < FULL_WINDOW or now - times[0] >= SHORT_REACH or times[-1] - times[0] < AT_ONCE:
        return None
    half = len(times) // 2
    return max(0, min(later - earlier for earlier, later in zip(times, times[half:], strict=False)))


def rhythm(entries: Sequence[Entry]) -> int | None:
    """Seconds between two of the window's entries, as a rule: the middle one of all gaps. None with fewer than two."""
    times = sorted(entry.time for entry in entries if entry.time is not None)
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    return gaps[len(gaps) // 2] if gaps else None


def is_time(state: FeedState, now: int) -> bool:
    """True where a feed's life asks for a look at ``now`` (Unix seconds), though it is not the only one of the day.

    A feed rests for a quarter of its rhythm, a quarter of an hour at least and until tomorrow at most; one of which
    nothing is known, too. It is asked before that where its window would pass by, or where it could not be read.
    """
    if state.asked is None or not 0 <= now - state.asked < AGAIN or state.failures:
        return True
    if state.next_poll is not None and state.next_poll <= now:
        return True
    return state.rhythm is not None and now - state.asked >= max(state.rhythm // 4, SHORTEST_REST)


def afresh(state: FeedState, now: int, beside: bool) -> FeedState:
    """The state to ask with: from time to time, a feed is read whole whatever its server says of changes.

    1. Where a server's "not modified" hides what is new, validators are left out: every night, or once a week where it
    hides reply counts alone that another feed (``beside``) shows. 2. Any feed once a week: a server's word is not
    believed for longer. 3. What was read at a moment that cannot have been, or ages ago, is read as for the first time:
    even the same body is parsed again, since its dates may have been disbelieved by a clock that was wrong.
    """
    if state.body_read is None or not _is_within(state.body_read, now, FORGOTTEN):
        return replace(state, etag=None, last_modified=None, digest=None)
    pause = AGAIN if state.stale_validators and not beside else WEEK
    return state if _is_within(state.body_read, now, pause) else replace(state, etag=None, last_modified=None)


def _is_within(moment: int, now: int, seconds: int) -> bool:
    """True where the moment is less than so many seconds away. One further ahead comes from a clock that was wrong."""
    return abs(now - moment) < seconds


def to_follow(threads: Sequence[ThreadFeed], now: int) -> list[FeedState]:
    """The feeds of single posts' replies to ask now, the newest posts first; bounded per night and per host.

    Those asked earlier tonight count too, so that an hourly poll asks no more of a host than a nightly one.
    """
    tonight = [thread for thread in threads if thread.asked_at is not None and _is_within(thread.asked_at, now, AGAIN)]
    hosts = Counter(origin(thread.state.address)[0] for thread in tonight)
    chosen: list[FeedState] = []
    for thread in threads:
        host = origin(thread.state.address)[0]
        if len(tonight) + len(chosen) < PER_NIGHT and hosts[host] < PER_HOST and _worth_asking(thread, now):
            hosts[host] += 1
            chosen.append(thread.state)
    return chosen


def _worth_asking(thread: ThreadFeed, now: int) -> bool:
    """True where the feed may tell of replies that we have not seen.

    1. One that failed is left alone for a week, one that was asked tonight, or whose server asked for time, until
    tomorrow. 2. Where the post carries a count, the count says whether there is more to see: it has changed since the
    feed was last read. One that failed was asked for a reason, which holds until it is read. 3. Where it does not, a
    young post is asked nightly, unless a feed of the channel shows the replies to all posts.
    """
    asked_at = thread.asked_at if thread.asked_at is not None and thread.asked_at <= now + DAY else None
    rest = AFTER_FAILURE if thread.failed and thread.state.retry_at is None else AGAIN
    if asked_at is not None and _is_within(asked_at, now, rest):
        return False
    if thread.orphan:  # of a post so old that only a walk back is to find it
        return False
    young = now - thread.posted < YOUNG
    if thread.counted is not None:
        news = asked_at is None or thread.failed or (thread.counted_at or 0) > asked_at
        return thread.counted > thread.seen and news and (young or thread.grown)
    return young and not thread.beside
