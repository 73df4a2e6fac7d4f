"""Substack: posts; its comments are in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, Shows, joined

PLATFORM = Platform(
    "substack",
    lambda feed: feed.generator.startswith("substack"),
    generic.read,
    Shows(feeds="`/feed`", replies="no: its comments are in no feed"),
    site_feeds=lambda address: (joined(address, "/feed"),),
    hint=re.compile(r"substackcdn\.com", re.IGNORECASE),
)
