"""What is no feed is told apart, each with a sentence that names the address, what was found, and what to do."""

from __future__ import annotations

import gzip
import io
import json
import re
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.poll.html import first_feed, head_of
from monitor.poll.parse import parse
from monitor.poll.rests import rests_of
from monitor.poll.stranger import of_xml
from monitor.poll.survey import Survey
from monitor.poll.text import harmless_link
from monitor.report.troubles import recognised

NOW = 1_800_000_000
ADDRESS = "https://user:secret@blog.example/om/feed"
SHOWN = "https://blog.example/om/feed"


def sentence(body: bytes, content_type: str = "text/html") -> str:
    parsed = parse(body, content_type, ADDRESS, NOW)
    assert parsed.entries == ()
    assert parsed.error is not None
    assert "secret" not in parsed.error
    assert recognised(parsed.error) is not None, "the report must be able to say it in the reader's language"
    return parsed.error


def packed() -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("feed.xml", "<rss/>")
    return written.getvalue()


HEAD = "<!DOCTYPE html><html><head><title>{title}</title>{links}</head><body>{body}</body></html>"
LINK = '<link rel="alternate" type="application/rss+xml" href="{href}">'
PASSWORD = '<form action="/wp-login.php"><input name="u"><input type="Password" name="p"></form>'


def page(title: str = "Havnen", links: str = "", body: str = "<p>Hej</p>") -> bytes:
    return HEAD.format(title=title, links=links, body=body).encode()


FOUND = {
    "nothing": (b"", "gave an empty page: expected a feed"),
    "blanks": (b"\xef\xbb\xbf \r\n\t\0 ", "gave nothing but blanks: expected a feed; is there anything"),
    "a page": (page(), "gave an HTML page that links to no feed: expected RSS, Atom or JSON Feed"),
    "a page without a head": (b"<body><p>Hej", "gave an HTML page that links to no feed"),
    "a page in XHTML": (
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml' xmlns:a='http://www.w3.org/2005/Atom'><body/>"
        b"</html>",
        "gave an HTML page that links to no feed",
    ),
    "a login page": (page("Velkommen", body=PASSWORD), "gave a login page: the feed must be open"),
    "a login page that only says so": (page("Log ind - Havnen", body="<form action='/a'></form>"), "gave a login page"),
    "a form that signs in": (page(body="<form action='/users/sign_in'></form>"), "gave a login page"),
    "a login page with a link": (page("Log på", LINK.format(href="/feed"), PASSWORD), "gave a login page"),
    "broken XML": (b"<?xml version='1.0'?>\n<data>\n <a></b></data>", "gave broken XML without any entries (mismatched "
                   "tag: line 3, column 6): tell the owner of the feed"),
    "a site map": (
        b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><url><loc>x</loc></url></urlset>",
        "gave XML that is no feed (its root is urlset): expected RSS, Atom or JSON Feed",
    ),
    "a picture in XML": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "gave XML that is no feed (its root is svg)"),
    "an error in XML": (
        b"<?xml version='1.0'?><Error><Code>AccessDenied</Code><Message>Ingen adgang</Message></Error>",
        "gave an error message in place of a feed: AccessDenied Ingen adgang",
    ),
    "JSON": (b'{"items": []}', "gave JSON that is no JSON Feed: expected RSS, Atom or JSON Feed"),
    "a list in JSON": (b"[1, 2]", "gave JSON that is no JSON Feed"),
    "broken JSON": (b'{"error": "x"', "gave broken JSON (Expecting ',' delimiter: line 1 column 14 (char 13))"),
    "nested JSON": (b"[" * 100_000, "gave broken JSON (maximum recursion depth exceeded"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(50), "gave a picture: give the address of a feed"),
    "a photograph": (b"\xff\xd8\xff\xe0" + bytes(50), "gave a picture"),
    "a small picture": (b"RIFF\x10\0\0\0WEBPVP8 ", "gave a picture"),
    "a document": (b"%PDF-1.7\n%\xe2\xe3", "gave a PDF document: give the address of a feed"),
    "a film": (b"\0\0\0\x20ftypisom" + bytes(50), "gave sound or film: give the address of a feed"),
    "a song": (b"ID3\x04\0\0" + bytes(50), "gave sound or film"),
    "an archive": (packed(), "gave an archive of files: give the address of a feed"),
    "a packed feed": (gzip.compress(b"<rss/>", mtime=0), "gave a gzip file: give the address of the feed"),
    "a text": (b"Siden er flyttet for altid.", 'gave plain text ("Siden er flyttet for altid."): expected RSS, Atom or '
               "JSON Feed"),
    "a database's error": (
        b"\r\n\tError establishing a\n database connection\n",
        'gave plain text ("Error establishing a database connection"): expected RSS, Atom or JSON Feed',
    ),
    "an error and its lines": (
        b"PHP Fatal error:  Uncaught Error: no " + b"memory " * 5_000,
        'gave plain text ("PHP Fatal error: Uncaught Error: no ' + "memory " * 9 + 'm"): expected RSS',
    ),
    "letters that are not seen": ("\u200b\u2060 \u200e".encode(), "gave nothing but blanks: expected a feed;"),
    "a program's data": (b"\x7fELF\x02\x01\x01\0\0", "gave something else (text/html): expected RSS"),
}  # fmt: skip


