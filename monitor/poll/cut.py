"""A feed cut down to what can be read in bearable time: from the middle, where both of its ends may be the newest.

All in here is linear in the size of the document, and works on bytes in UTF-8, so that a document of any size costs
little more than its own length.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

ENTRY = re.compile(rb"<(?:item|entry|[A-Za-z][\w.-]{0,30}+:(?:item|entry))(?=[\s>/])", re.IGNORECASE)
"""How an item begins."""
ENTRY_END = re.compile(rb"</(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)\s*>", re.IGNORECASE)
FEED_BYTES = 8_000_000
"""The longest document that is read whole. A longer one has its texts cut first, and then its middle."""
MARKUP = 600_000
"""The most tags that are looked at, markup within texts included."""
MOST_MARKUP = 4_000_000
"""Of a document with more tags than this, only the start is looked at: in 20 MB no feed has so many."""
MOST_SECTIONS = 200_000
"""The most CDATA sections, or comments, that are measured."""
LONG_TEXT = 200_000
"""Bytes of one text in any feed."""
SHORT_TEXTS = (8_000, 2_000, 500)
"""Bytes of one text in a feed that is too long with all of them; the next where it still is."""
TEXT = re.compile(
    rb"<(content|summary|content:encoded|description|xhtml:body|body)(?:\s[^<>]*+)?(?<!/)>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Prolog:
    """A document without what comes before its first element, and the entities that were declared there."""

    document: bytes
    entities: dict[str, bytes] = field(default_factory=dict)


def within(document: bytes, entries: int, there: int | None = None) -> bytes:
    """The document with at most ``entries`` items, from both its ends, and of at most FEED_BYTES and MARKUP tags.

    ``there`` is how many items begin in it, where that is known: then a small document is not even looked at.
    """
    few = there is not None and there <= entries
    if few and len(document) <= LONG_TEXT:
        return document
    if _has_more_tags(document, MOST_MARKUP):
        document = _start_of(document, FEED_BYTES, MARKUP)
    document = _without_middles(document, _sections(document, b"<!--", b"-->"), LONG_TEXT)
    document = _with_shorter_texts(document, LONG_TEXT)
    document = document if few else _with_fewer_entries(document, entries)
    if _is_too_much(document):
        document = _without_markup_in_texts(document)
    for longest in SHORT_TEXTS:
        if _is_too_much(document):
            document = _with_shorter_texts(document, longest)
    return _with_less(document) if _is_too_much(document) else document


def begins(document: bytes) -> int:
    """How many items seem to begin in the document."""
    return len(ENTRY.findall(document))


def _is_too_much(document: bytes) -> bool:
    return len(document) > FEED_BYTES or _has_more_tags(document, MARKUP)


def _has_more_tags(document: bytes, most: int) -> bool:
    return len(document) > most and document.count(b"<") > most


# --- Texts ---


def _with_shorter_texts(document: bytes, longest: int) -> bytes:
    """Every text of more than ``longest`` bytes with its middle cut out: what is at its ends is what we look at."""
    if len(document) <= longest:
        return document
    document = _without_middles(document, _sections(document, b"<![CDATA[", b"]]>"), longest)
    return _without_middles(document, _segments(document, longest), longest)


def _without_middles(document: bytes, spans: Iterator[tuple[int, int]], longest: int) -> bytes:
    """The document with the middle cut out of each span that is too long."""
    pieces, done = [], 0
    for start, end in spans:
        if end - start > longest:
            pieces += [document[done:start], _ends(document, start, end, longest)]
            done = end
    return b"".join([*pieces, document[done:]]) if pieces else document


def _sections(document: bytes, opened: bytes, closed: bytes) -> Iterator[tuple[int, int]]:
    """What is in each CDATA section, or in each comment."""
    place = document.find(opened)
    for _ in range(MOST_SECTIONS):
        if place < 0:
            break
        start = place + len(opened)
        end = document.find(closed, start)
        if end < 0:
            break
        yield start, end
        place = document.find(opened, end)


def _segments(document: bytes, longest: int) -> Iterator[tuple[int, int]]:
    """Each long text between a tag, or the end of a CDATA section, and the next tag."""
    half = longest // 2
    if all(document.find(b"<", place, place + half) >= 0 for place in range(0, len(document) - half + 1, half)):
        return  # A long text fills one half of its length, wherever it begins.
    for found in re.compile(rb"<[^<]{%d,}+" % longest).finditer(document):
        mark = b"]]>" if document.startswith(b"<![CDATA[", found.start()) else b">"
        end = document.find(mark, found.start(), found.end())
        if end >= 0:
            yield end + len(mark), found.end()


def _ends(document: bytes, start: int, end: int, longest: int) -> bytes:
    """Both ends of a text, cut between letters and outside of entities."""
    first = document[start : start + longest // 2].decode("utf-8", "ignore").encode()
    ampersand = first.rfind(b"&", len(first) - 12)
    first = first[:ampersand] if ampersand >= 0 and b";" not in first[ampersand:] else first
    return first + b" " + document[end - longest // 2 : end].decode("utf-8", "ignore").encode()


def _without_markup_in_texts(document: bytes) -> bytes:
    """Without the texts that hold elements rather than characters: XHTML, of which we use nothing."""
    pieces, done, ends = [], 0, dict[bytes, int]()
    for found in TEXT.finditer(document):
        start, end = found.end(), b"</" + found[1] + b">"
        if start < done:
            continue
        if 0 <= ends.get(end, 0) < start:
            ends[end] = document.find(end, start)
        close = ends[end]
        plain = document.find(b"<", start) == close or document.startswith(b"<![CDATA[", start)
        if close >= 0 and not plain and not ENTRY.search(document, start, close):
            pieces.append(document[done:start])
            done = close
    return b"".join([*pieces, document[done:]]) if pieces else document


# --- Items ---


def _with_fewer_entries(document: bytes, entries: int) -> bytes:
    """The first and the last half of the items that are allowed. Feeds are sorted either way."""
    half = (entries + 1) // 2
    last: deque[int] = deque(maxlen=entries - half)
    cut, number = 0, -1
    for number, found in enumerate(ENTRY.finditer(document)):
        if number == half:
            cut = found.start()
        if number >= half:
            last.append(found.start())
    if number < entries:
        return document
    return document[:cut] + (document[last[0] :] if last else _after_entries(document))


def _with_less(document: bytes) -> bytes:
    """As many items from both ends as fit into the bounds; where not even one does, what comes first."""
    starts = [found.start() for found in ENTRY.finditer(document)]
    if not starts or starts[0] > FEED_BYTES // 4:
        return _start_of(document, FEED_BYTES, MARKUP)
    foot = _foot(document, starts[-1])
    spans = list(zip(starts, [*starts[1:], foot], strict=True))
    first = _how_many_fit(document, spans)
    last = _how_many_fit(document, spans[: first - len(spans) - 1 : -1])
    if first + last == 0:
        return _start_of(document, FEED_BYTES, MARKUP)
    front = _start_of(document[: starts[0]], FEED_BYTES // 4, MARKUP // 4) + document[starts[0] : spans[first - 1][1]]
    back = document[starts[-last] : foot] if last else b""
    return (front if first else document[: starts[0]]) + back + document[foot : foot + LONG_TEXT]


def _how_many_fit(document: bytes, spans: Sequence[tuple[int, int]]) -> int:
    """How many of the spans, from the first on, fit into half of the bounds."""
    size, tags = FEED_BYTES // 2, MARKUP // 2
    for number, (start, end) in enumerate(spans):
        size, tags = size - (end - start), tags - document.count(b"<", start, end)
        if size < 0 or tags < 0:
            return number
    return len(spans)


def _foot(document: bytes, last: int) -> int:
    """Where the last item ends."""
    found = ENTRY_END.search(document, last)
    return found.end() if found else len(document)


def _after_entries(document: bytes) -> bytes:
    ends = deque((found.end() for found in ENTRY_END.finditer(document)), maxlen=1)
    return document[ends[0] :] if ends else b""


def _start_of(document: bytes, size: int, tags: int) -> bytes:
    """The start of a document, up to so many bytes and tags."""
    document = document[:size]
    while document.count(b"<") > tags:
        document = document[: len(document) // 2]
    return document


# --- What comes before the first element ---

BEGIN = re.compile(rb"<\?xml\s|<!DOCTYPE\s+(?!html)|<(?:rss|feed|rdf:rdf|channel)[\s>]", re.IGNORECASE)
HTML_BEFORE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
DECLARATION = re.compile(rb"\s*<\?xml[^<>]*>?", re.IGNORECASE)
DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
ELEMENT = re.compile(rb"<[A-Za-z_]")
DOCTYPE_HEAD = re.compile(rb"[^\[>\"']*+(?:\"[^\"]*+\"[^\[>\"']*+|'[^']*+'[^\[>\"']*+)*+(\[|>)")
SPECIAL = re.compile(rb"[\]\"']|<!--")
SPECIAL_ENDS = {b'"': b'"', b"'": b"'", b"<!--": b"-->"}
SUBSET_END = re.compile(rb"\s*>")
SUBSET_BYTES = 1_000_000
ENTITY = re.compile(
    rb"<!ENTITY\s+([A-Za-z_][\w.-]{0,40})\s+(?:\"([^\"<&%]{0,200}|&#\w{1,8};)\"|'([^'<&%]{0,200})')\s*>"
)
MOST_ENTITIES = 300
"""A feed declares the letters of its language, and hardly more."""
LOOK = 64_000
"""Bytes in which a document has to begin."""


def without_prolog(document: bytes) -> Prolog:
    """The document from its first element on, with the harmless entities that it declares.

    The document type is dropped whole: none is ever fetched, and entities that hold others would fill the memory.
    Lines are kept, so that an error is told at its own line.
    """
    document = _from_begin(document)
    declaration = DECLARATION.match(document)
    if declaration:
        document = document[declaration.end() :]
    doctype = DOCTYPE.search(document, 0, LOOK)
    element = ELEMENT.search(document)
    if doctype is None or (element is not None and element.start() < doctype.start()):
        return Prolog(document)
    end = _end_of_doctype(document, doctype.end())
    declared = document[doctype.end() : end]
    entities = {name.decode(): one or other for name, one, other in ENTITY.findall(declared[:LOOK])[:MOST_ENTITIES]}
    lines = b"\n" * min(declared.count(b"\n"), LOOK)
    return Prolog(document[: doctype.start()] + lines + document[end:], entities)


def _from_begin(document: bytes) -> bytes:
    """Without blanks, and without the warnings that servers print before the feed itself."""
    found = BEGIN.search(document, 0, LOOK)
    if found is None or HTML_BEFORE.search(document, 0, found.start()):
        return document.lstrip(b"\0\t\n\r ")
    return document[found.start() :]


def _end_of_doctype(document: bytes, place: int) -> int:
    head = DOCTYPE_HEAD.match(document, place)
    if head is None:
        return place
    if head[1] == b">":
        return head.end()
    place = head.end()
    while found := SPECIAL.search(document, place, head.end() + SUBSET_BYTES):
        if found[0] == b"]":
            end = SUBSET_END.match(document, found.end())
            return end.end() if end else found.end()
        close = document.find(SPECIAL_ENDS[found[0]], found.end())
        if close < 0:
            break
        place = close + len(SPECIAL_ENDS[found[0]])
    close = document.find(b"]>", head.end())
    return close + 2 if close >= 0 else head.end()
