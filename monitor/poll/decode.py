"""The body of an answer, decoded by ourselves and piece by piece: a few bytes cannot grow into gigabytes."""

from __future__ import annotations

import io
import re
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import requests

from monitor.poll.deadline import time_is_up, time_stands_still
from monitor.poll.guard import Limits, Refused, shown

PIECE = 65_536
ENCODINGS = ("gzip", "x-gzip", "deflate")
GZIP = b"\x1f\x8b"
PLAIN = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:[<{\[][\x20-\x7e\s]|\xff\xfe|\xfe\xff|<\x00|\x00<)")
"""How a feed begins that is not compressed, whatever its server says."""
MOST_MEMBERS = 2_000
"""Of a gzip body: some servers send one for each of their own pieces."""
BULKY = ((1_000_000, threading.BoundedSemaphore(2)), (4_000_000, threading.BoundedSemaphore(1)))
"""Bytes from which a body needs a place, and the places: of larger bodies fewer are in memory at a time."""


class _Here(threading.local):
    may_wait = False
    places = 0


_here = _Here()


@contextmanager
def bulky() -> Iterator[None]:
    """Within, a body that turns out to be large waits until few others are in memory; it has its place to the end."""
    _here.may_wait = True
    try:
        yield
    finally:
        _here.may_wait = False
        for _, room in BULKY[: _here.places]:
            room.release()
        _here.places = 0


def _take_places(size: int) -> None:
    """Places are taken in one order by everybody, so nobody waits for one who waits for him."""
    while _here.may_wait and _here.places < len(BULKY) and size > BULKY[_here.places][0]:
        room = BULKY[_here.places][1]
        if not room.acquire(blocking=False):
            with time_stands_still():
                room.acquire()
        _here.places += 1


def read_body(response: requests.Response, limits: Limits) -> bytes:
    """The decoded body. Raises Refused with a sentence where it is too large, or cannot be decoded."""
    where = shown(response.url)
    declared = response.headers.get("Content-Length", "").strip()
    if declared.isascii() and declared.isdigit() and int(declared[:18]) > limits.body_bytes:
        raise Refused(f"{where} is larger than {limits.body_bytes:,} bytes: too much for a feed")
    named = [one.strip().lower() for one in response.headers.get("Content-Encoding", "").split(",")]
    encodings = [one for one in named if one not in ("", "identity")]
    pieces: Iterator[bytes] = response.raw.stream(PIECE, decode_content=False)
    unknown = [one for one in encodings if one not in ENCODINGS]
    if unknown:
        return _as_it_is(pieces, unknown[0], where, limits)
    for _ in encodings[:2]:
        pieces = _decoded(pieces, where)
    body = _gathered(pieces, where, limits)
    # Some servers compress what is compressed already, or do not say that they compress.
    return _gathered(_decoded(_sliced(body), where), where, limits) if body.startswith(GZIP) else body


def _sliced(body: bytes) -> Iterator[bytes]:
    yield from (body[place : place + PIECE] for place in range(0, len(body), PIECE))


def _as_it_is(pieces: Iterator[bytes], encoding: str, where: str, limits: Limits) -> bytes:
    """A body in an encoding that we did not ask for: some servers name one, and send the plain feed all the same."""
    body = _gathered(pieces, where, limits)
    if not PLAIN.match(body):
        raise Refused(f"{where} is encoded as {encoding[:60]!r}: expected gzip, deflate or none")
    return body


def _gathered(pieces: Iterator[bytes], where: str, limits: Limits) -> bytes:
    body = io.BytesIO()  # whose value, unlike a bytearray's, is had without a copy
    for piece in pieces:
        if time_is_up():
            raise TimeoutError
        body.write(piece)
        if body.tell() > limits.body_bytes:
            raise Refused(f"{where} is larger than {limits.body_bytes:,} bytes: too much for a feed")
        _take_places(body.tell())
    return body.getvalue()


def _decoded(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    """Decompressed pieces of at most 256 kB; the body's first bytes say how it is really compressed, if at all."""
    first = next(pieces, b"")
    while len(first) < 2 and (more := next(pieces, b"")):
        first += more
    if not first:
        return
    if PLAIN.match(first):
        yield first
        yield from pieces
        return
    yield from _inflate(_chained(first, pieces), where)


def _chained(first: bytes, pieces: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from pieces


def _inflate(pieces: Iterator[bytes], where: str) -> Iterator[bytes]:
    """gzip, zlib, or deflate without its wrapper; several gzip members in a row are one body."""
    inflater, fresh, members = zlib.decompressobj(47), True, 1
    for piece in pieces:
        waiting = piece
        while waiting:
            if members > MOST_MEMBERS or time_is_up():
                raise Refused(f"{where} has a broken compressed body: it has thousands of parts")
            try:
                part = inflater.decompress(waiting, 262_144)
            except zlib.error as error:
                if not fresh:
                    raise Refused(f"{where} has a broken compressed body: {error}") from error
                inflater, fresh = zlib.decompressobj(-zlib.MAX_WBITS), False  # some send deflate without its wrapper
                continue
            fresh = False
            yield part
            waiting = inflater.unconsumed_tail or inflater.unused_data
            if inflater.eof and waiting:
                if not waiting.startswith(GZIP):  # padding after the end
                    return
                inflater, members = zlib.decompressobj(47), members + 1
    yield from _rest(inflater, fresh, where)


def _rest(inflater: zlib._Decompress, fresh: bool, where: str) -> Iterator[bytes]:
    while not inflater.eof and not fresh:
        part = inflater.decompress(b"", 262_144)
        if not part:
            raise Refused(f"{where} broke off in the middle of its compressed body", passing=True)
        yield part
