"""What one item tells, or the feed of itself: of several elements of one kind, the one that feedparser keeps."""

from __future__ import annotations

import re
from typing import Any

from monitor.poll.plain_names import Declined
from monitor.poll.plain_values import letters, looks_like_html, of_windows, repaired
from monitor.poll.text import author_email

CONTENT_CHARS = 2_000
"""Of the longest text of an item its end is kept, where platforms put their figures."""
LONG_NAME = 100
"""Characters of an author with an e-mail address in it."""
LOCAL_PART = re.compile(r"[\w.+-]@")
"""Where feedparser may find an e-mail address in a name."""
NAMED = re.compile(r"[!-~]")
Fields = dict[str, Any]


class Item:
    """An item, or the head of a feed: its fields under feedparser's names, and what is needed to choose between them.

    feedparser prefers what is less deep in the document, the last of what is equally deep, and of titles the first.
    """

    __slots__ = ("contents", "fields", "is_head", "people", "summary", "summary_depth", "title_depth", "titled_at")

    def __init__(self, is_head: bool = False) -> None:
        self.fields: Fields = {}
        self.is_head = is_head
        self.title_depth = -1
        """Where a title ended that was not empty; from there on down no other is taken."""
        self.titled_at: int | None = None
        """How deep the title is that we have."""
        self.summary: str | None = None
        self.summary_depth: int | None = None
        self.contents: list[str] = []
        self.people: list[Fields] = []

    def add_title(self, text: str, kind: str, depth: int, may_be_html: bool) -> None:
        """A title, ``kind`` being what its type says; in RSS it may be HTML without saying so."""
        if not -1 < self.title_depth <= depth:
            if self.is_head or self.titled_at is None or depth <= self.titled_at:
                self.fields["title"], self.titled_at = letters(text), depth
            if may_be_html and kind == "text/plain" and looks_like_html(text):
                kind = "text/html"
            self.fields["title_detail"] = {"type": kind}
        if text:
            self.title_depth = depth

    def add_media_title(self, text: str, kind: str, depth: int, may_be_html: bool) -> None:
        """The title of a picture or film: the item's own counts for more, even where it comes later."""
        before = self.title_depth
        if before == -1 and "title" in self.fields:
            raise Declined
        self.add_title(text, kind, depth, may_be_html)
        self.title_depth = before

    def add_summary(self, text: str, depth: int) -> None:
        if self.summary_depth is None or depth <= self.summary_depth:
            self.summary_depth, self.summary = depth, repaired(text)

    def add_content(self, text: str) -> None:
        text = repaired(text)
        self.contents.append(text)
        if self.summary is None:
            self.summary = text

    def finished(self) -> None:
        """The item is over. Raises Declined for one without a name: that is named by all of its content."""
        if not NAMED.search(f"{self.fields.get('id', '')}{self.fields.get('link', '')}"):
            raise Declined
        texts = self.contents if self.summary is None else [self.summary, *self.contents]
        if texts:
            self.fields["summary"] = of_windows(max(texts, key=len)[-CONTENT_CHARS:])
            self.contents.clear()
        if len(self.people) == 1:
            self._one_author(self.people[0])
        elif self.people:
            self._several_authors()

    def _one_author(self, person: Fields) -> None:
        """An author as Atom writes one, in parts; or in one text, which feedparser searches for an address."""
        text, name, email = person.get("text"), person.get("name"), person.get("email")
        if text is None:
            self.fields["author"] = f"{name} ({email})" if name and email else name or email or ""
            self.fields["author_detail"] = person
            return
        plain = LOCAL_PART.search(text) is None
        if not plain and not (len(text) <= LONG_NAME and author_email(text, LONG_NAME)):
            raise Declined
        self.fields["author"] = text
        self.fields["author_detail"] = {"name": text} if plain else {}

    def _several_authors(self) -> None:
        """The last of them, as far as there are no addresses that feedparser would give to another."""
        written = [person.get("text") or person.get("name", "") for person in self.people]
        if any("email" in person for person in self.people) or any(map(LOCAL_PART.search, written)):
            raise Declined
        if any("text" not in person for person in self.people) and not all(written):
            raise Declined
        self.fields["author"] = written[-1]
        self.fields["author_detail"] = {"name": next(filter(None, written), "")}
