"""Work that is shared among processes is what one process does, in order, also where a process dies."""

from __future__ import annotations

import logging
import multiprocessing
import os
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest

from monitor import workers
from monitor.config import load
from monitor.examination import examine
from monitor.model import DAY, Entry, Kind, Outcome, Reading
from monitor.store import open_store
from monitor.workers import share, sharing

NOW = 1_800_000_000
ROOT = Path(__file__).parents[1]


def squared(number: int) -> tuple[int, int]:
    return number * number, os.getpid()


def fatal(parent: int, number: int) -> int:
    """Ends the process that it runs in, unless that is the one that asked."""
    if number == 3 and os.getpid() != parent:
        os._exit(1)
    return number


def test_pieces_come_back_in_order_from_other_processes() -> None:
    found = list(share(squared, range(20), workers=2))
    assert [square for square, _ in found] == [number * number for number in range(20)]
    assert os.getpid() not in {process for _, process in found}


def test_with_one_processor_or_one_piece_no_process_is_made() -> None:
    assert {process for _, process in share(squared, range(5), workers=1)} == {os.getpid()}
    assert {process for _, process in share(squared, range(1), workers=2)} == {os.getpid()}
    assert list(share(squared, range(0))) == []


def test_where_a_process_dies_the_rest_is_done_here(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert list(share(partial(fatal, os.getpid()), range(8), workers=2)) == list(range(8))
    assert "the rest is done in one" in caplog.text


def test_an_error_in_the_work_is_the_workers_error() -> None:
    with pytest.raises(ZeroDivisionError):
        list(share(partial(pow, 0), [-1, -2], workers=2))


def test_only_many_channels_are_worth_processes() -> None:
    assert sharing(workers.MANY) is map
    assert sharing(workers.MANY + 1) is share


def test_no_process_outlives_the_work() -> None:
    before = multiprocessing.active_children()
    list(share(squared, range(4), workers=2))
    assert [child for child in multiprocessing.active_children() if child not in before] == []


def test_a_night_that_is_shared_finds_what_one_process_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    channels = "".join(
        f'[[channel]]\nid = "c{n}"\nname = "C {n}"\nfeeds = ["https://c{n}.eksempel.example/feed"]\n' for n in range(60)
    )
    text = f'[organisation]\nname = "Eksempel A/S"\n[store]\nurl = "sqlite:///oximeter.db"\n{channels}'
    (tmp_path / "channels.toml").write_text(text, "utf-8")
    config = load(tmp_path / "channels.toml")
    with open_store(config.store_url) as store:
        for number, channel in enumerate(config.channels):
            posts = tuple(
                Entry(
                    f"{day}", f"{day}", Kind(("post", "reply")[day % 2]), NOW - (day * number % 400) * DAY, thread="t"
                )
                for day in range(number)
            )
            url = channel.feeds[0]
            store.record(Reading(channel.id, url, Outcome.UPDATED, "read", NOW - 60, url, digest="1", entries=posts))
        plain = examine(config, store, NOW)
        monkeypatch.setattr(workers, "MANY", 10)
        monkeypatch.setattr(workers, "processors", lambda: 2)
        shared = examine(config, store, NOW, store.keep_digests)
        assert shared == plain
        assert examine(config, store, NOW) == plain, "and so does one that goes by the digests"
        monkeypatch.setattr(workers, "processors", lambda: 1)
        assert examine(config, store, NOW) == plain, "and one where no other process can be made"


def lingering(number: int) -> None:
    print(os.getpid(), flush=True)
    time.sleep(60)


def test_a_killed_parent_leaves_no_process_behind() -> None:
    code = "from tests.test_workers import lingering, share; list(share(lingering, range(2), workers=2))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT) as parent:
        assert parent.stdout is not None
        children = [int(parent.stdout.readline()) for _ in range(2)]
        parent.kill()
    patience = time.monotonic() + 60
    while any(is_running(child) for child in children):
        assert time.monotonic() < patience, "they outlive their parent"
        time.sleep(0.05)


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    told = Path(f"/proc/{process}/stat")  # one that has ended and that nobody has asked about is there still
    return not (told.exists() and told.read_text("utf-8").rpartition(")")[2].split()[0] == "Z")
