"""What every command shares: its options, its clock, its progress bar, and our way with errors."""

from __future__ import annotations

import logging
import sys
import time as clock
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from monitor import __version__, jobs
from monitor.config import DEFAULT_PATH, Config, load
from monitor.errors import ConfigError, OximeterError
from monitor.model import Reading
from monitor.report import clean

LATEST = 10**11
"""Unix seconds of the last moment that a clock may be set to: the year 5138."""


@dataclass(frozen=True, slots=True)
class Session:
    """What every command is given: the config's path, the clock, and how much to say."""

    path: Path
    moment: str | None
    quiet: bool
    verbose: bool

    def config(self) -> Config:
        """The config, loaded now. Raises ConfigError."""
        return load(self.path)

    def now(self, zone: ZoneInfo) -> int:
        """``--now``, or else the machine's clock; Unix seconds."""
        return int(clock.time()) if self.moment is None else parse_moment(self.moment, zone)

    def say(self, *lines: str) -> None:
        """Print for a person, unless asked to be quiet."""
        if not self.quiet:
            for line in lines:
                click.echo(line)


def parse_moment(text: str, zone: ZoneInfo, option: str = "--now") -> int:
    """A moment given as an option, in Unix seconds; without a zone it is the organisation's. Raises a usage error."""
    try:
        moment = datetime.fromisoformat(text)
        seconds = int((moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp())
    except (ValueError, OverflowError):
        seconds = -1
    if not 0 <= seconds <= LATEST:
        raise click.BadParameter(
            f"{text!r} is not a moment; expected for example 2026-03-01T03:00:00+01:00", param_hint=option
        )
    return seconds


def command(**settings: Any) -> Callable[[Callable[..., None]], click.Command]:
    """A command of ``oximeter`` with the options that every one takes, and our way with errors."""

    def decorate(function: Callable[..., None]) -> click.Command:
        def invoke(config: Path, now: str | None, quiet: bool, verbose: bool, **more: Any) -> None:
            with errors_as_sentences():
                _log(verbose)
                function(Session(config, now, quiet, verbose), **more)

        invoke.__doc__ = function.__doc__
        invoke.__click_params__ = getattr(function, "__click_params__", [])  # type: ignore[attr-defined]
        for option in reversed(COMMON):
            option(invoke)
        return main.command(function.__name__.rstrip("_"), **settings)(invoke)

    return decorate


COMMON = (
    click.option(
        "--config", type=click.Path(path_type=Path), default=DEFAULT_PATH, show_default=True, help="The config file."
    ),
    click.option("--now", metavar="ISO", help="Set the clock, for replays and tests: 2026-03-01T03:00:00+01:00."),
    click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    click.option("--verbose", is_flag=True, help="A log line for each feed, on standard error."),
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")


@contextmanager
def errors_as_sentences() -> Iterator[None]:
    """Turn every error of ours into its sentences on standard error and its exit code."""
    try:
        yield
    except ConfigError as error:
        fail(error.problems, error.exit_code)
    except OximeterError as error:
        fail([str(error)], error.exit_code)
    except BrokenPipeError:  # whoever read us has had enough
        sys.stderr.close()
        sys.exit(1)


def fail(sentences: Iterable[str], code: int) -> NoReturn:
    for sentence in sentences:
        click.echo(clean(sentence, 2_000), err=True)
    sys.exit(code)


def _log(verbose: bool) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        stream=sys.stderr,
        force=True,
    )
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


@click.group(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: oximeter check && oximeter run",
)
@click.version_option(__version__, prog_name="oximeter")
def main() -> None:
    """Which blogs and forums are short of oxygen, of what, and what to do about it.

    Oxygen is dialogue: somebody posts, somebody else replies, the organisation answers, new people join.
    """


@contextmanager
def progress(session: Session, feeds: int) -> Iterator[jobs.Watch]:
    """Yields what is to be told of every reading: a bar on a terminal, log lines with --verbose, else silence."""
    log = logging.getLogger("oximeter.poll")
    console = Console(stderr=True)
    shown = console.is_terminal and not session.quiet and not session.verbose
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} not read"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not shown) as bar:
        task = bar.add_task("Feeds", total=feeds, failed=0)
        failed = 0

        def watch(reading: Reading, new: int) -> None:
            nonlocal failed
            failed += not reading.outcome.readable
            done = bar.tasks[0].completed + 1
            # Feeds of single threads are asked beyond those listed.
            bar.update(task, advance=1, failed=failed, total=max(feeds, done))
            log.info(
                "%s %s %s: %s; %d new, %d bytes, %.2f s",
                reading.channel, clean(reading.url, 500), reading.outcome, clean(reading.reason, 500), new,
                reading.size, reading.seconds,
            )  # fmt: skip

        yield watch
