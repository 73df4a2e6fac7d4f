"""A heartbeat's watcher on loopback: a real server that takes pings as healthchecks.io does."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET = "0a1b2c3d-4e5f-hemmelig"
"""The check's own key: it may not be seen anywhere."""

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Watcher:
    """What was told, as (path, body)."""

    url: str
    pings: list[tuple[str, str]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    told: threading.Event = field(default_factory=threading.Event)

    @property
    def events(self) -> list[str]:
        """The pings as ``start``, ``success`` and ``fail``."""
        return [path.partition("?")[0].removeprefix(f"/{SECRET}").strip("/") or "success" for path, _ in self.pings]


def says(status: int, body: bytes = b"OK", **headers: str) -> Answer:
    """An answer with this HTTP status."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


@contextmanager
def a_watcher(*answers: Answer) -> Iterator[Watcher]:
    """A watcher that gives these answers in turn, the last one from then on."""
    answers = answers or (says(200),)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            here.headers.append(dict(self.headers))
            here.pings.append((self.path, body))
            here.told.set()
            try:
                answers[min(len(here.pings), len(answers)) - 1](self)
            except OSError:
                self.close_connection = True

        def do_GET(self) -> None:
            here.pings.append((f"GET {self.path}", ""))
            says(200)(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Watcher(f"http://127.0.0.1:{server.server_port}/{SECRET}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield here
    finally:
        server.shutdown()
        server.server_close()
