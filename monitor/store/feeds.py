"""What is remembered of the feeds in the config."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model import Channel, FeedLine, FeedState, Gap, Outcome, Walk
from monitor.store.schema import discoveries, entries, feeds, fetches, gaps, tallies, walks
from monitor.store.sql import chunks, clean, insert_or

BACK_HOME = 3
"""From so many failures on, a feed that had moved is asked for in turn where the config has it and where it moved."""


def feed_states(connection: Connection, channels: Sequence[Channel]) -> list[FeedState]:
    """One state for every (channel, url) in the config, in its order; a blank one where the feed is new."""
    stored = _stored(connection, channels)
    return [_state(channel, url, stored.get((channel, url))) for channel, url in _configured(channels)]


def feed_lines(connection: Connection, channels: Sequence[Channel], since: int | None) -> list[FeedLine]:
    """One line for every (channel, url) in the config. ``new_entries`` are the last fetch's.

    A last fetch that began before ``since`` brought nothing new tonight, and shows 0.
    """
    stored = _stored(connection, channels)
    ids = [row.id for row in stored.values()]
    known, coverage = _known(connection, ids), _coverage(connection, ids)
    return [
        _line(channel, url, stored.get((channel, url)), known, coverage, since)
        for channel, url in _configured(channels)
    ]


def missed_at(connection: Connection, now: int) -> set[str]:
    """The channels in which entries were found at ``now`` to have slipped by."""
    query = select(feeds.c.channel).join(gaps, gaps.c.feed_id == feeds.c.id).where(gaps.c.noticed == now)
    return set(connection.execute(query.where(feeds.c.thread_of == "", gaps.c.closed.is_(None))).scalars())


def walk(connection: Connection, channel: str, url: str) -> Walk:
    """How far the feed has been walked back; a blank walk where it never was."""
    mine = (feeds.c.channel == channel) & (feeds.c.url == url)
    row = connection.execute(select(walks).join(feeds, feeds.c.id == walks.c.feed_id).where(mine)).one_or_none()
    if row is None:
        return Walk(channel, url)
    return Walk(channel, url, row.next, row.pages, row.reached, bool(row.finished))


def discovered(connection: Connection) -> dict[tuple[str, str], tuple[str, ...]]:
    """The feeds found at each (channel, site)."""
    return {(row.channel, row.site): tuple(row.feeds.split("\n")) for row in connection.execute(select(discoveries))}


def save_discovered(connection: Connection, channel: str, site: str, found: tuple[str, ...], now: int) -> None:
    """Remember the feeds found at a site, in place of those found before."""
    values = {"channel": channel, "site": site, "feeds": "\n".join(map(clean, found)), "time": now}
    connection.execute(insert_or(connection, discoveries, update=["feeds", "time"]), values)


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
        query = select(tallies.c.feed_id, tallies.c.entries).where(tallies.c.feed_id.in_(some))
        found.update((feed_id, count) for feed_id, count in connection.execute(query))
    return found


@dataclass(slots=True)
class _Coverage:
    """What a feed's window has let us see."""

    shown: int = 0
    oldest: int | None = None
    walked: bool = False
    gaps: list[Gap] = field(default_factory=list)


def _coverage(connection: Connection, ids: list[int]) -> dict[int, _Coverage]:
    found: dict[int, _Coverage] = defaultdict(_Coverage)
    for some in chunks(ids):
        g, w = gaps.c, walks.c
        for feed_id, shown, oldest in connection.execute(_window(some)):
            found[feed_id] = _Coverage(shown or 0, oldest)
        for row in connection.execute(select(gaps).where(g.feed_id.in_(some), g.closed.is_(None)).order_by(g.noticed)):
            found[row.feed_id].gaps.append(Gap(row.begins, row.ends, row.noticed))
        for feed_id in connection.execute(select(w.feed_id).where(w.feed_id.in_(some), w.finished)).scalars():
            found[feed_id].walked = True
    return found


def _window(some: Sequence[int]) -> Any:
    """What each feed's window held when it last held anything, and its oldest entry: looked up, not searched for."""
    e, f = entries.c, fetches.c
    last = select(f.shown).where(f.feed_id == feeds.c.id, f.shown > 0).order_by(f.id.desc()).limit(1).scalar_subquery()
    oldest = (
        select(e.time).where(e.feed_id == feeds.c.id, e.time.is_not(None)).order_by(e.time).limit(1).scalar_subquery()
    )
    return select(feeds.c.id, last, oldest).where(feeds.c.id.in_(some))


def _state(channel: str, url: str, row: Row[Any] | None) -> FeedState:
    if row is None:
        return FeedState(channel, url, address=url)
    state = FeedState(
        channel, url, row.address, row.etag, row.last_modified, row.digest, row.retry_at, gone=bool(row.gone),
        body_read=row.body_read, stale_validators=bool(row.stale_validators), next_poll=row.next_poll,
        failures=row.failures, asked=row.asked, reason=row.reason, carries_replies=bool(row.carries_replies),
        rhythm=row.rhythm,
    )  # fmt: skip
    # Which of the two lives is not known: a site that moved may have left its old address for good.
    if state.failures < BACK_HOME or state.failures % 2 == 0 or state.address == url:
        return state
    # Validators belong to the address that gave them.
    return replace(state, address=url, etag=None, last_modified=None)


def _line(
    channel: str,
    url: str,
    row: Row[Any] | None,
    known: dict[int, int],
    coverage: dict[int, _Coverage],
    since: int | None,
) -> FeedLine:
    if row is None:
        return FeedLine(channel, url, None)
    covered = coverage.get(row.id, _Coverage())
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
        address=row.address if row.address != url else "",
        carries_replies=bool(row.carries_replies),
        shown=covered.shown,
        oldest=covered.oldest,
        next_poll=row.next_poll,
        gaps=tuple(covered.gaps),
        walked=covered.walked,
    )
