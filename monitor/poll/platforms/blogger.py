"""Blogger: posts and comments are tied by ids (``tag:blogger.com,1999:…``), not by links."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem

ID = re.compile(r"tag:blogger\.com,1999:")
COMMENT_FEED = re.compile(r"/feeds/(?:\d+/)?comments/")


def recognise(feed: RawFeed) -> bool:
    """By its generator or the ids it gives."""
    named = feed.generator.startswith("blogger") or bool(ID.match(feed.guid))
    return named or feed.most(lambda item: bool(ID.match(item.guid)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A post's thread is its id, since that is what a comment's ``thr:in-reply-to`` names."""
    facts = generic.read(item, feed)
    if item.in_reply_to:
        return replace(facts, thread=item.in_reply_to)
    if "showComment=" in item.link or COMMENT_FEED.search(feed.address):
        return replace(facts, kind=Kind.REPLY, thread=item.link.partition("?")[0] or facts.thread, reply_count=None)
    return replace(facts, thread=item.guid or facts.thread)


PLATFORM = Platform("blogger", recognise, read)
