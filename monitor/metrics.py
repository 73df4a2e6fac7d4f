"""The night's figures for Prometheus: a file that node_exporter's textfile collector reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from prometheus_client import CollectorRegistry, Gauge, Info, write_to_textfile
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from monitor import __version__
from monitor.model import Night, Outcome, Status

NAME = "metrics.prom"
MAIL_STATES = ("sent", "outbox", "waiting")
LAST_GOOD = "oximeter_last_good_night_timestamp_seconds"
_LONGEST = 5_000_000
"""Bytes of a file that we would read again."""


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be told of one run, whether it went well or not."""

    now: int
    """When it began, by the clock that it was given."""
    seconds: float
    good: bool
    feeds: Mapping[Outcome, int] = field(default_factory=dict)
    new_entries: int = 0
    mails: Mapping[str, int] = field(default_factory=dict)
    entries: int | None = None
    """Known over all feeds; None where the run did not come so far."""
    night: Night | None = None
    """The verdicts; None where the run did not come so far."""


def write(path: Path, run: Run) -> None:
    """Write the file whole, in place of the one before. Raises OSError where it cannot be written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    registry = CollectorRegistry()
    _of_the_run(registry, run)
    _last_good(registry, run, last_good_night(path))
    _of_the_channels(registry, run)
    write_to_textfile(str(path), registry)


def last_good_night(path: Path) -> float | None:
    """When the last good night began, as the file tells; None where it does not, or is damaged."""
    try:
        if path.stat().st_size > _LONGEST:
            return None
        found = [sample.value for sample in _samples(path.read_text(encoding="utf-8")) if sample.name == LAST_GOOD]
    except Exception:  # whatever lies there, it is replaced
        return None
    return float(found[0]) if found and math.isfinite(found[0]) else None


def _samples(text: str) -> Iterator[Sample]:
    for family in text_string_to_metric_families(text):
        yield from family.samples


def _of_the_run(registry: CollectorRegistry, run: Run) -> None:
    def gauge(name: str, told: str, *labels: str) -> Gauge:
        return Gauge(name, told, labels, registry=registry)

    Info("oximeter_build", "Which Oximeter wrote this.", registry=registry).info({"version": __version__})
    gauge("oximeter_run_seconds", "How long the last run took.").set(run.seconds)
    gauge("oximeter_run_timestamp_seconds", "When the last run began.").set(run.now)
    gauge("oximeter_run_success", "1 where the last run did its work, 0 where it failed.").set(run.good)
    feeds = gauge("oximeter_feeds", "Feeds by what became of them in the last run.", "outcome")
    for outcome in Outcome:
        feeds.labels(outcome.value).set(run.feeds.get(outcome, 0))
    gauge("oximeter_new_entries", "Posts and replies that the last run saw for the first time.").set(run.new_entries)
    mails = gauge("oximeter_mails", "Letters, and words to chat rooms, by what became of them.", "state")
    for state in dict.fromkeys([*MAIL_STATES, *run.mails]):
        mails.labels(state).set(run.mails.get(state, 0))


def _last_good(registry: CollectorRegistry, run: Run, before: float | None) -> None:
    last = run.now if run.good else before
    if last is None:  # there has been none: a number would be a lie
        return
    told = "When the last run that did its work began."
    Gauge(LAST_GOOD, told, registry=registry).set(last)
    age = "How long before the last run that was, in seconds; 0 where it is the same."
    Gauge("oximeter_last_good_night_age_seconds", age, registry=registry).set(max(run.now - last, 0))


def _of_the_channels(registry: CollectorRegistry, run: Run) -> None:
    """What the run found; nothing where it did not come so far: no channel seen is not the same as none there."""
    if run.entries is not None:
        Gauge("oximeter_entries", "Posts and replies known over all feeds.", registry=registry).set(run.entries)
    if run.night is None:
        return
    channels = Gauge("oximeter_channels", "Channels by their status.", ["status"], registry=registry)
    for status in Status:
        found = sum(one.diagnosis.status is status for one in run.night.channels)
        channels.labels(status.value).set(found)
    oxygen = Gauge("oximeter_channel_oxygen", "A channel's oxygen, 0 to 100.", ["channel"], registry=registry)
    for one in run.night.channels:
        if one.diagnosis.oxygen is not None:
            oxygen.labels(one.channel.id).set(one.diagnosis.oxygen)
