"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.poll import dates

RIGHT = int(datetime(2026, 2, 27, 7, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 27 Feb 2026 07:00:00", "27 Feb 2026 07:00", "Fri, 27 Feb 2026 08:00:00 CET", "27 Feb 2026 09:00 CEST",
        "fre, 27 feb 2026 08:00:00 +0100", "fre. 27. feb. 2026 07:00", "Fr, 27 Feb 2026 08:00:00 MEZ",
        "20260227T070000Z", "20260227T080000+0100", "20260227T0700", "Fri, 27-Feb-26 07:00 AM",
    ],
)  # fmt: skip
def test_a_date_that_people_write_is_the_moment_they_meant(text: str) -> None:
    assert dates.read(text) == dates.Read(RIGHT)


@pytest.mark.parametrize(
    ("text", "hour"), [("27 Feb 2026 12:00 AM", 0), ("27 Feb 2026 12:30 PM", 12), ("27 Feb 2026 11:00 pm GMT", 23)]
)
def test_am_and_pm_are_halves_of_the_day(text: str, hour: int) -> None:
    found = dates.read(text)
    assert found is not None
    assert found.time is not None
    assert (found.time - (RIGHT - 7 * 3_600)) // 3_600 == hour


@pytest.mark.parametrize(("month", "number"), [("maj", 5), ("okt", 10), ("december", 12), ("mär", 3), ("Juni", 6)])
def test_months_are_known_in_danish_and_its_neighbours(month: str, number: int) -> None:
    assert dates.read(f"13 {month} 2025 07:00") == dates.Read(
        int(datetime(2025, number, 13, 7, tzinfo=UTC).timestamp())
    )


@pytest.mark.parametrize(
    "text", ["2026-02-29T07:00:00Z", "2026-13-01", "31 Feb 2026 07:00", "fre, 27 xyz 2026 07:00", "20260230T070000Z"]
)
def test_a_day_that_no_calendar_has_is_no_date(text: str) -> None:
    assert dates.read(text) == dates.Read(None)


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 27 Feb 2026 07:00:00 GMT",
        "2026-02-27T07:00:00+01:00",
        "2026-02-27",
        "Feb 27, 2026",
        "in spring",
        "",
        None,
        5,
    ],
)
def test_what_feedparser_reads_well_is_left_to_it(text: object) -> None:
    assert dates.read(text) is None


@given(st.text(alphabet="0123456789:-+ TZamjfeboktCET,.", max_size=60) | st.text(max_size=100))
def test_any_text_is_read_or_left(text: str) -> None:
    found = dates.read(text)
    assert found is None or found.time is None or isinstance(found.time, int)
