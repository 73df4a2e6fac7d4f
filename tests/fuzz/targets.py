"""What is fuzzed: how each target's inputs are made, and what is tried with them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from tests.fuzz import growth, mutate, seeds, shapes, tries, words
from tests.fuzz.case import ADDRESS, Case


@dataclass(frozen=True, slots=True)
class Target:
    """``make`` turns random numbers into an input; ``attempt`` raises where it broke a promise.

    ``attempt`` answers with the seconds that count, and a note.
    """

    make: Callable[[Random, bool], tuple[bytes, dict[str, str]]]
    attempt: Callable[[Case], tuple[float, str]]
    weight: int = 1
    """How many of its cases are tried in a round."""
    text: bool = False
    """True where an input is a list of texts in JSON."""


def make(name: str, random: Random, number: int, small: bool) -> Case:
    """The case of a target; ``small`` ones use no real feeds and stay short."""
    data, facts = TARGETS[name].make(random, small)
    return Case(name, data, facts, number)


# --- Bytes ---

ASKED = tuple(
    address
    for address in words.ADDRESSES
    if address.startswith("http") and address.isprintable() and len(address) < 500
)
"""Addresses that a feed may come from."""


def _said(random: Random) -> dict[str, str]:
    """How the feed is said to have come."""
    kind = random.choice(words.HEADERS) if random.random() < 0.5 else "application/xml"
    address = random.choice(ASKED) if random.random() < 0.3 else ADDRESS
    return {"type": kind, "address": address}


def _xml(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    real = () if small else seeds.real()
    pool = real if real and random.random() < 0.7 else seeds.XML_FEEDS
    data = mutate.mutated(random, pool)
    return data[:20_000] if small else data, _said(random)


def _json(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    return mutate.mutated_json(random, seeds.JSON_FEEDS), _said(random)


def _shape(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    return shapes.made(random), _said(random)


def _growth(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    size = 10_000 if small else random.choice((100_000, 300_000, 1_000_000))
    if random.random() < 0.3:
        return growth.RECIPES[random.choice(sorted(growth.RECIPES))](size), {}
    return growth.random_document(random, size), {}


def _of(seed: Sequence[bytes]) -> Callable[[Random, bool], tuple[bytes, dict[str, str]]]:
    def made(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
        return mutate.mutated(random, seed)[: 20_000 if small else mutate.LARGEST], {}

    return made


def _page(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    page = mutate.mutated(random, (seeds.PAGE.encode(), *seeds.XML_FEEDS[:1]))
    kind = random.choice(words.HEADERS) if random.random() < 0.3 else "text/html"
    return page[: 20_000 if small else 500_000], {"type": "".join(filter(str.isprintable, kind))}


def _config(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
    """Half of them still TOML: with one line's value another."""
    data = seeds.CONFIG.encode()
    if random.random() < 0.4:
        return mutate.mutated(random, (data, *seeds.XML_FEEDS[:1]), mutate.SMALL), {}
    lines = seeds.CONFIG.splitlines()
    for _ in range(random.choice((1, 2, 5))):
        place = random.randrange(len(lines))
        lines[place] = random.choice((_other_value(random, lines[place]), "", random.choice(lines), lines[place] * 2))
    return "\n".join(lines).encode("utf-8", "surrogatepass"), {}


def _other_value(random: Random, line: str) -> str:
    texts = random.choice((*words.TEXTS, *words.DATES, *words.NUMBERS, *words.ADDRESSES))[:5_000]
    values = (
        json.dumps(texts), json.dumps(texts, ensure_ascii=False).replace("\x7f", ""), f"[{json.dumps(texts)}]",
        "[]", "{}",
        "0", "-1", "nan", "inf", "1e400", "9" * 30, "true", "2024-02-30", "0001-01-01", "9999-12-31", "12:00:00", '""',
        "2024-01-01T00:00:00Z", "[[[[]]]]", "{a = 1}", "[" * 500, '"""', "'''", '["2026-01-01..9999-12-31"]', "0x10",
        '["0001-01-01..0001-01-02"]', '"sqlite://"', '"postgresql://[/"', '"a/../../b"', '"\\u0000"', '"\\U0010ffff"',
    )  # fmt: skip
    name, equals, _ = line.partition("=")
    return f"{name}= {random.choice(values)}" if equals else line


# --- Texts ---


def _texts(pool: Sequence[str], many: int) -> Callable[[Random, bool], tuple[bytes, dict[str, str]]]:
    """Lists of changed texts, each of one of the pool or the dictionary."""

    def made(random: Random, small: bool) -> tuple[bytes, dict[str, str]]:
        return json.dumps([_text(random, pool) for _ in range(many)]).encode(), {}

    return made


def _text(random: Random, pool: Sequence[str]) -> str:
    seed = tuple(text.encode("utf-8", "surrogatepass") for text in pool)
    if random.random() < 0.1:
        return (random.choice(pool) * random.choice((2, 50, 2_000)))[:20_000]
    data = mutate.mutated(random, seed, mutate.SMALL) if random.random() < 0.8 else random.choice(seed)
    return data[:20_000].decode("utf-8", random.choice(("replace", "surrogateescape", "ignore")))


PLAIN = (*words.TEXTS, *words.DATES, *words.NUMBERS, *(piece.decode("utf-8", "replace") for piece in words.MARKUP))

TARGETS = {
    "feed": Target(_xml, tries.feed, weight=8),
    "json": Target(_json, tries.feed, weight=3),
    "shape": Target(_shape, tries.feed, weight=5),
    "growth": Target(_growth, tries.growth, weight=2),
    "page": Target(_page, tries.page, weight=2),
    "opml": Target(_of((seeds.OPML.encode(), seeds.XML_FEEDS[0])), tries.opml),
    "config": Target(_config, tries.config, weight=2),
    "retry": Target(_texts((*seeds.RETRIES, *words.DATES, *words.NUMBERS), 20), tries.retry, text=True),
    "address": Target(_texts(words.ADDRESSES, 20), tries.address, weight=2, text=True),
    "platform": Target(_texts((*words.ADDRESSES, *words.TEXTS), 40), tries.platform, weight=2, text=True),
    "text": Target(_texts(PLAIN, 20), tries.text, text=True),
}
"""Every target by name."""


def rounds(names: Sequence[str]) -> Iterator[str]:
    """The targets in turn, each as often as it weighs, for ever."""
    turn = [name for name in names for _ in range(TARGETS[name].weight)]
    while True:
        yield from turn
