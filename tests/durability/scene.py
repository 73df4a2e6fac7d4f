"""What the scenarios share: an office, real runs of the job in processes of their own, and what a store holds."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FIRST = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
"""The first night: a Monday."""
PATIENCE = 120.0
"""Seconds after which something hangs; how fast the machine is does not matter."""


class Skipped(Exception):
    """The scenario cannot be played on this machine; why."""


def night(number: int) -> datetime:
    return FIRST + timedelta(days=number)


def say(text: str) -> None:
    print(text, flush=True)


def play(scenario: Callable[[], None]) -> None:
    """Run the scenario as a script: exit 0 where it held or could not be played, 1 where it did not hold."""
    try:
        scenario()
    except Skipped as reason:
        say(f"SKIPPED: {reason}")
    except AssertionError as error:
        say(f"DID NOT HOLD: {error}")
        sys.exit(1)
    else:
        say("HELD")


@contextmanager
def a_folder() -> Iterator[Path]:
    """A folder whose path has spaces and Danish letters, and is gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="oximeter-"))
    made.chmod(0o755)
    folder = made / "blå bær på øen"
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(made, ignore_errors=True)


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def sentence(self) -> str:
        """What it told of its failure: its last line, and never a traceback."""
        assert "Traceback" not in self.err, self.err
        lines = self.err.strip().splitlines()
        return lines[-1] if lines else ""


@dataclass
class Run:
    """A run at work, in a process group of its own."""

    process: subprocess.Popen[bytes]
    files: tuple[Any, Any]
    started: float = field(default_factory=time.monotonic)

    def kill(self) -> None:
        """Kill the run alone, as the kernel does where memory is short: its children are not told."""
        self.process.kill()

    def end(self) -> Ended:
        """Wait until it has ended."""
        try:
            code = self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise AssertionError("a run did not end") from None
        seconds = time.monotonic() - self.started
        told = []
        for file in self.files:
            file.seek(0)
            told.append(file.read().decode("utf-8", "replace"))
            file.close()
        return Ended(code, told[0], told[1], seconds)

    def leaves_nobody(self) -> None:
        """Wait until none of its children is left."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                os.killpg(self.process.pid, 0)
            except ProcessLookupError:
                return
            time.sleep(0.01)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        raise AssertionError("a killed run left children at work")


@dataclass(frozen=True)
class Bureau:
    """An office in a folder, whose commands are run as processes."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "config" / "channels.toml"

    @property
    def store(self) -> Path:
        return self.folder / "data" / "målinger.db"

    @property
    def reports(self) -> Path:
        return self.folder / "reports"

    def write(
        self, feeds: Mapping[str, Sequence[str]], sites: dict[str, str] | None = None, more: str = "", query: str = ""
    ) -> Bureau:
        """Write the config: channels with their feeds, or with only a site."""
        channels = [f'[[channel]]\nid = "{name}"\nfeeds = {json.dumps(list(urls))}\n' for name, urls in feeds.items()]
        channels += [f'[[channel]]\nid = "{name}"\nsite = "{url}"\n' for name, url in (sites or {}).items()]
        self.config.parent.mkdir(parents=True, exist_ok=True)
        self.config.write_text(
            '[organisation]\nname = "Eksempel A/S"\nlanguage = "da"\ntimezone = "Europe/Copenhagen"\n'
            'staff = ["Redaktionen"]\n[report]\nto = ["chef@eksempel.example", "redaktion@eksempel.example"]\n'
            f'from = "oximeter@eksempel.example"\nwhen = "daily"\n[store]\nurl = "sqlite:///data/målinger.db{query}"\n'
            f"{more}\n{''.join(channels)}",
            encoding="utf-8",
        )
        return self

    def start(self, now: datetime, *command: str, runner: Sequence[str] = ("-m", "monitor"), **how: Any) -> Run:
        """Start a command (``run --json``) as of ``now``; ``runner`` is how Python is told to run it."""
        words = [*(command or ("run", "--json")), "--config", str(self.config), "--now", now.isoformat()]
        files = (tempfile.TemporaryFile(), tempfile.TemporaryFile())  # noqa: SIM115  (closed by Run.end)
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **how.pop("env", {})}
        process = subprocess.Popen(
            [sys.executable, *runner, *words], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL,
            stdout=files[0], stderr=files[1], start_new_session=True, **how,
        )  # fmt: skip
        return Run(process, files)

    def run(self, now: datetime, *command: str, **how: Any) -> Ended:
        """Run a command to its end."""
        return self.start(now, *command, **how).end()

    def must_run(self, now: datetime, *command: str, **how: Any) -> Ended:
        """Run a command that must end well."""
        ended = self.run(now, *command, **how)
        assert ended.code == 0, f"the run as of {now:%Y-%m-%d} ended with {ended.code}: {ended.err}"
        return ended

    def letters(self) -> dict[tuple[str, str], set[str]]:
        """The Message-IDs in the outbox, by night and reader."""
        found: dict[tuple[str, str], set[str]] = {}
        for path in (self.reports / "outbox").glob("*.eml"):
            letter = message_from_bytes(path.read_bytes())
            found.setdefault((path.name[:10], letter["To"]), set()).add(letter["Message-ID"])
        return found

    def parts(self) -> list[Path]:
        """Half-written files that were left."""
        found = [*self.reports.rglob("*.part"), *self.reports.rglob(".*.part")]
        return sorted({*found, *self.store.parent.glob("*.part*")})


