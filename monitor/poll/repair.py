"""Broken XML mended: what a feed meant to say, as well-formed XML that feedparser's strict reader takes.

The document is read once from front to back, tag by tag, in this order: what comes before a tag is text, in which bare
ampersands and unknown entities are escaped; a tag is written anew with its attributes quoted; an element that was not
closed is closed where its parent ends, or where an element begins that cannot be within it; an end tag of nothing is
left out; prefixes that were not declared are declared at the root. A *lean* mending also leaves out every element that
we do not use, and cuts what is left: that is for documents which would take too much time as they are.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html.entities import html5, name2codepoint

from monitor.poll.cut import ENTRY
from monitor.poll.survey import ATTRIBUTE_CHARS, ATTRIBUTES, DEPTH, ELEMENTS, ELEMENTS_OF_ENTRY, NAMESPACES

ILLEGAL = bytes(number for number in range(32) if number not in b"\t\n\r")
NONCHARACTERS = (b"\xef\xbf\xbe", b"\xef\xbf\xbf")
NOT_LEGAL = re.compile(rb"[\0-\x08\x0b\x0c\x0e-\x1f]|\xef\xbf[\xbe\xbf]")
NAME = rb"[A-Za-z_][\w.-]{0,100}"
TAG = re.compile(rb"<(/?)((?:" + NAME + rb":)?" + NAME + rb")((?:[^<>\"']++|\"[^\"<]*+\"|'[^'<]*+')*+)(?:>|(?=<)|\Z)")
UNQUOTED_TAG = re.compile(rb"<(/?)((?:" + NAME + rb":)?" + NAME + rb")([^<>]*+)(?:>|(?=<)|\Z)")
ATTRIBUTE = re.compile(rb"((?:" + NAME + rb":)?" + NAME + rb")\s*(?:=\s*(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'<>]*+)))?")
AMPERSAND = re.compile(
    rb"&(?!(?:amp|lt|gt|quot|apos);)(?:(#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{0,31});)?"
)
LONG_RUN = re.compile(rb"[A-Za-z0-9_.+-]{60,}+")
ANY_TAG = re.compile(rb"<[^<>]*+>?")
MOST_REFERENCES = 300_000
"""How many entities are looked up one by one; after these an ampersand is just an ampersand."""
MOST_SEARCHES = 300
"""How many times the end of an element is looked for in vain."""

UNKNOWN = b"urn:prefix:"
KNOWN = {
    b"content": b"http://purl.org/rss/1.0/modules/content/",
    b"dc": b"http://purl.org/dc/elements/1.1/",
    b"dcterms": b"http://purl.org/dc/terms/",
    b"slash": b"http://purl.org/rss/1.0/modules/slash/",
    b"thr": b"http://purl.org/syndication/thread/1.0",
    b"wfw": b"http://wellformedweb.org/CommentAPI/",
    b"sy": b"http://purl.org/rss/1.0/modules/syndication/",
    b"atom": b"http://www.w3.org/2005/Atom",
    b"rdf": b"http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    b"media": b"http://search.yahoo.com/mrss/",
    b"itunes": b"http://www.itunes.com/dtds/podcast-1.0.dtd",
    b"georss": b"http://www.georss.org/georss",
    b"feedburner": b"http://rssnamespace.org/feedburner/ext/1.0",
    b"trackback": b"http://madskills.com/public/xml/rss/module/trackback/",
    b"xhtml": b"http://www.w3.org/1999/xhtml",
    b"discourse": b"http://www.discourse.org/",
}
"""What the prefixes of feeds stand for, where a feed forgets to say so."""

ENTRIES = frozenset({b"item", b"entry"})
ROOTS = frozenset({b"rss", b"rdf", b"feed"})
HOLDERS = frozenset({b"channel", b"item", b"entry", b"image", b"textinput", b"source", b"author", b"contributor"})
LEAVES = frozenset(
    {b"title", b"link", b"guid", b"id", b"pubdate", b"published", b"updated", b"comments", b"name", b"email", b"uri",
     b"date", b"creator", b"category", b"generator", b"language", b"copyright", b"ttl", b"commentrss", b"total",
     b"lastbuilddate", b"docs", b"managingeditor", b"webmaster", b"enclosure", b"modified", b"issued", b"created"}
)  # fmt: skip
"""Elements that hold a line of text and no other elements of the feed."""
TEXTS = frozenset({b"description", b"summary", b"content", b"encoded", b"subtitle", b"tagline", b"body"})
ONLY_FEED = LEAVES | TEXTS | HOLDERS | ROOTS
NOT_IN_TEXTS = frozenset(
    {b"guid", b"pubdate", b"published", b"updated", b"creator", b"commentrss", b"total", b"category", b"comments",
     b"encoded", b"description", b"lastbuilddate"}
)  # fmt: skip
"""Elements that no HTML has: where one begins within a text, the text was not closed."""
USED = (
    ROOTS | (HOLDERS - {b"image", b"textinput", b"contributor"}) | (LEAVES - {b"category", b"enclosure", b"docs"})
    | TEXTS | {b"in-reply-to", b"comment"}
    | {b"skiphours", b"skipdays", b"hour", b"day"}
)  # fmt: skip
"""What a lean mending keeps."""
UNUSED_PREFIXES = frozenset({b"media", b"georss", b"gml", b"geo", b"psc", b"podcast"})
RESERVED = (b"http://www.w3.org/XML/1998/namespace", b"http://www.w3.org/2000/xmlns/")
LINE_BYTES, NAME_BYTES, TEXT_BYTES, LEAN_ATTRIBUTES = 16_000, 190, 20_000, 10
LEAN_NAMES = frozenset({b"author", b"creator", b"name", b"email", b"managingeditor", b"webmaster"})
NOTHING_KNOWN: dict[str, bytes] = {}


@dataclass(frozen=True, slots=True)
class Mended:
    """A document made well-formed, and how many items it has."""

    document: bytes
    entries: int


def legal(document: bytes) -> bytes:
    """The document, in UTF-8, without the characters that no XML may hold."""
    if NOT_LEGAL.search(document):
        document = document.translate(None, ILLEGAL)
        for noncharacter in NONCHARACTERS:
            document = document.replace(noncharacter, b"")
    return document


def mended(document: bytes, entities: dict[str, bytes] | None = None, lean: bool = False) -> Mended:
    """The document, legal and without a prolog, as well-formed XML. ``entities`` are those that it declared."""
    mender = _Mender(document, entities or NOTHING_KNOWN, lean)
    mender.run()
    return mender.result()


def _local(name: bytes) -> bytes:
    return name.rpartition(b":")[2].lower()


class _Mender:
    """Where we are in the document, which elements are open, and what has been written."""

    def __init__(self, document: bytes, entities: dict[str, bytes], lean: bool) -> None:
        self.document, self.entities, self.lean = document, entities, lean
        self.place = 0
        self.written: list[bytes] = []
        self.open: list[bytes] = []
        self.depths: dict[bytes, list[int]] = {}
        """Where each name, in lower case, is open."""
        self.items: list[int] = []
        self.texts: list[int] = []
        """Where items and texts are open."""
        self.used: dict[bytes, bytes] = {}
        """The prefixes that occur, and what they were first declared to stand for."""
        self.entries = self.elements = 0
        self.references = MOST_REFERENCES
        self.searches = MOST_SEARCHES
        self.found: dict[bytes, int] = {}
        self.of_entry = 0
        self.most_of_entry = ELEMENTS_OF_ENTRY
        if lean:
            self.most_of_entry = min(300, max(15, ELEMENTS // max(1, len(ENTRY.findall(document)))))

    def run(self) -> None:
        """Steps: 1. the text up to the next "<"; 2. what begins there, by its first letters; and again."""
        while self.elements < ELEMENTS:
            start = self.document.find(b"<", self.place)
            self.text(self.document[self.place : start if start >= 0 else len(self.document)])
            if start < 0:
                break
            self.place = start
            if self.document.startswith(b"<![CDATA[", start):
                self.cdata()
            elif self.document.startswith(b"<!--", start):
                self.skip(b"-->")
            elif self.document[start + 1 : start + 2] in (b"?", b"!"):
                self.skip(b">")
            else:
                self.tag()

    def result(self) -> Mended:
        while self.open:
            self.close()
        if self.written:
            # The root's tag has a NUL where its declarations go, which are known only now.
            declared = b"".join(b' xmlns:%s="%s"' % pair for pair in self.used.items())
            self.written[0] = self.written[0].replace(b"\0", declared, 1)
        return Mended(b"".join(self.written), self.entries)

    # --- Searching: each string is searched for from a place on only where that is not known yet ---

    def next(self, needle: bytes, place: int) -> int:
        known = self.found.get(needle)
        if known is None or (0 <= known < place):
            known = self.found[needle] = self.document.find(needle, place)
        return known

    def skip(self, end: bytes) -> None:
        """Pass over what is neither element nor text; what is not closed ends where the next tag begins."""
        close, tag = self.next(end, self.place), self.document.find(b"<", self.place + 1)
        if close < 0 or (end == b">" and 0 <= tag < close):
            self.place = tag if tag >= 0 else len(self.document)
        else:
            self.place = close + len(end)

    # --- Text ---

    def text(self, text: bytes) -> None:
        if self.open and text:
            self.written.append(self.escaped(self.shortened(text) if self.lean else text).replace(b"]]>", b"]]&gt;"))

    def shortened(self, text: bytes) -> bytes:
        """What a lean mending keeps of a text; a text is not cut within a letter or an entity."""
        name = _local(self.open[-1])
        longest = NAME_BYTES if name in LEAN_NAMES else LINE_BYTES if name in LEAVES else TEXT_BYTES
        text = LONG_RUN.sub(b"", text) if name in LEAN_NAMES else text
        if len(text) <= longest:
            return text
        text = text[:longest].decode("utf-8", "ignore").encode()
        return text[: text.rfind(b"&", len(text) - 40)] if b"&" in text[-40:] else text

    def escaped(self, text: bytes) -> bytes:
        """With every ampersand that is none of XML's own entities resolved or escaped."""
        ampersands = text.count(b"&")
        if not ampersands:
            return text
        self.references -= ampersands
        return AMPERSAND.sub(self.reference, text) if self.references >= 0 else AMPERSAND.sub(b"&amp;", text)

    def reference(self, found: re.Match[bytes]) -> bytes:
        name = (found[1] or b"").decode()
        if name.startswith("#"):
            number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
            legal = 32 <= number < 0xD800 or 0xE000 <= number <= 0xFFFD or 0x10000 <= number <= 0x10FFFF
            return found[0] if legal or number in (9, 10, 13) else b""
        if name in self.entities:
            return self.entities[name].replace(b"<", b"&lt;")
        letters = chr(name2codepoint[name]) if name in name2codepoint else html5.get(f"{name};")
        return letters.encode() if letters else found[0].replace(b"&", b"&amp;", 1)

    def cdata(self) -> None:
        """A CDATA section, as text. One that is not closed ends with the element that it is in."""
        start = self.place + len(b"<![CDATA[")
        end = self.next(b"]]>", start)
        other = self.next(b"<![CDATA[", start)
        if end < 0 or 0 <= other < end:
            close = self.end_tag(self.open[-1], start) if self.open else -1
            if close >= 0 and (end < 0 or close < end) and (other < 0 or close < other):
                self.raw(self.document[start:close])
                self.place = close
                return
        self.raw(self.document[start : end if end >= 0 else len(self.document)])
        self.place = end + len(b"]]>") if end >= 0 else len(self.document)

    def raw(self, text: bytes) -> None:
        if self.open:
            text = self.shortened(text) if self.lean else text
            self.written.append(b"<![CDATA[" + text + b"]]>")

    # --- Tags ---

    def tag(self) -> None:
        """What looks like a tag but is none, is text."""
        found = TAG.match(self.document, self.place) or UNQUOTED_TAG.match(self.document, self.place)
        if found is None:
            self.place += 1
            if self.document[self.place : self.place + 1] == b"/":
                self.skip(b">")
            else:
                self.text(b"&lt;")
            return
        self.place = found.end()
        name = found[2]
        if found[1]:
            self.end(name)
        else:
            attributes = found[3].rstrip()
            self.start(name, attributes.removesuffix(b"/"), attributes.endswith(b"/"))

    def start(self, name: bytes, attributes: bytes, empty: bool) -> None:
        local = _local(name)
        if not self.open:
            self.begin(local)
        elif local in ROOTS and any(_local(other) in ROOTS for other in self.open[:2]):
            return  # Two documents in one: the second goes on where the first ended.
        self.make_room(local, bool(attributes.strip()))
        too_many = self.of_entry >= self.most_of_entry and local not in ENTRIES and local != b"channel"
        if too_many or len(self.open) >= DEPTH or (self.lean and self.left_out(name, local, empty)):
            return
        self.elements += 1
        self.of_entry += 1
        if local in ENTRIES:
            self.entries += 1
            self.of_entry = 0
        mark = b"" if self.written else b"\0"
        written = self.attributes(attributes)
        self.push(name, b"<" + self.prefixed(name) + written + mark + b">")
        if empty:
            self.close()
        elif self.lean and local in TEXTS:
            self.bare(name)

    def push(self, name: bytes, tag: bytes) -> None:
        depth, local = len(self.open), _local(name)
        self.written.append(tag)
        self.open.append(name)
        self.depths.setdefault(name.lower(), []).append(depth)
        if local in ENTRIES:
            self.items.append(depth)
        if local in TEXTS:
            self.texts.append(depth)

    def begin(self, local: bytes) -> None:
        """What a document whose beginning is missing must have begun with."""
        if local == b"entry":
            self.push(b"feed", b'<feed xmlns="http://www.w3.org/2005/Atom"\0>')
        if local in (b"channel", b"item"):
            self.push(b"rss", b'<rss version="2.0"\0>')
        if local == b"item":
            self.push(b"channel", b"<channel>")

    def make_room(self, local: bytes, with_attributes: bool) -> None:
        """Close what the new element cannot be within."""
        if local in ENTRIES and self.items and self.items[0] > 0:
            self.close_down_to(self.items[0])
        if self.texts and (local in NOT_IN_TEXTS or (local in (b"link", b"title") and not with_attributes)):
            self.close_down_to(self.texts[0])
        elif self.open and local in ONLY_FEED and _local(self.open[-1]) in LEAVES:
            self.close()

    def end(self, name: bytes) -> None:
        """Close the element and all within it; nothing, where it is not open, and for the root: more may come."""
        depths = self.depths.get(name.lower())
        if depths and depths[-1] > 0:
            beyond_item = self.items and depths[-1] < self.items[-1]
            if not beyond_item or _local(name) == b"channel":
                self.close_down_to(depths[-1])

    def close_down_to(self, depth: int) -> None:
        while len(self.open) > depth:
            self.close()

    def close(self) -> None:
        name = self.open.pop()
        depth = len(self.open)
        self.depths[name.lower()].pop()
        for places in (self.items, self.texts):
            if places and places[-1] == depth:
                places.pop()
        self.written.append(b"</" + self.prefixed(name) + b">")

    # --- Names and attributes ---

    def prefixed(self, name: bytes) -> bytes:
        """The name, its prefix noted; the prefix is left out where there are too many of them."""
        prefix, colon, local = name.partition(b":")
        if not colon or prefix == b"xml":
            return name
        if prefix not in self.used:
            if len(self.used) >= NAMESPACES or prefix.lower() == b"xmlns":
                return local
            self.used[prefix] = KNOWN.get(prefix.lower(), UNKNOWN + prefix)
        return name

    def attributes(self, text: bytes) -> bytes:
        """Each attribute once, in quotation marks."""
        written: dict[bytes, bytes] = {}
        for found in ATTRIBUTE.finditer(text) if text.strip() else ():
            if len(written) >= (LEAN_ATTRIBUTES if self.lean else ATTRIBUTES):
                break
            name = found[1]
            value = next((value for value in found.groups()[1:] if value is not None), name)
            value = self.escaped(value[:ATTRIBUTE_CHARS].decode("utf-8", "ignore").encode())
            value = value.replace(b"<", b"&lt;").replace(b'"', b"&quot;")
            if name.startswith(b"xmlns"):
                self.declared(name, value, written)
            elif name.endswith(b"base") and len(value) > 1_000:
                continue
            else:
                written.setdefault(self.prefixed(name), value)
        return b"".join(b' %s="%s"' % pair for pair in written.items())

    def declared(self, name: bytes, value: bytes, written: dict[bytes, bytes]) -> None:
        """A namespace: at the root it is kept as it is, elsewhere the root declares it for all."""
        prefix = name[6:]
        if name == b"xmlns":
            written.setdefault(name, value)
        elif not value or prefix.lower() in (b"xml", b"xmlns", b"") or value in RESERVED:
            return
        elif prefix in self.used or len(self.used) < NAMESPACES:
            known = self.used.get(prefix, UNKNOWN)
            self.used[prefix] = value if known.startswith(UNKNOWN) else known

    # --- What a lean mending leaves out ---

    def left_out(self, name: bytes, local: bytes, empty: bool) -> bool:
        """True for an element that we do not use; what it holds is passed over with it."""
        depth = len(self.open)
        unused = depth > 0 and (local not in USED or name.partition(b":")[0] in UNUSED_PREFIXES)
        inside_text = depth > 0 and _local(self.open[-1]) in TEXTS
        if not (unused or inside_text):
            return False
        if not empty and not inside_text:
            self.pass_over(name)
        return True

    def pass_over(self, name: bytes) -> None:
        close = self.end_of(name)
        if close >= 0:
            self.place = close

    def bare(self, name: bytes) -> None:
        """The text of an element that holds markup, without the markup; CDATA is left to its own turn."""
        close = self.end_of(name)
        if close < 0:
            return
        inner = self.document[self.place : close]
        if b"<![CDATA[" not in inner:
            self.text(ANY_TAG.sub(b"", self.ends(inner)))
            self.place = close

    @staticmethod
    def ends(inner: bytes) -> bytes:
        return inner if len(inner) <= TEXT_BYTES else inner[: TEXT_BYTES // 2] + b" " + inner[-TEXT_BYTES // 2 :]

    def end_of(self, name: bytes) -> int:
        """Where an element's end tag begins, -1 where it has none before the next item."""
        close = self.end_tag(name, self.place)
        if close >= 0 and ENTRY.search(self.document, self.place, close):
            self.searches -= 1
            return -1
        return close

    def end_tag(self, name: bytes, place: int) -> int:
        """Where the next end tag of that name is; -1 where there is none, or too many were looked for in vain."""
        needle = b"</" + name + b">"
        if needle not in self.found:
            if self.searches <= 0:
                return -1
            self.searches -= 1
        return self.next(needle, place)
