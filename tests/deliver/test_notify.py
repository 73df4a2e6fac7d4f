from __future__ import annotations

import json
import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.deliver import notify
from monitor.errors import DeliveryError

pytest.importorskip("apprise")

SECRET = "hemmelig"


@pytest.fixture(autouse=True)
def _every_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(1)


class Room:
    """A webhook, and what it was told."""

    def __init__(self, port: int, messages: list[dict[str, Any]]) -> None:
        self.port, self.messages = port, messages
        self.address = f"json://anna:{SECRET}@127.0.0.1:{port}/{SECRET}?+X-Token={SECRET}&-key={SECRET}"


@contextmanager
def a_room(status: int = 200, body: Callable[[], Iterator[bytes]] = lambda: iter([b"ok"])) -> Iterator[Room]:
    messages: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            messages.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Location", "/login")
            self.end_headers()
            try:
                for piece in body():
                    self.wfile.write(piece)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield Room(server.server_port, messages)
    finally:
        server.shutdown()
        server.server_close()


def failure(address: str, caplog: pytest.LogCaptureFixture, timeout: float = 10) -> str:
    with pytest.raises(DeliveryError) as raised:
        notify.send(address, "Debat", "Ingen svarer.", timeout)
    sentence = str(raised.value)
    assert SECRET not in sentence + caplog.text
    assert "\n" not in sentence
    return sentence


def test_a_room_is_told_title_and_text_with_danish_letters() -> None:
    with a_room() as room:
        notify.send(
            room.address, "Debat går\nfra tynd til kvalt", "Ingen svarer.\r\nÉn <b>skriver</b> \\n :smile:\x00\ud800"
        )
    (message,) = room.messages
    assert message["title"] == "Debat går fra tynd til kvalt"
    assert message["message"] == "Ingen svarer.\nÉn <b>skriver</b> \\n :smile:"


def test_a_message_that_arrives_leaves_no_secret_in_any_log(caplog: pytest.LogCaptureFixture) -> None:
    with a_room() as room:
        notify.send(room.address, "Debat", "Ingen svarer.")
    assert len(room.messages) == 1
    assert SECRET not in caplog.text


def test_what_others_log_of_the_web_is_still_logged(caplog: pytest.LogCaptureFixture) -> None:
    assert notify.known("json://127.0.0.1")
    logging.getLogger("urllib3.connectionpool").debug("a feed")
    assert "a feed" in caplog.text


@pytest.mark.parametrize("status", [401, 404, 500])
def test_a_refusal_is_a_sentence_with_its_number(status: int, caplog: pytest.LogCaptureFixture) -> None:
    with a_room(status) as room:
        told = failure(room.address, caplog)
    assert told == f"The service at json://127.0.0.1:{room.port} refused the message (HTTP {status})."


def test_a_room_that_moved_behind_a_login_has_not_taken_the_message(caplog: pytest.LogCaptureFixture) -> None:
    with a_room(303) as room:
        assert "refused the message (HTTP 303)" in failure(room.address, caplog)


def test_a_service_that_is_not_there_is_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        told = failure(f"json://anna:{SECRET}@127.0.0.1:{port}/{SECRET}", caplog)
    assert told == f"The service at json://127.0.0.1:{port} could not be reached."


def test_a_service_that_never_answers_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        told = failure(f"json://127.0.0.1:{silent.getsockname()[1]}/{SECRET}", caplog, timeout=0.3)
    assert told.endswith("did not answer within 0.3 seconds.")
    assert time.monotonic() - began < 3


def test_a_service_that_sends_a_byte_now_and_then_is_given_up_too(caplog: pytest.LogCaptureFixture) -> None:
    enough = threading.Event()

    def drip() -> Iterator[bytes]:
        while not enough.wait(0.05):
            yield b"."

    with a_room(body=drip) as room:
        began = time.monotonic()
        told = failure(room.address, caplog, timeout=0.3)
        enough.set()
    assert told.endswith("did not answer within 0.3 seconds.")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"nowhere://{SECRET}/x", "nowhere://…"),
        (f"slack://{SECRET}", "slack://…"),
        (f"https://127.0.0.1/{SECRET}", "https://…"),
        (SECRET, "an address without a scheme"),
        ("", "an address without a scheme"),
    ],
)
def test_an_address_that_is_none_is_a_sentence(address: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    assert not notify.known(address)
    assert failure(address, caplog).startswith(f"The library apprise does not know {name}, or misses a part of it")


def test_a_whole_address_is_known_and_nothing_is_sent() -> None:
    with a_room() as room:
        assert notify.known(room.address)
        assert notify.known(f" {room.address}\n")
    assert room.messages == []
    assert notify.known("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#kanaler")


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("json://127.0.0.1", "json://127.0.0.1"),
        ("JSONS://Anna:hemmelig@Krog.example:8443/hemmelig?x=1", "jsons://krog.example:8443"),
        ("xml://[::1]:80/", "xml://[::1]:80"),
        ("forms://krog.example?+X=hemmelig", "forms://krog.example"),
        ("json://anna:hemm@elig@krog.example/", "json://…"),
        ("json://anna:hemm/elig@krog.example/", "json://…"),
        ("json://hemmelig/1@krog.example/", "json://…"),
        ("json://hemmelig#1@krog.example/", "json://…"),
        ("json://anna:hemmelig", "json://…"),
        ("slack://hemmelig/hemmelig/#kanal", "slack://…"),
        ("mailto://anna:hemmelig@krog.example", "mailto://…"),
        ("krog.example/hemmelig", "an address without a scheme"),
    ],
)
def test_a_name_shows_a_host_only_where_it_is_surely_one(address: str, name: str) -> None:
    assert notify.describe(address) == name


@given(
    st.text(st.characters(exclude_categories=())), st.sampled_from(["", "json://", "slack://", "mailto://", "tgram://"])
)
@example("[::", "json://")
def test_no_address_is_more_than_known_or_unknown(rest: str, scheme: str) -> None:
    assert notify.known(scheme + rest) in (True, False)
    assert notify.describe(scheme + rest)


@pytest.mark.parametrize("library", [None, SimpleNamespace(__version__="1.9.9")])
def test_without_the_library_the_owner_is_told_how_to_get_it(monkeypatch: pytest.MonkeyPatch, library: Any) -> None:
    monkeypatch.setitem(sys.modules, "apprise", library)
    for ask in (lambda: notify.send("json://127.0.0.1", "", ""), lambda: notify.known("json://127.0.0.1")):
        with pytest.raises(DeliveryError, match=r"pip install 'oximeter\[notify\]'"):
            ask()
    assert notify.describe("json://127.0.0.1") == "json://127.0.0.1"
