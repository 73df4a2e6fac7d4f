"""A channel's life in some kilobytes, so that what did not change need not be read entry by entry.

A digest is worked out from the entries alone, and holds for as long as the database's own tallies say that no entry and
no reply count of any of the channel's feeds was written since; in any doubt the entries are read. It knows nothing of
what is dated later than its ``newest`` moment, so it stands for the channel at that moment and any later one.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, select

from monitor.model import Digest, EventColumns
from monitor.store.schema import digests, feeds, tallies
from monitor.store.sql import chunks, insert_or

FORM = 1
"""The number of this form: another one makes every digest void."""
LONGEST_STATE = 200
"""Letters; of a longer one (a channel of very many feeds) only a hash is kept."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a digest tells of a channel: its events, and the figures that are worked out from all entries together."""

    columns: EventColumns
    posts: int
    replies: int
    linkbacks: int
    counting: bool
    """True where any post carries a reply count."""


def states(connection: Connection, some: Sequence[str]) -> dict[str, str]:
    """For each channel with entries the state of its feeds: another one as soon as anything of them is written.

    To be asked for before the entries are: on PostgreSQL, what is written between the two then makes for a digest that
    is never used, and not for one that is out of date.
    """
    t = tallies.c
    query = select(feeds.c.channel, feeds.c.id, t.changes).join(tallies, t.feed_id == feeds.c.id)
    found: dict[str, list[str]] = {}
    for channel, feed_id, changes in connection.execute(query.where(feeds.c.channel.in_(some)).order_by(feeds.c.id)):
        found.setdefault(channel, []).append(f"{feed_id}:{changes}")
    return {channel: _state(f"{FORM}|{','.join(parts)}") for channel, parts in found.items()}


def _state(whole: str) -> str:
    return whole if len(whole) <= LONGEST_STATE else hashlib.sha256(whole.encode()).hexdigest()


def kept(connection: Connection, wanted: Mapping[str, str], until: int | None) -> dict[str, Told]:
    """The digests that hold for channels in these states, at ``until``."""
    found: dict[str, Told] = {}
    for some in chunks(list(wanted)):
        for row in connection.execute(select(digests).where(digests.c.channel.in_(some))):
            if row.state == wanted[row.channel] and (until is None or row.newest <= until):
                told = unpack(bytes(row.body))
                if told is not None:
                    found[row.channel] = told
    return found


def keep(connection: Connection, some: Iterable[Digest]) -> None:
    """Keep digests, each in place of the channel's last one."""
    rows = [{"channel": one.channel, "state": one.state, "newest": one.newest, "body": one.body} for one in some]
    if rows:
        connection.execute(insert_or(connection, digests, update=["state", "newest", "body"]), rows)


def pack(told: Told) -> bytes | None:
    """As bytes; None where a moment is too far off for the form."""
    columns = told.columns
    gaps = np.diff(columns.times, prepend=np.int64(0))
    if columns.times.size and not 0 <= int(columns.times[0]) <= int(columns.times[-1]) < 2**31 + int(gaps[0]):
        return None
    head = json.dumps(
        {
            "events": columns.times.size, "counted": columns.counted.size, "first": int(gaps[0]) if gaps.size else 0,
            "posts": told.posts, "replies": told.replies, "linkbacks": told.linkbacks, "counting": told.counting,
            "signatures": columns.signatures,
        }
    ).encode()  # fmt: skip
    gaps[:1] = 0
    flags = columns.is_reply.astype(np.uint8) | (columns.dated.astype(np.uint8) << 1)
    parts: tuple[Any, ...] = (
        gaps.astype("<u4"), columns.signature.astype("<i4"), columns.thread.astype("<i4"),
        columns.counted_times.astype("<i8"), columns.counted.astype("<i8"), columns.counted_thread.astype("<i4"), flags,
    )  # fmt: skip
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *(part.tobytes() for part in parts)]), 1)


def unpack(body: bytes) -> Told | None:
    """What the bytes tell; None where they are damaged."""
    try:
        whole = zlib.decompress(body)
        size = int.from_bytes(whole[:4], "little")
        head = json.loads(whole[4 : 4 + size])
        return _told(head, _parts(whole, 4 + size, head["events"], head["counted"]))
    except (zlib.error, ValueError, KeyError, TypeError):
        return None


def _parts(whole: bytes, begin: int, events: int, counted: int) -> list[Any]:
    found = []
    sizes = (("<u4", events), ("<i4", events), ("<i4", events), ("<i8", counted), ("<i8", counted), ("<i4", counted))
    for form, size in (*sizes, ("u1", events)):
        found.append(np.frombuffer(whole, form, size, begin))
        begin += found[-1].nbytes
    return found


def _told(head: dict[str, Any], parts: list[Any]) -> Told:
    gaps, signature, thread, counted_times, counted, counted_thread, flags = parts
    columns = EventColumns(
        times=np.cumsum(gaps, dtype=np.int64) + head["first"],
        is_reply=(flags & 1).astype(np.bool_),
        dated=(flags >> 1).astype(np.bool_),
        signature=signature,
        thread=thread,
        counted_times=counted_times,
        counted=counted,
        counted_thread=counted_thread,
        signatures=tuple((name, email) for name, email in head["signatures"]),
    )
    return Told(columns, head["posts"], head["replies"], head["linkbacks"], head["counting"])
