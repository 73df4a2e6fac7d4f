"""Prints how fast feeds are read, as ratios, on a farm of feeds on loopback: ``make bench``.

Usage: python -m benchmarks.polling [--part table|latency|scale] [--feeds N] [--runs N] (see --help)
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.polling import programs
from benchmarks.polling.farm import Running, farm
from benchmarks.polling.feeds import LATENCY_SPREAD, MEAN_BYTES
from benchmarks.polling.measured import ProgramFailed
from benchmarks.polling.nights import NIGHTS, Taken, three_nights
from benchmarks.polling.programs import Program
from monitor.poll.executor import CONNECTIONS

PARTS = ("table", "latency", "scale")
TABLE_FEEDS, LATENCY_FEEDS = 300, 3_000
SIZES = (100, 300, 1_000, 3_000, 10_000)
MEDIAN_LATENCY = 0.2
COLD, WARM, NEXT = range(3)


@dataclass(frozen=True, slots=True)
class Goal:
    """What we hold ourselves to: our seconds on a night are at most so many times another's."""

    night: int
    other: str
    """How the other's name begins."""
    most: float


GOALS = (
    Goal(COLD, "newsboat", 0.8),
    Goal(COLD, "reader", 1 / 5),
    Goal(WARM, "only fetching", 1.5),
    Goal(NEXT, "newsboat", 1 / 3),
)


@dataclass
class Row:
    """A program and all its runs."""

    program: Program
    runs: list[list[Taken]] = field(default_factory=list)
    trouble: str = ""

    def run(self, running: Running) -> None:
        """Three nights more, unless there was trouble before."""
        if not self.program.installed():
            self.trouble = "not installed"
        if self.trouble:
            return
        try:
            nights = three_nights(self.program, running)
        except ProgramFailed as error:
            self.trouble = " ".join(str(error).split())
            return
        self.runs.append(nights)
        wrong = [f"{NIGHTS[at]}: {one.complaint(len(running.plans))}" for at, one in enumerate(nights)]
        self.trouble = "; ".join(one for one in wrong if not one.endswith(": "))

    def seconds(self, night: int) -> float:
        """The median of the runs."""
        return median(run[night].figures.seconds for run in self.runs)

    def cpu(self, night: int) -> float:
        """The median of the runs' CPU seconds."""
        return median(run[night].figures.cpu_seconds for run in self.runs)

    @property
    def peak(self) -> str:
        """Megabytes at most: of all processes together, and of the largest."""
        if not self.runs:
            return ""
        figures = [one.figures for run in self.runs for one in run]
        together, largest = max(one.peak_bytes for one in figures), max(one.largest_bytes for one in figures)
        return f"{together / 1e6:.0f} / {largest / 1e6:.0f}"

    def cells(self, cell: Callable[[int], str]) -> str:
        """The row with a cell for each night, or what went wrong."""
        if not self.runs:
            return f"| {self.program.name} | {self.trouble} | | |"
        wrong = f" (**wrong: {self.trouble}**)" if self.trouble else ""
        return f"| {self.program.name}{wrong} | " + " | ".join(cell(night) for night in range(len(NIGHTS))) + " |"


def main() -> None:
    """Print the parts that were asked for. Ends with status 1 where a program of ours did not do its work."""
    options = _options()
    print(_machine())
    parts = {"table": table, "latency": latency, "scale": scale}
    wrong = []
    try:
        for name in [options.part] if options.part else PARTS:
            wrong += parts[name](options)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if wrong:
        raise SystemExit("Not all was read or stored: " + "; ".join(wrong))


def _machine() -> str:
    processor = next((line for line in _lines("/proc/cpuinfo") if line.startswith("model name")), ":").partition(":")[2]
    python = f"Python {platform.python_version()}"
    return f"{os.cpu_count()} processors ({processor.strip()}), Linux {platform.release()}, {python}."


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text("utf-8").splitlines()
    except OSError:
        return []


# --- The table ---


def table(options: argparse.Namespace) -> list[str]:
    """Ours and all others on the same feeds, their runs interleaved."""
    rows = [Row(programs.ours(options.code)), Row(programs.ours(options.code, programs.FEW))]
    rows += [Row(peer) for peer in programs.peers()]
    rows = [row for row in rows if not options.only or row.program.name.strip("*").lower().startswith(options.only)]
    with farm(options.feeds or TABLE_FEEDS, mean_bytes=options.bytes) as running, _progress(rows, options.runs) as ran:
        for _ in range(options.runs):
            for row in rows:
                row.run(running)
                ran(row.program.name)
    _print_table(rows, options)
    return _wrong(rows)


