"""Readers never see half a file, however often it is written and its writers are killed."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import click

from tests.durability.scene import PATIENCE, ROOT, a_folder, play, say

SIZES = (200, 70_000, 400_000)


def body(number: int) -> str:
    """A text that says itself whether it is whole."""
    text = f"{number} æøå " * (SIZES[number % len(SIZES)] // 8)
    return hashlib.sha256(text.encode()).hexdigest() + "\n" + text


def is_whole(text: str) -> bool:
    told, _, rest = text.partition("\n")
    return hashlib.sha256(rest.encode()).hexdigest() == told


def write_for_ever(folder: Path) -> None:
    """What a writer does until it is killed: a page in place of the one before, and letters of its own."""
    from monitor.deliver import outbox
    from monitor.files import write_whole

    number = os.getpid() * 1_000
    while True:
        number += 1
        write_whole(folder / "index.html", body(number))
        outbox.write(body(number).encode(), folder / "outbox", "2026-03-02-chef@eksempel.example")


def storm(kills: int, seed: int) -> tuple[int, int]:
    """Kill ``kills`` writers while we read; the number of looks at the page, and of letters."""
    chance, looks = random.Random(seed), 0
    words = [sys.executable, "-m", "tests.durability.whole_files", "--write"]
    with a_folder() as folder:
        page, letters = folder / "index.html", folder / "outbox"
        for _ in range(kills):
            writer = subprocess.Popen([*words, str(folder)], cwd=ROOT, start_new_session=True)
            before, hung = _version(page), time.monotonic() + PATIENCE
            while _version(page) == before:
                assert time.monotonic() < hung, "nothing was written"
                time.sleep(0.005)
            until = time.monotonic() + chance.random() * 0.3
            while time.monotonic() < until:
                looks += 1
                assert is_whole(page.read_text(encoding="utf-8")), "half a page was seen"
                for letter in letters.glob("*.eml"):
                    assert is_whole(letter.read_text(encoding="utf-8")), f"half a letter was seen: {letter}"
                for letter in sorted(letters.glob("*.eml"))[3:]:
                    letter.unlink()
            os.kill(writer.pid, signal.SIGKILL)
            writer.wait()
            assert is_whole(page.read_text(encoding="utf-8")), "half a page was left"
            assert all(is_whole(letter.read_text(encoding="utf-8")) for letter in letters.glob("*.eml"))
        left = [path for path in folder.rglob(".*.part")]
        assert len(left) <= kills, f"{len(left)} halves are left after {kills} kills"
        _swept(folder, left)
        return looks, len(left)


def _version(page: Path) -> int | None:
    return page.stat().st_ino if page.exists() else None


def _swept(folder: Path, left: list[Path]) -> None:
    """What is fresh may still be written and stays; what is old goes."""
    from monitor.files import STALE_SECONDS, sweep

    sweep(folder)
    assert all(path.exists() for path in left), "a fresh half, whose writer may be alive, was swept"
    for path in left:
        os.utime(path, (time.time() - STALE_SECONDS - 60,) * 2)
    sweep(folder)
    assert not [path for path in left if path.exists()], "an old half was not swept"


@click.command()
@click.option("--kills", default=60, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--write", "folder", type=click.Path(path_type=Path), hidden=True)
def main(kills: int, seed: int, folder: Path | None) -> None:
    if folder is not None:
        write_for_ever(folder)

    def stormy() -> None:
        looks, left = storm(kills, seed)
        say(f"{kills} writers killed, {looks} looks, never half a file; {left} halves left, all swept when old")

    play(stormy)


if __name__ == "__main__":
    main()
