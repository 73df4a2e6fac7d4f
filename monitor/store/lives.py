"""Reads many channels' lives for the measuring: the same as ``history``, in columns, with few queries for all of them.

Apart from the rest of the store, and loaded when channels are measured: it takes numpy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, exists, select

from monitor.model import DAY, Channel, Digest, Event, EventColumns, FeedLine, History, Kind, Outcome
from monitor.store import digests
from monitor.store.digests import Told
from monitor.store.feeds import feed_lines
from monitor.store.history import Thread, join, most, unseen
from monitor.store.identity import aliases
from monitor.store.schema import channels, entries, feeds, fetches, reply_counts
from monitor.store.sql import chunks

T = TypeVar("T")
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
NONE: Ints = np.empty(0, dtype=np.int64)


class Row(NamedTuple):
    """What tells whether an entry is one already known through another feed."""

    feed_id: int
    key: str
    kind: str
    time: int | None
    place: str
    title: str
    author: str


@dataclass(slots=True)
class Around:
    """What is known of a channel beside its entries."""

    feed_ids: list[int] = field(default_factory=list)
    """Ascending; feeds no longer in the config and feeds of single posts' replies included."""
    counting: bool = False
    """True where any of its feeds carries reply counts."""
    first_shown: int = 0
    watched: int | None = None
    state: str = ""
    """What its digest must have been made from; empty where it has no entries."""
    lines: list[FeedLine] = field(default_factory=list)


@dataclass(slots=True)
class Entries:
    """A channel's entries as parallel columns, each once; ``order`` is that of feed, first look and uid."""

    keys: Sequence[str]
    kinds: Sequence[str]
    times: Ints
    dated: Flags
    authors: Sequence[str]
    emails: Sequence[str]
    threads: Sequence[str]
    order: Ints
    newest: int = 0
    """The latest moment that any entry tells of, those after ``until`` included."""
    joined: Mapping[str, str] = field(default_factory=dict)
    """Keys that stand for another, with that other."""


def lives(
    connection: Connection, wanted: Sequence[Channel], until: int | None
) -> Iterator[tuple[History, EventColumns, Digest | None]]:
    """Each channel's history up to and including ``until``, its events and counted replies as columns.

    Where the entries had to be read, there is a digest with them that will stand for them.
    """
    known = around(connection, wanted)
    now = {channel: one.state for channel, one in known.items() if one.state}
    told = digests.kept(connection, now, until)
    for channel in wanted:
        one = known[channel.id]
        if channel.id in told:
            yield *_history(channel, one, told[channel.id], until), None
            continue
        fresh, newest = read(connection, one, until)
        body = digests.pack(fresh) if one.state and (until is None or newest <= until) else None
        digest = None if body is None else Digest(channel.id, one.state, newest, body)
        yield *_history(channel, one, fresh, until), digest


def _history(channel: Channel, known: Around, told: Told, until: int | None) -> tuple[History, EventColumns]:
    return (
        History(
            channel.id,
            total_posts=told.posts,
            total_replies=told.replies,
            first_shown=known.first_shown,
            first_watched=None if until is not None and (known.watched or 0) > until else known.watched,
            feeds=tuple(known.lines),
            hears_replies=told.counting or told.replies > 0 or any(line.carries_replies for line in known.lines),
            linkbacks=told.linkbacks,
            began=int(told.columns.times[0]) if told.columns.times.size else None,
        ),
        told.columns,
    )


