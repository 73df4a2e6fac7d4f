"""Reads a channel's life: its contributions, each once, and the replies known only by their number."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, func, select

from monitor.model import DAY, Channel, CountedReplies, Event, History, Kind, Outcome
from monitor.store.feeds import feed_lines
from monitor.store.identity import aliases
from monitor.store.schema import channels, entries, feeds, fetches, reply_counts


@dataclass(slots=True)
class _Contribution:
    """One contribution, put together from every feed that shows it."""

    event: Event
    key: str


@dataclass(slots=True)
class Thread:
    """The replies of one thread: when each seen one came, and the counts its post carried from night to night."""

    seen: list[int] = field(default_factory=list)
    carried: list[tuple[int, int]] = field(default_factory=list)
    linkbacks: int = 0
    """Pingbacks seen: platforms count them among the replies."""

    def settle(self) -> None:
        """Take the pingbacks out of the counts, and put all in order of time; to be called once."""
        self.carried = sorted((time, max(0, count - self.linkbacks)) for time, count in self.carried)
        self.seen.sort()


def history(connection: Connection, channel: Channel, until: int | None) -> History:
    """All that is known of ``channel``, no later than ``until``. See ``Store.history``."""
    everything, joined = _contributions(connection, channel.id, until)
    carried = _carried(connection, channel.id, until, joined)
    threads = _threads(everything.values(), carried)
    found = {key: one for key, one in everything.items() if one.event.kind is not Kind.LINKBACK}
    counted = [
        CountedReplies(time, replies, name[1]) for name, thread in threads.items() for time, replies in unseen(thread)
    ]
    lines = tuple(feed_lines(connection, [channel], None))
    watched = connection.execute(select(channels.c.first_watched).where(channels.c.id == channel.id)).scalar()
    return History(
        channel.id,
        events=_ascending(found),
        counted=tuple(sorted(counted, key=lambda more: (more.time, more.thread, more.replies))),
        total_posts=sum(one.event.kind is Kind.POST for one in found.values()),
        total_replies=sum(most(thread) for thread in threads.values()),
        first_shown=_first_shown(connection, channel),
        first_watched=watched if until is None or watched is None or watched <= until else None,
        feeds=lines,
        hears_replies=bool(carried) or any(line.carries_replies for line in lines) or any(map(most, threads.values())),
        linkbacks=len(everything) - len(found),
    )


def _first_shown(connection: Connection, channel: Channel) -> int:
    """The most entries that any of the channel's feeds showed when it was first read."""
    f = fetches.c
    first = (
        select(f.feed_id, func.min(f.id).label("id"))
        .join(feeds, feeds.c.id == f.feed_id)
        .where(
            feeds.c.channel == channel.id,
            feeds.c.thread_of == "",
            f.outcome.in_([one.value for one in Outcome if one.readable]),
        )
        .group_by(f.feed_id)
        .subquery()
    )
    return connection.execute(select(func.max(f.shown)).join(first, first.c.id == f.id)).scalar() or 0


def events(connection: Connection, channel: str) -> tuple[Event, ...]:
    """Every contribution to the channel once, ascending by time."""
    return _ascending(contributions(connection, channel, None))


def contributions(connection: Connection, channel: str, until: int | None) -> dict[str, _Contribution]:
    """The channel's posts and replies by key, through feeds now in the config and feeds that once were."""
    found, _ = _contributions(connection, channel, until)
    return {key: one for key, one in found.items() if one.event.kind is not Kind.LINKBACK}


def _contributions(
    connection: Connection, channel: str, until: int | None
) -> tuple[dict[str, _Contribution], dict[str, str]]:
    """All that was contributed, linkbacks included, and the keys that stand for another."""
    e = entries.c
    query = (
        select(e.feed_id, e.key, e.kind, e.time, e.first_seen, e.author, e.thread, e.email, e.place, e.title)
        .join(feeds, feeds.c.id == e.feed_id)
        .where(feeds.c.channel == channel)
        .order_by(e.feed_id, e.first_seen, e.uid)
    )
    found: dict[str, _Contribution] = {}
    rows = connection.execute(query).all()
    joined = aliases(rows)
    for row in rows:
        key, dated = joined.get(row.key, row.key), row.time is not None
        time = row.time if dated else row.first_seen
        if until is not None and row.first_seen <= until < time <= until + DAY:
            time = until  # seen already, so no younger than that: the zone of its date is wrong
        event = Event(Kind(row.kind), time, row.author, row.thread, dated, row.email)
        known = found.get(key)
        if known is None:
            found[key] = _Contribution(event, key)
        else:
            known.event = join(known.event, event)
    if until is None:
        return found, joined
    return {key: one for key, one in found.items() if one.event.time <= until}, joined


def join(one: Event, other: Event) -> Event:
    """One contribution seen through two feeds: dated before undated, else the earlier; what one lacks the other has."""
    best, rest = sorted((one, other), key=lambda event: (not event.dated, event.time))
    kind = next(kind for kind in Kind if kind in (one.kind, other.kind))
    thread, email = best.thread or rest.thread, best.email or rest.email
    return Event(kind, best.time, best.author or rest.author, thread, best.dated, email)


def _ascending(found: dict[str, _Contribution]) -> tuple[Event, ...]:
    return tuple(sorted((one.event for one in found.values()), key=lambda event: event.time))


def _carried(
    connection: Connection, channel: str, until: int | None, joined: dict[str, str]
) -> dict[str, list[tuple[int, int]]]:
    """The reply counts carried by posts, (time, count) ascending, by the post's key."""
    c, e = reply_counts.c, entries.c
    query = (
        select(e.key, c.time, c.replies)
        .join(entries, (e.feed_id == c.feed_id) & (e.uid == c.uid))
        .join(feeds, feeds.c.id == c.feed_id)
        .where(feeds.c.channel == channel)
        .order_by(c.time)
    )
    if until is not None:
        query = query.where(c.time <= until)
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for key, time, replies in connection.execute(query):
        found[joined.get(key, key)].append((time, replies))
    return found


def _threads(
    found: Iterable[_Contribution], carried: dict[str, list[tuple[int, int]]]
) -> dict[tuple[str, str], Thread]:
    """The threads by (own key where the thread is not told, thread)."""
    threads: dict[tuple[str, str], Thread] = defaultdict(Thread)
    for one in found:
        if one.event.kind is Kind.REPLY:
            threads["", one.event.thread].seen.append(one.event.time)
        elif one.event.kind is Kind.LINKBACK:
            threads["", one.event.thread].linkbacks += 1
        elif one.key in carried:
            own = "" if one.event.thread else one.key
            threads[own, one.event.thread].carried.extend(carried[one.key])
    for thread in threads.values():
        thread.settle()
    return threads


def most(thread: Thread) -> int:
    """The larger of the replies seen in a thread and the count that its feed carries."""
    return max(len(thread.seen), max((count for _, count in thread.carried), default=0))


def unseen(thread: Thread) -> list[tuple[int, int]]:
    """The replies (time, number) that only the counts tell of, after the first count.

    What the first count tells of came at an unknown time before, so it dates nothing. A count that falls and rises
    again (a cache, spam taken away) is not new replies. Seen and counted together never exceed the largest count.
    """
    room = most(thread) - len(thread.seen)
    told: list[tuple[int, int]] = []
    highest: int | None = None
    for time, count in thread.carried:
        beyond = max(0, count - bisect_right(thread.seen, time))
        if highest is not None and beyond > highest and room > 0:
            more = min(beyond - highest, room)
            told.append((time, more))
            room -= more
        highest = beyond if highest is None else max(highest, beyond)
    return told
