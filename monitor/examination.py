"""What the store knows of a channel, handed to the core, and what the core says of it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial
from zoneinfo import ZoneInfo

from monitor.almanac import midnight, public_holidays
from monitor.config import Config
from monitor.model import (
    DAY,
    Changes,
    Channel,
    ChannelReport,
    Diagnosis,
    Digest,
    Earlier,
    EventColumns,
    Happening,
    History,
    Night,
    Organisation,
    Standing,
    Status,
)  # fmt: skip
from monitor.nights import night_of
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
    participants_of,
    staff_matcher,
    weekly,
)  # fmt: skip
from monitor.store import Store, open_store
from monitor.workers import sharing

GRACE = 2 * DAY
"""A feed unread for no longer than this missed a night or two: what it showed last still holds."""
BLIND = 14 * DAY
"""A channel that could not be looked at for longer than this has no verdict any more."""

PEOPLE_DAYS = 730
"""Who wrote longer ago than this takes part no more."""
AT_ONCE = 50
"""So many channels are read and judged together."""
CHART_DAYS = 800
"""Further back than any chart goes."""
FULL_WINDOW = 10
"""A feed that showed this many entries or more when first read may have had older ones: most windows begin at ten."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What holds for every channel of a night."""

    organisation: Organisation
    zone: ZoneInfo
    now: int

    @classmethod
    def of(cls, config: Config, now: int) -> Surroundings:
        """Those of a config's channels at ``now`` (Unix seconds)."""
        return cls(config.organisation, config.zone, now)

    @property
    def tonight(self) -> str:
        """The night's name."""
        return night_of(self.now, self.zone)


def examine(config: Config, store: Store, now: int, keep: Callable[[Sequence[Digest]], None] = lambda _: None) -> Night:
    """Measure and judge every channel of the config at ``now`` (Unix seconds) from what the store knows.

    Stores nothing; ``keep`` is told the digests that make the next night shorter. A verdict follows on from the night
    before, so that judging one night again changes nothing.
    """
    around, ids = Surroundings.of(config, now), [channel.id for channel in config.channels]
    earlier = store.earlier(ids, around.tonight, _chart_begins(around))
    reports = tuple(_reports(config, store, around, earlier, keep))
    last = max((one.night for one in earlier.values() if one.night), default=None)
    return Night(
        organisation=config.organisation,
        now=now,
        channels=reports,
        counsel=advise(reports),
        oxygen=of_organisation(report.diagnosis.oxygen for report in reports),
        oxygen_before=tuple((one.night, one.mean) for one in store.night_sums(ids) if one.night < around.tonight),
        changes=None
        if last is None
        else Changes(last, {name: one.status for name, one in earlier.items() if one.status}),
        notices=notices(config, store, around.tonight, store.latest_night(ids), reports),
    )


def _reports(
    config: Config, store: Store, around: Surroundings, earlier: Mapping[str, Earlier], keep: Callable[..., None]
) -> Iterator[ChannelReport]:
    """Every channel's, in the config's order; where there are many, worked out by several processes."""
    pieces = [config.channels[place : place + AT_ONCE] for place in range(0, len(config.channels), AT_ONCE)]
    pairs = [[(channel, earlier[channel.id]) for channel in piece] for piece in pieces]
    do: Callable[[Sequence[tuple[Channel, Earlier]]], Judged] = partial(judge_some, store, around)
    apart = sharing(len(config.channels)) if store.is_shared else map
    if apart is not map:
        do = partial(_judge_apart, config.store_url, around)
    for reports, digests in apart(do, pairs):
        keep(digests)
        yield from reports


def _judge_apart(url: str, around: Surroundings, some: Sequence[tuple[Channel, Earlier]]) -> Judged:
    """As ``judge_some``, in a process that has the store open for itself, for as long as it is at work."""
    if multiprocessing.parent_process() is not None:
        return judge_some(_opened(url), around, some)
    with open_store(url) as store:  # no child could be made: the work is done where it was asked for
        return judge_some(store, around, some)


@lru_cache(maxsize=1)
def _opened(url: str) -> Store:
    return open_store(url)


Judged = tuple[list[ChannelReport], list[Digest]]
"""Some channels' reports, and the digests that are new."""


def judge_some(store: Store, around: Surroundings, some: Sequence[tuple[Channel, Earlier]]) -> Judged:
    """Measure and judge some channels, each with what earlier nights said of it."""
    lives = store.lives([channel for channel, _ in some], around.now)
    reports = [
        judge(around, channel, history, columns, before)
        for (channel, before), (history, columns, _) in zip(some, lives, strict=True)
    ]
    return reports, [digest for _, _, digest in lives if digest is not None]


def judge(
    around: Surroundings, channel: Channel, history: History, columns: EventColumns, before: Earlier
) -> ChannelReport:
    """Measure and judge one channel from its history.

    Steps: 1. find the moment until which all its feeds could be seen; 2. measure at that moment; 3. where that is
    longer ago than a passing trouble lasts, say that it could not be looked at.
    """
    now = around.now
    staff = staff_matcher(_staff(around.organisation, channel))
    activity = Activity.of_columns(columns, staff)
    seen = seen_until(history, now)
    readable = seen is not None and now - seen <= GRACE
    moment = now if readable or seen is None else seen
    promise = promise_of(channel, around.zone, _holidays(around))
    whole = history.first_shown < FULL_WINDOW or any(feed.walked for feed in history.feeds)
    vitals = measure(activity, promise, moment, whole=whole)
    diagnosis = diagnose(vitals, promise, readable, _previous(before.standing, seen, now), now)
    weeks = weekly(activity, now)
    changed = _changes(before, diagnosis, around.zone, now)
    people, ever = participants_of(columns, staff, now - PEOPLE_DAYS * DAY)
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


def _changes(before: Earlier, diagnosis: Diagnosis, zone: ZoneInfo, now: int) -> list[tuple[int, Status]]:
    """(moment, new status) of every change of status within the chart, tonight's included."""
    found = [(midnight(date.fromisoformat(name), zone), status) for name, status in before.turns]
    return found + ([] if diagnosis.changed_from is None else [(now, diagnosis.status)])


def _chart_begins(around: Surroundings) -> str:
    """A night from before every chart, so that no change of status on one is left out."""
    return night_of(around.now - CHART_DAYS * DAY, around.zone)


def _holidays(around: Surroundings) -> tuple[tuple[int, int], ...]:
    return public_holidays(around.organisation.country, around.zone, _year(around.now))


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


def _staff(organisation: Organisation, channel: Channel) -> tuple[str, ...]:
    """Who speaks for the organisation in this channel: its staff, and the channel's owner."""
    return organisation.staff + ((channel.owner,) if channel.owner else ())


def _previous(standing: Standing | None, seen: int | None, now: int) -> Standing | None:
    """The standing that tonight's verdict follows on from; an old one does not outlive a long blindness."""
    if standing is None or standing.status is Status.UNKNOWN:
        return standing
    return standing if seen is not None and now - seen <= BLIND else None
