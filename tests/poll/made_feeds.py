"""Feeds made by chance: of pieces that are plain, and of pieces that are anything but."""

from __future__ import annotations

from hypothesis import strategies as st

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
    st.sampled_from(
        ["", " ", "Anna Holm", "&amp;", "a &lt;b&gt;bold&lt;/b&gt; word", "R&amp;amp;D", "&amp;#8217;", "&#8217;s", "é",
         "\u00c3\u00a9", "&#150;", "&#x2014;", "&lt;/foo&gt;", "&amp;nosuch;", "[", "  two  words ", "line\nbreak",
         "<![CDATA[<p>raw &amp; &#39;</p>]]>", "<!-- no -->x", "x<?pi y?>z", "<b>markup</b>", "&lt;p&gt;Comments: 3"]
    ),
)  # fmt: skip
LINKS = st.sampled_from(
    ["https://blog.example/a/", "http://Blog.example/a?x=1&amp;y=2#c", "/relative", "a b", "?p=3", "//host/x", "#top",
     "https:///three/slashes", "https://blog.example/a;b/", "https://[bad/", "mailto:a@b.example", "urn:uuid:1",
     "tag:blog.example,2026:1", " https://blog.example/space ", "", "https://blog.example/å", "https://x/?a&amp;b;c",
     "HTTPS://BLOG.example/A", "https://x.example/?", "javascript:x", "https://blog.example/a/#comment-7"]
)  # fmt: skip
MOMENTS = st.sampled_from(
    ["Thu, 01 Jan 2026 02:00:00 +0200", "Thu, 01 Jan 2026 02:00:00 GMT", "1 Jan 2026 02:00 +0000",
     "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123+01:00", "2026-01-01", "2026-01-01T00:00:00-03:30",
     "2026-02-31T00:00:00Z", "Thu, 31 Feb 2026 02:00:00 GMT", "2026-01-01 10:00:00+01:00", "2026-01-01T10:00Z", "",
     "fredag den 2. maj", "Thu, 01 Jan 2026 02:00:00 CET", "Thu, 01 Jan 26 02:00:00 EST", "20260101T000000Z",
     "1767225600", "Thu, 01 Jan 2026 23:59:60 GMT", "2026-01-01T24:00:00Z", " Thu, 01 Jan 2026 02:00:00 GMT\n"]
)  # fmt: skip
PEOPLE = st.one_of(
    TEXTS,
    st.sampled_from(["anna@blog.example (Anna Holm)", "Anna &lt;anna@blog.example&gt;", "anna@blog.example", "@anna"]),
)
NAMESPACES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "thr": "http://purl.org/syndication/thread/1.0",
    "wfw": "http://wellformedweb.org/CommentAPI/",
    "media": "http://search.yahoo.com/mrss/",
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "dcterms": "http://purl.org/dc/terms/",
    "discourse": "http://www.discourse.org/",
    "foo": "urn:foo",
    "georss": "http://www.georss.org/georss",
}


def element(
    names: list[str], texts: st.SearchStrategy[str], attributes: tuple[str, ...] = ("",)
) -> st.SearchStrategy[str]:
    return st.builds(
        lambda name, said, text: f"<{name}{said}>{text}</{name}>",
        st.sampled_from(names),
        st.sampled_from(attributes),
        texts,
    )


def atom_link(prefix: str = "") -> st.SearchStrategy[str]:
    return st.builds(
        lambda rel, kind, href, more: f"<{prefix}link{rel}{kind} href='{href}'{more}/>",
        st.sampled_from(["", " rel='alternate'", " rel='self'", " rel='replies'", " rel='NEXT'", " rel='enclosure'"]),
        st.sampled_from(["", " type='text/html'", " type='application/atom+xml'", " type='image/png'"]),
        LINKS,
        st.sampled_from(["", " title='T'", " thr:count='3'", " count='4'", " hreflang='da'"]),
    )


def person(name: str) -> st.SearchStrategy[str]:
    part = element(["name", "email", "uri"], PEOPLE)
    return st.lists(part, max_size=3).map(lambda parts: f"<{name}>{''.join(parts)}</{name}>")


