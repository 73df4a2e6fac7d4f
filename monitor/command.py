"""What every command shares: its options, its clock, its progress bar, and our way with errors."""

from __future__ import annotations

import logging
import sys
import time as clock
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

import click

from monitor import __version__, logs, polling
from monitor.config import DEFAULT_PATH, Config, load
from monitor.errors import ConfigError, OximeterError
from monitor.machine import dead_clock
from monitor.model import Reading
from monitor.poll.guard import shown

LATEST = 10**11
"""Unix seconds of the last moment that a clock may be set to: the year 5138."""


@dataclass(frozen=True, slots=True)
class Session:
    """What every command is given: the config's path, the clock, and how much to say."""

    path: Path
    moment: str | None
    quiet: bool
    verbose: bool
    log_json: bool = False

    def config(self) -> Config:
        """The config, loaded now; what is secret in it is kept out of every log. Raises ConfigError."""
        config = load(self.path)
        logs.keep_secret(config.secrets())
        return config

    def now(self, zone: ZoneInfo) -> int:
        """``--now``, or else the machine's clock; Unix seconds. Raises OximeterError where that clock is dead."""
        return self.alive(int(clock.time())) if self.moment is None else parse_moment(self.moment, zone)

    def alive(self, now: int) -> int:
        """``now`` by the machine's clock; raises OximeterError where that clock is dead. ``--now`` may be any time."""
        trouble = dead_clock(now) if self.moment is None else None
        if trouble is not None:
            raise OximeterError(trouble)
        return now

    @property
    def moving(self) -> bool:
        """True where something may move on standard error: for a person, who wants to be told."""
        if self.quiet or self.log_json:
            return False
        from rich.console import Console  # takes a while, and a night without a terminal does without it

        return Console(stderr=True).is_terminal

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
        def invoke(config: Path, now: str | None, quiet: bool, verbose: bool, log_format: str, **more: Any) -> None:
            as_json = log_format == "json"
            logs.configure(as_json, verbose, quiet)
            with errors_as_sentences(as_json):
                function(Session(config, now, quiet, verbose, as_json), **more)

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
    click.option(
        "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True,
        help="How to write on standard error; json is for programs.",
    ),
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for other programs.")


@contextmanager
def errors_as_sentences(as_json: bool = False) -> Iterator[None]:
    """Turn every error into its sentences on standard error and its exit code, one that nobody foresaw too.

    With ``as_json`` what is wrong with the command itself is a JSON line as well, rather than click's own words.
    """
    try:
        yield
    except ConfigError as error:
        fail(error.problems, error.exit_code)
    except OximeterError as error:
        fail([str(error)], error.exit_code)
    except BrokenPipeError:  # whoever read us has had enough
        sys.stderr.close()
        sys.exit(1)
    except click.ClickException as error:
        if not as_json:
            raise
        fail([error.format_message()], error.exit_code)
    except (click.Abort, click.exceptions.Exit):
        raise
    except Exception as error:
        fail([logs.mistake(error)], 1, error)


def fail(sentences: Iterable[str], code: int, error: Exception | None = None) -> NoReturn:
    """Say what went wrong and end with the exit code; with ``--verbose`` the traceback of ``error`` is told too."""
    for sentence in sentences:
        logging.getLogger(logs.COMMAND).error("%s", sentence, exc_info=error, extra={"exit_code": code})
    sys.exit(code)


def warn(sentence: str) -> None:
    """Say on standard error what is not as it should be, and go on."""
    logging.getLogger(logs.COMMAND).warning("%s", sentence)


class _Commands(click.Group):
    """The commands, those of a channel's owner only where one is asked for."""

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name not in self.commands:
            import_module("monitor.cli_channels")
        return super().get_command(context, name)

    def list_commands(self, context: click.Context) -> list[str]:
        import_module("monitor.cli_channels")
        return super().list_commands(context)


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Example: oximeter check && oximeter run",
)
@click.version_option(__version__, prog_name="oximeter")
def main() -> None:
    """Which blogs and forums are short of oxygen, of what, and what to do about it.

    Oxygen is dialogue: somebody posts, somebody else replies, the organisation answers, new people join.
    """


@contextmanager
def progress(session: Session, feeds: int) -> Iterator[polling.Watch]:
    """Yields what is to be told of every reading: a bar on a terminal, log lines with --verbose, else silence."""
    if not session.moving or session.verbose:
        yield log_feed
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[failed]} not read"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("Feeds", total=feeds, failed=0)
        failed = 0

        def watch(reading: Reading, new: int) -> None:
            nonlocal failed
            failed += not reading.outcome.readable
            done = bar.tasks[0].completed + 1
            # Feeds of single threads are asked beyond those listed.
            bar.update(task, advance=1, failed=failed, total=max(feeds, done))
            log_feed(reading, new)

        yield watch


def log_feed(reading: Reading, new: int) -> None:
    """A line of the log for a feed that was read, or could not be."""
    url = shown(reading.url)
    facts = {"event": "feed", "channel": reading.channel, "url": url, "outcome": reading.outcome.value}
    figures = {"reason": reading.reason, "new": new, "bytes": reading.size, "seconds": round(reading.seconds, 3)}
    logging.getLogger("oximeter.poll").info(
        "%s %s %s: %s; %d new, %d bytes, %.2f s",
        reading.channel, url, reading.outcome, reading.reason, new, reading.size, reading.seconds,
        extra=facts | figures,
    )  # fmt: skip
