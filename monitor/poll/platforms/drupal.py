"""Drupal: nodes, and comments where the comment feed module is on."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, RawFeed, Shows, below, next_page

GUID = re.compile(r"^(?:comment )?\d+ at https?://")
COMMENTS = re.compile(r"/crss|/comments/feed")


def recognise(feed: RawFeed) -> bool:
    """By guids such as ``12 at https://…``."""
    return "drupal" in feed.generator or feed.most(lambda item: bool(GUID.match(item.guid)))


PLATFORM = Platform(
    "drupal",
    recognise,
    generic.read,
    Shows(
        feeds="`/rss.xml`; `/crss` where the comment feed module is on",
        replies="from the comment feed, by links to `#comment-12`",
        threads="the node's page",
        history="`?page=`, where the view is paged",
    ),
    older=lambda feed: next_page(feed, first=0),
    carries_replies=lambda feed: bool(COMMENTS.search(feed.address)),
    site_feeds=lambda address: below(address, "rss.xml", "crss"),
    hint=re.compile(r"content=['\"]drupal|/sites/default/files/|data-drupal-", re.IGNORECASE),
)
