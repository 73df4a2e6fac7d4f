"""What a night costs after the feeds are read, at any number of channels: ``make bench-measuring``.

A store of made-up channels is written straight into the tables, a thousand entries a channel on average, the same on
every machine; it is kept in ``.cache/measuring`` until the folder is removed. Then three nights follow, each in a
process of its own: the first with no caches, the next with one channel in a hundred changed, the third with nothing
changed. Printed are seconds, processor seconds and peak memory (all processes together) of every step.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from monitor.config import load
from monitor.model import DAY
from monitor.store import open_store

NOW = 1_796_000_000
"""The first night, Unix seconds: 29 November 2026."""
ENTRIES = 1_000
"""A channel has on average."""
CACHE = Path(".cache/measuring")
STAFF = 12
CHANGED = 100
"""One channel in so many changes before the second night."""
PULSE = 0.1
"""Seconds between two looks at how much memory is held."""

Row = tuple[Any, ...]


def main() -> None:
    """Make the store where it is missing, and print a table of the nights."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--channels", type=int, default=1_000)
    asked.add_argument("--night", type=int, help="run this night (0, 1 or 2) alone and print its figures as JSON")
    asked.add_argument("--keep", action="store_true", help="leave the store as the last night left it")
    given = asked.parse_args()
    if given.night is not None:
        print(json.dumps(a_night(work_folder(given.channels), given.night)))
        return
    prepare(given.channels)
    nights = [_apart(given.channels, night) for night in range(3)]
    if not given.keep:
        shutil.rmtree(work_folder(given.channels))
    _print(given.channels, nights)


