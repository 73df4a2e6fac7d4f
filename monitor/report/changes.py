"""A change of a channel's status in words, for feed readers and chat rooms."""

from __future__ import annotations

from monitor.model import Organisation, StatusChange
from monitor.report.lines import clean
from monitor.report.reasons import next_step, reason_text
from monitor.report.words import Words


def alerts_title(organisation: Organisation, words: Words) -> str:
    """What the alert feed, and a word to a chat room, is called."""
    return words.gettext("%(name)s: changes of channel health", name=clean(organisation.name, 100))


def change_title(change: StatusChange, name: str, words: Words) -> str:
    """The change in one line."""
    return words.gettext(
        "%(name)s: was %(before)s, now %(after)s",
        name=clean(name, 100),
        before=words.status(change.before),
        after=words.status(change.status),
    )


def change_text(change: StatusChange, words: Words) -> str:
    """Why, and the next step, a sentence a line."""
    reasons = [reason_text(reason, words) for reason in change.reasons[:2]]
    return "\n".join([*reasons, next_step(change.status, change.reasons, words)])
