"""Files that are whole or not there at all."""

from __future__ import annotations

import os
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from monitor.errors import OximeterError

STALE_SECONDS = 600
"""A half-written file of ours this old was left by a process that died: none takes ten minutes to write."""

_PART = re.compile(r"\.[a-z0-9_]{8}\.part")


def write_whole(path: Path, text: str) -> Path:
    """Write ``text`` as UTF-8, in place of an earlier file of that name; a reader never sees half of it.

    Makes the folder where missing. Raises OximeterError where the file cannot be written.
    """
    with writing_whole(path) as file:
        file.write(text)
    return path


@contextmanager
def writing_whole(path: Path) -> Iterator[IO[str]]:
    """A file to write to, which takes the name ``path`` when all is written; otherwise as ``write_whole``."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            # mkstemp lets only its owner read; the page is for whoever serves the folder.
            os.chmod(temporary, path.stat().st_mode & 0o7777 if path.exists() else 0o666 & ~_umask())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise OximeterError(f"{path} cannot be written: {error.strerror or error}; check the folder.") from None


def sync_folder(folder: Path) -> None:
    """See to it that the names in ``folder`` outlive a power cut, where the system can: a rename is a name's change."""
    with suppress(OSError):  # Windows opens no folder, and some network disks sync none
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def sweep(folder: Path) -> None:
    """Remove what killed runs left half written in ``folder`` and the folders right below it."""
    with suppress(OSError):
        for part in _parts(folder):
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                part.unlink(missing_ok=True)


def _parts(folder: Path) -> Iterator[Path]:
    for one in (*folder.glob(".*.part"), *folder.glob("*/.*.part")):
        if _PART.fullmatch(one.name):
            yield one


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
