"""What a platform module is given, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from monitor.model import Kind


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as the feed has it, cleaned but not yet understood."""

    uid: str
    guid: str = ""
    link: str = ""
    page: str = ""
    """The link that the item itself gives; ``link`` may also stand for a guid that is an address."""
    title: str = ""
    author: str = ""
    content: str = ""
    """The item's HTML: its last 2,000 characters, where platforms put their figures."""
    time: int | None = None
    reply_count: int | None = None
    """From ``slash:comments``, ``thr:total`` or ``thr:count``."""
    in_reply_to: str = ""
    """``thr:in-reply-to/@ref``."""
    in_reply_to_link: str = ""
    """``thr:in-reply-to/@href``."""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as it came: what a platform is recognised by."""

    address: str
    title: str = ""
    link: str = ""
    guid: str = ""
    generator: str = ""
    """Name and address of the generating software, lower case."""
    namespaces: frozenset[str] = frozenset()
    items: tuple[RawItem, ...] = ()
    by_guid: dict[str, RawItem] = field(default_factory=dict)

    def most(self, test: Callable[[RawItem], bool]) -> bool:
        """True where the feed has items and at least nine in ten pass the test."""
        return bool(self.items) and sum(map(test, self.items)) >= 0.9 * len(self.items)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a platform makes of one item; the fields are those of ``Entry``."""

    kind: Kind
    key: str
    thread: str
    author: str
    reply_count: int | None = None


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: its name, how its feeds are recognised, and how its items are read. Must not raise."""

    name: str
    recognise: Callable[[RawFeed], bool]
    read: Callable[[RawItem, RawFeed], Facts]


def folded(identifier: str) -> str:
    """An identifier as it is compared: http and https are one, a link's host is in lower case."""
    scheme, separator, rest = identifier.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return identifier
    cut = re.search(r"[/?#]", rest)
    end = cut.start() if cut else len(rest)
    return f"https://{rest[:end].lower()}{rest[end:]}"


def without_fragment(link: str) -> str:
    """The page a link points into."""
    return link.partition("#")[0]


def fragment(link: str) -> str:
    """The part after ``#``."""
    return link.partition("#")[2]


def host_of(link: str) -> str:
    """The host in a link, lower case; empty where there is none."""
    try:
        return (urlsplit(link).hostname or "").lower()
    except ValueError:
        return ""
