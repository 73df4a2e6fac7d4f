"""Discourse: topics in latest and category feeds, posts with their number in posts and topic feeds."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, folded

LINK = re.compile(
    r"^https://(?P<site>[^?#]*)/t/(?:(?=[^/]*[^\d/])[^/]*/)?(?P<topic>\d+)(?:/(?P<post>\d+))?/?(?:[?#].*)?$"
)
GUID = re.compile(r"^(?P<site>[^/\s]+)-(?:topic-(?P<topic>\d+)|post-(?P<in>\d+)-(?P<post>\d+))$")
COUNTS = re.compile(r"<small>\s*(\d[\d.,'\u00a0\u202f ]*)[^<]*?\s[-\u2013\u2014]\s*\d[^<]*</small>")


def recognise(feed: RawFeed) -> bool:
    """By its namespace, or by links and guids of its own shape."""
    if any(name.startswith("http://www.discourse.org") for name in feed.namespaces) or "discourse" in feed.generator:
        return True
    return feed.most(lambda item: bool(LINK.match(folded(item.link)) and GUID.match(item.guid)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """Number 1 is the topic's first post, whether the link says so or leaves it out; higher numbers are replies."""
    facts = generic.read(item, feed)
    author = item.author[1:].partition(" ")[0] if item.author.startswith("@") else item.author
    link = LINK.match(folded(item.link))
    if link is None:
        return replace(facts, author=author)
    thread = f"{link['site']}/t/{link['topic']}"
    number = int((link["post"] or "1")[:9])
    reply = number > 1
    return Facts(
        kind=Kind.REPLY if reply else Kind.POST,
        key=f"{thread}/{max(number, 1)}",
        thread=thread,
        author=author,
        reply_count=facts.reply_count if link["post"] else reply_count(item.content, facts.reply_count),
    )


def reply_count(content: str, otherwise: int | None) -> int | None:
    """Replies from a topic's last line, "3 posts - 2 participants" in any language: the first post is no reply."""
    found = COUNTS.findall(content)
    if not found:
        return otherwise
    return max(int(re.sub(r"\D", "", found[-1])[:9]) - 1, 0)


PLATFORM = Platform("discourse", recognise, read)
