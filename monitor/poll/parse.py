"""Bytes to entries. RSS, Atom and RDF are feedparser's, but for plain ones, which are read as it reads them and much
faster; JSON Feed we read ourselves. Nothing in here raises.
"""

from __future__ import annotations

import calendar
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

from monitor.model import DAY, Entry, Kind, Rests
from monitor.poll import dates, json_feed, stranger, xml_feed
from monitor.poll.charset import utf8
from monitor.poll.guard import Limits, shown
from monitor.poll.parsed import Parsed
from monitor.poll.plain_item import CONTENT_CHARS
from monitor.poll.plain_xml import Found
from monitor.poll.platforms import Platform, RawFeed, RawItem, platform_of
from monitor.poll.platforms.base import place_of
from monitor.poll.rests import rests_of
from monitor.poll.text import author_email, author_name, clean, count, digest, harmless_link, plain

EARLIEST = 631_152_000
"""1 January 1990: no feed is older, so an earlier date is a mistake."""
START_BYTES = 4_096
"""Where a document shows what it is."""


class _NoFeed(Exception):
    """The document is no feed; ``str(error)`` says what it is instead."""


def parse(body: bytes, content_type: str, address: str, now: int, limits: Limits | None = None) -> Parsed:
    """The entries in ``body``, as fetched from ``address`` at ``now`` (Unix seconds). Never raises.

    Only a lack of memory comes out: whoever bounds the memory knows what that means.
    """
    limits = limits or Limits()
    try:
        feed, rests, there = _read(body, clean(content_type, 200), address, now, limits)
        platform = platform_of(feed)
        entries = tuple(_entries(feed, platform))
        return Parsed(
            platform.name,
            feed.title,
            entries,
            older=platform.older(feed) or feed.older,
            carries_replies=platform.carries_replies(feed) or any(entry.kind is Kind.REPLY for entry in entries),
            stale_validators=platform.stale_validators,
            link=feed.link,
            left_out=max(0, there - len(entries)),
            rests=rests,
        )
    except MemoryError:
        raise
    except _NoFeed as error:
        return Parsed(error=str(error))
    except Exception as error:  # feedparser is large, and the input is anybody's
        return Parsed(error=f"{shown(address)} could not be read as a feed: {clean(repr(error), 200)}")


def _read(body: bytes, content_type: str, address: str, now: int, limits: Limits) -> tuple[RawFeed, Rests | None, int]:
    """The feed in ``body``, whatever its format and letters; when it rests; how many items it has where that is more
    than were read. Raises _NoFeed.
    """
    sentence = stranger.of_no_text(body, address)
    if sentence is not None:
        raise _NoFeed(sentence)
    document = utf8(body, content_type)
    start = document[:START_BYTES].lstrip(b"\0 \t\r\n")
    if start[:1] in (b"{", b"["):
        feed, there = _json_feed(document, address, now, limits)
        return feed, None, there
    if stranger.OPML.search(start):
        raise _NoFeed(f"{shown(address)} gave OPML, a list of feeds and not a feed: take it in with `oximeter import`")
    if stranger.HTML_PAGE.search(start) and not xml_feed.FEED_ROOT.search(document):
        raise _NoFeed(stranger.of_html(document, address))
    return _xml_feed(document, content_type, address, now, limits)


def _entries(feed: RawFeed, platform: Platform) -> Iterable[Entry]:
    """The platform's facts on every item, each under a uid of its own."""
    read = platform.read
    for item, suffix in _told_apart(feed.items):
        facts = read(item, feed)
        yield Entry(
            uid=item.uid + suffix, key=facts.key + suffix, kind=facts.kind, time=item.time, title=item.title,
            link=item.link, author=facts.author, thread=facts.thread, reply_count=facts.reply_count,
            email=item.email, replies_feed=facts.replies_feed, place=place_of(item.link),
        )  # fmt: skip


