"""The resident scheduler, on its own clock."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.blocking import BlockingScheduler

from monitor import schedule
from monitor.schedule import EveryNight, put_right, scheduler, stay

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def test_the_hours_are_the_organisations_own_in_summer_and_in_winter() -> None:
    made = scheduler(lambda: None, [time(3), time(15, 30), time(3)], COPENHAGEN)
    jobs = {job.id: job.trigger for job in made.get_jobs()}
    assert sorted(jobs) == ["night-03:00", "night-15:30"]
    for month, utc_hour in ((1, 2), (7, 1)):
        start = datetime(2026, month, 10, tzinfo=UTC)
        assert jobs["night-03:00"].get_next_fire_time(None, start).astimezone(UTC).hour == utc_hour


def test_nights_slept_through_are_made_up_for_by_one_run() -> None:
    ran: list[int] = []
    an_hour_ago = datetime.now(COPENHAGEN) - timedelta(hours=1)
    made = scheduler(lambda: ran.append(1), [time(an_hour_ago.hour)], COPENHAGEN)
    (night,) = made.get_jobs()
    night.modify(next_run_time=an_hour_ago.replace(minute=0, second=0, microsecond=0) - timedelta(days=3))
    threading.Timer(1.0, lambda: made.shutdown(wait=False)).start()
    made.start()
    assert ran == [1]


def test_a_job_that_fails_does_not_end_the_scheduler() -> None:
    ran = threading.Event()
    made = scheduler(lambda: (ran.set(), 1 / 0)[0], [time(3)], COPENHAGEN)
    made.get_jobs()[0].modify(next_run_time=datetime.now(UTC))
    stopper = threading.Timer(1.0, lambda: made.shutdown(wait=False))
    stopper.start()
    stay(made)
    assert ran.is_set()


def test_busy_feeds_are_looked_at_between_two_nights() -> None:
    ran = threading.Event()
    made = scheduler(lambda: None, [time(3)], COPENHAGEN, between=ran.set)
    busy = next(job for job in made.get_jobs() if job.id == "busy")
    busy.modify(next_run_time=datetime.now(UTC))
    threading.Timer(1.0, lambda: made.shutdown(wait=False)).start()
    made.start()
    assert ran.is_set()


# --- clocks that change ---

CHANGES = {
    "Europe/Copenhagen": ["2026-03-29", "2026-10-25"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],  # by half an hour
    "America/Sao_Paulo": ["2018-11-04", "2018-02-17"],  # at midnight
}
HOURS = [time(0), time(0, 30), time(1, 45), time(2), time(2, 15), time(2, 30), time(3), time(23, 30)]


def nights(trigger: EveryNight, start: datetime, end: datetime) -> list[datetime]:
    """When the scheduler would run the job between two moments."""
    found: list[datetime] = []
    now = start
    while (following := trigger.get_next_fire_time(found[-1] if found else None, now)) < end:
        found.append(following)
        now = following.astimezone(UTC) + timedelta(seconds=1)
    return found


@pytest.mark.parametrize("hour", HOURS, ids=str)
@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, days in CHANGES.items() for day in days])
def test_every_day_has_one_night_though_the_clocks_change(zone: str, day: str, hour: time) -> None:
    there, change = ZoneInfo(zone), date.fromisoformat(day)
    begin = datetime.combine(change - timedelta(3), time(0), there)
    found = nights(EveryNight(hour, there), begin, datetime.combine(change + timedelta(4), time(0), there))
    assert [moment.date() for moment in found] == [change + timedelta(n) for n in range(-3, 4)]
    late = [moment for moment in found if moment.time() != hour]
    assert len(late) <= 1, "only an hour that does not come is moved"
    assert all(moment.date() == change for moment in late)


def test_half_past_two_comes_an_hour_later_in_spring_and_once_in_autumn() -> None:
    trigger = EveryNight(time(2, 30), COPENHAGEN)
    spring = nights(trigger, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 12, tzinfo=UTC))
    autumn = nights(trigger, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC))
    assert [f"{moment:%H:%M %z}" for moment in (*spring, *autumn)] == ["03:30 +0200", "02:30 +0200"]


def test_a_day_that_a_zone_leaves_out_has_no_night_and_doubles_none() -> None:
    samoa = ZoneInfo("Pacific/Apia")
    found = nights(
        EveryNight(time(3), samoa), datetime(2011, 12, 28, 20, tzinfo=UTC), datetime(2012, 1, 1, 20, tzinfo=UTC)
    )
    assert [f"{moment:%m-%d %H}" for moment in found] == ["12-29 03", "12-31 03", "01-01 03", "01-02 03"]


# --- clocks that are wrong ---

NIGHT = EveryNight(time(3), COPENHAGEN)


@pytest.mark.parametrize(
    ("planned", "now", "expected"),
    [
        ("2026-03-03T03:00", "2026-03-02T03:01", None),
        ("2026-03-03T03:00", "2026-03-02T02:10", None),  # set back by an hour after the night: not once more
        ("2036-03-03T03:00", "2026-03-02T12:00", "2026-03-03T03:00"),
        ("1971-03-03T03:00", "2026-03-02T12:00", "2026-03-02T12:00"),
        ("2026-02-27T03:00", "2026-03-02T12:00", "2026-03-02T12:00"),  # asleep for three days
        ("2026-03-02T03:00", "2026-03-02T12:00", None),  # due, and about to run
    ],
)
def test_nothing_waits_for_a_date_that_a_wrong_clock_planned(planned: str, now: str, expected: str | None) -> None:
    def moment(text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=COPENHAGEN)

    assert put_right(NIGHT, moment(planned), moment(now)) == (None if expected is None else moment(expected))


def soon(made: BlockingScheduler, true: Callable[[], bool]) -> bool:
    """Run the scheduler until something is true; False where it is not within twenty seconds."""
    found: list[bool] = []

    def look() -> None:
        tries = 0
        while not true() and tries < 400:
            threading.Event().wait(0.05)
            tries += 1
        found.append(true())
        made.shutdown(wait=False)

    watch = threading.Timer(0.1, look)
    watch.start()
    made.start()
    watch.join()
    return found[0]


def test_a_scheduler_whose_clock_was_wrong_plans_anew_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BEAT_SECONDS", 0.05)
    ran: list[int] = []
    made = scheduler(lambda: ran.append(1), [time(3)], COPENHAGEN, between=lambda: None)
    ages = datetime.now(COPENHAGEN) + timedelta(days=3_650)
    for job in made.get_jobs():
        job.modify(next_run_time=ages)
    assert soon(made, lambda: all(job.next_run_time < ages - timedelta(days=3_640) for job in made.get_jobs()))
    assert ran == []


def test_a_sleep_of_three_days_is_made_up_for_once_whatever_the_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "BEAT_SECONDS", 0.05)
    ran: list[int] = []
    now = datetime.now(COPENHAGEN)
    half_a_day_ago = now - timedelta(hours=13)
    made = scheduler(lambda: ran.append(1), [time(half_a_day_ago.hour, half_a_day_ago.minute)], COPENHAGEN)
    (night,) = made.get_jobs()
    night.modify(next_run_time=half_a_day_ago - timedelta(days=3))
    assert soon(made, lambda: bool(ran) and night.next_run_time > now)
    assert ran == [1]
