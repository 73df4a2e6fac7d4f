"""What came instead of a feed, in a sentence that says what to do: whole, so that it can be said in any language."""

from __future__ import annotations

import re

from monitor.poll.guard import shown
from monitor.poll.survey import Survey
from monitor.poll.text import clean, plain

HTML_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
OPML = re.compile(rb"<opml[\s>]", re.IGNORECASE)
HTML_BYTES = 300_000
PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\1\0")
SOUND_AND_FILM = (b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"FLV\1", b"MThd")
ARCHIVES = (b"PK\3\4", b"PK\5\6", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!", b"\x28\xb5\x2f\xfd")
ERROR_ROOTS = frozenset({"error", "errors", "fault", "exception", "errorresponse"})
PHP_MESSAGE = re.compile(
    rb"(?:\s|<br\s*/?>){0,20}<b>(?:(?:fatal|parse|recoverable fatal) error|warning|notice|deprecated)</b>\s*:",
    re.IGNORECASE,
)
"""How a page begins that the language of WordPress and many others writes where a program of theirs fails."""
QUOTED_BYTES = 2_000
QUOTED_CHARS = 100
CONTROL = re.compile(rb"[\0-\x08\x0e-\x1f]")


def of_no_text(body: bytes, address: str) -> str | None:
    """The sentence for a body that is empty, or in a format that its first bytes tell; None for any other."""
    where = shown(address)
    if not body:
        return f"{where} gave an empty page: expected a feed"
    if body.startswith(b"%PDF-"):
        return f"{where} gave a PDF document: give the address of a feed (RSS, Atom or JSON Feed)"
    if body.startswith(PICTURES) or (body.startswith(b"RIFF") and body[8:12] == b"WEBP"):
        return f"{where} gave a picture: give the address of a feed (RSS, Atom or JSON Feed)"
    if body.startswith((*SOUND_AND_FILM, b"RIFF")) or body[4:8] == b"ftyp":
        return f"{where} gave sound or film: give the address of a feed (RSS, Atom or JSON Feed)"
    if body.startswith(b"\x1f\x8b"):
        return f"{where} gave a gzip file: give the address of the feed that is not packed"
    if body.startswith(ARCHIVES):
        return f"{where} gave an archive of files: give the address of a feed (RSS, Atom or JSON Feed)"
    if not body.strip(b"\xef\xbb\xbf\xfe\xff\0\t\n\r\x0b\x0c "):
        return _of_blanks(where)
    return None


def _of_blanks(where: str) -> str:
    return f"{where} gave nothing but blanks: expected a feed; is there anything at this address in a browser?"


def of_html(document: bytes, address: str) -> str:
    """The sentence for an HTML page: a login page, a page that leads to a feed, or one that does not."""
    from monitor.poll.html import first_feed, head_of  # most of what is read is a feed

    where = shown(address)
    head = head_of(document[:HTML_BYTES].decode("utf-8", "replace"))
    feed = clean(shown(first_feed(head, address)), 500)
    if head.asks_who_we_are:
        return f"{where} gave a login page: the feed must be open, or the address carry the key"
    if feed:
        return f"{where} gave an HTML page, which links to the feed {feed}: list that address instead"
    return f"{where} gave an HTML page that links to no feed: expected RSS, Atom or JSON Feed"


def of_json(cause: str, address: str) -> str:
    """The sentence for JSON, broken or of another kind."""
    where = shown(address)
    if cause:
        return f"{where} gave broken JSON ({clean(cause, 200)}): expected RSS, Atom or JSON Feed"
    return f"{where} gave JSON that is no JSON Feed: expected RSS, Atom or JSON Feed"


def of_xml(found: Survey, address: str, document: bytes = b"") -> str:
    """The sentence for XML without a feed in it: broken, an error message, or of another kind."""
    where, root = shown(address), clean(found.root, 60)
    if root.lower() in ERROR_ROOTS:
        return f"{where} gave an error message in place of a feed: {clean(found.text, 200)}"
    if PHP_MESSAGE.match(document):
        return f"{where} gave an error message in place of a feed: {_first_words(document, 200, markup=True)}"
    if found.cause:
        return f"{where} gave broken XML without any entries ({found.cause}): tell the owner of the feed"
    return f"{where} gave XML that is no feed (its root is {root}): expected RSS, Atom or JSON Feed"


def of_other(document: bytes, content_type: str, address: str) -> str:
    """The sentence for what is neither HTML nor XML nor JSON."""
    where, kind = shown(address), clean(content_type, 80)
    if not CONTROL.search(document, 0, 4_096):
        said = _first_words(document, QUOTED_CHARS)
        return f'{where} gave plain text ("{said}"): expected RSS, Atom or JSON Feed' if said else _of_blanks(where)
    if not kind:
        return f"{where} gave something else (no content type): expected RSS, Atom or JSON Feed"
    return f"{where} gave something else ({kind}): expected RSS, Atom or JSON Feed"


def _first_words(document: bytes, limit: int, markup: bool = False) -> str:
    """What a page that is no feed says at its beginning, in at most ``limit`` characters: often what is wrong."""
    text = document.lstrip(b"\0 \t\r\n")[:QUOTED_BYTES].decode("utf-8", "ignore")
    return plain(text, limit, markup)
