"""NodeBB: topics in its recent and category feeds; a topic's own feed has the post first, then the replies."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, below, fetched_from, host_of

TOPIC = re.compile(r"/topic/(?P<topic>\d+)(?:[/.?#]|$)")
POST = re.compile(r"/post/(?P<post>\d+)(?:[/?#]|$)")
REPLY = re.compile(r"^(?:reply to|re:)\s", re.IGNORECASE)


def recognise(feed: RawFeed) -> bool:
    """By topic or post links; its generator, the feed library's, is others' too."""
    links = feed.most(lambda item: bool(TOPIC.search(item.link) or POST.search(item.link)))
    return links and ("rss for node" in feed.generator or "nodebb" in feed.generator)


def read(item: RawItem, feed: RawFeed) -> Facts:
    """In a topic's own feed all but the oldest are replies; elsewhere an item is a topic unless its title answers."""
    facts = generic.read(item, feed)
    own = TOPIC.search(feed.address) or TOPIC.search(feed.link)
    topic = TOPIC.search(item.link) or own
    host = host_of(item.link)
    thread = f"{host}/topic/{topic['topic']}" if topic else facts.thread
    reply = bool(REPLY.match(item.title)) or (own is not None and not _oldest(item, feed))
    post = POST.search(item.link)
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=f"{host}/post/{post['post']}" if post and reply else thread if topic and not reply else facts.key,
        thread=thread,
        reply_count=None if reply else facts.reply_count,
        replies_feed="" if reply or own or topic is None else fetched_from(_feed_of(item.link), feed),
    )


def _oldest(item: RawItem, feed: RawFeed) -> bool:
    return (item.time or 0) == min(other.time or 0 for other in feed.items)


def _feed_of(link: str) -> str:
    return TOPIC.sub(lambda found: f"/topic/{found['topic']}.rss#", link, count=1).partition("#")[0]


PLATFORM = Platform(
    "nodebb",
    recognise,
    read,
    Shows(
        feeds="`/recent.rss`, or one category's (`/category/5.rss`)",
        posts="topics",
        replies="from each topic's own feed",
        threads="the topic's number",
    ),
    carries_replies=lambda feed: bool(TOPIC.search(feed.address)),
    site_feeds=lambda address: below(address, "recent.rss"),
    hint=re.compile(r"content=['\"]nodebb|nodebb\.min\.js", re.IGNORECASE),
)
