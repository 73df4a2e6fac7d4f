"""The outside world, read: feeds in, readings out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor import lazily

if TYPE_CHECKING:
    from monitor.poll.discover import Discovery, Found
    from monitor.poll.follow import YOUNG, afresh, is_time, to_follow
    from monitor.poll.guard import Limits
    from monitor.poll.parsed import Parsed
    from monitor.poll.poller import poll, poll_in_batches, read_feed
    from monitor.poll.robots import Robots
    from monitor.poll.transport import new_session

__all__ = [
    "YOUNG",
    "Discovery",
    "Found",
    "Limits",
    "Parsed",
    "Robots",
    "afresh",
    "is_time",
    "new_session",
    "poll",
    "poll_in_batches",
    "read_feed",
    "to_follow",
]

__getattr__ = lazily.names(
    __name__,
    {
        "Discovery": "discover",
        "Found": "discover",
        "Limits": "guard",
        "Parsed": "parsed",
        "Robots": "robots",
        "YOUNG": "follow",
        "afresh": "follow",
        "is_time": "follow",
        "new_session": "transport",
        "poll": "poller",
        "poll_in_batches": "poller",
        "read_feed": "poller",
        "to_follow": "follow",
    },
)
