"""phpBB: titles read "Forum • Topic", with "Re:" before the topic in replies."""

from __future__ import annotations

import html
import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import ANSWERS, Facts, Platform, RawFeed, RawItem, Shows, below, host_of

VIEWTOPIC = re.compile(r"/viewtopic\.php\?")
NUMBER = re.compile(r"[?&](?P<name>[tp])=(?P<number>\d+)")
TAG = re.compile(r"<[^>]*>")
FIGURE = re.compile(r"[^\d]*?(\d+)\D*$")


def recognise(feed: RawFeed) -> bool:
    """By its topic links."""
    return "phpbb" in feed.generator or feed.most(lambda item: bool(VIEWTOPIC.search(item.link)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The thread is the topic's number where the link has it, else its title."""
    facts = generic.read(item, feed)
    numbers = {found["name"]: found["number"] for found in NUMBER.finditer(item.link)}
    _, _, title = item.title.rpartition(" • ")
    topic = ANSWERS.sub("", title)
    reply = topic != title
    host = host_of(item.link)
    thread = f"t={numbers['t']}" if "t" in numbers else topic.casefold()
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=f"{host}/p={numbers['p']}" if "p" in numbers else facts.key,
        thread=f"{host}/{thread}" if thread else facts.thread,
        reply_count=None if reply else reply_count(item.content, facts.reply_count),
    )


def reply_count(content: str, otherwise: int | None) -> int | None:
    """From the last line, "Statistics: Posted by A — date — Replies N — Views M", whatever its language."""
    last_line = html.unescape(TAG.sub("", content.rpartition("<p>")[2]))
    parts = last_line.split(" — ")
    if len(parts) < 4:
        return otherwise
    replies, views = FIGURE.match(parts[-2].strip()), FIGURE.match(parts[-1].strip())
    return int(replies[1][:9]) if replies and views else otherwise


def site_feeds(address: str) -> tuple[str, ...]:
    """The board's feed of all posts, and of topics; below the folder that holds viewtopic.php."""
    return below(address, "app.php/feed", "feed.php", "feed")


PLATFORM = Platform(
    "phpbb",
    recognise,
    read,
    Shows(
        feeds="`/app.php/feed` (`/feed.php` on older boards)",
        posts="first posts",
        replies="posts titled `Re:`",
        threads="the topic's number or title",
        counts="in the topic's text, where shown",
    ),
    carries_replies=lambda feed: "/topics" not in feed.address and "mode=topics" not in feed.address,
    site_feeds=site_feeds,
    hint=re.compile(r"phpbb", re.IGNORECASE),
)
