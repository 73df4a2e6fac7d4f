"""Changes to an input: small functions of random numbers, the input, and another one to borrow from."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.fuzz import words

LARGEST = 2_000_000
"""Bytes that no mutation grows beyond."""
CHARSETS = ("utf-16", "utf-16-be", "utf-32", "latin-1", "cp1252", "utf-8-sig", "utf-7", "cp037", "shift_jis", "gb18030")
PIECE = re.compile(rb"<[^<>]{0,300}>|[^<>]{1,300}")
DECLARED = re.compile(rb"encoding=[\"'][^\"']*[\"']")

Mutation = Callable[[Random, bytes, bytes], bytes]


def span(random: Random, data: bytes, most: int = 400) -> tuple[int, int]:
    """A piece of the data: where it begins and ends."""
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + random.randrange(1, most))


def flip(random: Random, data: bytes, other: bytes) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(random.choice((1, 1, 2, 8, 64))):
        if changed:
            changed[random.randrange(len(changed))] = random.randrange(256)
    return bytes(changed)


def delete(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = span(random, data)
    return data[:start] + data[end:]


def duplicate(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = span(random, data)
    return data[:end] + data[start:end] * random.choice((1, 2, 30)) + data[end:]


def move(random: Random, data: bytes, other: bytes) -> bytes:
    start, end = span(random, data)
    rest, place = data[:start] + data[end:], random.randrange(len(data) + 1)
    return rest[:place] + data[start:end] + rest[place:]


def splice(random: Random, data: bytes, other: bytes) -> bytes:
    """The beginning of one and the end of another."""
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def borrow(random: Random, data: bytes, other: bytes) -> bytes:
    """A piece of another in the middle of one."""
    start, end = span(random, other, 2_000)
    place = random.randrange(len(data) + 1)
    return data[:place] + other[start:end] + data[place:]


def truncate(random: Random, data: bytes, other: bytes) -> bytes:
    return data[: random.randrange(len(data) + 1)]


def insert(random: Random, data: bytes, other: bytes) -> bytes:
    """Pieces of the dictionary, where a tag begins or ends more often than elsewhere."""
    for _ in range(random.choice((1, 2, 6))):
        edges = [place for place in (data.find(b"<", start) for start in _starts(random, data)) if place >= 0]
        place = random.choice(edges) if edges and random.random() < 0.6 else random.randrange(len(data) + 1)
        data = data[:place] + random.choice(words.ALL) + data[place:]
    return data


def into_a_tag(random: Random, data: bytes, other: bytes) -> bytes:
    """A piece of the dictionary just before a tag ends: an attribute, or what is none."""
    place = data.find(b">", random.randrange(len(data) + 1))
    return data if place < 0 else data[:place] + b" " + random.choice(words.ALL) + data[place:]


def swap_text(random: Random, data: bytes, other: bytes) -> bytes:
    """The text between two tags is a date, a number, an address or a letter that nobody expects."""
    start = data.find(b">", random.randrange(len(data) + 1)) + 1
    end = data.find(b"<", start)
    pool = random.choice((words.TEXTS, words.DATES, words.NUMBERS, words.ADDRESSES))
    text = random.choice(pool).encode("utf-8", "surrogatepass")
    return data if start == 0 or end < 0 else data[:start] + text + data[end:]


def repeat(random: Random, data: bytes, other: bytes) -> bytes:
    """One tag, text or piece of the dictionary a thousand times."""
    pieces = PIECE.findall(data[:20_000]) or [b"<a>"]
    piece = random.choice(pieces) if random.random() < 0.5 else random.choice(words.ALL)
    place = random.randrange(len(data) + 1)
    return data[:place] + piece * min(1_000, 300_000 // max(1, len(piece))) + data[place:]


def nest(random: Random, data: bytes, other: bytes) -> bytes:
    """Elements within elements within elements, closed or not."""
    name = random.choice((b"a", b"div", b"item", b"entry", b"content", b"x:y", b"source", b"media:group", b"author"))
    depth, place = random.choice((50, 1_000, 5_000)), random.randrange(len(data) + 1)
    closing = b"</" + name + b">" if random.random() < 0.7 else b""
    return data[:place] + (b"<" + name + b">") * depth + b"x" + closing * depth + data[place:]


def attributes(random: Random, data: bytes, other: bytes) -> bytes:
    """A tag with very many attributes, of one name or of many."""
    place, many = data.find(b">", random.randrange(len(data) + 1)), random.choice((50, 1_000, 4_000))
    one = random.choice((b' a%d="x"', b' xmlns:n%d="urn:%d"', b" a", b' href="x"', b" n%d:a='1'", b" a%d=", b"='"))
    made = b"".join(one.replace(b"%d", b"%d" % number) for number in range(many))
    return data if place < 0 else data[:place] + made + data[place:]


def recode(random: Random, data: bytes, other: bytes) -> bytes:
    """The same letters in another charset, said or unsaid."""
    charset = random.choice(CHARSETS)
    changed = data.decode("utf-8", "replace").encode(charset, "replace")
    if random.random() < 0.5:
        said = b'encoding="' + charset.encode() + b'"'
        changed = DECLARED.sub(said, data, count=1).decode("utf-8", "replace").encode(charset, "replace")
    return changed


def misdeclare(random: Random, data: bytes, other: bytes) -> bytes:
    """The charset that is said is not the one that it is in."""
    charset = random.choice((*CHARSETS, "nonsense", "base64", "idna", "rot13", "x" * 200, "undefined", "mbcs", "hex"))
    return DECLARED.sub(b'encoding="' + charset.encode() + b'"', data, count=1)


def _starts(random: Random, data: bytes) -> list[int]:
    return [random.randrange(len(data) + 1) for _ in range(4)]


MUTATIONS: tuple[Mutation, ...] = (
    flip, delete, duplicate, move, splice, borrow, truncate, insert, insert, into_a_tag, into_a_tag, swap_text,
    swap_text, repeat, nest, attributes, recode, misdeclare,
)  # fmt: skip
SMALL: tuple[Mutation, ...] = (flip, delete, duplicate, move, splice, borrow, truncate, insert)
"""Those that suit any short text."""


def mutated(random: Random, seeds: Sequence[bytes], mutations: Sequence[Mutation] = MUTATIONS) -> bytes:
    """One of the seeds, changed in a few ways."""
    data, other = random.choice(seeds), random.choice(seeds)
    for _ in range(random.choice((1, 1, 2, 3, 5))):
        data = random.choice(mutations)(random, data, other)[:LARGEST]
    return data


# --- JSON ---


def mutated_json(random: Random, seeds: Sequence[bytes]) -> bytes:
    """A JSON document with values that are of another kind, too many, too deep, or not JSON any more."""
    if random.random() < 0.25:
        return mutated(random, seeds, SMALL)
    value = json.loads(random.choice(seeds))
    for _ in range(random.choice((1, 2, 4, 10))):
        _spoil(random, value)
    text = json.dumps(value, ensure_ascii=random.random() < 0.5)
    return text.encode(random.choice(("utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32")), "surrogatepass")


def _spoil(random: Random, value: Any) -> None:
    """One key or element, somewhere inside, is another."""
    while isinstance(value, dict | list) and value:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = random.choice(keys)
        if not isinstance(value[key], dict | list) or not value[key] or random.random() < 0.25:
            value[key] = odd(random)
            return
        value = value[key]


def odd(random: Random) -> Any:
    """A value that no feed should have in this place."""
    deep: Any = "x"
    for _ in range(random.choice((1, 10, 200))):
        deep = [deep] if random.random() < 0.5 else {"items": deep}
    texts = (*words.TEXTS, *words.DATES, *words.NUMBERS, *words.ADDRESSES, "\ud800", "\udfff\ud800", "x" * 20_000)
    plain: tuple[Any, ...] = (
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        -(10**400),
        1e308,
        float("inf"),
        float("nan"),
        "",
        [],
        {},
        [[]],
    )
    return random.choice((random.choice(texts), random.choice(plain), deep, [random.choice(texts)] * 20))
