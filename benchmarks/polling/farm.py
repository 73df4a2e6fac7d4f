"""The feed farm as a process of its own: by hand with ``python -m benchmarks.polling.farm --feeds 300 --port 8300``."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import IO, Any

from benchmarks.polling.feeds import MEAN_BYTES, Plan, plans
from benchmarks.polling.server import Farm, Server, listener

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Running:
    """A farm at work, as the bench sees it."""

    plans: Sequence[Plan]
    port: int
    median_latency: float

    @property
    def addresses(self) -> list[str]:
        """Every feed's address, each on a host of its own."""
        return [f"http://{plan.host}:{self.port}{plan.path}" for plan in self.plans]

    def turn(self, night: int) -> None:
        """Set the night that the feeds show."""
        self._ask(f"/-/night/{night}")

    def counts(self) -> dict[str, Any]:
        """What was asked since the last time: ``whole``, ``not_modified``, ``other`` (not found), ``bytes``.

        ``cpu_seconds`` are those of the farm's process since it began.
        """
        return {"whole": 0, "not_modified": 0, "other": 0, "bytes": 0, **self._ask("/-/counts")}

    def known(self, night: int) -> int:
        """How many entries somebody knows who has looked on every night so far."""
        return sum(plan.known(night) for plan in self.plans)

    def latencies(self) -> list[float]:
        """Seconds that each feed waits before it answers."""
        return [plan.latency * self.median_latency for plan in self.plans]

    def _ask(self, path: str) -> dict[str, Any]:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=120)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            told: dict[str, Any] = json.loads(connection.getresponse().read())
            return told
        finally:
            connection.close()


@contextmanager
def farm(feeds: int, seed: int = 1, mean_bytes: int = MEAN_BYTES, median_latency: float = 0.0) -> Iterator[Running]:
    """A farm in a process of its own on a free port, at its first night. It ends with the block, and with us."""
    command = [sys.executable, "-m", "benchmarks.polling.farm", "--feeds", str(feeds), "--seed", str(seed)]
    command += ["--bytes", str(mean_bytes), "--latency", str(median_latency), "--with-parent"]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        if not port.isdigit():
            raise SystemExit("The feed farm did not start; what it said is above.")
        yield Running(plans(feeds, seed, mean_bytes), int(port), median_latency)
    finally:
        process.terminate()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


def main() -> None:
    """Serve until SIGTERM or Ctrl-C, or with ``--with-parent`` until standard input ends. Prints the port."""
    options = _options()
    try:
        sock = listener(options.port)
    except (OSError, AttributeError) as error:
        raise SystemExit(f"The feed farm cannot listen on loopback alone, port {options.port}: {error}") from None
    with sock:
        port = sock.getsockname()[1]
        served = Farm(plans(options.feeds, options.seed, options.bytes), port, options.latency)
        served.turn(0)
        print(port, flush=True)
        if not options.with_parent:
            first = served.plans[0]
            print(f"{options.feeds} feeds, such as http://{first.host}:{port}{first.path}", file=sys.stderr)
        _serve(Server(sock, served), sys.stdin if options.with_parent else None)


def _serve(server: Server, parent: IO[str] | None) -> None:
    stopped: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: stopped.append(number))
    server.serve(lambda: not stopped and (parent is None or _open(parent)))


def _open(parent: IO[str]) -> bool:
    """False once the process that holds the other end of the pipe has ended."""
    import select

    readable, _, _ = select.select([parent], [], [], 0)
    return not readable or bool(parent.read(1))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="A farm of feeds on loopback, each on a host of its own.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--port", type=int, default=0, help="0 is any free one, which is printed")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bytes", type=int, default=MEAN_BYTES, help="of a feed, on average")
    parser.add_argument("--latency", type=float, default=0.0, help="the feeds' median, in seconds; log-normal")
    parser.add_argument("--with-parent", action="store_true", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
