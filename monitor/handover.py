"""Hands over the letters that wait: sent, kept for the next run, or put aside in the outbox after their time.

A letter is taken, sent and settled in steps of its own, so that a crash in between means that it is sent again under
the same Message-ID, and never that it is lost.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from monitor.config import Config
from monitor.deliver import mail, notify, outbox
from monitor.errors import ConfigError, DeliveryError, OximeterError
from monitor.files import write_whole
from monitor.model import Delivery
from monitor.notices import GIVE_UP_DAYS, REPLACED, ROOM, days_waited, is_room
from monitor.store import Store
from monitor.store.letters import after_waiting


@dataclass(frozen=True, slots=True)
class Mail:
    """What became of one letter in this run: ``sent``, ``outbox`` (no mail server set) or ``waiting`` (refused).

    A word to a chat room is a letter too.
    """

    to: str
    state: str
    error: str = ""
    path: Path | None = None


def rooms(config: Config) -> tuple[str, ...]:
    """The addresses of the chat rooms that can be found tonight."""
    try:
        return config.rooms()
    except ConfigError:  # check tells; a night goes on without the rooms that the variable would name
        return config.notify


def room_of(address: str) -> str:
    """What the store calls a chat room: its address holds secrets."""
    return ROOM + hashlib.sha256(address.encode()).hexdigest()[:12]


class Post:
    """One run's attempts to hand over what waits: each letter once, and a mail server that fails once."""

    def __init__(self, config: Config, store: Store, tonight: str) -> None:
        self._config, self._store, self._tonight = config, store, tonight
        self._folder = config.folder / "outbox"
        self._done: dict[int, Mail] = {}
        self._unreachable = ""
        """What is wrong with the mail server, once it is known that no letter can be handed to it tonight."""

    @property
    def mails(self) -> tuple[Mail, ...]:
        """What became of every letter that was tried."""
        return tuple(self._done.values())

    def hand_over(self) -> None:
        """Put aside what has waited too long or is replaced by a newer letter, and send the rest.

        A letter of a later night than this was made by a clock that was ahead, and is left for its night.
        """
        waiting = [letter for letter in self._store.waiting() if letter.night <= self._tonight]
        newest = {letter.recipient: letter.id for letter in sorted(waiting, key=lambda one: (one.night, one.id))}
        for letter in waiting:
            # A mail tells all that changed since the last that came; a word to a chat room tells its own night's.
            if letter.id != newest[letter.recipient] and not is_room(letter.recipient):
                self._put_aside(letter, letter.error + REPLACED)
            elif days_waited(letter, self._tonight) >= GIVE_UP_DAYS:
                self._put_aside(letter, letter.error)
            elif letter.id not in self._done and self._store.take(letter.id):
                self._done[letter.id] = self._tell(letter) if is_room(letter.recipient) else self._send(letter)

    def _put_aside(self, letter: Delivery, error: str) -> None:
        """Try a letter no longer; its file stays in the outbox, and without the file it goes on waiting."""
        try:
            path = self._write(letter)
        except OximeterError as trouble:
            self._done[letter.id] = Mail(letter.recipient, "waiting", str(trouble))
            return
        self._store.settle(letter.id, "outbox", after_waiting(self._tonight, error))
        self._done[letter.id] = Mail(letter.recipient, "outbox", error, path)

    def _write(self, letter: Delivery) -> Path:
        """The letter as a file in the outbox."""
        name = f"{letter.night}-{letter.recipient}"
        if is_room(letter.recipient):
            return write_whole(self._folder / f"{name}.json", letter.message.decode() + "\n")
        return outbox.write(letter.message, self._folder, name)

    def _send(self, letter: Delivery) -> Mail:
        """Send one letter that is ours to send. A refusal leaves it waiting, and its file in the outbox."""
        try:
            if self._unreachable:
                raise DeliveryError(self._unreachable)
            settings = self._config.smtp_settings()
            if settings is None:
                path = self._write(letter)
                self._store.settle(letter.id, "outbox")
                return Mail(letter.recipient, "outbox", path=path)
            mail.send(mail.parse(letter.message), settings)
        except (DeliveryError, ConfigError) as error:
            if isinstance(error, mail.Unreachable):
                self._unreachable = str(error)
            self._store.settle(letter.id, "waiting", str(error))
            return Mail(letter.recipient, "waiting", str(error), self._keep(letter))
        self._settle_as_sent(letter)
        outbox.discard(letter.message, self._folder, f"{letter.night}-{letter.recipient}")
        return Mail(letter.recipient, "sent")

    def _settle_as_sent(self, letter: Delivery) -> None:
        """What a letter of an earlier night waited for is remembered: tonight's report tells of it."""
        late = letter.night < self._tonight
        self._store.settle(letter.id, "sent", after_waiting(self._tonight, letter.error) if late else "")

    def _keep(self, letter: Delivery) -> Path | None:
        """A refused letter where a person can read it; the store has it too, so a full disk loses nothing."""
        try:
            return self._write(letter)
        except OximeterError:
            return None

    def _tell(self, letter: Delivery) -> Mail:
        """Tell a chat room; one that the config no longer names is left alone, its word kept in the outbox."""
        address = next((one for one in rooms(self._config) if room_of(one) == letter.recipient), None)
        if address is None:
            return self._keep_homeless(letter)
        word = json.loads(letter.message)
        try:
            notify.send(address, word["title"], word["body"])
        except DeliveryError as error:
            self._store.settle(letter.id, "waiting", str(error))
            return Mail(notify.describe(address), "waiting", str(error))
        self._settle_as_sent(letter)
        return Mail(notify.describe(address), "sent")

    def _keep_homeless(self, letter: Delivery) -> Mail:
        """A word whose room the config does not name: kept waiting where a variable that is not set may name it."""
        try:
            self._config.rooms()
            path = self._write(letter)
        except OximeterError as error:
            self._store.settle(letter.id, "waiting", str(error))
            return Mail(letter.recipient, "waiting", str(error))
        self._store.settle(letter.id, "outbox", "the config no longer names this chat room")
        return Mail(letter.recipient, "outbox", path=path)
