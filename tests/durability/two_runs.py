"""Two runs at once, and a config that is edited under a run."""

from __future__ import annotations

import threading
from pathlib import Path

from tests.durability.scene import PATIENCE, Bureau, Run, a_folder, holds, night, play, same, say, sound
from tests.durability.village import Village, a_village


class Held:
    """A run that waits in the middle of its polling until it is let go on."""

    def __init__(self, office: Bureau, village: Village, number: int) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        village.asked = 0

        def hold(count: int) -> None:
            if count == 3:
                self.inside.set()
                self.go_on.wait(PATIENCE)

        village.watch = hold
        self.run: Run = office.start(night(number))
        assert self.inside.wait(PATIENCE), "the run never asked for a page"
        village.watch = lambda count: None


def one_works_and_the_other_says_so() -> None:
    """The second exits 3 at once and does nothing; the first does its work."""
    with a_folder() as folder, a_village(4, 2) as village:
        calm, office = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "to"))
        calm.must_run(night(0))
        first = Held(office, village, 0)
        try:
            for _ in range(2):
                second = office.run(night(0))
                say(f"exit code {second.code}: {second.sentence}")
                assert second.code == 3, second.err
        finally:
            first.go_on.set()
        assert first.run.end().code == 0
        same(calm.store, office.store)


def the_lock_of_a_killed_run_is_free() -> None:
    """After kill -9 of the first, the next run gets the lock, whatever children the first had."""
    with a_folder() as folder, a_village(4, 2) as village:
        calm, office = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "to"))
        calm.must_run(night(0))
        first = Held(office, village, 0)
        first.run.kill()
        first.run.end()
        try:
            office.must_run(night(0))  # while the server still holds the killed run's question
        finally:
            first.go_on.set()
        first.run.leaves_nobody()
        same(calm.store, office.store)
        sound(office.store)


def a_config_broken_under_a_run() -> None:
    """The run goes on with what it read; the next says what is wrong, and does nothing."""
    with a_folder() as folder, a_village(4, 2) as village:
        calm, office = (Bureau(folder / name).write(village.feeds, village.sites) for name in ("ro", "to"))
        calm.must_run(night(0))
        first = Held(office, village, 0)
        good = _break(office.config)
        first.go_on.set()
        assert first.run.end().code == 0
        same(calm.store, office.store)
        before = holds(office.store)
        village.number = 1
        after = office.run(night(1))
        say(f"exit code {after.code}: {after.sentence}")
        assert after.code == 2, after.err
        assert "feeeds" in after.err
        assert str(office.config) in after.err
        assert holds(office.store) == before
        office.config.write_text(good, encoding="utf-8")
        for one in (calm, office):
            one.must_run(night(1))
        same(calm.store, office.store)


def _break(config: Path) -> str:
    good = config.read_text(encoding="utf-8")
    config.write_text(good.replace("feeds =", "feeeds =", 1), encoding="utf-8")
    return good


SCENARIOS = (one_works_and_the_other_says_so, the_lock_of_a_killed_run_is_free, a_config_broken_under_a_run)


def main() -> None:
    for scenario in SCENARIOS:
        say(f"- {scenario.__name__.replace('_', ' ')}")
        scenario()


if __name__ == "__main__":
    play(main)
