"""A webhook on loopback: a real HTTP server that keeps what it is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "hemmelig"


class Room:
    """What was told, and whether the next word is refused."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.status = 200
        self.port = 0

    @property
    def address(self) -> str:
        """Apprise's address of it, with a secret in its path."""
        return f"json://127.0.0.1:{self.port}/{SECRET}"


@contextmanager
def chat_room() -> Iterator[Room]:
    """Serve it while the block lasts."""
    room = Room()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if room.status == 200:
                room.told.append(body)
            self.send_response(room.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    room.port = server.server_port
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield room
    finally:
        server.shutdown()
        server.server_close()
