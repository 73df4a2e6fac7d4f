"""Public holidays: nobody is expected to write on them."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from monitor.almanac import countries, country_of, midnight, public_holidays
from monitor.model import DAY, Event, Kind
from monitor.oxygen import Activity, Promise, measure

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
NOW = int(datetime(2026, 12, 28, 12, 0, tzinfo=COPENHAGEN).timestamp())


def test_a_country_is_known_by_its_time_zone() -> None:
    assert [country_of(zone) for zone in ("Europe/Copenhagen", "America/New_York", "UTC")] == ["DK", "US", None]
    assert "DK" in countries()


def test_christmas_is_a_holiday_from_midnight_to_midnight_local_time() -> None:
    days = {
        datetime.fromtimestamp(start, COPENHAGEN): end - start for start, end in public_holidays("DK", COPENHAGEN, NOW)
    }
    assert days[datetime(2026, 12, 25, tzinfo=COPENHAGEN)] == DAY
    assert days[datetime(2025, 12, 26, tzinfo=COPENHAGEN)] == DAY
    assert min(days) < datetime(2021, 1, 2, tzinfo=COPENHAGEN)


def test_a_holiday_on_which_the_clocks_change_has_an_hour_less() -> None:
    """Easter Sunday 2024 began summer time in Denmark."""
    easter = int(datetime(2024, 3, 31, tzinfo=COPENHAGEN).timestamp())
    assert (easter, easter + 23 * 3600) in public_holidays("DK", COPENHAGEN, NOW)


def test_a_day_without_midnight_begins_with_its_first_hour_and_days_meet() -> None:
    brazil, samoa = ZoneInfo("America/Sao_Paulo"), ZoneInfo("Pacific/Apia")
    starts = [midnight(date(2018, 11, day), brazil) for day in (3, 4, 5)]
    assert [later - earlier for earlier, later in pairwise(starts)] == [DAY, DAY - 3600]
    assert datetime.fromtimestamp(starts[1], brazil).hour == 1
    assert midnight(date(2011, 12, 30), samoa) == midnight(date(2011, 12, 31), samoa), "there was no such day"
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    assert midnight(date(2026, 4, 6), lord_howe) - midnight(date(2026, 4, 5), lord_howe) == DAY + 1800


def test_no_holiday_ends_before_it_begins() -> None:
    for zone, country in (("Pacific/Apia", "WS"), ("America/Sao_Paulo", "BR"), ("Australia/Lord_Howe", "AU")):
        found = public_holidays(country, ZoneInfo(zone), int(datetime(2014, 7, 1).timestamp()))
        assert found
        assert all(start < end <= start + DAY + 3600 for start, end in found)


def test_without_a_country_there_are_no_holidays() -> None:
    assert public_holidays(None, ZoneInfo("UTC"), NOW) == ()
    assert public_holidays("", COPENHAGEN, NOW) == ()


def test_holidays_are_the_countrys_that_the_time_zone_lies_in_unless_another_is_named() -> None:
    assert public_holidays(None, COPENHAGEN, NOW) == public_holidays("DK", COPENHAGEN, NOW) != ()
    assert public_holidays("SE", COPENHAGEN, NOW) != public_holidays("DK", COPENHAGEN, NOW)


def test_silence_over_christmas_is_shorter_than_the_calendar_says() -> None:
    last = int(datetime(2026, 12, 23, 12, 0, tzinfo=COPENHAGEN).timestamp())
    activity = Activity.of([Event(Kind.POST, last - 7 * week * DAY, "Bo", f"t{week}") for week in range(60)])
    plain = measure(activity, Promise(), NOW)
    danish = measure(activity, Promise(holidays=public_holidays("DK", COPENHAGEN, NOW)), NOW)
    assert plain.silence_days == pytest.approx(5)
    assert danish.silence_days == pytest.approx(3), "the 25th and 26th do not count"
    assert (plain.silent_probability or 0) > (danish.silent_probability or 1)
