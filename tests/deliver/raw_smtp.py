"""A mail server on loopback made of a plain socket, which may stop, lie or hang up at any step."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Caller:
    """One client on the line."""

    def __init__(self, line: socket.socket) -> None:
        self.line = line
        self._file = line.makefile("rb")
        self.heard: list[str] = []

    def say(self, text: str) -> None:
        self.line.sendall(text.encode() + b"\r\n")

    def hear(self) -> str:
        """The client's next line; empty when it is gone."""
        text = self._file.readline().decode("utf-8", "replace")
        self.heard.append(text.rstrip("\r\n"))
        return text

    def answer_until(self, verb: str) -> str:
        """Greet, and answer as a good server does until the command ``verb`` comes; that command, unanswered."""
        if not self.heard:
            self.say("220 127.0.0.1 ready")
        while text := self.hear():
            said = text.upper()
            if said.startswith(verb):
                return text
            if said.startswith("EHLO"):
                self.say("250-127.0.0.1")
                self.say("250 AUTH PLAIN LOGIN")
            else:
                self.say("235 welcome" if said.startswith("AUTH") else "250 ok")
        raise ConnectionError("the client is gone")

    def take_data(self, lines: int | None = None) -> bytes:
        """The mail after DATA: all of it, or its first lines."""
        self.answer_until("DATA")
        self.say("354 go on")
        taken: list[bytes] = []
        while (lines is None or len(taken) < lines) and (line := self._file.readline()) not in (b".\r\n", b""):
            taken.append(line)
        return b"".join(taken)


Act = Callable[[Caller], None]


@contextmanager
def raw_server(act: Act) -> Iterator[int]:
    """Serve every caller by ``act`` and hang up after it; the port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        lines: list[socket.socket] = []

        def serve(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError, ValueError):
                act(Caller(line))
                line.shutdown(socket.SHUT_RDWR)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    lines.append(line)
                    threading.Thread(target=serve, args=(line,), daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield int(listening.getsockname()[1])
        finally:
            with contextlib.suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            for line in lines:
                with contextlib.suppress(OSError):
                    line.shutdown(socket.SHUT_RDWR)
