"""GitHub: releases, commits and discussions; what is said about them is in no feed."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, RawFeed, Shows, host_of, joined, path_of

ID = re.compile(r"tag:github\.com,2008:")


def recognise(feed: RawFeed) -> bool:
    """By the ids it gives."""
    return bool(ID.match(feed.guid)) or feed.most(lambda item: bool(ID.match(item.guid)))


def site_feeds(address: str) -> tuple[str, ...]:
    """A project's discussions, else its releases."""
    parts = path_of(address).strip("/").split("/")
    if host_of(address) != "github.com" or len(parts) < 2:
        return ()
    return tuple(joined(address, f"/{parts[0]}/{parts[1]}/{name}.atom") for name in ("discussions", "releases"))


PLATFORM = Platform(
    "github",
    recognise,
    generic.read,
    Shows(
        feeds="`/OWNER/PROJECT/releases.atom`, `discussions.atom`",
        posts="releases, topics of discussions",
        replies="no: only topics are shown",
    ),
    site_feeds=site_feeds,
    hint=re.compile(r"github\.githubassets\.com", re.IGNORECASE),
)
