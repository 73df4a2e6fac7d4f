"""The days on which nobody in the organisation's country is expected to write: its public holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

YEARS = 6
"""How many years back holidays matter: as far as a channel's life is looked at, and some more."""


def countries() -> frozenset[str]:
    """The countries whose public holidays are known, as ISO 3166 codes of two letters."""
    import holidays  # takes a while, and the reading of feeds does without it

    return frozenset(holidays.list_supported_countries())


def country_of(zone: str) -> str | None:
    """The country that a time zone lies in, where its holidays are known: DK for Europe/Copenhagen, None for UTC."""
    from babel.core import get_global

    found = get_global("zone_territories").get(zone)
    return found if found in countries() else None


@lru_cache(maxsize=64)
def public_holidays(country: str | None, zone: ZoneInfo, now: int) -> tuple[tuple[int, int], ...]:
    """The public holidays of the last years up to the year of ``now``, as (start, end) in Unix seconds, ascending.

    A day runs from midnight to midnight in ``zone``. None is the country that the zone lies in; without one there are
    none. Raises NotImplementedError for a country that is not among ``countries``.
    """
    country = country_of(zone.key) if country is None else country
    if not country:
        return ()
    import holidays

    year = datetime.fromtimestamp(now, UTC).year
    days = holidays.country_holidays(country, years=range(year - YEARS, year + 1))
    moments = ((midnight(day, zone), midnight(day + timedelta(1), zone)) for day in sorted(days))
    return tuple((start, end) for start, end in moments if start < end)  # a zone may leave a day out


def midnight(day: date, zone: ZoneInfo) -> int:
    """When a day begins in ``zone``, Unix seconds."""
    return int(datetime.combine(day, time.min, zone).timestamp())
