"""Oxygen: one number a channel, 0 to 100, and how it has moved.

The recipe: 100 times the weighted geometric mean of the healths (0..1) of the signs that could be measured, each
at least ``LEAST_HEALTH``, with ``WEIGHTS``. Geometric, for a dialogue needs all its parts and plenty of one makes up
for little of another. Better health of any sign never lowers it. No oxygen is told where nothing but the investment
is known.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from monitor.model import DAY, Look, Sign, Vital, Vitals
from monitor.oxygen.activity import Activity, Promise
from monitor.oxygen.vitals import take_signs

WEIGHTS = {Sign.PULSE: 0.35, Sign.ECHO: 0.25, Sign.ANSWER: 0.15, Sign.CIRCLE: 0.15, Sign.INVESTMENT: 0.1}
LEAST_HEALTH = 0.01
TREND_DAYS = (360, 270, 180, 90)
"""How long ago a channel is looked at again: four windows that do not overlap."""


def exact_oxygen(vitals: Vitals) -> float | None:
    """Oxygen before rounding, 1..100; None where too little could be measured."""
    return _exact(vitals.signs)


def _exact(signs: Mapping[Sign, Vital]) -> float | None:
    known = [(WEIGHTS[sign], vital.health) for sign, vital in signs.items() if vital.health is not None]
    if not any(vital.health is not None for sign, vital in signs.items() if sign is not Sign.INVESTMENT):
        return None
    logs = sum(weight * math.log(max(health, LEAST_HEALTH)) for weight, health in known)
    return 100 * math.exp(logs / sum(weight for weight, _ in known))


def oxygen(vitals: Vitals) -> int | None:
    """Oxygen, 1..100; None where too little could be measured."""
    exact = exact_oxygen(vitals)
    return None if exact is None else round(exact)


def looks_back(activity: Activity, promise: Promise, now: int, whole: bool = True) -> tuple[Look, ...]:
    """The channel a quarter, half, three quarters of a year and a year before ``now``, oldest first.

    Each look uses what was dated before its moment alone.
    """
    return tuple(_look(activity, promise, now - days * DAY, whole) for days in TREND_DAYS)


def _look(activity: Activity, promise: Promise, moment: int, whole: bool) -> Look:
    # The signs alone make oxygen: nobody asks how likely silence was then, or who had answered last.
    signs = take_signs(activity, promise, moment, whole=whole)
    exact = _exact(signs)
    return Look(moment, None if exact is None else round(exact), {sign: vital.value for sign, vital in signs.items()})


def of_organisation(values: Iterable[int | None]) -> int | None:
    """An organisation's oxygen: the mean over its channels, each counting alike; None where none is known.

    A channel that could not be measured says nothing about it.
    """
    known = [value for value in values if value is not None]
    return round(sum(known) / len(known)) if known else None
