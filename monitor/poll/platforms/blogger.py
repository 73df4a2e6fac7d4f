"""Blogger: posts and comments are tied by ids (``tag:blogger.com,1999:…``), not by links."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, joined, query_of, with_query

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
        return replace(
            facts,
            kind=Kind.REPLY,
            thread=item.link.partition("?")[0] or facts.thread,
            reply_count=None,
            replies_feed="",
        )
    return replace(facts, thread=item.guid or facts.thread)


def older(feed: RawFeed) -> str:
    """What the feed says, else the entries after those shown: a page has as many as it was asked for."""
    if feed.older or not feed.items:
        return feed.older
    start = query_of(feed.address, "start-index")
    first = int(start[:7]) if start.isascii() and start.isdigit() else 1
    return with_query(feed.address, **{"start-index": first + len(feed.items)})


def site_feeds(address: str) -> tuple[str, ...]:
    """A blog has its own host, and its feeds at the root."""
    return tuple(joined(address, path) for path in ("/feeds/posts/default", "/feeds/comments/default"))


PLATFORM = Platform(
    "blogger",
    recognise,
    read,
    Shows(
        feeds="`/feeds/posts/default`, `/feeds/comments/default`",
        replies="from the comment feed",
        threads="the post's id",
        counts="`thr:total` on posts",
        history="`?start-index=`, for posts and comments",
    ),
    older=older,
    carries_replies=lambda feed: bool(COMMENT_FEED.search(feed.address)),
    site_feeds=site_feeds,
    hint=re.compile(r"content=['\"]blogger['\"]|/feeds/posts/default", re.IGNORECASE),
)
