"""MyBB: threads only, by their number."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, below, host_of

THREAD = re.compile(r"(?:[?&]tid=|/thread-)(?P<thread>\d+)")


def recognise(feed: RawFeed) -> bool:
    """By its generator, or the script that writes its feeds."""
    return feed.generator.startswith("mybb") or "/syndication.php" in feed.address.lower()


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The thread's number, which friendly links have too."""
    facts = generic.read(item, feed)
    found = THREAD.search(item.link) or THREAD.search(item.guid)
    return facts if found is None else replace(facts, thread=f"{host_of(item.link)}/tid={found['thread']}")


PLATFORM = Platform(
    "mybb",
    recognise,
    read,
    Shows(
        feeds="`/syndication.php?type=atom1.0&limit=50`",
        posts="threads",
        replies="no: threads only",
        threads="the thread's number",
        history="as many as `limit` asks for",
    ),
    site_feeds=lambda address: below(address, "syndication.php?type=atom1.0&limit=50"),
    hint=re.compile(r"powered by[^<]{0,40}<a[^>]{0,100}>mybb|syndication\.php\?", re.IGNORECASE),
)
