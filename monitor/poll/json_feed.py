"""The items of a JSON document, one by one: one that ends in the middle is read up to there, and none fills the memory.

The document is never decoded as a whole: of every item only the place of its brackets is looked for, within the bounds,
and the items at both ends are decoded, each on its own.
"""

from __future__ import annotations

import json
import re
from collections import deque
from dataclasses import dataclass
from typing import Any

BRACKET = re.compile(rb"[^\"{}\[\]]*+(?:\"(?:[^\"\\]++|\\.)*+\"[^\"{}\[\]]*+)*+([{}\[\]])", re.DOTALL)
"""All up to the next bracket outside of a string."""
ITEMS = re.compile(rb"\"items\"\s*:\s*\Z")
STRING = re.compile(rb"\"(?:[^\"\\]++|\\.)*+\"", re.DOTALL)
CUT_ESCAPE = re.compile(rb"\\+(?:u[0-9a-fA-F]{0,4})?\Z")
MOST_BRACKETS = 500_000
HEAD_BYTES = 1_000_000
ITEM_BYTES = 1_000_000
"""A longer item has its texts cut."""
ITEM_STRINGS = 10_000
TEXT_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Document:
    """A JSON document: what is around the list ``items`` of its outermost object, and what is in it."""

    head: Any
    items: tuple[dict[str, Any], ...] = ()
    listed: bool = False
    """True where it has such a list."""
    cause: str = ""
    """What makes it broken JSON; empty where it is none."""
    there: int = 0
    """How many items the list has, as far as it was looked at."""
    whole: bool = True
    """False where the document ends within that list."""


def read(body: bytes, most: int) -> Document:
    """The document in UTF-8, with at most ``most`` of its items, from both ends of the list. Never raises."""
    spans, begin, end, there = _spans(body, most)
    around = body if begin < 0 else body[:begin] + b"[]" + (body[end:] if end >= 0 else b"}")
    head, cause = _decoded(around) if len(around) <= HEAD_BYTES else (None, "")
    if begin < 0:
        return Document(head, cause=cause)
    items = (_decoded(_bearable(body[start:stop]))[0] for start, stop in spans)
    return Document(head, tuple(item for item in items if isinstance(item, dict)), True, cause, there, whole=end >= 0)


def _spans(body: bytes, most: int) -> tuple[list[tuple[int, int]], int, int, int]:
    """Where the items are, where their list begins and ends (-1 where it does not), and how many there are."""
    half = (most + 1) // 2
    first: list[tuple[int, int]] = []
    last: deque[tuple[int, int]] = deque(maxlen=most - half)
    depth = list_depth = start = there = 0
    begin = end = -1
    place = 0
    for _ in range(MOST_BRACKETS):
        found = BRACKET.match(body, place)
        if found is None:
            break
        place, at = found.end(), found.end() - 1
        if found[1] in (b"{", b"["):
            depth += 1
            if begin < 0 and depth == 2 and found[1] == b"[" and ITEMS.search(body, max(0, at - 40), at):
                begin, list_depth = at, depth
            elif begin >= 0 and end < 0 and depth == list_depth + 1:
                start = at
        else:
            if begin >= 0 and end < 0 and depth == list_depth + 1:
                (first if len(first) < half else last).append((start, place))
                there += 1
            if begin >= 0 and end < 0 and depth == list_depth:
                end = place
            depth -= 1
    return [*first, *last], begin, end, there


def _decoded(text: bytes) -> tuple[Any, str]:
    try:
        return json.loads(text.decode("utf-8", "replace"), strict=False), ""
    except (ValueError, RecursionError) as error:
        return None, str(error)


def _bearable(item: bytes) -> bytes:
    """An item with its long texts cut; one with too much else in it is left out."""
    if len(item) <= ITEM_BYTES:
        return item
    if item.count(b'"') > ITEM_STRINGS:
        return b"null"
    cut = STRING.sub(_cut, item)
    return cut if len(cut) <= ITEM_BYTES else b"null"


def _cut(found: re.Match[bytes]) -> bytes:
    text = found[0]
    return text if len(text) <= TEXT_BYTES else CUT_ESCAPE.sub(b"", text[:TEXT_BYTES]) + b'"'
