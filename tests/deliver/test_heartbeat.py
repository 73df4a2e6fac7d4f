"""The heartbeat: its words arrive, and whatever the watcher does, they end in time and tell no secret."""

from __future__ import annotations

import logging
import socket
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.deliver import heartbeat
from monitor.errors import DeliveryError
from tests.watcher import SECRET, a_watcher, says

Word = Callable[..., None]


@pytest.fixture(autouse=True)
def _every_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)


def failure(address: str, caplog: pytest.LogCaptureFixture, word: Word = heartbeat.success, **more: float) -> str:
    """The sentence that a word ends in, which like every log is free of the secret."""
    with pytest.raises(DeliveryError) as raised:
        word(address, "Færdig.", **more)
    sentence = str(raised.value)
    assert SECRET not in sentence + caplog.text
    assert sentence.startswith(f"The heartbeat's watcher at {heartbeat.describe(address)} ")
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("word", "path"),
    [(heartbeat.start, f"/{SECRET}/start"), (heartbeat.success, f"/{SECRET}"), (heartbeat.fail, f"/{SECRET}/fail")],
)
def test_each_word_goes_to_its_own_address_with_a_plain_body(
    word: Word, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with a_watcher() as watcher:
        word(watcher.url, "Natten går i gang.")
    assert watcher.pings == [(path, "Natten går i gang.")]
    assert watcher.headers[0]["Content-Type"] == "text/plain; charset=utf-8"
    assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("address", "start"),
    [
        ("/k?create=1", "/k/start?create=1"),
        ("/k/", "/k/start"),
        ("/ping/k/slug", "/ping/k/slug/start"),
        ("/k#part", "/k/start"),
        ("", "/start"),
        ("?rid=1", "/start?rid=1"),
    ],
)
def test_a_query_stays_behind_the_path(address: str, start: str) -> None:
    with a_watcher() as watcher:
        heartbeat.start(watcher.url.removesuffix(f"/{SECRET}") + address, "")
    assert [path for path, _ in watcher.pings] == [start]


def test_success_is_told_to_the_address_as_it_was_given() -> None:
    with a_watcher() as watcher:
        heartbeat.success(f"{watcher.url}/?create=1", "")
    assert [path for path, _ in watcher.pings] == [f"/{SECRET}/?create=1"]


@pytest.mark.parametrize("status", heartbeat.PASSING)
def test_a_failure_that_may_pass_is_met_by_one_second_try(status: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "PAUSE_SECONDS", 0.01)
    with a_watcher(says(status), says(200)) as watcher:
        heartbeat.success(watcher.url, "")
    assert len(watcher.pings) == 2


def test_there_is_no_third_try(caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "PAUSE_SECONDS", 0.01)
    with a_watcher(says(503)) as watcher:
        assert "answered HTTP 503" in failure(watcher.url, caplog)
    assert len(watcher.pings) == 2


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (says(404), "answered HTTP 404; check the address"),
        (says(400), "answered HTTP 400; check the address"),
        (says(302, Location="/login"), "sends us on to another address (HTTP 302), which is not followed"),
        (says(308, Location="http://127.0.0.1:1/"), "(HTTP 308), which is not followed"),
        (says(200, b"OK (not found)"), "knows no check by this address"),
        (says(200, b"OK (rate limited)"), "was told too much of late"),
    ],
)
def test_a_failure_that_will_not_pass_is_told_at_once(
    answer: Callable[[BaseHTTPRequestHandler], None], told: str, caplog: pytest.LogCaptureFixture
) -> None:
    with a_watcher(answer) as watcher:
        assert told in failure(watcher.url, caplog)
    assert len(watcher.pings) == 1


def test_an_endless_answer_is_not_read_to_its_end() -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        while True:
            handler.wfile.write(b"x" * 65_536)

    with a_watcher(endless) as watcher:
        heartbeat.success(watcher.url, "")
    assert len(watcher.pings) == 1


def test_an_answer_whose_headers_are_broken_leaves_no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    def broken(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno header at all\r\nA: b\r\n\r\nOK")

    with a_watcher(broken) as watcher:
        heartbeat.success(watcher.url, "")
    assert len(watcher.pings) == 1
    assert SECRET not in caplog.text


def test_a_watcher_that_is_not_there_is_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        told = failure(f"http://anna:{SECRET}@127.0.0.1:{closed.getsockname()[1]}/{SECRET}", caplog)
    assert told.endswith("could not be reached.")


def test_a_watcher_that_never_answers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        told = failure(f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}", caplog, seconds=0.3)
    assert told.endswith("did not answer within 0.3 seconds.")
    assert time.monotonic() - began < 5


def test_a_watcher_that_sends_a_byte_now_and_then_is_given_up_too(caplog: pytest.LogCaptureFixture) -> None:
    enough = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not enough.wait(0.05):
            handler.wfile.write(b"X-Drip: 1\r\n")

    with a_watcher(drip) as watcher:
        began = time.monotonic()
        told = failure(watcher.url, caplog, seconds=0.3)
        enough.set()
    assert told.endswith("did not answer within 0.3 seconds.")
    assert time.monotonic() - began < 5


def test_two_words_of_a_night_delay_it_by_ten_seconds_at_most() -> None:
    assert 2 * heartbeat.TOTAL_SECONDS <= 10


def test_a_knock_is_no_ping() -> None:
    with a_watcher() as watcher:
        heartbeat.knock(watcher.url)
    assert watcher.pings == []


def test_a_knock_at_a_closed_door_or_at_a_name_that_nobody_has_is_a_sentence(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/{SECRET}"
        assert failure(address, caplog, lambda where, _: heartbeat.knock(where)).endswith("takes no connection.")
    told = failure(f"https://nobody.invalid/{SECRET}", caplog, lambda where, _: heartbeat.knock(where))
    # Where there is no network at all the name server may be the one that keeps silent.
    assert told.endswith(("unknown; check how it is spelled.", "did not answer within 5 seconds."))


def test_a_knock_goes_to_the_proxy_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as proxy:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{proxy.getsockname()[1]}")
        monkeypatch.setenv("no_proxy", "")
        heartbeat.knock(f"http://nobody.invalid/{SECRET}")
        proxy.settimeout(5)
        proxy.accept()[0].close()


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"https://anna:{SECRET}@hc.example/{SECRET}?k={SECRET}", "https://hc.example"),
        (f"http://[::1]:8000/{SECRET}", "http://[::1]:8000"),
    ],
)
def test_of_an_address_only_the_host_is_shown(address: str, name: str) -> None:
    assert heartbeat.describe(address) == name


@given(st.from_regex(r"(/[a-zA-Z0-9_.~%-]{0,9}){0,4}(\?[a-z0-9=&]{0,9})?", fullmatch=True))
def test_the_three_addresses_differ_in_their_path_alone(rest: str) -> None:
    address = "https://hc.example" + rest
    start, end = urlsplit(heartbeat.below(address, "start")), urlsplit(heartbeat.below(address, ""))
    assert (start.netloc, start.query) == (end.netloc, end.query) == ("hc.example", urlsplit(address).query)
    assert start.path == end.path.rstrip("/") + "/start"


def test_what_others_log_of_the_web_is_still_logged(caplog: pytest.LogCaptureFixture) -> None:
    with a_watcher() as watcher:
        heartbeat.success(watcher.url, "")
    logging.getLogger("urllib3.connectionpool").debug("a feed")
    assert "a feed" in caplog.text
