"""Reddit: posts are ``t3_``, comments ``t1_``; the post's id is in every link."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, joined, with_query

ID = re.compile(r"(?:^|/)(?P<kind>t[13])_(?P<id>[a-z0-9]+)$")
POST = re.compile(r"/comments/(?P<post>[a-z0-9]+)(?:[/?#]|$)")
GROUP = re.compile(r"^/(?:r|user)/[^/]+")


def recognise(feed: RawFeed) -> bool:
    """By the ids it gives."""
    return feed.most(lambda item: bool(ID.search(item.guid)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """Names stay as they are shown, without the ``/u/`` before them."""
    facts = generic.read(item, feed)
    own, post = ID.search(item.guid), POST.search(item.link)
    reply = own is not None and own["kind"] == "t1"
    thread = f"t3_{post['post']}" if post else facts.thread
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=f"{own['kind']}_{own['id']}" if own else facts.key,
        thread=thread,
        author=item.author.removeprefix("/u/"),
        reply_count=None if reply else facts.reply_count,
    )


def older(feed: RawFeed) -> str:
    """The page after the last item shown."""
    last = ID.search(feed.items[-1].guid) if feed.items else None
    return with_query(feed.address, after=f"{last['kind']}_{last['id']}", limit=100) if last else ""


def site_feeds(address: str) -> tuple[str, ...]:
    """A group's posts and comments."""
    path = "/" + address.partition("://")[2].partition("/")[2]
    group = GROUP.match(path)
    return tuple(joined(address, f"{group[0]}{tail}") for tail in ("/.rss", "/comments/.rss")) if group else ()


PLATFORM = Platform(
    "reddit",
    recognise,
    read,
    Shows(
        feeds="`/r/NAME/.rss`, `/r/NAME/comments/.rss`",
        replies="from the comments feed",
        threads="the post's id",
        history="`?after=`, within strict limits",
    ),
    older=older,
    carries_replies=lambda feed: "/comments/" in feed.address,
    site_feeds=site_feeds,
    hint=re.compile(r"www\.redditstatic\.com", re.IGNORECASE),
)
