"""A broken feed is still read whole: the same entries, times, people and Danish letters as from the sound one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Entry
from monitor.poll.guard import Limits
from monitor.poll.parse import parse
from monitor.poll.parsed import Parsed

NOW = 1_800_000_000
ADDRESS = "https://blog.example/feed/"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "thr": "http://purl.org/syndication/thread/1.0",
}
DECLARED = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())


def item(number: int, title: str, author: str) -> str:
    return (
        f"<item><title>{title}</title><link>https://blog.example/{number}/</link>"
        f'<guid isPermaLink="false">https://blog.example/?p={number}</guid><dc:creator>{author}</dc:creator>'
        f"<pubDate>Thu, 0{number} Jan 2026 02:00:00 +0200</pubDate><category>Havn</category>"
        "<description>Broen er åben. Kom og se.</description>"
        "<content:encoded><![CDATA[<p>Broen er <b>åben</b>.<br>Kom &amp; se.</p>]]></content:encoded>"
        f"<wfw:commentRss>https://blog.example/{number}/feed/</wfw:commentRss>"
        f"<slash:comments>{number}</slash:comments></item>"
    )


RSS = (
    f'{DECLARATION}\n<rss version="2.0" {DECLARED}>\n<channel><title>Havnens blog på Ærø</title>'
    "<link>https://blog.example/</link><description>Nyt</description>"
    f"{item(1, 'Blåbærgrød på Ærø', 'Søren Ågård')}\n{item(2, 'Ny færge', 'Bodil Kjær')}\n"
    f"{item(3, 'Ønsker til året', 'Åse Holm')}</channel></rss>"
)


def entry(number: int, title: str, author: str) -> str:
    return (
        f"<entry><id>urn:{number}</id><title>{title}</title><link href='https://forum.example/{number}'/>"
        f"<author><name>{author}</name></author><published>2026-01-0{number}T02:00:00+02:00</published>"
        f"<updated>2026-01-0{number}T02:00:00+02:00</updated><thr:total>{number}</thr:total>"
        "<content type='html'>&lt;p&gt;Færgen sejler&lt;/p&gt;</content></entry>"
    )


ATOM = (
    f'{DECLARATION}\n<feed xmlns="http://www.w3.org/2005/Atom" {DECLARED}>\n<id>urn:f</id><title>Forum på Ærø</title>'
    f"{entry(1, 'Hvornår sejler færgen?', 'Gry Sø')}\n{entry(2, 'Tak', 'Åse Holm')}</feed>"
)


def read(body: bytes, content_type: str = "application/xml", limits: Limits | None = None) -> Parsed:
    parsed = parse(body, content_type, ADDRESS, NOW, limits)
    assert parsed.error is None
    return parsed


def facts(entry: Entry) -> tuple[object, ...]:
    return entry.uid, entry.title, entry.time, entry.author, entry.link, entry.reply_count, entry.replies_feed


def told(parsed: Parsed) -> tuple[object, ...]:
    return parsed.title, parsed.platform, [facts(entry) for entry in parsed.entries]


SOUND = {"rss": told(read(RSS.encode())), "atom": told(read(ATOM.encode()))}


def test_the_sound_feeds_tell_all_that_is_looked_for() -> None:
    title, _, entries = SOUND["rss"]
    assert title == "Havnens blog på Ærø"
    assert entries[0] == (  # type: ignore[index]
        "https://blog.example/?p=1", "Blåbærgrød på Ærø", 1_767_225_600, "Søren Ågård", "https://blog.example/1/", 1,
        "https://blog.example/1/feed/",
    )  # fmt: skip
    assert [len(SOUND[kind][2]) for kind in ("rss", "atom")] == [3, 2]  # type: ignore[arg-type]


# --- Letters ---

CHARSETS: dict[str, Callable[[str], tuple[bytes, str]]] = {
    "UTF-8 that the header calls Latin-1": lambda feed: (feed.encode(), "application/xml; charset=iso-8859-1"),
    "UTF-8 that it calls Latin-1 itself": lambda feed: (feed.replace("UTF-8", "ISO-8859-1").encode(), ""),
    "UTF-8 that it calls Windows-1252": lambda feed: (feed.replace("UTF-8", "windows-1252").encode(), "text/xml"),
    "UTF-8 that nobody calls anything": lambda feed: (feed.replace(' encoding="UTF-8"', "").encode(), "text/xml"),
    "UTF-8 in a charset that is none": lambda feed: (feed.replace("UTF-8", "dansk").encode(), "a/b; charset=å"),
    "UTF-8 that is called UTF-16": lambda feed: (feed.replace("UTF-8", "utf-16").encode(), "a/xml; charset=utf-16"),
    "Latin-1 that it calls UTF-8": lambda feed: (feed.encode("latin-1"), "application/xml; charset=utf-8"),
    "Latin-1 that it calls Latin-1": lambda feed: (feed.replace("UTF-8", "ISO-8859-1").encode("latin-1"), ""),
    "Latin-1 without a word": lambda feed: (feed.replace(DECLARATION, "").encode("latin-1"), ""),
    "Windows-1252": lambda feed: (feed.replace("UTF-8", "windows-1252").encode("cp1252"), "application/rss+xml"),
    "UTF-8 with a mark": lambda feed: (feed.encode("utf-8-sig"), ""),
    "UTF-8 with two marks": lambda feed: (("\ufeff" + feed).encode("utf-8-sig"), ""),
    **{
        f"{charset}{', declared' * declared}{', marked' * marked}": (
            lambda feed, charset=charset, declared=declared, marked=marked: (
                ("\ufeff" * marked + feed.replace("UTF-8", charset if declared else "UTF-8")).encode(charset), ""
            )
        )
        for charset in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
        for declared in (False, True)
        for marked in (False, True)
    },
    "UTF-16 without a declaration": lambda feed: (feed.replace(DECLARATION, "").encode("utf-16-le"), "text/xml"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ["rss", "atom"])
@pytest.mark.parametrize("how", CHARSETS)
def test_letters_are_right_whatever_is_said_of_them(kind: str, how: str) -> None:
    body, content_type = CHARSETS[how]({"rss": RSS, "atom": ATOM}[kind])
    assert told(read(body, content_type)) == SOUND[kind]


def test_one_broken_letter_does_not_spoil_the_others() -> None:
    body = RSS.encode().replace(b"Broen er \xc3\xa5ben", b"Broen er \xe5ben \xff")
    assert told(read(body, "application/xml; charset=utf-8")) == SOUND["rss"]


def test_quotation_marks_of_windows_in_a_feed_that_calls_itself_latin_1_are_read() -> None:
    feed = RSS.replace("UTF-8", "iso-8859-1").replace("Ny færge", "“Ny” færge – 5 €")
    assert read(feed.encode("cp1252")).entries[1].title == "“Ny” færge – 5 €"


# --- Markup ---

BREAKS: dict[str, Callable[[str], str]] = {
    "a bare ampersand": lambda feed: feed.replace("Kom og", "Kom & og").replace("&lt;p", "& &lt;p"),
    "an ampersand at the end": lambda feed: feed + "&",
    "an entity of HTML": lambda feed: feed.replace("Kom og", "Kom&nbsp;og").replace("&lt;p", "&nbsp;&lt;p"),
    "Danish letters as entities of HTML": lambda feed: (
        feed.replace("ø", "&oslash;").replace("å", "&aring;").replace("æ", "&aelig;").replace("Æ", "&AElig;")
    ),
    "an entity that is none": lambda feed: feed.replace("Kom og", "Kom &grød; og").replace("&lt;p", "&x;&lt;p"),
    "characters that no XML may hold": lambda feed: feed.replace("e", "e\x00\x0b").replace("\n", "\x1f\n"),
    "references to no characters": lambda feed: feed.replace("Kom og", "&#0;&#xFFFF;&#x110000;&#xD800;").replace(
        "&lt;p", "&#1;&lt;p"
    ),
    "blank lines before it": lambda feed: "\n\n  \t" + feed,
    "a word before it": lambda feed: "Hej\n" + feed,
    "a warning of its server before it": lambda feed: (
        "<br />\n<b>Warning</b>: Undefined variable $x in <b>/srv/feed.php</b> on line <b>3</b><br />\n" + feed
    ),
    "a warning of its server after it": lambda feed: feed + "\n<b>Warning</b>: x & y in <b>/srv/feed.php</b>",
    "something after it": lambda feed: feed + "<!-- 0.2 seconds --></div></html> slut",
    "no end": lambda feed: re.sub(r"(</channel></rss>|</feed>)$", "", feed),
    "no end of its last item": lambda feed: re.sub(r"(</item></channel></rss>|</entry></feed>)$", "", feed),
    "its end twice": lambda feed: feed + feed[-17:],
    "tags in capitals": lambda feed: re.sub(r"<(/?)(title|link|pubDate|item)(?=[\s>])",
                                            lambda found: f"<{found[1]}{found[2].upper()}", feed),
    "no namespaces declared": lambda feed: feed.replace(DECLARED, ""),
    "attributes without quotation marks": lambda feed: re.sub(
        r"""(isPermaLink|href|type)=["']([^"']*)["']""", r"\1=\2", feed.replace("'/>", "' />")
    ),
    "an attribute twice": lambda feed: feed.replace("<guid ", '<guid isPermaLink="false" ').replace(
        "<content ", "<content type='html' "
    ),
    "an attribute without a value": lambda feed: feed.replace("<guid ", "<guid checked ").replace("<link ", "<link x "),
    "stray end tags": lambda feed: (
        feed.replace("<category>", "</p></div></b><category>").replace("<author>", "</p><author>")
    ),
    "HTML that is not closed": lambda feed: (
        feed.replace("Kom og", "<p>Kom<br>og <b>se").replace("&lt;p", "<br><p>&lt;p")
    ),
    "a CDATA section that is not closed": lambda feed: feed.replace("</p>]]>", "</p>", 1),
    "no CDATA section closed": lambda feed: feed.replace("]]>", ""),
    "the end of a CDATA section in a text": lambda feed: (
        feed.replace("Kom og", "Kom ]]> og").replace("&lt;p", "]]>&lt;p")
    ),
    "a CDATA section in another": lambda feed: (
        feed.replace("<p>Broen", "<script>//<![CDATA[\n x //]]></script><p>Broen")
    ),
    "an element that is not closed": lambda feed: feed.replace("</category>", "").replace("</updated>", "", 1),
    "a description that is not closed": lambda feed: feed.replace("Kom og se.</description>", "Kom og se."),
    "an item that is not closed": lambda feed: feed.replace("</item>", "", 1).replace("</entry>", "", 1),
    "a comment that is not closed": lambda feed: feed + "<!-- slut",
    "a comment with dashes": lambda feed: feed.replace("<channel>", "<channel><!-- a -- b -->").replace(
        "<id>urn:f", "<!-- a -- b --><id>urn:f"
    ),
    "a smaller-than sign": lambda feed: feed.replace("Kom og", "1 < 2 og <3 <").replace("&lt;p", "1 < 2 &lt;p"),
    "an instruction in the middle": lambda feed: feed.replace("<channel>", "<channel><?xml version='1.0'?>").replace(
        "<id>urn:f", "<?xml version='1.0'?><id>urn:f"
    ),
    "a document type that lacks its entities": lambda feed: feed.replace(
        "\n<rss", '<!DOCTYPE rss PUBLIC "-//X" "http://x.example/rss.dtd">\n<rss'
    ).replace("færge", "f&aelig;rge"),
    "entities of its own": lambda feed: (
        '<!DOCTYPE r [<!ENTITY ae "æ">]>' + feed.replace(DECLARATION, "").replace("færge", "f&ae;rge")
    ),
    "entities of its own after a declaration": lambda feed: (
        feed.replace("?>", "?><!DOCTYPE r [<!ENTITY ae 'æ'>]>").replace("færge", "f&ae;rge")
    ),
    "many of these": lambda feed: "\n" + re.sub(r"</channel></rss>$|</feed>$", "", feed)
    .replace("Kom og", "<p>Kom & &nbsp;\x01og")
    .replace(DECLARED, "")
    .replace("</category>", "")
    .replace("</p>]]>", "</p>", 1),
}  # fmt: skip


FEEDS = {"rss": RSS, "atom": ATOM}
BROKEN = [(kind, how) for how in BREAKS for kind, feed in FEEDS.items() if BREAKS[how](feed) != feed]


@pytest.mark.parametrize(("kind", "how"), BROKEN)
def test_a_feed_that_is_broken_tells_the_same_as_the_sound_one(kind: str, how: str) -> None:
    assert told(read(BREAKS[how](FEEDS[kind]).encode())) == SOUND[kind]


def test_a_feed_that_is_broken_keeps_when_it_rests() -> None:
    head = "<ttl>60</ttl><skipHours><hour>3</hour></skipHours>"
    rests = read(RSS.replace("<link>", head + "<link>", 1).replace("Kom og", "Kom & og").encode()).rests
    assert rests is not None
    assert (rests.ttl, rests.hours) == (3_600, frozenset({3}))


@pytest.mark.parametrize("kind", ["rss", "atom"])
def test_a_feed_that_is_cut_off_keeps_every_entry_that_came_whole(kind: str) -> None:
    feed, end = {"rss": (RSS, "</item>"), "atom": (ATOM, "</entry>")}[kind]
    whole = SOUND[kind][2]
    assert isinstance(whole, list)
    for place in range(feed.index(end) + len(end), len(feed), 7):
        came = feed.count(end, 0, place)
        entries = [facts(entry) for entry in read(feed[:place].encode()).entries]
        assert entries[:came] == whole[:came]
        assert came <= len(entries) <= came + 1


def test_a_feed_without_its_beginning_keeps_its_items() -> None:
    entries = read(RSS[RSS.index("<item>") :].encode()).entries
    assert [entry.title for entry in entries] == ["Blåbærgrød på Ærø", "Ny færge", "Ønsker til året"]
    (late,) = read(ATOM[ATOM.rindex("<entry>") :].encode()).entries
    assert (late.title, late.author) == ("Tak", "Åse Holm")


def test_two_feeds_in_one_document_are_both_read() -> None:
    assert len(read((RSS + RSS.replace("?p=", "?q=")).encode()).entries) == 6


# --- JSON ---

ITEMS = [
    {"id": number, "title": "Blåbærgrød", "content_html": 'x" } ] \\ {', "authors": [{"name": "Søren Ågård"}]}
    for number in range(1, 8)
]
JSON = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "På Ærø", "items": ITEMS}, ensure_ascii=False
)


def test_a_json_feed_that_is_cut_off_keeps_every_item_that_came_whole() -> None:
    for place in range(JSON.index("[") + 1, len(JSON), 5):
        came = JSON.count("]}", 0, place)
        if came == 0:
            parsed = parse(JSON[:place].encode(), "application/feed+json", "https://blog.example/feed", 1_790_000_000)
            assert "broken JSON (it ends within its first item)" in (parsed.error or "")
            continue
        parsed = read(JSON[:place].encode(), "application/feed+json")
        assert [entry.uid for entry in parsed.entries] == [str(number) for number in range(1, min(came, 7) + 1)]
        assert {(entry.title, entry.author) for entry in parsed.entries} <= {("Blåbærgrød", "Søren Ågård")}


@pytest.mark.parametrize("charset", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_a_json_feed_is_read_in_any_charset(charset: str) -> None:
    parsed = read(JSON.encode(charset), "application/json")
    assert (parsed.title, len(parsed.entries), parsed.entries[6].author) == ("På Ærø", 7, "Søren Ågård")


def test_a_json_feed_with_control_characters_in_its_texts_is_read() -> None:
    assert read(JSON.replace("grød", "gr\tø\nd").encode()).entries[0].title == "Blåbærgr ø d"


# --- Bounds ---


def numbered(count: int, broken: str = "") -> bytes:
    items = "".join(f"<item><title>{number}</title><guid>{number}</guid>{broken}</item>" for number in range(count))
    return f'<rss version="2.0"><channel><title>T</title>{items}</channel></rss>'.encode()


def titles(body: bytes, limit: int) -> list[str]:
    return [entry.title for entry in read(body, limits=Limits(entries=limit)).entries]


@pytest.mark.parametrize("broken", ["", " & <br>"])
def test_of_more_entries_than_the_limit_both_ends_are_read(broken: str) -> None:
    assert titles(numbered(20, broken), 5) == ["0", "1", "2", "18", "19"]
    assert titles(numbered(20, broken), 1) == ["0"]
    assert titles(numbered(5, broken), 5) == ["0", "1", "2", "3", "4"]
    assert titles(numbered(6, broken), 5) == ["0", "1", "2", "4", "5"]


def test_of_more_json_items_than_the_limit_both_ends_are_read() -> None:
    items = [{"id": str(number), "title": str(number)} for number in range(20)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items}).encode()
    assert titles(body, 5) == ["0", "1", "2", "18", "19"]


def test_what_comes_after_the_items_is_kept_where_their_middle_is_not() -> None:
    body = numbered(20).replace(b"</channel>", b"<ttl>5</ttl></channel>")
    parsed = read(body, limits=Limits(entries=4))
    assert parsed.rests is not None
    assert (len(parsed.entries), parsed.rests.ttl) == (4, 300)


def test_a_feed_of_twenty_megabytes_keeps_all_its_entries() -> None:
    text = "<![CDATA[" + "<p>Lang tekst om havnen på Ærø</p>" * 470 + "]]>"
    body = numbered(1_200, f"<description>{text}</description>")
    assert 18_000_000 < len(body) < 22_000_000
    assert titles(body, 5_000) == [str(number) for number in range(1_200)]


def test_a_text_of_megabytes_does_not_hide_the_items_after_it() -> None:
    body = numbered(3).replace(b"<guid>1", b"<description>" + b"x &amp; y " * 1_000_000 + b"</description><guid>1")
    assert titles(body, 10) == ["0", "1", "2"]


HOSTILE = {
    "entities in entities": "<!DOCTYPE r [<!ENTITY a 'haha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;'>]>",
    "a large entity": f"<!DOCTYPE r [<!ENTITY c '{'ha' * 100_000}'>]>",
    "an entity in a file": "<!DOCTYPE r [<!ENTITY c SYSTEM 'file:///etc/passwd'>]>",
    "an entity of parameters": "<!DOCTYPE r [<!ENTITY % p SYSTEM 'http://127.0.0.1:1/x.dtd'> %p;]>",
    "a document type elsewhere": "<!DOCTYPE r SYSTEM 'http://127.0.0.1:1/x.dtd'>",
    "a document type without an end": "<!DOCTYPE r [<!ENTITY c 'x'",
}


@pytest.mark.parametrize("doctype", HOSTILE)
def test_no_document_type_is_fetched_read_or_expanded(doctype: str) -> None:
    body = HOSTILE[doctype].encode() + numbered(3).replace(b"<title>1", b"<title>Hej &c;")
    for entry in parse(body, "", ADDRESS, NOW).entries:
        assert "root:" not in entry.title
        assert "haha" not in entry.title


def test_hostile_structure_leaves_the_other_items_readable() -> None:
    for piece in (
        b"<a>" * 50_000,
        b"<category>%d</category>" * 5_000,
        b"<x " + b"".join(b'a%d="" ' % number for number in range(100_000)) + b"/>",
        b"<author>" + b"a" * 300_000 + b"</author>",
        b"<pubDate>" + b"1" * 1_000_000 + b"</pubDate>",
        b"".join(b'<n%d:a xmlns:n%d="urn:%d"/>' % (number, number, number) for number in range(5_000)),
        b"<?x?> " * 50_000,
        b"<y xml:base='http://x.example/" + b"z" * 5_000 + b"'/>",
    ):
        body = numbered(3).replace(b"<guid>1", piece + b"<guid>1")
        assert titles(body, 10) == ["0", "1", "2"]


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_few_wrong_characters_cost_no_more_than_a_few_entries(data: st.DataObject) -> None:
    """Wherever something is put in, or taken out, of a feed of three items, at least one is still read."""
    feed = RSS.encode()
    place = data.draw(st.integers(feed.index(b"<item>"), len(feed)))
    gone = data.draw(st.integers(0, 5))
    added = data.draw(st.sampled_from([b"", b"&", b"<", b">", b'"', b"</", b"\0", b"\xff", b"</x>", b"<x>", b"]]>"]))
    parsed = parse(feed[:place] + added + feed[place + gone :], "application/xml", ADDRESS, NOW)
    assert parsed.error is None
    assert len(parsed.entries) >= 2
