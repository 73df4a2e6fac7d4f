"""What a fault is: what its server does, and what an owner may ask for all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from monitor.model import Outcome
from monitor.poll import Limits
from tests.faults.feeds import STANDARD, Item

if TYPE_CHECKING:
    from tests.faults.server import Talk

Act = Callable[["Talk"], None]
"""Answers one question, or does not."""

HANGING = Limits(total_seconds=1.2, read_seconds=1.0, connect_seconds=1.0)
"""For faults that last for ever: a test waits for no longer than this."""

BRIEF = Limits(total_seconds=5.0, parse_seconds=4.0)
"""For faults that are meant to take for ever, and may be given up: a test waits for no longer than this."""


@dataclass(frozen=True)
class Read:
    """The feed must be read, with these entries and no others."""

    items: tuple[Item, ...] = STANDARD
    count: int | None = None
    """How many entries, where they are too many to be listed."""
    outcomes: tuple[Outcome, ...] = (Outcome.UPDATED, Outcome.MOVED)

    @property
    def entries(self) -> int:
        return len(self.items) if self.count is None else self.count


@dataclass(frozen=True)
class Fail:
    """The feed cannot be read, and a sentence must say why."""

    says: str
    """What the sentence must hold: a regular expression, without regard to case."""
    outcomes: tuple[Outcome, ...] = (Outcome.FAILED,)
    names: str = ""
    """The address that the sentence names, where that may be another than the feed's own."""
    waits: tuple[int, int] | None = None
    """The shortest and longest time until the server is asked again, in seconds; None: no time is set."""


@dataclass(frozen=True)
class Either:
    """Both are right: the feed read whole, or a sentence. Half of it, or nothing said, is not."""

    read: Read
    fail: Fail


Must = Read | Fail | Either


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong."""

    name: str
    serves: str
    """What the server does, in a few words."""
    act: Act
    must: Must = field(default_factory=Read)
    family: str = ""
    path: str = "/feed"
    scheme: str = "http"
    tls: bool = False
    """True where the server speaks TLS, with a certificate that nobody knows."""
    at_once: bool = False
    """True where the server acts on the connection, before anything is asked."""
    listens: bool = True
    address: str = ""
    """An address of its own, where no server is behind it."""
    asks: int = 1
    """How many times the feed is asked for before it comes out as it must."""
    heals: bool = True
    """False where the feed stays unread after the server is well again."""
    limits: Limits = field(default_factory=Limits)


def fails(says: str, *outcomes: Outcome, names: str = "", waits: tuple[int, int] | None = None) -> Fail:
    """A failure with this sentence."""
    return Fail(says, outcomes or (Outcome.FAILED,), names, waits)


def reads(*items: Item) -> Read:
    """A feed read with these entries."""
    return Read(items)


def either(says: str, *items: Item) -> Either:
    """The feed with these entries (the standard ones where none are given), or this sentence."""
    return Either(Read(items or STANDARD), Fail(says))
