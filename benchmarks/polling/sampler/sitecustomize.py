"""Every Python process that finds this on its path notes where its threads spend CPU time, and writes it down.

Twenty milliseconds apart, each thread's CPU clock is read, and what it has used since is put down to where it is then.
The notes are rewritten four times a second, since children may end without a word.
"""

from __future__ import annotations

import atexit
import json
import os
import sys
import threading
import time as clock
from collections import defaultdict
from types import FrameType

SAMPLE_SECONDS = 0.02
WRITE_SECONDS = 0.25
FOLDER = os.environ.get("OXIMETER_SAMPLES", "")
OWN = f"{os.sep}monitor{os.sep}"


class Sampler:
    """One process's notes: CPU seconds by where they were spent."""

    def __init__(self) -> None:
        self.spent: defaultdict[str, float] = defaultdict(float)
        self.clocks: dict[int, float] = {}
        self.ended = threading.Event()

    def start(self) -> None:
        """Begin, in a thread that keeps nobody waiting."""
        threading.Thread(target=self._run, daemon=True, name="sampler").start()

    def _run(self) -> None:
        own, written = threading.get_ident(), clock.monotonic()
        while not self.ended.wait(SAMPLE_SECONDS):
            for thread, frame in sys._current_frames().items():
                if thread != own:
                    self._note(thread, frame)
            if clock.monotonic() - written > WRITE_SECONDS:
                written = clock.monotonic()
                self.write()

    def _note(self, thread: int, frame: FrameType) -> None:
        try:
            now = clock.clock_gettime(clock.pthread_getcpuclockid(thread))
        except OSError:  # it has ended meanwhile
            return
        used = now - self.clocks.get(thread, 0.0)
        self.clocks[thread] = now
        if used > 0:
            self.spent[place(frame)] += used

    def write(self) -> None:
        """The notes so far, in a file of this process's own."""
        told = {"spent": self.spent}
        path = os.path.join(FOLDER, f"{os.getpid()}.json")
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(told, file)
        os.replace(path + ".new", path)


def place(frame: FrameType | None) -> str:
    """The innermost function of ours, as ``room/file.py:function``.

    Importing is told as such, and what is none of ours by its folder and file.
    """
    inner = frame
    found = ""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith("<frozen importlib"):
            return "import"
        if not found and OWN in name:
            found = f"{name.rpartition(OWN)[2]}:{frame.f_code.co_name}"
        frame = frame.f_back
    return found or "other:" + "/".join(inner.f_code.co_filename.split(os.sep)[-2:] if inner else [])


def begin() -> None:
    """Sample this process."""
    sampler = Sampler()
    sampler.start()
    atexit.register(sampler.write)


if FOLDER and hasattr(clock, "pthread_getcpuclockid"):
    begin()
    os.register_at_fork(after_in_child=begin)
