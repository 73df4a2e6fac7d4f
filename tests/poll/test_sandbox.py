"""Parses in child processes: bounded, killed where they must be, and gone when we are."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from monitor.poll import Limits, child, sandbox
from monitor.poll.parse import parse
from monitor.poll.parsed import Parsed
from monitor.poll.sandbox import parse_apart

NOW = 1_800_000_000
ADDRESS = "https://blog.example/feed"
FEED = b'<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>T</title></item></channel></rss>'


def dies(*_: object) -> Parsed:
    os.kill(os.getpid(), 9)
    raise AssertionError


def hangs(*_: object) -> Parsed:
    while True:
        time.sleep(1)


def hoards(*_: object) -> Parsed:
    return Parsed(title=str(len(bytearray(child.MEMORY))))


@pytest.fixture
def own_children(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A pool that this test may ill-treat."""
    mine = sandbox._Children()
    monkeypatch.setattr(sandbox, "children", mine)
    yield
    mine.end()


def test_a_feed_is_read_as_if_it_were_read_here() -> None:
    assert parse_apart(FEED, "", ADDRESS, NOW) == parse(FEED, "", ADDRESS, NOW)


@pytest.mark.usefixtures("own_children")
def test_a_parse_that_takes_too_long_is_killed_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(child, "_task", hangs)
        found = parse_apart(FEED, "", ADDRESS, NOW, Limits(parse_seconds=0.3))
    assert found.error == f"{ADDRESS} was not understood within 0.3 seconds of work: a feed takes less"
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"


@pytest.mark.usefixtures("own_children")
def test_a_parse_that_takes_too_much_memory_is_a_sentence_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(child, "_task", hoards)
        found = parse_apart(FEED, "", ADDRESS, NOW)
    assert found.error == f"{ADDRESS} takes more memory to read than a feed may"
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"


@pytest.mark.usefixtures("own_children")
def test_a_child_that_dies_costs_its_feed_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(child, "_task", dies)
        assert "memory" in (parse_apart(FEED, "", ADDRESS, NOW).error or "")
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"


@pytest.mark.usefixtures("own_children")
def test_children_killed_from_outside_at_any_moment_hang_no_reading() -> None:
    over = threading.Event()

    def kill() -> None:
        while not over.wait(0.05):
            with sandbox.children._lock:
                idle = list(sandbox.children._free.queue)
            for one in idle:
                if one._pool is not None:
                    for pid in list(one._pool._pool_manager.worker_manager.workers):
                        with contextlib.suppress(ProcessLookupError):
                            os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    try:
        with ThreadPoolExecutor(4) as threads:
            found = list(threads.map(lambda _: parse_apart(FEED, "", ADDRESS, NOW, Limits(parse_seconds=2)), range(40)))
    finally:
        over.set()
        killer.join()
    assert all(one.title == "B" or one.error for one in found)
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"


UNGUARDED = """
import sys
from monitor.poll.sandbox import parse_apart
print("run", flush=True)
print(parse_apart(sys.argv[1].encode(), "", "https://blog.example/feed", 1800000000).title)
"""


def cannot_start(_memory: int) -> None:
    os._exit(1)


def test_children_that_cannot_start_are_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "children", sandbox._Children())
    monkeypatch.setattr(child, "_settle_in", cannot_start)
    monkeypatch.setattr(child, "START_SECONDS", 10.0)
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"
    sandbox.children.end()


def test_a_script_without_a_guard_is_run_once_and_reads_its_feed(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(sandbox.__file__).parents[2])}
    command = [sys.executable, script, FEED.decode()]
    found = subprocess.run(command, capture_output=True, env=environment, text=True, timeout=60, check=True)
    assert (found.stdout.split(), found.stderr) == (["run", "B"], "")


def test_where_no_child_can_be_made_the_feed_is_read_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise OSError("no semaphores here")

    monkeypatch.setattr(child, "_new_pool", refuse)
    monkeypatch.setattr(sandbox, "children", sandbox._Children())
    assert parse_apart(FEED, "", ADDRESS, NOW).title == "B"


PARENT = """
import sys, time
from monitor.poll import sandbox
if __name__ == "__main__":
    body = sys.argv[1].encode()
    sandbox.parse_apart(body, "", "https://blog.example/feed", 1800000000)
    with sandbox.children.one() as child:
        print(" ".join(str(worker) for worker in child._pool._pool_manager.worker_manager.workers), flush=True)
    time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at processes in /proc")
def test_the_children_of_a_killed_parent_end(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(Path(sandbox.__file__).parents[2])}
    with subprocess.Popen(
        [sys.executable, script, FEED.decode()], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment,
        text=True,
    ) as parent:  # fmt: skip
        assert parent.stdout is not None
        children = [int(pid) for pid in parent.stdout.readline().split()]
        assert children
        assert all(alive(pid) for pid in children)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    ends = time.monotonic() + 20
    while any(alive(pid) for pid in children) and time.monotonic() < ends:
        time.sleep(0.1)
    assert not any(alive(pid) for pid in children)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
