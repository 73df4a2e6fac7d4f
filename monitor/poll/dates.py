"""Dates that feedparser leaves out or gets wrong: months in other languages, zones by European names, no zone, am and
pm, ISO 8601 without its hyphens, and days that no calendar has. All others are feedparser's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

LONGEST = 80
MAIL = re.compile(
    r"(?:(?P<weekday>[^\W\d_]{2,12})\.?,?\s+)?(?P<day>\d{1,2})\.?[\s-]+(?P<month>[^\W\d_]{3,12})\.?,?[\s-]+"
    r"(?P<year>\d{4}|\d{2})"
    r"(?:,?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?(?:\s*(?P<half>[ap]m))?)?"
    r"(?:\s*(?P<zone>[A-Za-z]{1,5}|[+-]\d{2}:?\d{2}))?",
    re.IGNORECASE,
)
"""RFC 822 as people write it."""
BASIC = re.compile(
    r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})T(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?"
    r"(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
UNIX = re.compile(r"1\d{9}(?:\d{3})?")
"""Unix seconds or milliseconds, from 2001 on."""
DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})(?!\d)")
ENGLISH = {
    "jan": 1, "feb": 2, "mar": 3, "apr": 4, "may": 5, "jun": 6, "jul": 7, "aug": 8, "sep": 9, "oct": 10, "nov": 11,
    "dec": 12,
}  # fmt: skip
MONTHS = ENGLISH | {"maj": 5, "mai": 5, "mär": 3, "okt": 10, "dez": 12, "des": 12, "mrt": 3, "mei": 5}
"""By their first three letters, in Danish, Norwegian, Swedish, German and Dutch."""
WEEKDAYS = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"}
ZONES = {
    "Z": 0, "UT": 0, "UTC": 0, "GMT": 0, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "MET": 60, "CEST": 120,
    "MEST": 120, "MESZ": 120, "MEZ": 60, "EET": 120, "EEST": 180, "EST": -300, "EDT": -240, "CST": -360, "CDT": -300,
    "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
}  # fmt: skip
"""Minutes east of Greenwich."""


@dataclass(frozen=True, slots=True)
class Read:
    """A date that is ours to read: Unix seconds, None where no calendar has such a day."""

    time: int | None


def read(text: object) -> Read | None:
    """The moment that the text names; None where feedparser knows best. Without a zone it is UTC."""
    if not isinstance(text, str) or len(text) > LONGEST:
        return None
    text = " ".join(text.split())
    found = MAIL.fullmatch(text)
    if found is not None and _is_ours(found):
        return Read(_moment(found, MONTHS.get(found["month"][:3].casefold())))
    found = BASIC.fullmatch(text)
    if found is not None:
        return Read(_moment(found, int(found["month"])))
    if UNIX.fullmatch(text):
        return Read(int(text[:10]))
    found = DAY.match(text)
    return Read(None) if found is not None and not _is_a_day(found) else None


def _is_ours(found: re.Match[str]) -> bool:
    zone = (found["zone"] or "").upper()
    foreign = found["month"][:3].casefold() not in ENGLISH or (
        found["weekday"] is not None and found["weekday"][:3].casefold() not in WEEKDAYS
    )
    told = zone in ZONES or zone[:1] in ("+", "-")
    return bool(foreign or found["half"] or (zone in ZONES and ZONES[zone] > 0) or (found["hour"] and not told))


def _is_a_day(found: re.Match[str]) -> bool:
    try:
        date(int(found["year"]), int(found["month"]), int(found["day"]))
    except ValueError:
        return False
    return True


def _moment(found: re.Match[str], month: int | None) -> int | None:
    year, hour = int(found["year"]), int(found["hour"] or 0)
    if len(found["year"]) == 2:
        year += 1900 if year >= 70 else 2000
    half = found.groupdict().get("half")
    if half:
        hour = hour % 12 + (12 if half.casefold() == "pm" else 0)
    try:
        start = datetime(year, month or 0, int(found["day"]), tzinfo=_zone(found["zone"]))
        # Added, as some write 24:00 or a leap second.
        passed = timedelta(hours=hour, minutes=int(found["minute"] or 0), seconds=int(found["second"] or 0))
        return int((start + passed).timestamp()) if hour <= 24 and passed <= timedelta(days=1, seconds=1) else None
    except (ValueError, OverflowError):
        return None


def _zone(name: str | None) -> timezone:
    if not name or name.upper() in ZONES:
        return timezone(timedelta(minutes=ZONES[name.upper()])) if name else UTC
    if name[0] not in "+-":
        return UTC
    minutes = int(name[1:3]) * 60 + int(name[-2:])
    return timezone(timedelta(minutes=-minutes if name[0] == "-" else minutes))
