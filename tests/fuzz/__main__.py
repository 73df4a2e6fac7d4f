"""``python -m tests.fuzz``: fuzz for some minutes, replay an input, or measure how time grows with size."""

from __future__ import annotations

import secrets
import sys
import time as clock
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import log
from multiprocessing import get_context
from pathlib import Path

import click
from pebble import ProcessPool
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from tests.fuzz import child, growth
from tests.fuzz.campaign import KEPT, Campaign
from tests.fuzz.case import Case, kept
from tests.fuzz.targets import TARGETS


@click.command()
@click.option("--minutes", default=10.0, show_default=True, help="How long to go on.")
@click.option("--seed", type=int, help="Which cases: the same seed has the same cases. By chance where not given.")
@click.option("--only", multiple=True, type=click.Choice(sorted(TARGETS)), help="A target; may be given again.")
@click.option("--replay", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Try this one input.")
@click.option("--grow", is_flag=True, help="Measure how the seconds grow with the size of documents made to be slow.")
@click.option("--workers", default=2, show_default=True, help="Processes.")
def main(
    minutes: float, seed: int | None, only: tuple[str, ...], replay: Path | None, grow: bool, workers: int
) -> None:
    """Give every target broken, hostile and odd inputs. Exit code 1 when a promise was broken."""
    if replay is not None:
        sys.exit(_replay(replay, only[0] if only else None))
    seed = secrets.randbelow(10**6) if seed is None else seed
    campaign = Campaign(only or tuple(TARGETS), seed, workers=workers)
    click.echo(f"seed {seed}")
    if grow:
        sys.exit(_grow(workers))
    _run(campaign, minutes)
    _summary(campaign)
    sys.exit(1 if campaign.failed else 0)


def _run(campaign: Campaign, minutes: float) -> None:
    """Until the time is up, with a bar where somebody looks on."""
    started = clock.monotonic()
    cases = campaign.made(lambda _: clock.monotonic() - started > minutes * 60)
    console = Console()
    if not console.is_terminal:
        campaign.run(cases)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=minutes * 60)

        def told(so_far: Campaign) -> None:
            tried = sum(tally.cases for tally in so_far.tallies.values())
            failed = sum(tally.failures.total() for tally in so_far.tallies.values())
            description = f"{tried:,} cases, {failed:,} failed"
            progress.update(task, completed=clock.monotonic() - started, description=description)

        campaign.run(cases, told)


def _summary(campaign: Campaign) -> None:
    for name, tally in campaign.tallies.items():
        slowest = f"slowest {tally.slowest:.2f} s {tally.slowest_case}" if tally.slowest else ""
        click.echo(f"{name:10} {tally.cases:8,} cases {tally.failures.total():6,} failed  {slowest}")
    for name, tally in campaign.tallies.items():
        for note, times in tally.notes.most_common(20):
            click.echo(f"{name}: {times:,} times an exception was told in a sentence: {note}")
        for failure, times in tally.failures.most_common():
            files = campaign.kept[f"{name} {failure}"]
            click.echo(f"{name}: {times:,} times {failure}; {', '.join(map(str, files))}")


def _replay(file: Path, target: str | None) -> int:
    try:
        case = kept(file, target)
    except ValueError as error:
        click.echo(str(error), err=True)
        return 2
    campaign = Campaign((case.target,), 0, folder=KEPT / "replayed", workers=1)
    campaign.run(iter([case]))
    _summary(campaign)
    for path in [path for paths in campaign.kept.values() for path in paths]:
        click.echo(path.with_suffix(".json").read_text(encoding="utf-8").replace("\\n", "\n"))
    return int(campaign.failed)


# --- Growth ---

SIZES = (50_000, 200_000, 800_000)
ENOUGH_SECONDS = 3.0
"""A document that takes this long is not made larger."""
KILLED_SECONDS = 30.0


def _grow(workers: int) -> int:
    """A line for each way to grow: seconds for each MB, and by size; those that grow with the square are marked."""
    slow = False
    made = ProcessPool(workers, initializer=child.begin, context=get_context("spawn"))
    with made as pool, ThreadPoolExecutor(workers) as threads:
        for name, times in threads.map(lambda name: (name, _measured(pool, name)), growth.RECIPES):
            power = _power(times)
            square = power is not None and power > 1.5 and times[-1][1] > 0.5
            slow = slow or square
            told = "  ".join(f"{size // 1000} kB {seconds:.2f} s" for size, seconds in times)
            click.echo(f"{_per_mb(times):8.1f} s/MB  {'SQUARE' if square else '      '}  {name:34} {told}")
    return int(slow)


def _measured(pool: ProcessPool, name: str) -> list[tuple[int, float]]:
    """(bytes, seconds) at growing sizes, until it takes long."""
    return list(_measures(pool, name))


def _measures(pool: ProcessPool, name: str) -> Iterator[tuple[int, float]]:
    for size in SIZES:
        data = growth.RECIPES[name](size)
        future = pool.schedule(child.attempt, args=[Case("growth", data)], timeout=KILLED_SECONDS)
        try:
            answer = future.result()
        except Exception as error:
            click.echo(f"{name} at {size:,} bytes: {type(error).__name__}")
            yield len(data), KILLED_SECONDS
            return
        if answer.broken:
            click.echo(f"{name} at {size:,} bytes: {answer.broken}")
        yield len(data), answer.seconds
        if answer.seconds > ENOUGH_SECONDS:
            return


def _per_mb(times: list[tuple[int, float]]) -> float:
    return times[-1][1] / times[-1][0] * 1_000_000


def _power(times: list[tuple[int, float]]) -> float | None:
    """How seconds grow from the last but one size to the last: 1 with the size, 2 with its square."""
    if len(times) < 2 or times[-2][1] <= 0.01:
        return None
    return log(times[-1][1] / times[-2][1]) / log(times[-1][0] / times[-2][0])


if __name__ == "__main__":
    main()