def around(connection: Connection, wanted: Sequence[Channel]) -> dict[str, Around]:
    """What is known of the channels beside their entries, with as many queries for many as for one."""
    found: dict[str, Around] = {channel.id: Around() for channel in wanted}
    counting = exists().where(reply_counts.c.feed_id == feeds.c.id)
    for some in chunks(list(found)):
        # First, so that what is written meanwhile makes the digest look old rather than whole.
        for channel, state in digests.states(connection, some).items():
            found[channel].state = state
        mine = select(feeds.c.channel, feeds.c.id, counting).where(feeds.c.channel.in_(some)).order_by(feeds.c.id)
        for channel, feed_id, counts in connection.execute(mine):
            found[channel].feed_ids.append(feed_id)
            found[channel].counting |= bool(counts)
        for channel, shown in connection.execute(_first_shown(some)):
            found[channel].first_shown = max(found[channel].first_shown, shown or 0)
        watched = select(channels.c.id, channels.c.first_watched).where(channels.c.id.in_(some))
        for channel, moment in connection.execute(watched):
            found[channel].watched = moment
    for line in feed_lines(connection, wanted, None):
        found[line.channel].lines.append(line)
    return found


def _first_shown(some: Sequence[str]) -> Any:
    """How many entries each listed feed of the channels showed when it was first read."""
    f = fetches.alias()
    first = (
        select(f.c.shown)
        .where(f.c.feed_id == feeds.c.id, f.c.outcome.in_([one.value for one in Outcome if one.readable]))
        .order_by(f.c.id)
        .limit(1)
        .scalar_subquery()
    )
    return select(feeds.c.channel, first).where(feeds.c.channel.in_(some), feeds.c.thread_of == "")


def read(connection: Connection, known: Around, until: int | None) -> tuple[Told, int]:
    """A channel's life from its entries; and the newest moment that any of them, or of their counts, tells of."""
    found = _entries(connection, known.feed_ids, until)
    counts = _counts(connection, known.feed_ids) if known.counting else []
    newest = max([found.newest, *(time for _, time, _ in counts)])
    carried = _carried(counts, until, found.joined)
    columns, threads = _columns(found)
    posts, linkbacks = found.kinds.count(Kind.POST), found.kinds.count(Kind.LINKBACK)
    replies = len(found.kinds) - posts - linkbacks
    if carried:
        columns, replies = _with_counts(found, columns, threads, carried, replies)
    return Told(columns, posts, replies, linkbacks, bool(carried)), newest


_ONE = [entries.c[name] for name in ("key", "kind", "time", "first_seen", "author", "thread", "email")]
_BESIDE = [entries.c[name] for name in ("feed_id", "place", "title")]
_OF_ONE = select(*_ONE).where(entries.c.feed_id == bindparam("feed")).order_by(entries.c.uid)
_OF_MANY = select(*_ONE, *_BESIDE).order_by(entries.c.feed_id, entries.c.uid)


def _entries(connection: Connection, feed_ids: Sequence[int], until: int | None) -> Entries:
    """All that was contributed up to ``until``, linkbacks included.

    Steps: 1. the feeds' entries are read as they lie; 2. what several feeds show is found; 3. what was dated a little
    ahead when it was seen is dated to ``until``; 4. each contribution is put together from the feeds that show it.
    """
    rows = _rows(connection, feed_ids)
    if not rows:
        return Entries((), (), NONE, NONE.astype(np.bool_), (), (), (), NONE)
    keys, kinds, told, seen, authors, threads, emails, *beside = zip(*rows, strict=True)
    first_seen = np.array(seen, dtype=np.int64)
    times, dated = _times(told, seen)
    joined = _joined(keys, kinds, told, authors, beside)
    if joined:
        keys = tuple(joined.get(key, key) for key in keys)
    newest = int(max(times.max(), first_seen.max()))
    if until is not None:
        ahead = (first_seen <= until) & (until < times) & (times <= until + DAY)
        times = np.where(ahead, until, times)
    order = np.lexsort((first_seen, beside[0])) if beside else np.argsort(first_seen, kind="stable")
    whole = Entries(keys, kinds, times, dated, authors, emails, threads, order, newest, joined)
    if len(set(keys)) < len(keys):
        whole = _each_once(_only(whole, order))
    if until is not None and bool((whole.times > until).any()):
        whole = _only(whole, whole.order[whole.times[whole.order] <= until])
    return whole


