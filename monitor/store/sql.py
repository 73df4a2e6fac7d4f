"""Small SQL helpers that are written once for both SQLite and PostgreSQL."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select, tuple_
from sqlalchemy.dialects import sqlite

from monitor.store.schema import feeds

T = TypeVar("T")
CHUNK = 500
"""How many values to put in one IN (...): every database takes this many."""
LARGEST = 2**53
"""Whole numbers beyond this are nonsense in a feed, and too big for a column further on."""
LONGEST_NAME = 600
"""Bytes of UTF-8. PostgreSQL's indexes take rows of no more than 2,704; no entry needs a name nearly as long."""


def insert_or(connection: Connection, table: Table, update: Sequence[str] = ()) -> Any:
    """An INSERT that, where the primary key or a unique key is taken, updates ``update`` or does nothing."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects import postgresql  # takes a while, and most stores are in a file

        pg = postgresql.insert(table)
        if not update:
            return pg.on_conflict_do_nothing()
        return pg.on_conflict_do_update(index_elements=_key(table), set_={c: pg.excluded[c] for c in update})
    lite = sqlite.insert(table)
    if not update:
        return lite.on_conflict_do_nothing()
    return lite.on_conflict_do_update(index_elements=_key(table), set_={c: lite.excluded[c] for c in update})


def feeds_named(connection: Connection, names: Sequence[tuple[str, str]]) -> Any:
    """A query for the feeds of these (channel, url), each looked up in the index.

    SQLite searches the whole table for a list of pairs, so it is given them as a table of its own.
    """
    if connection.dialect.name != "sqlite":
        return select(feeds).where(tuple_(feeds.c.channel, feeds.c.url).in_(names))
    wanted = func.json_each(json.dumps(names)).table_valued("value", name="wanted")
    channel, url = (func.json_extract(wanted.c.value, f"$[{place}]") for place in (0, 1))
    return select(feeds).join_from(wanted, feeds, (feeds.c.channel == channel) & (feeds.c.url == url))


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """``values`` in pieces that fit one statement."""
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]


def clean(text: str) -> str:
    """Text that every database takes: no NUL, no half of a surrogate pair."""
    if "\0" in text:
        text = text.replace("\0", "")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8")
    return text


def short(text: str) -> str:
    """As ``clean``, for what is looked up: of a text longer than an index takes its beginning, and a digest of all."""
    if 4 * len(text) <= LONGEST_NAME:
        return clean(text)
    whole = clean(text).encode()
    if len(whole) <= LONGEST_NAME:
        return whole.decode()
    digest = hashlib.sha256(whole).hexdigest()
    return f"{whole[: LONGEST_NAME - len(digest) - 1].decode(errors='ignore')}~{digest}"


def clean_or_none(text: str | None) -> str | None:
    """As ``clean``, letting None through."""
    return None if text is None else clean(text)


def sane(number: int | None) -> int | None:
    """The number, or None where no feed could mean it."""
    return number if number is not None and abs(number) <= LARGEST else None


def _key(table: Table) -> list[str]:
    return [column.name for column in table.primary_key.columns]
