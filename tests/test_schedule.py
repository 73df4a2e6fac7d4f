"""The resident scheduler, on its own clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitor.schedule import scheduler, stay

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
