"""Much work of one kind, shared among as many processes as there are processors."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import TypeVar

from monitor.processes import Context

Piece = TypeVar("Piece")
Done = TypeVar("Done")

MANY = 200
"""Channels: of more, the work is shared."""
MOST = 8
"""Each holds some 100 MB."""

log = logging.getLogger("oximeter.workers")


def processors() -> int:
    """How many processors this process may use; one where it may have no children."""
    if multiprocessing.current_process().daemon:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def sharing(size: int) -> Callable[[Callable[[Piece], Done], Sequence[Piece]], Iterable[Done]]:
    """``share`` for work on so many channels, or ``map`` where they are not worth the second that processes take."""
    return share if size > MANY else map


def share(task: Callable[[Piece], Done], pieces: Sequence[Piece], workers: int | None = None) -> Iterator[Done]:
    """``task`` of every piece, in order, done by ``workers`` processes; ``task`` and all it takes can be pickled.

    With one processor, or where no process can be made or one is killed, the rest is done here, one after the other.
    """
    workers = min(workers or processors(), MOST, len(pieces))
    done = 0
    if workers > 1:
        pool = ProcessPoolExecutor(workers, mp_context=Context(), initializer=_settle_in)
        try:
            for found in pool.map(task, pieces):
                done += 1
                yield found
        except (BrokenProcessPool, OSError) as error:
            log.warning("A process that shared the work ended early (%s); the rest is done in one.", error)
        finally:
            pool.shutdown(cancel_futures=True)
    for piece in pieces[done:]:
        yield task(piece)


def _settle_in() -> None:
    """In a new child: leave Ctrl-C to the parent, and end when it ends, also where it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What it makes is much, lives shortly and holds no cycles to speak of: a tenth of its time would go into looking.
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)
