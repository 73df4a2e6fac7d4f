"""What the poll room says in English, the report says in the reader's language: no reason is left out."""

from __future__ import annotations

import ast
import gettext
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import FeedState, Reading
from monitor.poll import Limits, new_session, poll, read_feed
from monitor.poll import __file__ as poll_room
from monitor.report.troubles import FIGURE, LONGEST, NUMBERS, ONE_WORD, TEMPLATES, recognised, trouble
from monitor.report.words import Words
from tests.loopback import Answer, reply, site

NOW = 1_800_000_000
FEED = b'<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>T</title></item></channel></rss>'
ADDRESS = "https://blog.example/feed"
FIGURES = {
    "address": ADDRESS, "count": "1234", "seconds": "0.5", "bytes": "5,000,000", "status": "404", "ip": "fe80::1%eth0",
    "name": "'blog.example'", "encoding": "'br'", "type": "text/plain", "cause": "OSError(5, 'x: y')",
    "moment": "2027-01-15 08:00 UTC", "there": "20",
}  # fmt: skip


class Catalogue(gettext.NullTranslations):
    """A language in which every sentence is its figures, marked."""

    def gettext(self, message: str) -> str:
        return "på dansk: " + " | ".join(f"%({name})s" for name in FIGURE.findall(message))


class Danish(Words):
    """Danish numbers and dates, with a catalogue that knows every sentence."""

    @property
    def catalogue(self) -> gettext.NullTranslations:
        return Catalogue()


ENGLISH, DANISH = Words(), Danish("da")


def in_danish(reason: str) -> bool:
    return trouble(reason, DANISH).startswith("på dansk")


# --- Templates and their own sentences ---


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_knows_its_own_sentence_and_english_leaves_it_as_it_is(template: str) -> None:
    sentence = template % FIGURES
    found = {name: FIGURES[name] for name in FIGURE.findall(template)}
    assert recognised(sentence) == (template, found)
    assert trouble(sentence, ENGLISH) == sentence


one_word = st.from_regex(r"[0-9a-z.,:%]{1,60}", fullmatch=True)
any_text = st.text(max_size=500) | st.lists(st.sampled_from(TEMPLATES), max_size=4).map(" ".join)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(TEMPLATES), st.data())
def test_whatever_its_figures_a_sentence_is_recognised_and_nothing_of_it_is_lost(
    template: str, data: st.DataObject
) -> None:
    figures = {name: data.draw(one_word if name in ONE_WORD else any_text) for name in FIGURE.findall(template)}
    sentence = template % figures
    found = recognised(sentence)
    assert found is not None
    assert found[0] % found[1] == sentence
    assert trouble(sentence, ENGLISH) == sentence


@given(st.text(max_size=200))
def test_any_text_can_be_said_and_what_is_not_known_stays(text: str) -> None:
    assert trouble(text, ENGLISH) == text
    assert in_danish(text) or trouble(text, DANISH) == text


# --- Figures, as the reader writes them ---


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("x is larger than 20,000,000 bytes: too much for a feed", "x | 20.000.000"),
        ("x took no connection within 0.2 seconds", "x | 0,2"),
        ("x took no connection within 20.25 seconds", "x | 20.25"),
        ("x took no connection within 1e+06 seconds", "x | 1e+06"),
        ("read 1234 entries", "1.234"),
        ("HTTP 1000 from x: expected 200 and a feed", "1000 | x"),
        ("x could not be read (Error: %s %(y)s (z))", "x | Error: %s %(y)s (z)"),
        ("not asked: x is on a server that wants no questions until 2027-01-15 08:00 UTC",
         "x | 15. januar 2027 08:00 UTC"),
        ("not asked: x is on a server that wants no questions until 2027-99-15 08:00 UTC",
         "x | 2027-99-15 08:00 UTC"),
        ("not asked: x is on a server that wants no questions until 0000", "x | 0000"),
    ],
)  # fmt: skip
def test_figures_are_kept_and_plain_numbers_and_moments_are_said_in_danish(reason: str, said: str) -> None:
    assert trouble(reason, DANISH) == f"på dansk: {said}"


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_figure_is_kept_in_danish(template: str) -> None:
    said = trouble(template % FIGURES, DANISH)
    for name in set(FIGURE.findall(template)) - {*NUMBERS, "moment"}:
        assert FIGURES[name] in said


def test_a_sentence_that_the_catalogue_lacks_stays_english_with_english_figures() -> None:
    reason = "x took no connection within 0.5 seconds"

    class Silent(Words):
        @property
        def catalogue(self) -> gettext.NullTranslations:
            return gettext.NullTranslations()

    assert trouble(reason, Silent("da")) == reason


@pytest.mark.parametrize("reason", ["", "HTTP 500", "something else", "read 3 entries and more"])
def test_what_no_template_fits_is_returned_as_it_is(reason: str) -> None:
    assert trouble(reason, DANISH) == reason


# --- Hostile texts ---


