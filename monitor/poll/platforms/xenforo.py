"""XenForo: threads with the number of their replies; a thread may come back to the top when it is answered."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, below, host_of, next_page

THREAD = re.compile(r"/threads/(?:[^/?#]*\.)?(?P<thread>\d+)(?:[/?#]|$)")


def recognise(feed: RawFeed) -> bool:
    """By its generator, or by thread links of its own shape."""
    return feed.generator.startswith("xenforo") or feed.most(lambda item: bool(THREAD.search(item.link)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The thread's number stays when its title, and with it its link, is changed."""
    facts = generic.read(item, feed)
    found = THREAD.search(item.link)
    if found is None:
        return facts
    name = f"{host_of(item.link)}/threads/{found['thread']}"
    return replace(facts, key=name, thread=name)


PLATFORM = Platform(
    "xenforo",
    recognise,
    read,
    Shows(
        feeds="`/forums/-/index.rss`, or one forum's",
        posts="threads",
        replies="no: only their number",
        threads="the thread's number",
        counts="`slash:comments`",
        history="`?page=`",
    ),
    older=next_page,
    site_feeds=lambda address: below(address, "forums/-/index.rss"),
    hint=re.compile(r"<html[^>]{0,300}id=['\"]XF['\"]|content=['\"]xenforo", re.IGNORECASE),
)
