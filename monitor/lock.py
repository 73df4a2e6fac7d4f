"""One night at a time: a lock that its holder's death gives back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from monitor.errors import LockedError, OximeterError


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file ``path`` within. Its folder is made where missing; the file itself stays, and says nothing.

    Raises LockedError at once where another process holds it, OximeterError where the file cannot be made.
    """
    lock = FileLock(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout:
        raise LockedError(f"Another run is at work and holds {path}; let it finish, then try again.") from None
    except (OSError, NotImplementedError) as error:
        told = getattr(error, "strerror", None) or error
        raise OximeterError(
            f"The lock {path} cannot be made: {told}; check the folder, its permissions and its disk."
        ) from None
    try:
        yield
    finally:
        lock.release()
