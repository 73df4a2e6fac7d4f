"""Connections: cut when their time is up, wherever they are; and lines that end."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress

import pytest
import requests

from monitor.model import FeedState, Outcome, Reading
from monitor.poll import Limits, decode, read_feed, transport
from monitor.poll.deadline import Deadline
from monitor.poll.guard import host_key
from monitor.poll.transport import new_session, resolve, turns
from tests.loopback import reply, site

NOW = 1_800_000_000
FEED = b'<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>T</title></item></channel></rss>'


@contextmanager
def serving(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that does with every connection what ``talk`` does; its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        ended = threading.Event()

        def serve() -> None:
            while not ended.is_set():
                try:
                    sock, _ = server.accept()
                except OSError:
                    return
                threading.Thread(target=one, args=(sock,), daemon=True).start()

        def one(sock: socket.socket) -> None:
            with sock, suppress(OSError):
                talk(sock)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            ended.set()


def ask(address: str, limits: Limits) -> Reading:
    with new_session() as session:
        return read_feed(session, FeedState("c", address, address), NOW, limits)


def drip(sock: socket.socket, start: bytes, drop: bytes) -> None:
    sock.recv(65_536)
    sock.sendall(start)
    while True:
        sock.sendall(drop)
        time.sleep(0.05)


def test_a_tls_handshake_that_drips_is_cut_at_the_deadline() -> None:
    # The head of a record of 16 kB, then a byte at a time: no single wait is ever long.
    with serving(lambda sock: drip(sock, b"\x16\x03\x03\x40\x00", b"\x02")) as port:
        reading = ask(f"https://127.0.0.1:{port}/feed", Limits(total_seconds=0.6))
    assert reading.outcome is Outcome.FAILED
    assert "was not done after 0.6 seconds" in reading.reason
    assert reading.seconds < 5


def test_headers_that_drip_are_cut_at_the_deadline() -> None:
    with serving(lambda sock: drip(sock, b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")) as port:
        reading = ask(f"http://127.0.0.1:{port}/feed", Limits(total_seconds=0.6))
    assert "was not done after 0.6 seconds" in reading.reason


def test_the_line_with_the_size_of_a_chunk_ends() -> None:
    def endless(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            sock.sendall(b"1" * 65_536)

    with serving(endless) as port:
        reading = ask(f"http://127.0.0.1:{port}/feed", Limits(total_seconds=20))
    assert reading.outcome is Outcome.FAILED
    assert reading.seconds < 15  # found out by the line's length, not by the clock
    assert "broke off before its end" in reading.reason


def test_headers_without_end_are_given_up_by_their_size() -> None:
    def endless(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            sock.sendall(b"X-Header: value\r\n" * 1_000)

    with serving(endless) as port:
        reading = ask(f"http://127.0.0.1:{port}/feed", Limits(total_seconds=20))
    assert "longer headers than we read" in reading.reason


def test_what_is_not_http_is_a_sentence() -> None:
    def talk(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"220 mail.example ESMTP ready\r\n")

    with serving(talk) as port:
        reading = ask(f"http://127.0.0.1:{port}/feed", Limits())
    assert "is not HTTP" in reading.reason
    assert not reading.unreached


def test_a_declared_size_that_is_too_much_is_not_waited_for() -> None:
    def talk(sock: socket.socket) -> None:
        sock.recv(65_536)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n<rss>")
        time.sleep(5)

    with serving(talk) as port:
        reading = ask(f"http://127.0.0.1:{port}/feed", Limits())
    assert "larger than 12,000,000 bytes" in reading.reason
    assert reading.seconds < 4


def test_a_name_service_that_says_nothing_is_left_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: time.sleep(3) or [])
    reading = ask("http://slow.example/feed", Limits(total_seconds=5, connect_seconds=0.2))
    assert "the name service gave no answer" in reading.reason
    assert reading.unreached
    assert reading.seconds < 2.5


def test_names_that_no_name_service_can_be_asked_for_are_unknown() -> None:
    with pytest.raises(OSError, match="cannot be written"):
        resolve("x" * 70 + ".example", 80, 5.0)


def test_every_address_of_a_name_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "resolve", lambda *_: ["127.0.0.2", "127.0.0.1"])
    really = transport.create_connection
    monkeypatch.setattr(
        transport, "create_connection",
        lambda address, *rest: really(address if address[0] == "127.0.0.1" else ("127.0.0.2", 1), *rest),
    )  # fmt: skip
    with site(feed=reply(200, FEED)) as here:
        assert ask(here.url.replace("127.0.0.1", "two.example") + "/feed", Limits()).outcome is Outcome.UPDATED


def test_one_host_is_asked_one_question_at_a_time_though_redirects_lead_there() -> None:
    def slow(handler: object) -> None:
        time.sleep(0.05)
        reply(200, FEED)(handler)  # type: ignore[arg-type]

    with site(feed=slow) as target:
        # The same port under another name would be private; the listed feed's own host may be redirected to.
        states = [target.state(f"/feed?{n}") for n in range(4)]
        with ThreadPoolExecutor(4) as threads, new_session():
            list(threads.map(lambda state: ask(state.address, Limits()), states))
        assert target.most_at_once == 1


def test_waiting_for_ones_turn_is_not_the_servers_time_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "TURN_SECONDS", 0.3)
    with Deadline(0.2) as deadline, turns.turn("x.example", deadline):
        with pytest.raises(TimeoutError), turns.turn("x.example", deadline):
            pass
        assert not deadline.passed
    assert not turns._locks


def test_the_usual_ports_of_a_name_are_one_host_and_an_unusual_one_is_another() -> None:
    assert host_key("http://x.example/a") == host_key("https://X.example/b") == "x.example"
    assert host_key("http://x.example:8080/") == "x.example:8080"


def test_a_proxy_is_asked_only_for_names_that_lead_to_the_open_internet(monkeypatch: pytest.MonkeyPatch) -> None:
    with site(feed=reply(200, FEED)) as other, site() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "nothing.example")
        state = FeedState("c", "http://listed.example/feed", other.url + "/feed")
        with new_session() as session:
            reading = read_feed(session, state, NOW)
        assert "private address" in reading.reason
        assert proxy.asked == []


def test_waiting_until_other_large_bodies_are_out_of_memory_is_not_the_servers_time() -> None:
    large = FEED.replace(b"<item>", b"<!--" + b" " * 4_500_000 + b"--><item>")
    place = decode.BULKY[1][1]
    with site(feed=reply(200, large)) as here, ThreadPoolExecutor(1) as threads:
        place.acquire()
        reading = threads.submit(ask, here.url + "/feed", Limits(total_seconds=2.0))
        time.sleep(3.0)
        assert not reading.done()
        place.release()
        assert reading.result().outcome is Outcome.UPDATED
    assert place.acquire(blocking=False)  # and its own place was given back
    place.release()


def test_behind_a_proxy_a_slow_drip_is_cut_at_the_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(lambda sock: drip(sock, b"HTTP/1.1 200 OK\r\n\r\n<rss>", b" ")) as port:
        monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("no_proxy", "nothing.example")
        reading = ask("http://listed.example/feed", Limits(total_seconds=0.6))
    assert "was not done after 0.6 seconds" in reading.reason
    assert reading.seconds < 5


def test_behind_a_proxy_a_name_that_only_the_proxy_knows_is_its_to_refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    with site() as proxy:  # which answers 404 to everything
        monkeypatch.setenv("http_proxy", proxy.url)
        state = FeedState("c", "http://listed.example/feed", "http://only-the-proxy-knows.invalid/feed")
        with new_session() as session:
            assert read_feed(session, state, NOW).http_status == 404


@pytest.mark.parametrize(
    ("found", "tried"),
    [
        (["::1", "::2", "::3", "1.1.1.1"], ["::1", "1.1.1.1", "::2"]),
        (["1.1.1.1", "1.1.1.2", "1.1.1.3"], ["1.1.1.1", "1.1.1.2"]),
        (["1.1.1.1", "::1"], ["1.1.1.1", "::1"]),
    ],
)
def test_some_addresses_of_each_kind_are_tried(found: list[str], tried: list[str]) -> None:
    assert transport._some_of_each_kind(found) == tried


def test_sessions_of_others_work_without_a_deadline() -> None:
    with site(feed=reply(200, FEED)) as here, new_session() as session:
        assert session.get(here.url + "/feed", timeout=5).status_code == requests.codes.ok
