"""One contribution stays one, though its site changes the ids or the addresses that it goes by."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.model import Kind
from monitor.store.likeness import Look, is_exact, pair_up, redated, the_rest
from monitor.store.schema import entries
from monitor.store.sql import chunks

HELD_BY_MANY = 50
"""A place that more entries have is a page that all are on: it tells nothing of one."""
RECENT = 50


def under_known_uids(
    connection: Connection, feed_id: int, shown: dict[str, dict[str, Any]], known: Mapping[str, Row[Any]]
) -> dict[str, dict[str, Any]]:
    """The entries shown, each under the uid that we know it by; what is new under a uid of its own.

    ``known`` are the feed's stored entries that have a uid of those shown.

    Sites give their entries other ids, links, titles and dates, and ids to other entries. See ``likeness`` for what is
    believed to be the same. An entry keeps the key of its first night, which no other entry has.
    """
    stored = {uid: dict(zip(_NAMES, _facts(row), strict=True)) for uid, row in known.items()}
    if all(uid in stored and is_exact(row, stored[uid]) for uid, row in shown.items()):
        return shown
    strange = [row for uid, row in shown.items() if uid not in stored or not is_exact(row, stored[uid])]
    holders = _holders(connection, feed_id, strange)
    look = Look(shown, stored | _like(connection, feed_id, strange, holders), holders)
    pair_up(look)
    if any(not row["place"] for row in look.shown.values()):
        look.learn(_recent(connection, feed_id, 2 * len(shown) + RECENT))
        redated(look)
    the_rest(look)
    return dict(_named(connection, feed_id, look))


_NAMES = ("uid", "key", "kind", "time", "title", "place", "author")
_COLUMNS = [entries.c[name] for name in _NAMES]
_facts = attrgetter(*_NAMES)


def _stored(connection: Connection, feed_id: int, column: Any, values: Iterable[Any]) -> dict[str, dict[str, Any]]:
    """The feed's entries with one of these values, by uid."""
    found: dict[str, dict[str, Any]] = {}
    for some in chunks(list(dict.fromkeys(values))):
        query = select(*_COLUMNS).where(entries.c.feed_id == feed_id, column.in_(some))
        found |= {row.uid: dict(row._mapping) for row in connection.execute(query)}
    return found


def _holders(connection: Connection, feed_id: int, strange: list[dict[str, Any]]) -> dict[str, int]:
    """How many of the feed's entries have each of these entries' places."""
    found: dict[str, int] = {}
    for some in chunks(sorted({row["place"] for row in strange} - {""})):
        query = (
            select(entries.c.place, func.count())
            .where(entries.c.feed_id == feed_id, entries.c.place.in_(some))
            .group_by(entries.c.place)
        )
        found.update((place, number) for place, number in connection.execute(query))
    return found


def _like(
    connection: Connection, feed_id: int, strange: list[dict[str, Any]], holders: dict[str, int]
) -> dict[str, dict[str, Any]]:
    """The feed's entries that have a place, a time or, undated, a title of one of these."""
    places = [place for place, number in holders.items() if number <= HELD_BY_MANY]
    times = {row["time"] for row in strange} - {None}
    titles = sorted({row["title"] for row in strange if row["time"] is None} - {""})
    found = _stored(connection, feed_id, entries.c.place, places) | _stored(
        connection, feed_id, entries.c.time, sorted(times)
    )
    for some in chunks(titles):
        undated = (entries.c.feed_id == feed_id) & entries.c.time.is_(None)
        query = select(*_COLUMNS).where(undated, entries.c.title.in_(some))
        found |= {row.uid: dict(row._mapping) for row in connection.execute(query)}
    return found


def _recent(connection: Connection, feed_id: int, number: int) -> dict[str, dict[str, Any]]:
    """The feed's newest entries by date."""
    mine = (entries.c.feed_id == feed_id) & entries.c.time.is_not(None)
    query = select(*_COLUMNS).where(mine).order_by(entries.c.time.desc()).limit(number)
    return {row.uid: dict(row._mapping) for row in connection.execute(query)}


def _named(connection: Connection, feed_id: int, look: Look) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each entry shown under its uid: its stored one's, its own, or a new one where another entry has its own."""
    taken = set(look.known) | set(look.all)
    for uid, row in look.all.items():
        before = look.found.get(uid)
        if before is not None:
            key = row["key"] if before == uid else look.known[before]["key"]
            yield before, {**row, "uid": before, "key": key}
        elif uid not in look.known:
            yield uid, dict(row)
        else:
            name = _free(connection, feed_id, f"{uid}~{_digest(row)}", taken)
            taken.add(name)
            yield name, {**row, "uid": name, "key": row["key"] + name[len(uid) :]}


def _free(connection: Connection, feed_id: int, name: str, taken: set[str]) -> str:
    """The name, with a number behind it where another entry has it."""
    names = chain([name], (f"{name}~{number}" for number in count(2)))
    return next(one for one in names if one not in taken and not _stored(connection, feed_id, entries.c.uid, [one]))


def _digest(row: Mapping[str, Any]) -> str:
    told = "\0".join(str(row[name]) for name in ("kind", "place", "time", "title"))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def aliases(rows: Iterable[Any]) -> dict[str, str]:
    """Keys that stand for a contribution already known under another key, each with that other key.

    ``rows`` have feed_id, key, kind, time, place, title and author. Two keys are one contribution where two feeds show
    the same kind, date and place; for posts also the same date, title and author. Where one feed has several that
    fit, they are several contributions and none is joined.
    """
    found: dict[tuple[Any, ...], dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.time is None:
            continue
        if row.place:
            found["place", row.kind, row.time, row.place][row.feed_id].append(row.key)
        if row.kind == Kind.POST and row.title:
            found["title", row.time, row.title.casefold(), row.author][row.feed_id].append(row.key)
    joined: dict[str, str] = {}
    for by_feed in found.values():
        keys = list(dict.fromkeys(key for keys in by_feed.values() for key in keys))
        if len(keys) < 2 or any(len(set(keys)) > 1 for keys in by_feed.values()):
            continue
        first = _last(joined, keys[0])
        joined.update((other, first) for key in keys[1:] if (other := _last(joined, key)) != first)
    return {key: _last(joined, key) for key in joined}


def _last(joined: dict[str, str], key: str) -> str:
    while key in joined:
        key = joined[key]
    return key