def _apart(channels: int, night: int) -> dict[str, dict[str, float]]:
    """One night in a process of its own, so that none inherits what another has in memory."""
    if night == 1:
        change(work_folder(channels))
    told = subprocess.run(
        [sys.executable, "-m", "benchmarks.measuring", "--channels", str(channels), "--night", str(night)],
        check=True, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    found: dict[str, dict[str, float]] = json.loads(told.stdout.splitlines()[-1])
    return found


def _print(channels: int, nights: list[dict[str, dict[str, float]]]) -> None:
    first = nights[0]["whole night"]["cpu"]
    print(f"{channels:,} channels, {nights[0]['whole night']['entries']:,.0f} entries")
    print("| night | step | s | CPU s | CPU ms a channel | CPU, of the first night | peak MB | written MB |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, night in zip(("first", "1 % changed", "nothing changed"), nights, strict=True):
        for step, told in night.items():
            print(
                f"| {name} | {step} | {told['seconds']:.2f} | {told['cpu']:.2f} | {told['cpu'] / channels * 1e3:.2f} "
                f"| {told['cpu'] / first:.3f} | {told['peak']:.0f} | {told.get('written', 0.0):.1f} |"
            )


def work_folder(channels: int) -> Path:
    """Where the nights of so many channels run."""
    return CACHE / f"run-{channels}"


def prepare(channels: int) -> None:
    """A fresh copy of the store and a config for it."""
    kept, work = CACHE / f"store-{channels}.db", work_folder(channels)
    if not kept.exists():
        part = kept.with_suffix(".part")
        part.unlink(missing_ok=True)
        build(part, channels)
        part.rename(kept)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    shutil.copyfile(kept, work / "oximeter.db")
    (work / "channels.toml").write_text(config_text(channels), "utf-8")


def config_text(channels: int) -> str:
    """The config of so many channels: most with an owner and hours, some without."""
    head = (
        '[organisation]\nname = "Eksempel A/S"\nlanguage = "da"\ntimezone = "Europe/Copenhagen"\n'
        f"staff = {json.dumps([staff(number) for number in range(STAFF)], ensure_ascii=False)}\n"
        '[report]\nfolder = "reports"\n[store]\nurl = "sqlite:///oximeter.db"\n'
    )
    return head + "".join(_channel_text(number) for number in range(channels))


def _channel_text(number: int) -> str:
    told = f'[[channel]]\nid = "c{number}"\nname = "Kanal {number}"\nfeeds = {json.dumps(addresses(number))}\n'
    if number % 3:
        told += f'owner = "{staff(number % STAFF)}"\nhours_per_week = {number % 7 + 1}\n'
    if number % 4 == 0:
        told += 'purpose = "At høre, hvad folk spørger om."\nanswer_within_days = 3\n'
    return told


def staff(number: int) -> str:
    """The name of one who speaks for the organisation."""
    return f"Redaktør {number}"


def addresses(number: int) -> list[str]:
    """The channel's feeds: two for every fourth, posts and replies apart."""
    site = f"https://sted{number}.eksempel.example"
    return [f"{site}/feed", f"{site}/comments"] if number % 4 == 0 else [f"{site}/feed"]


def build(path: Path, channels: int) -> None:
    """Write the store: every channel's life up to the first night."""
    path.parent.mkdir(parents=True, exist_ok=True)
    open_store(f"sqlite:///{path}").close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = OFF")
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -400000")
        for number in range(channels):
            _write(db, number)
            if number % 500 == 499:
                print(f"{number + 1} of {channels} channels made", file=sys.stderr, flush=True)
        db.commit()
        db.execute("PRAGMA journal_mode = WAL")


def _write(db: sqlite3.Connection, number: int) -> None:
    channel, rng = f"c{number}", np.random.default_rng(number)
    feeds = [2 * number + 1 + place for place in range(len(addresses(number)))]
    life = list(_life(number, rng))
    db.execute("INSERT INTO channels (id, first_watched) VALUES (?, ?)", (channel, NOW - 400 * DAY))
    for feed, url in zip(feeds, addresses(number), strict=True):
        db.execute(
            "INSERT INTO feeds (id, channel, url, address, gone, missed, platform, title, outcome, reason, last_fetch,"
            " last_read, new_entries, thread_of, carries_replies, stale_validators, body_read, failures, asked)"
            " VALUES (?, ?, ?, ?, 0, 0, 'wordpress', 'Et sted', 'updated', 'read 20 entries', ?, ?, 1, '', ?, 0, ?, 0,"
            " ?)",
            (feed, channel, url, url, NOW - 600, NOW - 600, len(feeds) == 1 or feed > feeds[0], NOW - 600, NOW - 600),
        )  # fmt: skip
        looks = ((feed, NOW - (30 - night) * DAY, 20) for night in range(30))
        db.executemany(
            "INSERT INTO fetches (feed_id, time, outcome, reason, http_status, size, seconds, shown, new_entries,"
            " missed, pace) VALUES (?, ?, 'updated', 'read 20 entries', 200, 9000, 0.1, ?, 1, 0, NULL)",
            looks,
        )
    rows = [(feeds[0] if kind == "post" else feeds[-1], *rest) for kind, *rest in life]
    db.executemany(
        "INSERT INTO entries (feed_id, uid, key, kind, time, first_seen, title, link, author, thread, reply_count,"
        " place) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )
    counted = [(row[0], row[1], row[5], row[10]) for row in rows if row[10] is not None]
    db.executemany("INSERT INTO reply_counts (feed_id, uid, time, replies) VALUES (?, ?, ?, ?)", counted)


def _life(number: int, rng: np.random.Generator) -> Iterator[Row]:
    """(kind, uid, key, kind, time, first_seen, title, link, author, thread, reply_count, place) of every entry.

    Sizes are skewed (log-normal); a seventh of the channels has fallen silent, a seventh gets ever thinner.
    """
    size = int(np.clip(rng.lognormal(np.log(ENTRIES) - 0.5, 1.0), 20, 40 * ENTRIES))
    years = rng.uniform(0.7, 8)
    ends = NOW - (rng.uniform(20, 900) * DAY if number % 7 == 0 else 0)
    spread = rng.random(size) ** (2.0 if number % 7 == 1 else 1.0)
    when = np.sort((ends - years * 365 * DAY * (1 - spread if number % 7 != 1 else spread)).astype(np.int64))
    share = rng.uniform(0.15, 0.9)
    is_post = rng.random(size) < share
    is_post[0] = True
    people = max(2, int(size**0.6))
    voices = np.minimum(rng.zipf(1.6, size), people)
    ours = rng.random(size) < 0.15
    thread, counted = 0, number % 5 == 0
    for place in range(size):
        if is_post[place]:
            thread = place
        of = thread if rng.random() < 0.8 else max(0, thread - 3)
        author = staff(number % STAFF) if ours[place] else f"Person {number % 997}-{voices[place]}"
        yield _entry(number, place, bool(is_post[place]), int(when[place]), of if not is_post[place] else place, author,
                     counted)  # fmt: skip


def _entry(number: int, place: int, post: bool, when: int, thread: int, author: str, counted: bool) -> Row:
    site = f"https://sted{number}.eksempel.example"
    link = f"{site}/{'tråd' if post else 'svar'}/{place}"
    return (
        "post" if post else "reply", f"{site}/?p={place}", f"{site}/?p={place}", "post" if post else "reply", when,
        max(when, NOW - 400 * DAY), f"Om emne {place % 83} i kanal {number}", link, author, f"{site}/tråd/{thread}",
        place % 4 if post and counted else None, link.removeprefix("https://"),
    )  # fmt: skip


def change(work: Path) -> None:
    """One channel in a hundred gets a post and a reply, through the feeds as any night does it."""
    from monitor.model import Entry, Kind, Outcome, Reading

    config = load(work / "channels.toml")
    with open_store(config.store_url) as store:
        for channel in config.channels[::CHANGED]:
            url, at = channel.feeds[0], NOW + DAY - 900
            entries = (
                Entry(f"{url}#new", f"{url}#new", Kind.POST, at - 3_600, "Nyt", url, "Bo", f"{url}#new"),
                Entry(f"{url}#re", f"{url}#re", Kind.REPLY, at - 1_800, "Svar", url, "Ida", f"{url}#new"),
            )
            store.record(Reading(channel.id, url, Outcome.UPDATED, "read 2 entries", at, url, entries=entries))


def a_night(work: Path, number: int) -> dict[str, dict[str, float]]:
    """Measure, judge, write the report and the mail at one night; what each step took."""
    from monitor import jobs, report

    config, now = load(work / "channels.toml"), NOW + number * DAY
    if number:
        _seen_again(work / "oximeter.db", now)
    steps = Steps()
    with open_store(config.store_url) as store:
        night = steps.take("measure, judge, keep verdicts", lambda: jobs.judge_night(config, store, now))
        steps.take("report: page, JSON, archive, alerts", lambda: jobs.write_report(config, store, night))
        steps.take("one mail", lambda: report.letter(night, "index.html"))
    whole = steps.whole()
    folder = config.folder
    whole["written"] = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6
    whole["entries"] = _entries(work / "oximeter.db")
    return steps.told | {"whole night": whole}


def _seen_again(path: Path, now: int) -> None:
    """Every feed was read once more, and showed nothing new."""
    with closing(sqlite3.connect(path)) as db, db:
        db.execute("UPDATE feeds SET last_read = ?, last_fetch = ?", (now - 600, now - 600))


def _entries(path: Path) -> float:
    with closing(sqlite3.connect(path)) as db:
        return float(db.execute("SELECT count(*) FROM entries").fetchone()[0])


class Steps:
    """The steps of a night, and what each took: seconds, processor seconds of all processes, peak memory in MB."""

    def __init__(self) -> None:
        self.told: dict[str, dict[str, float]] = {}

    def take(self, name: str, do: Any) -> Any:
        """Do one step."""
        begin, cpu = time.perf_counter(), time.process_time()
        with Watch() as watch:
            found = do()
        self.told[name] = {
            "seconds": time.perf_counter() - begin,
            "cpu": time.process_time() - cpu + sum(watch.worked.values()),
            "peak": watch.peak / 1e6,
        }
        return found

    def whole(self) -> dict[str, float]:
        """All steps together."""
        steps = self.told.values()
        return {
            "seconds": sum(step["seconds"] for step in steps),
            "cpu": sum(step["cpu"] for step in steps),
            "peak": max(step["peak"] for step in steps),
        }


class Watch:
    """What this process and those below it hold at most (bytes), and how long those below have worked (seconds)."""

    def __init__(self) -> None:
        self.peak = 0
        self.worked: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watch:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            below = _children(os.getpid())
            self.peak = max(self.peak, sum(map(_held, [os.getpid(), *below])))
            self.worked |= {process: seconds for process in below if (seconds := _worked(process)) is not None}
            if self._over.wait(PULSE):
                return


def _children(process: int) -> list[int]:
    """All processes below this one."""
    found: list[int] = []
    for path in Path("/proc").glob(f"{process}/task/*/children"):
        try:
            mine = [int(one) for one in path.read_text().split()]
        except OSError:
            continue
        found += mine + [one for child in mine for one in _children(child)]
    return found


def _held(process: int) -> int:
    """Bytes held by a process, pages shared with others divided among them; 0 where it has ended."""
    try:
        told = Path(f"/proc/{process}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1_024 for line in told.splitlines() if line.startswith("Pss:")), 0)


def _worked(process: int) -> float | None:
    """Processor seconds of a process so far; None where it has ended."""
    try:
        told = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    return (int(told[11]) + int(told[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
