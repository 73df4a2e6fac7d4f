"""A feed whose dates cannot be true is judged by what is seen from night to night, and the report says so."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.model import DAY, Diagnosis, Event, Kind, Reason, Sign, Status
from monitor.oxygen import Activity, Promise, diagnose, measure
from monitor.report.reasons import reason_text
from monitor.report.words import Words
from tests.loopback import site
from tests.organisation import NOW as MONDAY
from tests.organisation import Office, Served, item, rss

NOW = 1_800_000_000
OWNED = Promise(owner=True)


def first_look(entries: int, days_ago: int, dated: int = 0) -> list[Event]:
    """What a feed showed when it was first read, so many days ago; ``dated`` more have dates, a week apart."""
    seen = NOW - days_ago * DAY
    without = [Event(Kind.POST, seen, "", f"u{n}", False) for n in range(entries)]
    return without + [Event(Kind.POST, seen - n * 7 * DAY, "", f"d{n}") for n in range(dated)]


def night_by_night(days: int, every: float, seed: int, until: int = 0) -> list[Event]:
    """Undated posts about ``every`` so many days, each at the night that first saw it, up to ``until`` days ago."""
    chance, found = random.Random(seed), list[Event]()
    ago = days - chance.expovariate(1 / every)
    while ago >= until:
        found.append(Event(Kind.POST, NOW - int(ago) * DAY, "", f"n{ago}", False))
        ago -= chance.expovariate(1 / every)
    return found


def judged(events: list[Event], promise: Promise = OWNED, whole: bool = False) -> Diagnosis:
    return diagnose(measure(Activity.of(events), promise, NOW, whole=whole), promise, True, None, NOW)


@pytest.mark.parametrize("days", [0, 1, 30, 59])
@pytest.mark.parametrize(("entries", "whole"), [(3, True), (10, False), (50, False)])
def test_what_was_there_undated_at_the_first_look_is_neither_young_nor_short(
    entries: int, whole: bool, days: int
) -> None:
    found = judged(first_look(entries, days), whole=whole)
    assert (found.status, found.reasons[0].code) == (Status.UNKNOWN, "dates_unknown")


def test_a_few_entries_without_dates_among_many_with_change_nothing() -> None:
    found = judged(first_look(5, 1, dated=60), whole=True)
    assert found.status is Status.BREATHING
    assert "dates_unknown" not in [reason.code for reason in found.reasons]


def test_a_channel_whose_opening_is_known_is_as_young_as_that() -> None:
    opened = Promise(owner=True, opened=NOW - 20 * DAY)
    assert judged(first_look(10, 1), opened).status is Status.NEWBORN


@pytest.mark.parametrize("entries", [3, 10, 50])
def test_what_was_there_at_the_first_look_is_not_taken_for_one_night_s_writing(entries: int) -> None:
    """Half a year later it would make any steady rhythm look like a collapse."""
    lives = [first_look(entries, 185) + night_by_night(185, 7, seed) for seed in range(30)]
    found = [judged(life).status for life in lives]
    assert Status.STARVING not in found
    assert found.count(Status.BREATHING) >= 27


def test_an_undated_channel_that_falls_silent_is_still_found_out() -> None:
    lives = [first_look(10, 400) + night_by_night(400, 4, seed, until=100) for seed in range(20)]
    assert {judged(life).status for life in lives} == {Status.STARVING}


def test_the_reason_names_no_stretch_of_time_that_nobody_saw() -> None:
    told = reason_text(judged(first_look(10, 0)).reasons[0], Words())
    assert told == (
        "Its feeds give most contributions no date that can be true, so these count from the night they were first "
        "seen: it can be judged once it has been watched for longer."
    )


@pytest.mark.parametrize(("days", "said"), [(0.01, "1 hour"), (1.0, "1 day"), (2.9, "2.9 days")])
def test_a_short_reach_is_said_the_same_way_of_one_and_of_many(days: float, said: str) -> None:
    facts: dict[str, float | str] = {"reach_days": days, "posts": 10.0, "replies": 0.0}
    told = reason_text(Reason(Sign.PULSE, "reach_short", None, None, 1.0, None, None, facts), Words())
    assert told.startswith(f"Its feeds reach no further back than {said} (10 posts and no replies), ")


def without_dates(items: str) -> str:
    return re.sub("<pubDate>.*?</pubDate>", "", items)


def in_the_future(items: str) -> str:
    return re.sub("<pubDate>.*?</pubDate>", "<pubDate>Mon, 01 Jan 2120 00:00:00 GMT</pubDate>", items)


@pytest.mark.parametrize("entries", [4, 10, 30])
@pytest.mark.parametrize("dates", [without_dates, in_the_future])
def test_a_night_tells_of_dates_that_cannot_be_true(tmp_path: Path, entries: int, dates: Callable[[str], str]) -> None:
    older: list[datetime] = [MONDAY - timedelta(days=7 * n) for n in range(entries)]
    body = rss(*(dates(item(n, day)) for n, day in enumerate(older)))
    with site(feed=Served(body)) as here:
        office = Office(tmp_path).write({"blog": [here.url + "/feed"]})
        office.json("run")
        (channel,) = office.json("status")["channels"]
    assert (channel["status"], channel["posts"]) == ("unknown", entries)
    night = json.loads((tmp_path / "reports" / "2026-03-02" / "report.json").read_text(encoding="utf-8"))
    assert [reason["code"] for reason in night["channels"][0]["reasons"]] == ["dates_unknown"]
