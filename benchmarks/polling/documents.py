"""The feeds as they are sent: RSS as WordPress and Discourse write it, Atom plain and from phpBB, and RDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import gmtime

from benchmarks.polling.feeds import BASE, DAY, Kind, Plan
from benchmarks.polling.prose import WHAT, prose

YOUNG = 30 * DAY


def document(plan: Plan, night: int, port: int) -> bytes:
    """The feed's whole text on a night."""
    newest = plan.newest(night)
    updated = plan.time(newest)
    base = b"http://%s:%d/%d" % (plan.host.encode(), port, plan.number)
    head, entry, foot = _WRITERS[plan.kind]
    numbers = range(newest, newest - plan.shown, -1)
    return b"".join((head(plan, base, updated), *_entries(plan, numbers, base, entry), foot))


def validators(plan: Plan, night: int) -> tuple[bytes, bytes]:
    """The feed's ETag and Last-Modified on a night; empty where it has none."""
    version = plan.changed(night)
    etag = b'"%d-%d"' % (plan.number, version) if plan.etag else b""
    return etag, _rfc822(plan.time(plan.newest(version))) if plan.dated else b""


_Writer = Callable[[Plan, bytes, "_Entry"], bytes]


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    time: int
    title: bytes
    author: bytes
    body: bytes


def _entries(plan: Plan, numbers: range, base: bytes, write: _Writer) -> Iterator[bytes]:
    text = prose(plan.escaped)
    for number in numbers:
        chance = plan.mix(number, 3)
        length = plan.entry_bytes * (50 + chance % 101) // 100 - _HALF_PARAGRAPH
        title = b"%s %s: nr. %d" % (_TITLES[chance % 12], _TITLES[(chance >> 8) % 12], number)
        author = b"L\xc3\xa6ser %d" % (1 + (chance >> 16) % 40)
        yield write(plan, base, _Entry(number, plan.time(number), title, author, text.cut(chance >> 4, length)))


_TITLES = tuple(one.capitalize().encode() for one in WHAT)
_HALF_PARAGRAPH = 185
"""Bytes by which whole paragraphs are longer than what was asked for, on average."""


