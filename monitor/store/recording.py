"""Writes readings of feeds, in the caller's transaction: a hundred of them cost little more than one.

What is known of their feeds is asked for together, and what changes is written together; only entries are compared feed
by feed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal, select, update

from monitor.model import Entry, Outcome, Reading, Walk
from monitor.store import clocks
from monitor.store.coverage import a_gap, busiest_paces, close_gaps, next_poll, slipped
from monitor.store.identity import under_known_uids
from monitor.store.schema import channels, entries, feeds, fetches, gaps, reply_counts, walks
from monitor.store.sql import chunks, clean, clean_or_none, feeds_named, insert_or, sane, short

MOVING = 40 * 3_600
"""A permanent redirect must have stood for this many seconds: on the third night in a row, whatever the hour."""

EARLIEST = 631_152_000
"""1 January 1990: a moment before it was noted by a clock that was wrong."""

_FIELDS = ("key", "kind", "time", "title", "link", "author", "thread", "reply_count", "email", "replies_feed", "place")

_Name = tuple[str, str]
"""Channel and configured address: what makes a feed one."""


@dataclass(frozen=True, slots=True)
class _Feed:
    """A feed as it was before its reading."""

    row: Row[Any]
    fresh: bool
    """True where the store has never heard of it."""
    suspect: bool
    """True where a look at it may have been at a wrong moment."""
    pace: int | None
    """Its busiest pace of the last days, in seconds."""


@dataclass(slots=True)
class _Changes:
    """All that is to be written, table by table."""

    gaps: list[dict[str, Any]] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    edited: list[dict[str, Any]] = field(default_factory=list)
    counts: list[dict[str, Any]] = field(default_factory=list)
    feeds: list[dict[str, Any]] = field(default_factory=list)
    fetches: list[dict[str, Any]] = field(default_factory=list)

    def write(self, connection: Connection) -> None:
        """Each table at once. Feeds come in the order of their ids, as they were locked."""
        self.feeds.sort(key=lambda one: int(one["at_id"]))
        for statement, rows in (
            (insert(gaps), self.gaps),
            (insert(entries), self.entries),
            (_to_edit(), self.edited),
            (insert_or(connection, reply_counts, update=["replies"]), self.counts),
            (_to_remember(), self.feeds),
            (insert(fetches), self.fetches),
        ):
            if rows and statement.is_insert and connection.dialect.name == "postgresql":
                # What returns something goes many rows at a time: else the tallies' triggers would run for each.
                connection.execute(statement.returning(literal(1)), rows)
            elif rows:
                connection.execute(statement, rows)


def record_all(connection: Connection, readings: Sequence[Reading]) -> list[int]:
    """Store readings of different feeds; for each the number of entries that were not known for its feed before."""
    if not readings:
        return []
    known = _feeds(connection, readings)
    changes = _Changes()
    numbers = [_take(connection, known[reading.channel, reading.url], reading, changes) for reading in readings]
    changes.write(connection)
    _watch(connection, readings)
    return numbers


def _take(connection: Connection, feed: _Feed, reading: Reading, changes: _Changes) -> int:
    """Compare the reading with what is known, and note what changes; the number of new entries."""
    before = feed.row
    shown = _shown(reading)
    known: dict[str, Row[Any]] = {}
    if shown and not feed.fresh:
        shown, known = _recognised(connection, before.id, shown)
    new = [uid for uid in shown if uid not in known]
    missed = bool(new) and not known and not feed.fresh and slipped(connection, before, reading, shown)
    if missed:
        changes.gaps.append(a_gap(connection, before, reading, shown))
    # The first look into a post's replies shows its past: without dates of their own they are no news.
    past = _no_news(connection, before.id, reading, shown) if reading.thread_of and before.last_read is None else None
    stands, pace = dict(before._mapping), feed.pace
    # What was written while the clock was wrong is put right first.
    if feed.suspect and clocks.put_right(connection, before.id, reading.time):
        known = _known(connection, before.id, list(shown))
        stands = dict(connection.execute(select(feeds).where(feeds.c.id == before.id)).one()._mapping)
        pace = busiest_paces(connection, [before.id], reading.time).get(before.id)
    _compare(before.id, reading.time, shown, known, changes, past)
    remembered = _remember(before, reading, len(new), missed) | {"next_poll": next_poll(before, reading, missed, pace)}
    values = {f"new_{name}": remembered.get(name, stands[name]) for name in _REMEMBERED}
    changes.feeds.append(values | {"at_id": before.id})
    changes.fetches.append(_fetch(before.id, reading, len(new), missed))
    return len(new)


_REMEMBERED = [column.name for column in feeds.columns if column.name not in ("id", "channel", "url")]


@cache
def _to_remember() -> Any:
    return (
        update(feeds)
        .where(feeds.c.id == bindparam("at_id"))
        .values({name: bindparam(f"new_{name}") for name in _REMEMBERED})
    )


def record_older(connection: Connection, reading: Reading, walk: Walk) -> int:
    """Store a page back in the feed's history, and how far the walk has come; the number of entries new to the feed.

    Nothing in it is news: what has no date is dated to the oldest entry on the page, or known before it, and the
    feed's validators, window and log of fetches stay as they are.
    """
    feed = _feeds(connection, [reading])[reading.channel, reading.url].row
    clocks.put_right(connection, feed.id, reading.time)
    shown, known = _recognised(connection, feed.id, _shown(reading))
    seen_at = _no_news(connection, feed.id, reading, shown)
    changes = _Changes()
    _compare(feed.id, reading.time, shown, known, changes, seen_at)
    changes.write(connection)
    values = {
        "next": clean(walk.next), "pages": walk.pages, "reached": sane(walk.reached), "finished": walk.finished,
        "updated": reading.time,
    }  # fmt: skip
    connection.execute(insert_or(connection, walks, update=list(values)), values | {"feed_id": feed.id})
    close_gaps(connection, feed.id, walk, reading)
    return len(shown.keys() - known.keys())


def _no_news(connection: Connection, feed_id: int, reading: Reading, shown: dict[str, dict[str, Any]]) -> int:
    dates = [row["time"] for row in shown.values() if row["time"] is not None]
    oldest = connection.execute(select(func.min(entries.c.time)).where(entries.c.feed_id == feed_id)).scalar()
    return int(min([*dates, *([] if oldest is None else [oldest]), reading.time]))


def _feeds(connection: Connection, readings: Iterable[Reading]) -> dict[_Name, _Feed]:
    """What is known of the readings' feeds; feeds and channels never heard of are made.

    Locked in one order, so that on PostgreSQL two processes write one feed one after the other; SQLite locks the whole
    store.
    """
    by_name = {(reading.channel, reading.url): reading for reading in readings}
    known = _rows(connection, sorted(by_name))
    missing = sorted(by_name.keys() - known.keys())
    if missing:
        connection.execute(
            insert_or(connection, channels), [{"id": one} for one in sorted({channel for channel, _ in missing})]
        )
        connection.execute(insert_or(connection, feeds), [_blank(by_name[name]) for name in missing])
    made = _made(connection, missing)
    suspects = clocks.suspects(connection, list(known.values()), next(iter(by_name.values())).time)
    paces = busiest_paces(connection, [row.id for row in known.values()], next(iter(by_name.values())).time)
    return {name: _Feed(row, False, row.id in suspects, paces.get(row.id)) for name, row in known.items()} | {
        name: _Feed(row, row.last_fetch is None, False, None) for name, row in made.items()
    }


def _rows(connection: Connection, names: Sequence[_Name]) -> dict[_Name, Row[Any]]:
    found: dict[_Name, Row[Any]] = {}
    for some in chunks(names):
        query = feeds_named(connection, some).order_by(feeds.c.id).with_for_update()
        found.update(((row.channel, row.url), row) for row in connection.execute(query))
    return found


def _made(connection: Connection, names: Sequence[_Name]) -> dict[_Name, Row[Any]]:
    """The feeds that were just made. A name that the look-up of many does not understand is asked for as it is."""
    found = _rows(connection, names)
    for channel, url in names:
        if (channel, url) not in found:
            mine = (feeds.c.channel == channel) & (feeds.c.url == url)
            found[channel, url] = connection.execute(select(feeds).where(mine)).one()
    return found


def _blank(reading: Reading) -> dict[str, Any]:
    return {
        "channel": reading.channel,
        "url": reading.url,
        "address": reading.url,
        "gone": False,
        "missed": False,
        "platform": "",
        "title": "",
        "reason": "",
        "new_entries": 0,
        "thread_of": reading.thread_of,
    }


def _shown(reading: Reading) -> dict[str, dict[str, Any]]:
    """The entries by uid. Where a feed shows one twice the first, its newest, counts."""
    if not reading.outcome.readable:
        return {}
    return {row["uid"]: row for row in map(_row, reversed(reading.entries))}


def _row(entry: Entry) -> dict[str, Any]:
    return {
        "uid": short(entry.uid),
        "key": short(entry.key),
        "kind": entry.kind.value,
        "time": sane(entry.time),
        "title": clean(entry.title),
        "link": clean(entry.link),
        "author": clean(entry.author),
        "thread": short(entry.thread),
        "reply_count": sane(entry.reply_count),
        "email": clean(entry.email),
        "replies_feed": clean(entry.replies_feed),
        "place": short(entry.place),
    }


def _recognised(
    connection: Connection, feed_id: int, shown: dict[str, dict[str, Any]]
) -> tuple[dict[str, dict[str, Any]], dict[str, Row[Any]]]:
    """The entries shown under the uids that we know them by, and what is stored of those that are known."""
    known = _known(connection, feed_id, list(shown))
    named = under_known_uids(connection, feed_id, shown, known)
    if named is shown:
        return shown, known
    more = _known(connection, feed_id, [uid for uid in named if uid not in shown])
    return named, {uid: row for uid, row in (known | more).items() if uid in named}


def _known(connection: Connection, feed_id: int, uids: list[str]) -> dict[str, Row[Any]]:
    known: dict[str, Row[Any]] = {}
    for some in chunks(uids):
        query = select(entries).where(entries.c.feed_id == feed_id, entries.c.uid.in_(some))
        known.update((row.uid, row) for row in connection.execute(query))
    return known


def _compare(
    feed_id: int,
    now: int,
    shown: Mapping[str, dict[str, Any]],
    known: Mapping[str, Row[Any]],
    changes: _Changes,
    first_seen: int | None = None,
) -> None:
    """Note what is new, as first seen now unless told otherwise; what has changed; and the counts."""
    for uid, row in shown.items():
        old = known.get(uid)
        if old is None:
            changes.entries.append(row | {"feed_id": feed_id, "first_seen": now if first_seen is None else first_seen})
        else:
            merged = _merge(old, row)
            if any(merged[name] != getattr(old, name) for name in _FIELDS):
                edit = {f"new_{name}": merged[name] for name in _FIELDS}
                changes.edited.append(edit | {"at_uid": uid, "at_feed": feed_id})
        if row["reply_count"] is not None and (old is None or old.reply_count != row["reply_count"]):
            changes.counts.append({"feed_id": feed_id, "uid": uid, "time": now, "replies": row["reply_count"]})


@cache
def _to_edit() -> Any:
    return (
        update(entries)
        .where(entries.c.feed_id == bindparam("at_feed"), entries.c.uid == bindparam("at_uid"))
        .values({name: bindparam(f"new_{name}") for name in _FIELDS})
    )


def _merge(old: Row[Any], row: dict[str, Any]) -> dict[str, Any]:
    """The entry as it is now shown; a date or a count that the feed no longer tells is not unlearnt.

    Nothing can be younger than the look that first showed it. A date that is, is one of a change, of a rebuilt site or
    of the asking itself ("now"), and the one known before stands; clocks may differ by a minute.
    """
    kept = {name: getattr(old, name) for name in ("time", "reply_count") if row[name] is None}
    kept |= {name: getattr(old, name) for name in ("email", "replies_feed") if not row[name]}
    if None not in (row["time"], old.time) and row["time"] > max(old.time, old.first_seen + 60):
        kept |= {"time": old.time}
    return row | kept


def _remember(feed: Row[Any], reading: Reading, new: int, missed: bool) -> dict[str, Any]:
    """The feed's row after this reading. A feed that could not be read keeps its address and its validators."""
    values: dict[str, Any] = {
        "outcome": reading.outcome.value,
        "reason": clean(reading.reason),
        "retry_at": sane(reading.retry_at),
        "last_fetch": reading.time,
        "new_entries": new,
        "missed": bool(feed.missed or missed or reading.left_out),
        "thread_of": reading.thread_of,
        "gone": reading.outcome is Outcome.GONE or (bool(feed.gone) and not reading.outcome.readable),
    }
    if reading.asked:
        failed = reading.outcome is Outcome.FAILED
        values |= {"asked": reading.time, "failures": feed.failures + 1 if failed else 0}
    if not reading.outcome.readable:
        return values
    values |= _where(feed, reading) | {
        "platform": clean(reading.platform) or feed.platform,
        "title": clean(reading.title) or feed.title,
        "last_read": reading.time,
    }
    liar = _is_liar(feed, reading, new)
    if reading.outcome is not Outcome.NOT_MODIFIED:
        values |= {"carries_replies": bool(feed.carries_replies or reading.carries_replies)}
        values |= {"stale_validators": bool(reading.stale_validators or liar), "rhythm": sane(reading.rhythm)}
    if reading.http_status != 304:
        values["body_read"] = reading.time
    # Without a new body the server need not repeat its validators: keep those it gave with the last one.
    same_body = reading.outcome is Outcome.NOT_MODIFIED or reading.digest is None
    for name in ("etag", "last_modified", "digest"):
        told = clean_or_none(getattr(reading, name))
        values[name] = getattr(feed, name) if told is None and same_body else told
    if liar:  # nothing to send, so it is asked for its whole body from now on
        values |= {"etag": None, "last_modified": None}
    return values


