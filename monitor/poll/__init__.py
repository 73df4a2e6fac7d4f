"""The outside world, read: feeds in, readings out."""

from __future__ import annotations

from monitor.poll.discover import Discovery, Found, discover
from monitor.poll.follow import afresh, to_follow
from monitor.poll.guard import Limits
from monitor.poll.parse import Parsed, parse
from monitor.poll.poller import poll, poll_in_batches, read_feed
from monitor.poll.robots import Robots
from monitor.poll.transport import new_session

__all__ = [
    "Discovery",
    "Found",
    "Limits",
    "Parsed",
    "Robots",
    "afresh",
    "discover",
    "new_session",
    "parse",
    "poll",
    "poll_in_batches",
    "read_feed",
    "to_follow",
]