@pytest.mark.parametrize("what", FOUND)
def test_what_is_no_feed_is_named(what: str) -> None:
    body, words = FOUND[what]
    assert sentence(body).startswith(f"{SHOWN} {words}")


def test_data_without_a_content_type_is_told_so() -> None:
    assert sentence(b"\x7fELF\x02", "").startswith(f"{SHOWN} gave something else (no content type): expected")


@pytest.mark.parametrize("size", [99, 100, 101, 1_999, 2_000, 2_001])
def test_the_first_words_of_a_text_are_whole_letters_and_at_most_a_hundred(size: int) -> None:
    said = sentence("æ".encode() * size, "text/plain; charset=utf-8")
    assert said == f'{SHOWN} gave plain text ("{"æ" * min(size, 100)}"): expected RSS, Atom or JSON Feed'


@pytest.mark.parametrize("evil", ["\x1b[31m", "\u202e", "\r\n", "\u0085"])
def test_the_first_words_of_a_text_carry_no_control_character(evil: str) -> None:
    said = sentence(f"ud{evil}af".encode(), "text/plain; charset=utf-8")
    assert not re.search("[\x00-\x1f\x7f-\x9f\u202e]", said)


PHP = (
    b"<br />\n<b>Fatal error</b>:  Uncaught Error: Call to undefined function feed() in <b>/srv/feed.php</b> on line "
    b"<b>12</b><br />\n"
)


@pytest.mark.parametrize("page", [PHP, b"\n" + PHP, PHP[7:], PHP.replace(b"Fatal error", b"Parse error")])
def test_a_message_of_php_in_place_of_a_feed_is_quoted_without_its_markup(page: bytes) -> None:
    said = of_xml(Survey("br", "junk after document element: line 2, column 0"), ADDRESS, page)
    assert said == (
        f"{SHOWN} gave an error message in place of a feed: "
        f"{'Parse' if b'Parse' in page else 'Fatal'} error: Uncaught Error: Call to undefined function feed() in "
        "/srv/feed.php on line 12"
    )
    assert recognised(said) is not None


def test_a_feed_that_php_could_not_write_is_told_by_php() -> None:
    said = sentence(PHP, "text/html; charset=utf-8")
    assert said.startswith(f"{SHOWN} gave an error message in place of a feed: Fatal error: Uncaught Error: Call to ")


def test_bold_words_are_no_message_of_php() -> None:
    assert "broken XML" in of_xml(Survey("b", "junk: line 1, column 9"), ADDRESS, b"<b>Warnings</b> of the week")


@pytest.mark.parametrize(
    ("links", "feed"),
    [
        (LINK.format(href="/feed/") + LINK.format(href="/comments/feed/"), "https://blog.example/feed/"),
        ('<base href="https://cdn.example/a/">' + LINK.format(href="b.xml"), "https://cdn.example/a/b.xml"),
        ("<link href=//x.example/f rel='ALTERNATE home' type='application/Atom+XML; charset=x'>", "https://x.example/f"),
        ('<link rel="alternate" type="application/feed+json" href="f.json">', "https://blog.example/om/f.json"),
        (LINK.format(href=ADDRESS) + LINK.format(href="?b"), "https://blog.example/om/feed?b"),
        (LINK.format(href="javascript:x") + LINK.format(href="http://[") + LINK.format(href="/c"),
         "https://blog.example/c"),
        (LINK.format(href="https://anna:hemmelig@x.example/f"), "https://x.example/f"),
    ],
)  # fmt: skip
def test_a_page_that_links_to_a_feed_names_the_first_one(links: str, feed: str) -> None:
    said = sentence(page(links=links, body=PASSWORD))
    assert said == f"{SHOWN} gave an HTML page, which links to the feed {feed}: list that address instead"


@pytest.mark.parametrize("charset", ["latin-1", "utf-16"])
def test_a_page_in_another_charset_is_known(charset: str) -> None:
    body = page("Blåbær", LINK.format(href="/blåbær")).decode().encode(charset)
    assert "links to the feed https://blog.example/blåbær:" in sentence(body)


def test_a_feed_without_entries_is_a_feed() -> None:
    for body in (
        b"<rss version='2.0'><channel><title>T</title></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom'/>",
        b'{"version": "https://jsonfeed.org/version/1", "items": []}',
    ):
        parsed = parse(body, "", ADDRESS, NOW)
        assert (parsed.error, parsed.entries) == (None, ())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(
    ["<!DOCTYPE html>", "<!", "<![if x]>", "<![CDATA[", "<!--", "<link rel=alternate type=application/rss+xml href=",
     "http://[x", "'", '"', ">", "<base href=", "<form action=", "<title>", "&#99999999999;", "</", "<a ", "å"]
), max_size=20).map("".join))  # fmt: skip
def test_no_page_raises(html: str) -> None:
    first_feed(head_of(html), ADDRESS)
    said = parse(f"<html>{html}".encode(), "text/html", ADDRESS, NOW).error
    assert said is not None
    assert recognised(said) is not None


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode), st.text(max_size=60))
def test_whatever_comes_the_sentence_can_be_translated(body: bytes, content_type: str) -> None:
    parsed = parse(body, content_type, ADDRESS, NOW)
    assert parsed.error is None or recognised(parsed.error) is not None


