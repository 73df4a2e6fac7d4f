"""SMF: topics in its news, every message in its recent posts."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import ANSWERS, Facts, Platform, RawFeed, RawItem, Shows, below, host_of

TOPIC = re.compile(r"[?&;/]topic[=,](?P<topic>\d+)(?:\.(?:msg(?P<message>\d+)|\d+))?")


def recognise(feed: RawFeed) -> bool:
    """By its generator, or by topic links of its own shape."""
    return feed.generator.startswith(("smf", "simple machines")) or feed.most(
        lambda item: bool(TOPIC.search(item.link))
    )


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A message is a reply where its title begins as an answer; its number names it, its topic's the thread."""
    facts = generic.read(item, feed)
    found = TOPIC.search(item.link)
    if found is None:
        return facts
    thread = f"{host_of(item.link)}/topic={found['topic']}"
    reply = bool(ANSWERS.match(item.title))
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=f"{host_of(item.link)}/msg={found['message']}" if found["message"] else thread,
        thread=thread,
        reply_count=None if reply else facts.reply_count,
    )


PLATFORM = Platform(
    "smf",
    recognise,
    read,
    Shows(
        feeds="`/index.php?action=.xml;type=rss2;sa=recent;limit=255`",
        posts="messages without `Re:`",
        replies="messages with `Re:`",
        threads="the topic's number",
        history="as many as `limit` asks for",
    ),
    carries_replies=lambda feed: "sa=news" not in feed.address,
    site_feeds=lambda address: below(address, "index.php?action=.xml;type=rss2;sa=recent;limit=255"),
    hint=re.compile(r"simplemachines\.org|index\.php\?action=\.xml", re.IGNORECASE),
)
