"""Real feeds, read by us and by an independent reading: the two must agree."""

from __future__ import annotations

import csv
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import Entry, Kind
from monitor.poll.parse import parse

FEEDS = Path(os.environ.get("OXIMETER_SHARED", "../shared")) / "feeds"
NOW = 1_790_000_000
DISAGREED = {"generic/rss20ctvnews.xml": {"authors": "5"}}
"""Where the manifest overlooks what the feed has: there, names in dc:creator beside an empty author element."""


def rows() -> list[dict[str, str]]:
    manifest = FEEDS / "MANIFEST.tsv"
    if not manifest.exists():
        return []
    with manifest.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t"))


def iso(time: int | None) -> str:
    return datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if time is not None else ""


def summary(entries: tuple[Entry, ...], with_counts: bool) -> dict[str, str]:
    times = [entry.time for entry in entries if entry.time is not None]
    counts = [entry.reply_count for entry in entries if entry.reply_count is not None]
    return {
        "entries": str(len(entries)),
        "oldest": iso(min(times, default=None)),
        "newest": iso(max(times, default=None)),
        "replies": str(sum(entry.kind is Kind.REPLY for entry in entries)),
        "reply_count": str(sum(counts)) if counts and with_counts else "",
        "authors": str(len({entry.author for entry in entries} - {""})),
        "threads": str(len({entry.thread for entry in entries})),
    }


@pytest.mark.skipif(not rows(), reason="no sample feeds here")
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["path"])
def test_a_real_feed_is_read_as_an_independent_reading_reads_it(row: dict[str, str]) -> None:
    body = (FEEDS / row["path"]).read_bytes()
    parsed = parse(body, "", f"https://feeds.example/{row['path']}", NOW)
    # The manifest holds only counts in elements; these write theirs into the description.
    ours = summary(parsed.entries, with_counts=row["platform"] not in ("discourse", "hackernews"))
    assert parsed.error is None
    assert ours == {name: row[name] for name in ours} | DISAGREED.get(row["path"], {})
    assert len({entry.uid for entry in parsed.entries}) == len(parsed.entries)
