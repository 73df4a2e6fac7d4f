"""The workers of a Dask cluster, as an executor with an end to all waiting."""

from __future__ import annotations

import contextlib
import logging
import multiprocessing
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from multiprocessing import util
from typing import Any, TypeVar

from monitor import __version__
from monitor.poll.executor import CONNECTIONS, ClusterError, ClusterGone

CONNECT_SECONDS = 15.0
"""How long a scheduler and its workers may take to answer; as long again where they are lost during a night."""
DESERTED_SECONDS = 60.0
"""How long a night waits for a cluster that has lost its last worker."""
LOOK_SECONDS = 1.0
"""Between two looks whether there are workers."""
TRIES = 4
"""How often a piece of work is handed to a cluster whose scheduler is lost and found again."""
RETRIES = 2
"""How often Dask repeats work that raised an error; work whose worker died it repeats by itself."""

log = logging.getLogger("oximeter.poll")

T = TypeVar("T")


@contextmanager
def at_work(scheduler: str) -> Iterator[Executor]:
    """The cluster's executor, let go at the end. Raises ClusterError."""
    with _client(scheduler) as client:
        _refuse_strangers(client, scheduler)
        cluster = _Cluster(client, scheduler)
        try:
            yield cluster
        finally:
            cluster.shutdown(cancel_futures=True)


def muster(scheduler: str) -> str:
    """Whether the cluster could read feeds now, in a sentence. Raises ClusterError where it could not."""
    with _client(scheduler) as client:
        _refuse_strangers(client, scheduler)
        threads = client.nthreads()
    return f"The cluster at {scheduler} is ready: {len(threads)} workers ask {sum(threads.values())} hosts at a time."


@contextmanager
def _client(scheduler: str) -> Iterator[Any]:
    """A client of the scheduler, which has at least one worker. Raises ClusterError."""
    try:
        import distributed
    except ImportError as error:
        raise ClusterError(
            f'[poll] executor is "dask", which needs {error.name}, and that is not installed; run pip install '
            '"oximeter[dask]", or take the key away to read feeds with threads of this machine.'
        ) from None
    try:
        make: Any = distributed.Client  # of no declared types
        client = make(scheduler, timeout=CONNECT_SECONDS, set_as_default=False, name="oximeter")
    except (OSError, ValueError, TypeError, ImportError) as error:
        raise ClusterError(
            f"The scheduler {scheduler} gave no answer within {CONNECT_SECONDS:g} seconds ({_first_line(error)}); "
            "start it, or correct [poll] scheduler."
        ) from None
    try:
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except (TimeoutError, OSError):
            raise ClusterError(
                f"The scheduler {scheduler} has no workers; start some with: dask worker {scheduler} --nthreads "
                f"{CONNECTIONS}"
            ) from None
        yield client
    finally:
        with contextlib.suppress(Exception):  # whatever became of the cluster, the night's work is done
            client.close(timeout=LOOK_SECONDS)


def _refuse_strangers(client: Any, scheduler: str) -> None:
    """Raise ClusterError where a worker has no Oximeter, or another: what it reads would be read otherwise.

    A worker that is too busy to answer is taken on trust.
    """
    asked = {
        client.get_executor(workers=[worker], allow_other_workers=False, pure=False).submit(_version): worker
        for worker in client.nthreads()
    }
    same = f"install the same ({__version__}) for the scheduler and for every worker."
    for answer in wait(asked, timeout=CONNECT_SECONDS).done:
        where, error = f"The worker {asked[answer]} of {scheduler}", answer.exception()
        if error is not None:
            raise ClusterError(f"{where} has no Oximeter that can be used ({_first_line(error)}); {same}")
        if answer.result() != __version__:
            raise ClusterError(f"{where} has Oximeter {answer.result()}; {same}")


def _version() -> str:
    return __version__


def _first_line(error: BaseException) -> str:
    cause = error.__cause__ or error
    return next(iter(str(cause).strip().splitlines()), "")[:200].rstrip(".") or type(cause).__name__


def _work(task: Callable[..., T], arguments: tuple[Any, ...]) -> T:
    """Do a piece of work at a worker of Dask's."""
    _settle_in()
    return task(*arguments)


@cache
def _settle_in() -> None:
    """In a worker's process: let it have the children that parse, and end them with it.

    Dask starts its workers as daemons, which may have no children lest those be left behind. Ours never are: they end
    with their parent, also where it is killed, and before it where it ends by itself. (A process that multiprocessing
    made runs no atexit; it waits for its children instead.)
    """
    process = multiprocessing.current_process()
    if process.daemon:
        from monitor.poll.sandbox import children  # at a worker alone: every command reads a config, and few need this

        process.daemon = False
        util.Finalize(None, children.end, exitpriority=100)


