"""A document in any charset as UTF-8: what its bytes show counts for more than what is said of them."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator

CHUNK = 1 << 20
"""Bytes decoded at once: a document with one emoji in it would otherwise take four bytes a letter in memory."""
MARKS = (
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
)
WIDE = (
    (re.compile(rb"(?:\0\0\0[\t\n\r -~]){2}"), "utf-32-be"),
    (re.compile(rb"(?:[\t\n\r -~]\0\0\0){2}"), "utf-32-le"),
    (re.compile(rb"(?:\0[\t\n\r -~]){4}"), "utf-16-be"),
    (re.compile(rb"(?:[\t\n\r -~]\0){4}"), "utf-16-le"),
)
"""How a document begins whose letters are wider than a byte, and which has no mark."""
EBCDIC = b"\x4c\x6f\xa7\x94"
"""``<?xml`` in the charset of large machines."""
IN_HEADER = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
IN_DOCUMENT = re.compile(rb"(?:encoding|charset)\s*=\s*[\"']?([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252", "gb2312": "gb18030", "euc_kr": "cp949", "shift_jis": "cp932"}
"""Charsets by the larger ones that are meant: whoever says Latin-1 and sends a byte 0x93 means a quotation mark."""
SEVEN_BITS = {"utf-7", "hz", "iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_kr"}
"""Charsets whose bytes are all ASCII as well."""
BYTE_BY_BYTE = "oximeter.cp1252"


def utf8(body: bytes, content_type: str = "") -> bytes:
    """The document in UTF-8, without a mark at its start. Never raises; what cannot be a letter is replaced.

    In this order: a byte order mark; the look of UTF-16 and UTF-32; valid UTF-8, whatever is declared; the charset of
    the HTTP header and that of the document; UTF-8 with some broken letters; Windows-1252, which fits any bytes.
    """
    for mark, charset in MARKS:
        if body.startswith(mark):
            errors = BYTE_BY_BYTE if charset == "utf-8" else "replace"
            return _recoded(body[len(mark) :], charset, errors) or b""
    if body.startswith(EBCDIC):
        # Of its many kinds, all have the letters of a declaration in common.
        said = next(_declared(body[:200].decode("cp037").encode(), ""), "cp037")
        return _recoded(body, said, "strict") or _recoded(body, "cp037", "replace") or b""
    for look, charset in WIDE:
        if look.match(body):
            return _recoded(body, charset, "replace") or b""
    named = list(_declared(body, content_type))
    seven_bits = next((charset for charset in named if charset in SEVEN_BITS), None)
    if seven_bits is not None and body.isascii():
        named.insert(0, seven_bits)
    elif _is_utf8(body):
        return body
    for charset in named:
        found = None if charset == "utf-8" else _recoded(body, charset, "strict")
        if found is not None:
            return found
    return _recoded(body, "utf-8" if _mostly_utf8(body) else "cp1252", BYTE_BY_BYTE) or b""


def _declared(body: bytes, content_type: str) -> Iterator[str]:
    """The charsets that the HTTP header and the document name, those that Python knows."""
    said = [IN_HEADER.search(content_type), IN_DOCUMENT.search(body[:1_024])]
    for found in said:
        name = found[1] if found else ""
        try:
            charset = codecs.lookup(name if isinstance(name, str) else name.decode("ascii")).name
        except LookupError:
            continue
        yield WIDER.get(charset, charset)


def _is_utf8(body: bytes) -> bool:
    if body.isascii():
        return True
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for start in range(0, len(body), CHUNK):
            decoder.decode(body[start : start + CHUNK], start + CHUNK >= len(body))
    except UnicodeDecodeError:
        return False
    return True


LETTER = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
BYTE = re.compile(rb"[\x80-\xff]")


def _mostly_utf8(body: bytes) -> bool:
    """True where few of the bytes beyond ASCII in the first megabyte are not part of a letter in UTF-8."""
    start = body[:CHUNK]
    alone = len(BYTE.findall(LETTER.sub(b"", start)))
    return alone < len(LETTER.findall(start))


def _recoded(body: bytes, charset: str, errors: str) -> bytes | None:
    """The body in UTF-8; None where the charset does not fit it, or is no charset of texts."""
    written = io.BytesIO()
    try:
        decoder = codecs.getincrementaldecoder(charset)(errors)
        for start in range(0, len(body), CHUNK):
            text = decoder.decode(body[start : start + CHUNK], start + CHUNK >= len(body))
            written.write(text.encode("utf-8", "replace"))
    except (LookupError, UnicodeError, ValueError, TypeError, AttributeError):
        return None
    found = written.getvalue()
    return found[3:] if found.startswith(codecs.BOM_UTF8) else found


def _byte_by_byte(error: UnicodeError) -> tuple[str, int]:
    """A byte that is no letter in UTF-8, or not in Windows-1252, is taken as Windows-1252, or else as Latin-1."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(bytes([one]).decode("cp1252", "ignore") or chr(one) for one in wrong), error.end


codecs.register_error(BYTE_BY_BYTE, _byte_by_byte)
