"""Faults of how bytes are packed, and of which letters they stand for."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator

from tests.faults.fault import Act, Either, Fault, Read, either, fails, reads
from tests.faults.feeds import FEED, STANDARD, channel, item, items, json_feed, rss, rss_text, titled
from tests.faults.server import XML, Talk, head

PLAIN = rss_text()
PACKED = r"compress|encoded|decod|gzip|packed|broke"
LARGE = r"larger|too (much|large)|bytes"
GIGABYTE = 1_000_000_000


def packed(body: bytes, encoding: str, content_type: str = XML) -> Act:
    """A body with this Content-Encoding, whatever it is."""
    return lambda talk: talk.answer(body, content_type=content_type, Content_Encoding=encoding)


def typed(body: bytes, content_type: str) -> Act:
    """A body with this Content-Type, whatever it is."""
    return lambda talk: talk.answer(body, content_type=content_type)


def declared(charset: str, text: str = "") -> str:
    """The feed whose XML declaration names a charset."""
    return (text or channel(*items())).join([f'<?xml version="1.0" encoding="{charset}"?>\n', ""])


def bomb() -> Iterator[bytes]:
    """A gigabyte of blanks as 1 MB of gzip, a piece at a time."""
    packer = zlib.compressobj(9, wbits=31)
    block = b" " * 1_000_000
    yield packer.compress(FEED)
    for _ in range(GIGABYTE // len(block)):
        piece = packer.compress(block)
        if piece:
            yield piece
    yield packer.flush()


def explode(talk: Talk) -> None:
    talk.send(head(Content_Encoding="gzip"))
    talk.pour(bomb())


def explode_twice(talk: Talk) -> None:
    """The bomb, gzipped once more, a piece at a time."""
    packer = zlib.compressobj(9, wbits=31)
    talk.send(head(Content_Encoding="gzip, gzip"))
    talk.pour(packer.compress(piece) + packer.flush(zlib.Z_SYNC_FLUSH) for piece in bomb())


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


GZIPPED = gzip.compress(FEED, mtime=0)
SMART = (titled("“Havnen” – et ‘godt’ sted… 5 €"), *STANDARD[1:])
SMART_TEXT = channel(*items(SMART))
EMOJI = (titled("Blåbær 🫐 og færge ⛴️"), *STANDARD[1:])
BROKEN_BYTE = FEED.replace(b"<title>" + STANDARD[2].title.encode(), b"<title>F\xe6llesm\xf8de p\xe5 havnen")
CESU = rss(item(STANDARD[0]), *items(STANDARD[1:])).replace(
    b"Gr\xc3\xb8d &amp; b\xc3\xa6r", "\ud83e\uded0".encode("utf-8", "surrogatepass"), 1
)
NULS = FEED.replace(b"\n", b"\n\x00")
UTF16 = declared("UTF-16")

ENCODING = [
    # --- compression ---
    Fault("gzip", "gzip, as it should be", packed(GZIPPED, "gzip")),
    Fault("gzip-upper-case", "Content-Encoding: GZIP", packed(GZIPPED, "GZIP")),
    Fault("x-gzip", "Content-Encoding: x-gzip", packed(GZIPPED, "x-gzip")),
    Fault(
        "gzip-in-two", "two gzip members in a row", packed(gzip.compress(FEED[:99]) + gzip.compress(FEED[99:]), "gzip")
    ),
    Fault("gzip-bomb", "1 MB of gzip that is 1 GB", explode, fails(LARGE)),
    Fault(
        "gzip-bomb-in-bomb",
        "1 GB of blanks, gzipped twice",
        explode_twice,
        fails(f"{LARGE}|{PACKED}"),
    ),
    Fault(
        "gzip-twice", "gzipped twice, said once", packed(gzip.compress(GZIPPED), "gzip"), either(f"{PACKED}|expected")
    ),
    Fault("gzip-twice-said", "gzipped twice, said twice", packed(gzip.compress(GZIPPED), "gzip, gzip"), either(PACKED)),
    Fault("gzip-cut", "gzip that breaks off", packed(GZIPPED[: len(GZIPPED) // 2], "gzip"), fails(PACKED)),
    Fault("gzip-wrong-sum", "gzip with a wrong checksum", packed(GZIPPED[:-8] + bytes(8), "gzip"), either(PACKED)),
    Fault("gzip-then-garbage", "gzip with garbage behind it", packed(GZIPPED + b"\0\0garbage", "gzip")),
    Fault("gzip-of-nothing", "gzip of an empty body", packed(gzip.compress(b""), "gzip"), fails("empty")),
    Fault("gzip-empty", "says gzip, sends nothing", packed(b"", "gzip"), fails(f"empty|{PACKED}")),
    Fault("gzip-only-said", "says gzip, sends the plain feed", packed(FEED, "gzip")),
    Fault("gzip-unsaid", "gzip, and says nothing of it", typed(GZIPPED, "application/gzip")),
    Fault("gzip-unsaid-as-xml", "gzip, and says it is XML", typed(GZIPPED, XML)),
    Fault(
        "gzip-of-garbage",
        "random bytes said to be gzip",
        packed(b"\x1f\x8b" + bytes(range(256)), "gzip"),
        fails(PACKED),
    ),
    Fault("deflate", "deflate, as it should be", packed(zlib.compress(FEED), "deflate")),
    Fault("deflate-raw", "deflate without its wrapper", packed(raw_deflate(FEED), "deflate")),
    Fault("deflate-as-gzip", "deflate, said to be gzip", packed(zlib.compress(FEED), "gzip")),
    Fault("gzip-as-deflate", "gzip, said to be deflate", packed(GZIPPED, "deflate")),
    Fault("brotli", "brotli that nobody asked for", packed(b"\x1b\x4f\x01\x00\x24\x25\x8a", "br"), fails(PACKED)),
    Fault("brotli-only-said", "says brotli, sends the plain feed", packed(FEED, "br")),
    Fault("encoding-utf-8", "Content-Encoding: UTF-8", packed(FEED, "UTF-8")),
    Fault("encoding-none", "Content-Encoding: none", packed(FEED, "none")),
    Fault(
        "encoding-hostile",
        "a script as Content-Encoding",
        packed(GZIPPED[10:], "<script>alert(1)</script>"),
        fails(PACKED),
    ),
    # --- charsets: as they should be ---
    Fault("utf-8-mark", "UTF-8 with a byte order mark", typed(b"\xef\xbb\xbf" + FEED, XML)),
    Fault("utf-16", "UTF-16 with its mark", typed(UTF16.encode("utf-16"), XML)),
    Fault(
        "utf-16-little", "UTF-16, little end first, with its mark", typed(b"\xff\xfe" + UTF16.encode("utf-16-le"), XML)
    ),
    Fault("utf-16-big", "UTF-16, big end first, with its mark", typed(b"\xfe\xff" + UTF16.encode("utf-16-be"), XML)),
    Fault("utf-16-little-unmarked", "UTF-16, little end first, without mark", typed(UTF16.encode("utf-16-le"), XML)),
    Fault("utf-16-big-unmarked", "UTF-16, big end first, without mark", typed(UTF16.encode("utf-16-be"), XML)),
    Fault("utf-16-said", "UTF-16 by the header", typed(UTF16.encode("utf-16-be"), f"{XML}; charset=utf-16be")),
    Fault("utf-32", "UTF-32 with its mark", typed(declared("UTF-32").encode("utf-32"), XML)),
    Fault("utf-32-unmarked", "UTF-32 without mark", typed(declared("UTF-32").encode("utf-32-be"), XML)),
    Fault("latin-1", "Latin-1, said in the XML", typed(declared("ISO-8859-1").encode("latin-1"), XML)),
    Fault(
        "windows-1252",
        "typographic quotes in Windows-1252",
        typed(declared("windows-1252", SMART_TEXT).encode("cp1252"), XML),
        reads(*SMART),
    ),
    Fault(
        "latin-9",
        "a euro sign in ISO-8859-15",
        typed(
            declared("ISO-8859-15", channel(*items((titled("Kun 5 € på øen"), *STANDARD[1:])))).encode("iso-8859-15"),
            XML,
        ),
        reads(titled("Kun 5 € på øen"), *STANDARD[1:]),
    ),
    Fault(
        "latin-1-in-header",
        "Latin-1, said in the header only",
        typed(channel(*items()).encode("latin-1"), "text/xml; charset=iso-8859-1"),
    ),
    # --- charsets: wrongly said ---
    Fault("latin-1-as-utf-8", "Latin-1, said to be UTF-8", typed(PLAIN.encode("latin-1"), f"{XML}; charset=utf-8")),
    Fault(
        "windows-1252-as-latin-1",
        "Windows-1252, said to be Latin-1",
        typed(declared("ISO-8859-1", SMART_TEXT).encode("cp1252"), XML),
        reads(*SMART),
    ),
    Fault(
        "windows-1252-as-utf-8",
        "Windows-1252, said to be UTF-8",
        typed(declared("UTF-8", SMART_TEXT).encode("cp1252"), XML),
        reads(*SMART),
    ),
    Fault(
        "windows-1252-unsaid", "Windows-1252, and nothing said", typed(SMART_TEXT.encode("cp1252"), XML), reads(*SMART)
    ),
    Fault("utf-8-as-latin-1", "UTF-8, said to be Latin-1 in the header", typed(FEED, "text/xml; charset=ISO-8859-1")),
    Fault(
        "utf-8-as-latin-1-in-xml", "UTF-8, said to be Latin-1 in the XML", typed(declared("ISO-8859-1").encode(), XML)
    ),
    Fault("utf-8-as-ascii", "UTF-8 as text/xml, which once meant ASCII", typed(FEED, "text/xml")),
    Fault("utf-8-as-ascii-in-xml", "UTF-8, said to be ASCII in the XML", typed(declared("us-ascii").encode(), XML)),
    Fault("utf-8-as-utf-16", "UTF-8, said to be UTF-16 in the XML", typed(declared("utf-16").encode(), XML)),
    Fault("utf-8-as-utf-16-in-header", "UTF-8, said to be UTF-16 in the header", typed(FEED, f"{XML}; charset=utf-16")),
    Fault("unknown-charset", "a charset in the header that nobody knows", typed(FEED, f"{XML}; charset=x-havnen-9")),
    Fault(
        "unknown-charset-in-xml", "a charset in the XML that nobody knows", typed(declared("x-havnen-9").encode(), XML)
    ),
    Fault("charset-of-bytes", "a charset that turns bytes into bytes", typed(FEED, f"{XML}; charset=hex")),
    Fault("charset-of-bytes-in-xml", "zip as the charset in the XML", typed(declared("zip").encode(), XML)),
    Fault("charset-of-kilobytes", "a charset of 4,000 letters", typed(FEED, f"{XML}; charset={'x' * 4_000}")),
    Fault("utf-7-said", "UTF-8, said to be UTF-7", typed(FEED, f"{XML}; charset=utf-7")),
    Fault("ebcdic-said", "UTF-8, said to be EBCDIC in the XML", typed(declared("cp037").encode(), XML)),
    Fault(
        "mark-and-latin-1",
        "a UTF-8 mark, said to be Latin-1",
        typed(b"\xef\xbb\xbf" + declared("ISO-8859-1").encode(), XML),
    ),
    Fault(
        "utf-16-mark-on-utf-8", "a UTF-16 mark before UTF-8", typed(b"\xff\xfe" + FEED, XML), either("expected|text")
    ),
    # --- letters that are not letters ---
    Fault("one-broken-title", "UTF-8 with one title in Latin-1", typed(BROKEN_BYTE, XML)),
    Fault("nuls", "NULs between the lines", typed(NULS, XML)),
    Fault("nuls-before-and-after", "NULs around the feed", typed(b"\0" * 99 + FEED + b"\0" * 99, XML)),
    Fault("emoji", "letters of four bytes", typed(rss(*items(EMOJI)), XML), reads(*EMOJI)),
    Fault("surrogates-in-utf-8", "surrogates in UTF-8, as some databases write them", typed(CESU, XML)),
    Fault(
        "json-in-utf-16", "a JSON Feed in UTF-16", typed(json_feed().decode().encode("utf-16"), "application/feed+json")
    ),
    Fault(
        "json-with-mark",
        "a JSON Feed with a byte order mark",
        typed(b"\xef\xbb\xbf" + json_feed(), "application/feed+json"),
    ),
    Fault(
        "json-in-latin-1",
        "a JSON Feed in Latin-1",
        typed(json_feed().decode("unicode-escape").encode("latin-1"), "application/json"),
        Either(Read(), fails("JSON")),
    ),
]
