"""What leaves the house after a night: letters to readers, alerts for feed readers, word to chat rooms.

Making, sending and recording are apart: a crash means at most one letter too many, under the same Message-ID, and never
one too few.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from monitor import report
from monitor.almanac import midnight
from monitor.config import Config
from monitor.deliver import alerts, mail, notify, outbox
from monitor.errors import ConfigError, DeliveryError, OximeterError
from monitor.examination import changes_since, night_of
from monitor.files import write_whole
from monitor.model import Alert, Changes, Delivery, Night, Reader, StatusChange
from monitor.report import Words
from monitor.store import Store

ALERTS = 100
"""The newest changes of status that the alert feed holds."""
ROOM = "notify-"
"""How a chat room is told from a reader among the deliveries."""


@dataclass(frozen=True, slots=True)
class Mail:
    """What became of one letter in this run: ``sent``, ``outbox`` (no mail server set) or ``waiting`` (refused).

    A word to a chat room is a letter too.
    """

    to: str
    state: str
    error: str = ""
    path: Path | None = None


def page_name(config: Config, language: str) -> str:
    """The file of a night's page in a language."""
    return "index.html" if language == config.organisation.language else f"index.{language}.html"


def deliver(config: Config, store: Store, night: Night, page: Path | None = None) -> tuple[Mail, ...]:
    """Hand over the night's letters to those whose turn it is, and the letters that earlier nights left waiting.

    Steps: 1. whoever was to get a letter when a run died gets it now, under its old Message-ID; 2. each reader whose
    turn it is, and each chat room where a status changed, has a letter made and kept; 3. every waiting letter is
    taken, sent and settled.
    """
    for left in store.interrupted():
        store.settle(left.id, "waiting", left.error)
    name = night_of(night.now, config.zone)
    unmade = tuple(_letters(config, store, night, page))
    for address in _rooms(config):
        changed = _untold(config, store, _room(address), name)
        if changed:
            store.claim(name, _room(address), partial(_word, config, changed), night.now)
    return unmade + tuple(_hand_over(config, store, letter) for letter in store.waiting() if store.take(letter.id))


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
    last = store.last_letter(reader.address)
    if last is None:
        return True
    name, claimed = last
    if reader.when == "on_change":
        before = _told(store, night, name).before
        return any(before.get(one.channel.id) is not one.diagnosis.status for one in night.channels)
    return _period(reader.when, claimed, config.zone) != _period(reader.when, night.now, config.zone)


def _told(store: Store, night: Night, name: str) -> Changes:
    """What somebody knew who was told in the night ``name``."""
    past = {one.channel.id: store.verdicts(one.channel.id) for one in night.channels}
    return changes_since(past, name) or Changes(name, {})


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
    last = store.last_letter(reader.address)
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


def _untold(config: Config, store: Store, room: str, name: str) -> list[NamedChange]:
    """The changes since the room's last word; of this night alone, where it has had none."""
    last = store.last_letter(room)
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


def _rooms(config: Config) -> tuple[str, ...]:
    try:
        return config.rooms()
    except ConfigError:  # check tells; a night goes on without the rooms that the variable would name
        return config.notify


def _room(address: str) -> str:
    """What the store calls a chat room: its address holds secrets."""
    return ROOM + hashlib.sha256(address.encode()).hexdigest()[:12]


def _word(config: Config, changed: list[NamedChange]) -> bytes:
    words = Words.of(config.organisation)
    lines = [
        f"{report.change_title(change, told, words)}\n{report.change_text(change, words)}" for change, told in changed
    ]
    title = report.alerts_title(config.organisation, words)
    return json.dumps({"title": title, "body": "\n\n".join(lines)}, ensure_ascii=False).encode()


def _hand_over(config: Config, store: Store, letter: Delivery) -> Mail:
    """Send one letter that is ours to send. A refusal leaves it waiting, and its file in the outbox."""
    if letter.recipient.startswith(ROOM) and "@" not in letter.recipient:
        return _tell(config, store, letter)
    folder, name = config.folder / "outbox", f"{letter.night}-{letter.recipient}"
    try:
        settings = config.smtp_settings()
        if settings is None:
            path = outbox.write(letter.message, folder, name)
            store.settle(letter.id, "outbox")
            return Mail(letter.recipient, "outbox", path=path)
        mail.send(mail.parse(letter.message), settings)
    except (DeliveryError, ConfigError) as error:
        store.settle(letter.id, "waiting", str(error))
        return Mail(letter.recipient, "waiting", str(error), _keep(letter.message, folder, name))
    store.settle(letter.id, "sent")
    outbox.discard(letter.message, folder, name)
    return Mail(letter.recipient, "sent")


def _keep(message: bytes, folder: Path, name: str) -> Path | None:
    """A refused letter where a person can read it; the store has it too, so a full disk loses nothing."""
    try:
        return outbox.write(message, folder, name)
    except OximeterError:
        return None


def _tell(config: Config, store: Store, letter: Delivery) -> Mail:
    """Tell a chat room; one that the config no longer names is left alone, its word kept in the outbox."""
    address = next((one for one in _rooms(config) if _room(one) == letter.recipient), None)
    if address is None:
        return _homeless(config, store, letter)
    word = json.loads(letter.message)
    try:
        notify.send(address, word["title"], word["body"])
    except DeliveryError as error:
        store.settle(letter.id, "waiting", str(error))
        return Mail(notify.describe(address), "waiting", str(error))
    store.settle(letter.id, "sent")
    return Mail(notify.describe(address), "sent")


def _homeless(config: Config, store: Store, letter: Delivery) -> Mail:
    """A word whose room the config does not name: kept waiting where its name may be in a variable that is not set."""
    try:
        config.rooms()
        folder = config.folder / "outbox"
        path = write_whole(folder / f"{letter.night}-{letter.recipient}.json", letter.message.decode() + "\n")
    except OximeterError as error:
        store.settle(letter.id, "waiting", str(error))
        return Mail(letter.recipient, "waiting", str(error))
    store.settle(letter.id, "outbox", "the config no longer names this chat room")
    return Mail(letter.recipient, "outbox", path=path)
