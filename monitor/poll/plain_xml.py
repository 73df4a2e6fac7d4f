"""Plain feeds, read in one pass: RSS 2.0 and 1.0 and Atom 1.0, well-formed and with nothing in them that is subtle.

feedparser is the reader of record. What is read here is what it would have found, of that which we use; whatever could
make a difference (markup in place of text, a foreign element under a known name, an unusual date, …) is *declined*, and
goes to feedparser. A plain feed keeps within the bounds of ``survey`` too, but for its number of categories, which only
feedparser takes long over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from monitor.poll import survey
from monitor.poll.plain_item import CONTENT_CHARS, Fields, Item
from monitor.poll.plain_names import (
    ATTRIBUTES,
    DATES,
    PEOPLE,
    PERSON,
    TEXTS,
    TITLES,
    Attributes,
    Declined,
    Names,
    attributes_of,
)
from monitor.poll.plain_values import letters, moment, resolved, stays

__all__ = ["CONTENT_CHARS", "Found", "read"]

BUFFER_BYTES = 65_536
XML = "http://www.w3.org/XML/1998/namespace "
TEXT_TYPES = frozenset({"text", "html", "plain", "text/plain", "text/html"})
HTML_TYPES = frozenset({"html", "text/html"})
PAGE_TYPES = HTML_TYPES | {"xhtml", "application/xhtml+xml"}
RSS_VERSIONS = {"0.91": "rss091u", "0.92": "rss092", "0.93": "rss093", "0.94": "rss094"}
CONTENTS = frozenset({"content", "content_encoded"})
OF_PICTURES = frozenset({"title", "link", "description", "url", "width", "height"})
OF_INPUTS = frozenset({"title", "link", "description", "name"})
REFERENCE = re.compile("&([A-Za-z0-9_]+);")


@dataclass(slots=True)
class Found:
    """What a feed holds, under the names that feedparser gives it."""

    version: str = ""
    feed: Any = field(default_factory=dict)
    entries: Any = field(default_factory=list)
    namespaces: Any = field(default_factory=dict)


@dataclass(slots=True)
class _Element:
    """What an element's name means."""

    tag: str
    bound: int
    """The most characters of its text; 0 where any number is borne."""
    is_name: bool
    in_item: Begin | None
    """What begins with it in an item; None for nothing."""
    in_head: Begin | None


Begin = Callable[["_Reader", _Element, Attributes], None]
End = Callable[["_Reader", str], None]


def read(document: bytes, address: str) -> Found | None:
    """What is in the document, in UTF-8 and without a prolog, as fetched from ``address``; None if it is not plain."""
    if not stays(address) or not _is_plain_prolog(document):
        return None
    reader = _Reader(address)
    parser = expat.ParserCreate("utf-8", " ")
    parser.namespace_prefixes = True
    parser.buffer_text = True
    parser.buffer_size = BUFFER_BYTES
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    # A method of a list, which expat calls without a detour through Python.
    parser.CharacterDataHandler = reader.pieces.append
    parser.ProcessingInstructionHandler = reader.instruction
    parser.StartNamespaceDeclHandler = reader.names.declare
    parser.StartDoctypeDeclHandler = reader.doctype
    try:
        parser.Parse(document, True)
    except (Declined, expat.ExpatError):
        return None
    return Found(reader.names.version, reader.head.fields, reader.entries, reader.names.in_use)


def _is_plain_prolog(document: bytes) -> bool:
    """False where feedparser would see a declaration in what is before the first element."""
    first = re.search(rb"<\w", document)
    head = document[: first.start()] if first else document
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        return False
    return not head.startswith(b"<?xml") or head[head.find(b">") - 1 : head.find(b">")] == b"?"


