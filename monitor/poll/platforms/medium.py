"""Medium: stories; responses are in no feed, but a writer's own responses are mixed in with her stories."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, Shows, host_of, joined, path_of


def site_feeds(address: str) -> tuple[str, ...]:
    """A publication or a writer on medium.com, or a host of its own."""
    first = path_of(address).strip("/").partition("/")[0]
    if host_of(address) in ("medium.com", "www.medium.com"):
        return (joined(address, f"/feed/{first}"),) if first else ()
    return (joined(address, "/feed"),)


PLATFORM = Platform(
    "medium",
    lambda feed: feed.generator.startswith("medium"),
    generic.read,
    Shows(feeds="`/feed/@writer`, `/feed/publication`", posts="stories, a writer's own responses among them",
          replies="no: others' responses are in no feed"),
    site_feeds=site_feeds,
    hint=re.compile(r"content=['\"]com\.medium\.reader|content=['\"]medium['\"]", re.IGNORECASE),
)  # fmt: skip
