"""Nights by name. Apart from how channels are judged, which takes numpy and scipy."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def night_of(now: int, zone: ZoneInfo) -> str:
    """The night's name: the day (YYYY-MM-DD) that ``now`` (Unix seconds) falls on in the organisation's zone."""
    return datetime.fromtimestamp(now, zone).date().isoformat()
