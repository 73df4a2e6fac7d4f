"""A full disk: the night ends with a sentence, nothing stored is lost, and with room again the next night is right.

Played on a small file system in memory where one can be mounted (as root), for the store, the reports and the outbox
in turn; and anywhere with a bound on the size of every file that the run writes.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.durability.scene import (
    Bureau,
    Ended,
    Skipped,
    a_folder,
    holds,
    keeps,
    night,
    play,
    same,
    say,
    sound,
)  # fmt: skip
from tests.durability.village import Village, a_village


@contextmanager
def a_small_disk(folder: Path, size: str) -> Iterator[None]:
    """A file system of ``size`` at ``folder``. Raises Skipped where none may be mounted."""
    folder.mkdir(parents=True, exist_ok=True)
    mounted = _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder))
    if mounted is not None:
        raise Skipped(f"no file system can be mounted here ({mounted})")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def _mount(*words: str) -> str | None:
    """None where it worked."""
    if sys.platform != "linux":
        return "not Linux"
    try:
        done = subprocess.run(["mount", *words], capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return None if done.returncode == 0 else done.stderr.strip()


def grow(folder: Path, size: str) -> None:
    """Give the small disk more room."""
    assert _mount("-o", f"remount,size={size}", str(folder)) is None


@contextmanager
def filled(folder: Path, leave: int) -> Iterator[None]:
    """Fill the disk at ``folder`` but for ``leave`` bytes, with a file that is gone afterwards."""
    ballast = folder / "ballast"
    free = os.statvfs(folder)
    with ballast.open("wb") as file:
        file.write(b"\0" * max(0, free.f_bavail * free.f_frsize - leave))
    try:
        yield
    finally:
        ballast.unlink()


def two_offices(folder: Path, village: Village) -> tuple[Bureau, Bureau]:
    calm, poor = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "trangt"))
    return calm, poor


def told(ended: Ended, *words: str) -> None:
    """The run ended with exit code 1 and a sentence that has one of the words."""
    say(f"exit code {ended.code}: {ended.sentence}")
    assert ended.code == 1, f"the run ended with {ended.code}: {ended.err}"
    assert any(word in ended.sentence for word in words), ended.err


def the_stores_disk() -> None:
    """The store's disk is full from the very first write, then in the middle of a night, then has room again."""
    with a_folder() as folder, a_village(3, 4) as village:
        calm, poor = two_offices(folder, village)
        with a_small_disk(poor.store.parent, "64k"):
            village.number = 0
            calm.must_run(night(0))
            told(poor.run(night(0)), "room", "disk", "space")
            grow(poor.store.parent, "8m")
            poor.must_run(night(0))
            same(calm.store, poor.store)
            say("with room the same night is right")
            village.number = 1
            calm.must_run(night(1))
            for leave in (0, 40_000, 150_000):
                before = holds(poor.store)
                with filled(poor.store.parent, leave):
                    ended = poor.run(night(1))
                    sound(poor.store)
                keeps(before, poor.store)
                if ended.code != 0:
                    told(ended, "room", "disk", "space")
            poor.must_run(night(1))
            same(calm.store, poor.store)
            sound(poor.store)


def the_reports_disk() -> None:
    """The reports cannot be written: the night is stored, and the next run writes its page and its letters."""
    with a_folder() as folder, a_village(3, 3) as village:
        calm, poor = two_offices(folder, village)
        with a_small_disk(poor.reports, "32k"):
            calm.must_run(night(0))
            told(poor.run(night(0)), "cannot be written")
            sound(poor.store)
            assert holds(poor.store)["entries"] == holds(calm.store)["entries"]
            assert not list(poor.reports.rglob("*.part")), "half a file is left"
            grow(poor.reports, "16m")
            poor.must_run(night(0))
            same(calm.store, poor.store)
            assert (poor.reports / "2026-03-02" / "index.html").exists()


def the_outboxs_disk() -> None:
    """Letters cannot be put in the outbox: they wait, and the next run puts them there."""
    with a_folder() as folder, a_village(3, 3) as village:
        calm, poor = two_offices(folder, village)
        with a_small_disk(poor.reports / "outbox", "8k"):
            calm.must_run(night(0))
            told(poor.run(night(0)), "waits for the next run")
            sound(poor.store)
            assert {row[2] for row in holds(poor.store)["deliveries"]} == {"waiting"}
            grow(poor.reports / "outbox", "16m")
            poor.must_run(night(0))
            same(calm.store, poor.store)
            assert [len(ids) for ids in poor.letters().values()] == [1, 1]


def a_bound_on_every_file() -> None:
    """No file may grow beyond a bound, as with a quota: works on any Unix."""
    try:
        import resource
    except ImportError:
        raise Skipped("this system has no bounds on a process's files") from None

    def bound(size: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    with a_folder() as folder, a_village(3, 3) as village:
        calm, poor = two_offices(folder, village)
        for number, sizes in enumerate([(2_000, 30_000), (90_000,)]):
            village.number = number
            calm.must_run(night(number))
            for size in sizes:
                ended = poor.run(night(number), preexec_fn=lambda size=size: bound(size))
                told(ended, "cannot be", "room", "disk", "too large", "waits")
                if poor.store.exists() and poor.store.stat().st_size:
                    sound(poor.store)
            poor.must_run(night(number))
            same(calm.store, poor.store)


SCENARIOS = (the_stores_disk, the_reports_disk, the_outboxs_disk, a_bound_on_every_file)


def main() -> None:
    for scenario in SCENARIOS:
        say(f"- {scenario.__name__.replace('_', ' ')}")
        try:
            scenario()
        except Skipped as reason:
            say(f"SKIPPED: {reason}")


if __name__ == "__main__":
    play(main)
