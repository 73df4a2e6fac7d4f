"""The chart of a channel's weeks: posts upwards, replies downwards, told apart without colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from babel.dates import format_date

from monitor.model import DAY, Week
from monitor.report.words import Words

LEFT, RIGHT = 36.0, 40.0
PLOT = 624.0
HALF = 72.0
TOP, BOTTOM = 20.0, 26.0
QUARTERS = (1, 4, 7, 10)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar, in the units of the drawing."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A label under the time axis; only ``major`` ones fit on a narrow screen."""

    x: float
    text: str
    major: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template needs to draw the weeks; each half has its own scale, up to ``posts_top`` and ``replies_top``."""

    posts: tuple[Bar, ...]
    replies: tuple[Bar, ...]
    posts_top: int
    replies_top: int
    ticks: tuple[Tick, ...]
    pauses: tuple[Bar, ...]
    width: float = LEFT + PLOT + RIGHT
    height: float = TOP + 2 * HALF + BOTTOM
    left: float = LEFT
    right: float = LEFT + PLOT
    top: float = TOP
    base: float = TOP + HALF
    bottom: float = TOP + 2 * HALF


@dataclass(frozen=True, slots=True)
class Month:
    """One line of the table under the chart: the weeks that began in a month."""

    name: str
    posts: int
    replies: int


def draw(weeks: Sequence[Week], words: Words, pauses: Sequence[tuple[date, date]] = ()) -> Chart | None:
    """The chart of ``weeks`` (oldest first) with its planned ``pauses``; None where there are no weeks."""
    if not weeks:
        return None
    step = PLOT / len(weeks)
    posts_top, replies_top = round_top(max(w.posts for w in weeks)), round_top(max(w.replies for w in weeks))
    base = TOP + HALF
    posts, replies = [], []
    for place, week in enumerate(weeks):
        x, width = round(LEFT + place * step, 1), round(step * 0.75, 1)
        up, down = round(HALF * week.posts / posts_top, 1), round(HALF * week.replies / replies_top, 1)
        if week.posts > 0:
            posts.append(Bar(x, round(base - up, 1), width, up))
        if week.replies > 0:
            replies.append(Bar(x, base, width, down))
    axis = _Axis(weeks[0].start, weeks[-1].start + 7 * DAY)
    return Chart(
        tuple(posts), tuple(replies), posts_top, replies_top, _ticks(axis, words), _pauses(axis, words, pauses)
    )


def months(weeks: Sequence[Week], words: Words) -> tuple[Month, ...]:
    """Posts and replies by the month in which their week began, newest first."""
    sums: dict[date, tuple[int, int]] = {}
    for week in weeks:
        month = words.moment(week.start).date().replace(day=1)
        posts, replies = sums.get(month, (0, 0))
        sums[month] = (posts + week.posts, replies + week.replies)
    return tuple(
        Month(format_date(month, "LLLL y", locale=words.locale), *sums[month]) for month in sorted(sums, reverse=True)
    )


def round_top(most: int) -> int:
    """The smallest of 1, 2, 5, 10, 20, 50 … that is not below ``most``."""
    size = 1
    while True:
        for first in (1, 2, 5):
            if first * size >= most:
                return first * size
        size *= 10


@dataclass(frozen=True, slots=True)
class _Axis:
    """Where a moment (Unix seconds) lies on the time axis."""

    begin: int
    end: int

    def x(self, moment: int) -> float:
        inside = min(self.end, max(self.begin, moment))
        return round(LEFT + PLOT * (inside - self.begin) / (self.end - self.begin), 1)


def _midnight(day: date, words: Words) -> int:
    return int(datetime.combine(day, time.min, words.zone).timestamp())


def _ticks(axis: _Axis, words: Words) -> tuple[Tick, ...]:
    """A label for each quarter's first day: the year at New Year, and with the first label where that is far off."""
    first, last = words.moment(axis.begin).year, words.moment(axis.end).year
    days = [date(year, month, 1) for year in range(first, last + 1) for month in QUARTERS]
    shown = [(day, at) for day in days if axis.begin <= (at := _midnight(day, words)) < axis.end]
    ticks = []
    for place, (day, at) in enumerate(shown):
        named = place == 0 and day.month in (4, 7)
        form = "y" if day.month == 1 else "LLL y" if named else "LLL"
        ticks.append(Tick(axis.x(at), format_date(day, form, locale=words.locale), named or day.month == 1))
    return tuple(ticks)


def _pauses(axis: _Axis, words: Words, pauses: Sequence[tuple[date, date]]) -> tuple[Bar, ...]:
    """A band over both halves for every planned pause that falls within the chart."""
    bands = []
    for first, last in pauses:
        begin, end = axis.x(_midnight(first, words)), axis.x(_midnight(last, words) + DAY)
        if end > begin:
            bands.append(Bar(begin, TOP, round(end - begin, 1), 2 * HALF))
    return tuple(bands)
