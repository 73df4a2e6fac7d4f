"""The verdicts: one for each channel and night."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, select

from monitor.model import Diagnosis, Reason, Sign, Standing, Status, StatusChange
from monitor.store.schema import verdicts
from monitor.store.sql import clean, ensure_channel, insert_or


def standing(connection: Connection, channel: str, before: str | None) -> Standing | None:
    """The channel's latest standing, of a night earlier than ``before`` where given."""
    query = select(verdicts).where(verdicts.c.channel == channel).order_by(verdicts.c.night.desc()).limit(1)
    if before is not None:
        query = query.where(verdicts.c.night < before)
    row = connection.execute(query).first()
    if row is None:
        return None
    return Standing(
        Status(row.standing_status),
        row.standing_since,
        Status(row.candidate) if row.candidate else None,
        row.candidate_since,
        row.candidate_nights,
    )


def save_verdict(connection: Connection, channel: str, night: str, diagnosis: Diagnosis, now: int) -> None:
    """Keep the night's verdict, in place of an earlier one of the same night."""
    ensure_channel(connection, channel)
    kept = diagnosis.standing
    values = {
        "channel": channel,
        "night": night,
        "saved": now,
        "status": diagnosis.status.value,
        "since": diagnosis.since,
        "oxygen": diagnosis.oxygen,
        "confidence": diagnosis.confidence,
        "changed_from": diagnosis.changed_from.value if diagnosis.changed_from else None,
        "reasons": clean(json.dumps([asdict(reason) for reason in diagnosis.reasons], ensure_ascii=False, default=str)),
        "standing_status": kept.status.value,
        "standing_since": kept.since,
        "candidate": kept.candidate.value if kept.candidate else None,
        "candidate_since": kept.candidate_since,
        "candidate_nights": kept.candidate_nights,
    }
    changing = [name for name in values if name not in ("channel", "night")]
    connection.execute(insert_or(connection, verdicts, update=changing), values)


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
