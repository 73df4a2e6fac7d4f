"""A database's trouble in one sentence; and what it does not take of one feed is the trouble of that feed alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DataError, OperationalError

from monitor import polling
from monitor.errors import StoreError
from monitor.model import Outcome, Reading
from monitor.report.troubles import recognised
from monitor.store import Store, recording
from monitor.store.trouble import NotTaken, sentence, sentences
from tests.organisation import NOW, Office
from tests.store.builders import FORUM, POSTS, REPLIES, a_post, a_reading, a_store

ROOM = "no room left on its disk"


class Refused(Exception):
    """An error as a PostgreSQL driver raises it."""

    def __init__(self, message: str, sqlstate: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


def told(cause: Exception) -> str:
    return sentence("lager", OperationalError("INSERT", {}, cause))


@pytest.mark.parametrize(
    "message",
    [
        "database or disk is full",
        'could not extend file "base/5/1": No space left on device HINT: Check free disk space.',
    ],
)
def test_a_disk_without_room_is_told_by_its_own_words(message: str) -> None:
    assert ROOM in told(Refused(message))


@pytest.mark.parametrize(
    "message", ["no such table: full_names", "a carefully worded refusal", "queue full of waiters"]
)
def test_not_every_message_with_full_in_it_is_a_full_disk(message: str) -> None:
    assert told(Refused(message)) == f"The store lager cannot be used: {message}."


@pytest.mark.parametrize(
    "error",
    [
        DataError("INSERT", {}, Refused("value too long")),
        OperationalError("INSERT", {}, Refused("index row size 4016 exceeds btree version 4 maximum 2704", "54000")),
        OverflowError("Python int too large to convert to SQLite INTEGER"),
        UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"),
    ],
)
def test_values_that_a_database_does_not_take_are_told_apart_from_a_database_that_is_unwell(error: Exception) -> None:
    with pytest.raises(NotTaken, match="The store lager cannot be used") as raised, sentences("lager"):
        raise error
    assert raised.value.cause
    assert "INSERT" not in raised.value.cause


def test_what_a_database_says_of_values_is_told_without_the_values() -> None:
    refused = Refused(
        "index row size 4016 exceeds the maximum\nDETAIL:  Key (uid)=(hemmelig).\nHINT:  Use less.", "54000"
    )
    with pytest.raises(NotTaken) as raised, sentences("lager"):
        raise OperationalError("INSERT", {}, refused)
    assert raised.value.cause == "index row size 4016 exceeds the maximum"


@pytest.mark.parametrize("message", ["database or disk is full", "database is locked", "connection refused"])
def test_a_database_that_is_unwell_is_no_matter_of_values(message: str) -> None:
    with pytest.raises(StoreError) as raised, sentences("lager"):
        raise OperationalError("INSERT", {}, sqlite3.OperationalError(message))
    assert not isinstance(raised.value, NotTaken)


def test_a_number_that_no_column_takes_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a")))
        with pytest.raises(NotTaken, match="too large"):
            store.record(a_reading(a_post("b"), night=1, size=10**30))
        assert store.history(FORUM).total_posts == 1


def a_night(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store, *readings: Reading
) -> list[tuple[Reading, int]]:
    """Store these readings as a night does; what it tells of each."""

    def poll(*_: object, ends: float = 0) -> Iterator[list[Reading]]:
        yield list(readings)

    monkeypatch.setattr(polling, "poll_in_batches", poll)
    seen: list[tuple[Reading, int]] = []
    config = Office(tmp_path).write({"debat": [POSTS, REPLIES]}).config
    with ThreadPoolExecutor(1) as nobody:
        now = int(NOW.timestamp())
        polling._poll_and_store(config, store, [], now, nobody, lambda reading, new: seen.append((reading, new)), 0)
    return seen


def test_a_reading_that_the_store_does_not_take_is_a_failure_of_its_feed_and_the_night_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd, plain = a_reading(a_post("b"), night=1, pace=10**30), a_reading(a_post("c"), night=1, url=REPLIES)
    with a_store(tmp_path) as store:
        store.record(a_reading(a_post("a"), etag='"1"'))
        (refused, none), (read, one) = a_night(tmp_path, monkeypatch, store, odd, plain)
        assert (refused.outcome, none, read.outcome, one) == (Outcome.FAILED, 0, Outcome.UPDATED, 1)
        lines = store.feed_lines([FORUM], None)
        assert [line.outcome for line in lines] == [Outcome.FAILED, Outcome.UPDATED]
        assert lines[0].reason == refused.reason
        assert lines[0].reason.startswith(f"{POSTS} could not be stored: ")
        assert recognised(lines[0].reason) is not None
        assert (store.feed_states([FORUM])[0].etag, store.feed_states([FORUM])[0].failures) == ('"1"', 1)


def test_a_feed_whose_very_address_is_not_taken_does_not_end_the_night_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record = recording.record_all

    def refusing(connection: Connection, readings: list[Reading]) -> list[int]:
        if any(reading.url == POSTS for reading in readings):
            raise DataError("INSERT", {}, Refused("value too long"))
        return record(connection, readings)

    monkeypatch.setattr(recording, "record_all", refusing)
    with a_store(tmp_path) as store:
        seen = a_night(tmp_path, monkeypatch, store, a_reading(a_post("b")), a_reading(a_post("c"), url=REPLIES))
        assert [(reading.outcome, new) for reading, new in seen] == [(Outcome.FAILED, 0), (Outcome.UPDATED, 1)]
    assert f"{POSTS} could not be stored: value too long" in caplog.text


def test_a_full_disk_still_ends_the_night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[int]:
        raise OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(recording, "record_all", full)
    with a_store(tmp_path) as store, pytest.raises(StoreError, match=ROOM):
        a_night(tmp_path, monkeypatch, store, a_reading(a_post("b")))