def _is_liar(feed: Row[Any], reading: Reading, new: int) -> bool:
    """True where the server's validators are worth nothing: new entries came under those that we knew already."""
    if feed.stale_validators and feed.body_read is not None and feed.etag is None and feed.last_modified is None:
        return True  # found out earlier
    told = (reading.etag, feed.etag) if reading.etag else (reading.last_modified, feed.last_modified)
    return bool(new) and told[0] is not None and told[0] == told[1] and reading.digest != feed.digest


def _where(feed: Row[Any], reading: Reading) -> dict[str, Any]:
    """The feed's address: a permanent redirect is believed when it has led to one place on several nights."""
    values: dict[str, Any] = {"address": clean(reading.address) or feed.address, "moving_to": None}
    target = clean_or_none(reading.moving_to)
    if target is None:
        return values | {"moving_since": None}
    known = feed.moving_since if feed.moving_to == target and (feed.moving_since or 0) >= EARLIEST else None
    since = min(reading.time if known is None else known, reading.time)
    if reading.time - since < MOVING:
        return values | {"moving_to": target, "moving_since": since}
    return {"address": target, "moving_to": None, "moving_since": None}


def _fetch(feed_id: int, reading: Reading, new: int, missed: bool) -> dict[str, Any]:
    return {
        "feed_id": feed_id,
        "time": reading.time,
        "outcome": reading.outcome.value,
        "reason": clean(reading.reason),
        "http_status": reading.http_status,
        "size": reading.size,
        "seconds": reading.seconds,
        "shown": len(reading.entries),
        "new_entries": new,
        "missed": missed,
        "pace": reading.pace,
    }


def _watch(connection: Connection, readings: Iterable[Reading]) -> None:
    """The channels have been watched since their first reading at the latest."""
    first: dict[str, int] = {}
    for reading in readings:
        if reading.outcome.readable:
            first[reading.channel] = min(first.get(reading.channel, reading.time), reading.time)
    late: list[dict[str, Any]] = []
    for some in chunks(sorted(first)):
        query = select(channels.c.id, channels.c.first_watched).where(channels.c.id.in_(some))
        late += [
            {"at_id": channel, "since": first[channel]}
            for channel, since in connection.execute(query)
            if since is None or since > first[channel]
        ]
    if late:
        connection.execute(_to_watch(), sorted(late, key=lambda one: str(one["at_id"])))


@cache
def _to_watch() -> Any:
    return (
        update(channels)
        .where(
            channels.c.id == bindparam("at_id"),
            channels.c.first_watched.is_(None) | (channels.c.first_watched > bindparam("since")),
        )
        .values(first_watched=bindparam("since"))
    )
