"""What becomes of a document: entries, or a sentence that says what it was."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import DAY, Entry, Kind
from monitor.poll.cut import LONG_TEXT, begins, within
from monitor.poll.guard import Limits
from monitor.poll.parse import EARLIEST, parse
from monitor.poll.parsed import Parsed
from monitor.poll.platforms import RawFeed, RawItem
from monitor.poll.text import clean

NOW = 1_800_000_000
ADDRESS = "https://blog.example/feed/"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:slash="http://purl.org/rss/1.0/modules/slash/" '
    'xmlns:thr="http://purl.org/syndication/thread/1.0"'
)


def rss(*items: str, head: str = "", namespaces: str = "") -> bytes:
    body = "".join(f"<item>{item}</item>" for item in items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" {NAMESPACES} {namespaces}><channel>'
        f"<title>Havnens blog</title><link>https://blog.example/</link>{head}{body}</channel></rss>"
    ).encode()


def atom(*entries: str, head: str = "") -> bytes:
    body = "".join(f"<entry>{entry}</entry>" for entry in entries)
    return (
        f'<feed xmlns="http://www.w3.org/2005/Atom" {NAMESPACES}><id>urn:feed</id><title>Forum</title>'
        f"{head}{body}</feed>"
    ).encode()


def json_feed(*items: object, **more: object) -> bytes:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items} | more).encode()


def read(body: bytes, address: str = ADDRESS, limits: Limits | None = None) -> Parsed:
    parsed = parse(body, "application/xml", address, NOW, limits)
    assert parsed.error is None
    return parsed


def only(body: bytes, address: str = ADDRESS) -> Entry:
    (entry,) = read(body, address).entries
    return entry


def test_an_rss_item_becomes_an_entry_with_its_time_in_utc() -> None:
    entry = only(
        rss(
            "<title>Ny &amp;amp; god</title><link>http://Blog.example/a/</link><guid>http://blog.example/?p=1</guid>"
            "<dc:creator>Anna Holm</dc:creator><pubDate>Thu, 01 Jan 2026 02:00:00 +0200</pubDate>"
            "<slash:comments>7</slash:comments>"
        )
    )
    assert (entry.time, entry.author, entry.reply_count, entry.kind) == (1_767_225_600, "Anna Holm", 7, Kind.POST)
    assert (entry.uid, entry.key) == ("http://blog.example/?p=1", "https://blog.example/?p=1")
    assert entry.thread == "https://blog.example/a/"


@pytest.mark.parametrize("date", ["Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT", "in May", ""])
def test_a_date_that_cannot_be_true_is_no_date(date: str) -> None:
    assert only(rss(f"<title>T</title><pubDate>{date}</pubDate>")).time is None


def test_the_update_stands_in_for_a_missing_publication_date() -> None:
    assert only(atom("<id>a</id><updated>2026-01-01T00:00:00Z</updated>")).time == 1_767_225_600


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("noreply@blogger.com (Ole Vind)", "Ole Vind"),
        ("Ole Vind &lt;ole@blog.example&gt;", "Ole Vind"),
        ("Ole\u202e\n  Vind", "Ole Vind"),
        ("ole@blog.example", "ole@blog.example"),
    ],
)
def test_an_author_is_a_name_where_there_is_one(written: str, name: str) -> None:
    assert only(rss(f"<title>T</title><author>{written}</author>")).author == name


def test_items_that_share_a_guid_are_told_apart_by_content_and_not_by_place() -> None:
    items = [f"<guid>same</guid><title>{title}</title>" for title in ("A", "B", "C")]
    there = {entry.title: entry.uid for entry in read(rss(*items)).entries}
    back = {entry.title: entry.uid for entry in read(rss(*reversed(items))).entries}
    assert there == back
    assert len(set(there.values())) == 3


def test_identical_items_all_count() -> None:
    entries = read(rss(*["<guid>same</guid><title>A</title>"] * 4)).entries
    assert len({entry.uid for entry in entries}) == 4


def test_an_item_without_guid_or_link_is_known_by_its_content_and_belongs_to_the_feed() -> None:
    first, second = read(rss("<description>one</description>", "<description>two</description>")).entries
    assert first.uid != second.uid
    assert first.thread == second.thread == "https://blog.example/"
    assert read(rss("<description>one</description>")).entries[0].uid == first.uid


def test_wordpress_comments_are_replies_in_any_language_and_belong_to_their_post() -> None:
    head = "<generator>https://wordpress.org/?v=6.1</generator>"
    guids = ["https://blog.example/a/#comment-5", "https://blog.example/?p=1#comment-5"]
    keys = set()
    for guid in guids:
        parsed = read(
            rss(
                "<title>Skomentuj A, którego autorem jest B</title>"
                f"<link>http://blog.example/a/comment-page-2/#comment-5</link><guid>{guid}</guid>",
                head=head,
            )
        )
        (entry,) = parsed.entries
        keys.add(entry.key)
        assert (parsed.platform, entry.kind, entry.thread) == ("wordpress", Kind.REPLY, "https://blog.example/a/")
    assert len(keys) == 1


def test_a_bbpress_reply_is_a_reply() -> None:
    head = "<generator>https://wordpress.org/?v=6.1</generator>"
    entry = only(rss("<link>https://blog.example/forums/topic/x/#post-9</link>", head=head))
    assert (entry.kind, entry.thread) == (Kind.REPLY, "https://blog.example/forums/topic/x/")


def discourse(link: str, guid: str, content: str = "") -> bytes:
    return rss(
        f'<title>T</title><link>{link}</link><guid isPermaLink="false">{guid}</guid>'
        f"<dc:creator>@ole Ole Vind</dc:creator><description><![CDATA[{content}]]></description>"
    )


def test_a_discourse_topic_and_its_first_post_are_one_contribution() -> None:
    counts = "<p>x</p><p><small>1,204 indlæg - 2 deltagere</small></p><p><a href='#'>Læs</a></p>"
    topic = only(discourse("https://f.example/t/om-alt/12", "f.example-topic-12", counts))
    first = only(discourse("http://f.example/t/om-alt/12/1", "f.example-post-12-1"))
    later = only(discourse("https://f.example/t/12/3", "f.example-post-12-3", counts))
    assert topic.key == first.key == "f.example/t/12/1"
    assert topic.thread == first.thread == later.thread == "f.example/t/12"
    assert (topic.kind, first.kind, later.kind) == (Kind.POST, Kind.POST, Kind.REPLY)
    assert (topic.reply_count, first.reply_count, later.reply_count) == (1203, None, None)
    assert topic.author == "ole"


def test_discourse_is_known_by_its_namespace_and_reads_other_links_as_anyone_would() -> None:
    parsed = read(rss("<link>https://f.example/about</link>", namespaces='xmlns:discourse="http://www.discourse.org/"'))
    assert (parsed.platform, parsed.entries[0].thread) == ("discourse", "https://f.example/about")


def test_a_blogger_comment_belongs_to_the_post_it_names() -> None:
    post_id = "tag:blogger.com,1999:blog-1.post-2"
    post = only(atom(f'<id>{post_id}</id><link href="https://b.example/p.html"/><thr:total>4</thr:total>'))
    reply = only(atom(f'<id>tag:blogger.com,1999:blog-1.post-3</id><thr:in-reply-to ref="{post_id}"/>'))
    assert (post.kind, post.reply_count, reply.kind, reply.reply_count) == (Kind.POST, 4, Kind.REPLY, None)
    assert post.thread == reply.thread == post_id


def test_a_blogger_comment_feed_holds_replies_even_where_it_names_no_post() -> None:
    entry = only(
        atom('<id>tag:blogger.com,1999:c</id><link href="https://b.example/p.html?showComment=1#c1"/>'),
        "https://b.example/feeds/comments/default",
    )
    assert (entry.kind, entry.thread) == (Kind.REPLY, "https://b.example/p.html")


def phpbb(title: str, link: str, content: str = "") -> bytes:
    return atom(f'<id>{link}</id><title>{title}</title><link href="{link}"/><content type="html">{content}</content>')


def test_phpbb_replies_say_re_and_share_their_topics_thread() -> None:
    line = "&lt;p&gt;Statistik: Skrevet af &lt;a&gt;Bo&lt;/a&gt; — 1. maj — Svar 12 — Visninger 300&lt;/p&gt;"
    post = only(phpbb("Have • Roser", "https://p.example/viewtopic.php?p=1#p1", line))
    reply = only(phpbb("Have • Re: Roser", "https://p.example/viewtopic.php?p=2#p2"))
    numbered = only(phpbb("Roser", "https://p.example/viewtopic.php?f=1&amp;t=9"))
    assert (post.kind, reply.kind, post.reply_count) == (Kind.POST, Kind.REPLY, 12)
    assert post.thread == reply.thread
    assert (reply.key, numbered.thread, numbered.reply_count) == ("p.example/p=2", "p.example/t=9", None)


def test_threaded_atom_is_followed_up_to_its_post_on_any_platform() -> None:
    post, first, second, far = read(
        atom(
            '<id>tag:a</id><link href="https://x.example/a"/><link rel="replies" thr:count="2" href="/r"/>',
            '<id>tag:b</id><thr:in-reply-to ref="tag:a"/>',
            '<id>tag:c</id><thr:in-reply-to ref="tag:b"/>',
            '<id>tag:d</id><thr:in-reply-to ref="q" href="https://x.example/q#comment-1"/>',
        )
    ).entries
    assert post.reply_count == 2
    assert post.thread == first.thread == second.thread == "https://x.example/a"
    assert (far.kind, far.thread) == (Kind.REPLY, "https://x.example/q")


def test_replies_that_answer_each_other_in_a_ring_end() -> None:
    entries = read(
        atom('<id>tag:a</id><thr:in-reply-to ref="tag:b"/>', '<id>tag:b</id><thr:in-reply-to ref="tag:a"/>')
    ).entries
    assert {entry.kind for entry in entries} == {Kind.REPLY}


def test_a_json_feed_is_read() -> None:
    one, two, three = read(
        json_feed(
            {"id": 1, "url": "/a", "title": "A", "date_published": "2026-01-01T01:00:00+01:00",
             "authors": [{"url": "x"}, {"name": "Anna"}]},
            {"id": "b", "date_modified": "2026-01-01T00:00:00", "author": {"name": "Bo"}, "content_text": "x"},
            {"date_published": "soon", "url": "http://[x"},
            "nonsense",
        )
    ).entries  # fmt: skip
    assert (one.uid, one.link, one.time, one.author) == ("1", "https://blog.example/a", 1_767_225_600, "Anna")
    assert (two.time, two.author, three.time) == (1_767_225_600, "Bo", None)


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (b"", "empty"),
        (b" \n ", "blanks"),
        (b"<!DOCTYPE html><html><body>Hej</body></html>", "HTML"),
        (b'{"items": []}', "JSON"),
        (b"{" * 100_000, "JSON"),
        (b"[1]", "JSON"),
        (b"\x89PNG\r\n", "picture"),
        (b"\x00\x01\x02", "something else"),
    ],
)
def test_what_is_no_feed_gets_a_sentence(body: bytes, word: str) -> None:
    parsed = parse(body, "image/png", "https://user:secret@blog.example/", NOW)
    assert word in str(parsed.error)
    assert "secret" not in str(parsed.error)
    assert parsed.entries == ()


def test_a_feed_is_not_longer_than_the_limit_nor_are_its_texts() -> None:
    body = rss(*[f"<title>{'x' * 2_000}</title><guid>{number}</guid>" for number in range(20)])
    entries = read(body, limits=Limits(entries=5)).entries
    assert len(entries) == 5
    assert {len(entry.title) for entry in entries} == {500}


def test_an_entity_bomb_does_no_harm() -> None:
    bomb = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    body = f"<?xml version='1.0'?><!DOCTYPE r [{bomb}]>".encode() + rss("<title>&a11;</title>")[38:]
    assert all(len(entry.title) <= 500 for entry in parse(body, "", ADDRESS, NOW).entries)


PIECES = st.sampled_from(
    ["<guid>1</guid>", "<guid></guid>", "<title>T</title>", "<link>http://[</link>", "<link>/t/1/2</link>",
     "<pubDate>Thu, 01 Jan 0001 00:00:00 GMT</pubDate>", "<pubDate>2026-02-31</pubDate>", "<slash:comments>-1",
     "<thr:in-reply-to ref='1'/>", "<dc:creator>&#1;</dc:creator>", "]]>", "<![CDATA[", "<item>", "</item>",
     "<link>https://x/viewtopic.php?p=9</link>", "<pubDate>Fri, 31 Dec 9999 23:59:59 -2359</pubDate>"]
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.lists(PIECES, max_size=15).map(lambda parts: rss("".join(parts)))))
def test_no_document_raises_and_every_entry_keeps_its_promises(body: bytes) -> None:
    parsed = parse(body, "application/rss+xml", ADDRESS, NOW)
    assert len({entry.uid for entry in parsed.entries}) == len(parsed.entries)
    for entry in parsed.entries:
        assert entry.uid
        assert entry.key
        assert entry.thread
        assert entry.time is None or EARLIEST <= entry.time <= NOW + DAY
        assert entry.reply_count is None or entry.reply_count >= 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "url", "title", "authors", "author", "name", "date_published", "content_html"]), inner
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(JSON, max_size=5))
def test_no_json_raises(items: list[object]) -> None:
    parsed = parse(json_feed(*items), "application/feed+json", ADDRESS, NOW)
    assert parsed.error is None
    assert len({entry.uid for entry in parsed.entries}) == len(parsed.entries)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=40), st.integers(6, 30))
def test_a_text_with_nothing_to_clean_away_is_cleaned_as_any_other(text: str, limit: int) -> None:
    """Most texts are, and are not looked at letter by letter; a character that is left out has them looked at."""
    assert clean(text, limit) == clean(f"\u200b{text}", limit)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.booleans(), max_size=40))
def test_most_items_are_nine_in_ten(passes: list[bool]) -> None:
    feed = RawFeed(ADDRESS, items=tuple(RawItem(str(number)) for number in range(len(passes))))
    found = feed.most(lambda item: passes[int(item.uid)])
    assert found == (bool(passes) and sum(passes) >= 0.9 * len(passes))


@settings(max_examples=50, deadline=None)
@given(st.integers(0, LONG_TEXT), st.integers(0, LONG_TEXT), st.sampled_from(["", "<![CDATA["]))
def test_a_text_that_is_too_long_is_cut_wherever_it_begins(before: int, more: int, opened: str) -> None:
    start = f"<rss><a>{'x' * (before % 1_000)}</a>{'<b/>' * (before // 4)}<p>{opened}"
    end = "]]></p></rss>" if opened else "</p></rss>"
    long, short = (f"{start}{'y' * length}{end}".encode() for length in (LONG_TEXT + 1 + more, LONG_TEXT // 2))
    assert within(long, 10).count(b"y") <= LONG_TEXT
    assert within(short, 10) == short


@pytest.mark.parametrize(("entries", "kept"), [(3, 3), (4, 3), (2, 2)])
def test_a_document_known_to_have_few_items_is_left_as_it_is(entries: int, kept: int) -> None:
    body = rss("<guid>1</guid>", "<guid>2</guid>", "<guid>3</guid>")
    assert begins(body) == 3
    assert begins(within(body, entries, begins(body))) == begins(within(body, entries)) == kept
