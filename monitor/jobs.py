"""A night: poll, measure, report, deliver. The only place that knows the whole way.

Every step may be repeated: polling again stores nothing twice, judging a night again gives the same verdict, a page is
written in place of the one before, and a letter is made once for each night and recipient.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from monitor import report
from monitor.alone import alone
from monitor.config import Config
from monitor.delivery import Mail, alert_feed, deliver, page_name
from monitor.files import sweep, write_whole, writing_whole
from monitor.machine import sparing_memory
from monitor.model import FeedLine, Night
from monitor.nights import night_of
from monitor.polling import Watch, poll_feeds
from monitor.report.schema import schema
from monitor.sites import find_feeds
from monitor.store import Store, mending, open_store
from monitor.store.trouble import StoreDamaged
from monitor.workers import sharing


@dataclass(frozen=True, slots=True)
class Result:
    """What a run did."""

    feeds: tuple[FeedLine, ...] = ()
    report: Path | None = None
    mails: tuple[Mail, ...] = ()
    night: Night | None = None
    """The verdicts, where channels were judged."""

    @property
    def undelivered(self) -> tuple[Mail, ...]:
        """Letters that must wait for the next run."""
        return tuple(one for one in self.mails if one.state == "waiting")


def run(
    config: Config,
    now: int,
    watch: Watch | None = None,
    begun: Callable[[], None] = lambda: None,
    every: bool = True,
) -> Result:
    """The nightly job at ``now`` (Unix seconds). Safe to repeat, to overlap and to interrupt.

    Steps: 1. what a killed run left is cleared away; 2. the night; 3. where the store turns out to be damaged and there
    is a sound backup of it, that takes its place and the night is done once more, from its beginning.

    Raises LockedError where another run is at work, OximeterError where the store or the folder cannot be used.
    A feed that fails is a line in the result; a letter that is refused is a mail that waits. ``begun`` is called once
    the night is this run's to do. Without ``every`` feeds that may rest by their own rhythm are not asked.
    """
    day = date.fromisoformat(night_of(now, config.zone))
    with alone(config) as still_ours:
        begun()
        sweep(config.folder)
        mending.tidy(config.store_url, day)
        try:
            return _night(config, now, day, watch, every, still_ours)
        except StoreDamaged as damage:
            mending.mend(config.store_url, day, damage)
            return _night(config, now, day, watch, every, still_ours)


def _night(
    config: Config, now: int, day: date, watch: Watch | None, every: bool, still_ours: Callable[[], None]
) -> Result:
    with open_store(config.store_url) as store:
        # A quarter of the night at most: sites that lead nowhere must not keep known feeds from being read.
        config = find_feeds(config, store, now, config.poll.night_minutes * 15)
        feeds = poll_feeds(config, store, now, watch, every)
        still_ours()
        night = judge_night(config, store, now)
        page = write_report(config, store, night)
        result = Result(feeds, page, deliver(config, store, night, page), night)
        store.keep_backup(day)
    return result


def judge_night(config: Config, store: Store, now: int) -> Night:
    """Measure and judge every channel, and keep the verdicts."""
    # numpy and scipy take 26 MB: not before the feeds are read, when memory is needed most.
    from monitor.examination import examine

    night = examine(config, store, now, store.keep_digests)
    name = night_of(now, config.zone)
    store.save_verdicts({one.channel.id: one.diagnosis for one in night.channels}, name, now)
    return night


def write_report(config: Config, store: Store, night: Night) -> Path:
    """Write the night's pages and JSON, then the archive that links to them and the alert feed. The page's path."""
    name = night_of(night.now, config.zone)
    folder = config.folder / name
    own = config.organisation.language
    files = {language: page_name(config, language) for language in sorted(config.languages, key=lambda one: one != own)}
    with sparing_memory():
        written = report.write(night, files, lambda file: writing_whole(folder / file), sharing(len(night.channels)))
    for left in {path.name for path in folder.glob("index*-*.html")} - set(written):
        (folder / left).unlink(missing_ok=True)  # of an earlier run of this night, which knew of more channels
    write_whole(config.folder / "report.schema.json", schema())
    judged = (*night.oxygen_before, (name, night.oxygen))
    write_whole(config.folder / "index.html", report.archive(_nights(config, store), config.organisation, judged))
    write_whole(config.folder / "alerts.atom", alert_feed(config, store, night.now).decode())
    return folder / files[own]


def _nights(config: Config, store: Store) -> list[tuple[str, int, int]]:
    """(night, channels in trouble, channels) of every night that has a page, oldest first."""
    found = {path.parent.name for path in config.folder.glob("????-??-??/index.html")}
    sums = store.night_sums([channel.id for channel in config.channels])
    return [(one.night, one.short, one.judged) for one in sums if one.night in found]
