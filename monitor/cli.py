"""The commands: each a thin call into the jobs; errors become exit codes and sentences."""

from __future__ import annotations

import json
import logging
import shlex
import sys
import time as clock
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from monitor import alone, logs, polling
from monitor import report as report_room
from monitor.command import AS_JSON, LATEST, Session, command, fail, log_feed, main, parse_moment, progress
from monitor.config import DEFAULT_PATH, Config
from monitor.errors import ConfigError, LockedError, OximeterError
from monitor.files import write_whole, writing_whole
from monitor.model import FeedLine, Night, Opening
from monitor.nights import night_of
from monitor.report.languages import LANGUAGES
from monitor.report.lines import clean, without_password
from monitor.sites import find_feeds, with_feeds
from monitor.store import open_store

if TYPE_CHECKING:
    from monitor.delivery import Mail
    from monitor.jobs import Result
    from monitor.report import Words

__all__ = ["Session", "main", "scheduled_night"]

log = logging.getLogger("oximeter.schedule")

NO_CHANNELS = (
    "There is no channel in {path} yet, so there is nothing to do. Add one by the address of its site:\n\n"
    "  oximeter add https://blog.eksempel.example/\n\n"
    "then try `oximeter check`. To see what a report looks like, run `oximeter demo`."
)
MAIL_STATES = {"sent": "sent to", "outbox": "in the outbox for", "waiting": "waiting for"}
STYLES = {"dead": "red", "starving": "red", "thin": "yellow", "breathing": "green"}


def _feeds_json(feeds: Iterable[FeedLine]) -> list[dict[str, Any]]:
    return [
        {
            "channel": feed.channel,
            "url": without_password(feed.url),
            "outcome": feed.outcome,
            "reason": feed.reason,
            "entries": feed.entries,
            "new_entries": feed.new_entries,
        }
        for feed in feeds
    ]


def _mails_json(mails: Iterable[Mail]) -> list[dict[str, str]]:
    return [{"to": one.to, "state": one.state} for one in mails]


def _print_json(document: object) -> None:
    click.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False))


def _has_channels(session: Session, config: Config) -> bool:
    if config.channels:
        return True
    session.say(NO_CHANNELS.format(path=session.path))
    return False


@command(epilog="Example: oximeter run --config config/channels.toml --verbose")
@AS_JSON
def run(session: Session, as_json: bool) -> None:
    """Do the nightly job: poll, measure, report, mail.

    Safe to repeat, to overlap and to interrupt.
    """
    from monitor import watching

    with watching.before_the_night(session.path):
        config = session.config()
        now = session.now(config.zone)
    if not as_json and not _has_channels(session, config):
        return
    if not config.channels:
        return _print_json({"feeds": [], "report": None, "mails": []})
    with progress(session, _feed_count(config)) as watch:
        result = watching.night(config, now, watch)
    if as_json:
        report = None if result.report is None else str(result.report)
        _print_json({"feeds": _feeds_json(result.feeds), "report": report, "mails": _mails_json(result.mails)})
    else:
        summary(session, result)
    complain(result.mails)


def _feed_count(config: Config) -> int:
    return sum(len(channel.feeds) for channel in config.channels)


def summary(session: Session, result: Result) -> None:
    """What a run did, for a person."""
    _feed_summary(session, result.feeds)
    if result.report is not None:
        session.say(f"Report: {result.report}", f"JSON:   {result.report.with_name('report.json')}")
    for mail in result.mails:
        where = MAIL_STATES.get(mail.state, f"{mail.state}:")
        session.say(f"Mail:   {where} {mail.to}" + (f": {mail.path}" if mail.path else ""))


def _feed_summary(session: Session, feeds: tuple[FeedLine, ...]) -> None:
    if not feeds:
        return
    unread = [feed for feed in feeds if feed.outcome is None or not feed.outcome.readable]
    new = sum(feed.new_entries for feed in feeds)
    session.say(f"{len(feeds)} feeds, {new} new entries, {len(unread)} not read")
    for feed in unread:
        session.say(f"  {feed.channel}: {clean(feed.reason, 300)}")


def complain(mails: Iterable[Mail]) -> None:
    """Exit 1 with a sentence for each letter that a mail server did not take."""
    waiting = [one for one in mails if one.state == "waiting"]
    if waiting:
        fail([f"The mail to {one.to} waits for the next run: {one.error}" for one in waiting], 1)


