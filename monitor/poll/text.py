"""Untrusted text made plain: no markup, no control characters, one space between words, bounded."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

TAG = re.compile(r"<[/!?a-zA-Z][^<>]*>")
ADDRESS_AND_NAME = re.compile(r"^(?P<address>[^\s@()<>]+@[^\s@()<>]+)\s*\((?P<name>[^()]+(?:\([^()]*\))?[^()]*)\)$")
HARMFUL = re.compile(r"(?:javascript|vbscript|data|blob|file|about|view-source)\s*:", re.IGNORECASE)
NAME_AND_ADDRESS = re.compile(r"^(?P<name>[^<>]+?)\s*[<(](?P<address>[^\s@<>()]+@[^\s@<>()]+)[>)]$")


def clean(value: object, limit: int) -> str:
    """One line of plain text of at most ``limit`` characters; empty for anything that is not text."""
    if not isinstance(value, str):
        return ""
    if value.isprintable():  # the usual case: no character to leave out, and no blank but the space
        return (" ".join(value[: limit * 8].split()) if " " in value else value)[:limit].rstrip()
    kept = "".join(" " if char.isspace() else char for char in value[: limit * 8] if _visible(char))
    return " ".join(kept.split())[:limit].rstrip()


def _visible(char: str) -> bool:
    """False for control characters, and for format ones: overrides of direction would turn the report's words around.

    The two joiners stay, since Persian, Indic scripts and emoji are misspelled without them.
    """
    return char.isspace() or char in "\u200c\u200d" or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")


def harmless_link(value: object, limit: int) -> str:
    """As ``clean``; empty for a link that is a program or a document of its own, which a click would run or open."""
    link = clean(value, limit)
    return "" if HARMFUL.match(link) else link


def plain(value: object, limit: int, markup: bool) -> str:
    """As ``clean``, with tags and entities resolved first where the text is markup."""
    if isinstance(value, str) and markup:
        value = html.unescape(TAG.sub("", value[: limit * 20]))
    return clean(value, limit)


def author_name(value: object, limit: int) -> str:
    """The name in "address (Name)", "Name <address>" or "Name (address)"; else the text as it is."""
    text = clean(value, limit)
    found = _with_address(text)
    return found["name"].strip().strip('"') if found else text


def author_email(value: object, limit: int) -> str:
    """The e-mail address in "address (Name)", "Name <address>" or "Name (address)"; empty where there is none."""
    found = _with_address(clean(value, limit))
    return found["address"] if found else ""


def _with_address(text: str) -> re.Match[str] | None:
    return (ADDRESS_AND_NAME.match(text) or NAME_AND_ADDRESS.match(text)) if "@" in text else None


def digest(*parts: object) -> str:
    """A short stable name for some content."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode("utf-8", "replace")).hexdigest()[:16]


def count(value: object) -> int | None:
    """A believable number of replies, None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if 0 <= value <= 10_000_000 else None
    text = value.strip() if isinstance(value, str) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 7 else None
