"""What leaves the house after a night: letters to readers, alerts for feed readers, word to chat rooms.

Making, sending and recording are apart: a crash means at most one letter too many, under the same Message-ID, and never
one too few.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import report
from monitor.almanac import midnight
from monitor.config import Config
from monitor.deliver import alerts, mail
from monitor.errors import DeliveryError
from monitor.handover import Mail, Post, room_of, rooms
from monitor.model import Alert, Changes, Night, Reader, StatusChange
from monitor.nights import night_of
from monitor.report import Words
from monitor.store import Store

__all__ = ["Mail", "alert_feed", "deliver", "is_due", "page_name"]

ALERTS = 100
"""The newest changes of status that the alert feed holds."""


def page_name(config: Config, language: str) -> str:
    """The file of a night's page in a language."""
    return "index.html" if language == config.organisation.language else f"index.{language}.html"


def deliver(config: Config, store: Store, night: Night, page: Path | None = None) -> tuple[Mail, ...]:
    """Hand over the letters that earlier nights left waiting, and the night's own to those whose turn it is.

    Steps: 1. whoever was to get a letter when a run died gets it now, under its old Message-ID; 2. every waiting
    letter is taken, sent and settled; 3. each reader whose turn it is, and each chat room where a status changed, has
    a letter made and kept, which tells what changed since the last one that came; 4. these are sent like the others.
    """
    for left in store.interrupted():
        store.settle(left.id, "waiting", left.error)
    name = night_of(night.now, config.zone)
    post = Post(config, store, name)
    post.hand_over()
    unmade = tuple(_letters(config, store, night, page))
    for address in rooms(config):
        changed = _untold(config, store, night, room_of(address))
        if changed:
            store.claim(name, room_of(address), partial(_word, config, changed), night.now)
    post.hand_over()
    return unmade + post.mails


def _letters(config: Config, store: Store, night: Night, page: Path | None) -> Iterator[Mail]:
    """Make the letters of those whose turn it is; one that cannot be made is told, and stops no other."""
    name = night_of(night.now, config.zone)
    for reader in config.readers:
        try:
            if is_due(config, store, night, reader):
                store.claim(name, reader.address, partial(_message, config, store, night, reader, page), night.now)
        except DeliveryError as error:
            yield Mail(reader.address, "waiting", str(error))


def is_due(config: Config, store: Store, night: Night, reader: Reader) -> bool:
    """True where tonight is the reader's turn: at the first run of a new day, week or month, or on a change."""
    last = store.last_letter(reader.address, night.now)
    if last is None:
        return True
    name, claimed = last
    if reader.when == "on_change":
        before = _told(store, night, name).before
        return any(before.get(one.channel.id) is not one.diagnosis.status for one in night.channels)
    return _period(reader.when, claimed, config.zone) != _period(reader.when, night.now, config.zone)


def _told(store: Store, night: Night, name: str) -> Changes:
    """What somebody knew who was told in the night ``name``."""
    until = f"{name}~"  # that night included
    earlier = store.earlier([one.channel.id for one in night.channels], before=until, since=until)
    return Changes(name, {channel: one.status for channel, one in earlier.items() if one.status is not None})


def _period(when: str, time: int, zone: ZoneInfo) -> tuple[int, ...]:
    moment = datetime.fromtimestamp(time, zone)
    if when == "weekly":
        return tuple(moment.isocalendar()[:2])
    return (moment.year, moment.month) if when == "monthly" else (moment.year, moment.month, moment.day)


def _message(config: Config, store: Store, night: Night, reader: Reader, page: Path | None) -> bytes:
    name = night_of(night.now, config.zone)
    # The same night and reader give the same identity, so that a letter sent again is known for what it is.
    who = hashlib.sha256(reader.address.encode()).hexdigest()[:12]
    identity = f"{name}.{who}.oximeter@{config.sender.rpartition('@')[2]}"
    last = store.last_letter(reader.address, night.now, told=True)
    changes = None if last is None or last[0] >= name else _told(store, night, last[0])
    letter = report.letter(night, _where(config, name, page, reader.language), reader.language, changes)
    return mail.compose(letter, config.sender, reader.address, identity, night.now).as_bytes()


def _where(config: Config, name: str, page: Path | None, language: str) -> str | None:
    """Where the reader finds the page: on the web where it is published, else its file."""
    if page is None:
        return None
    file = page_name(config, language)
    return f"{config.address.rstrip('/')}/{name}/{file}" if config.address else str(page.with_name(file))


NamedChange = tuple[StatusChange, str]
"""A change of status, and the name of its channel."""


def _changes(config: Config, store: Store, until: str) -> list[NamedChange]:
    """The newest changes of status of the config's channels up to the night ``until``."""
    names = {channel.id: channel.name for channel in config.channels}
    return [(one, names[one.channel]) for one in store.status_changes(ALERTS, list(names), until)]


def _untold(config: Config, store: Store, night: Night, room: str) -> list[NamedChange]:
    """The changes since the room's last word; of this night alone, where it has had none."""
    name, last = night_of(night.now, config.zone), store.last_letter(room, night.now)
    return [
        (one, told)
        for one, told in _changes(config, store, name)
        if (one.night == name if last is None else one.night > last[0])
    ]


def alert_feed(config: Config, store: Store, now: int) -> bytes:
    """The changes of status as an Atom feed."""
    words, authority = Words.of(config.organisation), config.sender.rpartition("@")[2]
    base = config.address.rstrip("/") + "/" if config.address else ""
    found = [
        Alert(
            id=alerts.tag(authority, change.night, "oximeter", change.channel, change.status.value),
            time=midnight(date.fromisoformat(change.night), config.zone),
            title=report.change_title(change, name, words),
            text=report.change_text(change, words),
            link=f"{base}{change.night}/index.html#{change.channel}",
            category=change.status.value,
        )
        for change, name in _changes(config, store, night_of(now, config.zone))
    ]
    title = report.alerts_title(config.organisation, words)
    return alerts.atom(found, title, alerts.tag(authority, "2026", "oximeter", "alerts"), words.language, now)


def _word(config: Config, changed: list[NamedChange]) -> bytes:
    words = Words.of(config.organisation)
    lines = [
        f"{report.change_title(change, told, words)}\n{report.change_text(change, words)}" for change, told in changed
    ]
    title = report.alerts_title(config.organisation, words)
    return json.dumps({"title": title, "body": "\n\n".join(lines)}, ensure_ascii=False).encode()
