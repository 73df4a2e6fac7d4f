"""Puts right what was written while the clock was wrong.

A machine without a battery wakes in 1970; one wrong digit makes 2036. What was stored then carries that moment, and
would wait for it, or claim a past that never was. Every reading leaves its own moment in the log of fetches, so that a
moment out of line is found there, and what carries it is dated to now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from monitor.model import DAY, Outcome
from monitor.store.schema import channels, entries, feeds, fetches, gaps, reply_counts
from monitor.store.sql import chunks, insert_or

EARLIEST = 631_152_000
"""1 January 1990: no feed is older, so a clock that says so is wrong."""
SLACK = DAY
"""Seconds that clocks may differ without being wrong."""
MEMORY = 10
"""So many of the last looks at a feed say whether it is the clock of now that is out of line."""


def put_right(connection: Connection, feed_id: int, now: int) -> bool:
    """Date to ``now`` (Unix seconds) what was written of this feed at moments that cannot have been.

    True where there was any. Nothing is touched while most of the last looks speak against the clock of now.
    """
    wrong = _wrong_moments(connection, feed_id, now)
    for moment in wrong:
        _redate(connection, feed_id, moment, now)
    if not wrong:
        return False
    mine = entries.c.feed_id == feed_id
    # Dates of the future were believed by that clock alone.
    connection.execute(update(entries).where(mine, entries.c.time > now + SLACK).values(time=None))
    # That look's validators stand for a body whose dates may have been disbelieved: it is read whole next time.
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(body_read=None))
    _put_last_read_right(connection, feed_id)
    return True


def suspects(connection: Connection, rows: Iterable[Any], now: int) -> set[int]:
    """The ids of those of the feeds of which a look was at a moment that cannot have been, by the clock of ``now``.

    ``rows`` are of the table of feeds: id and last_fetch.
    """
    if now < EARLIEST:
        return set()
    last = {row.id: row.last_fetch for row in rows if row.last_fetch is not None}
    found: set[int] = set()
    for some in chunks(sorted(last)):
        query = select(fetches.c.feed_id, func.max(fetches.c.time)).where(fetches.c.feed_id.in_(some))
        for feed, latest in connection.execute(query.group_by(fetches.c.feed_id)):
            if latest > now + SLACK or last[feed] < max(latest - SLACK, EARLIEST):
                found.add(feed)
    return found


def _wrong_moments(connection: Connection, feed_id: int, now: int) -> list[int]:
    """The moments of the last looks at the feed that are out of line with the others."""
    row = connection.execute(select(feeds.c.id, feeds.c.last_fetch).where(feeds.c.id == feed_id)).one()
    if not suspects(connection, [row], now):
        return []
    f = fetches.c
    query = select(f.time).where(f.feed_id == feed_id).order_by(f.id.desc()).limit(MEMORY)
    looks = list(connection.execute(query).scalars())[::-1]
    ahead = sum(moment > now + SLACK for moment in looks)
    if ahead > len(looks) - ahead and not (len(looks) == 1 and _agrees(connection, feed_id, now)):
        return []
    return sorted({moment for place, moment in enumerate(looks) if _is_wrong(looks[:place], moment, now)})


def _is_wrong(before: list[int], moment: int, now: int) -> bool:
    """True for a moment of the future, from before feeds were, or earlier than a look that came before it."""
    earlier = [one for one in before if one <= now + SLACK]
    return moment > now + SLACK or moment < EARLIEST or moment < max(earlier, default=moment) - SLACK


def _agrees(connection: Connection, feed_id: int, now: int) -> bool:
    """True where the feed's own dates end before now: they speak for the clock of now."""
    newest = connection.execute(select(func.max(entries.c.time)).where(entries.c.feed_id == feed_id)).scalar()
    return newest is None or newest <= now + SLACK


def _redate(connection: Connection, feed_id: int, wrong: int, now: int) -> None:
    """All that the look at the moment ``wrong`` left, in every table of the feed."""
    seen = (entries.c.feed_id == feed_id) & (entries.c.first_seen == wrong)
    connection.execute(update(entries).where(seen).values(first_seen=now))
    for column in (gaps.c.noticed, gaps.c.closed):
        mine = (gaps.c.feed_id == feed_id) & (column == wrong)
        connection.execute(update(gaps).where(mine).values({column.name: now}))
    looks = (fetches.c.feed_id == feed_id) & (fetches.c.time == wrong)
    connection.execute(update(fetches).where(looks).values(time=now))
    _redate_counts(connection, feed_id, wrong, now)
    _redate_watch(connection, feed_id, wrong, now)


def _redate_counts(connection: Connection, feed_id: int, wrong: int, now: int) -> None:
    """The reply counts of that look become counts of now."""
    c = reply_counts.c
    mine = (c.feed_id == feed_id) & (c.time == wrong)
    rows = [dict(row._mapping) | {"time": now} for row in connection.execute(select(reply_counts).where(mine))]
    connection.execute(delete(reply_counts).where(mine))
    for some in chunks(rows):
        connection.execute(insert_or(connection, reply_counts, update=["replies"]), list(some))


def _redate_watch(connection: Connection, feed_id: int, wrong: int, now: int) -> None:
    """The channel has been watched since the first look at any of its feeds at another moment."""
    channel = select(feeds.c.channel).where(feeds.c.id == feed_id).scalar_subquery()
    looks = (
        select(func.min(fetches.c.time))
        .join(feeds, feeds.c.id == fetches.c.feed_id)
        .where(feeds.c.channel == channel, fetches.c.time != wrong, fetches.c.outcome.in_(_READABLE))
    )
    since = connection.execute(looks).scalar()
    mine = (channels.c.id == channel) & (channels.c.first_watched == wrong)
    connection.execute(update(channels).where(mine).values(first_watched=now if since is None else min(since, now)))


def _put_last_read_right(connection: Connection, feed_id: int) -> None:
    """When the feed was last read, as its log has it now."""
    read = (fetches.c.feed_id == feed_id) & fetches.c.outcome.in_(_READABLE)
    last = connection.execute(select(func.max(fetches.c.time)).where(read)).scalar()
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(last_read=last))


_READABLE: list[Any] = [one.value for one in Outcome if one.readable]
