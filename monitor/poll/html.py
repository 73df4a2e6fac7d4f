"""What the head of an HTML page tells: its title, the feeds it links to, and whether it asks who we are."""

from __future__ import annotations

import contextlib
import re
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

FEED_TYPES = re.compile(r"application/(?:rss\+xml|atom\+xml|rdf\+xml|feed\+json)", re.IGNORECASE)
LOGIN = re.compile(r"\blog[\s_-]?(?:ind?|på|on)\b|\bsign[\s_-]?in\b|\bsignin|\blogin", re.IGNORECASE)
"""How pages and forms are called that ask for a name and a password, in English and Danish."""
TITLE_CHARS = 1_000


class Head(HTMLParser):
    """The feeds that a page links to, its title, and its forms."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.base = ""
        self.title = ""
        self.password = False
        """True where the page has a field for a password."""
        self.forms: list[str] = []
        """Where its forms lead."""
        self._in_title = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "base" and not self.base:
            self.base = values.get("href", "")
        self._in_title = tag == "title" and not self.title
        alternate = tag in ("link", "a") and "alternate" in values.get("rel", "").lower().split()
        if alternate and FEED_TYPES.match(values.get("type", "").strip()) and values.get("href"):
            self.links.append(values["href"].strip())
        if tag == "input" and values.get("type", "").strip().lower() == "password":
            self.password = True
        if tag == "form":
            self.forms.append(values.get("action", ""))

    def handle_endtag(self, tag: str) -> None:
        self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title and len(self.title) < TITLE_CHARS:
            self.title += data[:TITLE_CHARS]

    @property
    def asks_who_we_are(self) -> bool:
        """True for a login page. One that also links to feeds is taken for one only where its title says so too."""
        called = bool(LOGIN.search(self.title))
        if self.links:
            return called and (self.password or bool(self.forms))
        return self.password or (bool(self.forms) and (called or any(map(LOGIN.search, self.forms))))


def head_of(html: str) -> Head:
    """The head of a page, as far as it can be made out. Never raises."""
    head = Head()
    # AssertionError is how the standard library says that a declaration is none.
    with contextlib.suppress(AssertionError, ValueError):
        head.feed(html)
    return head


def first_feed(head: Head, address: str) -> str:
    """The whole address of the first feed that the page at ``address`` links to, other than itself; or empty."""
    for link in head.links:
        try:
            found = urljoin(urljoin(address, head.base), link)
            if urlsplit(found).scheme in ("http", "https") and found != address:
                return found
        except ValueError:
            continue
    return ""
