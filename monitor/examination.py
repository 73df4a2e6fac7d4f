"""What the store knows of a channel, handed to the core, and what the core says of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitor.almanac import midnight, public_holidays
from monitor.config import Config
from monitor.model import DAY, Channel, ChannelReport, Diagnosis, Happening, History, Night, Standing, Status
from monitor.nights import Verdicts, changes_since, night_of
from monitor.notices import notices
from monitor.oxygen import (
    Activity,
    Promise,
    advise,
    diagnose,
    looks_back,
    marks,
    measure,
    of_organisation,
    participants,
    staff_matcher,
    weekly,
)  # fmt: skip
from monitor.store import Store

GRACE = 2 * DAY
"""A feed unread for no longer than this missed a night or two: what it showed last still holds."""
BLIND = 14 * DAY
"""A channel that could not be looked at for longer than this has no verdict any more."""

PEOPLE_DAYS = 730
"""Who wrote longer ago than this takes part no more."""
FULL_WINDOW = 10
"""A feed that showed this many entries or more when first read may have had older ones: most windows begin at ten."""


def examine(config: Config, store: Store, now: int) -> Night:
    """Measure and judge every channel of the config at ``now`` (Unix seconds) from what the store knows.

    Stores nothing. A verdict follows on from the night before, so that judging one night again changes nothing.
    """
    tonight = night_of(now, config.zone)
    judged = {channel.id: store.verdicts(channel.id) for channel in config.channels}
    past = {channel: [one for one in verdicts if one[0] < tonight] for channel, verdicts in judged.items()}
    reports = tuple(judge(config, store, channel, now, past[channel.id]) for channel in config.channels)
    return Night(
        organisation=config.organisation,
        now=now,
        channels=reports,
        counsel=advise(reports),
        oxygen=of_organisation(report.diagnosis.oxygen for report in reports),
        oxygen_before=_oxygen_before(past.values()),
        changes=changes_since(past, max(_nights(past), default=None)),
        notices=notices(config, store, tonight, _nights(judged), reports),
    )


def _nights(verdicts: Mapping[str, Verdicts]) -> Iterator[str]:
    """The nights of all channels' verdicts."""
    return (name for nights in verdicts.values() for name, *_ in nights)


def _oxygen_before(past: Iterable[Verdicts]) -> tuple[tuple[str, int | None], ...]:
    """The organisation's oxygen in earlier nights, oldest first."""
    nights: dict[str, list[int | None]] = {}
    for verdicts in past:
        for name, _, oxygen in verdicts:
            nights.setdefault(name, []).append(oxygen)
    return tuple((name, of_organisation(values)) for name, values in sorted(nights.items()))


def judge(config: Config, store: Store, channel: Channel, now: int, past: Verdicts) -> ChannelReport:
    """Measure and judge one channel at ``now``; ``past`` are its verdicts of earlier nights.

    Steps: 1. take its history; 2. find the moment until which all its feeds could be seen; 3. measure at that moment;
    4. where that is longer ago than a passing trouble lasts, say that it could not be looked at.
    """
    history = store.history(channel, now)
    staff = staff_matcher(_staff(config, channel))
    activity = Activity.of(history.events, history.counted, staff)
    seen = seen_until(history, now)
    readable = seen is not None and now - seen <= GRACE
    moment = now if readable or seen is None else seen
    promise = promise_of(channel, config.zone, public_holidays(config.organisation.country, config.zone, _year(now)))
    whole = history.first_shown < FULL_WINDOW or any(feed.walked for feed in history.feeds)
    vitals = measure(activity, promise, moment, whole=whole)
    previous = _previous(store.standing(channel.id, night_of(now, config.zone)), seen, now)
    diagnosis = diagnose(vitals, promise, readable, previous, now)
    weeks = weekly(activity, now)
    changed = _changes(past, diagnosis, config.zone, now)
    people, ever = participants(history.events, staff, now - PEOPLE_DAYS * DAY)
    return ChannelReport(
        channel=channel,
        diagnosis=diagnosis,
        vitals=vitals,
        history=history,
        weeks=weeks,
        trend=looks_back(activity, promise, moment, whole) if readable else (),
        marks=tuple(
            # What could not be looked at is no silence: one that went on then ends for us with the last look.
            replace(mark, ends=moment)
            if mark.kind is Happening.SILENCE and mark.ends is None and moment < now
            else mark
            for mark in marks(activity.before(moment), promise, changed, vitals.last_answer, weeks[0].start, moment)
        ),
        people=people,
        people_ever=ever,
    )


def _changes(past: Verdicts, diagnosis: Diagnosis, zone: ZoneInfo, now: int) -> list[tuple[int, Status]]:
    """(moment, new status) of every change of status, tonight's included."""
    found = [
        (midnight(date.fromisoformat(name), zone), status)
        for (_, before, _), (name, status, _) in pairwise(past)
        if status is not before
    ]
    return found + ([] if diagnosis.changed_from is None else [(now, diagnosis.status)])


def seen_until(history: History, now: int) -> int | None:
    """The moment until which every feed that was ever read has been read; None where none ever was.

    A posts feed that broke must not look like silence because the comments feed can still be read.
    """
    return min((min(feed.last_read, now) for feed in history.feeds if feed.last_read is not None), default=None)


def promise_of(channel: Channel, zone: ZoneInfo, holidays: tuple[tuple[int, int], ...] = ()) -> Promise:
    """What the channel's owner promised, its dates as moments in the organisation's zone."""
    questions = (channel.purpose, channel.moderation, channel.use_of_input)
    return Promise(
        posts_per_month=channel.posts_per_month,
        answer_within_days=channel.answer_within_days,
        hours_per_week=channel.hours_per_week,
        owner=bool(channel.owner),
        questions_answered=sum(bool(answer and answer.strip()) for answer in questions),
        opened=None if channel.opened is None else midnight(channel.opened, zone),
        pauses=tuple((midnight(first, zone), midnight(last + timedelta(1), zone)) for first, last in channel.paused),
        holidays=holidays,
        stamina_days=channel.stamina_days,
    )


def _year(now: int) -> int:
    """A moment that stays the same all year, so that a year's holidays are looked up once."""
    return int(datetime(datetime.fromtimestamp(now, UTC).year, 7, 1, tzinfo=UTC).timestamp())


def _staff(config: Config, channel: Channel) -> tuple[str, ...]:
    """Who speaks for the organisation in this channel: its staff, and the channel's owner."""
    return config.organisation.staff + ((channel.owner,) if channel.owner else ())


def _previous(standing: Standing | None, seen: int | None, now: int) -> Standing | None:
    """The standing that tonight's verdict follows on from; an old one does not outlive a long blindness."""
    if standing is None or standing.status is Status.UNKNOWN:
        return standing
    return standing if seen is not None and now - seen <= BLIND else None