@dataclass(eq=False, slots=True)
class _Piece:
    """Work that somebody waits for, and the future of Dask's that is at it now."""

    outer: Future[Any]
    task: Callable[..., Any]
    arguments: tuple[Any, ...]
    inner: Future[Any] | None = None
    tries: int = 0


class _Cluster(Executor):
    """The workers of a Dask cluster behind ``Client.get_executor()``, with an end to all waiting.

    Steps of a piece of work: 1. Dask gives it to a worker, and to another where that one dies; 2. where the scheduler
    itself is lost and found again it is handed in once more; 3. where the scheduler stays away, or has had no worker
    for DESERTED_SECONDS, all that is still to be done ends with ClusterGone.
    """

    def __init__(self, client: Any, scheduler: str) -> None:
        self._client, self._scheduler = client, scheduler
        self.threads = sum(client.nthreads().values())
        # Not pure: the same question to a feed may have another answer.
        self._executor: Executor = client.get_executor(pure=False, retries=RETRIES)
        self._pieces: set[_Piece] = set()
        self._lock = threading.Lock()
        self._gone: str | None = None
        self._closed = threading.Event()
        threading.Thread(target=self._watch, name="poll-cluster", daemon=True).start()

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Hand in work. Raises ClusterGone where there is nobody left to do it."""
        piece = _Piece(Future(), fn, args)
        with self._lock:
            if self._gone is not None:
                raise ClusterGone(self._gone)
            self._pieces.add(piece)
        piece.outer.add_done_callback(lambda _: self._forget(piece))
        self._hand_in(piece)
        return piece.outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let the cluster go. What is not done by now is not waited for."""
        self._closed.set()
        self._give_up("the night is over")

    def _hand_in(self, piece: _Piece) -> None:
        piece.tries += 1
        try:
            piece.inner = self._executor.submit(_work, piece.task, piece.arguments)
        except Exception as error:  # the client was closed under us
            self._give_up(f"the cluster at {self._scheduler} was lost ({type(error).__name__})")
            return
        piece.inner.add_done_callback(lambda inner: self._taken(piece, inner))

    def _taken(self, piece: _Piece, inner: Future[Any]) -> None:
        """Dask is done with the piece, or lost it."""
        if piece.outer.done():
            return
        if not inner.cancelled():
            self._settle(piece, inner.exception(), inner)
        elif self._client.status in ("closing", "closed") or piece.tries >= TRIES:
            self._give_up(f"the scheduler {self._scheduler} was lost")
        else:
            # Handed in while the client still looks for the scheduler, it waits until that is found.
            threading.Thread(target=self._hand_in, args=(piece,), daemon=True).start()

    def _settle(self, piece: _Piece, error: BaseException | None, inner: Future[Any] | None = None) -> None:
        with contextlib.suppress(Exception):  # cancelled at this very moment
            if error is not None:
                piece.outer.set_exception(error)
            elif inner is not None:
                piece.outer.set_result(inner.result())

    def _forget(self, piece: _Piece) -> None:
        with self._lock:
            self._pieces.discard(piece)
        if piece.outer.cancelled() and piece.inner is not None:
            piece.inner.cancel()

    def _give_up(self, why: str) -> None:
        """End everything that is still to be done, once."""
        with self._lock:
            first, self._gone = self._gone is None, self._gone or why
            left = list(self._pieces)
        if first and not self._closed.is_set():
            log.warning("No more feeds are read tonight: %s.", why)
        for piece in left:
            self._settle(piece, ClusterGone(why))

    def _watch(self) -> None:
        """Give up where the cluster has had no worker for so long that none is to be hoped for."""
        without = 0.0
        while not self._closed.wait(LOOK_SECONDS):
            without = 0.0 if self._has_workers() else without + LOOK_SECONDS
            if without >= DESERTED_SECONDS:
                self._give_up(f"the cluster at {self._scheduler} has had no worker for {DESERTED_SECONDS:g} seconds")
                return

    def _has_workers(self) -> bool:
        """True also where that cannot be asked now: a lost scheduler has an end of its own."""
        try:
            return self._client.status != "running" or bool(self._client.nthreads())
        except (OSError, CancelledError, RuntimeError, ValueError, AttributeError):
            return True
