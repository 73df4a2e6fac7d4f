"""Faults of size: made a piece at a time while they are sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from monitor.poll import Limits
from tests.faults.fault import HANGING, Act, Fault, Read, fails, reads
from tests.faults.feeds import BLOG, FEED, NOW, STANDARD, Item, channel, item, items, json_feed, json_item, rss
from tests.faults.server import XML, Talk, head

LARGE = r"larger|too (much|large|many)"
SLOW = r"larger|too (much|large|many)|seconds|memory|long"
MEGABYTE = b"Gr\xc3\xb8d og " * 100_000
FIRST = STANDARD[0]
MOST = Limits().entries
"""Entries of a feed that are looked at: the first and the last of a longer one."""
PATIENT = Limits(parse_seconds=60.0, total_seconds=60.0)
"""For what takes long to read and must be read all the same, on however slow a machine."""


def pieces(make: Callable[[], Iterable[bytes]], content_type: str = XML) -> Act:
    """A body made anew for every question, a piece at a time."""

    def act(talk: Talk) -> None:
        talk.send(head(content_type=content_type))
        talk.pour(make())

    return act


def around(place: bytes, megabytes: int, block: bytes = MEGABYTE) -> Callable[[], Iterator[bytes]]:
    """The feed with so many megabytes at the first ``place``."""
    before, _, after = FEED.partition(place)

    def make() -> Iterator[bytes]:
        yield before
        for _ in range(megabytes):
            yield block
        yield after

    return make


def numbered(number: int) -> Item:
    return Item(f"Indlæg {number}", f"n{number}", NOW - 600 * number, "", f"{BLOG}/n/{number}")


def many(count: int) -> Callable[[], Iterator[bytes]]:
    """A feed of so many entries, the newest first."""
    start, end = channel().split("</channel>")

    def make() -> Iterator[bytes]:
        yield start.encode()
        for number in range(0, count, 500):
            short = (
                f"<item><title>Indlæg {n}</title><guid>n{n}</guid>"
                f"<pubDate>{numbered(n).moment.isoformat()}</pubDate></item>"
                for n in range(number, min(number + 500, count))
            )
            yield "".join(short).encode()
        yield f"</channel>{end}".encode()

    return make


def endless_items() -> Iterator[bytes]:
    start = channel().split("</channel>")[0]
    yield start.encode()
    while True:
        yield "".join(items()).encode() * 50


def many_json(count: int) -> Callable[[], Iterator[bytes]]:
    def make() -> Iterator[bytes]:
        yield b'{"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": ['
        for number in range(count):
            yield (b", " if number else b"") + json.dumps({"id": f"n{number}", "title": f"Indlæg {number}"}).encode()
        yield b"]}"

    return make


def with_extra(extra: str) -> bytes:
    return rss(item(FIRST, extra), *items(STANDARD[1:]))


LONG_TITLE = replace(FIRST, title_says=r"(Grød og ?)+[^<>]{0,40}")
LONG_AUTHOR = replace(FIRST, author="")
CATEGORIES = "".join(f"<category>emne {n}</category>" for n in range(10_000))
ENCLOSURES = "".join(f'<enclosure url="{BLOG}/{n}.mp3" length="1" type="audio/mpeg"/>' for n in range(10_000))
AUTHORS = "".join(f"<dc:creator>Anna Holm {n}</dc:creator>" for n in range(10_000))
LONG = "x" * 1_000_000
ALIKE = (replace(FIRST, guid="a", title="A"), replace(FIRST, guid="b", title="B"))
TITLE = f"<title>{FIRST.title}".encode()[:-1]


def served(body: bytes) -> Act:
    return lambda talk: talk.answer(body)


def made(make: Callable[[], bytes]) -> Act:
    """A body of a length that is told, made anew for every question."""
    return lambda talk: talk.answer(make())


SIZE = [
    # --- many entries ---
    Fault("six-thousand-entries", "6,000 entries", pieces(many(6_000)), Read(count=MOST), limits=PATIENT),
    Fault("hundred-thousand-entries", "100,000 entries", pieces(many(100_000)), Read(count=MOST), limits=PATIENT),
    Fault(
        "many-json-entries",
        "100,000 entries of JSON",
        pieces(many_json(100_000), "application/feed+json"),
        Read(count=MOST),
        limits=PATIENT,
    ),
    Fault("endless-items", "items without end", pieces(endless_items), fails(LARGE)),
    # --- large parts ---
    Fault("title-of-50-megabytes", "a title of 50 MB", pieces(around(STANDARD[0].title.encode(), 50)), fails(LARGE)),
    Fault(
        "title-of-5-megabytes",
        "a title of 5 MB",
        pieces(around(STANDARD[0].title.encode(), 5)),
        reads(LONG_TITLE, *STANDARD[1:]),
        limits=PATIENT,
    ),
    Fault(
        "comment-of-20-megabytes",
        "a comment of 20 MB",
        pieces(around(b"<link>", 20, b"<!-- " + b"x" * 999_990 + b"-->")),
        fails(LARGE),
    ),
    Fault(
        "comment-of-10-megabytes",
        "a comment of 10 MB before the items",
        made(lambda: FEED.replace(b"<channel>", b"<channel><!-- " + b"x" * 10_000_000 + b" -->", 1)),
        limits=PATIENT,
    ),
    Fault("content-of-50-megabytes", "a text of 50 MB", pieces(around("Grød &amp; bær".encode(), 50)), fails(LARGE)),
    Fault("content-of-5-megabytes", "a text of 5 MB", pieces(around("Grød &amp; bær".encode(), 5)), limits=PATIENT),
    Fault(
        "blanks-of-10-megabytes",
        "10 MB of blanks before the feed",
        made(lambda: b" \n" * 5_000_000 + FEED),
        limits=PATIENT,
    ),
    Fault(
        "endless-blanks",
        "blanks without end before the feed",
        pieces(lambda: iter(lambda: b" " * 65_536, b"")),
        fails(LARGE),
    ),
    Fault("guid-of-a-megabyte", "a guid of 1 MB", served(rss(item(FIRST, guid=LONG), *items(STANDARD[1:])))),
    Fault(
        "guids-alike-for-a-megabyte",
        "two guids of 1 MB that differ in their last letter",
        served(rss(*(item(one, guid=LONG + one.guid, link="-") for one in ALIKE))),
        reads(*ALIKE),
    ),
    Fault(
        "link-of-a-megabyte", "a link of 1 MB", served(rss(item(FIRST, link=f"{BLOG}/{LONG}"), *items(STANDARD[1:])))
    ),
    Fault(
        "author-of-a-megabyte",
        "an author of 1 MB",
        served(rss(item(FIRST, author=LONG), *items(STANDARD[1:]))),
        reads(LONG_AUTHOR, *STANDARD[1:]),
    ),
    Fault(
        "date-of-a-megabyte",
        "a date of 1 MB",
        served(rss(item(FIRST, date="9" * 1_000_000), *items(STANDARD[1:]))),
        reads(replace(FIRST, time=None), *STANDARD[1:]),
    ),
    Fault(
        "date-of-blanks",
        "a date with 100 kB of blanks in it",
        served(rss(item(FIRST, date="Fri, 27 Feb" + " " * 100_000 + "x"), *items(STANDARD[1:]))),
        reads(replace(FIRST, time=None), *STANDARD[1:]),
    ),
    Fault("ten-thousand-categories", "10,000 categories on one item", served(with_extra(CATEGORIES)), limits=PATIENT),
    Fault("ten-thousand-enclosures", "10,000 enclosures on one item", served(with_extra(ENCLOSURES)), limits=PATIENT),
    Fault(
        "ten-thousand-authors",
        "10,000 authors of one item",
        served(rss(item(FIRST, AUTHORS, author="-"), *items(STANDARD[1:]))),
        reads(LONG_AUTHOR, *STANDARD[1:]),
        limits=PATIENT,
    ),
    Fault(
        "json-text-of-10-megabytes",
        "a JSON Feed with a text of 10 MB",
        made(lambda: json_feed(json_item(FIRST, content_text="x" * 10_000_000), *map(json_item, STANDARD[1:]))),
        limits=PATIENT,
    ),
    Fault(
        "slower-than-we-wait",
        "a feed that would come in a minute",
        lambda talk: talk.drip(head(length=len(FEED)) + FEED, 0.02),
        fails("seconds|time"),
        limits=HANGING,
    ),
]
