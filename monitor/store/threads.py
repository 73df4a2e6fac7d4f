"""The feeds of single posts' replies: which there are, and what is known through them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model import Channel, FeedState, Kind, ThreadFeed
from monitor.store.schema import entries, feeds, reply_counts
from monitor.store.sql import LONGEST_NAME, chunks


def thread_feeds(connection: Connection, channel: Channel, newest: int | None) -> list[ThreadFeed]:
    """The reply feeds of the channel's ``newest`` entries (all: None), newest first, as its listed feeds name them."""
    e = entries.c
    listed = (feeds.c.channel == channel.id) & (feeds.c.thread_of == "") & feeds.c.url.in_(channel.feeds)
    when = func.coalesce(e.time, e.first_seen)
    query = (
        select(entries, feeds.c.url, when.label("posted"))
        .join(feeds, feeds.c.id == e.feed_id)
        .where(listed, e.replies_feed != "")
        .order_by(when.desc(), e.feed_id, e.uid)
        .limit(newest)
    )
    rows = connection.execute(query).all()
    # Of a thread's entries the post stands for it; of replies alone any does.
    ordered = sorted(rows, key=lambda row: row.kind == Kind.POST.value)
    posts = {row.replies_feed: row for row in ordered if _is_to_follow(channel, row.replies_feed)}
    beside = connection.execute(select(func.count()).select_from(feeds).where(listed, feeds.c.carries_replies)).scalar()
    stored, seen, counted = _stored(connection, channel.id), _seen(connection, channel.id), _counted(connection, posts)
    found = [
        _thread(channel.id, post, stored.get(address), seen.get(post.thread, 0), counted.get((post.feed_id, post.uid)),
                bool(beside))
        for address, post in posts.items()
    ]  # fmt: skip
    return sorted(found, key=lambda thread: (-thread.posted, thread.state.url))


def _is_to_follow(channel: Channel, address: str) -> bool:
    """True unless the feed is read every night as a listed one, or its address is longer than an index takes."""
    return address not in channel.feeds and len(address.encode()) <= LONGEST_NAME


def _stored(connection: Connection, channel: str) -> dict[str, Row[Any]]:
    query = select(feeds).where(feeds.c.channel == channel, feeds.c.thread_of != "")
    return {row.url: row for row in connection.execute(query)}


def _seen(connection: Connection, channel: str) -> dict[str, int]:
    """Replies seen in each thread, pingbacks included: platforms count those too."""
    e = entries.c
    query = (
        select(e.thread, func.count(func.distinct(e.key)))
        .join(feeds, feeds.c.id == e.feed_id)
        .where(feeds.c.channel == channel, e.kind != Kind.POST.value)
        .group_by(e.thread)
    )
    return {thread: number for thread, number in connection.execute(query)}


def _counted(connection: Connection, posts: dict[str, Row[Any]]) -> dict[tuple[int, str], tuple[int, bool]]:
    """When each post's count last changed, and whether it ever rose."""
    c = reply_counts.c
    found: dict[tuple[int, str], tuple[int, bool]] = {}
    for some in chunks(sorted({post.uid for post in posts.values()})):
        query = (
            select(c.feed_id, c.uid, func.max(c.time), func.max(c.replies) > func.min(c.replies))
            .where(c.uid.in_(some))
            .group_by(c.feed_id, c.uid)
        )
        found.update(((feed_id, uid), (at, bool(grown))) for feed_id, uid, at, grown in connection.execute(query))
    return found


def _in_vain(row: Row[Any]) -> bool:
    """True where the feed could not be read when it was last asked: what it was asked for is still to be heard."""
    return row.asked is not None and (row.last_read is None or row.last_read < row.asked)


def _thread(
    channel: str, post: Row[Any], row: Row[Any] | None, seen: int, counted: tuple[int, bool] | None, beside: bool
) -> ThreadFeed:
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
