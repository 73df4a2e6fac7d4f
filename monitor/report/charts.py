"""The chart of a channel's weeks: posts upwards, replies downwards, told apart without colour, and what happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache

from monitor.model import DAY, Happening, Mark, Week
from monitor.report.words import SYMBOLS, Words

LEFT, RIGHT = 36.0, 40.0
PLOT = 624.0
HALF = 72.0
TOP, BOTTOM = 34.0, 26.0
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
class Flag:
    """A happening on the chart: a line at ``x`` with its sign, or a band of some width; ``text`` tells it whole."""

    x: float
    width: float
    sign: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """What a template needs to draw the weeks; each half has its own scale, up to ``posts_top`` and ``replies_top``.

    ``posts`` and ``replies`` are the bars as one SVG path each.
    """

    posts: str
    replies: str
    posts_top: int
    replies_top: int
    ticks: tuple[Tick, ...]
    pauses: tuple[Bar, ...]
    flags: tuple[Flag, ...] = ()
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


def draw(
    weeks: Sequence[Week], words: Words, pauses: Sequence[tuple[date, date]] = (), marks: Sequence[Mark] = ()
) -> Chart | None:
    """The chart of ``weeks`` (oldest first) with its planned ``pauses`` and ``marks``; None where there are none."""
    if not weeks:
        return None
    posts_top, replies_top = round_top(max(w.posts for w in weeks)), round_top(max(w.replies for w in weeks))
    axis = _Axis(weeks[0].start, weeks[-1].start + 7 * DAY)
    return Chart(
        bars([week.posts for week in weeks], posts_top, -HALF),
        bars([week.replies for week in weeks], replies_top, HALF),
        posts_top,
        replies_top,
        _ticks(axis, words),
        _pauses(axis, words, pauses),
        _flags(axis, words, marks),
    )


def bars(counts: Sequence[int], top: int, height: float) -> str:
    """One SVG path of a bar for every count that is not 0, from the base line up (negative ``height``) or down."""
    step = PLOT / max(1, len(counts))
    width = round(step * 0.75, 1)
    return "".join(
        f"M{LEFT + place * step:.1f} {TOP + HALF:g}v{height * count / top:.1f}h{width:g}V{TOP + HALF:g}z"
        for place, count in enumerate(counts)
        if count > 0
    )


def months(weeks: Sequence[Week], words: Words) -> tuple[Month, ...]:
    """Posts and replies by the month in which their week began, newest first."""
    sums: dict[date, tuple[int, int]] = {}
    for week in weeks:
        month = _month(week.start, words)
        posts, replies = sums.get(month, (0, 0))
        sums[month] = (posts + week.posts, replies + week.replies)
    return tuple(Month(words.day(month, "LLLL y"), *sums[month]) for month in sorted(sums, reverse=True))


@lru_cache(maxsize=10_000)  # the weeks of a night are the same for all its channels
def _month(moment: int, words: Words) -> date:
    return words.moment(moment).date().replace(day=1)


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
        ticks.append(Tick(axis.x(at), words.day(day, form), named or day.month == 1))
    return tuple(ticks)


def _pauses(axis: _Axis, words: Words, pauses: Sequence[tuple[date, date]]) -> tuple[Bar, ...]:
    """A band over both halves for every planned pause that falls within the chart."""
    bands = []
    for first, last in pauses:
        begin, end = axis.x(_midnight(first, words)), axis.x(_midnight(last, words) + DAY)
        if end > begin:
            bands.append(Bar(begin, TOP, round(end - begin, 1), 2 * HALF))
    return tuple(bands)


def _flags(axis: _Axis, words: Words, marks: Sequence[Mark]) -> tuple[Flag, ...]:
    flags = []
    for mark in marks:
        begin = axis.x(mark.begins)
        if mark.kind is Happening.SILENCE:
            end = axis.end if mark.ends is None else mark.ends
            text = words.gettext(
                "silent for %(days)s from %(date)s", days=words.days((end - mark.begins) / DAY),
                date=words.date(mark.begins),
            )  # fmt: skip
            flags.append(Flag(begin, round(axis.x(end) - begin, 1), "", "silence", text))
        elif mark.kind is Happening.ANSWER:
            text = words.gettext("the organisation's last answer, %(date)s", date=words.date(mark.begins))
            flags.append(Flag(begin, 0.0, "✎", "answer", text))
        elif mark.status is not None:
            text = words.gettext(
                "%(verdict)s from %(date)s", verdict=words.status(mark.status), date=words.date(mark.begins)
            )
            flags.append(Flag(begin, 0.0, SYMBOLS[mark.status], f"status {mark.status}", text))
    return tuple(flags)
