"""bbPress, WordPress's forum: topics and replies, told apart by the number of the post in the link."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import (
    Facts,
    Platform,
    RawFeed,
    RawItem,
    Shows,
    below,
    folded,
    fragment,
    next_page,
)

POST = re.compile(r"post-\d+$")
PAGE = re.compile(r"/page/\d+/?$")
REPLY_TITLE = re.compile(
    r"^(?:reply to|svar til|antwort auf|svar på|réponse à|respuesta a|reactie op)\s*:", re.IGNORECASE
)
OLD_TITLE = re.compile(r"^.{1,200} on \".*\"$", re.DOTALL)
"""Standalone bbPress wrote ``A on "T"`` over topics and replies alike."""


def recognise(feed: RawFeed) -> bool:
    """By its generator; or WordPress's, where the links lead into a forum."""
    if "bbpress.org" in feed.generator:
        return True
    forum = feed.most(
        lambda item: "/topic/" in item.link or "/reply/" in item.link or bool(POST.match(fragment(item.link)))
    )
    return "wordpress" in feed.generator and forum


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A topic's page is the thread. A reply's link names its post; a topic's may too, and its title tells."""
    facts = generic.read(item, feed)
    page = PAGE.sub("/", item.link.partition("#")[0])
    numbered = bool(POST.match(fragment(item.link)))
    reply = bool(REPLY_TITLE.match(item.title)) or (
        numbered and ("/forums/" in item.link or bool(OLD_TITLE.match(item.title)))
    )
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=folded(f"{page}#{fragment(item.link)}") if numbered and reply else folded(page) if page else facts.key,
        thread=folded(page) if page else facts.thread,
        reply_count=None if reply else facts.reply_count,
        replies_feed="",
    )


PLATFORM = Platform(
    "bbpress",
    recognise,
    read,
    Shows(
        feeds="`/forums/feed/`; a standalone forum's `/rss/`, where topics and replies look alike",
        posts="topics",
        replies="titled `Reply To:`, or with a post number in the link",
        threads="the topic's page",
        history="`?paged=`",
    ),
    older=lambda feed: next_page(feed, "paged"),
    carries_replies=lambda feed: "type=topic" not in feed.address,
    site_feeds=lambda address: below(address, "forums/feed/", "forums/feed/?type=reply"),
    hint=re.compile(r"/bbpress/|class=['\"][^'\"]{0,200}\bbbpress\b", re.IGNORECASE),
)
