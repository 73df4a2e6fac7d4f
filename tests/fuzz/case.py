"""One input to one target: made from a seed, kept in a file, tried again from there."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

NOW = 1_800_000_000
"""The moment (Unix seconds) that every case is tried at."""
ADDRESS = "https://blog.example/feed/"


@dataclass(frozen=True, slots=True)
class Case:
    """An input. ``facts`` are what goes with the bytes, such as the content type that they are said to have."""

    target: str
    data: bytes = field(repr=False)
    facts: dict[str, str] = field(default_factory=dict)
    number: int = -1
    """Which of its target's cases under the run's seed; -1 for one from a file."""

    @property
    def name(self) -> str:
        """The same for the same input."""
        return f"{self.target}-{hashlib.sha256(self.data + repr(sorted(self.facts.items())).encode()).hexdigest()[:12]}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a case."""

    seconds: float
    """Processor time that the tried function took."""
    broken: str = ""
    """The promise that was broken, or the exception that came out; empty where all is well."""
    trace: str = field(default="", repr=False)
    note: str = ""
    """An exception that was caught and told in a sentence: no broken promise, but a thing to know of."""


def dice(seed: int, target: str, number: int) -> Random:
    """The random numbers of one case: the same in every run, whatever was tried before."""
    return Random(f"{seed}/{target}/{number}")


def keep(folder: Path, case: Case, answer: Answer) -> Path:
    """Write the input and what it did; the input's file, to be replayed."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{case.name}.input"
    file.write_bytes(case.data)
    told = {"target": case.target, "facts": case.facts, "number": case.number} | asdict(answer)
    file.with_suffix(".json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return file


def kept(file: Path, target: str | None = None) -> Case:
    """The case in a file: one that was kept, or any file to be given to ``target``."""
    beside = file.with_suffix(".json")
    told = json.loads(beside.read_text(encoding="utf-8")) if file.suffix == ".input" and beside.exists() else {}
    chosen = target or told.get("target")
    if chosen is None:
        raise ValueError(f"{file}: nothing beside it says what to give it to; name a target with --only")
    return Case(chosen, file.read_bytes(), told.get("facts", {}))
