"""What mutations put in: pieces of markup, dates, numbers, letters and addresses that parsers stumble over."""

from __future__ import annotations

TAGS = tuple(
    b"<item> </item> <entry> </entry> <channel> </channel> <rss> <rss> <feed> </feed> <title> </title> <link> <link/>"
    b" <guid> </guid> <id> </id> <author> </author> <name> <email> <content> <summary> <description> </description>"
    b" <content:encoded> </content:encoded> <dc:creator> <pubDate> </pubDate> <updated> <published> <dc:date> <image>"
    b" <generator> <source> <enclosure> <category> <textInput> <cloud> <slash:comments> </slash:comments> <thr:total>"
    b" <wfw:commentRss> <media:content> <media:group> <itunes:owner> <georss:point> <gml:pos> <geo:lat> <psc:chapter>"
    b" <x:x> <script> </script> <style> <svg> <math> <table> <td> <p> <br> <a> <html> <body> <rdf:RDF> <channel/>"
    b" <xhtml:div> <div> <ttl> <skipHours> <hour> <skipDays> <day> <language> <docs> <base>".split()
)
MARKUP = (
    b"]]>", b"<![CDATA[", b"<!--", b"-->", b"<!", b"<!>", b"<!x", b"<?", b"?>", b"<?xml", b"<", b">", b"</", b"/>",
    b"&", b";", b"&amp;", b"&lt;", b"&gt;", b"&#0;", b"&#1;", b"&#xD800;", b"&#x202e;", b"&#x110000;", b"&#38;#60;",
    b"&#99999999999999999999;", b"&#x;", b"&nbsp;", b"&undefined;", b"&a;", b"&;", b"&#", b"'", b'"', b"=", b"\x00",
    b"<!DOCTYPE html>", b"<!DOCTYPE rss SYSTEM 'http://127.0.0.1:9/x.dtd'>",
    b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'><!ENTITY c '&b;&b;&b;&b;&b;'>]>",
    b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>", b"<!ENTITY a '&a;'>", b"<![if", b"<![endif]>",
    b'<?xml version="1.0" encoding="UTF-16"?>', b'<?xml version="1.0" encoding="utf-7"?>', b"<?xml version='9'?>",
    b'<?xml version="1.0" encoding="nonsense"?>', b'<?xml version="1.0" encoding="idna"?>', b"<?xml-stylesheet a?>",
    b'<?xml version="1.0" encoding="base64"?>', b'<?xml version="1.0" encoding="cp037"?>', b"standalone='no'",
    b" xmlns='http://www.w3.org/2005/Atom'", b" xmlns=''", b" xmlns:dc='http://purl.org/dc/elements/1.1/'",
    b" xmlns:xml='x'", b" xmlns:a='urn:a'", b" xml:base='http://[::1'", b" xml:base='javascript:'", b" xml:lang='x'",
    b" type='html'", b" type='xhtml'", b" type='text/plain'", b" mode='base64'", b" mode='escaped'", b" src='//x'",
    b" isPermaLink='false'", b" rel='replies'", b" rel='next'", b" rel='alternate'", b" href='javascript:alert(1)'",
    b" href='//['", b" href='http://a:b@c.example/'", b" thr:count='99999999999'", b" ref='x'", b" length='-1'",
    b"<script>alert(1)</script>", b"<img src=x onerror=alert(1)>", b"<a href='javascript:alert(1)'>x</a>",
    b"&lt;script&gt;alert(1)&lt;/script&gt;", b"<iframe src='http://x.example'>", b"{{ 7*7 }}", b"{% raw %}", b"%(x)s",
)  # fmt: skip
TEXTS = (
    "\ufeff", "\u202e", "\u2066", "\u200f", "\u200d", "\u0000", "\u0007", "\u001b[31m", "\u0085", "\u2028", "\ud7ff",
    "\ufffe", "\uffff", "\U0010ffff", "\U000e0041", "\ufdd0", "e\u0301" * 20, "ﬃ", "İ", "ß", "١٢٣", "²", "₂", "Ⅷ", "é",
    "Re: ", "SV: " * 9, "Comment on x by y", "\r\nBcc: a@b.example", "a@b.example (A (B) C)", "A <a@b.example>", "@",
    "x" * 3_000, " " * 3_000, "\t\n" * 500, "(" * 300, "[…] x […]", "#comment-1", "/comment-page-1/", "t3_abc",
)  # fmt: skip
DATES = (
    "Thu, 01 Jan 2026 00:00:00 GMT", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+99:99", "0000-00-00T00:00:00Z",
    "9999-12-31T23:59:59Z", "10000-01-01", "-1-01-01", "2026-W53-7", "2026-366", "20260101", "2026", "26-1-1",
    "2026-02-30T25:61:61Z", "Thu, 31 Feb 2026 25:61:61 +9999", "1 Jan 1", "Thu Jan  1 00:00:00 CET 99999", "1e400",
    "Wed, 31 Dec 1969 23:59:59 GMT", "Sat, 01 Jan 0000 00:00:00 UT", "2026-01-01T00:00:00.99999999999999999999Z",
    "2026년 01월 01일", "Κυρ, 11 Ιούλ 2004 12:00:00 EST", "2026-január-1T9:15-03:00", "1136073600", "00:00", "T", "--",
    "Thu, 01 Jan 2026 00:00:00 " + "+" * 50, "1" * 400, "Jan " * 100, "2026-01-01T00:00:00Z" * 50,
)  # fmt: skip
NUMBERS = (
    "0", "-1", "1", "1.5", "1e3", "NaN", "Infinity", "-0", "0x10", "1_000", "١٢٣", "²", "9999999", "10000001", "007",
    "9223372036854775808", "18446744073709551616", "9" * 400, "9" * 5_000, "2147483648", "true", "null", " 7 ", "+7",
)  # fmt: skip
ADDRESSES = (
    "https://blog.example/a/", "http://blog.example:80/a?b=c#d", "https://user:hemmelig@blog.example/", "//x.example/",
    "http://", "http:///", "://", ":", "?", "#", "/", "//", "///", "..", "../..", "http://[", "http://[::1]/", "http://]/",
    "http://[::1%25lo]:80/", "http://[fe80::1%eth0]/", "http://127.0.0.1:99999/", "http://a:b:c/", "http://a:-1/",
    "http://a:0/", "http://a:²/", "http://a:١/", "http://0x7f.1/", "http://2130706433/", "http://017700000001/",
    "http://169.254.169.254/latest", "http://[::ffff:127.0.0.1]/", "http://[2002:7f00:1::]/", "http://[64:ff9b::7f00:1]",
    "http://localhost/", "http://LOCALHOST./", "http://ex\u200dample.example/", "http://xn--/", "http://xn--a/",
    "http://ⓔxample.example/", "http://a\u3002b/", "http://" + "a" * 64 + ".example/", "http://" + "a." * 200 + "b/",
    "http://a.example\\@b.example/", "http://a.example#@b.example/", "http://a.example/ b", "http://a\n.example/",
    "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,<script>", "file:///etc/passwd", "ftp://a/", "urn:a",
    "mailto:a@b.example", "HTTP://BLOG.EXAMPLE/", "https://blog.example/?utm_source=x&utm_medium=y&p=1", "?page=9" * 40,
    "https://blog.example/?page=" + "9" * 5_000, "https://blog.example/%", "https://blog.example/%00%ff%zz", "http:a",
    "https://forum.example/t/hej/12/3", "https://www.reddit.com/r/a/comments/b/c/d/",
    "tag:blogger.com,1999:blog-1.post-2",
    "https://forum.example/threads/a.77/", "https://forum.example/viewtopic.php?t=1&p=2#p2", "yt:video:abc", "t1_abc",
    "https://a.example/questions/1/b/2#2", "https://forum.example/index.php?topic=1.msg2#msg2", "forum.example-post-9",
    "https://social.example/@anna/1", "https://github.com/a/b/releases/tag/v1", "https://a.example/d/12-x/3",
)  # fmt: skip
HEADERS = (
    "", "application/rss+xml", "application/atom+xml; charset=utf-8", "text/html; charset=iso-8859-1", "text/xml",
    "application/xml; charset=utf-16", "application/feed+json", "text/plain; charset=nonsense", "; charset=", "x" * 300,
    "application/xml; charset=base64", "text/xml; charset=idna", "application/json", "text/html; charset=\x00", "*/*",
    "application/xml; charset=rot13", "text/xml;charset=unicode_escape", "text/xml; charset=punycode", "a;b;c=\udcff",
)  # fmt: skip

ALL = (
    *TAGS, *MARKUP,
    *(text.encode("utf-8", "surrogatepass") for text in (*TEXTS, *DATES, *NUMBERS, *ADDRESSES)),
)  # fmt: skip
"""Every piece, as bytes."""
