"""The store as the jobs see it: every question and every change, each in one transaction."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from types import TracebackType

from sqlalchemy import Connection, Engine

from monitor.errors import StoreError
from monitor.model import (
    Channel,
    Delivery,
    Diagnosis,
    Digest,
    Earlier,
    EventColumns,
    FeedLine,
    FeedState,
    History,
    NightSum,
    Reading,
    Standing,
    Status,
    StatusChange,
    ThreadFeed,
    Walk,
)  # fmt: skip
from monitor.store import backup, feeds, history, letters, nights, opening, recording, sums, threads
from monitor.store.schema import REVISION
from monitor.store.sql import chunks
from monitor.store.trouble import StoreDamaged, patiently, sentences

log = logging.getLogger("oximeter.store")


def open_store(url: str, create_parents: bool = True) -> Store:
    """Open the store at a database URL, making it or bringing it up to date where needed.

    Raises StoreError, with the file untouched, where it is not a store, is damaged (StoreDamaged), or comes from a
    newer Oximeter.
    """
    parsed = opening.read_url(url)
    name = opening.name_of(parsed)
    path = opening.sqlite_file(parsed)
    with sentences(name):
        if path is not None:
            if create_parents:
                path.parent.mkdir(parents=True, exist_ok=True)
            opening.check_file(path, opening.busy_seconds(parsed))
        store = Store(opening.connect(parsed), name, path)
    try:
        store.migrate()
    except BaseException:
        store.close()
        raise
    return store


def check_store(url: str) -> str:
    """Look whether the store at ``url`` could be opened, without making or changing it; a sentence that says so.

    Raises StoreError where it could not.
    """
    parsed = opening.read_url(url)
    name = opening.name_of(parsed)
    path = opening.sqlite_file(parsed)
    with sentences(name):
        if path is not None and opening.is_new(path):
            kept = backup.backups(path.resolve())
            if kept:
                return f"The store {name} is not there; the next run puts back the backup of {kept[0].day}."
            return f"The store {name} is made on the first run."
        if path is not None:
            opening.check_file(path, opening.busy_seconds(parsed))
        engine = opening.connect(parsed)
        try:
            with engine.connect() as connection:
                newest = opening.is_newest(connection)
        finally:
            engine.dispose()
    return f"The store {name} is ready." if newest else f"The store {name} is brought up to date on the next run."


class Store:
    """An open store. Every method raises StoreError where the database cannot do its part."""

    def __init__(self, engine: Engine, name: str, path: Path | None = None) -> None:
        self._engine = engine
        self.name = name
        # SQLite keeps what belongs to a file beside the one that a link leads to, and so do we.
        self._path = None if path is None else path.resolve()
        self._place: tuple[int, int] | None = None

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def is_shared(self) -> bool:
        """True where other processes can open it by its URL; a store in memory is this one's alone."""
        return self._path is not None or self._engine.dialect.name != "sqlite"

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._look_for_file()
        with sentences(self.name), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        self._look_for_file()
        with sentences(self.name), self._engine.execution_options(writing=True).begin() as connection:
            yield connection
        self._look_for_file()

    def _look_for_file(self) -> None:
        """SQLite goes on writing to a file that was taken away under it, and all of that would be lost."""
        if self._path is not None and self._place is not None and opening.place_of(self._path) != self._place:
            raise StoreError(
                f"The store {self.name} was moved, deleted or replaced while it was in use; put it back where it was, "
                "or see that its disk is there, then run again."
            )

    def migrate(self) -> None:
        """Bring the tables up to the newest revision, having kept a copy of how they were."""
        with self._reading() as connection:
            newest = opening.is_newest(connection)
        if not newest:
            with self._writing() as connection:
                kept = self._keep_as_it_was(opening.revision(connection))
                opening.migrate(connection, self.name)
            if kept is not None:
                log.warning("The store %s was brought up to date; as it was before, it is kept in %s.", self.name, kept)
        if self._path is not None:
            self._place = opening.place_of(self._path)

    def _keep_as_it_was(self, revision: str | None) -> Path | None:
        """A copy of a store of an older revision. Others may read meanwhile; that we hold the write keeps it so."""
        if self._path is None or revision in (None, REVISION):
            return None
        kept = self._path.with_name(f"{self._path.name}.before-{REVISION}")
        backup.copy(self._path, kept)
        return kept

    def keep_backup(self, day: date) -> None:
        """Make the week's backup where one is due on ``day``; where it cannot be made, that is no more than logged.

        Raises StoreDamaged where the store itself turns out to be damaged.
        """
        if self._path is None:
            return
        try:
            with sentences(self.name):
                made = backup.keep(self._path, day)
        except StoreDamaged:
            raise
        except StoreError as error:
            log.warning("The store has no backup of this week: %s", error)
        else:
            if made is not None:
                log.info("The backup %s was made.", made)

    def feed_states(self, channels: Sequence[Channel]) -> list[FeedState]:
        """What is remembered of every (channel, url) in the config, new feeds included, in the config's order."""
        with self._reading() as connection:
            return feeds.feed_states(connection, channels)

    def feed_lines(self, channels: Sequence[Channel], since: int | None) -> list[FeedLine]:
        """One line for every feed in the config; ``new_entries`` 0 where its last fetch began before ``since``."""
        with self._reading() as connection:
            return feeds.feed_lines(connection, channels, since)

    def last_fetch(self) -> int | None:
        """When any feed was last asked; None: never."""
        with self._reading() as connection:
            return feeds.last_fetch(connection)

    def addresses(self) -> list[str]:
        """The configured address of every feed ever stored, those no longer in the config included."""
        with self._reading() as connection:
            return feeds.addresses(connection)

    def record(self, reading: Reading) -> int:
        """Store one reading of one feed, all of it or nothing; the number of entries new to that feed.

        Recording the same reading again changes nothing but the log of fetches.
        """
        return self.record_all([reading])[0]

    def record_all(self, readings: Sequence[Reading]) -> list[int]:
        """Store readings of different feeds in one transaction; for each the number of entries new to its feed.

        Raises NotTaken, with none of them stored, where the database refuses one: then they are best stored one by one.
        """

        def work() -> list[int]:
            with self._writing() as connection:
                return recording.record_all(connection, readings)

        return patiently(work)

    def record_older(self, reading: Reading, walk: Walk) -> int:
        """Store a page of a feed's past and how far the walk has come; the number of entries new to that feed."""
        with self._writing() as connection:
            return recording.record_older(connection, reading, walk)

    def walk(self, channel_id: str, url: str) -> Walk:
        """How far the feed has been walked back."""
        with self._reading() as connection:
            return feeds.walk(connection, channel_id, url)

    def discovered(self) -> dict[tuple[str, str], tuple[str, ...]]:
        """The feeds found at each (channel, site) whose config lists none."""
        with self._reading() as connection:
            return feeds.discovered(connection)

    def save_discovered(self, channel_id: str, site: str, found: tuple[str, ...], now: int) -> None:
        """Remember the feeds found at a site."""
        with self._writing() as connection:
            feeds.save_discovered(connection, channel_id, site, found, now)

    def missed_at(self, now: int) -> set[str]:
        """The ids of the channels in which entries were found at ``now`` (Unix seconds) to have slipped by."""
        with self._reading() as connection:
            return feeds.missed_at(connection, now)

    def thread_feeds(self, channel: Channel) -> list[ThreadFeed]:
        """The feeds of single posts' replies, newest post first."""
        with self._reading() as connection:
            return threads.thread_feeds(connection, channel)

    def lively_threads(self, channels: Sequence[Channel], since: int) -> list[ThreadFeed]:
        """Of those feeds the ones of posts that were written, or whose count changed, ``since`` then (Unix seconds).

        For each channel the newest few hundred, newest post first.
        """
        with self._reading() as connection:
            return threads.lively_threads(connection, channels, since)

    def history(self, channel: Channel, until: int | None = None) -> History:
        """The channel's life up to and including ``until``, each contribution once over all its feeds."""
        with self._reading() as connection:
            return history.history(connection, channel, until)

    def lives(
        self, channels: Sequence[Channel], until: int | None = None
    ) -> list[tuple[History, EventColumns, Digest | None]]:
        """Each channel's ``history`` without its events, these as columns, and a digest to keep where it is a new one.

        What measuring many channels takes.
        """
        from monitor.store import lives  # takes numpy, which polling does without

        with self._reading() as connection:
            return list(lives.lives(connection, channels, until))

    def keep_digests(self, some: Sequence[Digest]) -> None:
        """Keep channels' digests, for later nights."""
        from monitor.store import digests

        if some:
            with self._writing() as connection:
                digests.keep(connection, some)

    def rows(self, channels: Sequence[Channel]) -> Iterator[tuple[str, str, int, str, str]]:
        """(channel, kind, time, author, thread) of every contribution: channel by channel, ascending by time."""
        for channel in channels:
            with self._reading() as connection:
                found = history.events(connection, channel.id)
            for event in found:
                yield channel.id, event.kind.value, event.time, event.author, event.thread

    def standing(self, channel_id: str, before: str | None = None) -> Standing | None:
        """The latest standing; with ``before`` (YYYY-MM-DD) the latest of an earlier night."""
        with self._reading() as connection:
            return nights.standing(connection, channel_id, before)

    def earlier(self, among: Sequence[str], before: str, since: str) -> dict[str, Earlier]:
        """What nights earlier than ``before`` said of each channel, its turns from the night ``since`` on included."""
        with self._reading() as connection:
            return nights.earlier(connection, among, before, since)

    def night_sums(self, among: Sequence[str]) -> list[NightSum]:
        """Every night's verdicts summed up over the channels ``among``, oldest first."""
        with self._reading() as connection:
            return sums.night_sums(connection, among)

    def latest_night(self, among: Sequence[str]) -> str | None:
        """The latest night in which any of the channels was judged; None where none ever was."""
        with self._reading() as connection:
            return sums.latest_night(connection, among)

    def save_verdict(self, channel_id: str, night: str, diagnosis: Diagnosis, now: int) -> None:
        """Keep the verdict of ``night`` (YYYY-MM-DD), in place of an earlier one of the same night."""
        with self._writing() as connection:
            nights.save_verdicts(connection, {channel_id: diagnosis}, night, now)

    def save_verdicts(self, found: Mapping[str, Diagnosis], night: str, now: int) -> None:
        """Keep the verdicts of ``night`` by channel, some hundred in a transaction; a repeated night replaces them."""
        for some in chunks(list(found.items())):
            with self._writing() as connection:
                nights.save_verdicts(connection, dict(some), night, now)
        with self._writing() as connection:
            sums.keep_sums(connection, list(found))

    def verdicts(self, channel_id: str) -> list[tuple[str, Status, int | None]]:
        """(night, status, oxygen) of every night judged, oldest first."""
        with self._reading() as connection:
            return nights.list_verdicts(connection, channel_id)

    def status_changes(self, most: int, among: Sequence[str], until: str) -> list[StatusChange]:
        """The ``most`` newest changes of status of the channels ``among`` up to the night ``until``, newest first."""
        with self._reading() as connection:
            return nights.status_changes(connection, most, among, until)

    def claim(self, night: str, recipient: str, make: Callable[[], bytes], now: int) -> Delivery | None:
        """Make the night's letter to ``recipient`` and keep it as waiting; None where there is one already.

        ``make`` is called outside any transaction, and not at all where the letter exists.
        """
        with self._reading() as connection:
            if letters.is_claimed(connection, night, recipient):
                return None
        message = make()
        with self._writing() as connection:
            return letters.add(connection, night, recipient, message, now)

    def deliveries(self, night: str) -> list[Delivery]:
        """The night's letters, in the order they were claimed."""
        with self._reading() as connection:
            return letters.of_night(connection, night)

    def waiting(self) -> list[Delivery]:
        """Letters of any night still to be sent, oldest first."""
        with self._reading() as connection:
            return letters.in_state(connection, "waiting")

    def interrupted(self) -> list[Delivery]:
        """Letters taken and never settled: being sent now, or left by a process that died while sending."""
        with self._reading() as connection:
            return letters.in_state(connection, "sending")

    def take(self, delivery_id: int) -> bool:
        """Make a waiting letter this process's to send; False where another process has it."""
        with self._writing() as connection:
            return letters.take(connection, delivery_id)

    def settle(self, delivery_id: int, state: str, error: str = "") -> None:
        """Write down what became of a letter: ``sent``, ``outbox``, or ``waiting`` to try again."""
        with self._writing() as connection:
            letters.settle(connection, delivery_id, state, error)

    def late_letters(self, night: str) -> list[Delivery]:
        """Letters of nights before ``night`` that wait, or waited until ``night``, with what for; oldest first."""
        with self._reading() as connection:
            return letters.late(connection, night)

    def last_letter(self, recipient: str, now: int | None = None, told: bool = False) -> tuple[str, int] | None:
        """Night and moment of the newest letter to ``recipient`` that has come, or (not ``told``) may still come.

        Letters made more than a day after ``now`` are none: a clock was wrong. None: never one.
        """
        with self._reading() as connection:
            return letters.last_letter(connection, recipient, now, told)
