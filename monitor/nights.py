"""Nights by name, and what was known in each. Apart from how channels are judged, which takes numpy and scipy."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from monitor.model import Changes, Status

Verdicts = list[tuple[str, Status, int | None]]
"""(night, status, oxygen) of one channel's nights, oldest first."""


def night_of(now: int, zone: ZoneInfo) -> str:
    """The night's name: the day (YYYY-MM-DD) that ``now`` (Unix seconds) falls on in the organisation's zone."""
    return datetime.fromtimestamp(now, zone).date().isoformat()


def changes_since(past: Mapping[str, Verdicts], night: str | None) -> Changes | None:
    """What a reader knew who was last told in ``night``: each channel's latest status up to there."""
    if night is None:
        return None
    known = {channel: [status for name, status, _ in verdicts if name <= night] for channel, verdicts in past.items()}
    return Changes(night, {channel: statuses[-1] for channel, statuses in known.items() if statuses})
