"""The bench of polling: whole programs are measured with all that they start, and checked to have done their work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.polling import profile
from benchmarks.polling.__main__ import GOALS, Row, judged
from benchmarks.polling.farm import farm
from benchmarks.polling.measured import Figures, Memory, ProgramFailed, measure
from benchmarks.polling.nights import Taken, three_nights
from benchmarks.polling.programs import Program, only_fetching, ours

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="programs are measured by what Linux tells of them")
BURN = "import time\nwhile time.process_time() < 0.3: pass"
"""At least so many CPU seconds, on any machine."""


def test_oximeter_stores_all_that_the_farm_shows_on_each_of_the_three_nights() -> None:
    with farm(12, mean_bytes=4_000) as running:
        nights = three_nights(ours(), running)
    assert [one.complaint(12) for one in nights] == ["", "", ""]
    assert [one.stored for one in nights] == [running.known(0), running.known(0), running.known(1)]
    assert all(one.strayed == 0 for one in nights)


def test_a_program_that_leaves_feeds_out_is_told() -> None:
    def forgets(folder: Path, addresses: object) -> None:
        (folder / "addresses").write_text(running.addresses[0], "utf-8")

    honest = only_fetching()
    with farm(3, mean_bytes=4_000) as running:
        nights = three_nights(Program("forgetful", lambda: True, forgets, honest.command), running)
        assert [one.complaint(3) for one in three_nights(honest, running)] == ["", "", ""]
    assert nights[0].complaint(3) == "fetched 1 of 3 feeds"


def test_the_time_of_children_counts_also_of_those_left_behind(tmp_path: Path) -> None:
    left_behind = f"import subprocess, sys\nsubprocess.Popen([sys.executable, '-c', {BURN!r}])"
    figures = measure([sys.executable, "-c", left_behind], dict(os.environ), tmp_path, tmp_path / "said")
    assert figures.cpu_seconds >= 0.3


def test_the_memory_of_all_of_a_programs_processes_is_added_up() -> None:
    hold = "import sys; held = bytearray(b'x') * 60_000_000; print(flush=True); sys.stdin.read()"
    start = f"import subprocess, sys\nsys.exit(subprocess.run([sys.executable, '-c', {hold!r}]).returncode)"
    two = [subprocess.Popen([sys.executable, "-c", start], stdin=-1, stdout=-1) for _ in range(2)]
    for one in two:
        assert one.stdout is not None
        one.stdout.readline()
    memory = Memory()
    memory.sample()
    for one in two:
        one.communicate()
    assert 120_000_000 < memory.peak < 400_000_000


def test_a_program_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(ProgramFailed, match=r"ended with status 3\. It said last: no feeds today"):
        measure(["sh", "-c", "echo no feeds today; exit 3"], dict(os.environ), tmp_path, tmp_path / "said")


def test_a_goal_is_held_or_not_by_its_seconds() -> None:
    goal = GOALS[0]
    fast, slow = _row("**Oximeter**", 1.0), _row("newsboat", 2.0)
    assert judged(goal, fast, slow) == "| cold: 0.8 x newsboat | 0.50 | 0.50 | held |"
    assert judged(goal, slow, fast).endswith("| **not held** |")
    assert judged(goal, fast, None).endswith("| not measured |")


def test_the_median_of_the_runs_is_told() -> None:
    row = _row("newsboat", 1.0, 9.0, 2.0)
    assert row.seconds(0) == 2.0
    assert row.cells(lambda night: f"{row.cpu(night):.0f}") == "| newsboat | 2 | 2 | 2 |"


def test_a_program_that_is_not_there_is_told_as_such() -> None:
    row = Row(Program("newsboat", lambda: False, lambda *_: None, lambda *_: []))
    with farm(1, mean_bytes=4_000) as running:
        row.run(running)
    assert row.cells(lambda _: "") == "| newsboat | not installed | | |"


def _row(name: str, *seconds: float) -> Row:
    runs = [[Taken(Figures(one, one, 1, 1, 0), 1, 0.0, None, 1, 0)] * 3 for one in seconds]
    return Row(Program(name, lambda: True, lambda *_: None, lambda *_: []), runs)


@pytest.mark.parametrize(
    ("place", "step"),
    [
        ("import", "start-up and imports"),
        ("poll/transport.py:_connect", "fetch"),
        ("poll/platforms/wordpress.py:read", "parse"),
        ("poll/poller.py:round", "hand out"),
        ("other:multiprocessing/connection.py", "hand out"),
        ("store/recording.py:record", "store"),
        ("jobs.py:poll_feeds", "the rest"),
    ],
)
def test_what_a_night_spends_is_put_down_to_its_step(place: str, step: str) -> None:
    assert profile.step_of(place) == step
