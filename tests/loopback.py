"""Web servers on loopback: real ones, with an answer for each path."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from monitor.model import FeedState

Answer = Callable[[BaseHTTPRequestHandler], None]


class Site:
    """A server with an answer for each path, which remembers what it was asked."""

    def __init__(self, url: str, asked: list[tuple[str, dict[str, str]]]) -> None:
        self.url, self.asked = url, asked
        self.most_at_once = 0

    def state(self, path: str = "/feed", **known: object) -> FeedState:
        return replace(FeedState("c", self.url + path, self.url + path), **known)  # type: ignore[arg-type]


@contextmanager
def site(**answers: Answer) -> Iterator[Site]:
    asked: list[tuple[str, dict[str, str]]] = []
    now_inside: list[BaseHTTPRequestHandler] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, dict(self.headers)))
            now_inside.append(self)
            here.most_at_once = max(here.most_at_once, len(now_inside))
            try:
                answers.get(self.path.strip("/"), reply(404))(self)
            except OSError:
                self.close_connection = True
            finally:
                self._leave()

        def send_response(self, code: int, message: str | None = None) -> None:
            self._leave()  # once it has its answer, who asked may ask again before we have turned round
            super().send_response(code, message)

        def _leave(self) -> None:
            if self in now_inside:
                now_inside.remove(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Site(f"http://127.0.0.1:{server.server_port}", asked)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()


def reply(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        if status != 304:
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer
