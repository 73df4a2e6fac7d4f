"""What the store knows of a channel, handed to the core, and what the core says of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from monitor.almanac import midnight, public_holidays
from monitor.config import Config
from monitor.model import DAY, Channel, ChannelReport, History, Night, Standing, Status
from monitor.oxygen import Activity, Promise, diagnose, measure, oxygen_trend, staff_matcher, weekly
from monitor.store import Store

GRACE = 2 * DAY
"""A feed unread for no longer than this missed a night or two: what it showed last still holds."""
BLIND = 14 * DAY
"""A channel that could not be looked at for longer than this has no verdict any more."""

FULL_WINDOW = 10
"""A feed that showed this many entries or more when first read may have had older ones: most windows begin at ten."""


def night_of(now: int, zone: ZoneInfo) -> str:
    """The night's name: the day (YYYY-MM-DD) that ``now`` (Unix seconds) falls on in the organisation's zone."""
    return datetime.fromtimestamp(now, zone).date().isoformat()


def examine(config: Config, store: Store, now: int) -> Night:
    """Measure and judge every channel of the config at ``now`` (Unix seconds) from what the store knows.

    Stores nothing. A verdict follows on from the night before, so that judging one night again changes nothing.
    """
    return Night(config.organisation, now, tuple(judge(config, store, channel, now) for channel in config.channels))


def judge(config: Config, store: Store, channel: Channel, now: int) -> ChannelReport:
    """Measure and judge one channel at ``now``.

    Steps: 1. take its history; 2. find the moment until which all its feeds could be seen; 3. measure at that moment;
    4. where that is longer ago than a passing trouble lasts, say that it could not be looked at.
    """
    history = store.history(channel, now)
    activity = Activity.of(history.events, history.counted, staff_matcher(_staff(config, channel)))
    seen = seen_until(history, now)
    readable = seen is not None and now - seen <= GRACE
    moment = now if readable or seen is None else seen
    promise = promise_of(channel, config.zone, public_holidays(config.organisation.country, config.zone, _year(now)))
    whole = history.first_shown < FULL_WINDOW or any(feed.walked for feed in history.feeds)
    vitals = measure(activity, promise, moment, whole=whole)
    previous = _previous(store.standing(channel.id, night_of(now, config.zone)), seen, now)
    diagnosis = diagnose(vitals, promise, readable, previous, now)
    trend = oxygen_trend(activity, promise, moment, whole)
    return ChannelReport(channel, diagnosis, vitals, history, weekly(activity, now), trend if readable else ())


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