TYPES = ("", " type='html'", " type='text'", " type='xhtml'", " type='text/plain'", " xml:lang='da'", " mode='escaped'")
COMMON = [
    element(["title", "dc:title", "media:title"], TEXTS, TYPES),
    element(["title", "description", "summary", "content:encoded", "content"], TEXTS),
    element(["description", "summary", "content", "content:encoded"], TEXTS, TYPES),
    element(["itunes:summary", "media:description"], TEXTS, TYPES),
    element(["guid", "id", "atom:id"], LINKS, ("", " isPermaLink='false'", " isPermaLink='true'", " ispermalink='no'")),
    element(["link"], LINKS, ("", " rel='self'", " foo='1'")),
    atom_link(),
    atom_link("atom:"),
    element(["pubDate", "published", "updated", "dc:date"], MOMENTS),
    element(["modified", "dcterms:created", "created", "issued"], MOMENTS),
    element(["author", "dc:creator", "managingEditor", "itunes:author", "dc:author"], PEOPLE),
    person("author"),
    person("contributor"),
    element(["slash:comments", "thr:total", "comments"], st.sampled_from(["3", "", "x", " 7 ", "-1"]), ("", " a='1'")),
    element(["wfw:commentRss", "wfw:commentRSS"], LINKS),
    st.sampled_from(["<thr:in-reply-to ref='urn:1' href='https://blog.example/b/'/>", "<thr:in-reply-to/>"]),
    element(["category", "dc:subject", "foo:bar", "discourse:topic", "generator", "ttl", "language", "image"], TEXTS),
    st.builds("<media:group a='1'>{}<media:content url='x'/>{}</media:group>".format,
              element(["media:title", "media:description"], TEXTS),
              element(["media:credit", "media:thumbnail"], TEXTS)),
    st.builds("<source url='https://x.example/'>{}</source>".format, TEXTS),
    st.builds("<source>{}{}</source>".format, element(["title", "id", "updated"], TEXTS), element(["name"], TEXTS)),
    st.builds("<foo:box>{}</foo:box>".format, element(["title", "link", "foo:x", "dc:date"], TEXTS)),
    st.builds("<enclosure url='{}' length='1' type='audio/mpeg'/>".format, LINKS),
    st.sampled_from(["<!-- a comment -->", "<?php echo?>", "\n  ", "<empty/>", "<site xmlns='urn:site'>1</site>",
                     "<georss:point>1 2</georss:point>", "<date>2026-01-01</date>", "<foo:title>T</foo:title>",
                     "<image><url>u</url><title>T</title><link>l</link></image>",
                     "<xhtml:body xmlns:xhtml='http://www.w3.org/1999/xhtml'>x</xhtml:body>",
                     "<dc:creator xmlns:dc='http://purl.org/dc/elements/1.1/'>Ida</dc:creator>",
                     "<p:creator xmlns:p='http://purl.org/dc/elements/1.1/'>Ida</p:creator>",
                     "<dc:creator xmlns:dc='urn:other'>Ida</dc:creator>", "text alone"]),
]  # fmt: skip
PIECES = st.one_of(COMMON)
PLAIN_TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", categories=("L", "N", "Zs", "P"), exclude_characters="<&"), max_size=12),
    st.sampled_from(
        ["", " ", "Anna Holm", "a &lt;b&gt;bold&lt;/b&gt; word", "R&amp;amp;D", "&amp;#8217;", "&#8217;s",
         "\u00c3\u00a9",
         "&#150;", "  two  words ", "line\nbreak", "<![CDATA[<p>raw &amp; &#39;</p>]]>", "<!-- no -->x", "&#xA0;x",
         "<![CDATA[<i>i</i> &hellip;]]>", "&lt;p&gt;Comments: 3", "Re: x", "&amp;nosuch;", "x<?pi y?>z"]
    ),
)  # fmt: skip
PLAIN_MOMENTS = st.sampled_from(
    ["Thu, 01 Jan 2026 02:00:00 +0200", "Thu, 01 Jan 2026 02:00:00 GMT", "1 Jan 2026 02:00 +0000", "2026-01-01",
     "2026-01-01T00:00:00.123+01:00", "2026-01-01 10:00:00+01:00", "", "Thu, 01 Jan 2026 02:00:00 CET", "1767225600"]
)  # fmt: skip
PLAIN = [
    element(["title"], PLAIN_TEXTS, ("", "", " type='html'", " type='text'")),
    element(["title", "dc:title", "media:title"], PLAIN_TEXTS),
    element(["description", "summary", "content:encoded", "itunes:summary", "media:description"], PLAIN_TEXTS),
    element(["summary", "content"], PLAIN_TEXTS, (" type='html'", " type='text'", " xml:base='/b/'", "")),
    element(["guid"], LINKS.filter(bool), ("", " isPermaLink='false'", " isPermaLink='true'")),
    element(["id"], LINKS.filter(bool)),
    element(["link"], LINKS.filter(bool)),
    atom_link(),
    atom_link("atom:"),
    element(["pubDate", "published", "updated", "dc:date", "dcterms:created"], PLAIN_MOMENTS),
    element(["author", "dc:creator", "itunes:author"], st.one_of(PLAIN_TEXTS, st.just("a@b.example (Anna)"))),
    st.builds("<author><name>{}</name>{}</author>".format, PLAIN_TEXTS,
              st.sampled_from(["", "<uri>u</uri>", "<email>a@b.example</email>", "<email>x</email>",
                               "<foo:i a='1'/>"])),
    element(["slash:comments", "thr:total", "comments", "wfw:commentRss"], st.sampled_from(["3", " 7 ", "/x/"])),
    st.sampled_from(["<thr:in-reply-to ref='urn:1' href='https://blog.example/b/'/>", "\n  ", "<!-- a comment -->"]),
    element(["category", "dc:subject", "foo:bar", "discourse:topic", "generator", "language", "image"], PLAIN_TEXTS),
    st.builds("<media:group a='1'>{}<media:content url='x'/></media:group>".format,
              element(["media:title", "media:description"], PLAIN_TEXTS)),
    st.builds("<source><title>{}</title><id>x</id></source>".format, PLAIN_TEXTS),
    st.sampled_from(["<site xmlns='urn:site'>1</site>", "<enclosure url='u'/>", "<link/>",
                     "<image><url>u</url></image>"]),
]  # fmt: skip
PLAIN_PIECES = st.one_of(PLAIN)


