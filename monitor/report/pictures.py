"""The last two years of a channel as a small picture for a mail: posts upwards, replies downwards from a base line.

A picture, because mail programs leave an SVG out. Its colours must do without ``prefers-color-scheme``, which a picture
cannot ask for, so each stands out from a light and from a dark page alike. It holds no text: which fonts there are
differs from server to server, and a reader who leaves pictures out would miss the words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageDraw

from monitor.model import DAY, Happening, Mark, Week

DENSITY = 2
"""Pixels to a unit, so that the bars are sharp on a telephone too."""
NOTHING, POSTS, REPLIES, INK, BAND = range(5)
"""The places in the palette."""
COLOURS = ((0, 0, 0), (0x2F, 0x7F, 0xD0), (0xCC, 0x62, 0x14), (0x7A, 0x80, 0x88), (0x7A, 0x80, 0x88))
OPACITIES = (0, 255, 255, 255, 48)
LINE = DENSITY
"""How thick the base line and the line of the last answer are."""
DASH = 4 * DENSITY


def weeks_png(weeks: Sequence[Week], width: int = 560, height: int = 96, marks: Sequence[Mark] = ()) -> bytes:
    """``weeks`` (oldest first) as a PNG, transparent where nothing is; each half has its own scale.

    Of ``marks``, a long silence is a faint band behind the bars, the last answer a dashed line through them. ``width``
    and ``height`` are those of the ``img``; the PNG has twice as many pixels. No weeks: ValueError.
    """
    if not weeks:
        raise ValueError("there are no weeks to draw")
    sheet = _Sheet(width * DENSITY, height * DENSITY, weeks[0].start, weeks[-1].start + 7 * DAY)
    image = Image.new("P", (sheet.width, sheet.height), NOTHING)
    image.putpalette([part for colour in COLOURS for part in colour])
    pen = ImageDraw.Draw(image)
    _silences(pen, sheet, marks)
    _bars(pen, sheet, weeks)
    _answers(pen, sheet, marks)
    pen.rectangle((0, sheet.base, sheet.width - 1, sheet.base + LINE - 1), fill=INK)
    return _packed(image)


@dataclass(frozen=True, slots=True)
class _Sheet:
    """The picture in pixels, and the moments (Unix seconds) at its left and right edge."""

    width: int
    height: int
    begin: int
    end: int

    @property
    def base(self) -> int:
        """The upper row of the base line."""
        return (self.height - LINE) // 2

    def x(self, moment: int) -> int:
        """The column of a moment; one outside the picture is at its edge."""
        inside = min(self.end, max(self.begin, moment))
        return round((self.width - 1) * (inside - self.begin) / max(1, self.end - self.begin))


def _bars(pen: ImageDraw.ImageDraw, sheet: _Sheet, weeks: Sequence[Week]) -> None:
    most_posts, most_replies = max(week.posts for week in weeks), max(week.replies for week in weeks)
    below = sheet.base + LINE
    for place, week in enumerate(weeks):
        left, right = _columns(place, len(weeks), sheet.width)
        if up := _length(week.posts, most_posts, sheet.base):
            pen.rectangle((left, sheet.base - up, right, sheet.base - 1), fill=POSTS)
        if down := _length(week.replies, most_replies, sheet.height - below):
            pen.rectangle((left, below, right, below + down - 1), fill=REPLIES)


def _columns(place: int, places: int, width: int) -> tuple[int, int]:
    """The first and the last column of a bar: three quarters of its week, and never less than a pixel."""
    left, following = place * width // places, (place + 1) * width // places
    return left, max(left, left + (following - left) * 3 // 4 - 1)


def _length(count: int, most: int, room: int) -> int:
    """How long the bar is; however small beside the largest, what is not nothing is seen."""
    return max(DENSITY, round(room * count / most)) if count > 0 else 0


def _silences(pen: ImageDraw.ImageDraw, sheet: _Sheet, marks: Sequence[Mark]) -> None:
    for mark in marks:
        ends = sheet.end if mark.ends is None else mark.ends
        if mark.kind is Happening.SILENCE and mark.begins < sheet.end and ends > sheet.begin:
            pen.rectangle((sheet.x(mark.begins), 0, sheet.x(max(mark.begins, ends)), sheet.height - 1), fill=BAND)


def _answers(pen: ImageDraw.ImageDraw, sheet: _Sheet, marks: Sequence[Mark]) -> None:
    """A dashed line on a strip wiped clean, as it would not be seen against a bar."""
    for mark in marks:
        if mark.kind is Happening.ANSWER and sheet.begin <= mark.begins <= sheet.end:
            x = min(sheet.x(mark.begins), sheet.width - LINE)
            pen.rectangle((x - LINE // 2, 0, x + LINE + LINE // 2 - 1, sheet.height - 1), fill=NOTHING)
            for y in range(0, sheet.height, 2 * DASH):
                pen.rectangle((x, y, x + LINE - 1, y + DASH - 1), fill=INK)


def _packed(image: Image.Image) -> bytes:
    packed = BytesIO()
    image.save(packed, "PNG", optimize=True, transparency=bytes(OPACITIES))
    return packed.getvalue()