@command(epilog="Example: oximeter poll --json")
@click.option("--due", is_flag=True, help="Only feeds so busy that the next night would be too late.")
@AS_JSON
def poll(session: Session, due: bool, as_json: bool) -> None:
    """Fetch every feed and store what is new.

    With --due, for an hourly cron: only feeds whose window would pass by before the next night.
    """
    config = session.config()
    now = session.now(config.zone)
    if not as_json and not _has_channels(session, config):
        return
    with progress(session, _feed_count(config)) as watch, alone.at_work(config) as store:
        config = find_feeds(config, store, now)
        feeds = polling.poll_due(config, store, now, watch) if due else polling.poll_feeds(config, store, now, watch)
    if as_json:
        _print_json({"feeds": _feeds_json(feeds)})
    else:
        _feed_summary(session, feeds)


@command(epilog="Example: oximeter report && xdg-open reports/index.html")
def report(session: Session) -> None:
    """Judge every channel and write the page.

    Works on what is stored: no fetching, no mail.
    """
    config = session.config()
    now = session.now(config.zone)
    if not _has_channels(session, config):
        return
    from monitor import jobs

    with alone.at_work(config) as store:
        config = with_feeds(config, store)
        page = jobs.write_report(config, store, jobs.judge_night(config, store, now))
    summary(session, jobs.Result(report=page))


@command(epilog="Example: oximeter send")
@AS_JSON
def send(session: Session, as_json: bool) -> None:
    """Send the mail that is due, and what waits.

    A night's mail is sent once.
    """
    config = session.config()
    now = session.now(config.zone)
    if not as_json and not _has_channels(session, config):
        return
    with alone.at_work(config) as store:
        config = with_feeds(config, store)
        page = config.folder / night_of(now, config.zone) / "index.html"
        from monitor.delivery import deliver
        from monitor.examination import examine

        mails = deliver(config, store, examine(config, store, now), page if page.exists() else None)
    if as_json:
        _print_json({"mails": _mails_json(mails)})
    else:
        summary_of_mails(session, mails)
    complain(mails)


def summary_of_mails(session: Session, mails: tuple[Mail, ...]) -> None:
    """What became of the letters, for a person."""
    if not mails:
        session.say("No mail is due.")
    for mail in mails:
        session.say(f"{mail.to}: {mail.state}" + (f" {mail.path}" if mail.path else ""))


@command(epilog="Example: oximeter status --json")
@AS_JSON
def status(session: Session, as_json: bool) -> None:
    """Say how each channel is doing, one line each.

    As of when the feeds were last asked, or of --now.
    """
    config = session.config()
    found = report_room.status(_latest(session, config))
    if as_json:
        _print_json(found)
    elif _has_channels(session, config) and not session.quiet:
        _status_table(found)