def declared(renamed: dict[str, str]) -> str:
    return "".join(f' xmlns:{renamed.get(name, name)}="{uri}"' for name, uri in NAMESPACES.items())


def document(kind: str, head: list[str], items: list[list[str]], renamed: dict[str, str], foot: list[str]) -> bytes:
    name = "entry" if kind == "atom" else "item"
    written = "".join(f"<{name}>{''.join(item)}</{name}>" for item in items)
    first = "".join(head)
    if kind == "rss":
        text = f'<rss version="2.0"{declared(renamed)}><channel>{first}{written}{"".join(foot)}</channel></rss>'
    elif kind == "atom":
        text = f'<feed xmlns="{NAMESPACES["atom"]}"{declared(renamed)}>{first}{written}{"".join(foot)}</feed>'
        text = text.replace("<entry>", "<entry xml:base='https://other.example/x/'>", 1)
    else:
        text = (
            '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
            f"{declared(renamed)}><channel rdf:about='https://blog.example/'>{first}</channel>{written}</rdf:RDF>"
        )
        text = text.replace("<item>", "<item rdf:about='https://blog.example/about'>", 1)
    for old, new in renamed.items():
        text = text.replace(f"<{old}:", f"<{new}:").replace(f"</{old}:", f"</{new}:").replace(f" {old}:", f" {new}:")
    return ('<?xml version="1.0" encoding="utf-8"?>\n' + text).encode()


RENAMED = st.sampled_from(
    [{}, {}, {"dc": "d", "slash": "s", "content": "c"}, {"thr": "t", "atom": "a10"}, {"foo": "DC"}]
)
KINDS = st.sampled_from(["rss", "atom", "rdf"])
PLAIN_DOCUMENTS = st.builds(
    document,
    KINDS,
    st.lists(PLAIN_PIECES, max_size=4),
    st.lists(
        st.lists(PLAIN_PIECES, min_size=1, max_size=7).map(lambda pieces: ["<guid>1</guid>", *pieces]), max_size=3
    ),
    RENAMED,
    st.lists(PLAIN_PIECES, max_size=1),
)
ODD_DOCUMENTS = st.builds(
    document,
    KINDS,
    st.lists(PLAIN_PIECES, max_size=2),
    st.lists(st.builds(lambda plain, odd: [*plain, odd, "<guid>1</guid>"], st.lists(PLAIN_PIECES, max_size=3), PIECES),
             min_size=1, max_size=2),
    RENAMED,
    st.lists(PIECES, max_size=1),
)  # fmt: skip
