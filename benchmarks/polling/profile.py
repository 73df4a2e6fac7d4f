"""Prints where Oximeter's CPU time goes on each night: ``make bench-profile``.

Steps are told by the innermost function of ours, so that what a library does is put down to who called it.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from benchmarks.polling import programs
from benchmarks.polling.farm import Running, farm
from benchmarks.polling.feeds import MEAN_BYTES
from benchmarks.polling.measured import measure
from benchmarks.polling.nights import NIGHTS, SHOWN

SAMPLER = Path(__file__).parent / "sampler"
FETCH = ("fetch", "transport", "decode", "guard", "failures", "robots")
"""Modules of the poll room that ask servers."""
HAND_OUT = ("poller", "sandbox", "follow")
"""Modules of the poll room that share out the work."""
CARRIERS = ("multiprocessing", "pebble", "channel", "pool", "concurrent", "futures", "process")
"""Folders of libraries that carry work to other threads and processes."""
STORES = ("store/", "polling.py", "jobs.py", "cli.py")
"""Where no child that parses ever is."""
IN_CHILD = "poll/parse.py:in children, receiving and sending included"
STEPS = ("start-up and imports", "fetch", "parse", "hand out", "store", "the rest")
MOST = 12
"""Functions that are named."""


@dataclass(frozen=True, slots=True)
class Spent:
    """CPU seconds of all processes of a night."""

    places: dict[str, float]
    """By function, as far as samples tell."""
    whole: float

    @property
    def steps(self) -> dict[str, float]:
        """By step. What no sample saw is the start of processes, and the interpreter's own end."""
        found: defaultdict[str, float] = defaultdict(float)
        for place, seconds in self.places.items():
            found[step_of(place)] += seconds
        found[STEPS[0]] += max(0.0, self.whole - sum(self.places.values()))
        return found


def step_of(place: str) -> str:
    """The step that a place belongs to; ``poll/fetch.py:fetch`` is to fetch."""
    file, _, _ = place.partition(":")
    room, _, rest = file.partition("/")
    module = rest.partition("/")[0].removesuffix(".py")
    if place == "import":
        return "start-up and imports"
    if any(place.startswith(f"other:{library}/") for library in CARRIERS):
        return "hand out"
    if room == "poll":
        return "fetch" if module in FETCH else "hand out" if module in HAND_OUT else "parse"
    return "store" if room == "store" else "the rest"


def main() -> None:
    """Print a table of steps, and the functions that took most, for every night."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.polling.profile")
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--bytes", type=int, default=MEAN_BYTES)
    parser.add_argument("--code", type=Path, default=programs.ROOT)
    options = parser.parse_args()
    try:
        with farm(options.feeds, mean_bytes=options.bytes) as running:
            nights = _nights(options.code, running)
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    print(f"{options.feeds} feeds: CPU seconds (share) by step; sampling adds a few percent.\n")
    print(f"| | {' | '.join(NIGHTS)} |\n| --- | ---: | ---: | ---: |")
    for step in STEPS:
        cells = (f"{one.steps[step]:.2f} ({one.steps[step] / one.whole:.0%})" for one in nights)
        print(f"| {step} | {' | '.join(cells)} |")
    print(f"| all | {' | '.join(f'{one.whole:.2f}' for one in nights)} |")
    for night, spent in zip(NIGHTS, nights, strict=True):
        print(f"\nThe functions of ours that took most, {night}:\n\n| function | CPU seconds | share |")
        print("| --- | ---: | ---: |")
        for place, seconds in sorted(spent.places.items(), key=lambda item: -item[1])[:MOST]:
            print(f"| `{place}` | {seconds:.2f} | {seconds / spent.whole:.0%} |")


def _nights(code: Path, running: Running) -> list[Spent]:
    program = programs.ours(code)
    with tempfile.TemporaryDirectory(prefix="oximeter-bench-") as name:
        folder = Path(name)
        program.prepare(folder, running.addresses)
        return [_night(program, running, folder, night) for night in range(len(NIGHTS))]


def _night(program: programs.Program, running: Running, folder: Path, night: int) -> Spent:
    running.turn(SHOWN[night])
    samples = folder / f"samples-{night}"
    samples.mkdir()
    sampled = {"PYTHONPATH": str(SAMPLER), "OXIMETER_SAMPLES": str(samples)}
    command = program.command(folder, night)
    figures = measure(command, programs.environment(folder, sampled), program.where, folder / "said")
    places: defaultdict[str, float] = defaultdict(float)
    for file in samples.glob("*.json"):
        spent = json.loads(file.read_text("utf-8"))["spent"]
        is_child = not any(place.startswith(STORES) for place in spent)
        for told, seconds in spent.items():
            # A parse is shorter than the time between two samples: the child is mostly seen at rest, after its work.
            place = IN_CHILD if is_child and told != "import" else told
            places[place] += seconds
    return Spent(places, figures.cpu_seconds)


if __name__ == "__main__":
    main()
