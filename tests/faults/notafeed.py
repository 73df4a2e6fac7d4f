"""Answers that are no feed at all: the sentence must say what they are."""

from __future__ import annotations

import io
import json
import zipfile

from tests.faults.fault import Either, Fault, Read, fails
from tests.faults.feeds import FEED
from tests.faults.server import Talk, head

HTML = "HTML|page"
EMPTY = "empty|blank|nothing"
LOGIN = r"log ?in|sign ?in|log on|password"
OTHER = r"expected|no feed|not a feed|(give|instead|in place) .*feed|broken XML"


def page(body: str, extra: str = "") -> bytes:
    return (
        f'<!DOCTYPE html>\n<html lang="da"><head><meta charset="utf-8"><title>Havnen på øen</title>{extra}</head>'
        f"<body>{body}</body></html>"
    ).encode()


def page_of(name: str, serves: str, body: bytes, says: str, content_type: str = "text/html; charset=utf-8") -> Fault:
    return Fault(name, serves, lambda talk: talk.answer(body, content_type=content_type), fails(says))


def zipped() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("feed.xml", FEED)
    return whole.getvalue()


def login_redirect(talk: Talk) -> None:
    if talk.path == "/feed":
        talk.send(head("302 Found", "", 0, Location="/wp-login.php?redirect_to=feed"))
    else:
        talk.answer(LOGIN_PAGE, content_type="text/html")


HOME = page("<h1>Velkommen</h1><p>Blåbærgrød</p>")
LINKED = page(
    "<p>Vores blog</p>", '<link rel="alternate" type="application/rss+xml" title="RSS" href="/rigtig/feed.xml">'
)
LINKED_ATOM = page("<p>Vores blog</p>", "<link href='/rigtig/atom.xml' type='application/atom+xml' rel='alternate'>")
LOGIN_PAGE = page(
    '<form method="post"><input name="log"><input type="password" name="pwd"><button>Log ind</button></form>'
)
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489") + bytes(range(256))
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb") + bytes(range(256))
PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n%%EOF\n"
DENIED = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message>'
    b"<RequestId>4442587FB7D0A2F9</RequestId></Error>"
)
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><title>Havn</title></svg>'
SITEMAP = (
    b'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    b"<url><loc>https://blog.eksempel.example/1</loc><lastmod>2026-02-01</lastmod></url></urlset>"
)
OPML = (
    b'<?xml version="1.0"?><opml version="2.0"><head><title>Kanaler</title></head><body>'
    b'<outline type="rss" text="Blog" xmlUrl="https://blog.eksempel.example/feed"/></body></opml>'
)
SOAP = (
    b'<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">'
    b"<soap:Body><soap:Fault><faultstring>Fejl</faultstring></soap:Fault></soap:Body></soap:Envelope>"
)
XHTML = (
    b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" '
    b'"http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml">'
    b"<head><title>Velkommen</title></head><body><p>Ny side</p></body></html>"
)
QUOTED = page(f"<h1>Sådan ser et feed ud</h1><pre>{FEED.decode().replace('<', '&lt;')}</pre>")
DEEP_JSON = b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
XML = "application/xml"
JSON = "application/json"

