"""vBulletin: threads only; what is answered in them is in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, RawFeed, Shows, below


def recognise(feed: RawFeed) -> bool:
    """By its generator, or the script that writes its feeds."""
    return feed.generator.startswith("vbulletin") or "/external.php?" in feed.address.lower()


PLATFORM = Platform(
    "vbulletin",
    recognise,
    generic.read,
    Shows(feeds="`/external.php?type=RSS2`", posts="threads", replies="no: threads only", counts="where `slash` is on"),
    site_feeds=lambda address: below(address, "external.php?type=RSS2"),
    hint=re.compile(r"content=['\"]vbulletin", re.IGNORECASE),
)
