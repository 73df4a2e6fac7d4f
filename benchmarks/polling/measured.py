"""What one whole program takes: seconds, CPU seconds and memory, all its processes included.

Run as a module it starts the command, waits for it and for all that it leaves behind, and writes the figures as JSON.
It is a process of its own so that its children are the program's alone.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import time as clock
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

SAMPLE_SECONDS = 0.05
SAMPLE_SHARE = 0.03
"""Of a processor that looking may take: the more processes, the longer the pauses."""
LINGER_SECONDS = 15.0
"""How long what a program leaves behind may go on before it is ended."""
PR_SET_CHILD_SUBREAPER = 36
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a program took."""

    seconds: float
    """From its start until it ended."""
    cpu_seconds: float
    """User and system, of all its processes."""
    peak_bytes: int
    """The largest sum over its processes of their proportional set sizes (PSS), seen several times a second."""
    largest_bytes: int
    """The resident memory of its largest process, at that one's most."""
    status: int


class ProgramFailed(Exception):
    """A program ended with an error; ``str(error)`` says which and what it said last."""


def measure(command: Sequence[str], environment: Mapping[str, str], folder: Path, said: Path) -> Figures:
    """Run the command in the folder; what it prints goes to the file ``said``. Raises ProgramFailed."""
    written = said.with_suffix(".json")
    written.unlink(missing_ok=True)
    own = [sys.executable, "-I", str(Path(__file__).resolve()), str(written), str(said), *command]
    process = subprocess.Popen(own, cwd=folder, env=dict(environment))
    try:
        process.wait()
    except BaseException:
        process.terminate()
        process.wait()
        raise
    if not written.exists():
        raise ProgramFailed(f"{command[0]} could not be measured: the process that runs it broke.")
    figures = Figures(**json.loads(written.read_text("utf-8")))
    if figures.status:
        last = said.read_text("utf-8", "replace").strip()[-600:]
        raise ProgramFailed(f"{' '.join(command[:4])} ended with status {figures.status}. It said last: {last}")
    return figures


class Memory(threading.Thread):
    """Watches the memory of all that descends from a process."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.own = os.getpid()
        self.strangers = {1, 2, os.getppid()}
        """Processes that do not descend from ours: not looked at again, as /proc is slow to read."""
        self.peak = 0
        self.ended = threading.Event()

    def run(self) -> None:
        pause = SAMPLE_SECONDS
        while not self.ended.wait(pause):
            began = clock.thread_time()
            self.sample()
            pause = max(SAMPLE_SECONDS, (clock.thread_time() - began) / SAMPLE_SHARE)

    def sample(self) -> None:
        """Look once."""
        self.peak = max(self.peak, sum(map(_proportional, self.family())))

    def family(self) -> list[int]:
        """The processes that descend from ours and are alive."""
        alive = {int(name) for name in os.listdir("/proc") if name.isdigit()}
        parents = {one: _parent(one) for one in alive - self.strangers if one != self.own}
        found: list[int] = []
        generation, others = {self.own}, self.strangers
        while generation or others:
            generation = {one for one, parent in parents.items() if parent in generation}
            others = {one for one, parent in parents.items() if parent in others and one not in self.strangers}
            found += generation
            self.strangers |= others
        return found


def _parent(process: int) -> int:
    try:
        stat = Path(f"/proc/{process}/stat").read_text("latin-1")
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[1])


def _proportional(process: int) -> int:
    """PSS in bytes; the resident size where the system does not tell it."""
    try:
        with open(f"/proc/{process}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    return int(line.split()[1]) * 1024
        return 0
    except PermissionError:
        return int(Path(f"/proc/{process}/statm").read_text("ascii").split()[1]) * PAGE
    except (OSError, ValueError):
        return 0


def main() -> None:
    """``measured.py FIGURES SAID COMMAND...``: run the command and write its figures."""
    written, said, *command = sys.argv[1:]
    # What a program leaves running becomes ours, so that its CPU time is counted and its end waited for.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: sys.exit(1))
    memory = Memory()
    memory.start()
    try:
        with open(said, "wb") as log:
            began = clock.perf_counter()
            status = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).wait()
            seconds = clock.perf_counter() - began
        _wait_for_the_rest(memory)
    except BaseException:
        _end(memory)
        raise
    memory.ended.set()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    figures = Figures(seconds, used.ru_utime + used.ru_stime, memory.peak, used.ru_maxrss * 1024, status)
    Path(written).write_text(json.dumps(asdict(figures)), "utf-8")


def _wait_for_the_rest(memory: Memory) -> None:
    until = clock.monotonic() + LINGER_SECONDS
    while _is_left() and clock.monotonic() < until:
        clock.sleep(0.01)
    _end(memory)


def _is_left() -> bool:
    """True while we have children; those that have ended are taken note of."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return True
    except ChildProcessError:
        return False


def _end(memory: Memory) -> None:
    """End all that descends from us and is still there, and wait for it."""
    memory.ended.set()
    for process in memory.family():
        try:
            os.kill(process, signal.SIGKILL)
        except ProcessLookupError:
            continue
    while _is_left():
        clock.sleep(0.01)


if __name__ == "__main__":
    main()
