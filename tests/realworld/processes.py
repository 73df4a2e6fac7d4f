"""Servers started for a trial and stopped after it, whatever happens."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

PATIENCE = 60.0


def free_port() -> int:
    """A port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command, running; its output in ``log``; terminated, then killed, at the end."""
    with log.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def wait_for(attempt: Callable[[], object]) -> None:
    """Try until it works. Raises the last error after PATIENCE seconds."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            attempt()
            return
        except Exception:
            if time.monotonic() > end:
                raise
            time.sleep(0.3)