def _times(told: Sequence[int | None], seen: Sequence[int]) -> tuple[Ints, Flags]:
    """When each entry is from, and whether it says so itself; else it is from when it was first seen."""
    if None not in told:
        return np.array(told, dtype=np.int64), np.ones(len(told), dtype=np.bool_)
    times = [first if time is None else time for time, first in zip(told, seen, strict=True)]
    return np.array(times, dtype=np.int64), np.array([time is not None for time in told], dtype=np.bool_)


def _rows(connection: Connection, feed_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """The feeds' entries as plain tuples: a million rows of any other kind take seconds more."""
    if len(feed_ids) == 1:
        return _plain(connection.execute(_OF_ONE, {"feed": feed_ids[0]}))
    found: list[tuple[Any, ...]] = []
    for some in chunks(feed_ids):
        found += _plain(connection.execute(_OF_MANY.where(entries.c.feed_id.in_(some))))
    return found


def _plain(result: Any) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = result.cursor.fetchall()
    result.close()
    return rows


def _joined(keys: Any, kinds: Any, told: Any, authors: Any, beside: Any) -> dict[str, str]:
    """Keys that stand for a contribution known under another; only two feeds can show one under two keys."""
    if not beside:
        return {}
    feed_ids, places, titles = beside
    by_feed: dict[int, set[int]] = defaultdict(set)
    for feed_id, time in zip(feed_ids, told, strict=True):
        if time is not None:
            by_feed[feed_id].add(time)
    often: set[int] = set()
    once: set[int] = set()
    for times in by_feed.values():
        often |= times & once
        once |= times
    if not often:
        return {}
    columns = zip(feed_ids, keys, kinds, told, places, titles, authors, strict=True)
    return aliases([Row(*row) for row in columns if row[3] in often])


def _only(found: Entries, chosen: Ints) -> Entries:
    """Those entries, in that order."""
    places = chosen.tolist()

    def pick(values: Sequence[str]) -> list[str]:
        return [values[place] for place in places]

    return Entries(
        pick(found.keys), pick(found.kinds), found.times[chosen], found.dated[chosen], pick(found.authors),
        pick(found.emails), pick(found.threads), np.arange(chosen.size), found.newest, found.joined,
    )  # fmt: skip


def _each_once(found: Entries) -> Entries:
    """What goes by one key is one contribution, with the best of what every feed tells of it; ``found`` is in order."""
    first: dict[str, int] = {}
    merged: dict[int, Event] = {}
    for place, key in enumerate(found.keys):
        begun = first.setdefault(key, place)
        if begun != place:
            merged[begun] = join(merged.get(begun) or _event(found, begun), _event(found, place))
    kinds, authors, emails, threads = map(list, (found.kinds, found.authors, found.emails, found.threads))
    for place, one in merged.items():
        kinds[place], authors[place], emails[place], threads[place] = one.kind, one.author, one.email, one.thread
        found.times[place], found.dated[place] = one.time, one.dated
    whole = replace(found, kinds=kinds, authors=authors, emails=emails, threads=threads)
    return _only(whole, np.fromiter(first.values(), dtype=np.int64, count=len(first)))


def _event(found: Entries, place: int) -> Event:
    return Event(
        Kind(found.kinds[place]), int(found.times[place]), found.authors[place], found.threads[place],
        bool(found.dated[place]), found.emails[place],
    )  # fmt: skip


def _columns(found: Entries) -> tuple[EventColumns, dict[str, int]]:
    """The events as columns ascending by time, linkbacks left out; and the number of each thread's name."""
    if Kind.LINKBACK in found.kinds:
        found = _only(found, np.array([n for n in found.order.tolist() if found.kinds[n] != Kind.LINKBACK], np.int64))
    order = found.order[np.argsort(found.times[found.order], kind="stable")]
    pairs: Sequence[tuple[str, str]] = list(zip(found.authors, found.emails, strict=True))
    signatures = _in_order(pairs, ("", ""))
    threads = _in_order(found.threads, "")
    columns = EventColumns(
        times=found.times[order],
        is_reply=np.array(list(map(_REPLY.__eq__, found.kinds)), dtype=np.bool_)[order],
        dated=found.dated[order],
        signature=_numbers(signatures, pairs)[order],
        thread=_numbers(threads, found.threads)[order],
        counted_times=NONE,
        counted=NONE,
        counted_thread=NONE.astype(np.int32),
        signatures=tuple(one for one in signatures if any(one)),
    )
    return columns, threads


_REPLY = str(Kind.REPLY.value)


def _in_order(names: Sequence[T], unknown: T) -> dict[T, int]:
    """A number for each different name, in order of appearance; -1 for ``unknown``."""
    different = dict.fromkeys(names)
    different.pop(unknown, None)
    return dict(zip(different, range(len(different)), strict=True)) | {unknown: -1}


def _numbers(known: Mapping[Any, int], names: Sequence[Any]) -> NDArray[np.int32]:
    return np.fromiter(map(known.__getitem__, names), dtype=np.int32, count=len(names))


def _counts(connection: Connection, feed_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """(key, time, count) of every reply count carried by a post, ascending by time."""
    c, e = reply_counts.c, entries.c
    query = select(e.key, c.time, c.replies).join(entries, (e.feed_id == c.feed_id) & (e.uid == c.uid))
    rows: list[tuple[Any, ...]] = []
    for some in chunks(feed_ids):
        rows += _plain(connection.execute(query.where(c.feed_id.in_(some))))
    return sorted(rows, key=lambda row: int(row[1]))


def _carried(
    counts: Sequence[tuple[Any, ...]], until: int | None, joined: Mapping[str, str]
) -> dict[str, list[tuple[int, int]]]:
    """The reply counts up to ``until``, (time, count) ascending, by the post's key."""
    found: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for key, time, replies in counts:
        if until is None or time <= until:
            found[joined.get(key, key)].append((time, replies))
    return found


def _with_counts(
    found: Entries,
    columns: EventColumns,
    numbers: Mapping[str, int],
    carried: Mapping[str, list[tuple[int, int]]],
    replies: int,
) -> tuple[EventColumns, int]:
    """The columns with the replies that only counts tell of; and all replies, of each thread the larger number."""
    kinds, names = dict(zip(found.keys, found.kinds, strict=True)), dict(zip(found.keys, found.threads, strict=True))
    threads: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for key, counts in carried.items():
        if kinds.get(key) == Kind.POST:
            # Of a post that does not tell its thread, no reply is known to belong to it.
            threads.setdefault(("" if names[key] else key, names[key]), []).extend(counts)
    seen = Counter(name for kind, name in zip(found.kinds, found.threads, strict=True) if kind == Kind.REPLY and name)
    links = Counter(
        name for kind, name in zip(found.kinds, found.threads, strict=True) if kind == Kind.LINKBACK and name
    )
    busy: dict[tuple[str, str], Thread] = {}
    for thread, counts in threads.items():
        if len(counts) > 1:
            busy[thread] = Thread(carried=counts, linkbacks=links[thread[1]])
        else:  # the first count dates nothing
            replies += max(0, counts[0][1] - links[thread[1]] - seen[thread[1]])
    told: list[tuple[int, str, int]] = []
    _hear(found, busy)
    for (_, name), one in busy.items():
        one.settle()
        replies += most(one) - len(one.seen)
        told += [(time, name, more) for time, more in unseen(one)]
    told.sort()
    counted = replace(
        columns,
        counted_times=np.array([time for time, _, _ in told], dtype=np.int64),
        counted=np.array([more for _, _, more in told], dtype=np.int64),
        counted_thread=np.array([numbers[name] for _, name, _ in told], dtype=np.int32),
    )
    return counted, replies


def _hear(found: Entries, threads: Mapping[tuple[str, str], Thread]) -> None:
    """When the replies in these threads came."""
    if threads:
        for kind, time, name in zip(found.kinds, found.times.tolist(), found.threads, strict=True):
            thread = threads.get(("", name)) if name and kind == Kind.REPLY else None
            if thread is not None:
                thread.seen.append(time)
