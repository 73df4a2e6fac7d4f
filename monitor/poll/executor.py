"""Who reads the feeds of a night: threads of this machine, or the workers of a Dask cluster; the poller takes any."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from monitor.errors import OximeterError

CONNECTIONS = 32
"""Hosts that are asked at the same time, where nobody says otherwise."""


class ClusterError(OximeterError):
    """The cluster cannot be used."""


class ClusterGone(RuntimeError):
    """The cluster was lost, so that work was not done. That says nothing of the feeds."""


@dataclass(frozen=True, slots=True)
class Crew:
    """What a config asks for: ``connections`` threads of this machine, or all that the ``scheduler`` has."""

    connections: int = CONNECTIONS
    scheduler: str | None = None
    """The address of a Dask scheduler; None: threads."""


class Threads(ThreadPoolExecutor):
    """Threads of this machine, each for one connection."""

    def __init__(self, connections: int) -> None:
        super().__init__(connections, thread_name_prefix="poll")
        self.threads = connections


@contextmanager
def working(crew: Crew) -> Iterator[Executor]:
    """The crew's executor, let go at the end. Raises ClusterError at once where a cluster cannot be used.

    A cluster that is lost later raises nothing here: what was handed to it ends with ClusterGone.
    """
    if crew.scheduler is None:
        with Threads(crew.connections) as threads:
            yield threads
        return
    from monitor.poll.cluster import at_work  # takes a while to import, and most nights are of one machine

    with at_work(crew.scheduler) as workers:
        yield workers