def _print_table(rows: Sequence[Row], options: argparse.Namespace) -> None:
    feeds, size = options.feeds or TABLE_FEEDS, options.bytes / 1000
    print(f"\n{feeds} feeds of {size:.0f} kB on average, each on a host of its own. Seconds / CPU seconds, each")
    print(f"the median of {options.runs}; MB: all processes together (PSS) / the largest process, at their most.\n")
    print(f"| | {' | '.join(NIGHTS)} | peak MB |\n| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(row.cells(partial(_spent, row)), row.peak, "|")
    ours = rows[0]
    if not ours.runs or ours.program.name != programs.ours().name:
        return
    print(f"\nTimes ours:\n\n| | {' | '.join(NIGHTS)} |\n| --- | ---: | ---: | ---: |")
    for row in rows:
        print(row.cells(partial(_ratio, row, ours)))
    print("\n| held to: our seconds are at most | found | with CPU seconds | |\n| --- | ---: | ---: | --- |")
    for goal in GOALS:
        others = [row for row in rows if row.program.name.startswith(goal.other) and row.runs]
        print(judged(goal, ours, others[0] if others else None))


def _spent(row: Row, night: int) -> str:
    return f"{row.seconds(night):.2f} / {row.cpu(night):.2f}"


def _ratio(row: Row, ours: Row, night: int) -> str:
    return f"{row.seconds(night) / ours.seconds(night):.2f} / {row.cpu(night) / ours.cpu(night):.2f}"


def judged(goal: Goal, ours: Row, other: Row | None) -> str:
    """A line that says whether a goal is held; its seconds decide."""
    what = f"{NIGHTS[goal.night].partition(':')[0]}: {goal.most:.2g} x {goal.other}"
    if other is None:
        return f"| {what} | | | not measured |"
    found = ours.seconds(goal.night) / other.seconds(goal.night)
    used = ours.cpu(goal.night) / other.cpu(goal.night)
    return f"| {what} | {found:.2f} | {used:.2f} | {'held' if found <= goal.most else '**not held**'} |"


# --- Slow servers ---


def latency(options: argparse.Namespace) -> list[str]:
    """Servers that take their time: our seconds against the least that our connections allow."""
    feeds, connections = options.feeds or LATENCY_FEEDS, options.connections or _connections()
    rows = [Row(programs.ours(options.code)), Row(programs.only_fetching())]
    with farm(feeds, mean_bytes=options.bytes, median_latency=MEDIAN_LATENCY) as running:
        waits = running.latencies()
        with _progress(rows, 1) as ran:
            for row in rows:
                row.run(running)
                ran(row.program.name)
    limit = max(sum(waits) / connections, max(waits))
    print(f"\n{feeds} feeds that wait before they answer: log-normal, median {MEDIAN_LATENCY * 1000:.0f} ms, sigma")
    print(
        f"{LATENCY_SPREAD:g}, mean {sum(waits) / feeds * 1000:.0f} ms, {max(waits):.1f} s at most. With {connections}"
    )
    print(f"connections that is {limit:.1f} s at least. Seconds / CPU seconds / seconds as times that.\n")
    print(f"| | {' | '.join(NIGHTS)} | peak MB |\n| --- | ---: | ---: | ---: | ---: |")
    for row in rows:
        print(row.cells(partial(_against, row, limit)), row.peak, "|")
    return _wrong(rows)


def _against(row: Row, limit: float, night: int) -> str:
    return f"{row.seconds(night):.1f} / {row.cpu(night):.1f} / {row.seconds(night) / limit:.2f}"


def _connections() -> int:
    """How many hosts Oximeter asks at a time, where it says so."""
    return CONNECTIONS


# --- The scaling ---


def scale(options: argparse.Namespace) -> list[str]:
    """Ours alone, with more and more feeds."""
    print("\nOximeter, a channel each: seconds / CPU seconds / milliseconds of CPU a feed.\n")
    print(f"| feeds | {' | '.join(NIGHTS)} | peak MB |\n| ---: | ---: | ---: | ---: | ---: |")
    rows = []
    for feeds in [options.feeds] if options.feeds else SIZES:
        row = Row(programs.ours(options.code))
        with farm(feeds, mean_bytes=options.bytes) as running, _progress([row], 1):
            row.run(running)
        told = row.cells(partial(_a_feed, row, feeds))
        print(told.replace(row.program.name, f"{feeds:,}"), row.peak, "|", flush=True)
        rows.append(row)
    return _wrong(rows)


def _a_feed(row: Row, feeds: int, night: int) -> str:
    return f"{row.seconds(night):.2f} / {row.cpu(night):.2f} / {row.cpu(night) / feeds * 1000:.2f}"


# --- Shared ---


def _wrong(rows: Sequence[Row]) -> list[str]:
    """What went wrong with our own."""
    return [f"{row.program.name}: {row.trouble}" for row in rows if row.trouble and row.program.name.startswith("**")]


@contextmanager
def _progress(rows: Sequence[Row], runs: int) -> Iterator[Callable[[str], None]]:
    """Says on a terminal how far we are."""
    done = 0
    shown = sys.stderr.isatty()

    def ran(name: str) -> None:
        nonlocal done
        done += 1
        if shown:
            print(f"\r\x1b[K{done} of {len(rows) * runs}: {name}", end="", file=sys.stderr, flush=True)

    try:
        yield ran
    finally:
        if shown:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling", description="How fast feeds are read.")
    parser.add_argument("--part", choices=PARTS, help="this part alone")
    parser.add_argument("--feeds", type=int, help=f"{TABLE_FEEDS} in the table, {LATENCY_FEEDS} with latency")
    parser.add_argument("--runs", type=int, default=3, help="of the table")
    parser.add_argument("--bytes", type=int, default=MEAN_BYTES, help="of a feed, on average")
    parser.add_argument("--code", type=Path, default=programs.ROOT, help="the folder whose Oximeter is measured")
    parser.add_argument("--only", type=str.lower, help="of the table the programs alone whose name begins so")
    parser.add_argument("--connections", type=int, help="that the limit is worked out for")
    return parser.parse_args()


if __name__ == "__main__":
    main()
