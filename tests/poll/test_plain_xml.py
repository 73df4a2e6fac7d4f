"""Plain feeds read in one pass, and read by feedparser: the same, to the letter; or the quick reader stands back."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
import warnings
from calendar import timegm
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import feedparser
import pytest
from feedparser.api import StrictFeedParser
from feedparser.datetimes import _parse_date
from feedparser.html import _cp1252
from feedparser.mixin import _FeedParserMixin
from feedparser.sanitizer import _HTMLSanitizer
from feedparser.urls import _urljoin
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.demo.server import FEEDS, DemoServer
from monitor.model import Entry
from monitor.poll import dates, plain_names, plain_values, plain_xml, xml_feed
from monitor.poll.charset import utf8
from monitor.poll.guard import Limits
from monitor.poll.parse import parse
from monitor.poll.parsed import Parsed
from monitor.poll.text import author_name
from tests.faults import feeds as faulty
from tests.fuzz import mutate, seeds
from tests.poll.made_feeds import LINKS, MOMENTS, ODD_DOCUMENTS, PLAIN_DOCUMENTS, PLAIN_MOMENTS, document
from tests.poll.test_feedparsers_own import FOLDER, GIVEN, GROUPS, content_type

NOW = 1_800_000_000
ADDRESS = "https://blog.example/feed/"
SHARED = Path(os.environ.get("OXIMETER_SHARED", "../shared"))
REAL = sorted(
    path
    for folder in ("feeds", "feeds-real")
    for path in (SHARED / folder).rglob("*")
    if path.suffix in (".xml", ".rss", ".atom")
)
MANY = 300
"""Generated feeds a test; thousands were tried when it was written."""


def is_plain(body: bytes, address: str = ADDRESS) -> bool:
    return xml_feed.read_plain(utf8(body), address, Limits().entries) is not None


def with_feedparser(body: bytes, kind: str = "application/xml", address: str = ADDRESS) -> Parsed:
    with patch.object(xml_feed, "read_plain", lambda *_: None):
        return parse(body, kind, address, NOW)


def same_both_ways(body: bytes, kind: str = "application/xml", address: str = ADDRESS) -> bool:
    """Whether the quick reader took the feed; where it did, feedparser's reading is the same."""
    if not is_plain(body, address):
        return False
    assert parse(body, kind, address, NOW) == with_feedparser(body, kind, address)
    return True


# --- Real feeds, and our own ---


@pytest.mark.skipif(not REAL, reason="no sample feeds here")
def test_real_feeds_are_read_in_one_pass_as_feedparser_reads_them() -> None:
    taken = [same_both_ways(path.read_bytes(), address=f"https://feeds.example/{path.name}") for path in REAL]
    assert sum(taken) >= 0.95 * len(taken)


@pytest.mark.parametrize("path", [f"/{feed.channel}{feed.path}" for feed in FEEDS])
def test_the_sample_s_feeds_are_read_in_one_pass(path: str, server: DemoServer) -> None:
    body = server.body(path)
    assert body is not None
    assert same_both_ways(body.plain, body.content_type, server.base_url + path)


@pytest.fixture(scope="module")
def server() -> DemoServer:
    return DemoServer(1_780_000_000)


def test_feeds_of_several_platforms_are_read_the_same_both_ways() -> None:
    assert sum(map(same_both_ways, seeds.XML_FEEDS)) >= 3


@pytest.mark.parametrize("seed", range(4))
def test_a_spoiled_feed_is_read_as_feedparser_reads_it(seed: int) -> None:
    """Bytes changed, pieces left out, doubled and moved, at random but always the same."""
    random = Random(seed)
    taken = [same_both_ways(mutate.mutated(random, seeds.XML_FEEDS)) for _ in range(100)]
    assert any(taken)


def test_the_feed_that_faults_are_made_of_is_plain() -> None:
    assert same_both_ways(faulty.FEED)


@pytest.mark.skipif(not GIVEN, reason="OXIMETER_FEEDPARSER_TESTS names no folder")
@pytest.mark.parametrize("group", GROUPS)
def test_feedparser_s_own_tests_are_read_the_same_both_ways(group: str) -> None:
    for path in sorted((FOLDER / group).glob("*.xml")):
        body = path.read_bytes()
        same_both_ways(body, content_type(body), "http://127.0.0.1:8097/feed")


