"""When a feed says that it need not be asked: RSS ``ttl``, ``skipHours`` and ``skipDays``."""

from __future__ import annotations

import re

from monitor.model import Rests

LONGEST_TTL = 31 * 24 * 60
"""Minutes. A feed that says that it is good for longer has made a mistake."""
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
HEAD_BYTES = 100_000
ITEM = re.compile(rb"</?item[\s>/]", re.IGNORECASE)
VALUE = rb"\s*(?:<!\[CDATA\[)?\s*([0-9A-Za-z]{1,20})\s*(?:\]\]>)?\s*"
TTL = re.compile(rb"<ttl\s*>" + VALUE + rb"</ttl", re.IGNORECASE)
HOURS = re.compile(rb"<skipHours\s*>(.{0,2000}?)</skipHours", re.IGNORECASE | re.DOTALL)
SKIP_DAYS = re.compile(rb"<skipDays\s*>(.{0,2000}?)</skipDays", re.IGNORECASE | re.DOTALL)
HOUR = re.compile(rb"<hour\s*>" + VALUE + rb"</hour", re.IGNORECASE)
DAY = re.compile(rb"<day\s*>" + VALUE + rb"</day", re.IGNORECASE)


def rests_of(document: bytes) -> Rests | None:
    """What the channel says of itself, before its first item or after its last; None where it says nothing of use.

    feedparser keeps only the last hour and day of several, and takes an item's ``ttl`` for any other element.
    """
    head = _outside_items(document)
    ttl = TTL.search(head)
    minutes = int(ttl[1]) if ttl and ttl[1].isdigit() else 0
    found = Rests(
        ttl=minutes * 60 if 0 < minutes <= LONGEST_TTL else 0,
        hours=_sensible(frozenset(int(hour) % 24 for hour in _inside(HOURS, HOUR, head) if _is_hour(hour)), 24),
        days=_sensible(frozenset(DAYS.index(day.lower()) for day in _inside(SKIP_DAYS, DAY, head) if _is_day(day)), 7),
    )
    return found if found != Rests() else None


def _outside_items(document: bytes) -> bytes:
    first = ITEM.search(document)
    if first is None:
        return document[:HEAD_BYTES]
    end = document[-HEAD_BYTES:]
    last = max((found.end() for found in ITEM.finditer(end)), default=len(end))
    return document[: min(first.start(), HEAD_BYTES)] + end[last:]


def _inside(outer: re.Pattern[bytes], inner: re.Pattern[bytes], head: bytes) -> list[str]:
    found = outer.search(head)
    return [value.decode("ascii") for value in inner.findall(found[1])] if found else []


def _is_hour(text: str) -> bool:
    return text.isdigit() and int(text) <= 24


def _is_day(text: str) -> bool:
    return text.lower() in DAYS


def _sensible(values: frozenset[int], most: int) -> frozenset[int]:
    """Nothing, where every hour or every day is named: such a feed would never be asked."""
    return values if len(values) < most else frozenset()
