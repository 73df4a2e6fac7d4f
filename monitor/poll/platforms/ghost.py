"""Ghost: posts; its comments are in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, RawFeed, Shows, below

PAGE = re.compile(r"/rss/(?:(\d{1,6})/)?$")


def older(feed: RawFeed) -> str:
    """Pages are numbered in the path: ``/rss/``, ``/rss/2/``."""
    found = PAGE.search(feed.address)
    if found is None or not feed.items:
        return ""
    return f"{feed.address[: found.start()]}/rss/{int(found[1] or 1) + 1}/"


PLATFORM = Platform(
    "ghost",
    lambda feed: feed.generator.startswith("ghost"),
    generic.read,
    Shows(feeds="`/rss/`", replies="no: its comments are in no feed", history="`/rss/2/`"),
    older=older,
    site_feeds=lambda address: below(address, "rss/"),
    hint=re.compile(r"content=['\"]ghost ", re.IGNORECASE),
)
