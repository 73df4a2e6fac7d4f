"""Histories of channels as CSV: replayed through the core, and written from the store."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from monitor.errors import OximeterError
from monitor.model import Channel, Kind
from monitor.oxygen import backtest
from monitor.store import Store

COLUMNS = ("channel", "kind", "time", "author", "thread", "staff")
LONGEST_FIELD = 1_000_000
LATEST = 10**11
"""Unix seconds of a time that no calendar needs: the year 5138."""


@dataclass(slots=True)
class Columns:
    """One channel's events; names are numbered in order of appearance, -1 where empty."""

    times: list[int] = field(default_factory=list)
    reply: list[bool] = field(default_factory=list)
    author: list[int] = field(default_factory=list)
    thread: list[int] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)
    authors: dict[str, int] = field(default_factory=dict)
    threads: dict[str, int] = field(default_factory=dict)

    def add(self, kind: str, time: str, author: str, thread: str, staff: str) -> None:
        """Raises ValueError where a field is not what it should be."""
        self.reply.append(Kind(kind) is Kind.REPLY)
        self.times.append(int(time))
        if abs(self.times[-1]) > LATEST:
            raise ValueError(f"{time} is no moment")
        self.author.append(self.authors.setdefault(author, len(self.authors)) if author else -1)
        self.thread.append(self.threads.setdefault(thread, len(self.threads)) if thread else -1)
        self.staff.append(int(staff) if staff else -1)
        if self.staff[-1] not in (-1, 0, 1):
            raise ValueError(f"{staff!r} is neither 0 nor 1")


def replay(
    events: Path, out: IO[str], every_days: int, until: int | None, watch: Callable[[int, int], None] | None = None
) -> int:
    """Backtest every channel of the file ``events``; writes csv ``channel,time,status,score`` to ``out``.

    Times are Unix seconds. ``watch`` is told the channels done, and all. Returns the number of rows written.
    Raises OximeterError where the file is not such a history, before anything is written.
    """
    channels = read_events(events)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("channel", "time", "status", "score"))
    rows = 0
    for done, (name, one) in enumerate(channels.items(), 1):
        moments, statuses, scores = backtest(
            one.times, one.reply, one.author, one.thread, one.staff, every_days=every_days, until=until
        )
        for moment, status, score in zip(moments.tolist(), statuses, scores.tolist(), strict=True):
            writer.writerow((name, moment, status, f"{score:.6f}"))
        rows += len(statuses)
        if watch is not None:
            watch(done, len(channels))
    return rows


def read_events(path: Path) -> dict[str, Columns]:
    """The events of a csv or csv.gz file by channel, in order of appearance.

    Raises OximeterError, with the line, where the file cannot be read or a line is not an event.
    """
    line = 1
    channels: dict[str, Columns] = {}
    # Parsed once and bounded: a field longer than this is not a name.
    csv.field_size_limit(LONGEST_FIELD)
    try:
        with _opened(path) as file:
            rows = csv.reader(file)
            take = _picker(next(rows, []), path)
            for row in rows:
                line = rows.line_num
                if row:
                    name, *fields = take(row)
                    channels.setdefault(name, Columns()).add(*fields)
    except (OSError, EOFError, UnicodeDecodeError, gzip.BadGzipFile) as error:
        raise OximeterError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from None
    except (ValueError, IndexError, csv.Error, OverflowError) as error:
        raise OximeterError(
            f"{path}, line {line}: {error}; expected {','.join(COLUMNS)} with kind post or reply, "
            "time in Unix seconds and staff 1, 0 or empty."
        ) from None
    return channels


def _opened(path: Path) -> IO[str]:
    binary: IO[bytes] = path.open("rb")
    if binary.read(2) == b"\x1f\x8b":
        binary.seek(0)
        binary = gzip.GzipFile(fileobj=binary)  # type: ignore[assignment]
    else:
        binary.seek(0)
    return io.TextIOWrapper(binary, encoding="utf-8-sig", newline="")


def _picker(header: list[str], path: Path) -> Callable[[list[str]], tuple[str, ...]]:
    """Takes the known columns out of a row, in our order; author, thread and staff may be missing altogether."""
    places = {name.strip(): place for place, name in enumerate(header)}
    missing = [name for name in COLUMNS[:3] if name not in places]
    if missing:
        raise OximeterError(f"{path}: the first line has no column {', '.join(missing)}; expected {','.join(COLUMNS)}.")
    order = [places.get(name) for name in COLUMNS]
    return lambda row: tuple("" if place is None else row[place] for place in order)


def export_csv(store: Store, channels: Sequence[Channel], out: IO[str]) -> None:
    """Write every contribution as csv ``channel,kind,time,author,thread``, time in Unix seconds."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS[:5])
    for channel, kind, time, author, thread in store.rows(channels):
        writer.writerow((channel, kind, time, _harmless(author), _harmless(thread)))


def _harmless(text: str) -> str:
    """A field that no spreadsheet takes for a formula."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def export_json(store: Store, channels: Sequence[Channel], out: IO[str]) -> None:
    """Write every contribution as a JSON array of objects, one a line; time in ISO 8601, UTC."""
    out.write("[")
    for number, (channel, kind, time, author, thread) in enumerate(store.rows(channels)):
        row = {"channel": channel, "kind": kind, "time": iso(time), "author": author, "thread": thread}
        out.write((",\n" if number else "\n") + json.dumps(row, ensure_ascii=False))
    out.write("\n]\n")


def iso(time: int) -> str:
    """Unix seconds as ISO 8601, UTC."""
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")
