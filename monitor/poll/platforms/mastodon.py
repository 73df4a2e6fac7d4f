"""Mastodon: an account's own posts, without titles; replies are in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, Shows, without_fragment

PROFILE = re.compile(r"^(?P<profile>https?://[^/]+/@[^/?#.]+)")


def site_feeds(address: str) -> tuple[str, ...]:
    """The profile's feed."""
    found = PROFILE.match(without_fragment(address))
    return (f"{found['profile']}.rss",) if found else ()


PLATFORM = Platform(
    "mastodon",
    lambda feed: feed.generator.startswith("mastodon"),
    generic.read,
    Shows(feeds="`/@account.rss`", replies="no: an account's feed has neither its replies nor others'", authors="no"),
    site_feeds=site_feeds,
    hint=re.compile(r"id=['\"]mastodon['\"]", re.IGNORECASE),
)
