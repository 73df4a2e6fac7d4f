"""Documents of one piece again and again: what takes a parser more than its share of time as they grow."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from tests.fuzz import words
from tests.fuzz.mutate import into_a_tag, swap_text

RSS = (b'<rss version="2.0"><channel><title>T</title><item>', b"</item></channel></rss>")
ATOM = (b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>', b"</entry></feed>")
BROKEN = (b'<rss version="2.0"><channel><title>a & b</title><item>', b"</item></channel></rss>")
"""No XML, so that feedparser's loose parser reads it."""


def _within(frame: tuple[bytes, bytes], before: bytes, piece: bytes, after: bytes = b"") -> Callable[[int], bytes]:
    def document(size: int) -> bytes:
        return frame[0] + before + piece * (size // len(piece)) + after + frame[1]

    return document


def _numbered(frame: tuple[bytes, bytes], before: bytes, piece: bytes, after: bytes = b"") -> Callable[[int], bytes]:
    def document(size: int) -> bytes:
        pieces, length, number = [], 0, 0
        while length < size:
            pieces.append(piece.replace(b"%d", b"%d" % number))
            length, number = length + len(pieces[-1]), number + 1
        return frame[0] + before + b"".join(pieces) + after + frame[1]

    return document


def _ways(frame: tuple[bytes, bytes]) -> dict[str, Callable[[int], bytes]]:
    d, e = (b"<description>", b"</description>") if frame is not ATOM else (b"<content type='html'>", b"</content>")
    return {
        "open tags": _within(frame, b"", b"<a>"),
        "open items": _within(frame, b"", b"<item>" if frame is not ATOM else b"<entry>"),
        "open prefixed tags": _within(frame, b"", b"<media:group>"),
        "nested and closed": lambda size: frame[0] + b"<x>" * (size // 7) + b"</x>" * (size // 7) + frame[1],
        "closing tags only": _within(frame, b"", b"</a>"),
        "less-than signs": _within(frame, b"", b"<"),
        "less-than signs and spaces": _within(frame, b"", b"< "),
        "<!": _within(frame, b"", b"<!"),
        "<!x": _within(frame, b"", b"<!x "),
        "<![": _within(frame, b"", b"<!["),
        "<![CDATA[ unclosed": _within(frame, d, b"<![CDATA["),
        "<![CDATA[]]>": _within(frame, d, b"<![CDATA[x]]>", e),
        "<!-- unclosed": _within(frame, b"", b"<!--"),
        "<!-- -->": _within(frame, b"", b"<!-- x -->"),
        "<?": _within(frame, b"", b"<?"),
        "<?x?>": _within(frame, b"", b"<?x?>"),
        "ampersands": _within(frame, d, b"&", e),
        "&#": _within(frame, d, b"&#", e),
        "&amp;": _within(frame, d, b"&amp;", e),
        "&amp;lt;": _within(frame, d, b"&amp;lt;", e),
        "&#38;": _within(frame, d, b"&#38;", e),
        "&lt;a ": _within(frame, d, b"&lt;a ", e),
        "&lt;a&gt;": _within(frame, d, b"&lt;a&gt;", e),
        "&lt;!--": _within(frame, d, b"&lt;!--", e),
        "&unknown;": _within(frame, d, b"&unknown;", e),
        "long text": _within(frame, d, b"x", e),
        "spaces": _within(frame, d, b" ", e),
        "lines": _within(frame, d, b"\n", e),
        "quotes in a tag": _within(frame, b"<a ", b"'\""),
        "attributes of one name": _within(frame, b"<a", b" b='c'", b">"),
        "attributes of many names": _numbered(frame, b"<a", b" b%d='c'", b">"),
        "attributes without values": _numbered(frame, b"<a", b" b%d", b">"),
        "attributes never ended": _numbered(frame, b"<a", b" b%d='c'"),
        "equals signs in a tag": _within(frame, b"<a ", b"=", b">"),
        "namespaces on one tag": _numbered(frame, b"<a", b" xmlns:n%d='urn:%d'", b">"),
        "namespaces, nested": _numbered(frame, b"", b"<a xmlns:n%d='urn:%d'>"),
        "tags of many names": _numbered(frame, b"", b"<t%d>x</t%d>"),
        "prefixes of many names": _numbered(frame, b"", b"<p%d:t>x</p%d:t>"),
        "links": _numbered(frame, b"", b"<link rel='alternate' href='/%d'/>"),
        "link texts": _numbered(frame, b"", b"<link>http://a.example/%d</link>"),
        "guids": _numbered(frame, b"", b"<guid>%d</guid>"),
        "authors": _numbered(frame, b"", b"<author>a%d@b.example (A)</author>"),
        "atom authors": _numbered(frame, b"", b"<author><name>a%d</name><email>a@b.example</email></author>"),
        "categories": _numbered(frame, b"", b"<category>c%d</category>"),
        "contents": _numbered(frame, b"", b"<content:encoded>c%d</content:encoded>"),
        "summaries": _numbered(frame, b"", b"<summary>c%d</summary><description>d%d</description>"),
        "titles": _numbered(frame, b"", b"<title>c%d</title>"),
        "enclosures": _numbered(frame, b"", b"<enclosure url='/%d' length='1'/>"),
        "media": _numbered(frame, b"", b"<media:content url='/%d'/><media:credit>x</media:credit>"),
        "sources": _numbered(frame, b"", b"<source><title>%d</title></source>"),
        "xml:base, nested": _within(frame, b"", b"<a xml:base='b/'>"),
        "xml:lang, nested": _within(frame, b"", b"<a xml:lang='da'>"),
        "in-reply-to": _numbered(frame, b"", b"<thr:in-reply-to ref='%d' href='/%d'/>"),
        "a long date of digits": _within(frame, b"<pubDate>", b"1", b"</pubDate>"),
        "a long date of spaces": _within(frame, b"<pubDate>Thu", b" ", b"</pubDate>"),
        "a long date of colons": _within(frame, b"<pubDate>", b"1:", b"</pubDate>"),
        "a long date of dashes": _within(frame, b"<updated>", b"2026-", b"</updated>"),
        "a long date of letters": _within(frame, b"<dc:date>", b"T1", b"</dc:date>"),
        "a long author of at-signs": _within(frame, b"<author>", b"a@", b"</author>"),
        "a long author of brackets": _within(frame, b"<author>", b"(", b"</author>"),
        "a long author of dots": _within(frame, b"<author>a@", b"a.", b"</author>"),
        "a long author of words": _within(frame, b"<author>", b"a ", b"</author>"),
        "a long link": _within(frame, b"<link>http://a.example/", b"../", b"</link>"),
        "a long guid": _within(frame, b"<guid>", b"%20", b"</guid>"),
        "a long name": _within(frame, b"<", b"a", b">"),
        "a long prefix": _within(frame, b"<", b"a:", b">"),
        "a long title of tags": _within(frame, b"<title type='html'>", b"&lt;a&gt;", b"</title>"),
        "a long title of open tags": _within(frame, b"<title type='html'>", b"&lt;a ", b"</title>"),
        "base64 content": _within(frame, b"<content type='application/x'>", b"QUJD", b"</content>"),
        "georss": _within(frame, b"<georss:line>", b"1 ", b"</georss:line>"),
        "georss polygon": _within(frame, b"<georss:polygon>", b"1,", b"</georss:polygon>"),
        "a long doctype": lambda size: b"<!DOCTYPE r [" + b"<!ENTITY a 'x'>" * (size // 15) + b"]>" + b"x".join(frame),
        "doctype entities": lambda size: (
            b"<!DOCTYPE r [" + b"".join(b"<!ENTITY e%d 'x'>" % n for n in range(size // 18)) + b"]>" + b"x".join(frame)
        ),
        "doctype never ended": lambda size: b"<!DOCTYPE r [" + b"<!ENTITY " * (size // 9) + b"x".join(frame),
        "a long declaration": lambda size: b"<?xml version='1.0' " + b" " * size + b"?>" + b"x".join(frame),
        "a declaration never ended": lambda size: b"<?xml" + b" encoding='x'" * (size // 13) + b"x".join(frame),
        "entity used often": lambda size: (
            b"<!DOCTYPE r [<!ENTITY a '" + b"x" * (size // 2) + b"'>]>" + frame[0] + d + b"&a;" * (size // 6) + e
            + frame[1]
        ),
        "zero bytes": _within(frame, d, b"\x00", e),
        "bytes of no charset": _within(frame, d, b"\xff\xfe\x80", e),
        "windows quotes": _within(frame, d, b"\x93\x94", e),
    }  # fmt: skip


FRAMES = {"rss": RSS, "atom": ATOM, "broken": BROKEN}
RECIPES = {f"{frame}: {way}": made for frame, parts in FRAMES.items() for way, made in _ways(parts).items()}
"""Every way to grow, by name: the document of about so many bytes."""


def random_document(random: Random, size: int) -> bytes:
    """Pieces of the dictionary, together, again and again."""
    head, tail = random.choice((RSS, ATOM, BROKEN, (b"", b""), (b"<html>", b""), (b"{", b"}"), (b'{"items":[', b"]}")))
    piece = b"".join(random.choice(words.ALL)[:200] for _ in range(random.choice((1, 1, 2, 3))))
    before, after = (random.choice((b"", random.choice(words.ALL)[:200])) for _ in range(2))
    if random.random() < 0.3:
        piece = random.choice((into_a_tag, swap_text))(random, piece + b">", b"")
    return head + before + (piece or b"<") * (size // max(1, len(piece))) + after + tail
