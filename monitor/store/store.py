"""The store as the jobs see it: every question and every change, each in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType

from sqlalchemy import Connection, Engine

from monitor.model import (
    Channel,
    Delivery,
    Diagnosis,
    FeedLine,
    FeedState,
    History,
    Reading,
    Standing,
    Status,
    StatusChange,
    ThreadFeed,
    Walk,
)  # fmt: skip
from monitor.store import feeds, history, letters, nights, opening, recording, threads
from monitor.store.trouble import sentences


def open_store(url: str, create_parents: bool = True) -> Store:
    """Open the store at a database URL, making it or bringing it up to date where needed.

    Raises StoreError, with the file untouched, where it is not a store, is damaged, or comes from a newer Oximeter.
    """
    parsed = opening.read_url(url)
    name = opening.name_of(parsed)
    path = opening.sqlite_file(parsed)
    with sentences(name):
        if path is not None:
            if create_parents:
                path.parent.mkdir(parents=True, exist_ok=True)
            opening.check_file(path)
        store = Store(opening.connect(parsed), name)
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
            return f"The store {name} is made on the first run."
        if path is not None:
            opening.check_file(path)
        engine = opening.connect(parsed)
        try:
            with engine.connect() as connection:
                newest = opening.is_newest(connection)
        finally:
            engine.dispose()
    return f"The store {name} is ready." if newest else f"The store {name} is brought up to date on the next run."


class Store:
    """An open store. Every method raises StoreError where the database cannot do its part."""

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with sentences(self.name), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with sentences(self.name), self._engine.execution_options(writing=True).begin() as connection:
            yield connection

    def migrate(self) -> None:
        """Bring the tables up to the newest revision."""
        with self._reading() as connection:
            if opening.is_newest(connection):
                return
        with self._writing() as connection:
            opening.migrate(connection, self.name)

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
        with self._writing() as connection:
            return recording.record(connection, reading)

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

    def thread_feeds(self, channel: Channel, newest: int | None = None) -> list[ThreadFeed]:
        """The feeds of single posts' replies, for the ``newest`` posts or all, newest post first."""
        with self._reading() as connection:
            return threads.thread_feeds(connection, channel, newest)

    def history(self, channel: Channel, until: int | None = None) -> History:
        """The channel's life up to and including ``until``, each contribution once over all its feeds."""
        with self._reading() as connection:
            return history.history(connection, channel, until)

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

    def save_verdict(self, channel_id: str, night: str, diagnosis: Diagnosis, now: int) -> None:
        """Keep the verdict of ``night`` (YYYY-MM-DD), in place of an earlier one of the same night."""
        with self._writing() as connection:
            nights.save_verdict(connection, channel_id, night, diagnosis, now)

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

    def last_letter(self, recipient: str) -> tuple[str, int] | None:
        """Night and moment of the newest letter made for ``recipient``, whatever became of it; None: never one."""
        with self._reading() as connection:
            return letters.last_letter(connection, recipient)