# --- Generated feeds ---


@settings(max_examples=MANY, deadline=None)
@given(st.one_of(PLAIN_DOCUMENTS, ODD_DOCUMENTS))
def test_a_feed_made_of_anything_is_read_as_feedparser_reads_it(body: bytes) -> None:
    same_both_ways(body)


def test_most_feeds_made_of_plain_pieces_are_taken() -> None:
    """Or else the test above would compare nothing."""
    taken: list[bool] = []

    @settings(max_examples=100, deadline=None, database=None, derandomize=True)
    @given(PLAIN_DOCUMENTS)
    def look(body: bytes) -> None:
        taken.append(is_plain(body))

    look()
    assert sum(taken) >= len(taken) // 4


# --- What is left to feedparser ---


@pytest.mark.parametrize(
    "item",
    [
        "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>T</div></title>",
        "<title>T</title><description>a <b>bold</b> word</description>",
        "<title>a &lt;blink&gt;T&lt;/blink&gt;</title>",
        "<pubDate>fredag den 2. maj</pubDate>",
        "<pubDate>2026-01-01T00:00:00-03:30</pubDate>",
        "<foo><link>https://blog.example/inner/</link></foo>",
        "<author>anna@blog.example</author>",
        "<slash:comments a='1'>3</slash:comments>",
        "<date>2026-01-01</date>",
        "<link xml:base='https://other.example/' href='x'/>",
        "<dc:creator xmlns:dc='urn:other'>Ida</dc:creator>",
        "<content type='image/png'>aGVq</content>",
        "<item><title>within</title></item>",
        "<description>&nosuch;</description>",
        "<description><![CDATA[ <item> ]]></description>",
        "<title>T<br></title>",
    ],
)
def test_what_is_subtle_is_left_to_feedparser(item: str) -> None:
    assert is_plain(document("rss", [], [["<guid>1</guid>"]], {}, []))
    assert not is_plain(document("rss", [], [["<guid>1</guid>", item]], {}, []))


@pytest.mark.parametrize(
    "body",
    [
        b"<feed version='0.3' xmlns='http://purl.org/atom/ns#'><entry><id>1</id></entry></feed>",
        b"<rss><channel><item><title>without a name</title></item></channel></rss>",
        b"<rss><channel><item><guid>1</guid></item></channel><item><guid>2</guid></item></rss>",
        b"<rss><channel xml:base='/x'><item><guid>1</guid></item></channel></rss>",
        b"<opml><outline/></opml>",
        b"<rss><channel><item><guid>1</guid></item></channel>",
        b"<rss><channel><item><guid>1</guid></item></channel></rss>\xff",
        b"<rss><channel><item><guid>\x01</guid></item></channel></rss>",
    ],
)
def test_other_formats_and_broken_documents_are_left_to_feedparser(body: bytes) -> None:
    assert not is_plain(body)


@pytest.mark.parametrize(
    "item",
    [
        "<author>" + "x" * 2_000 + "</author>",
        "<link>https://blog.example/" + "x" * 20_000 + "</link>",
        "<foo>" * 120 + "</foo>" * 120,
        "<foo/>" * 4_000,
        "<foo " + " ".join(f"a{number}='1'" for number in range(80)) + "/>",
        "<foo a='" + "x" * 9_000 + "'/>",
        "<?pi?>" * 30,
    ],
)
def test_what_would_take_too_much_is_not_read_in_one_pass(item: str) -> None:
    assert not is_plain(document("rss", [], [["<guid>1</guid>", item]], {}, []))


def test_a_feed_longer_than_we_read_is_cut_before_it_is_read() -> None:
    body = document("rss", [], [[f"<guid>{number}</guid>"] for number in range(50)], {}, [])
    with patch.object(xml_feed, "read_any", side_effect=AssertionError("feedparser was asked")):
        parsed = parse(body, "", ADDRESS, NOW, Limits(entries=4))
    assert ([entry.uid[-2:].strip("/") for entry in parsed.entries], parsed.left_out) == (["0", "1", "48", "49"], 46)


# --- Against feedparser itself, with all that it does of itself ---


