"""How child processes are made: apart from us, and without a second run of the main module."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import types
from typing import Any

WAYS = multiprocessing.get_all_start_methods()
BASE: Any = multiprocessing.get_context("forkserver" if "forkserver" in WAYS else "spawn")


class _Process(BASE.Process):  # type: ignore[misc]
    """A child that does not run the main module again.

    The standard library has every child do so, and asks scripts to guard against it. A child of ours needs nothing of
    that module, and a script that reads a feed should not be run as many times over as there are children.
    """

    @staticmethod
    def _Popen(process_obj: Any) -> Any:
        with _one_at_a_time:
            main = sys.modules["__main__"]
            sys.modules["__main__"] = types.ModuleType("__main__")
            try:
                return BASE.Process._Popen(process_obj)
            finally:
                sys.modules["__main__"] = main


_one_at_a_time = threading.Lock()


class Context(type(BASE)):  # type: ignore[misc]
    """A context of ``multiprocessing`` for such children, forked from a small process where the system can."""

    Process = _Process
