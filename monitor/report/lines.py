"""Text of others made fit to be printed: one line, without marks that play tricks, without passwords."""

from __future__ import annotations

import re
import unicodedata

LONGEST_TEXT = 200
USER = re.compile(r"(?<=://)[^\s/?#]*@")
"""User and password in an address."""


def clean(text: str, limit: int = LONGEST_TEXT) -> str:
    """One line of at most ``limit`` characters, without control characters or marks that turn text around."""
    seen = text[: 4 * limit]
    if not seen.isprintable():  # hardly any text is not
        seen = "".join(one if unicodedata.category(one) not in ("Cc", "Cf", "Cs") else " " for one in seen)
    line = " ".join(seen.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def without_password(text: str) -> str:
    """The text without the user and the password of the addresses in it."""
    return USER.sub("", text)
