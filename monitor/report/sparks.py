"""Values over time as a line: a vital sign's last year at the size of a word, an organisation's oxygen wider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

SPARK_WIDTH, SPARK_HEIGHT = 84.0, 24.0


@dataclass(frozen=True, slots=True)
class Spark:
    """A value's last year as a small line, a quarter a point; ``normal`` is the height of its own normal."""

    line: str
    last: tuple[float, float]
    normal: float | None
    width: float = SPARK_WIDTH
    height: float = SPARK_HEIGHT


def spark(values: Sequence[float | None], normal: float | None) -> Spark | None:
    """The line through the values that are known (oldest first, the last is now); None where fewer than two are."""
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return None
    top = max([value for _, value in known] + ([] if normal is None else [normal])) or 1.0
    points = [
        (round(3 + (SPARK_WIDTH - 6) * place / (len(values) - 1), 1), round(_height(value, top), 1))
        for place, value in known
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    return Spark(line, points[-1], None if normal is None else round(_height(normal, top), 1))


def _height(value: float, top: float) -> float:
    return 3 + (SPARK_HEIGHT - 6) * (1 - min(1.0, max(0.0, value / top)))


TREND_WIDTH, TREND_HEIGHT = 640.0, 110.0


def trend_line(values: Sequence[tuple[date, float]]) -> Spark:
    """Oxygen (0-100) of some days, oldest first, as a line whose foot is 0 and whose top is 100."""
    begin, days = values[0][0], max(1, (values[-1][0] - values[0][0]).days)
    points = [
        (
            round(4 + (TREND_WIDTH - 8) * (day - begin).days / days, 1),
            round(4 + (TREND_HEIGHT - 8) * (1 - value / 100), 1),
        )
        for day, value in values
    ]
    line = " ".join(f"{x:g},{y:g}" for x, y in points)
    return Spark(line, points[-1], None, TREND_WIDTH, TREND_HEIGHT)
