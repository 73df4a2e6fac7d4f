"""What went wrong with Oximeter itself since the last report: letters, the store, the clock, the night's time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path

from monitor.config import Config
from monitor.model import ChannelReport, Delivery, Notice, Trouble
from monitor.store import Store

GIVE_UP_DAYS = 30
"""A letter that has waited so long is no longer tried."""
TOLD_DAYS = 14
"""How long the report tells that the store was damaged."""
REPLACED = " A newer letter to the same reader took its place."
"""How the error of a letter ends that a newer one made superfluous."""
ROOM = "notify-"
"""How a chat room is told from a reader among the deliveries."""
DAMAGED = r"\.damaged-\d{4}-\d\d-\d\d(?:[-.]\d+)?"
"""What is put after the name of a store that was damaged or lost."""
NOTE = ".note"
"""What is put after that for the file that tells what took its place."""
TIME_UP = "not asked: the night's time was up"
"""How the reason of a feed begins whose turn did not come."""


def notices(
    config: Config, store: Store, tonight: str, latest: str | None, reports: Iterable[ChannelReport]
) -> tuple[Notice, ...]:
    """All of them, what touches the findings first.

    ``latest`` is the latest night (YYYY-MM-DD) with a verdict, ``reports`` are tonight's.
    """
    return (
        *_restored(config, tonight),
        *_clock(latest, tonight),
        *_too_short(reports),
        *(_late(letter, tonight) for letter in store.late_letters(tonight)),
    )


def is_room(recipient: str) -> bool:
    """True where a letter is a word to a chat room."""
    return recipient.startswith(ROOM) and "@" not in recipient


def days_waited(letter: Delivery, tonight: str) -> int:
    """Days from the letter's night to tonight."""
    return (date.fromisoformat(tonight) - date.fromisoformat(letter.night)).days


def _late(letter: Delivery, tonight: str) -> Notice:
    given_up = days_waited(letter, tonight) >= GIVE_UP_DAYS
    return Notice(
        Trouble.MAIL_GIVEN_UP if given_up else Trouble.MAIL,
        {
            # A room has no name that could be shown: its address is a secret.
            "to": "" if is_room(letter.recipient) else letter.recipient,
            "night": letter.night,
            "error": letter.error.removesuffix(REPLACED),
        },
    )


def _clock(latest: str | None, tonight: str) -> Iterator[Notice]:
    if latest is not None and latest > tonight:
        yield Notice(Trouble.CLOCK_WENT_BACK, {"latest": latest})


def _too_short(reports: Iterable[ChannelReport]) -> Iterator[Notice]:
    unasked = sum(feed.reason.startswith(TIME_UP) for report in reports for feed in report.history.feeds)
    if unasked:
        yield Notice(Trouble.NIGHT_TOO_SHORT, {"feeds": unasked})


def _restored(config: Config, tonight: str) -> Iterator[Notice]:
    """Stores that were found damaged or lost of late; they, or a note of them, lie beside the SQLite store."""
    prefix = "sqlite:///"
    if not config.store_url.startswith(prefix) or ":memory:" in config.store_url:
        return
    path = Path(config.store_url.removeprefix(prefix).partition("?")[0]).resolve()
    form = re.compile(f"({re.escape(path.name)}{DAMAGED})({re.escape(NOTE)})?")
    names = _names(path.parent)
    for name in sorted({found[1] for found in map(form.fullmatch, names) if found}):
        day = _day(name.removeprefix(path.name + ".damaged-")[:10])
        if day is not None and -1 <= (date.fromisoformat(tonight) - day).days < TOLD_DAYS:
            backup = _backup(path.with_name(name + NOTE))
            yield Notice(Trouble.STORE_RESTORED, {"aside": name if name in names else "", "backup": backup})


def _names(folder: Path) -> list[str]:
    with suppress(OSError):
        return [each.name for each in folder.iterdir()]
    return []


def _backup(note: Path) -> str:
    """The date (YYYY-MM-DD) of the backup that a note tells of; empty where it tells of none."""
    with suppress(OSError, UnicodeDecodeError):
        day = _day(note.read_text(encoding="utf-8")[:10])
        return day.isoformat() if day else ""
    return ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