NOT_A_FEED = [
    page_of("html", "an HTML page", HOME, HTML),
    page_of("html-as-rss", "an HTML page said to be RSS", HOME, HTML, "application/rss+xml"),
    page_of("html-lower-case", "an HTML page without a DOCTYPE", b"<html><body>Hej</body></html>", HTML),
    page_of("html-late", "an HTML page behind 10 kB of comments", b"<!-- " + b"x" * 10_000 + b" -->" + HOME, HTML),
    page_of("html-fragment", "a piece of HTML", "<div>Siden findes ikke på øen</div>".encode(), f"{HTML}|{OTHER}"),
    page_of("html-quoting-a-feed", "an HTML page that shows a feed's source", QUOTED, HTML),
    page_of("xhtml", "an XHTML page", XHTML, HTML, "application/xhtml+xml"),
    page_of("html-with-link", "an HTML page that links to its feed", LINKED, r"/rigtig/feed\.xml"),
    page_of("html-with-atom-link", "an HTML page that links to an Atom feed", LINKED_ATOM, r"/rigtig/atom\.xml"),
    page_of(
        "html-in-latin-1", "an HTML page in Latin-1", HOME.decode().encode("latin-1"), HTML, "text/html; charset=latin1"
    ),
    page_of("login", "a login page", LOGIN_PAGE, LOGIN),
    Fault("redirect-to-login", "302 to a login page", login_redirect, fails(LOGIN)),
    page_of("challenge", "a page that checks for a browser", page("<p>Checking your browser</p>"), HTML),
    page_of("nothing", "an empty body", b"", "empty"),
    page_of("blanks", "blanks and line ends", b" \r\n\t\n" * 999, EMPTY),
    page_of("a-mark", "a byte order mark and nothing else", b"\xef\xbb\xbf", EMPTY),
    page_of("nuls-only", "100 kB of NULs", b"\0" * 100_000, f"{EMPTY}|{OTHER}", XML),
    page_of("json", "JSON", json.dumps({"error": "not found"}).encode(), "JSON", JSON),
    page_of("json-list", "a JSON list", b'[{"id": 1}, {"id": 2}]', "JSON", JSON),
    page_of(
        "json-cut",
        "a JSON Feed that breaks off",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"id"',
        "JSON",
        JSON,
    ),
    page_of(
        "json-feed-of-words",
        "a JSON Feed whose items are words",
        b'{"version": "https://jsonfeed.org/version/1.1", "items": "none"}',
        "JSON",
        JSON,
    ),
    page_of("json-deep", "JSON nested 100,000 deep", b"[" * 100_000 + b"]" * 100_000, "JSON", JSON),
    Fault(
        "json-deep-feed",
        "a JSON Feed with 100,000 lists in a list",
        lambda talk: talk.answer(DEEP_JSON, content_type=JSON),
        Either(Read(()), fails("JSON")),
    ),
    page_of("json-number-of-megabytes", "a number of 1 MB", b'{"n": ' + b"9" * 1_000_000 + b"}", "JSON", JSON),
    page_of("png", "a PNG image", PNG, rf"image|picture|PNG|{OTHER}", "image/png"),
    page_of("jpeg-as-xml", "a JPEG image said to be XML", JPEG, rf"image|picture|JPEG|{OTHER}", XML),
    page_of("pdf", "a PDF", PDF, rf"PDF|{OTHER}", "application/pdf"),
    page_of("zip", "a zip with a feed in it", zipped(), rf"zip|archive|{OTHER}", "application/zip"),
    page_of("words", "plain text", "Der er ikke noget feed her på øen.".encode(), OTHER, "text/plain; charset=utf-8"),
    page_of("words-untyped", "plain text of no type", "Der er ikke noget her på øen.".encode(), OTHER, ""),
    page_of("svg", "an SVG image", SVG, OTHER, "image/svg+xml"),
    page_of("sitemap", "a sitemap", SITEMAP, OTHER, XML),
    page_of("opml", "a list of feeds", OPML, OTHER, "text/x-opml"),
    page_of("access-denied", "an XML error", DENIED, OTHER, XML),
    page_of("soap-fault", "a SOAP fault", SOAP, OTHER, "text/xml"),
    page_of("css", "a style sheet", b"body > item { color: #000 }\nrss { margin: 0 }\n", OTHER, "text/css"),
    page_of("javascript", "a script", b"var feed = '<rss></rss>'; window.items = [];\n", OTHER, "text/javascript"),
    page_of("calendar", "a calendar", b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n", OTHER, "text/calendar"),
    page_of(
        "php-source",
        "the source of a program",
        b"<?php header('Content-Type: application/rss+xml'); echo $feed; ?>",
        OTHER,
        XML,
    ),
    page_of(
        "php-error",
        "a program's error",
        b"<br />\n<b>Fatal error</b>:  Allowed memory size exhausted in <b>/var/www/feed.php</b>",
        f"{HTML}|{OTHER}",
        XML,
    ),
    page_of(
        "hostile-type",
        "a script as Content-Type",
        b"\x00\x01\x02 not a feed",
        OTHER,
        "text/<script>alert(1)</script>\x1b[31m",
    ),
    page_of("random", "random bytes", bytes(range(256)) * 400, OTHER, "application/octet-stream"),
]