class _Reader:
    """The handlers: where we are in the document, and what has been found. Any of them raises Declined."""

    __slots__ = (
        "attributes", "base", "base_of_feed", "busy", "elements", "entries", "has_content", "head", "holder", "in_item",
        "instructions", "kind", "leaf", "level", "names", "number", "of_entry", "person", "pieces", "root", "skipped",
        "sourced", "stack",
    )  # fmt: skip

    def __init__(self, address: str) -> None:
        self.base = self.base_of_feed = address
        self.names = Names()
        self.head = self.holder = Item(is_head=True)
        self.entries: list[Fields] = []
        self.pieces: list[str] = []
        """The text since the last tag."""
        self.stack: list[_Element] = []
        self.elements: dict[str, _Element] = {}
        """By the names that expat gives them."""
        self.root = ""
        self.level = 0
        """The depth of what belongs to the head, or to the item, itself."""
        self.in_item = False
        self.busy = True
        """True where we are neither in the head nor in an item itself: in what is passed over, or in an author."""
        self.leaf: End | None = None
        """What ends with the text that is open; an element within it is declined."""
        self.skipped = 0
        """The depth of the element that is passed over with all within it."""
        self.person: Fields | None = None
        self.kind = ""
        """Of the text that is open."""
        self.has_content = self.sourced = False
        self.number = self.of_entry = self.attributes = self.instructions = 0

    # --- Every tag ---

    def start(self, name: str, attributes: Attributes) -> None:
        pieces, stack = self.pieces, self.stack
        if pieces:
            if len(pieces) > 1 or not pieces[0].isspace():
                self.text_before_an_element()
            pieces.clear()
        element = self.elements.get(name)
        if element is None:
            element = self.learn(name)
        stack.append(element)
        self.of_entry += 1
        if self.leaf is not None or self.of_entry > survey.ELEMENTS_OF_ENTRY or len(stack) > survey.DEPTH:
            raise Declined
        if attributes:
            self.look_at(element, attributes)
        if self.busy:
            self.start_elsewhere(element, attributes)
            return
        begin = element.in_item if self.in_item else element.in_head
        if begin is not None:
            if len(stack) != self.level and not self.may_be_elsewhere(element.tag):
                raise Declined
            begin(self, element, attributes)

    def start_elsewhere(self, element: _Element, attributes: Attributes) -> None:
        """The root; or what is neither in the head nor in an item itself."""
        if not self.root:
            self.start_of_root(element, attributes)
        elif self.skipped:
            self.within_what_is_skipped(element)
        elif self.person is not None:
            self.start_of_person(element, attributes)
        else:
            raise Declined  # after the channel of an RSS feed nothing is to follow

    def may_be_elsewhere(self, tag: str) -> bool:
        """What describes a picture or film is within the element for it; RSS 1.0 has much beside its channel."""
        beside = self.root == "rdf_rdf" and len(self.stack) == 2 and tag in ("image", "textinput")
        return beside or tag in ("item", "channel") or tag.startswith("media_")

    def end(self, name: str) -> None:
        element = self.stack.pop()
        pieces = self.pieces
        text = ""
        if pieces:
            text = "".join(pieces)
            pieces.clear()
            if element.bound:
                self.keep_bounds(element, text)
        leaf = self.leaf
        if leaf is not None:
            self.leaf = None
            leaf(self, text.strip())
        elif self.busy:
            self.end_elsewhere(text)
        elif element.tag in survey.ENTRIES:
            self.end_of_item()
        elif element.tag == "channel":
            self.busy, self.level = self.root == "rss", 0

    def end_elsewhere(self, text: str) -> None:
        depth = len(self.stack)
        if self.skipped:
            if depth < self.skipped:
                self.skipped, self.busy = 0, False
        elif self.person is not None:
            if depth < self.level:
                self.end_of_person(text)
            elif text and not text.isspace():
                raise Declined

    def learn(self, name: str) -> _Element:
        tag, local = self.names.tag(name)
        bound = survey.NAME_CHARS if local in survey.NAMES or local in survey.TAGS else 0
        bound = survey.LINE_CHARS if local in survey.LINES else bound
        element = _Element(tag, bound, local in survey.NAMES, IN_ITEM.get(tag), IN_HEAD.get(tag))
        self.elements[name] = element
        return element

    # --- Bounds ---

    def keep_bounds(self, element: _Element, text: str) -> None:
        if len(text) > element.bound:
            raise Declined
        if element.is_name and len(text) > 64 and survey.LONG_RUN.search(text):
            raise Declined

    def text_before_an_element(self) -> None:
        """Between elements there is nothing but blanks, or else it may belong to something."""
        if self.stack and self.stack[-1].bound:
            self.keep_bounds(self.stack[-1], "".join(self.pieces))
        if not (self.skipped or all(map(str.isspace, self.pieces))):
            raise Declined

    def look_at(self, element: _Element, attributes: Attributes) -> None:
        self.attributes += len(attributes)
        if len(attributes) > survey.ATTRIBUTES or self.attributes > survey.ALL_ATTRIBUTES:
            raise Declined
        for name, value in attributes.items():
            if len(value) > survey.ATTRIBUTE_CHARS:
                raise Declined
            if name not in ATTRIBUTES and name.split(" ")[1 if " " in name else 0].lower().endswith("base"):
                self.rebase(element, name, value)

    def rebase(self, element: _Element, name: str, value: str) -> None:
        """A base for links: of the whole feed, of an item, or of a text, whose links we leave as they are."""
        if len(value) > survey.BASE_CHARS or not name.startswith(XML):
            raise Declined
        if len(self.stack) == 1 and stays(value):
            self.base = self.base_of_feed = value
        elif element.tag in survey.ENTRIES and stays(value):
            self.base = value
        elif element.tag not in TEXTS or not self.in_item:
            raise Declined

    def doctype(self, *_: object) -> None:
        raise Declined

    def instruction(self, target: str, data: str) -> None:
        self.instructions += 1
        if self.instructions > survey.INSTRUCTIONS:
            raise Declined

    # --- The root, the channel and the items ---

    def start_of_root(self, element: _Element, attributes: Attributes) -> None:
        self.busy = False
        self.root, self.level = element.tag, 2 if element.tag == "feed" else 0
        version = self.names.version
        if element.tag == "rss":
            said = attributes_of(attributes).get("version", "")
            own = RSS_VERSIONS.get(said, "rss20" if said.startswith("2.") else "rss")
            self.names.version = version if version.startswith("rss") else own
        elif not (element.tag == "feed" and version == "atom10") and not (element.tag == "rdf_rdf" and version):
            raise Declined

    def start_of_channel(self, element: _Element, attributes: Attributes) -> None:
        if len(self.stack) != 2 or self.in_item or self.root == "feed" or self.level or self.holder.fields:
            raise Declined
        if not _CDF.isdisjoint(attributes_of(attributes)):
            raise Declined
        self.level = 3

    def start_of_item(self, element: _Element, attributes: Attributes) -> None:
        """Each at its own place only."""
        depth = len(self.stack)
        own = "entry" if self.root == "feed" else "item"
        if self.in_item or element.tag != own or depth != (3 if self.root == "rss" else 2):
            raise Declined
        self.number += self.of_entry
        self.of_entry = 1
        said = attributes_of(attributes) if attributes else attributes
        if self.number > survey.ELEMENTS or not _CDF.isdisjoint(said):
            raise Declined
        self.in_item, self.level, self.sourced = True, depth + 1, False
        self.holder = Item()
        self.entries.append(self.holder.fields)
        if said.get("rdf:about"):
            self.holder.fields["id"] = said["rdf:about"]

    def end_of_item(self) -> None:
        self.holder.finished()
        self.holder, self.base = self.head, self.base_of_feed
        self.head.title_depth = -1  # of what comes after its items, feedparser would take another
        self.in_item = self.has_content = False
        self.level = {"feed": 2, "rss": 3}.get(self.root, 0)

    # --- What is passed over ---

    def skip(self, element: _Element, attributes: Attributes) -> None:
        """An element with all within it. After some of them feedparser would take another title."""
        self.skipped, self.busy = len(self.stack), True
        if element.tag in ("source", "image", "textinput"):
            self.holder.title_depth, self.sourced = -1, True

    def within_what_is_skipped(self, element: _Element) -> None:
        if element.tag in ("item", "entry", "channel", "rss", "feed"):
            raise Declined
        known = {"image": OF_PICTURES, "textinput": OF_INPUTS}.get(self.stack[self.skipped - 1].tag)
        if known is not None and "_" not in element.tag and element.tag not in known:
            raise Declined  # feedparser takes the picture for ended

    def picture(self, element: _Element, attributes: Attributes) -> None:
        """Of an item."""
        self.holder.title_depth = -1
        self.leaf = _Reader.end_of_nothing

    def decline(self, element: _Element, attributes: Attributes) -> None:
        raise Declined

    def end_of_nothing(self, text: str) -> None:
        pass

    # --- Texts ---

    def line(self, element: _Element, attributes: Attributes) -> None:
        """A text under its own name; feedparser keeps the attributes instead, where it has any."""
        if attributes:
            raise Declined
        self.kind = element.tag
        self.leaf = _Reader.end_of_line

    def end_of_line(self, text: str) -> None:
        self.holder.fields[self.kind] = resolved(self.base, text) if self.kind == "wfw_commentrss" and text else text

    def date(self, element: _Element, attributes: Attributes) -> None:
        self.kind = DATES[element.tag]
        self.leaf = _Reader.end_of_date

    def end_of_date(self, text: str) -> None:
        text = letters(text)
        self.holder.fields[self.kind], self.holder.fields[f"{self.kind}_parsed"] = text, moment(text)

    def title(self, element: _Element, attributes: Attributes) -> None:
        self.kind = _type_of(attributes)
        self.leaf = _Reader.end_of_title
        if element.tag == "media_title":
            if self.sourced:
                raise Declined
            self.leaf = _Reader.end_of_media_title

    def end_of_title(self, text: str) -> None:
        self.holder.add_title(text, self.kind, len(self.stack), not self.names.version.startswith("atom"))

    def end_of_media_title(self, text: str) -> None:
        self.holder.add_media_title(text, self.kind, len(self.stack), not self.names.version.startswith("atom"))

    def text(self, element: _Element, attributes: Attributes) -> None:
        """One of the texts of an item. A second summary counts as content, where there is no content yet."""
        _type_of(attributes)
        again = self.holder.summary is not None and not self.has_content
        self.leaf = _Reader.end_of_summary
        if again or element.tag in CONTENTS:
            self.has_content = True
            self.leaf = _Reader.end_of_content

    def end_of_summary(self, text: str) -> None:
        self.holder.add_summary(text, len(self.stack))

    def end_of_content(self, text: str) -> None:
        self.holder.add_content(text)

    def text_of_head(self, element: _Element, attributes: Attributes) -> None:
        """What the feed says of itself is not used; but of a second summary feedparser makes content here too."""
        _type_of(attributes)
        again = self.holder.summary is not None and not self.has_content
        if again or element.tag in CONTENTS:
            self.has_content = True
            self.holder.summary = ""
        elif element.tag in ("summary", "itunes_summary"):
            self.holder.summary = ""
        self.leaf = _Reader.end_of_nothing

    # --- Links and names ---

    def link(self, element: _Element, attributes: Attributes) -> None:
        said = attributes_of(attributes) if attributes else {}
        said.setdefault("rel", "alternate")
        said.setdefault("type", "application/atom+xml" if said["rel"] == "self" else "text/html")
        fields = self.holder.fields
        fields.setdefault("links", []).append(said)
        href = self.href(said)
        self.leaf = _Reader.end_of_link
        if href is not None:
            said["href"] = href
            if said["rel"] == "alternate" and said["type"] in PAGE_TYPES:
                fields["link"] = href
            self.leaf = _Reader.end_of_nothing

    def href(self, said: Attributes) -> str | None:
        """Where an element leads by its attributes; None where it has none for that."""
        found = said.get("url", said.get("uri", said.get("href")))
        if found == "":
            raise Declined
        return None if found is None else resolved(self.base, found)

    def end_of_link(self, text: str) -> None:
        if text:
            text = letters(resolved(self.base, text))
        if "&" in text:
            text = REFERENCE.sub(r"&\g<1>", text.replace("&amp;", "&") if self.in_item else text)
        fields = self.holder.fields
        fields["link"] = text
        if text or not self.in_item:
            fields["links"][-1]["href"] = text

    def guid(self, element: _Element, attributes: Attributes) -> None:
        permanent = not attributes or attributes_of(attributes).get("ispermalink", "true") == "true"
        self.leaf = _Reader.end_of_permanent_guid if permanent else _Reader.end_of_guid

    def end_of_guid(self, text: str) -> None:
        self.holder.fields["id"] = letters(text)

    def end_of_permanent_guid(self, text: str) -> None:
        text = letters(resolved(self.base, text)) if text else text
        self.holder.fields["id"] = text
        self.holder.fields.setdefault("link", text)

    def in_reply_to(self, element: _Element, attributes: Attributes) -> None:
        self.holder.fields["thr_in-reply-to"] = attributes_of(attributes) if attributes else ""
        self.leaf = _Reader.end_of_nothing

    def generator(self, element: _Element, attributes: Attributes) -> None:
        href = self.href(attributes_of(attributes))
        self.holder.fields["generator_detail"] = {} if href is None else {"href": href}
        self.leaf = _Reader.end_of_generator

    def end_of_generator(self, text: str) -> None:
        self.holder.fields["generator"] = letters(text)

    def generator_agent(self, element: _Element, attributes: Attributes) -> None:
        href = attributes_of(attributes).get("rdf:resource")
        if not href:
            raise Declined
        self.holder.fields["generator"] = letters(href.strip())
        self.holder.fields["generator_detail"] = {"href": href}
        self.leaf = _Reader.end_of_nothing

    # --- Authors ---

    def author(self, element: _Element, attributes: Attributes) -> None:
        self.person, self.busy = {}, True

    def start_of_person(self, element: _Element, attributes: Attributes) -> None:
        if len(self.stack) != self.level + 1:
            raise Declined
        if element.tag in PERSON:
            self.kind = element.tag
            self.leaf = _Reader.end_of_part
        elif element.in_item is not None or not attributes:
            raise Declined

    def end_of_part(self, text: str) -> None:
        """A name, an address or a link of an author."""
        if self.person is not None:
            self.person[self.kind] = text

    def end_of_person(self, text: str) -> None:
        person, self.person, self.busy = self.person or {}, None, False
        text = letters(text.strip())
        if text and person:
            raise Declined
        self.holder.people.append(person or {"text": text})


