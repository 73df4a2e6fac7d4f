"""What the small picture of a channel's weeks promises the reader of a mail."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from monitor.model import DAY, Happening, Mark, Week
from monitor.report.pictures import BAND, COLOURS, INK, NOTHING, POSTS, REPLIES, weeks_png

LIGHT, DARK = (0xFF, 0xFF, 0xFF), (0x12, 0x17, 0x1D)
BASE = (95, 96)
"""The rows of the base line."""


def weeks(*counts: tuple[int, int]) -> list[Week]:
    """Weeks that follow each other, of (posts, replies)."""
    return [Week(place * 7 * DAY, posts, replies) for place, (posts, replies) in enumerate(counts)]


def picture(drawn: Sequence[Week], marks: Sequence[Mark] = ()) -> Image.Image:
    """The picture as its reader's mail program opens it, in palette places."""
    return Image.open(BytesIO(weeks_png(drawn, marks=marks)))


def rows(image: Image.Image, x: int, colour: int) -> list[int]:
    """The rows in which a column has this colour."""
    return [y for y in range(image.height) if image.getpixel((x, y)) == colour]


def contrast(one: Sequence[int], other: Sequence[int]) -> float:
    """The contrast ratio of two colours as WCAG 2.2 defines it."""
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def luminance(colour: Sequence[int]) -> float:
    """WCAG's relative luminance."""
    parts = [part / 255 / 12.92 if part / 255 <= 0.04045 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def test_the_picture_is_twice_as_dense_as_it_is_shown() -> None:
    assert picture(weeks((1, 1))).size == (1120, 192)
    assert Image.open(BytesIO(weeks_png(weeks((1, 1)), width=300, height=50))).size == (600, 100)


def test_posts_go_up_and_replies_go_down_from_the_base_line() -> None:
    image = picture(weeks((4, 0), (0, 7)))
    assert rows(image, 0, POSTS) == list(range(95))
    assert rows(image, 0, REPLIES) == []
    assert rows(image, 560, REPLIES) == list(range(97, 192))
    assert rows(image, 560, POSTS) == []


def test_the_largest_of_each_half_touches_its_edge_and_the_others_are_in_proportion() -> None:
    image = picture(weeks((1, 500), (2, 1000)))
    assert rows(image, 0, POSTS)[0] == 95 - 48
    assert rows(image, 560, POSTS)[0] == 0
    assert rows(image, 0, REPLIES)[-1] == 96 + 48
    assert rows(image, 560, REPLIES)[-1] == 191


def test_one_post_beside_thousands_is_still_seen() -> None:
    assert rows(picture(weeks((1, 0), (5000, 0))), 0, POSTS) == [93, 94]


def test_there_is_space_between_two_busy_weeks() -> None:
    image = picture(weeks(*[(1, 1)] * 104))
    assert [image.getpixel((x, 0)) for x in range(11)] == [POSTS] * 7 + [NOTHING] * 3 + [POSTS]


def test_weeks_of_silence_leave_only_the_base_line() -> None:
    image = picture(weeks(*[(0, 0)] * 104))
    assert {x for x in range(image.width) if rows(image, x, INK) == list(BASE)} == set(range(1120))
    assert {colour for _, colour in image.getcolors() or ()} == {NOTHING, INK}


def test_no_weeks_are_no_picture() -> None:
    with pytest.raises(ValueError, match="no weeks"):
        weeks_png([])


def test_the_picture_lies_on_whatever_background_the_mail_has() -> None:
    image = picture(weeks((1, 1))).convert("RGBA")
    assert image.getpixel((image.width - 1, 0)) == (0, 0, 0, 0)
    assert image.getpixel((0, 0)) == (*COLOURS[POSTS], 255)


@pytest.mark.parametrize("background", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("place", [POSTS, REPLIES, INK])
def test_every_colour_stands_out_from_a_light_and_from_a_dark_mail(place: int, background: tuple[int, ...]) -> None:
    assert contrast(COLOURS[place], background) >= 3


def test_the_contrast_of_black_on_white_is_the_one_in_the_books() -> None:
    assert contrast((0, 0, 0), LIGHT) == pytest.approx(21)


def test_the_last_answer_is_a_dashed_line_that_no_bar_hides() -> None:
    image = picture(weeks(*[(1, 1)] * 100), [Mark(Happening.ANSWER, 350 * DAY)])
    x = round(1119 / 2)
    assert [image.getpixel((x, y)) for y in (0, 7, 8, 15, 16)] == [INK, INK, NOTHING, NOTHING, INK]
    assert rows(image, x, POSTS) == rows(image, x - 1, POSTS) == rows(image, x + 2, POSTS) == []
    assert set(BASE) <= set(rows(image, x, INK))


def test_a_long_silence_is_a_faint_band_and_one_that_goes_on_reaches_the_edge() -> None:
    over, lasting = Mark(Happening.SILENCE, 70 * DAY, 140 * DAY), Mark(Happening.SILENCE, 560 * DAY)
    image = picture(weeks(*[(0, 0)] * 100), [over, lasting])
    banded = [x for x in range(image.width) if image.getpixel((x, 0)) == BAND]
    assert banded == [*range(112, 225), *range(895, 1120)]
    seen = image.convert("RGBA").getpixel((1119, 0))
    assert isinstance(seen, tuple)
    assert 0 < seen[3] < 128


def test_what_lies_outside_the_weeks_is_not_marked() -> None:
    earlier = [Mark(Happening.ANSWER, -DAY), Mark(Happening.SILENCE, -9 * DAY, -DAY)]
    later = [Mark(Happening.ANSWER, 99 * DAY), Mark(Happening.SILENCE, 99 * DAY), Mark(Happening.STATUS, 3 * DAY)]
    assert weeks_png(weeks((1, 2)), marks=[*earlier, *later]) == weeks_png(weeks((1, 2)))


def test_the_same_weeks_give_the_same_bytes() -> None:
    drawn = weeks(*[(place % 7, place % 5) for place in range(104)])
    assert weeks_png(drawn) == weeks_png(drawn)


def test_two_busy_years_take_a_few_thousand_bytes() -> None:
    chance = Random(7)
    busy = weeks(*[(chance.randrange(400), chance.randrange(9000)) for _ in range(104)])
    assert len(weeks_png(busy)) < 6000


counts = st.integers(min_value=0, max_value=10**9)
moments = st.integers(min_value=-(10**9), max_value=2 * 10**9)
happenings = st.builds(Mark, st.sampled_from(Happening), moments, st.none() | moments)


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=1300), st.lists(happenings, max_size=6))
def test_any_weeks_give_a_small_picture(given_counts: list[tuple[int, int]], marks: list[Mark]) -> None:
    png = weeks_png(weeks(*given_counts), marks=marks)
    assert len(png) < 6000
    with Image.open(BytesIO(png)) as image:
        assert image.size == (1120, 192)
        assert image.mode == "P"
