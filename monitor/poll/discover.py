"""A site's address to its feeds: what the page links to, what its platform has, and where feeds usually are."""

from __future__ import annotations

import time as clock
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import requests

from monitor.model import Entry, FeedState, Kind
from monitor.poll.charset import utf8
from monitor.poll.fetch import Page, fetch
from monitor.poll.guard import Limits, origin, shown
from monitor.poll.html import head_of
from monitor.poll.parsed import Parsed
from monitor.poll.platforms import platforms
from monitor.poll.platforms.base import Platform, below, joined
from monitor.poll.robots import Robots
from monitor.poll.sandbox import parse_apart
from monitor.poll.text import clean
from monitor.poll.transport import new_session

COMMON = ("feed/", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "rss", "latest.rss", "feed.php")
LONGEST_PAGE = 1_000_000
MOST_QUESTIONS = 40
"""How many addresses of one site are tried: a page can link to any number."""
MOST_LINKS = 20
ANSWER_SECONDS = 20.0
"""How long one address may take: somebody is waiting."""
SITE_SECONDS = 120.0
"""How long one site may take: after that what was found has to do."""
SAME = 0.8
"""Two feeds with this share of their entries in common are one feed in two formats."""


@dataclass(frozen=True, slots=True)
class Found:
    """One feed of a site, read."""

    address: str
    platform: str
    title: str
    carries_replies: bool
    counts: bool
    """True where posts carry the number of their replies."""
    posts: int
    replies: int
    newest: int | None
    oldest: int | None
    pages_back: bool
    entries: tuple[Entry, ...] = field(repr=False)
    site: str = ""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What is at an address: the feeds to list, posts first; or ``error``, a sentence."""

    site: str = ""
    title: str = ""
    platform: str = ""
    feeds: tuple[Found, ...] = ()
    error: str = ""


def discover(address: str, now: int, limits: Limits | None = None) -> Discovery:
    """The feeds that tell of posts and replies at the site that ``address`` is a page, a post or a feed of.

    ``now`` is Unix seconds. Never raises: what cannot be read, or leads to no feed, is a Discovery with an error.
    Steps: 1. read the address; 2. where it is a feed it is the channel's; else try what the page links to, what its
    platform would have, and common places, until posts are found; 3. look for the feed of replies beside it.
    """
    with new_session() as session:
        search = _Search(session, address, now, limits or Limits(total_seconds=ANSWER_SECONDS))
        page = search.page(address)
        if not page.ok:
            return Discovery(error=page.error or f"{shown(address)} could not be read")
        own = search.read(page)
        if own is not None:
            return _of_feed(search, own, page)
        return _of_page(search, page)


def _of_feed(search: _Search, own: Found, page: Page) -> Discovery:
    platform = _platform(own.platform)
    feeds = [own]
    if not own.carries_replies or own.posts == 0:
        feeds += search.first(platform.site_feeds(page.final), posts=own.posts == 0)
    site = own.site if origin(own.site)[0] == origin(page.final)[0] else ""
    return _discovery(site or joined(page.final, "/"), own.title, platform.name, feeds)


def _of_page(search: _Search, page: Page) -> Discovery:
    html = _text(page)
    head = head_of(html)
    base = joined(page.final, head.base)
    linked = [one for link in head.links[:MOST_LINKS] for one in _both_ways(joined(base, link), page.final)]
    likely = [platform for platform in platforms() if platform.hint is not None and platform.hint.search(html)]
    found = [feed for link in linked if (feed := search.at(link)) is not None]
    for platform in likely:
        if not _wide(found):
            found += search.first(platform.site_feeds(page.final), posts=True)
    if not any(feed.posts for feed in found):
        found += search.first(below(page.final, *COMMON), posts=True)
    if not found:
        sentence = "is no feed, and none was found that it leads to; give the address of the site's feed"
        known = [f" ({one.name} has {one.shows.feeds})" for one in likely if one.shows.feeds.startswith("none")]
        return Discovery(error=f"{shown(search.address)} {sentence}{''.join(known)}")
    posts = next(iter([*_wide(found), *(feed for feed in found if feed.posts), *found]))
    platform = _platform(posts.platform)
    if not any(feed.carries_replies for feed in _apart(found)):
        found += search.first(platform.site_feeds(posts.address), posts=False)
    return _discovery(page.final, clean(head.title, 200) or posts.title, platform.name, _chosen(posts, found))


def _text(page: Page) -> str:
    """The start of the page's HTML."""
    return utf8(page.body[:LONGEST_PAGE], page.content_type).decode("utf-8", "replace")


