"""Feeds made from nothing: right in their structure, and odd in everything that the structure holds."""

from __future__ import annotations

import json
from html import escape
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import words

RSS_FIELDS = (
    "title", "link", "guid", "author", "dc:creator", "pubDate", "dc:date", "description", "content:encoded",
    "comments", "slash:comments", "wfw:commentRss", "category", "source", "enclosure", "media:content",
    "itunes:author", "atom:link",
)  # fmt: skip
ATOM_FIELDS = (
    "id", "title", "link", "author", "name", "email", "published", "updated", "summary", "content", "thr:total",
    "thr:in-reply-to", "source", "contributor", "rights", "category", "x:strange",
)  # fmt: skip
HEADS = (
    "https://wordpress.org/?v=6.1", "Blogger", "XenForo", "vBulletin", "phpBB", "Discourse", "Ghost", "hugo", "Drupal",
    "Substack", "Medium", "SMF", "MyBB", "NodeBB", "Flarum", "bbPress", "Mastodon v4", "", "\u202eoruF",
)  # fmt: skip
SPACES = " ".join(
    f'xmlns:{name}="{uri}"'
    for name, uri in {
        "dc": "http://purl.org/dc/elements/1.1/",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "slash": "http://purl.org/rss/1.0/modules/slash/",
        "wfw": "http://wellformedweb.org/CommentAPI/",
        "thr": "http://purl.org/syndication/thread/1.0",
        "atom": "http://www.w3.org/2005/Atom",
        "media": "http://search.yahoo.com/mrss/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    }.items()
)

tokens = st.sampled_from((*words.TEXTS, *words.DATES, *words.NUMBERS, *words.ADDRESSES))
texts = st.one_of(st.text(max_size=40), tokens, st.builds("".join, st.lists(tokens, min_size=2, max_size=3)))
dates = st.one_of(st.sampled_from(words.DATES), st.datetimes().map(lambda moment: moment.isoformat() + "Z"), texts)
addresses = st.one_of(
    st.sampled_from(words.ADDRESSES), st.from_regex(r"https?://[a-z.]{1,9}/[a-z0-9/?=#-]{0,20}"), texts
)
attributes = st.dictionaries(
    st.sampled_from(("href", "rel", "type", "ref", "url", "isPermaLink", "thr:count", "xml:base", "xml:lang", "mode")),
    st.one_of(
        st.sampled_from(("replies", "next", "alternate", "html", "xhtml", "application/atom+xml", "base64")), addresses
    ),
    max_size=4,
)


def written(text: str, how: int) -> str:
    """Text as a feed holds it: escaped, in CDATA, escaped twice, or as it is."""
    return (escape(text), f"<![CDATA[{text}]]>", escape(escape(text)), text)[how]


@st.composite
def element(draw: st.DrawFn, names: tuple[str, ...]) -> str:
    """One element with odd attributes around an odd text."""
    name = draw(st.sampled_from(names))
    kind = (
        dates
        if "dat" in name.lower() or name == "published"
        else addresses
        if name in ("link", "guid", "id")
        else texts
    )
    given_attributes = "".join(f" {key}={json.dumps(escape(value))}" for key, value in draw(attributes).items())
    return f"<{name}{given_attributes}>{written(draw(kind), draw(st.integers(0, 3)))}</{name}>"


@st.composite
def rss(draw: st.DrawFn) -> bytes:
    """An RSS document; now and then items have items within."""
    items = [
        f"<item>{''.join(one)}</item>" for one in draw(st.lists(st.lists(element(RSS_FIELDS), max_size=12), max_size=8))
    ]
    head = f"<generator>{draw(st.sampled_from(HEADS))}</generator>" + draw(element(("title", "link", "image", "ttl")))
    version = draw(st.sampled_from(("2.0", "0.91", "1.0", "", "9" * 99)))
    return _said(draw, f'<rss version="{version}" {SPACES}><channel>{head}{"".join(items)}</channel></rss>')


@st.composite
def atom(draw: st.DrawFn) -> bytes:
    """An Atom document."""
    entries = [
        f"<entry>{''.join(one)}</entry>"
        for one in draw(st.lists(st.lists(element(ATOM_FIELDS), max_size=12), max_size=8))
    ]
    head = f"<generator>{draw(st.sampled_from(HEADS))}</generator>" + draw(element(ATOM_FIELDS))
    return _said(draw, f'<feed xmlns="http://www.w3.org/2005/Atom" {SPACES}>{head}{"".join(entries)}</feed>')


def _said(draw: st.DrawFn, text: str) -> bytes:
    charset = draw(st.sampled_from(("utf-8", "utf-8", "utf-8", "utf-16", "latin-1", "cp1252")))
    said = draw(st.sampled_from((charset, "utf-8", "")))
    start = f'<?xml version="1.0" encoding="{said}"?>' if said else ""
    return (start + text).encode(charset, "replace")


anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=5,
)
json_items = st.dictionaries(
    st.sampled_from(
        (
            "id",
            "url",
            "external_url",
            "title",
            "content_html",
            "content_text",
            "date_published",
            "date_modified",
            "author",
            "authors",
            "summary",
        )
    ),
    st.one_of(
        texts,
        dates,
        addresses,
        anything,
        st.lists(st.fixed_dictionaries({"name": st.one_of(texts, anything)}), max_size=2),
    ),
)
json_feeds = st.builds(
    lambda items, more: json.dumps({"version": "https://jsonfeed.org/version/1.1", **more, "items": items}).encode(),
    st.lists(st.one_of(json_items, anything), max_size=8),
    st.dictionaries(
        st.sampled_from(("title", "home_page_url", "next_url", "version")), st.one_of(texts, addresses, anything)
    ),
)
feeds = st.one_of(rss(), atom(), json_feeds)


def made(random: Random) -> bytes:
    """A feed that depends on nothing but the random numbers."""
    box: list[bytes] = []

    @settings(database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(feeds)
    def take(feed: Any) -> None:
        box.append(feed)

    for _ in range(20):
        take.hypothesis.fuzz_one_input(  # type: ignore[attr-defined]
            random.randbytes(6_000)
        )
        if box:
            return box[-1]
    return b"<rss/>"  # twenty times more was drawn than there were numbers
