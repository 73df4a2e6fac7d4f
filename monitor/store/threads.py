"""The feeds of single posts' replies: which there are, and what is known through them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, exists, func, select

from monitor.model import Channel, FeedState, Kind, ThreadFeed
from monitor.store.schema import entries, feeds, reply_counts
from monitor.store.sql import LONGEST_NAME, chunks, feeds_named

NEWEST = 300
"""Posts of a channel whose own reply feeds are considered each night."""

_Name = tuple[str, str]
"""Channel and address of a feed, or channel and thread."""


def thread_feeds(connection: Connection, channel: Channel) -> list[ThreadFeed]:
    """The reply feeds of all of the channel's entries, newest first, as its listed feeds name them."""
    rows = connection.execute(_named().where(feeds.c.channel == channel.id)).all()
    return _threads(connection, [channel], rows, _seen(connection, [channel.id], None))


def lively_threads(connection: Connection, channels: Sequence[Channel], since: int) -> list[ThreadFeed]:
    """Those of entries written, or whose counts changed, ``since`` then: for each channel the NEWEST, newest first.

    What it costs goes by what happened since then, however much there is from before.
    """
    asked, grown = _asked(connection, since), _grown(connection, since)
    found: list[ThreadFeed] = []
    for some in chunks(channels):  # a few hundred at a time, so that the posts of all are never in memory
        rows = _newest(_lively(connection, some, since, grown))
        seen = _seen_lately(connection, rows, since)
        worth = [row for row in rows if _may_have_more(row, seen) or (row.channel, row.replies_feed) in asked]
        found += _threads(connection, some, worth, seen) if worth else []
    return sorted(found, key=lambda thread: (-thread.posted, thread.state.url))


def _lively(
    connection: Connection, channels: Sequence[Channel], since: int, grown: Mapping[int, list[str]]
) -> Iterable[Row[Any]]:
    """The entries written since then, but for those that nobody answered; and those whose counts have ``grown``."""
    e = entries.c
    answered = _named().where(e.reply_count.is_(None) | (e.reply_count > 0))
    undated = e.time.is_(None) & (e.first_seen >= since)
    found: dict[tuple[int, str], Row[Any]] = {}
    for some in chunks(_listed_ids(connection, channels)):
        mine = answered.where(feeds.c.id.in_(some))
        queries = [mine.where(e.time >= since), mine.where(undated)]
        queries += [
            answered.where(feeds.c.id == feed, e.uid.in_(uids)) for feed in some for uids in chunks(grown.get(feed, ()))
        ]
        for query in queries:
            found.update(((row.feed_id, row.uid), row) for row in connection.execute(query))
    return found.values()


def _grown(connection: Connection, since: int) -> dict[int, list[str]]:
    """By feed the uids of the entries whose count was told anew since then, not for the first time."""
    c, other = reply_counts.c, reply_counts.alias().c
    earlier = exists().where(other.feed_id == c.feed_id, other.uid == c.uid, other.time < c.time)
    found: dict[int, list[str]] = {}
    for row in connection.execute(select(c.feed_id, c.uid).where(c.time >= since, earlier).distinct()):
        found.setdefault(row.feed_id, []).append(row.uid)
    return found


def _asked(connection: Connection, since: int) -> set[_Name]:
    """The reply feeds that were asked since then."""
    query = select(feeds.c.channel, feeds.c.url).where(feeds.c.asked >= since, feeds.c.thread_of != "")
    return {(row.channel, row.url) for row in connection.execute(query)}


def _may_have_more(row: Row[Any], seen: Mapping[_Name, int]) -> bool:
    return row.reply_count is None or bool(row.reply_count > seen.get((row.channel, row.thread), 0))


def _named() -> Any:
    """A query for entries that name a feed of their replies, as the listed feeds show them."""
    e = entries.c
    columns = (
        e.feed_id, e.uid, e.kind, e.thread, e.replies_feed, e.reply_count, feeds.c.channel, feeds.c.url,
        func.coalesce(e.time, e.first_seen).label("posted"),
    )  # fmt: skip
    query = select(*columns).join(feeds, feeds.c.id == e.feed_id)
    return query.where(feeds.c.thread_of == "", e.replies_feed != "")


def _listed_ids(connection: Connection, channels: Sequence[Channel]) -> list[int]:
    listed = {(channel.id, url) for channel in channels for url in channel.feeds}
    found: list[int] = []
    for some in chunks(sorted({channel for channel, _ in listed})):
        query = select(feeds.c.id, feeds.c.channel, feeds.c.url).where(feeds.c.channel.in_(some))
        rows = connection.execute(query.where(feeds.c.thread_of == ""))
        found += [row.id for row in rows if (row.channel, row.url) in listed]
    return found


