"""What is logged, on standard error: lines for people, or JSON for programs, and never a secret."""

from __future__ import annotations

import copy
import json
import logging
import re
import sys
import traceback
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pythonjsonlogger.json import JsonFormatter

from monitor.report.lines import clean

COMMAND = "oximeter.command"
"""The logger of the sentences that end a command: for people they stand alone, without time and level."""
LONGEST = 2_000
"""Characters of one line, or of one value of a JSON line."""
SHORTEST_SECRET = 4
"""Shorter ones are no secrets, and hiding them would take letters out of every word."""
KEY = 20
"""A part of a path as long as this is a key; a shorter one may be a word that is needed elsewhere."""

_USER = re.compile(r"(?<=://)[^\s/?#]*@")
_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^\s/?#'\"]*)[/?#][^\s'\"]*")
_PATH = re.compile(r"(\burl(?:=|: ?))/[^\s,)]*", re.IGNORECASE)

_secrets: tuple[str, ...] = ()


def configure(as_json: bool, verbose: bool, quiet: bool) -> None:
    """Log to standard error from now on, forgetting the secrets of an earlier command.

    People are told of warnings, with ``verbose`` of each feed too; programs of each feed. ``quiet`` leaves nothing but
    errors. Libraries are heard where something failed, with ``verbose`` of warnings too: those are about the servers
    of others, whose headers are broken every night.
    """
    global _secrets
    _secrets = ()
    heard = logging.WARNING if verbose and not quiet else logging.ERROR
    told = logging.ERROR if quiet else logging.INFO if verbose or as_json else logging.WARNING
    handler = _StandardError()
    handler.addFilter(lambda record: _is_ours(record) or record.levelno >= heard)
    handler.setFormatter(_Json(verbose) if as_json else _Text(verbose))
    logging.basicConfig(level=told, handlers=[handler], force=True)
    # What Python warns of is a library's too, and would go past the log to standard error.
    logging.captureWarnings(True)


def keep_secret(secrets: Iterable[str]) -> None:
    """These, and the ends of those that are addresses, are not to be seen in any line that is logged from now on."""
    global _secrets
    found = {*_secrets} | {
        part for secret in secrets for part in (secret, *_ends(secret)) if len(part) >= SHORTEST_SECRET
    }
    _secrets = tuple(sorted(found, key=len, reverse=True))


def _ends(address: str) -> list[str]:
    """What an error may repeat of an address: its path with and without the query, its keys, what follows ``://``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return []
    path = parts.path.rstrip("/")
    keys = [part for part in path.split("/") if len(part) >= KEY]
    return [path, f"{path}?{parts.query}", address.partition("://")[2].rstrip("/"), *keys] if parts.netloc else []


def safe(text: str, limit: int = LONGEST) -> str:
    """One line without control characters, known secrets, or the user and password of an address."""
    for secret in _secrets:
        text = text.replace(secret, "…")
    return clean(_USER.sub("", text), limit)


def mistake(error: BaseException) -> str:
    """A sentence for an error that nobody foresaw: its kind and its place, for its words may hold anything."""
    if isinstance(error, KeyboardInterrupt):
        return "It was stopped by hand."
    frames = traceback.extract_tb(error.__traceback__)
    place = f" in {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
    told = f": {error.strerror}" if isinstance(error, OSError) and error.strerror else ""
    return (
        f"Oximeter met a mistake of its own ({type(error).__name__}{place}{told}); run it again with --verbose for "
        "the whole story, and tell those who make it."
    )


def _others(text: str) -> str:
    """What a library says, without the paths of addresses: its sentences are not made to keep secrets."""
    return _PATH.sub(r"\1…", _ADDRESS.sub(r"\1/…", text))


def _is_ours(record: logging.LogRecord) -> bool:
    return record.name.partition(".")[0] == "oximeter"


def _message(record: logging.LogRecord) -> str:
    try:
        told = record.getMessage()
    except Exception:  # a library's placeholders and arguments may not fit; a log must not fail for that
        told = str(record.msg)
    return safe(told if _is_ours(record) else _others(told))


def _trace(record: logging.LogRecord) -> list[str]:
    """The traceback, a line each, with its indents."""
    if not record.exc_info or record.exc_info[0] is None:
        return []
    lines = "".join(traceback.format_exception(*record.exc_info)).splitlines()
    return [" " * (len(line) - len(line.lstrip(" "))) + safe(_others(line)) for line in lines]


class _StandardError(logging.Handler):
    """Writes to what is standard error at that moment: a progress bar takes its place for a while."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
            sys.stderr.flush()
        except (OSError, ValueError):  # nobody listens any more; the night goes on
            pass


class _Text(logging.Formatter):
    """A line for people; with ``traces`` an exception's traceback after it."""

    def __init__(self, traces: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        plain = copy.copy(record)
        plain.msg, plain.args, plain.stack_info = _message(record), None, None
        plain.exc_info = plain.exc_text = None
        line = plain.msg if record.name == COMMAND else super().format(plain)
        return "\n".join([line, *(_trace(record) if self._traces else ())])


class _Json(JsonFormatter):
    """A line for programs: time, level, logger, message, and whatever the event is told with."""

    def __init__(self, traces: bool) -> None:
        super().__init__()
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        plain = copy.copy(record)
        plain.msg, plain.args, plain.stack_info = _message(record), None, None
        plain.exc_info = plain.exc_text = None
        lines = _trace(record) if self._traces else []
        if lines:
            plain.traceback = lines
        return super().format(plain)

    def add_fields(self, log_data: dict[str, Any], record: logging.LogRecord, message_dict: dict[str, Any]) -> None:
        moment = datetime.fromtimestamp(record.created, UTC)
        log_data["time"] = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        log_data |= {"level": record.levelname.lower(), "logger": record.name, "message": record.msg}
        more: dict[str, Any] = {}
        super().add_fields(more, record, message_dict)
        log_data |= {name: _plain(value) for name, value in more.items() if name not in ("message", "taskName")}

    def jsonify_log_record(self, log_data: dict[str, Any]) -> str:
        # In ASCII, whatever the terminal's or the collector's encoding.
        return json.dumps(log_data, ensure_ascii=True, allow_nan=False)


def _plain(value: object, indented: bool = False) -> Any:
    """A value as a JSON line holds it."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if abs(value) < float("inf") else None
    if isinstance(value, dict):
        return {safe(str(name), 100): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return safe(str(value))