_CDF = frozenset({"lastmod", "href"})
"""Attributes by which an old format gave an item its date and link."""


def _type_of(attributes: Attributes) -> str:
    """What kind of text it is: plain, or HTML. Raises Declined for any other."""
    if not attributes:
        return "text/plain"
    said = attributes_of(attributes)
    kind = said.get("type", "text/plain")
    if kind not in TEXT_TYPES or "mode" in said or "src" in said:
        raise Declined
    return "text/html" if kind in HTML_TYPES else "text/plain"


HOLDERS: dict[str, Begin] = {
    "channel": _Reader.start_of_channel,
    "item": _Reader.start_of_item,
    "entry": _Reader.start_of_item,
    **dict.fromkeys(("rss", "feed", "rdf_rdf"), _Reader.decline),
}
IN_ITEM: dict[str, Begin] = {
    **HOLDERS,
    **dict.fromkeys(DATES, _Reader.date),
    **dict.fromkeys(TITLES, _Reader.title),
    **dict.fromkeys(PEOPLE, _Reader.author),
    **dict.fromkeys(TEXTS, _Reader.text),
    **dict.fromkeys(("slash_comments", "thr_total", "wfw_commentrss"), _Reader.line),
    **dict.fromkeys(("source", "contributor"), _Reader.skip),
    **dict.fromkeys(("textinput", "itunes_owner"), _Reader.decline),
    "image": _Reader.picture,
    "link": _Reader.link,
    "guid": _Reader.guid,
    "id": _Reader.guid,
    "thr_in-reply-to": _Reader.in_reply_to,
}
"""What begins with an element of an item."""
IN_HEAD: dict[str, Begin] = {
    **HOLDERS,
    **dict.fromkeys(("title", "dc_title"), _Reader.title),
    **dict.fromkeys(TEXTS, _Reader.text_of_head),
    **dict.fromkeys((*PEOPLE, "contributor", "image", "textinput", "itunes_owner"), _Reader.skip),
    **dict.fromkeys(("source", "media_title"), _Reader.decline),
    "link": _Reader.link,
    "guid": _Reader.guid,
    "id": _Reader.guid,
    "generator": _Reader.generator,
    "admin_generatoragent": _Reader.generator_agent,
}
"""What begins with an element of the feed itself."""