@pytest.mark.parametrize("size", [LONGEST, 100_000])
@pytest.mark.parametrize("piece", [FIGURE.sub("", template) for template in TEMPLATES] + ["(", " ", "HTTP 1 from x: "])
def test_a_hostile_text_takes_no_time(piece: str, size: int) -> None:
    started = time.perf_counter()
    trouble((piece * size)[:size], DANISH)
    trouble((piece * size)[: size - 1] + "\n", DANISH)
    assert time.perf_counter() - started < 1


# --- Completeness: by the poll room's own text ---

NOT_REASONS = (
    "Oximeter/",
    "application/",
    "gzip, deflate",
    "%Y-%m-%d",
    "feeds are read without",
    "it ends within",
    "(?:",
)
"""How the strings of the poll room begin that have several words and are no reasons."""


def strings(path: Path) -> Iterator[str]:
    """Every string and f-string of a module, docstrings apart, with a figure in each of its places."""
    tree = ast.parse(path.read_text("utf-8"))
    apart = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    apart |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in apart:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            # Sentences that are filled in by ``format``.
            yield node.value.replace("{status}", "7").replace("{address}", "7")


def reasons() -> list[str]:
    """Every string of several words in the poll room. ``discover`` is apart: it speaks on the command line only.

    So is ``transport``, whose errors ``failures`` puts into words, and ``cluster``, which gives causes and no reasons.
    """
    return [
        text
        for path in sorted(Path(poll_room).parent.glob("*.py"))
        if path.name not in ("discover.py", "transport.py", "cluster.py")
        for text in strings(path)
        if " " in text.strip() and re.search("[a-z]{2}", text) and not text.startswith(NOT_REASONS)
    ]


@pytest.mark.parametrize("reason", reasons())
def test_every_sentence_of_the_poll_room_has_a_template(reason: str) -> None:
    assert in_danish(reason), "write it in TEMPLATES as one whole sentence, or in NOT_REASONS"


def test_every_template_has_a_sentence_in_the_poll_room() -> None:
    elsewhere = f"{ADDRESS} could not be stored: x"  # made where readings are stored
    assert {found[0] for reason in [*reasons(), elsewhere] if (found := recognised(reason))} == set(TEMPLATES)


# --- Completeness: by what real servers do ---


def silent(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(1)


def short(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "5000")
    handler.end_headers()
    handler.wfile.write(FEED)


ANSWERS: dict[str, Answer] = {
    **{f"http-{status}": reply(status) for status in (401, 403, 404, 410, 418, 429, 500, 304)},
    "retry": reply(503, Retry_After="60"),
    "feed": reply(200, FEED),
    "page": reply(200, b"<!doctype html><html><body>Log in</body></html>"),
    "json": reply(200, b"{}"),
    "text": reply(200, b"hello", Content_Type="text/plain"),
    "untyped": reply(200, b"hello"),
    "empty": reply(200),
    "moved": reply(301, Location="/feed"),
    "for-ever": reply(302, Location="/for-ever"),
    "inside": reply(302, Location="http://169.254.169.254/"),
    "no-web": reply(302, Location="ftp://x.example/"),
    "encoded": reply(200, b"x", Content_Encoding="br"),
    "broken": reply(200, b"\x1f\x8b\x08\x00" + bytes(20), Content_Encoding="gzip"),
    "cut": reply(200, b"\x1f\x8b\x08\x00", Content_Encoding="gzip"),
    "large": reply(200, b" " * 2_000),
    "short": short,
    "silent": silent,
}


def ask(state: FeedState) -> Reading:
    with new_session() as session:
        return read_feed(session, state, NOW, Limits(body_bytes=1_000, read_seconds=0.3))


@pytest.mark.parametrize("kind", ANSWERS)
def test_what_a_real_server_brings_about_is_said_in_danish(kind: str) -> None:
    with site(**ANSWERS) as here:
        reason = ask(here.state(f"/{kind}")).reason
    assert in_danish(reason), reason


@pytest.mark.parametrize("address", ["http://nowhere.invalid/feed", "http://127.0.0.1:1/feed", "x", "http://x..y/feed"])
def test_what_an_address_without_a_server_brings_about_is_said_in_danish(address: str) -> None:
    reason = ask(FeedState("c", address, address)).reason
    assert in_danish(reason), reason


def test_a_server_that_speaks_no_tls_is_said_in_danish() -> None:
    with site(feed=reply(200, FEED)) as here:
        address = here.url.replace("http://", "https://") + "/feed"
        assert in_danish(ask(FeedState("c", address, address)).reason)


def test_feeds_that_are_not_asked_are_said_in_danish() -> None:
    states = [FeedState("c", ADDRESS, ADDRESS, gone=True), FeedState("c", ADDRESS, ADDRESS, retry_at=NOW + 60)]
    threads = ThreadPoolExecutor(1)
    threads.shutdown()
    readings = list(poll([*states, FeedState("c", ADDRESS, ADDRESS)], NOW, threads))
    assert len(readings) == 3
    for reading in readings:
        assert in_danish(reading.reason), reading.reason
