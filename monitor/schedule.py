"""The resident scheduler, for those without cron."""

from __future__ import annotations

import logging
import signal
from collections.abc import Callable, Sequence
from datetime import time
from zoneinfo import ZoneInfo

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.cron import CronTrigger

MISFIRE_SECONDS = 12 * 3600
"""A night that was slept through is made up for within this time."""

log = logging.getLogger("oximeter.schedule")


BUSY_MINUTES = 5
"""How often to look for feeds whose window would pass by before the next night."""


def scheduler(
    job: Callable[[], None], hours: Sequence[time], zone: ZoneInfo, between: Callable[[], None] | None = None
) -> BlockingScheduler:
    """A scheduler that runs ``job`` daily at each of ``hours`` in ``zone``, one at a time, and ``between`` in between.

    Nights that passed while the machine slept are made up for by one run, not by one each. An exception of ``job`` is
    logged, and the next night comes all the same.
    """
    made = BlockingScheduler(
        timezone=zone,
        executors={"default": ThreadPoolExecutor(1)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    for hour in dict.fromkeys(hours):
        name = f"night-{hour:%H:%M}"
        trigger = CronTrigger(hour=hour.hour, minute=hour.minute, timezone=zone)
        made.add_job(job, trigger, id=name, name=name)
    if between is not None:
        # Looks that were slept through are no loss: the next one finds the same feeds due.
        made.add_job(between, "interval", minutes=BUSY_MINUTES, id="busy", name="busy feeds", misfire_grace_time=None)
    return made


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
