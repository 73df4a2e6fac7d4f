"""The picture of all channels: the hours pledged to each, and the oxygen that it has."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from monitor.model import ChannelReport
from monitor.report.charts import round_top
from monitor.report.lines import clean
from monitor.report.words import SYMBOLS, Words

MAP_WIDTH, MAP_HEIGHT, MAP_LEFT, MAP_BOTTOM, MAP_TOP = 700.0, 270.0, 44.0, 40.0, 14.0
LABELLED = 14
"""More names than this would lie over each other: then only the worst are named."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One channel on the picture of all: hours pledged to the right, oxygen upwards."""

    x: float
    y: float
    symbol: str
    status: str
    name: str
    anchor: str
    """How the name lies beside it (SVG text-anchor); empty where there is no room for it."""
    label_x: float
    label_y: float
    text: str


@dataclass(frozen=True, slots=True)
class Map:
    """All channels, oxygen against hours pledged."""

    dots: tuple[Dot, ...]
    hours: tuple[tuple[float, str], ...]
    levels: tuple[tuple[float, str], ...]
    width: float = MAP_WIDTH
    height: float = MAP_HEIGHT
    left: float = MAP_LEFT
    right: float = MAP_WIDTH - 10
    top: float = MAP_TOP
    bottom: float = MAP_HEIGHT - MAP_BOTTOM


def overview(reports: Sequence[ChannelReport], words: Words) -> Map | None:
    """The picture of all channels whose oxygen is known, worst first in ``reports``; None where there are none."""
    known = [(report, report.diagnosis.oxygen) for report in reports if report.diagnosis.oxygen is not None]
    if not known:
        return None
    most = round_top(max(1, math.ceil(max(report.channel.hours_per_week or 0.0 for report, _ in known))))
    span, rise = MAP_WIDTH - 30 - MAP_LEFT, MAP_HEIGHT - MAP_BOTTOM - MAP_TOP
    taken: list[tuple[float, float, float]] = []
    dots = []
    for place, (report, oxygen) in enumerate(known):
        hours = report.channel.hours_per_week or 0.0
        x, y = round(MAP_LEFT + 10 + span * hours / most, 1), round(MAP_TOP + rise * (1 - oxygen / 100), 1)
        name = clean(report.channel.name, 24)
        spot = _label(x, y, len(name), taken) if place < LABELLED else None
        text = words.gettext(
            "%(name)s: oxygen %(oxygen)s of 100, %(hours)s a week pledged",
            name=clean(report.channel.name, 100), oxygen=words.number(oxygen), hours=words.hours(hours),
        )  # fmt: skip
        status = report.diagnosis.status
        anchor, label_x, label_y = spot or ("", 0.0, 0.0)
        dots.append(Dot(x, y, SYMBOLS[status], status.value, name, anchor, label_x, label_y, text))
    steps = sorted({0, most / 2, most})
    return Map(
        tuple(dots),
        tuple((round(MAP_LEFT + 10 + span * step / most, 1), words.hours(step)) for step in steps),
        tuple((round(MAP_TOP + rise * (1 - level / 100), 1), words.number(level)) for level in (0, 50, 100)),
    )


LETTER, LINE = 7.6, 14.0
"""About how wide and how high a letter of a label is."""


def _label(
    x: float, y: float, letters: int, taken: list[tuple[float, float, float]]
) -> tuple[str, float, float] | None:
    """A place for a name beside its dot that no other name has; None where there is none."""
    width = letters * LETTER
    for anchor, begin in (("start", x + 11), ("end", x - 11 - width)):
        for shift in (4.0, 4.0 - LINE, 4.0 + LINE):
            inside = (
                begin > MAP_LEFT and begin + width < MAP_WIDTH and MAP_TOP - 4 < y + shift < MAP_HEIGHT - MAP_BOTTOM
            )
            free = all(
                abs(y + shift - other_y) >= LINE or begin >= other_end or begin + width <= other_begin
                for other_begin, other_end, other_y in taken
            )
            if inside and free:
                taken.append((begin, begin + width, y + shift))
                return anchor, round(x + 11 if anchor == "start" else x - 11, 1), round(y + shift, 1)
    return None
