"""Discourse: topics in latest and category feeds, posts with their number in posts and topic feeds."""

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
    folded,
    joined,
    next_page,
    query_of,
    with_query,
)

LINK = re.compile(
    r"^https://(?P<site>[^?#]*)/t/(?:(?=[^/]*[^\d/])[^/]*/)?(?P<topic>\d+)(?:/(?P<post>\d+))?/?(?:[?#].*)?$"
)
GUID = re.compile(r"^(?P<site>[^/\s]+)-(?:topic-(?P<topic>\d+)|post-(?P<in>\d+)(?:-(?P<post>\d+))?)$")
TOPIC_PATH = re.compile(r"(?P<path>/t/(?:(?=[^/]*[^\d/])[^/?#]*/)?\d+)(?=[/?#]|$)")
BASE = re.compile(r"^(?P<base>https?://[^?#]*?)/(?:t/|c/|latest|posts|top|new|categories|tags?/|u/)")
POST_NUMBER = re.compile(r"-post-(\d+)$")
SPAN = 50
POSTS = re.compile(r"/posts\.rss(?:\?|$)")
IN_TOPIC = re.compile(r"/t/(?:[^/?#]+/)?\d+\.rss(?:\?|$)")
CATEGORY = re.compile(r"^(?P<page>https?://[^?#]*/c/[^?#]*?\d+)(?:\.rss|/?)(?:[?#].*)?$")
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
        replies_feed="" if IN_TOPIC.search(feed.address) else thread_feed(item, feed),
    )


def thread_feed(item: RawItem, feed: RawFeed) -> str:
    """The topic's own feed, in the forum that the feed was fetched from."""
    base, path = BASE.match(feed.address), TOPIC_PATH.search(item.link)
    return f"{base['base']}{path['path']}.rss" if base and path else ""


def reply_count(content: str, otherwise: int | None) -> int | None:
    """Replies from a topic's last line, "3 posts - 2 participants" in any language: the first post is no reply."""
    found = COUNTS.findall(content)
    if not found:
        return otherwise
    return max(int(re.sub(r"\D", "", found[-1])[:9]) - 1, 0)


def older(feed: RawFeed) -> str:
    """Topic lists are paged by number from 0; the feed of all posts by the number of its oldest post."""
    if IN_TOPIC.search(feed.address):
        return ""
    if not POSTS.search(feed.address):
        return next_page(feed, first=0)
    numbers = [int(found[1][:12]) for item in feed.items if (found := POST_NUMBER.search(item.guid))]
    asked = query_of(feed.address, "before")[:12]
    if not numbers and asked.isascii() and asked.isdigit():
        numbers = [int(asked) - SPAN + 1]  # a page spans fifty numbers, and all of its posts may be gone
    return with_query(feed.address, before=min(numbers) - 1) if numbers and min(numbers) > 1 else ""


def site_feeds(address: str) -> tuple[str, ...]:
    """The forum's topics and posts; of a category's page that category's topics, to which no feed gives the posts."""
    base, category = BASE.match(address), CATEGORY.match(address)
    root = base["base"] if base else joined(address, "/").rstrip("/")
    posts = f"{root}/posts.rss"
    if category:
        return (f"{category['page']}.rss",)
    return (f"{root}/latest.rss", posts)


PLATFORM = Platform(
    "discourse",
    recognise,
    read,
    Shows(
        feeds="`/latest.rss` and `/posts.rss`, or one category's (`/c/NAME/5.rss`) or topic's",
        posts="topics",
        replies="from the posts feed, and each topic's own",
        threads="the topic's number",
        counts="in the topic's text",
        history="`?page=` for topics, `?before=` for posts",
    ),
    older=older,
    carries_replies=lambda feed: bool(POSTS.search(feed.address) or IN_TOPIC.search(feed.address)),
    site_feeds=site_feeds,
    hint=re.compile(r"content=['\"]discourse\b|data-discourse-setup", re.IGNORECASE),
)
