"""Isso: the comments of one page of a static site, answers to answers included."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, folded

ID = re.compile(r"^tag:[^:]+:/isso/")


def recognise(feed: RawFeed) -> bool:
    """By the ids it gives, or links to its comments."""
    return bool(ID.match(feed.guid)) or feed.most(lambda item: bool(ID.match(item.guid) or "#isso-" in item.link))


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The thread is the page, whichever comment is answered."""
    facts = generic.read(item, feed)
    return replace(
        facts, kind=Kind.REPLY, key=folded(item.link or item.uid), thread=folded(generic.page_of(item.link)),
        reply_count=None, replies_feed="",
    )  # fmt: skip


PLATFORM = Platform(
    "isso",
    recognise,
    read,
    Shows(feeds="`/feed?uri=/post/`, one for each page", posts="no", replies="everything in it"),
    carries_replies=lambda feed: True,
    hint=re.compile(r"data-isso=", re.IGNORECASE),
)
