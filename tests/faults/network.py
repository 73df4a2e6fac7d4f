"""Faults of the connection and of HTTP's framing."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

from tests.faults.fault import HANGING, Act, Fault, either, fails
from tests.faults.feeds import FEED
from tests.faults.server import XML, Talk, head

LATE = r"seconds|in time|too slow|too long"
CUT = r"broke off|broken off|reached|reset|ended|closed|cut"
ODD = r"HTTP|understood|answer|reached|headers?"


def raw(*pieces: bytes) -> Act:
    """Send these bytes and end the connection."""

    def act(talk: Talk) -> None:
        for piece in pieces:
            talk.send(piece)

    return act


def then_reset(*pieces: bytes) -> Act:
    """Send these bytes, wait until they are there, and crash."""

    def act(talk: Talk) -> None:
        for piece in pieces:
            talk.send(piece)
        talk.farm.closing.wait(0.2)
        talk.reset()

    return act


def then_hang(*pieces: bytes) -> Act:
    """Send these bytes and say no more."""

    def act(talk: Talk) -> None:
        for piece in pieces:
            talk.send(piece)
        talk.hang()

    return act


def poured(start: bytes, again: bytes) -> Act:
    """Send a start, and then a piece again and again for ever."""
    return lambda talk: talk.pour(itertools.chain([start], itertools.repeat(again)))


def given(make: Callable[[], Iterable[bytes]]) -> Act:
    """Send the pieces, made anew for every question."""
    return lambda talk: talk.pour(make())


def dripped(start: bytes, drops: bytes) -> Act:
    """Send a start, and then a byte at a time for ever."""

    def act(talk: Talk) -> None:
        talk.send(start)
        talk.drip(drops)

    return act


def chunked(*chunks: bytes, end: bytes = b"0\r\n\r\n") -> bytes:
    """A body in chunks."""
    return b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks) + end


def bare(*lines: str, body: bytes = FEED) -> bytes:
    """An answer of these header lines, as they are."""
    return "".join(f"{line}\r\n" for line in lines).encode("utf-8") + b"\r\n" + body


IN_CHUNKS = head(Transfer_Encoding="chunked")
OK = "HTTP/1.1 200 OK"
TYPE = f"Content-Type: {XML}"
HALF = len(FEED) // 2
CUT_IN_DESCRIPTION = FEED.rindex(b"<description>") + 16
"""In the last item, behind all that is counted."""
HANDSHAKE = b"\x16\x03\x03\x40\x00"
"""A TLS record of 16 kB of handshake is announced."""


def other_certificate(talk: Talk) -> None:
    talk.answer()


def with_weak_tls(talk: Talk) -> None:
    """Answer a TLS greeting with an alert: no version in common."""
    talk.sock.recv(65_536)
    talk.send(b"\x15\x03\x03\x00\x02\x02\x46")


def before_asked(talk: Talk) -> None:
    talk.answer()
    talk.sock.recv(65_536)


def two_answers(talk: Talk) -> None:
    talk.send(f"{OK}\r\nContent-Length: {len(FEED)}\r\n{TYPE}\r\n\r\n".encode() + FEED)
    talk.answer(b"<html>not asked for</html>", status="500 Oops")


def drip_whole(talk: Talk) -> None:
    """The whole feed in small pieces, slowly but in time."""
    talk.send(head(length=len(FEED)))
    for place in range(0, len(FEED), 256):
        talk.send(FEED[place : place + 256])
        talk.farm.closing.wait(0.01)


NETWORK = [
    # --- who does not answer ---
    Fault("nobody-listens", "no server at the port", raw(), fails(r"reached|refused|connection"), listens=False),
    Fault("no-answer", "takes the connection and says nothing", Talk.hang, fails(LATE), limits=HANGING),
    Fault(
        "impossible-name",
        "a name that cannot be",
        raw(),
        fails(r"name|spelled|address", names="eksempel.example"),
        address=f"http://{'a' * 64}.eksempel.example/feed",
        heals=False,
    ),
    Fault(
        "empty-name-part",
        "a name with an empty part",
        raw(),
        fails(r"name|spelled|address", names="eksempel"),
        address="http://blog..eksempel.example/feed",
        heals=False,
    ),
    Fault("reset-on-accept", "resets the connection at once", Talk.reset, fails(CUT), at_once=True),
    Fault("closed-on-accept", "ends the connection at once", raw(), fails(CUT), at_once=True),
    Fault("closed-when-asked", "hears the question and hangs up", raw(), fails(CUT)),
    Fault("answers-before-asked", "sends the feed before anything is asked", before_asked, either(CUT), at_once=True),
    # --- who breaks off ---
    Fault(
        "reset-in-headers", "resets in the middle of a header", then_reset(b"HTTP/1.1 200 OK\r\nContent-Ty"), fails(CUT)
    ),
    Fault("closed-in-status", "ends in the status line", raw(b"HTTP/1."), fails(f"{CUT}|{ODD}")),
    Fault(
        "closed-in-headers",
        "ends in the middle of a header",
        raw(b"HTTP/1.1 200 OK\r\nContent-Ty"),
        fails(f"{CUT}|empty|{ODD}"),
    ),
    Fault(
        "reset-in-body",
        "resets in a body of declared length",
        then_reset(head(length=len(FEED)) + FEED[:HALF]),
        fails(CUT),
    ),
    Fault(
        "reset-in-endless-body", "resets in a body of no declared length", then_reset(head() + FEED[:HALF]), fails(CUT)
    ),
    Fault(
        "shorter-than-declared",
        "ends before the declared length",
        raw(head(length=len(FEED)) + FEED[:HALF]),
        fails(CUT),
    ),
    Fault(
        "ten-gigabytes-declared",
        "declares 10 GB, sends a few bytes and ends",
        raw(head(length=10_000_000_000) + FEED[:HALF]),
        fails(f"{CUT}|larger|too (much|large)"),
    ),
    Fault(
        "ten-gigabytes-awaited",
        "declares 10 GB, sends a few bytes and waits",
        then_hang(head(length=10_000_000_000) + FEED[:HALF]),
        fails(f"{LATE}|larger|too (much|large)"),
        limits=HANGING,
    ),
    Fault(
        "stalls-in-body",
        "falls silent in the body",
        then_hang(head(length=len(FEED)) + FEED[:HALF]),
        fails(LATE),
        limits=HANGING,
    ),
    Fault(
        "stalls-in-headers",
        "falls silent in the headers",
        then_hang(b"HTTP/1.1 200 OK\r\nServer: x\r\n"),
        fails(LATE),
        limits=HANGING,
    ),
    # --- who is slow, or never ends ---
    Fault(
        "drips-status",
        "the status line a byte at a time",
        dripped(b"", b"HTTP/1.1 200 OK and well "),
        fails(LATE),
        limits=HANGING,
    ),
    Fault(
        "drips-headers",
        "headers a byte at a time for ever",
        dripped(b"HTTP/1.1 200 OK\r\n", b"X-Slow: drip\r\n"),
        fails(LATE),
        limits=HANGING,
    ),
    Fault("drips-body", "a body a byte at a time for ever", dripped(head(), b" "), fails(LATE), limits=HANGING),
    Fault(
        "drips-chunks",
        "chunks of a byte at a time for ever",
        dripped(IN_CHUNKS, b"1\r\n \r\n"),
        fails(LATE),
        limits=HANGING,
    ),
    Fault("slow-but-whole", "the whole feed in small pieces", drip_whole),
    Fault(
        "endless-headers",
        "headers without end",
        poured(b"HTTP/1.1 200 OK\r\n", again=b"X-More: and more\r\n" * 100),
        fails(f"{ODD}|{LATE}|larger"),
    ),
    Fault(
        "endless-header-line",
        "one header without end",
        poured(b"HTTP/1.1 200 OK\r\nX-Long: ", again=b"x" * 65_536),
        fails(f"{ODD}|{LATE}|larger"),
    ),
    Fault(
        "endless-body",
        "a body without end",
        poured(head() + FEED, again=b" " * 65_536),
        fails(r"larger|too (much|large)"),
    ),
    Fault(
        "endless-chunks",
        "chunks without end",
        poured(IN_CHUNKS, again=chunked(b" " * 65_536, end=b"")),
        fails(r"larger|too (much|large)"),
    ),
    Fault(
        "endless-continue",
        "100 Continue for ever",
        poured(b"", again=b"HTTP/1.1 100 Continue\r\n\r\n"),
        fails(f"{LATE}|{ODD}"),
        limits=HANGING,
    ),
    Fault(
        "hundred-thousand-headers",
        "100,000 headers and the feed",
        lambda talk: talk.send(bare(OK, TYPE, *(f"X-{n}: {n}" for n in range(100_000)))),
        either(ODD),
    ),
    Fault(
        "ten-megabyte-header",
        "one header of 10 MB and the feed",
        lambda talk: talk.send(bare(OK, TYPE, f"X-Long: {'x' * 10_000_000}")),
        either(ODD),
    ),
    # --- who counts wrong ---
    Fault("longer-than-declared", "more bytes than declared", raw(head(length=len(FEED)) + FEED + b"<html>and more")),
    Fault(
        "length-too-small", "a declared length in the middle of an item", raw(head(length=CUT_IN_DESCRIPTION) + FEED)
    ),
    Fault("negative-length", "Content-Length: -1", raw(bare(OK, TYPE, "Content-Length: -1"))),
    Fault("nonsense-length", "Content-Length: many", raw(bare(OK, TYPE, "Content-Length: many"))),
    Fault(
        "two-lengths",
        "two Content-Lengths that differ",
        raw(bare(OK, TYPE, "Content-Length: 10", f"Content-Length: {len(FEED)}")),
        either(f"{ODD}|{CUT}|length"),
    ),
    Fault("length-zero", "Content-Length: 0 and a feed", raw(head(length=0) + FEED), fails("empty")),
    Fault(
        "chunk-size-nonsense",
        "a chunk size that is no number",
        raw(IN_CHUNKS + b"zz\r\n" + FEED),
        fails(f"{CUT}|{ODD}|chunk"),
    ),
    Fault(
        "chunk-size-negative", "a chunk size below zero", raw(IN_CHUNKS + b"-5\r\n" + FEED), fails(f"{CUT}|{ODD}|chunk")
    ),
    Fault(
        "chunk-of-gigabytes",
        "a chunk of 1 TB with a few bytes in it",
        raw(IN_CHUNKS + b"ffffffffff\r\n" + FEED[:HALF]),
        fails(f"{CUT}|larger|chunk"),
    ),
    Fault("chunks-never-ended", "chunks without the last one", raw(IN_CHUNKS + chunked(FEED, end=b"")), either(CUT)),
    Fault("chunks-cut", "ends in the middle of a chunk", raw(IN_CHUNKS + chunked(FEED)[:HALF]), fails(CUT)),
    Fault(
        "chunk-too-short",
        "chunks longer than their size",
        raw(IN_CHUNKS + b"10\r\n" + FEED + b"\r\n0\r\n\r\n"),
        fails(f"{CUT}|{ODD}|chunk"),
    ),
    Fault("chunked-in-name-only", "says chunked and is not", raw(IN_CHUNKS + FEED), either(f"{CUT}|{ODD}|chunk")),
    Fault(
        "chunk-extension-endless",
        "a chunk's extension without end",
        poured(IN_CHUNKS + b"5;x=", again=b"x" * 65_536),
        fails(f"{CUT}|{ODD}|chunk|{LATE}|larger"),
    ),
    Fault(
        "chunk-trailers-endless",
        "trailers without end behind the last chunk",
        poured(IN_CHUNKS + chunked(FEED, end=b"0\r\n"), again=b"X-More: x\r\n"),
        either(f"{CUT}|{ODD}|{LATE}|larger"),
        limits=HANGING,
    ),
    Fault(
        "length-and-chunks",
        "chunked, and a Content-Length as well",
        raw(head(length=7, Transfer_Encoding="chunked") + chunked(FEED)),
        either(f"{CUT}|{ODD}"),
    ),
    # --- who speaks another language ---
    Fault("http-0.9", "the feed without status or headers", raw(FEED), either(ODD)),
    Fault("garbage", "random bytes instead of a status line", raw(bytes(range(128, 256)) * 20), fails(ODD)),
    Fault("garbage-lines", "lines that are not HTTP", raw(b"220 mail.eksempel.example ESMTP\r\n\r\n"), fails(ODD)),
    Fault("icy", "ICY 200 OK, as a radio station", raw(bare("ICY 200 OK", TYPE)), either(ODD)),
    Fault("status-word", "a status that is no number", raw(bare("HTTP/1.1 fine OK", TYPE)), fails(ODD)),
    Fault(
        "status-line-of-megabytes",
        "a status line of 1 MB",
        raw(b"HTTP/1.1 200 " + b"x" * 1_000_000 + b"\r\n\r\n"),
        fails(ODD),
    ),
    Fault("no-reason-phrase", "a status without its words", raw(bare("HTTP/1.1 200", TYPE))),
    Fault("line-feeds-only", "header lines that end in \\n", raw(bare(OK, TYPE, body=b"").replace(b"\r", b"") + FEED)),
    Fault("header-without-colon", "a header line without a colon", raw(bare(OK, "this is no header", TYPE))),
    Fault("folded-header", "a header folded over two lines", raw(bare(OK, "X-Note: one", "  two", TYPE))),
    Fault(
        "header-of-raw-bytes",
        "headers in raw UTF-8 and control characters",
        raw(bare(OK, "X-Navn: Blåbærgrød \x01\x7f", TYPE)),
    ),
    Fault("no-headers", "a status line and a body", raw(bare(OK))),
    Fault("answers-twice", "two answers to one question", two_answers),
    # --- TLS ---
    Fault(
        "plain-behind-https",
        "plain HTTP at an https address",
        raw(bare("HTTP/1.1 400 Bad", TYPE)),
        fails(r"certificate|secure|TLS|SSL|https|reached"),
        scheme="https",
        at_once=True,
    ),
    Fault(
        "certificate-nobody-knows",
        "a certificate of an unknown authority",
        other_certificate,
        fails(r"certificate|trust"),
        scheme="https",
        tls=True,
    ),
    Fault(
        "tls-refused",
        "a TLS alert instead of a greeting",
        with_weak_tls,
        fails(r"certificate|secure|TLS|SSL|https|reached"),
        scheme="https",
        at_once=True,
    ),
    Fault(
        "tls-silence",
        "no answer to the TLS greeting",
        Talk.hang,
        fails(LATE),
        scheme="https",
        at_once=True,
        limits=HANGING,
    ),
    Fault(
        "tls-drip",
        "a TLS greeting a byte at a time",
        dripped(HANDSHAKE, b"\x02"),
        fails(f"{LATE}|certificate|TLS|SSL"),
        scheme="https",
        at_once=True,
        limits=HANGING,
    ),
]
