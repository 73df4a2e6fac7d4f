"""Several processes write to one store at once: every entry is there once, and nobody is told of the others' work."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from monitor.model import Channel
from monitor.store import open_store
from monitor.store.trouble import StoreBusy, patiently, sentences
from tests.postgresql.server import Server
from tests.postgresql.writers import ENTRIES, FEEDS
from tests.store.builders import START, a_post, a_reading

WRITERS, ROUNDS = 4, 6
CHANNEL = Channel("debat", "Debat", tuple(FEEDS))
DISTINCT = len(FEEDS) * (ENTRIES + 5 * (ROUNDS - 1))


def together(url: str, writers: int = WRITERS) -> list[int]:
    """What each of several processes counted as new, having begun together."""
    command = [sys.executable, "-m", "tests.postgresql.writers", url]
    processes = [
        subprocess.Popen(
            [*command, str(number), str(ROUNDS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(writers)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    with ThreadPoolExecutor(writers) as threads:
        told = list(threads.map(lambda process: process.communicate("\n", timeout=120), processes))
    assert [(process.returncode, errors) for process, (_, errors) in zip(processes, told, strict=True)] == [
        (0, "")
    ] * writers
    return [int(printed) for printed, _ in told]


def test_what_several_processes_record_at_once_is_there_once_and_counted_once(server: Server, database: str) -> None:
    new = together(server.url(database))
    entries, feeds, channels = server.does(
        "SELECT (SELECT count(*) FROM entries), (SELECT count(*) FROM feeds), (SELECT count(*) FROM channels)", database
    )[0]
    assert (entries, feeds, channels) == (DISTINCT, len(FEEDS), 1)
    assert sum(new) == DISTINCT
    counted = server.does("SELECT sum(new_entries), count(*) FROM fetches", database)[0]
    assert counted == (DISTINCT, WRITERS * ROUNDS * len(FEEDS))
    with open_store(server.url(database)) as store:
        assert store.history(CHANNEL).total_posts == DISTINCT


def test_several_processes_may_make_the_store_at_once(server: Server) -> None:
    name = server.a_database()
    assert sum(together(server.url(name))) == DISTINCT
    server.drop(name)


def test_work_that_another_writer_ended_is_done_again(server: Server, database: str, url: str) -> None:
    """A deadlock made by hand: the other has a row that we want, and wants one that we have."""
    first, second = a_reading(a_post("a"), url=FEEDS[0]), a_reading(a_post("b"), url=FEEDS[1])
    with open_store(url) as store, open_store(url) as other:
        store.record_all([first, second])
        has_first, has_second, tries = threading.Event(), threading.Event(), []

        def ours() -> int:
            tries.append(1)
            with store._writing() as connection:
                connection.exec_driver_sql("SET LOCAL deadlock_timeout = '100ms'")  # ours is the one to be ended
                connection.exec_driver_sql("SELECT 1 FROM feeds WHERE id = 1 FOR UPDATE")
                has_first.set()
                has_second.wait(30)
                connection.exec_driver_sql("SELECT 1 FROM feeds WHERE id = 2 FOR UPDATE")
            return len(tries)

        def theirs() -> None:
            with other._writing() as connection:
                connection.exec_driver_sql("SET LOCAL deadlock_timeout = '20s'")
                connection.exec_driver_sql("SELECT 1 FROM feeds WHERE id = 2 FOR UPDATE")
                has_second.set()
                has_first.wait(30)
                connection.exec_driver_sql("SELECT 1 FROM feeds WHERE id = 1 FOR UPDATE")

        with ThreadPoolExecutor(2) as threads:
            mine, its = threads.submit(patiently, ours), threads.submit(theirs)
            its.result(60)
            assert mine.result(60) == 2


def test_work_that_is_ended_again_and_again_is_a_sentence(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr("monitor.store.trouble._PAUSES", (0.0, 0.0))
    tries = []

    def never() -> None:
        tries.append(1)
        with open_store(url) as store, sentences(store.name), store._writing() as connection:
            connection.exec_driver_sql("DO $$ BEGIN RAISE EXCEPTION SQLSTATE '40P01'; END $$")

    with pytest.raises(StoreBusy):
        patiently(never)
    assert len(tries) == 3


def test_a_row_that_another_program_never_gives_back_is_waited_for_in_bounded_time(server: Server, url: str) -> None:
    with open_store(f"{url}?timeout=0.2") as store, open_store(url) as other:
        store.record(a_reading(a_post("a")))
        with other._writing() as connection:
            connection.exec_driver_sql("SELECT 1 FROM feeds FOR UPDATE")
            with pytest.raises(Exception, match="held by another program"):
                store.record(a_reading(a_post("b"), night=1))
        assert store.record(a_reading(a_post("b", START + 60), night=1)) == 1
