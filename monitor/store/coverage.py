"""What slipped by between two looks through a feed's window, and when to look again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from monitor.model import DAY, Reading, Rests, Walk
from monitor.store.schema import entries, feeds, fetches, gaps
from monitor.store.sql import chunks

HOUR = 3_600
SHORTEST_PAUSE = 900
"""Seconds: a feed is asked no more often, however busy."""
PACE_MEMORY = 8 * DAY
"""A week has its rhythm: the busiest hour of the last eight days sets the pace."""


def slipped(connection: Connection, feed: Row[Any], reading: Reading, shown: dict[str, dict[str, Any]]) -> bool:
    """True where the feed had entries before and none of those now shown is among them, under any uid."""
    if reading.digest is not None and reading.digest == feed.digest:
        return False
    known = connection.execute(select(entries.c.key, entries.c.place).where(entries.c.feed_id == feed.id)).all()
    keys, places = {row.key for row in known}, {row.place for row in known} - {""}
    return bool(known) and not any(row["key"] in keys or row["place"] in places for row in shown.values())


def close_gaps(connection: Connection, feed_id: int, walk: Walk, reading: Reading) -> None:
    """Gaps that the walk has passed are closed; the feed's totals are whole again when none is left.

    Passed is a gap when a whole page is from before it: one old entry on a page, pinned or brought up, proves nothing.
    """
    mine, now = (gaps.c.feed_id == feed_id) & gaps.c.closed.is_(None), reading.time
    newest = max([entry.time for entry in reading.entries if entry.time is not None], default=now)
    passed = mine if walk.finished and not walk.next else mine & (gaps.c.begins >= newest)
    connection.execute(update(gaps).where(passed).values(closed=now))
    left = connection.execute(select(func.count()).select_from(gaps).where(mine)).scalar()
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(missed=bool(left)))


def a_gap(connection: Connection, feed: Row[Any], reading: Reading, shown: dict[str, dict[str, Any]]) -> dict[str, Any]:
    before = connection.execute(select(func.max(entries.c.time)).where(entries.c.feed_id == feed.id)).scalar()
    begins = before if before is not None else feed.last_read or reading.time
    ends = min([row["time"] for row in shown.values() if row["time"] is not None], default=reading.time)
    return {"feed_id": feed.id, "begins": begins, "ends": max(begins, ends), "noticed": reading.time}


def busiest_paces(connection: Connection, feed_ids: Sequence[int], now: int) -> dict[int, int]:
    """The busiest pace (seconds) of the last days of each feed that has had one."""
    memory = fetches.c.time.between(now - PACE_MEMORY, now + DAY)
    found: dict[int, int] = {}
    for some in chunks(feed_ids):
        mine = fetches.c.feed_id.in_(some) & fetches.c.pace.is_not(None)
        query = select(fetches.c.feed_id, func.min(fetches.c.pace)).where(mine, memory).group_by(fetches.c.feed_id)
        found.update((feed, pace) for feed, pace in connection.execute(query))
    return found


def next_poll(feed: Row[Any], reading: Reading, missed: bool, busiest: int | None) -> int | None:
    """When the feed's window would pass by at the ``busiest`` pace of the last days; a miss halves the pause."""
    paces = [pace for pace in (reading.pace, busiest) if pace is not None]
    if missed and feed.last_fetch is not None and feed.last_fetch <= reading.time:
        paces.append((reading.time - feed.last_fetch) // 2)
    if not paces:
        return None
    soonest = reading.time + min(max(min(paces), SHORTEST_PAUSE), DAY)
    return soonest if reading.rests is None else _after_rest(soonest, reading.time, reading.rests)


def _after_rest(moment: int, now: int, rests: Rests) -> int:
    """The first moment from ``moment`` on at which the feed does not say that it rests; within a day at the latest."""
    moment, latest = max(moment, now + rests.ttl), now + DAY
    while moment < latest:
        then = datetime.fromtimestamp(moment, UTC)
        if then.hour not in rests.hours and then.weekday() not in rests.days:
            break
        moment += HOUR - moment % HOUR
    return min(moment, latest)
