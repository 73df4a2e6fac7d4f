"""What is mutated: feeds, pages, lists and configs written here, and real feeds where there are any."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

MOST_BYTES = 150_000
"""Of a real feed: larger ones only make fewer cases."""
WORDPRESS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:slash="http://purl.org/rss/1.0/modules/slash/" xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel><title>Havnens blog &amp; mere</title><atom:link href="https://blog.example/feed/" rel="self"/>
<link>https://blog.example</link><description>Nyt</description><ttl>60</ttl><skipHours><hour>3</hour></skipHours>
<skipDays><day>Sunday</day></skipDays><sy:updatePeriod>hourly</sy:updatePeriod>
<generator>https://wordpress.org/?v=6.6</generator>
<item><title>Ny &lt;b&gt;bro&lt;/b&gt;</title><link>https://blog.example/2026/01/01/ny/</link>
<comments>https://blog.example/2026/01/01/ny/#comments</comments><dc:creator><![CDATA[Anna Holm]]></dc:creator>
<pubDate>Thu, 01 Jan 2026 02:00:00 +0200</pubDate><category><![CDATA[By]]></category>
<guid isPermaLink="false">https://blog.example/?p=1</guid><description><![CDATA[Broen <em>åbner</em>]]></description>
<content:encoded><![CDATA[<p>Broen</p><img src="x.png"/>]]></content:encoded>
<wfw:commentRss>https://blog.example/2026/01/01/ny/feed/</wfw:commentRss><slash:comments>3</slash:comments></item>
<item><title>To</title><link>https://blog.example/to/</link><author>ole@blog.example (Ole Vind)</author>
<guid>https://blog.example/to/</guid><pubDate>Fri, 02 Jan 2026 00:00:00 GMT</pubDate></item></channel></rss>"""
COMMENTS = """<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Kommentarer til: Ny</title><link>https://blog.example/ny/</link><generator>https://wordpress.org/?v=6.1
</generator><item><title>Af: Gry</title><link>https://blog.example/ny/comment-page-1/#comment-7</link>
<dc:creator>Gry</dc:creator><guid isPermaLink="false">https://blog.example/?p=1#comment-7</guid>
<description>Enig</description><pubDate>Sat, 03 Jan 2026 00:00:00 +0000</pubDate></item></channel></rss>"""
ATOM = """<?xml version="1.0" encoding="utf-8"?><feed xmlns="http://www.w3.org/2005/Atom"
 xmlns:thr="http://purl.org/syndication/thread/1.0" xml:base="https://forum.example/" xml:lang="da">
<id>tag:forum.example,2026:1</id><title type="html">Forum &amp;lt;</title><updated>2026-01-02T00:00:00Z</updated>
<link href="https://forum.example/"/><link rel="next" href="/feed?page=2"/><generator uri="https://ghost.org">Ghost
</generator><entry><id>urn:1</id><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Hej <b>du</b></div>
</title><link rel="alternate" href="a"/><link rel="replies" type="application/atom+xml" href="a/feed" thr:count="2"/>
<author><name>Ida</name><email>ida@forum.example</email></author><published>2026-01-01T00:00:00+01:00</published>
<updated>2026-01-01T10:00:00Z</updated><thr:total>2</thr:total>
<content type="html">&lt;p&gt;Hej&lt;/p&gt;</content></entry>
<entry><id>urn:2</id><title>Re: Hej</title><link href="a#comment-2"/><thr:in-reply-to ref="urn:1" href="a"/>
<author><name>Bo</name></author><updated>2026-01-02T00:00:00Z</updated><summary>Ja</summary></entry></feed>"""
RDF = """<?xml version="1.0" encoding="ISO-8859-1"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://a.example/">
<title>Gammel</title><link>https://a.example/</link><items><rdf:Seq><rdf:li resource="https://a.example/1"/></rdf:Seq>
</items></channel><item rdf:about="https://a.example/1"><title>Et</title><link>https://a.example/1</link>
<dc:date>2026-01-01T12:00:00+01:00</dc:date><dc:creator>Anna</dc:creator></item></rdf:RDF>"""
DISCOURSE = """<?xml version="1.0" encoding="UTF-8" ?><rss version="2.0" xmlns:discourse="http://www.discourse.org/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Debat</title><link>https://debat.example/latest</link>
<item><title>Cykler</title><dc:creator><![CDATA[@ida Ida Bo]]></dc:creator><description><![CDATA[<p><small>4 posts - 3
 participants</small></p><p><a href="https://debat.example/t/cykler/12">Read full topic</a></p>]]></description>
<link>https://debat.example/t/cykler/12</link><pubDate>Thu, 01 Jan 2026 00:00:00 +0000</pubDate>
<discourse:topicPinned>No</discourse:topicPinned><guid isPermaLink="false">debat.example-topic-12</guid>
<source url="https://debat.example/t/cykler/12.rss">Cykler</source></item></channel></rss>"""
JSON_FEED = {
    "version": "https://jsonfeed.org/version/1.1", "title": "Jævnt", "home_page_url": "https://json.example/",
    "feed_url": "https://json.example/feed.json", "next_url": "/feed.json?page=2", "authors": [{"name": "Anna Holm"}],
    "items": [
        {"id": "1", "url": "/1", "title": "Et", "content_html": "<p>Et</p>", "date_published": "2026-01-01T00:00:00Z"},
        {"id": 2, "url": "https://json.example/2", "content_text": "To", "date_modified": "2026-01-02T00:00:00+01:00",
         "author": {"name": "Bo"}, "authors": [{"name": "Ida <ida@json.example>"}], "tags": ["a"]},
    ],
}  # fmt: skip
PAGE = """<!DOCTYPE html><html lang="da"><head><meta charset="utf-8"><title>Havnens blog</title><base href="/blog/">
<meta name="generator" content="WordPress 6.6"><link rel="alternate" type="application/rss+xml" title="x" href="feed/">
<link rel="alternate" type="application/atom+xml" href="https://blog.example/atom.xml"><link rel=stylesheet href=a.css>
<script src="/wp-content/x.js"></script></head><body><a rel="alternate" type="application/feed+json" href="f.json">f</a>
<h1>Hej</h1><p>Tekst &amp; mere</body></html>"""
OPML = """<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>Mine</title></head><body>
<outline text="Blogs" title="Blogs"><outline type="rss" text="Havnen" title="Havnen" xmlUrl="https://blog.example/feed/"
 htmlUrl="https://blog.example/"/><outline text="Flere"><outline type="rss" text="B" xmlUrl="https://b.example/rss"/>
</outline></outline><outline type="rss" text="C" xmlUrl="https://c.example/atom" category="/a/b,c"/></body></opml>"""
CONFIG = """[organisation]
name = "Eksempel A/S"
language = "da"
timezone = "Europe/Copenhagen"
country = "DK"
staff = ["Anna Holm", "*@eksempel.example"]
[report]
to = ["chef@eksempel.example"]
from = "oximeter@eksempel.example"
when = "weekly"
folder = "reports"
address = "https://eksempel.example/oximeter"
notify = ["json://127.0.0.1/hemmelig"]
[[report.reader]]
address = "gry@eksempel.example"
language = "en"
when = "daily"
[smtp]
host = "smtp.eksempel.example"
port = 587
security = "starttls"
user = "oximeter"
password_env = "OXIMETER_SMTP_PASSWORD"
[store]
url = "sqlite:///data/oximeter.db"
[[channel]]
id = "debat"
name = "Debatforum"
site = "https://debat.eksempel.example"
feeds = ["https://debat.eksempel.example/latest.rss", "https://debat.eksempel.example/posts.rss"]
folder = ["Fora"]
owner = "Anna Holm"
hours_per_week = 6
opened = 2024-03-01
posts_per_month = 8
answer_within_days = 2
stamina_days = 180
purpose = "Hvad"
moderation = "Hvordan"
use_of_input = "Til hvad"
sponsor = "Chefen"
paused = ["2026-07-01..2026-08-10"]
"""
RETRIES = (
    "120", "0", "-1", "Thu, 01 Jan 2026 00:00:00 GMT", "Fri, 15 Jan 2027 08:00:00 +0100", "3.5", "1e9", "9" * 30, "²",
    "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "soon", "Thu, 01 Jan 0001 00:00:00 -9999",
    "Fri, 31 Dec 9999 23:59:59 +0000", "Fri, 31 Dec 9999 23:59:59 -2359", "1, 2", "Thu, 01 Jan 2026 00:00:00 +99999999",
)  # fmt: skip


def _encoded(*documents: str) -> tuple[bytes, ...]:
    return tuple(document.encode() for document in documents)


XML_FEEDS = (*_encoded(WORDPRESS, COMMENTS, ATOM, DISCOURSE), RDF.encode("latin-1"))
JSON_FEEDS = (json.dumps(JSON_FEED).encode(),)


def folders() -> list[Path]:
    """Where real feeds may be: the project's shared data, and the tests that come with feedparser's source."""
    shared = Path(os.environ.get("OXIMETER_SHARED", "../shared"))
    theirs = os.environ.get("OXIMETER_FEEDPARSER_TESTS")
    return [*sorted(shared.glob("feeds*")), *([Path(theirs)] if theirs else [])]


@cache
def real() -> tuple[bytes, ...]:
    """Every real feed, in the order of the files' names."""
    files = [file for folder in folders() for file in sorted(folder.rglob("*")) if file.is_file()]
    chosen = [file for file in files if file.suffix in (".xml", ".rss", ".atom", ".json", ".rdf")]
    return tuple(file.read_bytes() for file in chosen if file.stat().st_size <= MOST_BYTES)
