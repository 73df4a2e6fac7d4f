"""Mailman's archive, HyperKitty: messages of a list, their threads told by subject. Dates are the senders' own."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import ANSWERS, Facts, Platform, RawFeed, RawItem, Shows, folded, joined

LINK = re.compile(r"(?P<list>/list/[^/]+@[^/]+)/(?P<what>message|thread)/(?P<hash>[A-Z0-9]+)")
LIST = re.compile(r"^(?P<page>https?://[^?#]*/list/[^/?#]+@[^/?#]+)")
TAGS = re.compile(r"^(?:\[[^\]]{1,40}\]\s*)+")


def recognise(feed: RawFeed) -> bool:
    """By links into a list's archive."""
    return feed.most(lambda item: bool(LINK.search(item.link)))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A message is a reply where its subject says so, in any of the ways that mail programs say it."""
    facts = generic.read(item, feed)
    found = LINK.search(item.link)
    subject = TAGS.sub("", item.title)
    topic = TAGS.sub("", ANSWERS.sub("", subject))
    reply = facts.kind is Kind.REPLY or bool(ANSWERS.match(subject))
    place = found["list"] if found else feed.link
    return replace(
        facts,
        kind=Kind.REPLY if reply else Kind.POST,
        key=folded(item.link or item.uid),
        thread=f"{place}/{topic.casefold().strip()}" if topic.strip() else facts.thread,
        reply_count=None,
    )


def site_feeds(address: str) -> tuple[str, ...]:
    """The feed of the list that the address is in."""
    found = LIST.match(address)
    return (joined(found["page"] + "/", "feed/"),) if found else ()


PLATFORM = Platform(
    "hyperkitty",
    recognise,
    read,
    Shows(
        feeds="`/archives/list/LIST@HOST/feed/`",
        posts="messages that answer none",
        replies="subjects with `Re:`, `SV:`, `AW:` and the like",
        threads="the subject",
    ),
    carries_replies=lambda feed: True,
    site_feeds=site_feeds,
    hint=re.compile(r"hyperkitty", re.IGNORECASE),
)
