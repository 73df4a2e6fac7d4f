"""One run at a time: what writes to a config's store has it alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from monitor.config import Config
from monitor.lock import locked
from monitor.store import Store, open_store
from monitor.store.hold import held


def lock_path(config: Config) -> Path:
    """The lock of everything that writes to this config's store."""
    prefix = "sqlite:///"
    if config.store_url.startswith(prefix) and ":memory:" not in config.store_url:
        return Path(config.store_url.removeprefix(prefix).partition("?")[0] + ".lock")
    return config.folder / (f".oximeter-{config.share}.lock" if config.share else ".oximeter.lock")


@contextmanager
def alone(config: Config) -> Iterator[Callable[[], None]]:
    """Hold what this config's runs must not share: here by a lock file, and a store on a server by its own lock too.

    Yields what looks whether it is still ours, and raises StoreError where it is not. Raises LockedError where another
    run has it.
    """
    with locked(lock_path(config)), held(config.store_url, config.share) as look:
        yield look


@contextmanager
def at_work(config: Config) -> Iterator[Store]:
    """The config's store, held by this run alone. Raises LockedError or StoreError."""
    with alone(config), open_store(config.store_url) as store:
        yield store
