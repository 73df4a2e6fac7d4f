"""A night that is watched: a heartbeat to a watcher elsewhere, a file of figures, and a log of begin and end."""

from __future__ import annotations

import logging
import time as clock
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from monitor import jobs, logs, metrics, polling
from monitor.config import Config, heartbeat_in
from monitor.deliver import heartbeat
from monitor.errors import ConfigError, DeliveryError, LockedError, OximeterError
from monitor.model import Outcome, Reading
from monitor.nights import night_of

log = logging.getLogger("oximeter.run")

Word = Callable[[str, str], None]
"""Tells the watcher at an address a text."""


@contextmanager
def before_the_night(path: Path) -> Iterator[None]:
    """Tell the watcher of a night that ends before it begins: the config at ``path`` is wrong, the clock is dead."""
    try:
        yield
    except OximeterError as error:
        address = heartbeat_in(path)
        if address is not None:
            logs.keep_secret([address])
            _tell(heartbeat.fail, address, f"The night did not begin. {_sentence(error)}")
        raise


def night(config: Config, now: int, watch: polling.Watch | None = None, every: bool = True) -> jobs.Result:
    """The nightly job at ``now`` (Unix seconds), watched. Takes ``every`` to, and raises, what ``jobs.run`` does.

    Steps: 1. where another run is at work it is left alone, and no watcher hears of this one; 2. once the lock is ours
    the watcher is told that the night begins; 3. the job; 4. the watcher is told how it ended, the figures are written,
    the log is told. A watcher that cannot be reached and a file that cannot be written are warnings.
    """
    here = _Watched(config, now)
    try:
        result = jobs.run(config, now, here.counting(watch), here.begins, every)
    except LockedError:  # the night is another run's to tell of
        raise
    except BaseException as error:
        if not here.begun:  # the lock could not even be made
            here.begins()
        here.fails(error)
        raise
    here.ends(result)
    return result


class _Watched:
    """One night as its watchers see it."""

    def __init__(self, config: Config, now: int) -> None:
        self.config, self.now = config, now
        self.name = night_of(now, config.zone)
        self.started = clock.monotonic()
        self.readings: dict[tuple[str, str], Outcome] = {}
        self.new_entries = 0
        self.begun = False
        try:
            self.address = config.watcher()
        except ConfigError as error:
            self.address = None
            log.warning("%s", error)

    def begins(self) -> None:
        self.begun = True
        channels = len(self.config.channels)
        feeds = sum(len(channel.feeds) for channel in self.config.channels)
        told = f"{_count(channels, 'channel')}, {_count(feeds, 'feed')}"
        log.info("run started: %s", told, extra={"event": "run_started", "night": self.name, "channels": channels})
        self.tell(heartbeat.start, f"The night of {self.name} begins: {told}.")

    def counting(self, watch: polling.Watch | None) -> polling.Watch:
        """Counts what was read before a night failed."""

        def count(reading: Reading, new: int) -> None:
            self.new_entries += new
            if not reading.thread_of:
                self.readings[reading.channel, reading.url] = reading.outcome
            if watch is not None:
                watch(reading, new)

        return count

    def ends(self, result: jobs.Result) -> None:
        mails = Counter(mail.state for mail in result.mails)
        run = metrics.Run(
            now=self.now,
            seconds=self.seconds,
            good=not result.undelivered,
            feeds=Counter(feed.outcome for feed in result.feeds if feed.outcome is not None),
            new_entries=sum(feed.new_entries for feed in result.feeds),
            mails=mails,
            entries=sum(feed.entries for feed in result.feeds),
            night=result.night,
        )
        self.tell(heartbeat.success if run.good else heartbeat.fail, self.told(run, len(result.feeds)))
        self.close(run, report=None if result.report is None else str(result.report))

    def fails(self, error: BaseException) -> None:
        run = metrics.Run(self.now, self.seconds, False, Counter(self.readings.values()), self.new_entries)
        self.tell(heartbeat.fail, f"The night of {self.name} failed. {_sentence(error)}")
        self.close(run, exit_code=error.exit_code if isinstance(error, OximeterError) else 1)

    def told(self, run: metrics.Run, feeds: int) -> str:
        read = sum(number for outcome, number in run.feeds.items() if outcome.readable)
        sentences = [
            f"The night of {self.name} is done in {run.seconds:.0f} seconds.",
            f"{_count(feeds, 'feed')}, new entries: {run.new_entries}, not read: {feeds - read}.",
        ]
        if waiting := run.mails.get("waiting", 0):
            sentences.append(f"Letters that wait for the next run: {waiting}; the log says why.")
        return " ".join(sentences)

    def close(self, run: metrics.Run, report: str | None = None, exit_code: int | None = None) -> None:
        try:
            metrics.write(self.config.folder / metrics.NAME, run)
        except Exception as error:  # whatever it is, a night is not to fail of being watched
            reason = getattr(error, "strerror", None) or type(error).__name__
            # A night that failed has most likely failed of the same, and has said so.
            level = logging.WARNING if exit_code is None else logging.INFO
            log.log(level, "%s cannot be written: %s; check the folder.", self.config.folder / metrics.NAME, reason)
        facts: dict[str, Any] = {
            "event": "run_ended",
            "night": self.name,
            "seconds": round(run.seconds, 3),
            "feeds": {outcome.value: run.feeds.get(outcome, 0) for outcome in Outcome},
            "new": run.new_entries,
            "report": report,
            "mails": {state: run.mails.get(state, 0) for state in dict.fromkeys([*metrics.MAIL_STATES, *run.mails])},
            "exit_code": int(not run.good) if exit_code is None else exit_code,
        }
        log.info("run ended after %.1f s, exit code %d", run.seconds, facts["exit_code"], extra=facts)

    @property
    def seconds(self) -> float:
        return clock.monotonic() - self.started

    def tell(self, word: Word, text: str) -> None:
        if self.address is not None:
            _tell(word, self.address, text)


def _tell(word: Word, address: str, text: str) -> None:
    try:
        word(address, logs.safe(text))
    except DeliveryError as error:
        log.warning("%s", error)


def _sentence(error: BaseException) -> str:
    """What went wrong, for a watcher who is a stranger: of the config no more than that it is wrong."""
    if isinstance(error, ConfigError):
        return f"The config has {_count(len(error.problems), 'mistake')}; oximeter check tells."
    return str(error) if isinstance(error, OximeterError) else logs.mistake(error)


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
