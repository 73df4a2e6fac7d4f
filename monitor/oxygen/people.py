"""Who speaks for the organisation: names, ``*`` patterns and e-mail addresses, as feeds write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from monitor.model import Event, EventColumns

LONGEST_AUTHOR = 500
"""Characters of an author that are looked at: feeds are untrusted."""

_LETTERS = frozenset("æøå")
_BRACKETED = re.compile(r"^([^()<>]*)[(<]([^()<>]*)[)>]\s*$")


def fold(text: str) -> str:
    """Fold case, accents and white space; æ, ø and å are letters of their own and stay."""
    if text.isascii():  # nothing to take apart, and nine names in ten
        return " ".join(text[:LONGEST_AUTHOR].lower().split())
    plain = unicodedata.normalize("NFC", text[:LONGEST_AUTHOR]).casefold()
    return " ".join("".join(char if char in _LETTERS else _bare(char) for char in plain).split())


def _bare(char: str) -> str:
    return "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))


def _forms(text: str) -> tuple[str, ...]:
    """Every way to read an author: as it stands, and ``Name (email)``, ``email (Name)``, ``Name <email>`` apart."""
    whole = fold(text)
    parts = _BRACKETED.match(whole)
    forms = [whole, *(part.strip(" \"'") for part in parts.groups())] if parts else [whole]
    return tuple(form for form in forms if form)


def _expression(pattern: str) -> str:
    pieces = re.sub(r"\*+", "*", pattern).split("*")
    return ".*".join(re.escape(piece) for piece in pieces)


def staff_matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Return a function that says whether an author, as a feed writes it, matches any of the patterns."""
    return _matcher(tuple(patterns))


@lru_cache(maxsize=64)  # most channels of an organisation have the same few people speaking for them
def _matcher(patterns: tuple[str, ...]) -> Callable[[str], bool]:
    forms = [form for pattern in patterns for form in _forms(pattern)]
    if not forms:
        return lambda author: False
    names = frozenset(form for form in forms if "*" not in form)
    wild = re.compile("|".join(f"(?:{_expression(form)})" for form in forms if "*" in form) or "(?!)", re.DOTALL)

    @lru_cache(maxsize=10_000)
    def matches(author: str) -> bool:
        return any(form in names or wild.fullmatch(form) is not None for form in _forms(author))

    return matches


def signed(event: Event) -> str:
    """The author as a matcher reads it: name and e-mail address, where the feed gives both."""
    return signature(event.author, event.email)


def signature(author: str, email: str) -> str:
    """As ``signed``, of a name and an e-mail address."""
    return f"{author} <{email}>" if email and author != email else author


def participants(events: Iterable[Event], staff: Callable[[str], bool], since: int) -> tuple[frozenset[str], int]:
    """Those outside the organisation who wrote after ``since`` (Unix seconds), and how many ever did."""
    last: dict[str, int] = {}
    for event in events:
        if event.author and not staff(signed(event)):
            last[event.author] = max(event.time, last.get(event.author, event.time))
    return _taking_part(last, since)


def participants_of(columns: EventColumns, staff: Callable[[str], bool], since: int) -> tuple[frozenset[str], int]:
    """As ``participants``, of events in columns."""
    newest = np.full(len(columns.signatures) + 1, -1, dtype=np.int64)
    newest[columns.signature] = np.arange(columns.times.size)  # they ascend: of several, the latest stays
    last: dict[str, int] = {}
    for (author, email), place in zip(columns.signatures, newest.tolist(), strict=False):
        if place >= 0 and author and not staff(signature(author, email)):
            time = int(columns.times[place])
            last[author] = max(time, last.get(author, time))
    return _taking_part(last, since)


def _taking_part(last: dict[str, int], since: int) -> tuple[frozenset[str], int]:
    return frozenset(fold(name) for name, time in last.items() if time > since), len(last)
