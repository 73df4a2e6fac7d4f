"""What a document turned out to be: what passes from the child that read it to the night that asked for it."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Entry, Rests


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document understood; or ``error``, a sentence that says what it was instead of a feed."""

    platform: str = ""
    title: str = ""
    entries: tuple[Entry, ...] = ()
    error: str | None = None
    older: str = ""
    """The address of the next page back."""
    carries_replies: bool = False
    stale_validators: bool = False
    link: str = ""
    """The site that the feed says it belongs to."""
    left_out: int = 0
    """Entries that are in the document and not in ``entries``: it is too large, or they are empty or beyond repair."""
    rests: Rests | None = None
    """When the feed says that it need not be asked; None where it says nothing."""
