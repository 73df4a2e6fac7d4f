"""Faults of dates: the right time, or none. Never a wrong one."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

from tests.faults.fault import Fault, reads
from tests.faults.feeds import NOW, STANDARD, Item, atom, atom_entry, dated, item, json_feed, json_item, rss, with_first

RIGHT = int(datetime(2026, 2, 27, 7, 0, tzinfo=UTC).timestamp())
"""Friday 27 February 2026 at eight, Danish time."""
HOUR = 3_600
DAY = 24 * HOUR
MIDNIGHT = RIGHT - 7 * HOUR


def date(name: str, written: str, *times: int | None, serves: str = "") -> Fault:
    """A feed whose first item is dated like this; any of ``times`` is right, None being no time at all."""
    body = with_first(item(STANDARD[0], date=written))
    return Fault(
        name,
        serves or f"dated {written[:60]!r}",
        lambda talk: talk.answer(body),
        reads(dated(times[0], *times[1:]), *STANDARD[1:]),
    )


def atom_date(name: str, written: str, *times: int | None) -> Fault:
    entry = atom_entry(STANDARD[0]).replace(STANDARD[0].moment.isoformat(), written)
    body = atom(entry, *map(atom_entry, STANDARD[1:]))
    return Fault(
        name,
        f"Atom dated {written[:60]!r}",
        lambda talk: talk.answer(body),
        reads(dated(times[0], *times[1:]), *STANDARD[1:]),
    )


def json_date(name: str, written: object, *times: int | None) -> Fault:
    body = json_feed(json_item(STANDARD[0], date_published=written), *map(json_item, STANDARD[1:]))
    return Fault(
        name,
        f"JSON dated {str(written)[:60]!r}",
        lambda talk: talk.answer(body),
        reads(dated(times[0], *times[1:]), *STANDARD[1:]),
    )


def beside(name: str, serves: str, markup: str, *times: int | None) -> Fault:
    """An item whose date is this markup."""
    body = with_first(item(STANDARD[0], markup, date="-"))
    return Fault(name, serves, lambda talk: talk.answer(body), reads(dated(times[0], *times[1:]), *STANDARD[1:]))


def stamp(moment: int) -> str:
    return format_datetime(datetime.fromtimestamp(moment, UTC))


SAME = tuple(Item(one.title, one.guid, RIGHT, one.author, one.link) for one in STANDARD)
ALL_SAME = rss(*map(item, SAME))

DATES = [
    # --- that cannot be true ---
    date("year-9999", "Fri, 31 Dec 9999 23:59:59 GMT", None),
    date("next-year", "Sun, 28 Feb 2027 07:00:00 GMT", None),
    date("1970", "Thu, 01 Jan 1970 00:00:00 GMT", None),
    date("1900", "Mon, 01 Jan 1900 00:00:00 GMT", None),
    date("year-0", "0000-00-00T00:00:00Z", None),
    date("year-0-rss", "Wed, 30 Nov 0000 00:00:00 +0000", None),
    date("year-99999", "Fri, 27 Feb 99999 07:00:00 GMT", None),
    date("minus-year", "-2026-02-27T07:00:00Z", None, RIGHT),
    date("february-31", "Tue, 31 Feb 2026 07:00:00 GMT", None),
    date("february-29", "2026-02-29T07:00:00Z", None),
    date("month-13", "2026-13-27T07:00:00Z", None),
    date("hour-25", "Fri, 27 Feb 2026 25:00:00 GMT", None),
    date("minute-61", "2026-02-27T07:61:00Z", None, RIGHT + 61 * 60),
    date("nonsense", "i går aftes", None),
    date("digits", "9" * 400, None, serves="dated with 400 digits"),
    date("words-of-a-program", "Invalid DateTime", None),
    date("undefined", "undefined NaN", None),
    date("a-script", "&lt;script&gt;alert(1)&lt;/script&gt;", None),
    date("empty-date", " ", None),
    beside("no-date", "an item without a date", "<description>Grød</description>", None),
    # --- that are odd, and right ---
    date("no-zone", "Fri, 27 Feb 2026 07:00:00", RIGHT),
    date("cet", "Fri, 27 Feb 2026 08:00:00 CET", RIGHT),
    date("cest", "Fri, 27 Feb 2026 09:00:00 CEST", RIGHT),
    date("met", "Fri, 27 Feb 2026 08:00:00 MET", RIGHT),
    date("est", "Fri, 27 Feb 2026 02:00:00 EST", RIGHT),
    date("z", "Fri, 27 Feb 2026 07:00:00 Z", RIGHT),
    date("ut", "Fri, 27 Feb 2026 07:00:00 UT", RIGHT),
    date("gmt-plus", "Fri, 27 Feb 2026 08:00:00 GMT+0100", RIGHT),
    date("zone-with-colon", "Fri, 27 Feb 2026 08:00:00 +01:00", RIGHT),
    date("zone-of-hours", "2026-02-27T08:00:00+01", RIGHT),
    date("zone-of-25-hours", "Fri, 27 Feb 2026 07:00:00 +2500", None, RIGHT - 25 * HOUR),
    date("zone-by-city", "Fri, 27 Feb 2026 08:00:00 Europe/Copenhagen", RIGHT, RIGHT + HOUR, None),
    date("zone-nobody-knows", "Fri, 27 Feb 2026 07:00:00 XYZ", RIGHT, None),
    date("24-00", "Thu, 26 Feb 2026 24:00:00 +0000", MIDNIGHT, None),
    date("24-00-iso", "2026-02-26T24:00:00Z", MIDNIGHT, None),
    date("leap-second", "Thu, 26 Feb 2026 23:59:60 +0000", MIDNIGHT, MIDNIGHT - 1, None),
    date("only-a-date", "2026-02-27", MIDNIGHT),
    date("only-a-date-rss", "27 Feb 2026", MIDNIGHT),
    date("only-a-month", "2026-02", MIDNIGHT - 26 * DAY, None),
    date("basic-iso", "20260227T070000Z", RIGHT, None),
    date("week-iso", "2026-W09-5", MIDNIGHT, None),
    date("week-iso-time", "2026-W09-5T07:00:00Z", RIGHT, None),
    date("day-of-year", "2026-058", MIDNIGHT, None),
    date("unix-seconds", str(RIGHT), RIGHT, None),
    date("unix-milliseconds", f"{RIGHT}000", RIGHT, None),
    date("iso-with-blank", "2026-02-27 07:00:00", RIGHT),
    date("iso-small-letters", "2026-02-27t07:00:00z", RIGHT),
    date("iso-fraction", "2026-02-27T07:00:00.123456789Z", RIGHT),
    date("iso-comma", "2026-02-27T07:00:00,5Z", RIGHT, None),
    date("iso-in-rss", "2026-02-27T08:00:00+01:00", RIGHT),
    date("two-digit-year", "Fri, 27 Feb 26 07:00:00 GMT", RIGHT),
    date("whole-names", "Friday, 27 February 2026 07:00:00 GMT", RIGHT),
    date("wrong-weekday", "Mon, 27 Feb 2026 07:00:00 GMT", RIGHT),
    date("no-seconds", "Fri, 27 Feb 2026 07:00 GMT", RIGHT),
    date("one-digit", "Fri, 27 Feb 2026 7:0:0 GMT", RIGHT),
    date("dashes", "Fri, 27-Feb-2026 07:00:00 GMT", RIGHT, None),
    date("asctime", "Fri Feb 27 07:00:00 2026", RIGHT),
    date("american", "02/27/2026 07:00:00 AM", RIGHT, None),
    date("american-or-not", "03/02/2026", None),
    date("afternoon", "Thu, 26 Feb 2026 11:00 PM GMT", RIGHT - 8 * HOUR, None),
    date("danish-months", "fre, 27 feb 2026 08:00:00 +0100", RIGHT),
    date("danish-may", "tir, 13 maj 2025 09:00:00 +0200", int(datetime(2025, 5, 13, 7, tzinfo=UTC).timestamp())),
    date("danish-october", "man, 13 okt 2025 09:00:00 +0200", int(datetime(2025, 10, 13, 7, tzinfo=UTC).timestamp())),
    date("danish-saturday", "lør, 28 feb 2026 08:00:00 +0100", RIGHT + DAY),
    date("danish-words", "27. februar 2026 kl. 08.00", RIGHT, RIGHT + HOUR, None),
    date("danish-digits", "27.02.2026 08:00", RIGHT, RIGHT + HOUR, None),
    date("lines-around", "\n\t  Fri, 27 Feb 2026 07:00:00 GMT\n", RIGHT),
    date("in-cdata", "<![CDATA[Fri, 27 Feb 2026 07:00:00 GMT]]>", RIGHT),
    date("hard-blanks", "Fri,\u00a027\u00a0Feb\u00a02026\u00a007:00:00\u00a0GMT", RIGHT, None),
    date("other-digits", "Fri, ٢٧ Feb ٢٠٢٦ 07:00:00 GMT", RIGHT, None),
    date("with-comment", "Fri, 27 Feb 2026 08:00:00 +0100 (CET)", RIGHT),
    date("two-hours-ahead", stamp(NOW + 2 * HOUR), NOW + 2 * HOUR, NOW),
    date("next-week", stamp(NOW + 7 * DAY), None, NOW),
    # --- that are written in several places ---
    beside(
        "nonsense-and-right",
        "a nonsense pubDate beside a right dc:date",
        f"<pubDate>snart</pubDate><dc:date>{datetime.fromtimestamp(RIGHT, UTC).isoformat()}</dc:date>",
        RIGHT,
    ),
    beside(
        "right-twice",
        "two pubDates, the same",
        f"<pubDate>{stamp(RIGHT)}</pubDate><pubDate>{stamp(RIGHT)}</pubDate>",
        RIGHT,
    ),
    beside(
        "only-updated",
        "an atom:updated and no pubDate",
        f"<atom:updated>{datetime.fromtimestamp(RIGHT, UTC).isoformat()}</atom:updated>",
        RIGHT,
    ),
    beside("upper-case-date", "PUBDATE", f"<PUBDATE>{stamp(RIGHT)}</PUBDATE>", RIGHT),
    Fault("all-the-same", "every item has the same date", lambda talk: talk.answer(ALL_SAME), reads(*SAME)),
    atom_date("atom-without-zone", "2026-02-27T07:00:00", RIGHT),
    atom_date("atom-rfc-822", "Fri, 27 Feb 2026 07:00:00 GMT", RIGHT),
    atom_date("atom-nonsense", "i går", None),
    json_date("json-number", RIGHT, RIGHT, None),
    json_date("json-rfc-822", "Fri, 27 Feb 2026 07:00:00 GMT", RIGHT, None),
    json_date("json-date-list", ["2026-02-27T07:00:00Z"], RIGHT, None),
    json_date("json-year-99999", "99999-02-27T07:00:00Z", None),
    json_date("json-nothing", None, None),
]
