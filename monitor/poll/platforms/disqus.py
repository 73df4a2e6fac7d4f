"""Disqus: the comments of other sites. Everything in its feeds is a reply."""

from __future__ import annotations

from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, folded, fragment, host_of


def recognise(feed: RawFeed) -> bool:
    """By the host that it is fetched from, or says that it belongs to."""
    return any(host.endswith(".disqus.com") for host in (host_of(feed.address), host_of(feed.link)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The thread is the page that the comment is on: the same as the blog's own feed gives for the post."""
    facts = generic.read(item, feed)
    key = folded(item.link) if fragment(item.link) else facts.key
    return replace(
        facts, kind=Kind.REPLY, key=key, thread=folded(generic.page_of(item.link)), reply_count=None, replies_feed=""
    )


PLATFORM = Platform(
    "disqus",
    recognise,
    read,
    Shows(feeds="`https://FORUM.disqus.com/latest.rss`", posts="no", replies="everything in it"),
    carries_replies=lambda feed: True,
)
