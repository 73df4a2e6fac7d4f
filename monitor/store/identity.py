"""One contribution stays one, though its site changes the ids or the addresses that it goes by."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, select

from monitor.model import Kind
from monitor.store.schema import entries
from monitor.store.sql import chunks


def under_known_uids(
    connection: Connection, feed_id: int, shown: dict[str, dict[str, Any]]
) -> dict[str, dict[str, Any]]:
    """Entries whose id the site has changed, under the uid that we know them by.

    The same kind, place, date and title as one known entry that is no longer shown under its own uid: it is that entry.
    Where two would fit, none does.
    """
    strange = {uid: row for uid, row in shown.items() if row["place"]}
    before: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for some in chunks(sorted({row["place"] for row in strange.values()})):
        query = select(entries).where(entries.c.feed_id == feed_id, entries.c.place.in_(some))
        for row in connection.execute(query):
            if row.uid in strange:
                strange.pop(row.uid)
            elif row.uid not in shown:
                before[_signature(dict(row._mapping))].append(row.uid)
    now: dict[tuple[Any, ...], list[str]] = defaultdict(list)
    for uid, entry in strange.items():
        now[_signature(entry)].append(uid)
    renamed = {
        uids[0]: before[signature][0]
        for signature, uids in now.items()
        if len(uids) == 1 and len(before.get(signature, ())) == 1
    }
    return {renamed.get(uid, uid): row | {"uid": renamed.get(uid, uid)} for uid, row in shown.items()}


def _signature(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["kind"], row["place"], row["time"], row["title"].casefold()


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
