"""A quick look over an XML document, with no object made of it: is it well-formed, and can it be read in peace?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.parsers import expat

ELEMENTS = 100_000
"""The most elements that are read: 5,000 items with twenty each."""
ELEMENTS_OF_ENTRY = 3_000
"""Of one item, markup of its texts included; and of what is before the first item."""
DEPTH = 100
ATTRIBUTES = 60
ATTRIBUTE_CHARS = 8_000
ALL_ATTRIBUTES = 250_000
BASE_CHARS = 1_000
"""Of an ``xml:base``, with which every link below it is joined."""
NAMESPACES = 60
INSTRUCTIONS = 20
TAGS_OF_ENTRY = 300
"""Categories of one item: feedparser compares each with all others."""
LINE_CHARS = 16_000
"""Of a text that is one line: a link, a date, a name."""
NAME_CHARS = 1_000
LONG_RUN = re.compile(r"[\w.+-]{64}")
"""Within a name: in which feedparser looks for an e-mail address from every letter on."""

ENTRIES = frozenset({"item", "entry"})
TAGS = frozenset({"category", "subject", "tags", "keywords"})
NAMES = frozenset(
    {"author", "creator", "publisher", "managingeditor", "webmaster", "contributor", "owner", "name", "email"}
)
LINES = frozenset(
    {"link", "id", "guid", "pubdate", "published", "updated", "modified", "issued", "date", "created", "comments",
     "commentrss", "total", "uri", "url", "lastbuilddate", "base", "generator"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Survey:
    """What a look over a document found."""

    root: str = ""
    """The name of its first element, without prefix."""
    cause: str = ""
    """What makes it broken XML, and where; empty where it is well-formed."""
    harmless: bool = True
    """False where reading it would take more time or memory than a feed is worth."""
    text: str = ""
    """The first words in it."""


class _TooMuch(Exception):
    """The document is beyond one of the bounds."""


class _Look:
    """The handlers, and what they have counted."""

    def __init__(self) -> None:
        self.root = ""
        self.text = ""
        self.names: list[str] = []
        self.elements = self.attributes = self.of_entry = self.instructions = self.tags = self.chars = 0
        self.namespaces: set[tuple[str | None, str | None]] = set()

    def start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(" ")[2].lower()
        self.root = self.root or name.rpartition(" ")[2]
        self.names.append(local)
        self.elements += 1
        self.chars = 0
        if local in ENTRIES:
            self.tags = self.of_entry = 0
        self.of_entry += 1
        self.tags += local in TAGS
        if self.elements > ELEMENTS or self.of_entry > ELEMENTS_OF_ENTRY:
            raise _TooMuch
        if len(self.names) > DEPTH or self.tags > TAGS_OF_ENTRY:
            raise _TooMuch
        if attributes:
            self.look_at(attributes)

    def look_at(self, attributes: dict[str, str]) -> None:
        self.attributes += len(attributes)
        if (
            self.attributes > ALL_ATTRIBUTES
            or len(attributes) > ATTRIBUTES
            or max(map(len, attributes.values())) > ATTRIBUTE_CHARS
        ):
            raise _TooMuch
        if any(name.endswith("base") and len(value) > BASE_CHARS for name, value in attributes.items()):
            raise _TooMuch

    def end(self, name: str) -> None:
        self.names.pop()
        self.chars = 0

    def words(self, text: str) -> None:
        if len(self.text) < 300:
            self.text = f"{self.text} {text[:300].strip()}".strip()
        name = self.names[-1] if self.names else ""
        if name in LINES or name in NAMES or name in TAGS:
            self.chars += len(text)
            if self.chars > (LINE_CHARS if name in LINES else NAME_CHARS):
                raise _TooMuch
            if len(text) > 64 and name in NAMES and LONG_RUN.search(text):
                raise _TooMuch

    def instruction(self, target: str, data: str) -> None:
        self.instructions += 1
        if self.instructions > INSTRUCTIONS:
            raise _TooMuch

    def doctype(self, *_: object) -> None:
        """Those in their place were dropped; one that was hidden from that may hold entities within entities."""
        raise _TooMuch

    def namespace(self, prefix: str | None, uri: str | None) -> None:
        self.namespaces.add((prefix, uri))
        if len(self.namespaces) > NAMESPACES:
            raise _TooMuch


def survey(document: bytes) -> Survey:
    """What is in a document in UTF-8, up to where it breaks. Never raises."""
    look = _Look()
    # As feedparser reads it: with namespaces, in UTF-8 whatever it declares.
    parser = expat.ParserCreate("utf-8", " ")
    parser.buffer_text = True
    parser.StartElementHandler = look.start
    parser.EndElementHandler = look.end
    parser.CharacterDataHandler = look.words
    parser.ProcessingInstructionHandler = look.instruction
    parser.StartNamespaceDeclHandler = look.namespace
    parser.StartDoctypeDeclHandler = look.doctype
    try:
        parser.Parse(document, True)
    except expat.ExpatError as error:
        return Survey(look.root, str(error), text=look.text)
    except _TooMuch:
        return Survey(look.root, harmless=False, text=look.text)
    return Survey(look.root, text=look.text)
