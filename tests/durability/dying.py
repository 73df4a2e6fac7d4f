"""Runs a command and kills it, as ``kill -9`` would, before its Nth step at its files or its store.

``python -m tests.durability.dying N run --config …``. A step is a statement, a commit, or a change to a folder.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from typing import Any

STEPS = ("os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod", "sqlite3.connect")


def arm(last: int) -> None:
    """Have this process killed before its ``last`` step from now."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    steps = itertools.count(1)
    mine = os.getpid()

    def step(*_: Any) -> None:
        if os.getpid() == mine and next(steps) == last:
            os.kill(mine, signal.SIGKILL)

    def heard(name: str, _arguments: Any) -> None:
        if name in STEPS:
            step()

    event.listen(Engine, "before_cursor_execute", step)
    event.listen(Engine, "commit", step)
    sys.addaudithook(heard)


if __name__ == "__main__":
    from monitor.cli import main

    arm(int(sys.argv[1]))
    main(sys.argv[2:], prog_name="oximeter")
