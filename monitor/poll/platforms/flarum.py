"""Flarum, whose feeds an extension writes: discussions, and posts with their number in the discussion."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, below, host_of

LINK = re.compile(r"/d/(?P<discussion>\d+)(?:-[^/?#]*)?(?:/(?P<post>\d+))?/?(?:[?#]|$)")


def recognise(feed: RawFeed) -> bool:
    """By discussion links of its own shape."""
    return "flarum" in feed.generator or feed.most(lambda item: bool(LINK.search(item.link)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """Number 1 is the discussion's first post, whether the link says so or leaves it out."""
    facts = generic.read(item, feed)
    found = LINK.search(item.link)
    if found is None:
        return facts
    thread = f"{host_of(item.link)}/d/{found['discussion']}"
    number = max(int((found["post"] or "1")[:9]), 1)
    reply = number > 1
    return replace(
        facts, kind=Kind.REPLY if reply else Kind.POST, key=f"{thread}/{number}", thread=thread,
        reply_count=None if reply else facts.reply_count,
    )  # fmt: skip


PLATFORM = Platform(
    "flarum",
    recognise,
    read,
    Shows(
        feeds="`/atom/discussions` and `/atom`, with the syndication extension",
        posts="discussions",
        replies="posts numbered above 1",
        threads="the discussion's number",
    ),
    carries_replies=lambda feed: "/discussions" not in feed.address,
    site_feeds=lambda address: below(address, "atom/discussions", "atom"),
    hint=re.compile(r"id=['\"]flarum-", re.IGNORECASE),
)
