"""Keeps mails as files where no mail server is set."""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import suppress
from itertools import count
from pathlib import Path

from monitor.errors import DeliveryError
from monitor.files import sync_folder

_NAME_LENGTH = 120


def write(message: bytes, folder: Path, name: str) -> Path:
    """Write the mail whole into ``folder``, which is made where missing, and return its file.

    The same mail again gives the same file; another mail of that name gets a number after it.
    Raises DeliveryError where the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return _place(message, folder, _safe(name))
    except OSError as error:
        told = error.strerror or type(error).__name__
        raise DeliveryError(f"The mail could not be written to the outbox {folder}: {told}.") from error


def discard(message: bytes, folder: Path, name: str) -> None:
    """Take a mail that has been sent out of ``folder`` again; a file of that name with another mail stays."""
    with suppress(OSError):
        for path in folder.iterdir():
            ours = re.fullmatch(re.escape(_safe(name)) + r"(-\d+)?\.eml", path.name)
            if ours and path.is_file() and path.read_bytes() == message:
                path.unlink()


def _place(message: bytes, folder: Path, stem: str) -> Path:
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(message)
            file.flush()
            os.fsync(file.fileno())
        for number in count(1):
            target = folder / (f"{stem}.eml" if number == 1 else f"{stem}-{number}.eml")
            try:
                _claim(temporary, target)
            except FileExistsError:
                if target.is_file() and target.read_bytes() == message:
                    return target
            else:
                return target
        raise AssertionError("numbers do not end")  # pragma: no cover
    finally:
        Path(temporary).unlink(missing_ok=True)


def _claim(temporary: str, target: Path) -> None:
    """Give the written file its name. Unlike a rename this never takes the place of another file."""
    try:
        os.link(temporary, target)
    except FileExistsError:
        raise
    except OSError:  # A file system without links. Only one run at a time writes here, so looking first is enough.
        if target.exists():
            raise FileExistsError(target) from None
        os.replace(temporary, target)
    sync_folder(target.parent)


def _safe(name: str) -> str:
    """A file name that stays in its folder and that every system takes."""
    stem = re.sub(r"[^A-Za-z0-9._@+-]+", "-", name.removesuffix(".eml")).strip(".-")
    return stem[:_NAME_LENGTH] or "mail"
