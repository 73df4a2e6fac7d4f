"""Lives in a line: posts and replies so many days ago, each in a thread of its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from monitor.model import DAY, Event, Kind, Sign, Vital
from monitor.oxygen import Activity, Promise, measure, staff_matcher

NOW = 1_800_000_000


def posts(days: Iterable[float], author: str = "Bo") -> list[Event]:
    """A post so many days ago each, in a thread named for the day."""
    return [Event(Kind.POST, NOW - int(day * DAY), author, f"t{day}") for day in days]


def replies(days: Iterable[float], author: str = "Ida", after: float = 1.0) -> list[Event]:
    """A reply ``after`` days to the post of each of those days."""
    return [Event(Kind.REPLY, NOW - int((day - after) * DAY), author, f"t{day}") for day in days]


def taken(sign: Sign, events: Sequence[Event], promise: Promise | None = None, staff: Sequence[str] = ()) -> Vital:
    """One vital sign of a life."""
    activity = Activity.of(events, (), staff_matcher(staff) if staff else None)
    return measure(activity, promise or Promise(), NOW).signs[sign]
