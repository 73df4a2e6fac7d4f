"""YouTube: videos; their comments are in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, RawFeed, Shows

ID = re.compile(r"^yt:(?:video|channel|playlist):")


def recognise(feed: RawFeed) -> bool:
    """By the ids it gives."""
    return bool(ID.match(feed.guid)) or feed.most(lambda item: bool(ID.match(item.guid)))


PLATFORM = Platform(
    "youtube",
    recognise,
    generic.read,
    Shows(feeds="`/feeds/videos.xml?channel_id=…`", posts="videos", replies="no: comments are in no feed"),
)
