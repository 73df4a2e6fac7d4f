"""Links, dates, letters and titles of plain feeds, as feedparser makes them out, but fast."""

from __future__ import annotations

import re
from datetime import date
from html.entities import entitydefs
from urllib.parse import urljoin

from monitor.poll import dates
from monitor.poll.plain_names import Declined

LINK = re.compile(
    r"https?://[A-Za-z0-9._-]+(?::[0-9]{1,5})?(?:/[^\s?#;\[\]\\]*)?(?:\?[^\s#]+)?(?:#\S+)?|(?:tag|urn|yt):[\w.,:/@=+-]+",
    re.ASCII,
)
"""A link, or the name of an item, that stays as it is wherever it is written."""
TOO_MANY_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+,.-]*://)/+")
MAIL_DATE = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) "
    r"((?:19|20)\d\d) ([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))? (?:([A-Z]{1,3})|([+-])(\d\d):?([0-5]\d))",
    re.ASCII,
)
ISO_DATE = re.compile(
    r"((?:19|20)\d\d)-(\d\d)-(\d\d)"
    r"(?:[T ]([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?(?:Z|([+-])(\d\d):([0-5]\d)))?",
    re.ASCII,
)
MONTHS = {
    "Jan": 1, "Feb": 2, "Mar": 3, "Apr": 4, "May": 5, "Jun": 6, "Jul": 7, "Aug": 8, "Sep": 9, "Oct": 10, "Nov": 11,
    "Dec": 12,
}  # fmt: skip
ZONES = {
    "GMT": "0", "UT": "0", "Z": "0", "EST": "5", "EDT": "4", "CST": "6", "CDT": "5", "MST": "7", "MDT": "6", "PST": "8",
    "PDT": "7",
}  # fmt: skip
"""Hours west of Greenwich."""
START = date(1970, 1, 1).toordinal()
WINDOWS = {number: letter for number in range(128, 160) if (letter := bytes([number]).decode("cp1252", "ignore"))}
CONTROL = re.compile("[\x80-\x9f]")
BEYOND_ASCII = re.compile("[^\0-\x7f]")
MAY_BE_UTF8 = re.compile("[\xc2-\xf4][\x80-\xbf]")
MARK_OF_HTML = re.compile(r"</\w+>|&#?\w+;")
TAG = re.compile(r"</?(\w+)")
ENTITY = re.compile(r"&(\w+);")
HTML = frozenset(
    {"a", "abbr", "b", "big", "blockquote", "br", "center", "cite", "code", "del", "div", "em", "font", "h1", "h2",
     "h3", "h4", "h5", "h6", "i", "img", "ins", "kbd", "li", "ol", "p", "pre", "q", "s", "small", "span", "strike",
     "strong", "sub", "sup", "tt", "u", "ul"}
)  # fmt: skip
"""The usual elements in titles, each of which feedparser takes for HTML."""


def stays(link: str) -> bool:
    """True for a whole address that is the same after being joined with any other."""
    return link[:4] == "http" and LINK.fullmatch(link) is not None


def resolved(base: str, link: str) -> str:
    """The link, joined with the address of its feed."""
    if LINK.fullmatch(link):
        return link
    try:
        return urljoin(base, TOO_MANY_SLASHES.sub(r"\1", link))
    except ValueError:
        return ""


def repaired(text: str) -> str:
    """UTF-8 that was taken for Latin-1 and encoded once more, undone."""
    if text.isascii():
        return text
    first = BEYOND_ASCII.search(text)
    if first is not None and MAY_BE_UTF8.match(text, first.start()) is None:
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def of_windows(text: str) -> str:
    """Control characters as the letters that Windows-1252 has in their place."""
    # In UTF-8 all of them begin with the same byte, which is found much faster.
    none = text.isascii() or b"\xc2" not in text.encode("utf-8", "replace") or CONTROL.search(text) is None
    return text if none else text.translate(WINDOWS)


def letters(text: str) -> str:
    """The text as it was meant."""
    return text if text.isascii() else of_windows(repaired(text))


def looks_like_html(text: str) -> bool:
    """True for a title in RSS that must be HTML although nothing says so. Raises Declined where we cannot tell."""
    if ("&" not in text and "</" not in text) or MARK_OF_HTML.search(text) is None:
        return False
    if any(tag.lower() not in HTML for tag in TAG.findall(text)):
        raise Declined
    return all(name in entitydefs for name in ENTITY.findall(text))


def moment(text: str) -> int | None:
    """The date in Unix seconds; None for a date of no kind that we read here. Raises Declined for
    one that is feedparser's to read."""
    found = MAIL_DATE.fullmatch(text)
    if found is not None and (found[7] is None or found[7] in ZONES):
        day, month, year, hour, minute, second, zone, sign, east, more = found.groups()
        sign, east, more = ("-", ZONES[zone], "0") if zone else (sign, east, more)
        return _seconds(int(year), MONTHS[month], int(day), hour, minute, second, sign, east, more)
    found = ISO_DATE.fullmatch(text)
    if found is not None:
        year, month, day, hour, minute, second, sign, east, more = found.groups()
        if sign != "-" or more == "00":  # feedparser adds the minutes of a zone in the west
            return _seconds(int(year), int(month), int(day), hour, minute, second, sign, east, more)
    if text and dates.read(text) is None:
        raise Declined
    return None


def _seconds(
    year: int, month: int, day: int, hour: str, minute: str, second: str, sign: str, east: str, more: str
) -> int:
    try:
        days = date(year, month, day).toordinal() - START
    except ValueError:
        raise Declined from None
    time = days * 86_400 + int(hour or 0) * 3_600 + int(minute or 0) * 60 + int(second or 0)
    if not sign:
        return time
    zone = int(east) * 3_600 + int(more) * 60
    return time - zone if sign == "+" else time + zone
