"""Three nights of one program on the farm: all is new, nothing is, and a fifth has changed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.polling.farm import Running
from benchmarks.polling.measured import Figures, measure
from benchmarks.polling.programs import Program, environment

NIGHTS = ("cold: all new", "warm: nothing new", "next night: a fifth changed")
SHOWN = (0, 0, 1)
"""The farm's night on each of them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """One night of a program: its figures, and whether it did its work."""

    figures: Figures
    fetched: int
    """Answers that the farm gave it, of feeds."""
    farm_seconds: float
    """CPU seconds of the farm meanwhile."""
    stored: int | None
    """Entries that it knows afterwards, where it tells."""
    expected: int
    """Entries that the farm has shown."""
    strayed: int
    """Questions for what is no feed of the farm's."""

    def complaint(self, feeds: int) -> str:
        """What is wrong with its work; empty where nothing is."""
        if self.fetched < feeds:
            return f"fetched {self.fetched} of {feeds} feeds"
        if self.stored is not None and self.stored != self.expected:
            return f"stored {self.stored} of {self.expected} entries"
        return ""


def three_nights(program: Program, farm: Running, more: Mapping[str, str] | None = None) -> list[Taken]:
    """The nights, one after another, from an empty folder. Raises ProgramFailed."""
    with tempfile.TemporaryDirectory(prefix="oximeter-bench-") as name:
        folder = Path(name)
        farm.turn(0)
        program.prepare(folder, farm.addresses)
        return [_night(program, farm, folder, night, more) for night in range(len(NIGHTS))]


def _night(program: Program, farm: Running, folder: Path, night: int, more: Mapping[str, str] | None) -> Taken:
    farm.turn(SHOWN[night])
    before = farm.counts()["cpu_seconds"]
    command = program.command(folder, night)
    figures = measure(command, environment(folder, more), program.where, folder / "said")
    counts = farm.counts()
    return Taken(
        figures=figures,
        fetched=counts["whole"] + counts["not_modified"],
        farm_seconds=counts["cpu_seconds"] - before,
        stored=program.entries(folder) if program.entries else None,
        expected=farm.known(SHOWN[night]),
        strayed=counts["other"],
    )
