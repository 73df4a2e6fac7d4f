"""One run at a time holds a store, whatever machine it is on; shares of it go side by side."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from monitor.errors import LockedError, StoreError
from monitor.store import hold
from monitor.store.hold import held
from tests.organisation import Office
from tests.postgresql.server import PASSWORD, Server

HOLD = """
import sys
from monitor.store.hold import held
with held(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_store_is_held_by_one_and_free_afterwards(url: str) -> None:
    with held(url):
        for share in (None, "nord"):
            with pytest.raises(LockedError, match="Another run is at work") as raised, held(url, share):
                pass
            assert PASSWORD not in str(raised.value)
    with held(url):
        pass


def test_shares_are_held_side_by_side_each_by_one_and_keep_the_whole_from_being_held(url: str) -> None:
    with held(url, "nord"), held(url, "syd"):
        for share in ("nord", "syd", None):
            with pytest.raises(LockedError), held(url, share):
                pass
        with held(url, "øst"):
            pass
    with held(url):
        pass


def test_stores_of_other_databases_are_free(server: Server, url: str) -> None:
    other = server.a_database()
    with held(url), held(server.url(other)):
        pass
    server.drop(other)


def test_what_a_killed_run_held_is_free(url: str) -> None:
    with subprocess.Popen([sys.executable, "-c", HOLD, url], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(LockedError), held(url):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        for _ in range(100):
            try:
                with held(url):
                    return
            except LockedError:  # the server has not noticed yet
                time.sleep(0.1)
        pytest.fail("the store is still held")


def test_no_share_has_the_number_of_the_whole() -> None:
    numbers = {hold._number_of(f"share-{number}") for number in range(2_000)}
    assert hold._WHOLE not in numbers
    assert max(numbers) < 2**31


def test_a_server_that_is_not_there_is_a_sentence() -> None:
    with pytest.raises(StoreError) as raised, held(f"postgresql+psycopg://o:{PASSWORD}@127.0.0.1:1/o"):
        pass
    assert PASSWORD not in str(raised.value)


def test_a_file_is_not_held_here(tmp_path: Path) -> None:
    with held(f"sqlite:///{tmp_path}/o.db"), held(f"sqlite:///{tmp_path}/o.db"):
        assert list(tmp_path.iterdir()) == []


def an_office(folder: Path, url: str, share: str = "", to: str = "chef@eksempel.example") -> Office:
    """An office whose store is at ``url``; with a ``share`` it has no readers."""
    table = f'[store]\nurl = "{url}"\n' + (f'share = "{share}"\n' if share else "")
    office = Office(folder).write({"blog": ["http://127.0.0.1:1/"]}, table, to)
    if share:
        office.path.write_text(office.path.read_text("utf-8").replace(f'to = ["{to}"]\n', ""), "utf-8")
    return office


def test_two_machines_do_not_do_the_night_of_one_store_at_the_same_time(tmp_path: Path, url: str) -> None:
    """Their folders, and so their lock files, are their own."""
    first, second = an_office(tmp_path / "a", url), an_office(tmp_path / "b", url)
    with held(first.config.store_url):
        for command in ("run", "poll", "report", "send"):
            result = second.oximeter(command)
            assert result.exit_code == 3, result.output
            assert "here or elsewhere" in result.output
            assert PASSWORD not in result.output
        assert "A run is at work" in second.oximeter("check").output
    assert second.oximeter("poll").exit_code == 0


def test_machines_with_shares_of_their_own_poll_at_the_same_time_and_the_whole_waits(tmp_path: Path, url: str) -> None:
    north, south, whole = (
        an_office(tmp_path / "n", url, "nord"), an_office(tmp_path / "s", url, "syd"), an_office(tmp_path / "w", url),
    )  # fmt: skip
    with held(url, "nord"):
        assert north.oximeter("poll").exit_code == 3
        assert south.oximeter("poll").exit_code == 0
        assert whole.oximeter("run").exit_code == 3
    assert whole.oximeter("run").exit_code == 0