def _status_table(found: dict[str, Any]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(soft_wrap=not sys.stdout.isatty())
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("channel", "status", "since", "oxygen", "posts", "replies", "why"):
        table.add_column(heading, no_wrap=heading != "why", overflow="fold")
    for one in found["channels"]:
        why = one["reasons"][0]["text"] if one["reasons"] else ""
        oxygen = "" if one["oxygen"] is None else str(one["oxygen"])
        style = STYLES.get(one["status"], "")
        cells = [one["id"], one["status"], one["since"][:10], oxygen, str(one["posts"]), str(one["replies"]), why]
        table.add_row(*(Text(clean(cell, 300), style if place == 1 else "") for place, cell in enumerate(cells)))
    if not console.is_terminal:
        console.width = 400
    console.print(table)


@command(epilog='Example: oximeter advise --new "Facebook page" --hours 3')
@click.argument("channel", required=False)
@click.option("--new", metavar="NAME", help="Ask whether to open one more channel of this name.")
@click.option("--hours", type=click.FloatRange(0, 168), help="Hours a week that the new one would get.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Another language than the config's.")
@AS_JSON
def advise(
    session: Session, channel: str | None, new: str | None, hours: float | None, language: str | None, as_json: bool
) -> None:
    """Play the devil's advocate: what to staff, merge or close.

    Asks of each CHANNEL (or all) the questions that went unasked, says what the pledged hours can keep alive, and with
    --new whether to open one more. As of when the feeds were last asked, or of --now.
    """
    if new is not None and hours is None:
        raise click.UsageError("--new needs --hours: how many hours a week would it get?")
    if hours is not None and new is None:
        raise click.UsageError("--hours needs --new: what would the new channel be called?")
    config = session.config()
    if channel is not None and channel not in {one.id for one in config.channels}:
        known = ", ".join(one.id for one in config.channels)
        raise click.BadParameter(f"{channel!r} is no channel of {session.path}; expected one of {known}")
    if not as_json and not _has_channels(session, config):
        return
    night = _latest(session, config)
    words = report_room.Words.of(config.organisation, language)
    from monitor.oxygen import whether_to_open

    asked = None if new is None else whether_to_open(night.channels, new, hours or 0.0)
    if as_json:
        return _print_json(_advice_json(night, asked, words))
    if asked is not None:
        answer, reasons = report_room.opening(asked, words)
        return session.say(answer, *(f"- {reason}" for reason in reasons))
    session.say(*report_room.advice_text(night, words, channel))


def _latest(session: Session, config: Config) -> Night:
    """The channels as they were when the feeds were last asked, or at --now."""
    from monitor.examination import examine

    with open_store(config.store_url) as store:
        config = with_feeds(config, store)
        asked = None if session.moment else store.last_fetch()
        return examine(config, store, session.now(config.zone) if asked is None else asked)


def _advice_json(night: Night, asked: Opening | None, words: Words) -> dict[str, Any]:
    counsel = {} if night.counsel is None else report_room.advice_data(night.counsel, words)
    moment = datetime.fromtimestamp(night.now, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"as_of": moment, **counsel, "new": None if asked is None else report_room.opening_data(asked, words)}


@command(epilog="Example: oximeter check && oximeter run")
@AS_JSON
def check(session: Session, as_json: bool) -> None:
    """Say what would go wrong tonight. Changes nothing.

    Tries config, clock, store, disk, report folder, every feed, the mail server and whoever else is told. Exits 1
    where something would go wrong.
    """
    from monitor.checkup import check as try_all
    from monitor.checkup import tally

    config = session.config()
    findings = []
    now = int(clock.time()) if session.moment is None else session.now(config.zone)
    for one in try_all(config, now, by_the_machine=session.moment is None):
        findings.append(one)
        if not as_json and not (session.quiet and one.well):
            click.echo(f"{'ok  ' if one.well else 'BAD '} {one.what:9} {clean(one.sentence, 2_000)}")
    if as_json:
        _print_json({"findings": [{"what": f.what, "well": f.well, "sentence": f.sentence} for f in findings]})
    if not all(one.well for one in findings):
        if not as_json:
            session.say("", tally(findings))
        sys.exit(1)


def _hours(_context: click.Context, _option: click.Parameter, given: tuple[str, ...]) -> tuple[time, ...]:
    try:
        return tuple(datetime.strptime(hour, "%H:%M").time() for hour in given)
    except ValueError:
        raise click.BadParameter("expected an hour of the day such as 03:00") from None


@command(epilog="Example: oximeter schedule --at 03:00")
@click.option(
    "--at", "hours", multiple=True, default=("03:00",), show_default=True, callback=_hours,
    help="When to run, in the organisation's time zone. May be given more than once.",
)  # fmt: skip
def schedule(session: Session, hours: tuple[time, ...]) -> None:
    """Stay, and run the nightly job at its hours.

    For those without cron. A night that was slept through is made up for once. In between, feeds so busy that their
    window would pass by before the next night are polled. With several hours a day, feeds are asked at the pace that
    their life needs: one that is written to every month is asked once a day.
    """
    from monitor.schedule import scheduler, stay

    config = session.config()
    ahead = session.now(config.zone) - int(clock.time())
    told = ", ".join(f"{hour:%H:%M}" for hour in hours)
    stay(
        scheduler(
            lambda: scheduled_night(session, int(clock.time()) + ahead), hours, config.zone,
            between=lambda: scheduled_poll(session, int(clock.time()) + ahead),
        ),
        ready=lambda: session.say(f"Running every day at {told} {config.organisation.timezone}; stop with Ctrl-C."),
    )  # fmt: skip


def scheduled_poll(session: Session, now: int) -> None:
    """Poll what is due between two nights; whatever goes wrong is logged, and the next look comes all the same."""
    with logged():
        config = session.config()
        session.alive(now)
        try:
            with alone.at_work(config) as store:
                config = with_feeds(config, store)
                polling.poll_due(config, store, now, log_feed)
        except LockedError:  # the night itself is at work, and reads every feed
            return


def scheduled_night(session: Session, now: int) -> None:
    """One night of the resident scheduler; whatever goes wrong is logged, and the next night comes all the same.

    The config is read anew every night: an edit needs no restart, and a mistake in it costs one night.
    """
    from monitor import watching

    with logged():
        with watching.before_the_night(session.path):
            config = session.config()
            session.alive(now)
        result = watching.night(config, now, log_feed, every=False)
        for mail in result.undelivered:
            log.warning("the mail to %s waits for the next run: %s", mail.to, mail.error)
        session.say(f"Report: {result.report}")


@contextmanager
def logged() -> Iterator[None]:
    """Log whatever goes wrong within, instead of ending the scheduler."""
    try:
        yield
    except ConfigError as error:
        for problem in error.problems:
            log.error("%s", problem, extra={"exit_code": error.exit_code})
    except OximeterError as error:
        log.error("%s", error, extra={"exit_code": error.exit_code})
    except Exception as error:
        log.error("%s", logs.mistake(error), exc_info=error, extra={"exit_code": 1})


@command(epilog="Example: oximeter demo")
@AS_JSON
def demo(session: Session, as_json: bool) -> None:
    """Play the whole job on a sample organisation.

    It is served on this machine; no network is used. Works with the store and the report folder of
    config/demo.toml, below the folder where it is run.
    """
    from monitor.demo.night import demo as play

    with rehearsal(session) as watch:
        # Tonight's nine o'clock and three in the morning look the same: the sample is made backwards from now.
        config, result = play(_demo_path(session), session.now(ZoneInfo("Europe/Copenhagen")), watch)
    if as_json:
        _print_json(
            {"feeds": _feeds_json(result.feeds), "report": str(result.report), "mails": _mails_json(result.mails)}
        )
    else:
        summary(session, result)
        session.say(f"Look again with: {_our_name()} status --config {shlex.quote(_below(config.path))}")
    complain(result.mails)


def _our_name() -> str:
    """How this program was called, as a person would type it again."""
    if not click.get_current_context().command_path.startswith("python"):
        return "oximeter"
    return f"{shlex.quote(_below(Path(sys.executable)))} -m monitor"


def _below(path: Path) -> str:
    """The path as seen from the current folder where it lies below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _demo_path(session: Session) -> Path | None:
    return None if session.path == DEFAULT_PATH else session.path


@contextmanager
def rehearsal(session: Session) -> Iterator[Callable[[int, int], None]]:
    """Yields what is to be told of each past night: a bar on a terminal."""
    with _bar(session, "Past nights") as moved:
        yield moved


@contextmanager
def _bar(session: Session, what: str) -> Iterator[Callable[[int, int], None]]:
    """Yields what is to be told of how much is done, and of how much there is: a bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True, disable=not session.moving) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


