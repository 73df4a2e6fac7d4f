"""The five vital signs, each held against the channel's own past or its promise. One file a sign.

A sign is a function from an ``Examination`` to a ``Vital``; ``SIGNS`` lists them. Each says "too little to tell" (value
None) rather than claim anything from fewer events than it takes. Where a sign has a ``health``, whether it has one
depends on the past and the promise alone, never on the window.
"""

from __future__ import annotations

from collections.abc import Callable

from monitor.model import Sign, Vital
from monitor.oxygen.examination import Examination
from monitor.oxygen.signs.answer import answer
from monitor.oxygen.signs.circle import circle
from monitor.oxygen.signs.echo import echo
from monitor.oxygen.signs.investment import MINUTES_PER_ANSWER, investment
from monitor.oxygen.signs.pulse import pulse

SIGNS: dict[Sign, Callable[[Examination], Vital]] = {
    Sign.PULSE: pulse,
    Sign.ECHO: echo,
    Sign.ANSWER: answer,
    Sign.CIRCLE: circle,
    Sign.INVESTMENT: investment,
}
"""Every sign and how it is taken: a new sign is one file and one line here."""

__all__ = ["MINUTES_PER_ANSWER", "SIGNS", "answer", "circle", "echo", "investment", "pulse"]
