"""The programs that are measured: Oximeter, and other readers of feeds set so as to be at their best.

Each gets a folder of its own, the feeds' addresses once, and is then started anew for every night.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.polling.feeds import BASE, DAY

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
READER = ROOT / ".cache" / "bench-reader"
"""The virtual environment that ``make bench-reader`` makes."""
RELOAD_THREADS = 8
"""newsboat's: of 1, 2, 4, 8 and 16, the fastest on two processors were 4 and 8."""
JOBS = 16
"""sfeed_update's, which waits for all of them before the next sixteen."""
FEW = 10
"""Channels where the feeds are not a channel each."""


@dataclass(frozen=True, slots=True)
class Program:
    """One row of the table. ``prepare`` tells it the feeds; ``command`` is a night; both are given its folder."""

    name: str
    installed: Callable[[], bool]
    prepare: Callable[[Path, Sequence[str]], None]
    command: Callable[[Path, int], Sequence[str]]
    entries: Callable[[Path], int] | None = None
    """How many entries it has stored, where that is easily told."""
    where: Path = ROOT
    """Where it is started."""


def environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of the user's own settings, and no proxy."""
    path = os.environ.get("PATH", os.defpath)
    return {"PATH": path, "HOME": str(folder), "LANG": "C.UTF-8", "TMPDIR": str(folder), **(more or {})}


def _is_there(program: str) -> Callable[[], bool]:
    return lambda: shutil.which(program) is not None


# --- Oximeter ---


def ours(code: Path = ROOT, channels: int = 0, python: str = sys.executable) -> Program:
    """Oximeter from the folder ``code``, its feeds a channel each or shared out over so many channels."""
    name = f"**Oximeter**, {channels} channels" if channels else "**Oximeter**"

    def prepare(folder: Path, addresses: Sequence[str]) -> None:
        (folder / "channels.toml").write_text(_config(addresses, channels), "utf-8")

    def command(folder: Path, night: int) -> Sequence[str]:
        moment = datetime.fromtimestamp(BASE + night * DAY, UTC).isoformat()
        return [python, "-m", "monitor", "poll", "--quiet", "--config", str(folder / "channels.toml"), "--now", moment]

    def entries(folder: Path) -> int:
        export = [python, "-m", "monitor", "export", "--format", "csv", "--config", str(folder / "channels.toml")]
        with subprocess.Popen(export, cwd=code, stdout=subprocess.PIPE, env=environment(folder)) as process:
            assert process.stdout is not None
            rows = sum(1 for _ in process.stdout) - 1
        return -1 if process.returncode else rows

    return Program(name, lambda: True, prepare, command, entries, code)


def _config(addresses: Sequence[str], channels: int) -> str:
    tables = [
        '[organisation]\nname = "Eksempel A/S"\n[report]\nfolder = "reports"\n[store]\nurl = "sqlite:///oximeter.db"\n'
    ]
    shared = [addresses[at::channels] for at in range(channels)] if channels else [[one] for one in addresses]
    for number, feeds in enumerate(shared):
        tables.append(f'[[channel]]\nid = "c{number}"\nfeeds = {json.dumps(list(feeds))}\n')
    return "\n".join(tables)


# --- The others ---


def only_fetching() -> Program:
    """requests alone."""
    return Program(
        "only fetching (requests, 16 threads)",
        lambda: True,
        _write_addresses,
        lambda folder, night: [
            sys.executable, str(HERE / "fetching.py"), str(folder / "addresses"), str(folder / "validators.json")
        ],
    )  # fmt: skip


def newsboat() -> Program:
    """A reader in C++, with SQLite."""

    def prepare(folder: Path, addresses: Sequence[str]) -> None:
        _write_addresses(folder, addresses)
        (folder / "config").write_text(f"reload-threads {RELOAD_THREADS}\n", "utf-8")

    def command(folder: Path, night: int) -> Sequence[str]:
        files = ["-C", str(folder / "config"), "-u", str(folder / "addresses"), "-c", str(folder / "cache.db")]
        return ["newsboat", *files, "-x", "reload"]

    name = f"newsboat ({RELOAD_THREADS} threads)"
    return Program(name, _is_there("newsboat"), prepare, command, _count("cache.db", "rss_item"))


def sfeed() -> Program:
    """A shell script around curl and a parser in C; it keeps text files, and asks without validators."""

    def prepare(folder: Path, addresses: Sequence[str]) -> None:
        feeds = "".join(f"\tfeed f{number} '{address}'\n" for number, address in enumerate(addresses))
        rc = f"sfeedpath='{folder}/feeds'\nmaxjobs={JOBS}\nfeeds() {{\n{feeds}}}\n"
        (folder / "feeds").mkdir()
        (folder / "sfeedrc").write_text(rc, "utf-8")

    def entries(folder: Path) -> int:
        return sum(file.read_bytes().count(b"\n") for file in (folder / "feeds").iterdir())

    return Program(
        f"sfeed_update ({JOBS} jobs, no validators)",
        lambda: _is_there("sfeed_update")() and _is_there("curl")(),
        prepare,
        lambda folder, night: ["sfeed_update", str(folder / "sfeedrc")],
        entries,
    )


def rss2email() -> Program:
    """A mailer of feeds, around feedparser; told to send nothing, which spares it most of its work."""

    def prepare(folder: Path, addresses: Sequence[str]) -> None:
        start = ["r2e", "-c", str(folder / "r2e.cfg"), "-d", str(folder / "r2e.json"), "new", "ingen@eksempel.example"]
        subprocess.run(start, check=True, env=environment(folder), capture_output=True)
        feeds = "".join(f"[feed.f{number}]\nurl = {address}\n" for number, address in enumerate(addresses))
        with (folder / "r2e.cfg").open("a", encoding="utf-8") as file:
            file.write(feeds)

    return Program(
        "rss2email (sends nothing)",
        _is_there("r2e"),
        prepare,
        lambda folder, night: [
            "r2e", "-c", str(folder / "r2e.cfg"), "-d", str(folder / "r2e.json"), "run", "--no-send"
        ],
    )  # fmt: skip


def reader() -> Program:
    """A library around feedparser, with SQLite."""

    def prepare(folder: Path, addresses: Sequence[str]) -> None:
        _write_addresses(folder, addresses)
        add = [*command(folder, 0), str(folder / "addresses")]
        subprocess.run(add, check=True, env=environment(folder))

    def command(folder: Path, night: int) -> list[str]:
        return [str(READER / "bin" / "python"), str(HERE / "reading.py"), str(folder / "reader.db")]

    return Program("reader (8 workers)", (READER / "ready").exists, prepare, command, _count("reader.db", "entries"))


def peers() -> list[Program]:
    """All that Oximeter is compared with."""
    return [newsboat(), reader(), sfeed(), rss2email(), only_fetching()]


def _write_addresses(folder: Path, addresses: Sequence[str]) -> None:
    (folder / "addresses").write_text("\n".join(addresses) + "\n", "utf-8")


def _count(database: str, table: str) -> Callable[[Path], int]:
    def count(folder: Path) -> int:
        connection = sqlite3.connect(folder / database)
        try:
            return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
        finally:
            connection.close()

    return count
