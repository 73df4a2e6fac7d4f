"""Faults of XML: what a tolerant reader reads all the same, and what nobody may be drawn into."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from monitor.poll import Limits
from tests.faults.fault import BRIEF, Act, Either, Fault, Must, Read, either, reads
from tests.faults.feeds import (
    BLOG,
    DECLARATION,
    FEED,
    NEWS,
    STANDARD,
    atom,
    atom_entry,
    channel,
    item,
    items,
    json_feed,
    json_item,
    rss,
    titled,
    with_first,
)
from tests.faults.server import XML

FIRST, SECOND, THIRD = STANDARD
TOO_MUCH = r"nest|entit|too (deep|much|large|long|many)|larger|broken|could not be read|seconds|memory|expected"
VAGUE = replace(FIRST, title_says=r"(?!.*(root:|/bin/)).{0,600}")
"""The first entry where its title is not to be had."""
LAST_TITLE = THIRD.title.encode()


def serving(body: bytes, content_type: str = XML) -> Act:
    return lambda talk: talk.answer(body, content_type=content_type)


def xml(name: str, serves: str, body: bytes, must: Must | None = None, content_type: str = XML) -> Fault:
    """A document that must be read, with the standard entries unless it says otherwise."""
    limits = BRIEF if isinstance(must, Either) else Limits()
    return Fault(name, serves, serving(body, content_type), Read() if must is None else must, limits=limits)


def first_titled(name: str, serves: str, markup: str, title: str) -> Fault:
    """A feed whose first title is written as ``markup`` and reads ``title``."""
    return xml(name, serves, with_first(item(FIRST, title=markup)), reads(titled(title), SECOND, THIRD))


def with_trap(make: Callable[[str], bytes], content_type: str = XML) -> Act:
    """A document that names a service of the house."""
    return lambda talk: talk.answer(make(f"http://127.0.0.1:{talk.farm.trap.port}"), content_type=content_type)


def doctype(inside: str, root: str = "rss") -> str:
    return f"{DECLARATION}<!DOCTYPE {root} {inside}>\n"


def laughs(levels: int = 10, width: int = 10) -> str:
    """Entities of entities: ten levels of ten are 30 GB."""
    nested = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * width}">' for n in range(1, levels))
    return f'[<!ENTITY l0 "lol">{nested}]'


LAUGHS = rss(item(FIRST, title="&l9;"), *items(STANDARD[1:]), declaration=doctype(laughs()))
QUADRATIC = rss(
    item(FIRST, "<description>" + "&big;" * 10_000 + "</description>"), *items(STANDARD[1:]),
    declaration=doctype(f'[<!ENTITY big "{"x" * 100_000}">]'),
)  # fmt: skip
SELF_ENTITY = rss(
    item(FIRST, title="&a;"), *items(STANDARD[1:]), declaration=doctype('[<!ENTITY a "&b;"><!ENTITY b "&a;">]')
)
XXE = rss(
    item(FIRST, title="&x;"), *items(STANDARD[1:]), declaration=doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]')
)
OWN_ENTITY = rss(
    item(FIRST, title="&hav;"), *items(STANDARD[1:]), declaration=doctype(f'[<!ENTITY hav "{FIRST.title}">]')
)

RSS_091 = (
    '<?xml version="1.0" encoding="ISO-8859-1"?>\n<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" '
    '"http://my.netscape.com/publish/formats/rss-0.91.dtd">\n<rss version="0.91"><channel><title>Blog på øen</title>'
    f"<link>{BLOG}/</link><description>x</description><language>da</language>{''.join(items())}</channel></rss>"
).encode("latin-1")
RSS_10 = (
    f'{DECLARATION}<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
    f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="{BLOG}/"><title>Blog</title></channel>'
    + "".join(
        f'<item rdf:about="{one.link}"><title>{one.title}</title><link>{one.link}</link><dc:creator>{one.author}'
        f"</dc:creator><dc:date>{one.moment.isoformat()}</dc:date></item>"
        for one in STANDARD
    )
    + "</rdf:RDF>"
).encode()
ATOM_03 = (
    f'{DECLARATION}<feed version="0.3" xmlns="http://purl.org/atom/ns#"><title>Blog</title>'
    + "".join(
        f'<entry><title>{one.title}</title><link rel="alternate" href="{one.link}"/><id>{one.guid}</id>'
        f"<author><name>{one.author}</name></author><issued>{one.moment.isoformat()}</issued>"
        f"<modified>{one.moment.isoformat()}</modified></entry>"
        for one in STANDARD
    )
    + "</feed>"
).encode()
PREFIXED = (
    f'{DECLARATION}<a:feed xmlns:a="http://www.w3.org/2005/Atom"><a:title>Blog</a:title>'
    + "".join(atom_entry(one).replace("</", "</a:").replace("<", "<a:").replace("<a:/a:", "</a:") for one in STANDARD)
    + "</a:feed>"
).encode()
XHTML_CONTENT = atom(
    *(
        atom_entry(one).replace(
            "</entry>", '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>Grød<br/></p></div></content></entry>'
        )
        for one in STANDARD
    )
)  # fmt: skip
NO_PREFIX = (
    DECLARATION.encode() + channel(*items()).replace('xmlns:dc="http://purl.org/dc/elements/1.1/" ', "").encode()
)
UPPER = rss(*items()).decode()
for _tag in ("rss", "channel", "item", "title", "link", "description", "guid", "pubDate"):
    UPPER = UPPER.replace(f"<{_tag}", f"<{_tag.upper()}").replace(f"</{_tag}>", f"</{_tag.upper()}>")
ATTRIBUTES = " ".join(f"a{n}='{n}'" for n in range(100_000))
MANY_ATTRIBUTES = rss(item(FIRST, f"<media {ATTRIBUTES}/>"), *items(STANDARD[1:]))
NO_CHANNEL = (
    f"{DECLARATION}<rss version='2.0' xmlns:dc='http://purl.org/dc/elements/1.1/'>{''.join(items())}</rss>".encode()
)
OUTSIDE = DECLARATION.encode() + channel().replace("</channel>", "</channel>" + "".join(items())).encode()
JSON_1 = json.dumps(
    {"version": "https://jsonfeed.org/version/1", "title": "Blog",
     "items": [{**json_item(one), "authors": None, "author": {"name": one.author}} for one in STANDARD]}
).encode()  # fmt: skip
NO_TITLES = [replace(one, title="") for one in STANDARD]


def deep(levels: int) -> str:
    return "<div>" * levels + "grød" + "</div>" * levels


MARKUP = [
    # --- every format as it should be ---
    xml("rss-2.0", "RSS 2.0", FEED),
    xml("rss-0.91", "RSS 0.91 with its DTD", RSS_091, Read(tuple(replace(one, author="") for one in STANDARD))),
    xml("rss-1.0", "RSS 1.0", RSS_10),
    xml("atom-0.3", "Atom 0.3", ATOM_03),
    xml("atom-1.0", "Atom", atom()),
    xml("atom-prefixed", "Atom whose tags have a prefix", PREFIXED),
    xml("atom-xhtml", "Atom with XHTML in it", XHTML_CONTENT),
    xml("json-feed", "JSON Feed", json_feed(), content_type="application/feed+json"),
    xml("json-feed-1", "JSON Feed 1.0", JSON_1, content_type="application/json"),
    xml("json-feed-as-html", "JSON Feed said to be HTML", json_feed(), content_type="text/html"),
    xml("rss-as-html", "RSS said to be HTML", FEED, content_type="text/html; charset=utf-8"),
    xml("rss-as-text", "RSS said to be text", FEED, content_type="text/plain"),
    xml("rss-untyped", "RSS of no type", FEED, content_type=""),
    xml("rss-as-octets", "RSS said to be bytes", FEED, content_type="application/octet-stream"),
    xml("no-entries", "RSS without an item", DECLARATION.encode() + channel().encode(), reads()),
    xml(
        "no-entries-atom",
        "Atom without an entry",
        f'{DECLARATION}<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title></feed>'.encode(),
        reads(),
    ),
    xml(
        "no-entries-json",
        "JSON Feed without an item",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "Blog", "items": []}',
        reads(),
    ),
    # --- before and around the document ---
    xml("no-declaration", "no XML declaration", channel(*items()).encode()),
    xml("xml-1.1", "XML 1.1", FEED.replace(b'version="1.0"', b'version="1.1"')),
    xml("xml-2.0", "XML of a version that is not there", FEED.replace(b'version="1.0"', b'version="2.0"')),
    xml(
        "declaration-unquoted",
        "an XML declaration without quotes",
        FEED.replace(b'"1.0" encoding="UTF-8"', b"1.0 encoding=UTF-8"),
    ),
    xml("declaration-cut", "an XML declaration that is not closed", FEED.replace(b"?>", b">", 1)),
    xml("blank-lines-first", "blank lines before the declaration", b"\n\n  \r\n" + FEED),
    xml(
        "mark-and-blanks-first",
        "a byte order mark and blank lines before the declaration",
        b"\xef\xbb\xbf\r\n\r\n" + FEED,
    ),
    xml("two-marks-first", "two byte order marks", b"\xef\xbb\xbf\xef\xbb\xbf" + FEED),
    xml(
        "warning-first",
        "a program's warning before the declaration",
        b"<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/feed.php</b> on line <b>3</b><br />\n" + FEED,
    ),
    xml("words-first", "words before the declaration", "Opdateret på øen: ".encode() + FEED),
    xml(
        "warning-last",
        "a program's warning behind the feed",
        FEED + b"<br />\n<b>Warning</b>: mysqli_close() in <b>/var/www/feed.php</b> on line <b>9</b><br />",
    ),
    xml("comment-last", "a page's comment behind the feed", FEED + b"<!-- Dynamic page generated in 0.2 seconds. -->"),
    xml("two-declarations", "the declaration twice", DECLARATION.encode() + FEED),
    xml("two-roots", "two feeds one after the other", FEED + channel(item(NEWS)).encode(), reads(*STANDARD, NEWS)),
    xml(
        "style-sheet",
        "processing instructions",
        FEED.replace(b"?>\n", b'?>\n<?xml-stylesheet type="text/xsl" href="/feed.xsl"?>\n<?php echo 1; ?>\n', 1),
    ),
    xml(
        "comment-first",
        "10 kB of comments before the feed",
        FEED.replace(b"?>\n", b"?>\n<!-- " + b"x" * 10_000 + b" -->\n", 1),
    ),
    # --- letters ---
    first_titled("ampersand", "bare ampersands", "Kaffe & kage &co & bær", "Kaffe & kage &co & bær"),
    first_titled("less-than", "a bare <", "5 < 7 på øen", "5 < 7 på øen"),
    first_titled(
        "html-entities",
        "HTML's entities, which XML does not know",
        "Bl&aring;b&aelig;r p&aring; &oslash;en&nbsp;nu",
        "Blåbær på øen nu",
    ),
    first_titled("html-entities-twice", "HTML's entities, escaped again", "Bl&amp;aring;b&amp;aelig;r", "Blåbær"),
    first_titled("unknown-entity", "an entity that nobody knows", "Blåbær &havnen; nu", "Blåbær &havnen; nu"),
    first_titled("number-entities", "letters by their numbers", "Bl&#229;b&#xE6;r p&#xe5; &#248;en", "Blåbær på øen"),
    first_titled("windows-entities", "Windows-1252 numbers", "&#147;Havnen&#148; &#150; nu", "“Havnen” – nu"),
    first_titled(
        "control-characters", "control characters in a title", "Blå\x08bær\x0b på\x1f øen\x7f", "Blåbær på øen"
    ),
    first_titled("control-entities", "control characters by their numbers", "Blå&#8;bær p&#x1;å øen", "Blåbær på øen"),
    first_titled("not-characters", "code points that are no characters", "Blåbær\ufffe på\uffff øen", "Blåbær på øen"),
    first_titled("cdata", "a title in CDATA", "<![CDATA[Kaffe & kage på øen]]>", "Kaffe & kage på øen"),
    first_titled("cdata-end", "]]> in a title", "Blåbær ]]> på øen", "Blåbær ]]> på øen"),
    first_titled("markup-in-title", "tags in a title", "Ny <b>fed</b> nyhed", "Ny fed nyhed"),
    first_titled("lines-in-title", "a title over many lines", "\n\n   Blåbær\r\n\tpå\n   øen  \n", "Blåbær på øen"),
    # --- tags ---
    xml("missing-end", "no end", FEED[: FEED.index(b"</channel>")]),
    xml("missing-end-of-item", "the last item has no end", FEED[: FEED.rindex(b"</item>")]),
    xml("cut-in-item", "breaks off in the last item's text", FEED[: FEED.rindex(b"</description>") - 8]),
    xml("cut-in-tag", "breaks off in a tag", FEED[: FEED.rindex(b"</description>") + 6]),
    xml("cut-in-letter", "breaks off in the middle of a letter", FEED[: FEED.rindex("ø".encode()) + 1]),
    xml(
        "unclosed-tags",
        "HTML's unclosed tags in a text",
        with_first(item(FIRST, "<description><p>Grød<br>med <img src=x> bær</description>")),
    ),
    xml("unclosed-title", "a title that is not closed", FEED.replace(LAST_TITLE + b"</title>", LAST_TITLE)),
    xml(
        "unquoted-attribute", "an attribute without quotes", FEED.replace(b"isPermaLink='false'", b"isPermaLink=false")
    ),
    xml(
        "duplicate-attribute",
        "an attribute twice",
        FEED.replace(b"isPermaLink='false'", b"isPermaLink='false' isPermaLink='false'"),
    ),
    xml(
        "attribute-with-less-than", "a < in an attribute", with_first(item(FIRST, '<enclosure url="a<b" note="<i>"/>'))
    ),
    xml(
        "wrong-nesting",
        "tags that end crosswise",
        with_first(item(FIRST, "<description><b><i>Grød</b></i></description>")),
    ),
    xml("stray-end-of-item", "</item> once too often", with_first(item(FIRST) + "</item></item>")),
    xml("stray-end-of-channel", "</channel> before the last items", with_first(item(FIRST) + "</channel>")),
    xml(
        "item-in-item",
        "an item that begins before the other has ended",
        FEED.replace(b"</item>\n<item><title>" + SECOND.title.encode(), b"\n<item><title>" + SECOND.title.encode()),
    ),
    xml(
        "cdata-not-closed",
        "CDATA that is not closed",
        rss(*items(STANDARD[:2]), item(THIRD, "<description><![CDATA[Grød og bær</description>")),
    ),
    xml(
        "cdata-in-cdata",
        "CDATA in CDATA",
        with_first(item(FIRST, "<description><![CDATA[a <![CDATA[b]]> c]]></description>")),
    ),
    xml("comment-with-dashes", "a comment with -- in it", rss(*items(), head="<!-- et -- to --- tre -->")),
    xml("comment-not-closed", "a comment that is not closed", FEED.replace(b"</channel>", b"<!-- slut </channel>")),
    xml("undeclared-prefix", "dc: without its namespace", NO_PREFIX),
    xml("odd-prefix", "a prefix that nobody declared", with_first(item(FIRST, "<havn:kaj x:y='1'>9</havn:kaj>"))),
    xml("upper-case", "tags in capitals", UPPER.encode()),
    xml("no-channel", "items without a channel", NO_CHANNEL),
    xml("items-outside", "items behind their channel", OUTSIDE),
    xml(
        "html-around",
        "the feed within an HTML page's tags",
        b"<html><body>" + FEED + b"</body></html>",
        either("HTML|expected"),
    ),
    xml(
        "empty-items",
        "items with nothing in them beside the real ones",
        rss(*items(), "<item></item>", "<item/>"),
        reads(*STANDARD),
    ),
    xml("no-titles", "items without titles", rss(*(item(one, title="-") for one in NO_TITLES)), reads(*NO_TITLES)),
    # --- traps ---
    xml("billion-laughs", "entities of entities: 3 kB that are 30 GB", LAUGHS, either(TOO_MUCH, VAGUE, SECOND, THIRD)),
    xml("quadratic-entities", "one entity of 100 kB, 10,000 times", QUADRATIC, either(TOO_MUCH)),
    xml("entity-of-itself", "two entities of each other", SELF_ENTITY, either(TOO_MUCH, VAGUE, SECOND, THIRD)),
    xml("own-entity", "an entity that the feed defines", OWN_ENTITY),
    xml("external-entity", "an entity that is /etc/passwd", XXE, either(TOO_MUCH, VAGUE, SECOND, THIRD)),
    Fault(
        "external-entity-web",
        "an entity that is a service of the house",
        with_trap(
            lambda trap: rss(
                item(FIRST, title="&x;"), *items(STANDARD[1:]), declaration=doctype(f'[<!ENTITY x SYSTEM "{trap}/e">]')
            )
        ),
        either(TOO_MUCH, VAGUE, SECOND, THIRD),
    ),
    Fault(
        "external-dtd",
        "a DTD at a service of the house",
        with_trap(lambda trap: rss(declaration=doctype(f'SYSTEM "{trap}/rss.dtd"'))),
    ),
    Fault(
        "parameter-entity",
        "a parameter entity at a service of the house",
        with_trap(lambda trap: rss(declaration=doctype(f'[<!ENTITY % p SYSTEM "{trap}/p"> %p;]'))),
    ),
    Fault(
        "style-sheet-in-house",
        "a style sheet at a service of the house",
        with_trap(lambda trap: FEED.replace(b"?>\n", f'?>\n<?xml-stylesheet href="{trap}/x.xsl"?>\n'.encode(), 1)),
    ),
    Fault(
        "xinclude",
        "an XInclude of a service of the house",
        with_trap(
            lambda trap: with_first(
                item(FIRST, f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{trap}/"/>')
            )
        ),
    ),
    Fault(
        "schema-in-house",
        "a schema at a service of the house",
        with_trap(
            lambda trap: FEED.replace(
                b'version="2.0"',
                f'version="2.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
                f'xsi:schemaLocation="{BLOG} {trap}/x.xsd"'.encode(),
                1,
            )
        ),
    ),
    xml(
        "deep-tags",
        "a text nested 100,000 deep",
        with_first(item(FIRST, f"<description>{deep(100_000)}</description>")),
        either(TOO_MUCH),
    ),
    xml(
        "deep-tags-unclosed",
        "100,000 tags that are not closed, behind the items",
        FEED.replace(b"</channel>", b"<x>" * 100_000),
        either(TOO_MUCH),
    ),
    xml("many-attributes", "a tag with 100,000 attributes", MANY_ATTRIBUTES, either(TOO_MUCH)),
    xml(
        "many-namespaces",
        "20,000 namespaces",
        FEED.replace(
            b'version="2.0"', b'version="2.0" ' + b" ".join(b'xmlns:n%d="u:%d"' % (n, n) for n in range(20_000)), 1
        ),
        either(TOO_MUCH, *(replace(one, author="") for one in STANDARD)),
    ),
    xml(
        "many-entities-declared",
        "20,000 entities declared",
        rss(declaration=doctype("[" + "".join(f'<!ENTITY e{n} "{n}">' for n in range(20_000)) + "]")),
    ),
    xml(
        "tag-of-a-megabyte",
        "a tag with a name of 1 MB",
        with_first(item(FIRST, f"<{'x' * 1_000_000}>grød</{'x' * 1_000_000}>")),
        either(TOO_MUCH),
    ),
    xml("many-less-thans", "500,000 <", rss(*items(), head="<" * 500_000), either(TOO_MUCH)),
    xml(
        "many-ampersands",
        "1,000,000 &",
        with_first(item(FIRST, f"<description>{'&' * 1_000_000}</description>")),
        either(TOO_MUCH),
    ),
    xml(
        "many-comments-begun",
        "200,000 comments begun and never ended",
        FEED.replace(b"</channel>", b"<!--" * 200_000),
        either(TOO_MUCH),
    ),
    xml(
        "many-cdata-begun",
        "100,000 CDATA begun and never ended",
        FEED.replace(b"</channel>", b"<![CDATA[" * 100_000),
        either(TOO_MUCH),
    ),
    xml("many-doctypes", "50,000 DOCTYPEs begun", b"<!DOCTYPE rss [" * 50_000 + FEED, either(TOO_MUCH)),
]
