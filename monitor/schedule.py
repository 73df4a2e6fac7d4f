"""The resident scheduler, for those without cron."""

from __future__ import annotations

import logging
import signal
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apscheduler.events import EVENT_SCHEDULER_SHUTDOWN, EVENT_SCHEDULER_STARTED
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

BUSY_MINUTES = 5
"""How often to look for feeds whose window would pass by before the next night."""
BEAT_SECONDS = 30.0
"""How often the plan is held against the clock."""

log = logging.getLogger("oximeter.schedule")


class EveryNight(BaseTrigger):  # type: ignore[misc]
    """Once on every day of ``zone`` at ``hour``.

    An hour that the spring takes out of the day comes as much later as the clocks jump; one that the autumn repeats
    counts the first time. (A CronTrigger runs twice on the latter, and in zones that change at midnight not at all on
    the former.)
    """

    def __init__(self, hour: time, zone: ZoneInfo) -> None:
        self.hour, self.zone = hour.replace(tzinfo=None, fold=0), zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first moment not before ``now`` and after ``previous_fire_time``."""
        day = now.astimezone(self.zone).date() - timedelta(1)
        while True:
            # Through UTC, so that a moment that is skipped becomes the one that the clocks show instead of it.
            moment = datetime.combine(day, self.hour, self.zone).astimezone(UTC)
            if moment >= now and (previous_fire_time is None or moment > previous_fire_time):
                return moment.astimezone(self.zone)
            day += timedelta(1)

    def __str__(self) -> str:
        return f"every night at {self.hour:%H:%M} {self.zone.key}"


def scheduler(
    job: Callable[[], None], hours: Sequence[time], zone: ZoneInfo, between: Callable[[], None] | None = None
) -> BlockingScheduler:
    """A scheduler that runs ``job`` daily at each of ``hours`` in ``zone``, one at a time, and ``between`` in between.

    Nights that passed while the machine slept are made up for by one run, not by one each. An exception of ``job`` is
    logged, and the next night comes all the same; so it does where the clock has been wrong.
    """
    made = BlockingScheduler(
        timezone=zone,
        executors={"default": ThreadPoolExecutor(1)},
        # A night that was slept through is never too late to be made up for.
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for hour in dict.fromkeys(hours):
        name = f"night-{hour:%H:%M}"
        made.add_job(job, EveryNight(hour, zone), id=name, name=name)
    if between is not None:
        # Counted from a fixed moment: from the start, a start in a wrong year would put the looks off until then.
        rhythm = IntervalTrigger(minutes=BUSY_MINUTES, start_date=datetime(2000, 1, 1, tzinfo=UTC), timezone=zone)
        made.add_job(between, rhythm, id="busy", name="busy feeds")
    _keep_to_the_clock(made, zone)
    return made


def _keep_to_the_clock(made: BlockingScheduler, zone: ZoneInfo) -> None:
    """Have the plan held against the clock while the scheduler runs.

    It sleeps on a clock that stands still while the machine does, and trusts moments that it planned while the time
    was wrong: both would put off the next night.
    """
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(BEAT_SECONDS):
            for job in made.get_jobs():
                right = put_right(job.trigger, job.next_run_time, datetime.now(zone))
                if right is not None:
                    log.warning(
                        "the clock has jumped: %s was planned for %s, now %s", job.name, job.next_run_time, right
                    )
                    job.modify(next_run_time=right)
            made.wakeup()

    made.add_listener(lambda _: threading.Thread(target=beat, daemon=True).start(), EVENT_SCHEDULER_STARTED)
    made.add_listener(lambda _: ended.set(), EVENT_SCHEDULER_SHUTDOWN)


def put_right(trigger: BaseTrigger, planned: datetime | None, now: datetime) -> datetime | None:
    """When a job planned for a moment that a wrong clock led to is to run instead; None where the plan is right.

    The next time but one may be planned: the clock was set back a little after the run. Later may not. What was due
    days ago is due now, once: each missed time need not be gone through.
    """
    if planned is None:
        return None
    if now - planned > timedelta(days=2):
        return now
    soon = trigger.get_next_fire_time(None, now)
    return soon if planned > trigger.get_next_fire_time(soon, soon) else None


def stay(made: BlockingScheduler, ready: Callable[[], None] = lambda: None) -> None:
    """Run the scheduler until the process is asked to end; a job at work is finished first.

    ``ready`` is called as soon as a request to end is heeded, before the first wait.
    """

    def end(number: int, _frame: object) -> None:
        log.info("asked to end (%s)", signal.Signals(number).name)
        if not made.running:
            raise SystemExit(0)
        made.shutdown(wait=False)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    ready()
    made.start()
