"""WordPress. Its comment feeds hold only replies, under titles in the site's language: the link is the safe sign."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, folded, fragment

COMMENT = re.compile(r"comment-\d+$")
FORUM_POST = re.compile(r"post-\d+$")


def recognise(feed: RawFeed) -> bool:
    """By its generator, which names wordpress.org or wordpress.com."""
    return "wordpress.org" in feed.generator or "wordpress.com" in feed.generator


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A comment's key is its link: its guid differs between the site's comment feed and the post's own."""
    facts = generic.read(item, feed)
    link = item.link if fragment(item.link) else item.guid
    if COMMENT.match(fragment(link)):
        # A thread is the post's page; thr:in-reply-to, where present, names the comment's parent by guid.
        post = item.in_reply_to_link or (item.link or link)
        return replace(facts, kind=Kind.REPLY, key=folded(link), thread=folded(generic.page_of(post)), reply_count=None)
    if "/forums/" in item.link and FORUM_POST.match(fragment(item.link)):  # bbPress, WordPress's own forum
        return replace(facts, kind=Kind.REPLY, thread=folded(generic.page_of(item.link)), reply_count=None)
    return facts


PLATFORM = Platform("wordpress", recognise, read)