def _in_order(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    return sorted(rows, key=lambda row: (-row.posted, row.feed_id, row.uid))


def _newest(rows: Iterable[Row[Any]]) -> list[Row[Any]]:
    """The newest of each channel."""
    number: Counter[str] = Counter()
    kept = []
    for row in _in_order(rows):
        number[row.channel] += 1
        if number[row.channel] <= NEWEST:
            kept.append(row)
    return kept


def _threads(
    connection: Connection, channels: Sequence[Channel], rows: Iterable[Row[Any]], seen: Mapping[_Name, int]
) -> list[ThreadFeed]:
    """A thread for each reply feed that these entries name, newest first."""
    configured = {channel.id: channel for channel in channels}
    # Of a thread's entries the post stands for it; of replies alone any does.
    ordered = sorted(_in_order(rows), key=lambda row: row.kind == Kind.POST.value)
    posts = {
        (row.channel, row.replies_feed): row
        for row in ordered
        if row.url in configured[row.channel].feeds and _is_to_follow(configured[row.channel], row.replies_feed)
    }
    stored, counted = _stored(connection, list(posts)), _counted(connection, list(posts.values()))
    hearing = _hearing(connection, configured)
    found = [
        _thread(post, stored.get(name), seen.get((post.channel, post.thread), 0),
                counted.get((post.feed_id, post.uid)), post.channel in hearing)
        for name, post in posts.items()
    ]  # fmt: skip
    return sorted(found, key=lambda thread: (-thread.posted, thread.state.url))


def _is_to_follow(channel: Channel, address: str) -> bool:
    """True unless the feed is read every night as a listed one, or its address is longer than an index takes."""
    return address not in channel.feeds and len(address.encode()) <= LONGEST_NAME


def _hearing(connection: Connection, channels: Mapping[str, Channel]) -> set[str]:
    """The channels of which a listed feed shows the replies to all posts."""
    query = select(feeds.c.channel, feeds.c.url).where(feeds.c.carries_replies, feeds.c.thread_of == "")
    return {row.channel for row in connection.execute(query) if _is_listed(channels.get(row.channel), row.url)}


def _is_listed(channel: Channel | None, url: str) -> bool:
    return channel is not None and url in channel.feeds


def _stored(connection: Connection, names: Sequence[_Name]) -> dict[_Name, Row[Any]]:
    """The reply feeds that were asked before."""
    found: dict[_Name, Row[Any]] = {}
    for some in chunks(names):
        query = feeds_named(connection, some).where(feeds.c.thread_of != "")
        found.update(((row.channel, row.url), row) for row in connection.execute(query))
    return found


def _seen_lately(connection: Connection, rows: Iterable[Row[Any]], since: int) -> dict[_Name, int]:
    """Replies seen in the threads of these entries: no answer is older than its post."""
    channels: dict[str, bool] = {}
    for row in rows:
        channels[row.channel] = channels.get(row.channel, False) or row.posted < since
    young = _seen(connection, [channel for channel, old in channels.items() if not old], since)
    return young | _seen(connection, [channel for channel, old in channels.items() if old], None)


def _seen(connection: Connection, channels: Sequence[str], since: int | None) -> dict[_Name, int]:
    """Replies seen in each thread, pingbacks included: platforms count those too."""
    e = entries.c
    found: dict[_Name, set[str]] = {}
    for some in chunks(channels):
        query = (
            select(feeds.c.channel, e.thread, e.key)
            .join(feeds, feeds.c.id == e.feed_id)
            .where(feeds.c.channel.in_(some), e.kind != Kind.POST.value)
        )
        parts = [query] if since is None else [query.where(e.time >= since), query.where(e.time.is_(None))]
        for part in parts:
            for channel, thread, key in connection.execute(part):
                found.setdefault((channel, thread), set()).add(key)
    return {name: len(keys) for name, keys in found.items()}


def _counted(connection: Connection, posts: Sequence[Row[Any]]) -> dict[tuple[int, str], tuple[int, bool]]:
    """When each post's count last changed, and whether it ever rose."""
    c = reply_counts.c
    by_feed: dict[int, list[str]] = {}
    for post in posts:
        by_feed.setdefault(post.feed_id, []).append(post.uid)
    found: dict[tuple[int, str], tuple[int, bool]] = {}
    for feed_id, uids in by_feed.items():
        for some in chunks(uids):
            query = (
                select(c.uid, func.max(c.time), func.max(c.replies) > func.min(c.replies))
                .where(c.feed_id == feed_id, c.uid.in_(some))
                .group_by(c.uid)
            )
            found.update(((feed_id, uid), (at, bool(grown))) for uid, at, grown in connection.execute(query))
    return found


def _in_vain(row: Row[Any]) -> bool:
    """True where the feed could not be read when it was last asked: what it was asked for is still to be heard."""
    return row.asked is not None and (row.last_read is None or row.last_read < row.asked)


def _thread(
    post: Row[Any], row: Row[Any] | None, seen: int, counted: tuple[int, bool] | None, beside: bool
) -> ThreadFeed:
    channel = post.channel
    state = FeedState(channel, post.replies_feed, post.replies_feed, thread_of=post.url)
    if row is not None:
        state = FeedState(
            channel, row.url, row.address, row.etag, row.last_modified, row.digest, row.retry_at, bool(row.gone),
            thread_of=post.url, body_read=row.body_read, asked=row.asked,
        )  # fmt: skip
    at, grown = counted or (None, False)
    return ThreadFeed(
        state=state,
        posted=post.posted,
        counted=post.reply_count,
        counted_at=at,
        grown=grown,
        seen=seen,
        asked_at=None if row is None else row.asked,
        failed=row is not None and _in_vain(row),
        beside=beside,
        orphan=post.kind != Kind.POST.value,
    )
