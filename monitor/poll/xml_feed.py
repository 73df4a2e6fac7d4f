"""XML to what feedparser makes of it, whatever state it is in and in bounded time.

A plain document is read in one pass, by ``plain_xml``. Any other that is well-formed goes to feedparser as it came, but
for its letters, which are UTF-8 by then, and its document type, which is dropped. One that is broken, or that would
take more time than a feed is worth, is mended first; where items are missing from that, feedparser's own loose reading
is asked too, and the one that tells more is kept.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass

from monitor.poll import plain_xml
from monitor.poll.cut import Prolog, begins, within, without_prolog
from monitor.poll.plain_xml import Found
from monitor.poll.repair import Mended, legal, mended
from monitor.poll.survey import Survey, survey

FEED_ROOT = re.compile(rb"<(?:[A-Za-z][\w.-]{0,30}:)?(?:rss|feed|rdf|channel|item|entry)(?=[\s>/])", re.IGNORECASE)
LOOSE_BYTES = 400_000
"""The longest document for feedparser's loose reading, which takes long over some."""
LONG_TAG = re.compile(rb"<[^<>]{20000,}+")


@dataclass(frozen=True, slots=True)
class Xml:
    """An XML document, read: feedparser's findings, None where there are none; and what the document is."""

    found: Found | None
    looked: Survey
    document: bytes
    there: int = 0
    """How many items there were before the document was cut to its bounds or mended; 0 where it was not."""


def read(document: bytes, address: str, entries: int) -> Xml:
    """The document, in UTF-8, as fetched from ``address``; at most ``entries`` items of it, from both its ends.

    Steps: 1. a plain one is read at once; else 2. what comes before the feed goes; 3. it is cut to its bounds; 4. a
    well-formed, harmless one is read; 5. any other is mended, and read then; 6. where that lost items, it is read
    loosely as well.
    """
    return read_plain(document, address, entries) or read_any(document, address, entries)


def read_plain(document: bytes, address: str, entries: int) -> Xml | None:
    """A document that needs neither feedparser nor mending; None for any other.

    It is read before it is looked over for characters that no XML may hold: with one, it is not plain.
    """
    whole = without_prolog(document).document
    there = begins(whole)
    document = within(whole, entries, there)
    found = plain_xml.read(document, address)
    if found is None or not (found.entries or document.startswith(b"<")):
        return None
    seen = there if document == whole else begins(document)
    # Where there seem to be more items than were found, a text may have been left open around them.
    return Xml(found, Survey(), document, 0 if seen == there else there) if seen <= len(found.entries) else None


def read_any(document: bytes, address: str, entries: int) -> Xml:
    """A document in whatever state, with feedparser."""
    prolog = without_prolog(legal(document))
    document = within(prolog.document, entries)
    there = 0 if document == prolog.document else begins(prolog.document)
    looked = survey(document)
    if not looked.cause and looked.harmless:
        found = _feedparser(document, address)
        if found is not None:
            return Xml(_more_telling(found, document, address), looked, document, there)
    if not FEED_ROOT.search(document):
        return Xml(None, looked, document)
    found = _of_broken(Prolog(document, prolog.entities), looked, address)
    return Xml(found, looked, document, there or begins(document))


def _more_telling(found: Found, document: bytes, address: str) -> Found:
    """The findings, or where items are missing, those in the document mended: a CDATA section may be open too long."""
    if len(found.entries) >= begins(document):
        return found
    other = _of_mended(mended(document), {}, address)
    return other if other is not None and len(other.entries) > len(found.entries) else found


def _of_broken(prolog: Prolog, looked: Survey, address: str) -> Found | None:
    whole = mended(prolog.document, prolog.entities, lean=not looked.harmless)
    found = _of_mended(whole, prolog.entities, address)
    there = begins(prolog.document)
    if (found is not None and len(found.entries) >= there) or not _may_be_read_loosely(prolog.document):
        return found
    loose = _feedparser(prolog.document, address)
    return loose if loose is not None and (found is None or _telling(loose) > _telling(found)) else found


def _may_be_read_loosely(document: bytes) -> bool:
    """feedparser's loose reading takes time and memory that grow with the square of some documents."""
    return len(document) <= LOOSE_BYTES and LONG_TAG.search(document) is None


def _of_mended(whole: Mended, entities: dict[str, bytes], address: str) -> Found | None:
    """feedparser's findings in a mended document; a lean mending is tried where it is still too much."""
    looked = survey(whole.document)
    if not looked.harmless:
        whole = mended(whole.document, entities, lean=True)
        looked = survey(whole.document)
    if looked.cause or not looked.harmless:
        return None
    return _feedparser(whole.document, address) or _feedparser(mended(whole.document, lean=True).document, address)


def _telling(found: Found) -> tuple[int, int]:
    """How much a reading tells: its items, and those with a date."""
    dated = sum(any(f"{name}_parsed" in entry for name in ("published", "updated")) for entry in found.entries)
    return len(found.entries), dated


def _feedparser(document: bytes, address: str) -> Found | None:
    """feedparser's findings; None where it failed: it is large, and the input is anybody's."""
    import feedparser  # only where it is needed: most feeds are plain, and it takes time and memory

    headers = {"content-location": address, "content-type": "application/xml; charset=utf-8"}
    try:
        # A stream, since feedparser takes bytes and strings for file names and addresses first.
        found = feedparser.parse(
            io.BytesIO(document), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
        )
        return Found(found.get("version", ""), found.feed, found.entries, found.get("namespaces", {}))
    except MemoryError:
        raise
    except Exception:
        return None