# --- What is kept of a feed is harmless ---


@pytest.mark.parametrize(
    "link",
    ["javascript:alert(1)", " JavaScript :alert(1)", "java\x01script:x", "data:text/html,x", "vbscript:x", "file:///x"],
)
def test_a_link_that_runs_something_is_no_link(link: str) -> None:
    assert harmless_link(link, 2_000) == ""


@pytest.mark.parametrize("link", ["https://x.example/", "/a", "a:b", "tag:x", "mailto:a@b.example", "datas:x", ""])
def test_other_links_stay(link: str) -> None:
    assert harmless_link(link, 2_000) == link


HARMFUL = "javascript:alert('x')"
FEEDS = {
    "rss": (
        f"<rss version='2.0' xmlns:wfw='http://wellformedweb.org/CommentAPI/'><channel><title>T</title><link>{HARMFUL}"
        f"</link><item><title>a\u202eb</title><link>{HARMFUL}</link><author>O\u2066le</author>"
        f"<wfw:commentRss>{HARMFUL}</wfw:commentRss></item></channel></rss>"
    ),
    "atom": (
        f"<feed xmlns='http://www.w3.org/2005/Atom'><link rel='next' href=\"{HARMFUL}\"/><link href=\"{HARMFUL}\"/>"
        f"<entry><title>a\u202eb</title><link href=\"{HARMFUL}\"/><author><name>O\u2066le</name></author></entry>"
        "</feed>"
    ),
    "json": json.dumps(
        {"version": "https://jsonfeed.org/version/1", "home_page_url": HARMFUL, "next_url": HARMFUL,
         "items": [{"title": "a\u202e\ud800b", "url": HARMFUL, "authors": [{"name": "O\u2066le"}]}]}
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FEEDS)
def test_nothing_that_runs_or_turns_words_around_is_kept_and_the_entry_keeps_its_identity(kind: str) -> None:
    parsed = parse(FEEDS[kind].encode(), "", "https://blog.example/f", NOW)
    (entry,) = parsed.entries
    assert (entry.title, entry.author, entry.link, entry.replies_feed) == ("ab", "Ole", "", "")
    assert (parsed.link, parsed.older) == ("", "")
    assert entry.uid == HARMFUL


# --- When a feed rests ---


def channel(head: str, after: str = "") -> bytes:
    return f"<rss version='2.0'><channel>{head}<item><ttl>1</ttl></item>{after}</channel></rss>".encode()


@pytest.mark.parametrize(
    ("head", "ttl", "hours", "days"),
    [
        ("<ttl>60</ttl>", 3_600, set(), set()),
        ("<ttl> <![CDATA[ 60 ]]> </ttl>", 3_600, set(), set()),
        ("<skipHours><hour>0</hour><hour>24</hour><hour> 7</hour></skipHours>", 0, {0, 7}, set()),
        ("<skiphours>\n<hour>23</hour>\n</skiphours>", 0, {23}, set()),
        ("<skipDays><day>Monday</day><day>sunday</day><day>Lørdag</day></skipDays>", 0, set(), {0, 6}),
        ("<ttl>5</ttl><skipHours><hour>25</hour><hour>-1</hour><hour>x</hour></skipHours>", 300, set(), set()),
    ],
)
def test_a_feed_says_when_it_rests(head: str, ttl: int, hours: set[int], days: set[int]) -> None:
    for body in (channel(head), channel("", head)):
        rests = parse(body, "", ADDRESS, NOW).rests
        assert rests is not None
        assert (rests.ttl, rests.hours, rests.days) == (ttl, hours, days)


ALWAYS = "".join(f"<hour>{hour}</hour>" for hour in range(24))


@pytest.mark.parametrize(
    "head",
    ["", "<ttl>0</ttl>", "<ttl>-5</ttl>", "<ttl>soon</ttl>", "<ttl>99999999999999999</ttl>", "<skipHours/>",
     f"<skipHours>{ALWAYS}</skipHours>", "<x:updatePeriod xmlns:x='y'>daily</x:updatePeriod>", "<hour>3</hour>"],
)  # fmt: skip
def test_a_feed_that_says_nothing_or_nonsense_does_not_rest(head: str) -> None:
    assert parse(channel(head), "", ADDRESS, NOW).rests is None


def test_what_an_item_says_is_not_said_of_the_feed() -> None:
    assert rests_of(channel("") + b"<item><skipDays><day>Monday</day></skipDays></item>") is None
