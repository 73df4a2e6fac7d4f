"""A PostgreSQL server of our own: in a temporary folder, on loopback, with a password, gone at the end."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

PASSWORD = "hemmelig-kode"
"""The tests look for it in all that is printed."""
PATIENCE = 60.0
"""Seconds, for the slowest of machines."""


def programs() -> Path | None:
    """The folder of the newest server's programs; None where no server is installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


def _whose() -> dict[str, Any]:
    """Who the server runs as: it refuses to be root's."""
    if os.geteuid() != 0:
        return {}
    names = {user.pw_name for user in pwd.getpwall()}
    user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class NotStarted(Exception):
    """The server ended at once; this is what it said."""


@dataclass
class Server:
    """The server, which may be stopped and started, and databases in it."""

    folder: Path
    programs: Path
    port: int
    process: subprocess.Popen[Any] | None = None
    _numbers: Iterator[int] = field(default_factory=count)

    def url(self, database: str, password: str = PASSWORD) -> str:
        return f"postgresql+psycopg://oximeter:{password}@127.0.0.1:{self.port}/{database}"

    def a_database(self, template: str = "template1") -> str:
        """The name of a new database."""
        name = f"oximeter_{next(self._numbers)}"
        self.does(f'CREATE DATABASE {name} TEMPLATE "{template}"')
        return name

    def drop(self, database: str) -> None:
        self.does(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def does(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run a statement as the server's owner; the rows that it gives."""
        with psycopg.connect(self._address(database), autocommit=True) as connection:
            cursor = connection.execute(statement.encode())
            return cursor.fetchall() if cursor.description else []

    def start(self) -> None:
        command = [
            str(self.programs / "postgres"), "-D", str(self.folder / "data"), "-p", str(self.port),
            "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off",
            "-c", "max_connections=60", "-c", "deadlock_timeout=200ms", "-c", "log_min_messages=fatal",
        ]  # fmt: skip
        with (self.folder / "log").open("ab") as told:
            process = subprocess.Popen(command, cwd=self.folder, stdout=told, stderr=told, **_whose())
        self.process = process
        ends = time.monotonic() + PATIENCE
        while True:
            try:
                psycopg.connect(self._address("postgres")).close()
                return
            except psycopg.OperationalError:
                if process.poll() is not None:
                    raise NotStarted((self.folder / "log").read_text()) from None
                assert time.monotonic() < ends, "the server does not answer"
                time.sleep(0.05)

    def stop(self, how: int = signal.SIGINT) -> None:
        """Stop at once, ending every connection; SIGQUIT leaves it as a power cut would."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE)
            self.process = None

    def _address(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=oximeter password={PASSWORD} dbname={database} connect_timeout=5"


@contextmanager
def a_server(programs: Path) -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="oximeter-postgresql-"))
    whose = _whose()
    try:
        if whose:
            os.chown(folder, whose["user"], whose["group"])
        word = folder / "word"
        word.write_text(PASSWORD)
        word.chmod(0o644)
        initdb = [
            str(programs / "initdb"), "-D", str(folder / "data"), "-U", "oximeter", "--auth=scram-sha-256",
            "--pwfile", str(word),
            "--encoding=UTF8", "--locale=C", "--no-sync",
        ]  # fmt: skip
        subprocess.run(initdb, cwd=folder, check=True, stdout=subprocess.DEVNULL, **whose)
        server = _started(folder, programs)
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(folder: Path, programs: Path, tries: int = 5) -> Server:
    """On a port that was free a moment ago; on another where somebody else was quicker."""
    for number in range(tries):
        server = Server(folder, programs, _a_free_port())
        try:
            server.start()
            return server
        except NotStarted:
            if number == tries - 1:
                raise
    raise AssertionError("no tries are left")


def _a_free_port() -> int:
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        return int(place.getsockname()[1])