def _told_apart(items: tuple[RawItem, ...]) -> list[tuple[RawItem, str]]:
    """Each item with the suffix that makes its uid unique.

    Feeds do give one guid to several items. The oldest keeps the plain uid and the others are named by their content,
    never by their place, so that a window that moves on does not turn known entries into new ones.
    """
    if len({item.uid for item in items}) == len(items):
        return [(item, "") for item in items]
    same: dict[str, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        same[item.uid].append(place)
    suffixes = [""] * len(items)
    used = set(same)
    nexts: dict[str, int] = {}
    for uid, places in same.items():
        if len(places) == 1:
            continue
        named = sorted(
            (items[place].time or 0, digest(items[place].link, items[place].title), place) for place in places
        )
        for time, name, place in named[1:]:
            suffix = f"~{name}"
            if uid + suffix in used:
                suffix = f"~{name}~{time}"
            again = nexts.get(uid + suffix, 2)
            known = uid + suffix
            while uid + suffix in used:
                suffix, again = f"~{name}~{time}~{again}", again + 1
            nexts[known] = again
            used.add(uid + suffix)
            suffixes[place] = suffix
    return list(zip(items, suffixes, strict=True))


def _time(moment: int | None, now: int) -> int | None:
    """The moment if it can be true: not more than a day ahead (clocks and zones differ), nor before feeds were."""
    return moment if moment is not None and EARLIEST <= moment <= now + DAY else None


def _feed(feed: RawFeed, items: list[RawItem]) -> RawFeed:
    kept = tuple(item for item in items if not _is_empty(item))
    return replace(feed, items=kept, by_guid={item.guid: item for item in kept if item.guid})


def _is_empty(item: RawItem) -> bool:
    """True for an item that says nothing at all: neither what it is, nor when, nor by whom."""
    return not (item.guid or item.link or item.title or item.content or item.author or item.time is not None)


def _uid(guid: str, link: str, *content: object) -> str:
    return guid or link or f"sha256:{digest(*content)}"


# --- RSS, Atom, RDF ---


def _xml_feed(
    document: bytes, content_type: str, address: str, now: int, limits: Limits
) -> tuple[RawFeed, Rests | None, int]:
    read = xml_feed.read(document, address, limits.entries)
    found = read.found
    if found is None or not (found.version or found.entries) or _is_html(found, read) or _is_about(found, document):
        raise _NoFeed(_what_it_is(document, read, content_type, address))
    head = found.feed
    feed = RawFeed(
        address=address,
        title=_title(head, limits),
        link=harmless_link(head.get("link"), limits.link_chars),
        guid=clean(head.get("id"), limits.link_chars),
        generator=_generator(head),
        older=_older(head, address, limits),
        namespaces=frozenset(map(str, found.namespaces.values())),
    )
    items = [_xml_item(entry, now, limits) for entry in found.entries[: limits.entries]]
    there = max(read.there, len(found.entries))
    return _feed(feed, items), rests_of(read.document), there


def _is_html(found: Found, read: xml_feed.Xml) -> bool:
    """True for a page in which there is something like an item, or which names a feed's namespace."""
    page = stranger.HTML_PAGE.search(read.document, 0, START_BYTES) is not None
    return (page and not found.version) or (read.looked.root.lower() == "html" and not found.entries)


def _is_about(found: Found, document: bytes) -> bool:
    """True for a text in which a feed is mentioned, such as a script that makes one."""
    return not found.entries and not document.lstrip(b"\0 \t\r\n").startswith(b"<")


def _what_it_is(document: bytes, read: xml_feed.Xml, content_type: str, address: str) -> str:
    if stranger.HTML_PAGE.search(document, 0, START_BYTES) or read.looked.root.lower() == "html":
        return stranger.of_html(document, address)
    if read.looked.root or document[:1] == b"<":
        return stranger.of_xml(read.looked, address, document)
    return stranger.of_other(document, content_type, address)


def _generator(head: Mapping[str, Any]) -> str:
    detail = head.get("generator_detail") or {}
    return clean(f"{head.get('generator', '')} {detail.get('href', '')}", 500).lower()


def _title(holder: Mapping[str, Any], limits: Limits) -> str:
    detail = holder.get("title_detail") or {}
    return plain(holder.get("title"), limits.title_chars, markup="html" in str(detail.get("type", "")))


def _older(head: Mapping[str, Any], address: str, limits: Limits) -> str:
    """RFC 5005: the next page of a paged feed, or the archive before this document."""
    for rel in ("next", "prev-archive"):
        for link in head.get("links") or ():
            if link.get("rel") == rel and link.get("href"):
                return _link(link["href"], address, limits)
    return ""


def _xml_item(entry: Mapping[str, Any], now: int, limits: Limits) -> RawItem:
    guid = clean(entry.get("id"), limits.link_chars)
    named = clean(entry.get("link"), limits.link_chars)
    link = harmless_link(named, limits.link_chars)
    title = _title(entry, limits)
    content = _content(entry)
    reply = entry.get("thr_in-reply-to")
    reply = reply if isinstance(reply, Mapping) else {}
    # feedparser gives `published` for an `updated` that is not there, unless asked whether it is.
    written = [entry.get(name) for name in ("published", "updated") if name in entry]
    return RawItem(
        uid=_uid(guid, named, title, *written, content[:500] if not title else ""),
        guid=guid,
        link=link,
        page=_page(entry, link),
        title=title,
        author=_author(entry, limits),
        email=_email(entry, limits),
        replies_feed=_replies_feed(entry, limits),
        content=content[-CONTENT_CHARS:],
        time=_xml_time(entry, now),
        reply_count=_reply_count(entry),
        in_reply_to=clean(reply.get("ref"), limits.link_chars),
        in_reply_to_link=harmless_link(reply.get("href"), limits.link_chars),
    )


def _page(entry: Mapping[str, Any], link: str) -> str:
    """The link, unless feedparser made it of the guid, which many feeds wrongly call a permanent link."""
    own = any(other.get("href") and other.get("rel") != "enclosure" for other in entry.get("links") or ())
    return link if own else ""


def _content(entry: Mapping[str, Any]) -> str:
    """The HTML of an item. Only the longest is looked at, where an item has both a summary and its content."""
    values = [entry.get("summary"), *(part.get("value") for part in entry.get("content") or ())]
    return max((value for value in values if isinstance(value, str)), key=len, default="")


def _xml_time(entry: Mapping[str, Any], now: int) -> int | None:
    for name in ("published", "updated", "created"):
        # feedparser gives `published` for an `updated` that is not there, unless asked whether it is.
        parts = entry.get(f"{name}_parsed") if f"{name}_parsed" in entry else None
        if isinstance(parts, int):
            return _time(parts, now)
        ours = dates.read(entry.get(name)) if name in entry else None
        if ours is not None:
            return _time(ours.time, now)
        if parts:
            try:
                return _time(calendar.timegm(parts), now)
            except (ValueError, OverflowError, TypeError):
                return None
    return None


def _author(entry: Mapping[str, Any], limits: Limits) -> str:
    # feedparser's author_detail cuts addresses with a long top-level domain in the middle, so we take them apart.
    detail = entry.get("author_detail") or {}
    return author_name(entry.get("author") or detail.get("name"), limits.author_chars)


def _email(entry: Mapping[str, Any], limits: Limits) -> str:
    detail = entry.get("author_detail") or {}
    apart = f"{detail.get('name')} <{detail.get('email')}>"
    found = author_email(entry.get("author"), limits.author_chars)
    return found or (author_email(apart, limits.author_chars) if "@" in apart else "")


def _replies_feed(entry: Mapping[str, Any], limits: Limits) -> str:
    """``wfw:commentRss``, or the Atom link to a feed (not a page) of replies."""
    link = next(
        (
            other.get("href")
            for other in entry.get("links") or ()
            if other.get("rel") == "replies" and str(other.get("type", "")).startswith("application/atom")
        ),
        None,
    )
    return harmless_link(entry.get("wfw_commentrss") or link, limits.link_chars)


def _reply_count(entry: Mapping[str, Any]) -> int | None:
    """What slash, Atom threading and its links say, in that order."""
    found = [entry.get("slash_comments"), entry.get("thr_total")]
    for link in entry.get("links") or ():
        if link.get("rel") == "replies":
            found += [link.get("thr:count"), link.get("count")]
    return next((number for number in map(count, found) if number is not None), None)


# --- JSON Feed ---


def _json_feed(document: bytes, address: str, now: int, limits: Limits) -> tuple[RawFeed, int]:
    found = json_feed.read(document, limits.entries)
    head = found.head
    cut_short = not found.whole and not found.items
    if not isinstance(head, dict) or not found.listed or cut_short or "jsonfeed.org" not in str(head.get("version")):
        cause = found.cause or ("it ends within its first item" if cut_short else "")
        raise _NoFeed(stranger.of_json(cause, address))
    feed = RawFeed(
        address=address,
        title=clean(head.get("title"), limits.title_chars),
        link=_link(head.get("home_page_url"), address, limits),
        older=_link(head.get("next_url"), address, limits),
    )
    return _feed(feed, [_json_item(item, address, now, limits) for item in found.items]), found.there


def _json_item(item: dict[str, Any], address: str, now: int, limits: Limits) -> RawItem:
    # 1.1 wants ids as text but has readers accept numbers.
    identifier = item.get("id")
    guid = clean(str(identifier) if isinstance(identifier, int | float) else identifier, limits.link_chars)
    named = _joined(item.get("url") or item.get("external_url"), address, limits)
    link = harmless_link(named, limits.link_chars)
    title = clean(item.get("title"), limits.title_chars)
    content = next((text for name in ("content_html", "content_text") if isinstance(text := item.get(name), str)), "")
    written = item.get("date_published") or item.get("date_modified")
    return RawItem(
        uid=_uid(guid, named, title, written, content[:500] if not title else ""),
        guid=guid,
        link=link,
        page=link,
        title=title,
        author=_json_author(item, limits),
        content=content[-CONTENT_CHARS:],
        time=_json_time(written, now),
    )


def _link(value: object, address: str, limits: Limits) -> str:
    return harmless_link(_joined(value, address, limits), limits.link_chars)


def _joined(value: object, address: str, limits: Limits) -> str:
    link = clean(value, limits.link_chars)
    try:
        return urljoin(address, link) if link else ""
    except ValueError:
        return link


def _json_author(item: dict[str, Any], limits: Limits) -> str:
    """The first author's name; version 1 had ``author``, 1.1 has ``authors``."""
    authors = item.get("authors")
    candidates = [*(authors if isinstance(authors, list) else ()), item.get("author")]
    names = (author_name(who.get("name"), limits.author_chars) for who in candidates if isinstance(who, dict))
    return next((name for name in names if name), "")


def _json_time(value: object, now: int) -> int | None:
    """RFC 3339; without a zone it is taken as UTC."""
    try:
        moment = datetime.fromisoformat(str(value).strip().upper())
        return _time(int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()), now)
    except (ValueError, OverflowError):
        return None