def _wide(found: Iterable[Found]) -> list[Found]:
    """Feeds of more than one thread's posts: not a single post's replies, nor a single topic."""
    return [feed for feed in found if feed.posts > 1 or (feed.posts and not feed.replies)]


def _apart(found: Iterable[Found]) -> list[Found]:
    """Reply feeds of a whole site: more than one thread, or nothing that says otherwise."""
    return [feed for feed in found if len({entry.thread for entry in feed.entries}) != 1]


def _chosen(posts: Found, found: list[Found]) -> list[Found]:
    """The feed of posts in the format that tells most, and one feed of replies where the posts' own has none."""
    same = [feed for feed in found if feed is posts or _alike(feed, posts)]
    best = max(same, key=lambda feed: (feed.carries_replies, feed.counts, feed is posts))
    if best.carries_replies:
        return [best]
    replies = [feed for feed in found if feed.carries_replies and feed not in same]
    usual, apart = _platform(best.platform).site_feeds(best.address), _apart(replies)
    replies.sort(key=lambda feed: (feed.address not in usual, feed not in apart))
    return [best, *replies[:1]]


def _alike(one: Found, other: Found) -> bool:
    mine, theirs = ({entry.place or entry.key for entry in feed.entries} for feed in (one, other))
    return bool(mine and theirs) and len(mine & theirs) >= SAME * min(len(mine), len(theirs)) and bool(one.posts)


def _discovery(site: str, title: str, platform: str, feeds: list[Found]) -> Discovery:
    return Discovery(site, title, platform, tuple({feed.address: feed for feed in feeds}.values()))


def _platform(name: str) -> Platform:
    return next(platform for platform in platforms() if platform.name == name)


def _both_ways(link: str, page: str) -> Iterator[str]:
    """The link, and its path on the host that the page came from: behind a proxy a site does not know its own name."""
    if link:
        yield link
    try:
        there, here = urlsplit(link), urlsplit(page)
    except ValueError:
        return
    if there.scheme in ("http", "https") and there.netloc != here.netloc:
        yield urlunsplit((here.scheme, here.netloc, there.path, there.query, ""))


class _Search:
    """The questions asked of one site: each address once, no more than MOST_QUESTIONS."""

    def __init__(self, session: requests.Session, address: str, now: int, limits: Limits) -> None:
        self.session, self.address, self.now, self.limits = session, address, now, limits
        self.asked: dict[str, Found | None] = {}
        self.robots = Robots(session, now)
        self.ends = clock.monotonic() + SITE_SECONDS

    def page(self, address: str) -> Page:
        return fetch(self.session, FeedState("", self.address, address), self.now, self.limits)

    def at(self, address: str) -> Found | None:
        """The feed at an address, None where there is none."""
        if address not in self.asked and len(self.asked) < MOST_QUESTIONS and clock.monotonic() < self.ends:
            page = self.page(address)
            self.asked[address] = self.read(page) if page.ok else None
        return self.asked.get(address)

    def read(self, page: Page) -> Found | None:
        """The page as a feed, None where it is none."""
        parsed = parse_apart(page.body, page.content_type, page.final, self.now, self.limits)
        return None if parsed.error else _found(page, parsed)

    def first(self, addresses: Iterable[str], posts: bool) -> list[Found]:
        """The first feed of posts, where asked for, and the first of replies, among the addresses."""
        chosen: list[Found] = []
        for address in addresses:
            wanted = posts and not any(feed.posts for feed in chosen)
            if not wanted and any(feed.carries_replies for feed in chosen):
                break
            # A guess: nobody gave us this address, so robots.txt has a say.
            feed = self.at(address) if self.robots.allows(address, self.address) else None
            if feed is not None and ((wanted and feed.posts) or (feed.carries_replies and feed not in chosen)):
                chosen.append(feed)
        return chosen


def _found(page: Page, parsed: Parsed) -> Found:
    times = [entry.time for entry in parsed.entries if entry.time is not None]
    replies = sum(entry.kind is Kind.REPLY for entry in parsed.entries)
    return Found(
        address=page.moved_to or page.address,
        platform=parsed.platform,
        title=parsed.title,
        carries_replies=parsed.carries_replies,
        counts=any(entry.reply_count is not None for entry in parsed.entries),
        posts=sum(entry.kind is Kind.POST for entry in parsed.entries),
        replies=replies,
        newest=max(times, default=None),
        oldest=min(times, default=None),
        pages_back=bool(parsed.older),
        entries=parsed.entries,
        site=parsed.link,
    )
