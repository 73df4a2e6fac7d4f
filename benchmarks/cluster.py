"""How fast feeds are read by threads, by one Dask worker and by two, into SQLite and into PostgreSQL, as ratios.

Usage: python -m benchmarks.cluster [--feeds N] [--latency SECONDS] (see --help). All of it runs on this machine: a
second worker gains what a second machine would only where processors are idle. Without a PostgreSQL server its lines
are left out.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil  # type: ignore[import-untyped]

from benchmarks.polling.farm import Running, farm
from benchmarks.polling.feeds import MEAN_BYTES
from monitor.config import Config
from monitor.model import DAY, FeedLine
from monitor.poll.executor import CONNECTIONS
from monitor.polling import poll_feeds
from monitor.store import open_store
from tests.cluster.machines import machines
from tests.organisation import NOW, Office
from tests.postgresql.server import Server, a_server, programs

CREWS = {"threads": 0, "one worker": 1, "two workers": 2}
"""Dask workers of each, with as many threads each as there are without."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What two nights of one crew and one store took: the first, when all is new, and the next, when nothing is."""

    crew: str
    store: str
    seconds: tuple[float, float]
    cpu_seconds: tuple[float, float]
    """Of all processes but those that serve the feeds."""
    here_seconds: tuple[float, float]
    """CPU seconds of the one process that hands out the work and stores what comes back: there is no second one."""
    store_bytes: int
    """Beyond those of an empty one."""
    entries: int


def main() -> None:
    """Print a table, a line for each crew and store."""
    options = _options()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        found = programs()
        server = stack.enter_context(a_server(found)) if found else None
        served = stack.enter_context(farm(options.feeds, mean_bytes=options.bytes, median_latency=options.latency))
        first: Taken | None = None
        print(
            f"{options.feeds} feeds of {options.bytes / 1000:.0f} KB on average; median latency {options.latency:g} s\n"
        )
        night = "feeds/s | times | CPU ms/feed | of it here"
        print(f"| read by | into | all new: {night} | unchanged: {night} | store: bytes/entry |")
        print(f"| --- | --- |{' ---: |' * 9}")
        for crew, workers in CREWS.items():
            for store in ("SQLite", *(["PostgreSQL"] if server else [])):
                place = Path(folder) / f"{workers}-{store}"
                place.mkdir()
                taken = _nights(place, served, crew, workers, store, server)
                first = first or taken
                print(_line(taken, first, options.feeds), flush=True)


def _nights(folder: Path, served: Running, crew: str, workers: int, store: str, server: Server | None) -> Taken:
    with ExitStack() as stack:
        database = server.a_database() if server and store == "PostgreSQL" else ""
        url = server.url(database) if server and database else "sqlite:///data/o.db"
        table = f'[store]\nurl = "{url}"\n[poll]\nconnections = {CONNECTIONS}\n'
        if workers:
            cluster = stack.enter_context(machines(folder, workers, threads=CONNECTIONS))
            table += f'executor = "dask"\nscheduler = "{cluster.address}"\n'
        # One feed a channel, as a farm's feeds are strangers to one another.
        config = (
            Office(folder / "kontor").write({f"c{n}": [one] for n, one in enumerate(served.addresses)}, table).config
        )
        open_store(url if database else config.store_url).close()
        empty = _size(config, server, database)
        first, next_night = (_night(config, served, night) for night in (0, 1))
        size = _size(config, server, database) - empty
        assert [line.entries for line in first[2]] == [line.entries for line in next_night[2]]
        entries = sum(line.entries for line in first[2])
        assert entries == served.known(0), f"{entries} entries, but {served.known(0)} are there"
        if server and database:
            server.drop(database)
    return Taken(
        crew, store, (first[0], next_night[0]), (first[1], next_night[1]), (first[3], next_night[3]), size, entries
    )


def _night(config: Config, served: Running, night: int) -> tuple[float, float, Sequence[FeedLine], float]:
    """Seconds and CPU seconds of polling every feed on a night, the feeds' lines after it, and our own CPU seconds."""
    with _cpu(served) as cpu:
        begun, ours = time.perf_counter(), time.process_time()
        with open_store(config.store_url) as store:
            lines = poll_feeds(config, store, int(NOW.timestamp()) + night * DAY)
        seconds = time.perf_counter() - begun
        here = time.process_time() - ours
    return seconds, cpu[0], lines, here


@contextmanager
def _cpu(served: Running) -> Iterator[list[float]]:
    """The CPU seconds of all our processes within, those that serve the feeds left out; a list of one at the end."""
    taken: list[float] = []
    before, farms = _cpu_so_far(), served.counts()["cpu_seconds"]
    yield taken
    taken.append(_cpu_so_far() - before - (served.counts()["cpu_seconds"] - farms))


def _cpu_so_far() -> float:
    us = psutil.Process()
    total = 0.0
    for process in (us, *us.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _size(config: Config, server: Server | None, database: str) -> int:
    if server and database:
        return int(server.does(f"SELECT pg_database_size('{database}')")[0][0])
    return sum(path.stat().st_size for path in (config.folder.parent / "data").glob("o.db*"))


def _line(taken: Taken, first: Taken, feeds: int) -> str:
    cells = [taken.crew, taken.store]
    for night in (0, 1):
        cells += [
            f"{feeds / taken.seconds[night]:.0f}",
            f"{first.seconds[night] / taken.seconds[night]:.2f}",
            f"{taken.cpu_seconds[night] / feeds * 1000:.1f}",
            f"{taken.here_seconds[night] / feeds * 1000:.1f}",
        ]
    return f"| {' | '.join([*cells, f'{taken.store_bytes / taken.entries:.0f}'])} |"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Threads, Dask, SQLite and PostgreSQL against each other.")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--bytes", type=int, default=MEAN_BYTES, help="of a feed, on average")
    parser.add_argument("--latency", type=float, default=0.0, help="the feeds' median, in seconds; log-normal")
    return parser.parse_args()


if __name__ == "__main__":
    main()
