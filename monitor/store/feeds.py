"""What is remembered of the feeds in the config."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model import Channel, FeedLine, FeedState, Outcome
from monitor.store.schema import entries, feeds
from monitor.store.sql import chunks


def feed_states(connection: Connection, channels: Sequence[Channel]) -> list[FeedState]:
    """One state for every (channel, url) in the config, in its order; a blank one where the feed is new."""
    stored = _stored(connection, channels)
    return [_state(channel, url, stored.get((channel, url))) for channel, url in _configured(channels)]


def feed_lines(connection: Connection, channels: Sequence[Channel], since: int | None) -> list[FeedLine]:
    """One line for every (channel, url) in the config. ``new_entries`` are the last fetch's.

    A last fetch that began before ``since`` brought nothing new tonight, and shows 0.
    """
    stored = _stored(connection, channels)
    known = _known(connection, [row.id for row in stored.values()])
    return [_line(channel, url, stored.get((channel, url)), known, since) for channel, url in _configured(channels)]


def last_fetch(connection: Connection) -> int | None:
    """When any feed was last asked."""
    return connection.execute(select(func.max(feeds.c.last_fetch))).scalar()


def addresses(connection: Connection) -> list[str]:
    """The configured address of every feed ever stored."""
    return list(connection.execute(select(feeds.c.url).order_by(feeds.c.id)).scalars())


def _configured(channels: Sequence[Channel]) -> Iterator[tuple[str, str]]:
    pairs = [(channel.id, url) for channel in channels for url in channel.feeds]
    return iter(dict.fromkeys(pairs))


def _stored(connection: Connection, channels: Sequence[Channel]) -> dict[tuple[str, str], Row[Any]]:
    """The stored feeds of the config by (channel, url)."""
    wanted = set(_configured(channels))
    found: dict[tuple[str, str], Row[Any]] = {}
    for ids in chunks([channel.id for channel in channels]):
        for row in connection.execute(select(feeds).where(feeds.c.channel.in_(ids))):
            if (row.channel, row.url) in wanted:
                found[row.channel, row.url] = row
    return found


def _known(connection: Connection, ids: list[int]) -> dict[int, int]:
    """How many entries each feed has ever shown."""
    found: dict[int, int] = {}
    for some in chunks(ids):
        query = select(entries.c.feed_id, func.count()).where(entries.c.feed_id.in_(some)).group_by(entries.c.feed_id)
        found.update((feed_id, count) for feed_id, count in connection.execute(query))
    return found


def _state(channel: str, url: str, row: Row[Any] | None) -> FeedState:
    if row is None:
        return FeedState(channel, url, address=url)
    return FeedState(
        channel, url, row.address, row.etag, row.last_modified, row.digest, row.retry_at, gone=bool(row.gone)
    )


def _line(channel: str, url: str, row: Row[Any] | None, known: dict[int, int], since: int | None) -> FeedLine:
    if row is None:
        return FeedLine(channel, url, None)
    tonight = since is None or (row.last_fetch is not None and row.last_fetch >= since)
    return FeedLine(
        channel,
        url,
        Outcome(row.outcome) if row.outcome else None,
        row.reason,
        entries=known.get(row.id, 0),
        new_entries=row.new_entries if tonight else 0,
        platform=row.platform,
        last_read=row.last_read,
        at_least=bool(row.missed),
    )
