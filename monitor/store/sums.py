"""Each night's verdicts summed up over the channels now in the config: summed once, however many nights there were."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, case, func, select, update

from monitor.model import NightSum, Status
from monitor.store.schema import channels, nights, verdicts
from monitor.store.sql import chunks

SHORT = [Status.DEAD.value, Status.STARVING.value]
"""Short of oxygen."""


def night_sums(connection: Connection, among: Sequence[str]) -> list[NightSum]:
    """The sums of every night with a verdict, oldest first; those that are not kept are worked out."""
    kept = {row.night: row for row in connection.execute(select(nights))}
    stale = [night for night, row in kept.items() if row.among != name_of(among)]
    found = {night: NightSum(night, row.judged, row.short, row.measured, row.oxygen) for night, row in kept.items()}
    found |= _sums(connection, among, stale)
    return [found[night] for night in sorted(found) if found[night].judged]


def keep_sums(connection: Connection, among: Sequence[str]) -> None:
    """Keep the sums of the nights whose sums are not kept, or are those of other channels."""
    name = name_of(among)
    stale = [night for night, of in connection.execute(select(nights.c.night, nights.c.among)) if of != name]
    for night, one in _sums(connection, among, stale).items():
        values = {"judged": one.judged, "short": one.short, "measured": one.measured, "oxygen": one.oxygen}
        connection.execute(update(nights).where(nights.c.night == night).values(among=name, **values))


def latest_night(connection: Connection, among: Sequence[str]) -> str | None:
    """The latest night in which any of the channels was judged, be it one of the future."""
    for night in connection.execute(select(nights.c.night).order_by(nights.c.night.desc())).scalars():
        for some in chunks(among):
            mine = select(verdicts.c.night).where(verdicts.c.channel.in_(some), verdicts.c.night == night)
            if connection.execute(mine.limit(1)).first() is not None:
                return str(night)
    return None


def name_of(among: Sequence[str]) -> str:
    """A name for a set of channels, the same in any order."""
    return hashlib.sha256("\0".join(sorted(set(among))).encode()).hexdigest()


def _sums(connection: Connection, among: Sequence[str], stale: Sequence[str]) -> dict[str, NightSum]:
    """The nights' sums over all channels ever judged, less those that are no longer in the config."""
    left_out = sorted(set(connection.execute(select(channels.c.id)).scalars()) - set(among))
    found = {night: NightSum(night) for night in stale}
    for some in chunks(stale):
        for row in connection.execute(_over(verdicts.c.night.in_(some))):
            found[row.night] = NightSum(*row)
        for others in chunks(left_out):
            for night, *less in connection.execute(_over(verdicts.c.night.in_(some), verdicts.c.channel.in_(others))):
                one = found[night]
                all_of_it = (one.judged, one.short, one.measured, one.oxygen)
                found[night] = NightSum(night, *(a - b for a, b in zip(all_of_it, less, strict=True)))
    return found


def _over(*which: Any) -> Any:
    v = verdicts.c
    short = func.sum(case((v.status.in_(SHORT), 1), else_=0))
    oxygen = func.coalesce(func.sum(v.oxygen), 0)
    return select(v.night, func.count(), short, func.count(v.oxygen), oxygen).where(*which).group_by(v.night)
