"""A Dask scheduler and workers on loopback, each a process that can be killed."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import distributed
import psutil  # type: ignore[import-untyped]

PATIENCE = 120.0
"""Seconds, for the slowest of machines."""
THREADS = 4


@dataclass
class Machines:
    """The cluster. A worker is a nanny with the process that does the work, in a group of their own."""

    folder: Path
    scheduler: subprocess.Popen[bytes]
    address: str
    threads: int = THREADS
    """Of each worker."""
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def add_worker(self, **environment: str) -> None:
        number = len(self.workers)
        arguments = [
            "distributed.cli.dask_worker", self.address, "--host", "127.0.0.1", "--nthreads", str(self.threads),
            "--name", f"worker-{number}", "--no-dashboard", "--local-directory", str(self.folder),
            "--death-timeout", "60",
        ]  # fmt: skip
        self.workers.append(_started(self.folder / f"worker-{number}.log", arguments, environment))

    def kill(self, number: int) -> None:
        """A machine loses its power: its worker and its nanny are gone in an instant."""
        _kill(self.workers[number])

    def kill_scheduler(self) -> None:
        _kill(self.scheduler)

    def begin_again(self) -> None:
        """The scheduler once more, at the address that it had."""
        self.scheduler, _ = _scheduler(self.folder, int(self.address.rpartition(":")[2]))

    def children(self, number: int) -> list[psutil.Process]:
        """Every process below a worker's nanny."""
        return list(psutil.Process(self.workers[number].pid).children(recursive=True))


@contextmanager
def machines(folder: Path, workers: int = 2, threads: int = THREADS) -> Iterator[Machines]:
    scheduler, address = _scheduler(folder)
    here = Machines(folder, scheduler, address, threads)
    try:
        for _ in range(workers):
            here.add_worker()
        if workers:
            wait_for_workers(address, workers)
        yield here
    finally:
        for process in (*here.workers, here.scheduler):
            _kill(process)


def wait_for_workers(address: str, number: int) -> None:
    connect: Any = distributed.Client
    with connect(address, timeout=PATIENCE, set_as_default=False) as client:
        client.wait_for_workers(number, timeout=PATIENCE)


def _scheduler(folder: Path, port: int = 0) -> tuple[subprocess.Popen[bytes], str]:
    told = folder / f"scheduler-{time.monotonic_ns()}.json"
    arguments = [
        "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--scheduler-file", str(told),
        "--dashboard-address", "127.0.0.1:0", "--no-dashboard",
    ]  # fmt: skip
    process = _started(folder / "scheduler.log", arguments, {})
    ends = time.monotonic() + PATIENCE
    while True:
        with contextlib.suppress(OSError, ValueError):
            return process, json.loads(told.read_text())["address"]
        assert process.poll() is None, (folder / "scheduler.log").read_text()
        assert time.monotonic() < ends, "the scheduler does not start"
        time.sleep(0.05)


def _started(log: Path, arguments: list[str], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    with log.open("ab") as told:
        command = [sys.executable, "-m", *arguments]
        return subprocess.Popen(
            command, stdout=told, stderr=told, start_new_session=True, env=os.environ | environment
        )  # fmt: skip


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and all that it started: they are one process group."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(PATIENCE)
