"""What is promised of the store in a file is kept on a server: the same tests, run against PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from monitor.store import Store, open_store
from tests.postgresql.server import Server
from tests.store import (
    test_history,
    test_identity,
    test_identity_under_fire,
    test_long_names,
    test_nights_and_letters,
    test_recording,
    test_threads,
)

MODULES: tuple[ModuleType, ...] = (
    test_history,
    test_identity,
    test_identity_under_fire,
    test_long_names,
    test_nights_and_letters,
    test_recording,
    test_threads,
)
FILES_OWN = {
    # Makes an older store in a file; test_upgrades makes one on a server.
    "test_an_older_store_s_long_names_become_those_of_today_with_all_that_belongs_to_them",
    # How SQLite goes about a query, and what no server takes.
    "test_feeds_are_looked_up_and_not_searched_for_however_many_there_are",
    "test_a_feed_whose_address_ends_early_for_some_is_known_again",
}
"""Tests of what only a file is or does."""

store = test_identity.store

for module in MODULES:
    for name, thing in vars(module).items():
        if name.startswith("test_") and callable(thing) and name not in FILES_OWN:
            assert name not in globals(), f"two promises are named {name}"
            globals()[name] = thing


@pytest.fixture(autouse=True)
def on_the_server(server: Server, template: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every file that these tests name is a database."""
    made: dict[str, str] = {}

    def opened(url: str) -> Store:
        if url == "sqlite://":  # in memory: a new one each time
            url = f"{url}{len(made)}"
        if url not in made:
            made[url] = server.a_database(template)
        return open_store(server.url(made[url]))

    for module in MODULES:
        if hasattr(module, "open_store"):
            monkeypatch.setattr(module, "open_store", opened)
        if hasattr(module, "a_store"):
            monkeypatch.setattr(module, "a_store", lambda folder: opened(str(Path(folder))))
    yield
    for name in made.values():
        server.drop(name)