@command(epilog="Example: oximeter backtest events.csv.gz --every 30 --out scores.csv")
@click.argument("events", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--every", "every_days", type=click.IntRange(1), default=30, show_default=True, help="Days between looks."
)
@click.option("--until", metavar="DATE", help="The last moment to look; default: 365 days after the last event.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; default: standard output."
)
def backtest(session: Session, events: Path, every_days: int, until: str | None, out: Path | None) -> None:
    """Replay a history: what would we have said?

    EVENTS is csv or csv.gz with the columns channel,kind,time,author,thread,staff. Writes csv
    channel,time,status,score, where score is the probability that nothing more comes for 180 days.
    """
    import io

    from monitor.replay import replay

    last = None if until is None else _until(until)
    text = io.StringIO()
    with _bar(session, "Channels") as moved:
        rows = replay(events, text, every_days, last, moved)
    if out is None:
        click.echo(text.getvalue(), nl=False)
    else:
        write_whole(out, text.getvalue())
        session.say(f"{rows} moments written to {out}")


def _until(text: str) -> int:
    """``--until`` as Unix seconds: a date or moment (UTC where it has no zone), or the seconds themselves."""
    if text.isdecimal():
        text = f"{datetime.fromtimestamp(min(int(text), LATEST), UTC):%Y-%m-%dT%H:%M:%S}"
    try:
        return parse_moment(text, ZoneInfo("UTC"))
    except click.BadParameter:
        raise click.BadParameter(
            f"{text!r} is not a date; expected for example 2026-03-01", param_hint="--until"
        ) from None


@command(epilog="Example: oximeter export --format csv > contributions.csv")
@click.option("--format", "form", type=click.Choice(["csv", "json", "opml"]), default="csv", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Where to write; default: standard output."
)
def export(session: Session, form: str, out: Path | None) -> None:
    """Write every stored post and reply.

    csv rows are channel,kind,time,author,thread with time in Unix seconds; json has the same in ISO 8601. opml is the
    list of channels and their feeds, for other readers.
    """
    from monitor.replay import export_csv, export_json

    config = session.config()
    if form == "opml":
        from monitor import opml

        with _output(out) as file:
            file.write(opml.write(config.channels, config.organisation.name))
        return
    with open_store(config.store_url) as store, _output(out) as file:
        if form == "csv":
            export_csv(store, config.channels, file)
        else:
            export_json(store, config.channels, file)


@contextmanager
def _output(path: Path | None) -> Iterator[IO[str]]:
    if path is None:
        yield sys.stdout
        return
    # Whole or not at all: an export that is cut off must not pass for all there is.
    with writing_whole(path) as file:
        yield file