def theirs(body: bytes, address: str = ADDRESS) -> list[Any]:
    """feedparser's own reading, as anybody gets it."""
    headers = {"content-location": address, "content-type": "application/xml"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found: list[Any] = feedparser.parse(io.BytesIO(body), response_headers=headers).entries
    return found


def seconds(entry: Any) -> int | None:
    dates = (entry[f"{name}_parsed"] for name in ("published", "updated", "created") if f"{name}_parsed" in entry)
    return next((timegm(date) for date in dates if date), None)


def facts(entry: Any) -> tuple[Any, ...]:
    """What feedparser says of an entry: its name, link, time, author and number of replies."""
    name = entry.get("id") or entry.get("link") or ""
    counts = [text for text in (entry.get("slash_comments"), entry.get("thr_total")) if text]
    author = author_name(entry.get("author"), 200)
    return name, entry.get("link", ""), seconds(entry), author, int(counts[0]) if counts else None


def ours(entry: Entry) -> tuple[Any, ...]:
    return entry.uid, entry.link, entry.time, entry.author, entry.reply_count


@pytest.mark.skipif(not REAL, reason="no sample feeds here")
def test_entries_dates_authors_and_counts_of_real_feeds_are_feedparser_s_own() -> None:
    for path in REAL:
        address, body = f"https://feeds.example/{path.name}", path.read_bytes()
        parsed, entries = parse(body, "application/xml", address, NOW), theirs(body, address)
        assert len(parsed.entries) == len(entries), path
        for entry, other in zip(parsed.entries, entries, strict=True):
            expected = list(facts(other))
            if parsed.platform == "discourse":  # a member's handle is written before the name
                expected[3] = expected[3][1:].partition(" ")[0] if expected[3][:1] == "@" else expected[3]
            if parsed.platform in ("discourse", "aggregator"):  # the number is in the text, where feedparser has none
                expected[4] = entry.reply_count
            if not expected[0] or entry.uid.startswith(f"{expected[0]}~"):  # two items have one name, or none
                expected[0] = entry.uid
            assert list(ours(entry)) == expected, path


NEW_YEAR = 1_767_225_600
DIFFERENT = [
    ("<pubDate>Thu, 01 Jan 2026 01:00:00 CET</pubDate>", "time", NEW_YEAR, "CET is an hour ahead, and no UTC"),
    ("<pubDate>Thu, 01 Jan 2026 02:00:00 CEST</pubDate>", "time", NEW_YEAR, "CEST is two hours ahead"),
    ("<pubDate>to, 1. januar 2026 00:00:00 +0000</pubDate>", "time", NEW_YEAR, "Danish months are months"),
    ("<pubDate>Thu, 01 Jan 2026 12:00:00 AM GMT</pubDate>", "time", NEW_YEAR, "12 AM is midnight"),
    ("<pubDate>2026-02-31T00:00:00Z</pubDate>", "time", None, "no calendar has such a day"),
    ("<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>", "time", None, "no feed is so old: a clock was not set"),
    ("<pubDate>Fri, 01 Jan 2100 00:00:00 GMT</pubDate>", "time", None, "nobody has written it yet"),
    ("<link>javascript:alert(1)</link>", "link", "", "a click on it would run it"),
    ("<slash:comments>3</slash:comments><link>https://blog.example/a/#comment-7</link>", "reply_count", None,
     "a comment has no comments of its own"),
]  # fmt: skip
"""Where feedparser says otherwise, what is right, and why: all that we know."""


@pytest.mark.parametrize(("item", "what", "right", "why"), DIFFERENT, ids=[row[3] for row in DIFFERENT])
def test_where_feedparser_is_wrong_we_are_right(item: str, what: str, right: object, why: str) -> None:
    body = document("rss", [], [["<guid isPermaLink='false'>1</guid>", item]], {}, [])
    (entry,), (other,) = parse(body, "", ADDRESS, NOW).entries, theirs(body)
    place = ("uid", "link", "time", "author", "reply_count").index(what)
    assert (getattr(entry, what), ours(entry)[place]) == (right, right)
    assert facts(other)[place] != right
    assert parse(body, "", ADDRESS, NOW) == with_feedparser(body)


def test_of_two_items_with_one_guid_the_newer_has_a_name_of_its_own() -> None:
    items = [["<guid>g</guid>", "<title>new</title>"], ["<guid>g</guid>", "<title>old</title>"]]
    body = document("rss", [], items, {}, [])
    assert len({entry.uid for entry in parse(body, "", ADDRESS, NOW).entries}) == 2
    assert len({entry.id for entry in theirs(body)}) == 1


# --- What we know of feedparser ---


def test_every_element_that_feedparser_reads_is_read_passed_over_or_left_to_it() -> None:
    """A new one, in a version to come, is to be looked at first."""
    names = dir(StrictFeedParser)
    handled = {name[7:] for name in names if name.startswith("_start_")} | {
        name[5:] for name in names if name.startswith("_end_")
    }
    known = {
        *plain_xml.IN_ITEM,
        *plain_xml.IN_HEAD,
        *plain_names.UNUSED,
        *plain_names.DECLINED,
        "item",
        "entry",
        "channel",
    }
    left = {name for name in handled if name.lower() not in known}
    assert {name for name in left if name.partition("_")[0].lower() not in plain_names.DECLINED_PREFIXES} == set()


def test_namespaces_mean_what_feedparser_takes_them_for() -> None:
    theirs = {uri.lower(): prefix for uri, prefix in _FeedParserMixin.namespaces.items()}
    assert {uri: theirs[uri] for uri in plain_names.NAMESPACES} == plain_names.NAMESPACES
    # Atom's threading, which feedparser does not know, has its prefix by custom only.
    assert set(plain_names.KNOWN_PREFIXES) >= set(plain_names.NAMESPACES.values()) - {"", "thr"}


def test_every_namespace_that_feedparser_reads_something_of_is_known() -> None:
    handled = {
        name[7:].partition("_")[0] for name in dir(StrictFeedParser) if name.startswith("_start_") and "_" in name[7:]
    }
    read = {
        uri.lower() for uri, prefix in _FeedParserMixin.namespaces.items() if uri and prefix in {"", "thr", *handled}
    }
    assert read <= set(plain_names.NAMESPACES)


def test_what_we_take_for_html_in_a_title_feedparser_does_too() -> None:
    assert set(_HTMLSanitizer.acceptable_elements) >= plain_values.HTML


def test_control_characters_stand_for_the_letters_that_feedparser_takes_them_for() -> None:
    assert _cp1252 == plain_values.WINDOWS


@settings(max_examples=MANY, deadline=None)
@given(
    st.one_of(
        MOMENTS,
        PLAIN_MOMENTS,
        st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
        st.from_regex(plain_values.MAIL_DATE, fullmatch=True),
        st.from_regex(plain_values.ISO_DATE, fullmatch=True),
    )
)
def test_a_date_is_the_one_that_feedparser_finds(text: str) -> None:
    with contextlib.suppress(plain_names.Declined):
        found = plain_values.moment(text)
        if found is not None:
            assert timegm(_parse_date(text)) == found
        else:
            assert not text or dates.read(text) is not None


@settings(max_examples=MANY, deadline=None)
@given(st.one_of(LINKS, st.from_regex(plain_values.LINK, fullmatch=True), st.text(max_size=20)))
def test_a_link_is_joined_as_feedparser_joins_it(link: str) -> None:
    assert plain_values.resolved(ADDRESS, link) == _urljoin(ADDRESS, link)


# --- What it costs ---


@pytest.mark.parametrize("body", [faulty.FEED, seeds.JSON_FEEDS[0]])
def test_a_plain_feed_is_read_without_feedparser_in_memory(body: bytes) -> None:
    asked = (
        "import sys; from monitor.poll.parse import parse; "
        f"assert parse({body!r}, '', {ADDRESS!r}, {NOW}).entries; "
        "sys.exit(not {'feedparser', 'html.parser'}.isdisjoint(sys.modules))"
    )
    subprocess.run([sys.executable, "-c", asked], check=True, timeout=120)


HIDDEN = b"""<?xml version="1.0"?><!-- <a --><!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>
<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>&b;</title></item></channel></rss>"""


def test_entities_that_are_hidden_behind_a_comment_are_not_grown() -> None:
    found = parse(HIDDEN, "application/rss+xml", "https://blog.example/feed", NOW)
    assert "haha" not in "".join(entry.title for entry in found.entries)
