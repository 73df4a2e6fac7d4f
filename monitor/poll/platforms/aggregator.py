"""Link aggregators as hnrss, Lemmy and Tildes show them: the number of comments stands in the description."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows

COUNT = re.compile(
    r"(?:#\s?)?\bComments:\s{0,5}(?:</?[a-z]+>\s{0,5}){0,3}(\d{1,7})\b|>\s{0,5}(\d{1,7}) comments?\s{0,5}</a>",
    re.IGNORECASE,
)


def recognise(feed: RawFeed) -> bool:
    """By a generator that is known, or a number of comments in nearly every description."""
    known = any(name in feed.generator for name in ("hnrss", "lemmy", "tildes"))
    return known or feed.most(lambda item: item.reply_count is None and _counted(item.content) is not None)


def _counted(content: str) -> re.Match[str] | None:
    """The number in a description. The expression is slow, and most descriptions do not even hold the word."""
    return COUNT.search(content) if "comment" in content.lower() else None


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The number is a count of replies like any other."""
    facts = generic.read(item, feed)
    found = _counted(item.content)
    if found is None or facts.reply_count is not None:
        return facts
    return replace(facts, reply_count=int(found[1] or found[2]))


PLATFORM = Platform(
    "aggregator",
    recognise,
    read,
    Shows(feeds="as the site gives them", replies="no: only their number", counts="in the description"),
)
