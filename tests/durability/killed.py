"""A storm: every night is killed at random moments, then run to its end, and the store is as if nothing had happened.

Half of the kills come at a random moment of the run's whole length, half when the run has asked for a random number of
pages. ``--points`` instead kills one night before every single step it takes at its files and its store, in turn.
"""

from __future__ import annotations

import itertools
import os
import random
import shutil
import sys
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field

import click

from monitor.files import sweep
from tests.durability.scene import Bureau, Run, a_folder, night, play, same, say, sound
from tests.durability.village import Village, a_village


@dataclass
class Toll:
    """What the storm did."""

    kills: int = 0
    too_late: int = 0
    at: list[float] = field(default_factory=list)


def storm(nights: int, kills: int, seed: int) -> Toll:
    """Play ``nights`` nights with ``kills`` kills each, beside the same nights undisturbed."""
    chance, toll = random.Random(seed), Toll()
    with a_folder() as folder, a_village(seed, nights) as village:
        calm, stormy = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "storm"))
        for number in range(nights):
            village.number, village.asked = number, 0
            length, asked = calm.must_run(night(number)).seconds, village.asked
            for _ in range(kills):
                _kill_one(stormy, village, number, chance, length, asked, toll)
            stormy.must_run(night(number))
            if number % 10 == 9:
                say(f"{number + 1} nights, {toll.kills} kills")
        same(calm.store, stormy.store)
        whole(stormy, toll.kills)
        assert {k: len(v) for k, v in stormy.letters().items()} == {k: len(v) for k, v in calm.letters().items()}
    return toll


def _kill_one(
    office: Bureau, village: Village, number: int, chance: random.Random, length: float, asked: int, toll: Toll
) -> None:
    """One run, killed; or, where the kill came too late, run to its end."""
    by_pages = chance.random() < 0.5
    share = chance.random()
    due = threading.Event()
    village.asked, page = 0, int(share * asked) + 1
    village.watch = (lambda count: due.set() if count >= page else None) if by_pages else (lambda count: None)
    run = office.start(night(number))
    _wait(run, due, None if by_pages else share * length)
    run.kill()
    ended = run.end()
    village.watch = lambda count: None
    if ended.code >= 0:
        assert ended.code == 0, f"a run before its kill ended with {ended.code}: {ended.err}"
        toll.too_late += 1
        return
    toll.kills += 1
    toll.at.append(ended.seconds / length)
    run.leaves_nobody()


def _wait(run: Run, due: threading.Event, seconds: float | None) -> None:
    """Until it is time to kill, or the run has ended."""
    while run.process.poll() is None and not due.wait(0.002):
        if seconds is not None and time.monotonic() - run.started >= seconds:
            return


def points(steps: Iterable[int]) -> int:
    """Kill the second night before each of ``steps`` in turn, until it has no such step; the number of kills.

    Each time the night is then run to its end and must leave what a calm one leaves.
    """
    kills = 0
    with a_folder() as folder, a_village(7, 3) as village:
        calm, stormy = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "storm"))
        for number in (0, 1):
            village.number = number
            calm.must_run(night(number))
        for step in steps:
            again(stormy, village)
            ended = stormy.run(night(1), runner=("-m", "tests.durability.dying", str(step)))
            if ended.code == 0:
                break
            assert ended.code == -9, f"the run ended with {ended.code}: {ended.err}"
            kills += 1
            stormy.must_run(night(1))
            same(calm.store, stormy.store)
            whole(stormy, 1)
    return kills


def again(office: Bureau, village: Village) -> None:
    """Put the office back to where only its first night has been."""
    for folder in (office.store.parent, office.reports):
        shutil.rmtree(folder, ignore_errors=True)
    kept = office.folder / "first night"
    if kept.exists():
        shutil.copytree(kept, office.folder, dirs_exist_ok=True)
        return
    village.number = 0
    office.must_run(night(0))
    village.number = 1
    for folder in (office.store.parent, office.reports):
        shutil.copytree(folder, kept / folder.name)


def whole(office: Bureau, kills: int) -> None:
    """No half of anything is left, and no reader has two letters of one night."""
    sound(office.store)
    parts = office.parts()
    assert len(parts) <= kills, f"{len(parts)} half-written files are left after {kills} kills"
    two_days_ago = time.time() - 2 * 86_400
    for part in parts:
        os.utime(part, (two_days_ago, two_days_ago))
    for path in office.reports.rglob("*.html"):
        assert path.read_text(encoding="utf-8").rstrip().endswith("</html>"), f"{path} is half a page"
    for who, letters in office.letters().items():
        assert len(letters) == 1, f"{who} has {len(letters)} letters"
    for backup in office.store.parent.glob("*.backup-*"):
        sound(backup)
    sweep(office.reports)
    assert not [part for part in office.parts() if part.is_relative_to(office.reports)], "old halves are not swept"


@click.command()
@click.option("--nights", default=60, show_default=True)
@click.option("--kills", default=4, show_default=True, help="Kills a night.")
@click.option("--seed", default=1, show_default=True)
@click.option("--points", "stepwise", is_flag=True, help="Kill before every single step of one night.")
@click.option("--every", default=1, show_default=True, help="With --points: only before every so many steps.")
def main(nights: int, kills: int, seed: int, stepwise: bool, every: int) -> None:
    def stormy() -> None:
        toll = storm(nights, kills, seed)
        at = sorted(toll.at)
        say(f"{nights} nights of seed {seed}: {toll.kills} kills, {toll.too_late} came after the run's end")
        if at:
            say(f"at {at[0]:.2f} to {at[-1]:.2f} of the run's length, half of them before {at[len(at) // 2]:.2f}")

    def step_by_step() -> None:
        say(f"{points(itertools.count(1, every))} kills, one before every {every}. step of a night")

    play(step_by_step if stepwise else stormy)


if __name__ == "__main__":
    sys.exit(main())
