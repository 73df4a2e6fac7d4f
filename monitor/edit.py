"""``channels.toml`` edited in place: every comment and the order stay as they are."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import tomlkit

from monitor.config import validate
from monitor.errors import ConfigError
from monitor.files import write_whole

LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


def slug(name: str, taken: Iterable[str] = ()) -> str:
    """A channel id made of a name, and not among those taken: lower case, Danish letters spelled out."""
    spelled = unicodedata.normalize("NFC", name).casefold().translate(LETTERS)
    plain = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "channel"
    used = {one.casefold() for one in taken}
    numbers = (f"{base}-{number}" for number in range(2, len(used) + 3))
    return base if base not in used else next(one for one in numbers if one not in used)


def add_channels(path: Path, channels: Sequence[Mapping[str, Any]], organisation: str | None = None) -> None:
    """Append channels, each a table as in the config, to the file at ``path``; what is None or empty is left out.

    With ``organisation`` there is no file yet, and one is made that says whose channels these are.
    Raises ConfigError, with the file untouched, where it cannot be read or would not be valid any more.
    """
    path = path.resolve()
    try:
        before = path.read_bytes().decode("utf-8") if organisation is None else _whose(organisation)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError([f"{path}: cannot be read as UTF-8 text ({error})"]) from None
    after = before.rstrip("\n") + "\n" * bool(before.strip()) + "".join(_table(channel) for channel in channels)
    try:
        validate(tomllib.loads(after), str(path))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(
            [f"{path}: a [[channel]] cannot be added at its end ({error}); are its channels written in one line?"]
        ) from None
    write_whole(path, after)


def _whose(organisation: str) -> str:
    document = tomlkit.document()
    document.add("organisation", tomlkit.table().append("name", organisation))
    return tomlkit.dumps(document)


def _table(channel: Mapping[str, Any]) -> str:
    """One ``[[channel]]`` as text. Appended rather than woven in: TOML lets tables come in any order."""
    table = tomlkit.table()
    for name, value in channel.items():
        if isinstance(value, list | tuple):
            if value:
                table.add(name, tomlkit.array().multiline(len(value) > 1))
                table[name].extend(value)
        elif value is not None and value != "":
            table.add(name, value)
    tables = tomlkit.aot()
    tables.append(table)
    document = tomlkit.document()
    document.add("channel", tables)
    return "\n" + tomlkit.dumps(document)
