"""Who speaks for the organisation: names, ``*`` patterns and e-mail addresses, as feeds write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache

from monitor.model import Event

LONGEST_AUTHOR = 500
"""Characters of an author that are looked at: feeds are untrusted."""

_LETTERS = frozenset("æøå")
_BRACKETED = re.compile(r"^([^()<>]*)[(<]([^()<>]*)[)>]\s*$")


def fold(text: str) -> str:
    """Fold case, accents and white space; æ, ø and å are letters of their own and stay."""
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
    wanted = [_expression(form) for pattern in patterns for form in _forms(pattern)]
    if not wanted:
        return lambda author: False
    expression = re.compile("|".join(f"(?:{one})" for one in wanted), re.DOTALL)

    @lru_cache(maxsize=10_000)
    def matches(author: str) -> bool:
        return any(expression.fullmatch(form) is not None for form in _forms(author))

    return matches


def signed(event: Event) -> str:
    """The author as a matcher reads it: name and e-mail address, where the feed gives both."""
    return f"{event.author} <{event.email}>" if event.email and event.author != event.email else event.author


def participants(events: Iterable[Event], staff: Callable[[str], bool], since: int) -> tuple[frozenset[str], int]:
    """Those outside the organisation who wrote after ``since`` (Unix seconds), and how many ever did."""
    last: dict[str, int] = {}
    for event in events:
        if event.author and not staff(signed(event)):
            last[event.author] = max(event.time, last.get(event.author, event.time))
    return frozenset(fold(name) for name, time in last.items() if time > since), len(last)