_DAYS = (b"Mon", b"Tue", b"Wed", b"Thu", b"Fri", b"Sat", b"Sun")
_MONTHS = (b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec")


def _rfc822(time: int) -> bytes:
    at = gmtime(time)
    parts = _DAYS[at.tm_wday], at.tm_mday, _MONTHS[at.tm_mon - 1], at.tm_year, at.tm_hour, at.tm_min, at.tm_sec
    return b"%s, %02d %s %d %02d:%02d:%02d GMT" % parts


def _rfc3339(time: int) -> bytes:
    return b"%04d-%02d-%02dT%02d:%02d:%02dZ" % gmtime(time)[:6]


# --- WordPress ---

_WORDPRESS_HEAD = b"""\
<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
	xmlns:content="http://purl.org/rss/1.0/modules/content/"
	xmlns:wfw="http://wellformedweb.org/CommentAPI/"
	xmlns:dc="http://purl.org/dc/elements/1.1/"
	xmlns:atom="http://www.w3.org/2005/Atom"
	xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"
	xmlns:slash="http://purl.org/rss/1.0/modules/slash/"
	>
<channel>
	<title>Blog nr. %(number)d</title>
	<atom:link href="%(base)s/feed/" rel="self" type="application/rss+xml" />
	<link>%(base)s</link>
	<description>Nyt fra v\xc3\xa6rkstedet</description>
	<lastBuildDate>%(updated)s</lastBuildDate>
	<language>da-DK</language>
	<sy:updatePeriod>
	hourly	</sy:updatePeriod>
	<sy:updateFrequency>
	1	</sy:updateFrequency>
	<generator>https://wordpress.org/?v=6.6.2</generator>
"""
_WORDPRESS_ENTRY = b"""\
	<item>
		<title>%(title)s</title>
		<link>%(base)s/indlaeg-%(number)d/</link>
					<comments>%(base)s/indlaeg-%(number)d/#comments</comments>

		<dc:creator><![CDATA[%(author)s]]></dc:creator>
		<pubDate>%(time)s</pubDate>
				<category><![CDATA[Nyt]]></category>
		<guid isPermaLink="false">%(base)s/?p=%(number)d</guid>

					<description><![CDATA[%(excerpt)s [&#8230;]]]></description>
										<content:encoded><![CDATA[%(body)s]]></content:encoded>

					<wfw:commentRss>%(base)s/indlaeg-%(number)d/feed/</wfw:commentRss>
			<slash:comments>%(comments)d</slash:comments>
			</item>
"""


def _wordpress_head(plan: Plan, base: bytes, updated: int) -> bytes:
    return _WORDPRESS_HEAD % {b"number": plan.number, b"base": base, b"updated": _rfc822(updated)}


def _wordpress_entry(plan: Plan, base: bytes, entry: _Entry) -> bytes:
    """Posts younger than a month have no comments: Oximeter would ask for these too, and the others do not."""
    old = entry.time < BASE - YOUNG
    excerpt = b"%s. %s" % (entry.title, _EXCERPT)
    return _WORDPRESS_ENTRY % {
        b"title": entry.title, b"base": base, b"number": entry.number, b"author": entry.author,
        b"time": _rfc822(entry.time), b"excerpt": excerpt, b"body": entry.body,
        b"comments": plan.mix(entry.number, 4) % 30 if old else 0,
    }  # fmt: skip


_EXCERPT = prose(False).text[3:60].rpartition(b" ")[0].decode("utf-8", "ignore").encode()

# --- Atom ---

_ATOM_HEAD = b"""\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="da">
<title>Dagbog nr. %(number)d</title>
<link href="%(base)s/atom.xml" rel="self"/>
<link href="%(base)s/"/>
<updated>%(updated)s</updated>
<id>%(base)s/</id>
"""
_ATOM_ENTRY = b"""\
<entry>
<title type="html">%(title)s</title>
<link href="%(base)s/%(number)d.html" rel="alternate" type="text/html"/>
<published>%(time)s</published>
<updated>%(time)s</updated>
<id>%(base)s/%(number)d</id>
<author><name>%(author)s</name></author>
<category term="nyt"/>
<summary type="html">%(excerpt)s</summary>
<content type="html" xml:base="%(base)s/%(number)d.html">%(body)s</content>
</entry>
"""


def _atom_head(plan: Plan, base: bytes, updated: int) -> bytes:
    return _ATOM_HEAD % {b"number": plan.number, b"base": base, b"updated": _rfc3339(updated)}


def _atom_entry(plan: Plan, base: bytes, entry: _Entry) -> bytes:
    body = entry.body if plan.escaped else b"<![CDATA[%s]]>" % entry.body
    return _ATOM_ENTRY % {
        b"title": entry.title, b"base": base, b"number": entry.number, b"author": entry.author,
        b"time": _rfc3339(entry.time), b"excerpt": entry.title, b"body": body,
    }  # fmt: skip


# --- Forums ---

_DISCOURSE_HEAD = b"""\
<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0" xmlns:discourse="http://www.discourse.org/" xmlns:atom="http://www.w3.org/2005/Atom" \
xmlns:dc="http://purl.org/dc/elements/1.1/">
  <channel>
    <title>Forum nr. %(number)d - Seneste indl\xc3\xa6g</title>
    <link>%(base)s</link>
    <description>Seneste indl\xc3\xa6g</description>
"""
_DISCOURSE_ENTRY = b"""\
      <item>
        <title>%(title)s</title>
        <dc:creator><![CDATA[@laeser_%(who)d %(author)s]]></dc:creator>
        <description><![CDATA[ %(body)s ]]></description>
        <link>%(base)s/t/emne-%(topic)d/%(topic)d/%(place)d</link>
        <pubDate>%(time)s</pubDate>
        <guid isPermaLink="false">%(host)s-post-%(number)d</guid>
      </item>
"""
_PHPBB_HEAD = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="da">
	<link rel="self" type="application/atom+xml" href="%(base)s/feed" />

	<title>Debat nr. %(number)d</title>
	<subtitle>Sp\xc3\xb8rg og svar</subtitle>
	<link href="%(base)s/index.php" />
	<updated>%(updated)s</updated>

	<author><name><![CDATA[Debat nr. %(number)d]]></name></author>
	<id>%(base)s/feed</id>
"""
_PHPBB_ENTRY = b"""\
	<entry>
		<author><name><![CDATA[%(author)s]]></name></author>
		<updated>%(time)s</updated>

		<published>%(time)s</published>
		<id>%(base)s/viewtopic.php?t=%(topic)d&amp;p=%(number)d#p%(number)d</id>
		<link href="%(base)s/viewtopic.php?t=%(topic)d&amp;p=%(number)d#p%(number)d"/>
		<title type="html"><![CDATA[V\xc3\xa6rkstedet \xe2\x80\xa2 %(answer)s%(title)s]]></title>

		<category term="V\xc3\xa6rkstedet" scheme="%(base)s/viewforum.php?f=2" label="V\xc3\xa6rkstedet"/>

		<content type="html" xml:base="%(base)s/viewtopic.php?t=%(topic)d"><![CDATA[%(body)s]]></content>
	</entry>
"""
TOPIC = 6
"""Posts in every topic of a forum."""


def _discourse_head(plan: Plan, base: bytes, updated: int) -> bytes:
    return _DISCOURSE_HEAD % {b"number": plan.number, b"base": base}


def _discourse_entry(plan: Plan, base: bytes, entry: _Entry) -> bytes:
    topic, place = divmod(entry.number, TOPIC)
    return _DISCOURSE_ENTRY % {
        b"title": _topic_title(topic), b"who": int(entry.author.rpartition(b" ")[2]), b"author": entry.author,
        b"body": entry.body, b"base": base, b"topic": topic, b"place": place + 1, b"number": entry.number,
        b"time": _rfc822(entry.time), b"host": plan.host.encode(),
    }  # fmt: skip


def _phpbb_head(plan: Plan, base: bytes, updated: int) -> bytes:
    return _PHPBB_HEAD % {b"number": plan.number, b"base": base, b"updated": _rfc3339(updated)}


def _phpbb_entry(plan: Plan, base: bytes, entry: _Entry) -> bytes:
    topic, place = divmod(entry.number, TOPIC)
    return _PHPBB_ENTRY % {
        b"title": _topic_title(topic), b"author": entry.author, b"time": _rfc3339(entry.time), b"base": base,
        b"topic": topic, b"number": entry.number, b"answer": b"Re: " if place else b"", b"body": entry.body,
    }  # fmt: skip


def _topic_title(topic: int) -> bytes:
    return b"%s: emne %d" % (_TITLES[topic % 12], topic)


# --- RDF ---

_RDF_HEAD = b"""\
<?xml version="1.0" encoding="UTF-8"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel rdf:about="%(base)s/index.rdf">
<title>Opslag nr. %(number)d</title>
<link>%(base)s/</link>
<description>Opslagstavlen</description>
<dc:date>%(updated)s</dc:date>
</channel>
"""
_RDF_ENTRY = b"""\
<item rdf:about="%(base)s/opslag/%(number)d">
<title>%(title)s</title>
<link>%(base)s/opslag/%(number)d</link>
<description>%(title)s</description>
<dc:creator>%(author)s</dc:creator>
<dc:date>%(time)s</dc:date>
<content:encoded><![CDATA[%(body)s]]></content:encoded>
</item>
"""


def _rdf_head(plan: Plan, base: bytes, updated: int) -> bytes:
    return _RDF_HEAD % {b"number": plan.number, b"base": base, b"updated": _rfc3339(updated)}


def _rdf_entry(plan: Plan, base: bytes, entry: _Entry) -> bytes:
    return _RDF_ENTRY % {
        b"title": entry.title, b"base": base, b"number": entry.number, b"author": entry.author,
        b"time": _rfc3339(entry.time), b"body": entry.body,
    }  # fmt: skip


_RSS_FOOT, _ATOM_FOOT = b"</channel>\n</rss>\n", b"</feed>\n"
_WRITERS: dict[Kind, tuple[Callable[[Plan, bytes, int], bytes], _Writer, bytes]] = {
    Kind.WORDPRESS: (_wordpress_head, _wordpress_entry, _RSS_FOOT),
    Kind.ATOM: (_atom_head, _atom_entry, _ATOM_FOOT),
    Kind.DISCOURSE: (_discourse_head, _discourse_entry, _RSS_FOOT),
    Kind.PHPBB: (_phpbb_head, _phpbb_entry, _ATOM_FOOT),
    Kind.RDF: (_rdf_head, _rdf_entry, b"</rdf:RDF>\n"),
}
