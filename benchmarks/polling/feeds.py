"""What every feed of the farm has on every night: a function of the seed, the feed's number and the night.

Nothing is kept but a plan for each feed, so that ten thousand feeds take no more memory than their plans.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from random import Random
from zlib import crc32

DAY = 86_400
BASE = 1_767_754_800
"""Unix seconds: 7 January 2026, 03:00 UTC, when the first night is polled."""
LEAST, MOST = 10, 50
"""Entries that a feed shows."""
MEAN_BYTES = 170_000
"""Of a feed, so that 300 are 51 MB."""
SIZE_SPREAD = 0.4
"""Of the logarithm of a feed's size."""
CHANGED = 5
"""One feed in so many has something new on a night."""
MOST_NEW = 5
LATENCY_SPREAD = 0.5
"""Of the logarithm of a feed's latency."""
COUNTED_FROM = 1_000
"""The number of a feed's newest entry on the first night: it has shown many before."""


class Kind(Enum):
    """How a feed is written, and how many of a hundred are."""

    WORDPRESS = 45
    ATOM = 25
    DISCOURSE = 14
    PHPBB = 10
    RDF = 6


@dataclass(frozen=True, slots=True)
class Plan:
    """A feed: all of it that does not change from night to night."""

    number: int
    seed: int
    kind: Kind
    shown: int
    """Entries in its window."""
    entry_bytes: int
    """What an entry's text takes on average."""
    gap: int
    """Seconds between two entries."""
    escaped: bool
    """Its HTML is escaped rather than in a CDATA section."""
    etag: bool
    dated: bool
    """It sends Last-Modified, and honours If-Modified-Since where no ETag is asked about."""
    latency: float
    """Seconds before it answers, for a median of 1."""

    @property
    def host(self) -> str:
        """An address on loopback that no other feed has: 127.1.0.0 and up, 250 to each last number."""
        high, low = divmod(self.number, 250)
        return f"127.{1 + high // 250}.{high % 250}.{low + 1}"

    @property
    def path(self) -> str:
        """Where its feed is."""
        return f"/{self.number}/{PATHS[self.kind]}"

    def new(self, night: int) -> int:
        """How many entries are new on a night; none on the first."""
        if night < 1 or (self.number // 10 + self.number + night) % CHANGED:
            return 0
        return 1 + self.mix(night, 1) % MOST_NEW

    def newest(self, night: int) -> int:
        """The number of its newest entry."""
        return COUNTED_FROM + sum(self.new(one) for one in range(1, night + 1))

    def known(self, night: int) -> int:
        """How many entries somebody knows who has looked on every night so far."""
        return self.shown + self.newest(night) - COUNTED_FROM

    def changed(self, night: int) -> int:
        """The last night, until this one, on which it had something new; 0 where it never had."""
        return next((one for one in range(night, 0, -1) if self.new(one)), 0)

    def time(self, entry: int) -> int:
        """When an entry was written, in Unix seconds. What is new on a night came in the day before its poll."""
        if entry <= COUNTED_FROM:
            return BASE - (COUNTED_FROM - entry) * self.gap - self.mix(entry, 2) % self.gap
        night, first = 0, COUNTED_FROM
        while first < entry:
            night += 1
            first += self.new(night)
        return BASE + night * DAY - (first - entry) * 3_600 - self.mix(entry, 2) % 3_600

    def mix(self, which: int, what: int) -> int:
        """A number below 2**32 that looks like chance and is always the same."""
        return crc32(b"%d/%d/%d/%d" % (self.seed, self.number, which, what))


PATHS = {
    Kind.WORDPRESS: "feed/",
    Kind.ATOM: "atom.xml",
    Kind.DISCOURSE: "posts.rss",
    Kind.PHPBB: "feed",
    Kind.RDF: "index.rdf",
}
TYPES = {
    Kind.WORDPRESS: "application/rss+xml; charset=UTF-8",
    Kind.ATOM: "application/atom+xml; charset=utf-8",
    Kind.DISCOURSE: "application/rss+xml; charset=utf-8",
    Kind.PHPBB: "application/atom+xml; charset=UTF-8",
    Kind.RDF: "application/rdf+xml",
}
OVERHEAD = {Kind.WORDPRESS: 1_240, Kind.ATOM: 560, Kind.DISCOURSE: 420, Kind.PHPBB: 740, Kind.RDF: 520}
"""Bytes of an entry around its text."""


def plans(count: int, seed: int = 1, mean_bytes: int = MEAN_BYTES) -> list[Plan]:
    """The farm's feeds. A feed is the same in a farm of any size."""
    return [_plan(number, seed, mean_bytes) for number in range(count)]


def _plan(number: int, seed: int, mean_bytes: int) -> Plan:
    chance = Random(f"{seed}/{number}")
    kind = chance.choices(list(Kind), [one.value for one in Kind])[0]
    shown = chance.randint(LEAST, MOST)
    size = mean_bytes * math.exp(chance.gauss(-(SIZE_SPREAD**2) / 2, SIZE_SPREAD))
    place = number * 3 % 10  # seven of ten feeds answer conditional questions: four by both means, three by one
    return Plan(
        number=number, seed=seed, kind=kind, shown=shown,
        entry_bytes=max(int(size / shown) - OVERHEAD[kind], 40),
        gap=round(DAY * math.exp(chance.gauss(0.7, 1.0))),
        escaped=kind is Kind.ATOM and chance.random() < 0.7,
        etag=place < 6, dated=place < 4 or place == 6,
        latency=math.exp(chance.gauss(0, LATENCY_SPREAD)),
    )  # fmt: skip
