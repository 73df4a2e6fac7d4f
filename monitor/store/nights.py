"""The verdicts: one for each channel and night."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from monitor.model import Diagnosis, Earlier, Reason, Sign, Standing, Status, StatusChange
from monitor.store.schema import channels, nights, verdicts
from monitor.store.sql import chunks, clean, insert_or

_REASON = [field.name for field in fields(Reason)]


def standing(connection: Connection, channel: str, before: str | None) -> Standing | None:
    """The channel's latest standing, of a night earlier than ``before`` where given."""
    query = select(verdicts).where(verdicts.c.channel == channel).order_by(verdicts.c.night.desc()).limit(1)
    if before is not None:
        query = query.where(verdicts.c.night < before)
    row = connection.execute(query).first()
    return None if row is None else _standing(row)


def _standing(row: Row[Any]) -> Standing:
    return Standing(
        Status(row.standing_status),
        row.standing_since,
        Status(row.candidate) if row.candidate else None,
        row.candidate_since,
        row.candidate_nights,
    )


def earlier(connection: Connection, among: Sequence[str], before: str, since: str) -> dict[str, Earlier]:
    """What nights earlier than ``before`` said of each channel, and its turns from the night ``since`` on.

    However many nights there were, it takes the same time.
    """
    found = {channel: Earlier() for channel in among}
    turns: dict[str, list[tuple[str, Status]]] = {}
    v = verdicts.c
    turned = select(v.channel, v.night, v.status).where(v.turned, v.night >= since, v.night < before)
    for channel, night, status in connection.execute(turned.order_by(v.night)):
        turns.setdefault(channel, []).append((night, Status(status)))
    for some in chunks(among):
        for row in connection.execute(_latest(some, before)):
            mine = tuple(turns.get(row.channel, ()))
            found[row.channel] = Earlier(row.night, Status(row.status), _standing(row), mine)
    return found


def _latest(some: Sequence[str], before: str) -> Any:
    """The latest verdict of each channel in a night earlier than ``before``."""
    other = verdicts.alias()
    night = (
        select(func.max(other.c.night))
        .where(other.c.channel == channels.c.id, other.c.night < before)
        .correlate(channels)
        .scalar_subquery()
    )
    mine = (verdicts.c.channel == channels.c.id) & (verdicts.c.night == night)
    return select(verdicts).select_from(channels).join(verdicts, mine).where(channels.c.id.in_(some))


def save_verdicts(connection: Connection, found: Mapping[str, Diagnosis], night: str, now: int) -> None:
    """Keep the night's verdicts of some channels, each in place of an earlier one of the same night."""
    if not found:
        return
    connection.execute(insert_or(connection, channels), [{"id": channel} for channel in found])
    connection.execute(insert_or(connection, nights, update=["among"]), _NO_SUMS | {"night": night})
    before = {
        row.channel: row.status for some in chunks(list(found)) for row in connection.execute(_latest(some, night))
    }
    rows = [_row(channel, one, now, before.get(channel)) | {"night": night} for channel, one in found.items()]
    changing = [name for name in rows[0] if name not in ("channel", "night")]
    connection.execute(insert_or(connection, verdicts, update=changing), rows)
    _put_next_right(connection, found, night)


_NO_SUMS = {"among": "", "judged": 0, "short": 0, "measured": 0, "oxygen": 0}


def _row(channel: str, diagnosis: Diagnosis, now: int, before: str | None) -> dict[str, Any]:
    kept = diagnosis.standing
    reasons = [{name: getattr(reason, name) for name in _REASON} for reason in diagnosis.reasons]
    return {
        "channel": channel,
        "saved": now,
        "status": diagnosis.status.value,
        "since": diagnosis.since,
        "oxygen": diagnosis.oxygen,
        "confidence": diagnosis.confidence,
        "changed_from": diagnosis.changed_from.value if diagnosis.changed_from else None,
        "reasons": clean(json.dumps(reasons, ensure_ascii=False, default=str)),
        "standing_status": kept.status.value,
        "standing_since": kept.since,
        "candidate": kept.candidate.value if kept.candidate else None,
        "candidate_since": kept.candidate_since,
        "candidate_nights": kept.candidate_nights,
        "turned": before is not None and before != diagnosis.status.value,
    }


def _put_next_right(connection: Connection, found: Mapping[str, Diagnosis], night: str) -> None:
    """Where a night of the past is judged anew, the night after it may be a turn now, or no longer one."""
    if connection.execute(select(nights.c.night).where(nights.c.night > night).limit(1)).first() is None:
        return
    v = verdicts.c
    for some in chunks(list(found)):
        later = select(v.channel, func.min(v.night)).where(v.channel.in_(some), v.night > night).group_by(v.channel)
        for channel, following in connection.execute(later).all():
            mine = (v.channel == channel) & (v.night == following)
            turned = v.status != found[channel].status.value
            connection.execute(update(verdicts).where(mine).values(turned=turned))


def list_verdicts(connection: Connection, channel: str) -> list[tuple[str, Status, int | None]]:
    """(night, status, oxygen) of every night judged, oldest first."""
    v = verdicts.c
    query = select(v.night, v.status, v.oxygen).where(v.channel == channel).order_by(v.night)
    return [(night, Status(status), oxygen) for night, status, oxygen in connection.execute(query)]


def status_changes(connection: Connection, most: int, among: Sequence[str], until: str) -> list[StatusChange]:
    """The newest changes of status of the channels ``among`` up to the night ``until``, newest first."""
    v = verdicts.c
    query = select(verdicts).where(v.changed_from.is_not(None), v.night <= until).order_by(v.night.desc(), v.channel)
    known, found = frozenset(among), []
    for row in connection.execute(query):
        if row.channel in known:
            reasons = tuple(_reason(one) for one in json.loads(row.reasons))
            found.append(
                StatusChange(row.channel, row.night, Status(row.changed_from), Status(row.status), row.oxygen, reasons)
            )
        if len(found) == most:
            break
    return found


def _reason(kept: dict[str, Any]) -> Reason:
    return Reason(**(kept | {"sign": Sign(kept["sign"])}))