KEPT = {
    "channels": "SELECT * FROM channels",
    "entries": "SELECT f.channel, f.url, e.uid, e.key, e.kind, e.time, e.first_seen, e.title, e.link, e.author, "
    "e.thread, e.reply_count, e.email, e.replies_feed, e.place FROM entries e JOIN feeds f ON f.id = e.feed_id",
    "reply counts": "SELECT f.channel, f.url, r.uid, r.time, r.replies "
    "FROM reply_counts r JOIN feeds f ON f.id = r.feed_id",
    "gaps": "SELECT f.channel, f.url, g.begins, g.ends, g.noticed, g.closed "
    "FROM gaps g JOIN feeds f ON f.id = g.feed_id",
    "verdicts": "SELECT * FROM verdicts",
    "deliveries": "SELECT night, recipient, state FROM deliveries",
    "discoveries": "SELECT * FROM discoveries",
}
"""What two stores that saw the same nights have in common, whatever happened to the one of them."""


KEYS = {"channels": 1, "entries": 3, "reply counts": 4, "gaps": 5, "verdicts": 2, "deliveries": 2, "discoveries": 2}
"""So many of the first columns name a row."""


def holds(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the store holds, table by table."""
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
        return {name: sorted(db.execute(query).fetchall(), key=repr) for name, query in KEPT.items()}


def same(one: Path, other: Path) -> None:
    """Two stores hold the same."""
    mine, theirs = holds(one), holds(other)
    for name in KEPT:
        missing = [row for row in mine[name] if row not in theirs[name]]
        extra = [row for row in theirs[name] if row not in mine[name]]
        told = "".join(f"\n  - {row}" for row in missing[:3]) + "".join(f"\n  + {row}" for row in extra[:3])
        assert not told, f"{name}: {len(missing)} missing, {len(extra)} not expected{told}"


def keeps(before: dict[str, list[tuple[Any, ...]]], store: Path) -> None:
    """Nothing of what the store held before is lost; what it holds may have changed."""
    after = holds(store)
    for name, key in KEYS.items():
        lost = {row[:key] for row in before[name]} - {row[:key] for row in after[name]}
        assert not lost, f"{name} lost {sorted(lost)[:3]}"


def sound(store: Path) -> None:
    """SQLite finds nothing wrong with the file."""
    with closing(sqlite3.connect(f"{store.resolve().as_uri()}?mode=ro", uri=True)) as db:
        found = [row[0] for row in db.execute("PRAGMA integrity_check")]
    assert found == ["ok"], f"{store} is not sound: {found[:3]}"


def bytes_of(store: Path) -> dict[str, bytes]:
    """The store's file and its WAL, to the byte."""
    parts = (store.with_name(store.name + side) for side in ("", "-wal"))
    return {part.name: part.read_bytes() for part in parts if part.exists() and part.stat().st_size}
