"""The sample's server answers as an honest web server does."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest
import requests

from monitor.demo import DemoServer
from monitor.demo.server import CONNECTIONS
from monitor.model import DAY

NOW = 1_780_000_000
FEED = "/cykelblog/feed/"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    with DemoServer(NOW) as server:
        yield server


def ask(server: DemoServer, path: str = FEED, method: str = "GET", **headers: str) -> requests.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return requests.request(method, server.base_url + path, headers=named, timeout=10)


def test_a_feed_is_served_with_its_type_and_its_validators(server: DemoServer) -> None:
    answer = ask(server)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/rss+xml; charset=UTF-8")
    assert answer.headers["ETag"].startswith('"')
    assert parsedate_to_datetime(answer.headers["Last-Modified"]).timestamp() <= NOW


def test_it_is_packed_for_whoever_accepts_that_and_only_for_them(server: DemoServer) -> None:
    packed, plain = ask(server, Accept_Encoding="gzip"), ask(server, Accept_Encoding="identity")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert int(packed.headers["Content-Length"]) < int(plain.headers["Content-Length"]) == len(plain.content)


def test_who_has_it_already_is_told_so(server: DemoServer) -> None:
    first = ask(server)
    for known in (
        {"If_None_Match": first.headers["ETag"]},
        {"If_None_Match": f'"other", W/{first.headers["ETag"]}'},
        {"If_Modified_Since": first.headers["Last-Modified"]},
    ):
        answer = ask(server, **known)
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", first.headers["ETag"])


def test_who_has_another_or_says_nonsense_gets_it(server: DemoServer) -> None:
    for known in (
        {"If_None_Match": '"other"'},
        {"If_None_Match": '"other"', "If_Modified_Since": ask(server).headers["Last-Modified"]},
        {"If_Modified_Since": "Thu, 01 Jan 2015 00:00:00 GMT"},
        {"If_Modified_Since": "yesterday"},
    ):
        assert ask(server, **known).status_code == 200


def test_a_later_moment_has_another_content_and_another_etag() -> None:
    with DemoServer(NOW) as server:
        now = ask(server)
        server.as_of = NOW - 14 * DAY
        before = ask(server)
        assert before.headers["ETag"] != now.headers["ETag"]
        assert before.content != now.content


def test_a_query_does_not_matter_and_a_head_has_no_body(server: DemoServer) -> None:
    assert ask(server, FEED + "?paged=1").content == ask(server).content
    head = ask(server, method="HEAD")
    assert (head.status_code, head.content) == (200, b"")
    assert int(head.headers["Content-Length"]) > 0


@pytest.mark.parametrize(
    ("path", "status"), [("/", 404), ("/cykelblog/feed", 404), ("/intranet/feed", 500), ("//%00", 404), ("/a b", 404)]
)
def test_there_is_nothing_at_other_addresses_and_the_intranet_fails(server: DemoServer, path: str, status: int) -> None:
    answer = ask(server, path)
    assert answer.status_code == status
    assert answer.content


def test_one_connection_carries_many_questions(server: DemoServer) -> None:
    connection = http.client.HTTPConnection(urlsplit(server.base_url).netloc, timeout=10)
    for path in (FEED, "/nowhere", "/intranet/feed", FEED):
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        assert answer.version == 11
        assert not answer.will_close
    connection.close()


def test_too_many_connections_at_once_are_closed_and_the_rest_are_served() -> None:
    with DemoServer(NOW) as server:
        place = ("127.0.0.1", urlsplit(server.base_url).port or 0)
        idle = [socket.create_connection(place, timeout=10) for _ in range(CONNECTIONS)]
        with socket.create_connection(place, timeout=10) as late:
            assert late.recv(1) == b"", "closed at once"
        for connection in idle:
            connection.close()
        give_up = time.monotonic() + 5
        while not answered(server) and time.monotonic() < give_up:
            time.sleep(0.01)
        assert answered(server)


def answered(server: DemoServer) -> bool:
    try:
        return ask(server).status_code == 200
    except requests.ConnectionError:
        return False


def test_an_asker_that_hangs_up_is_not_worth_a_word(server: DemoServer, capfd: pytest.CaptureFixture[str]) -> None:
    for _ in range(5):
        with socket.create_connection(("127.0.0.1", urlsplit(server.base_url).port or 0), timeout=10) as rude:
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            rude.sendall(f"GET {FEED} HTTP/1.1\r\nHost: x\r\n\r\n".encode() * 50)
    assert ask(server).status_code == 200
    assert capfd.readouterr().err == ""


def test_a_fault_of_our_own_is_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with DemoServer(NOW) as server:
        server._feeds[FEED] = None  # type: ignore[assignment]
        server._written = lambda path, count: 1 / 0  # type: ignore[assignment,return-value]
        with pytest.raises(requests.ConnectionError):
            ask(server, "/debat/latest.rss")
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_a_port_in_use_is_an_error_and_the_server_frees_its_own() -> None:
    with DemoServer(NOW) as server:
        port = urlsplit(server.base_url).port or 0
        with pytest.raises(OSError, match="in use"):
            DemoServer(NOW, port=port)
    with DemoServer(NOW, port=port) as again:
        assert again.base_url == server.base_url
