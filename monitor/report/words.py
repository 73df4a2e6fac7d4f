"""The reader's language: how numbers, dates and durations are said in English or Danish."""

from __future__ import annotations

import gettext
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from datetime import date as calendar_date
from decimal import Decimal
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal, format_percent

from monitor.model import Organisation, Outcome, Sign, Status
from monitor.report.languages import LANGUAGES, LOCALE_FOLDER
from monitor.report.lines import clean

REGIONS = {"en": "en_GB"}
"""Whose way of writing numbers and dates goes with a language, where it is not the one that Babel takes."""
LANGUAGE_NAMES = {one: (Locale.parse(one).get_display_name(one) or one).capitalize() for one in LANGUAGES}
"""What each language calls itself."""
WEEKS_A_MONTH = 365.25 / 12 / 7
SYMBOLS = {
    Status.DEAD: "✕",
    Status.STARVING: "▼",
    Status.THIN: "◐",
    Status.UNKNOWN: "?",
    Status.NEWBORN: "✦",
    Status.BREATHING: "●",
}


def finite(value: object) -> float | None:
    """The number, or None where there is none that can be said."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


@cache
def _catalogue(language: str) -> gettext.NullTranslations:
    return gettext.translation("messages", LOCALE_FOLDER, languages=[language], fallback=True)


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        return UTC


# A page of many channels says the same few numbers and days again and again, and Babel reads their patterns each time.
@lru_cache(maxsize=20_000)
def _decimal(value: float, form: str, locale: str) -> str:
    return format_decimal(value, format=form, locale=locale)


@lru_cache(maxsize=1_000)
def _percent(hundredths: int, locale: str) -> str:
    return format_percent(Decimal(hundredths) / 100, format=None, locale=locale)


@lru_cache(maxsize=20_000)
def _day(day: calendar_date, form: str, locale: str) -> str:
    return format_date(day, format=form, locale=locale)


@dataclass(frozen=True, slots=True)
class Words:
    """Says things in ``language`` (one of ``LANGUAGES``), with days as they fall in ``zone``."""

    language: str = "en"
    zone: tzinfo = UTC

    @classmethod
    def of(cls, organisation: Organisation, language: str | None = None) -> Words:
        """The words of an organisation, or of one of its readers; English and UTC where its own are not known to us."""
        language = (language or organisation.language).replace("_", "-").split("-")[0].lower()
        return cls(language if language in LANGUAGES else "en", _zone(organisation.timezone))

    @property
    def catalogue(self) -> gettext.NullTranslations:
        """The messages in this language."""
        return _catalogue(self.language)

    @property
    def locale(self) -> str:
        """How numbers and dates are written."""
        return REGIONS.get(self.language, self.language)

    def gettext(self, message: str, **figures: object) -> str:
        """The message in the reader's language, with its figures put in."""
        return self.catalogue.gettext(message) % figures

    def ngettext(self, one: str, many: str, count: float, **figures: object) -> str:
        """The message for ``count`` things; ``%(num)s`` is the count as the reader writes it."""
        # A fraction is spoken of as many: 0.5 posts.
        whole = int(count) if count == int(count) else 2
        return self.catalogue.ngettext(one, many, whole) % ({"num": self.number(count)} | figures)

    def number(self, value: float) -> str:
        """A number with as many decimals as its size deserves."""
        decimals = "#,##0" if abs(value) >= 20 else "#,##0.#" if abs(value) >= 1 else "0.##"
        return _decimal(value, decimals, self.locale)

    def percent(self, share: float) -> str:
        """A share 0..1 in whole per cent."""
        hundredths = (Decimal(str(min(1.0, max(0.0, share)))) * 100).quantize(Decimal(1))
        return _percent(int(hundredths), self.locale)

    def likely(self, probability: float) -> str:
        """A probability in whole per cent, never quite certain."""
        return self.percent(min(0.99, max(0.01, probability)))

    def moment(self, time: int) -> datetime:
        """``time`` in the reader's own zone."""
        return datetime.fromtimestamp(time, UTC).astimezone(self.zone)

    def date(self, time: int) -> str:
        """The day on which ``time`` fell."""
        return _day(self.moment(time).date(), "long", self.locale)

    def day(self, day: calendar_date, form: str = "long") -> str:
        """A calendar day."""
        return _day(day, form, self.locale)

    def clock(self, time: int) -> str:
        """Day and hour of ``time``, with the zone's name."""
        return f"{self.date(time)} {format_datetime(self.moment(time), format='HH:mm z', locale=self.locale)}"

    def days(self, days: float) -> str:
        """A length of time in the unit one would say it in."""
        if days < 1:
            return self.hours(max(1, round(days * 24)))
        if days >= 730:
            return self.ngettext("%(num)s year", "%(num)s years", round(days / 365.25, 1))
        if days >= 120:
            return self.ngettext("%(num)s month", "%(num)s months", round(days / 365.25 * 12))
        return self.ngettext("%(num)s day", "%(num)s days", round(days, 1) if days < 10 else round(days))

    def hours(self, hours: float) -> str:
        """Hours, to the tenth."""
        return self.ngettext("%(num)s hour", "%(num)s hours", round(hours, 1))

    def people(self, people: float) -> str:
        """A number of people; a mean may have a fraction."""
        return self.ngettext("%(num)s person", "%(num)s people", round(people, 1)) if people else self._nobody()

    def _nobody(self) -> str:
        return self.gettext("nobody")

    def posts(self, posts: float) -> str:
        """A count of posts."""
        return self.ngettext("%(num)s post", "%(num)s posts", round(posts)) if posts else self.gettext("no posts")

    def replies(self, replies: float) -> str:
        """A count of replies."""
        if not replies:
            return self.gettext("no replies")
        return self.ngettext("%(num)s reply", "%(num)s replies", round(replies))

    def channels(self, channels: float) -> str:
        """A count of channels."""
        return self.ngettext("%(num)s channel", "%(num)s channels", round(channels))

    def threads(self, threads: float) -> str:
        """A count of threads."""
        return self.ngettext("%(num)s thread", "%(num)s threads", round(threads))

    def entries(self, entries: int) -> str:
        """A count of posts and replies together."""
        return self.ngettext("%(num)s entry", "%(num)s entries", entries)

    def rate(self, per_week: float, monthly: bool = False) -> str:
        """Posts a week, or a month where a week is too short to hold one."""
        if round(per_week, 2) <= 0:
            return self.gettext("no posts")
        if monthly:
            return self.ngettext(
                "%(num)s post a month", "%(num)s posts a month", round(per_week * WEEKS_A_MONTH, 1) or 0.1
            )
        return self.ngettext("%(num)s post a week", "%(num)s posts a week", round(per_week, 1))

    def measured(self, unit: str, value: float | None, beside: float | None = None) -> str | None:
        """``value`` in its unit, None where it is None; ``beside`` is what it will be compared with."""
        number = finite(value)
        if number is None:
            return None
        if unit == "per_week":
            return self.rate(number, monthly=max(number, finite(beside) or 0.0) < 1)
        say = {"share": self.percent, "days": self.days, "people": self.people, "hours": self.hours}
        return say.get(unit, self.number)(number)

    def names(self, names: Iterable[str], most: int = 3) -> str:
        """The first ``most`` names, and how many more there are."""
        every = [clean(name, 60) for name in names]
        text = ", ".join(every[:most])
        more = len(every) - most
        return text if more <= 0 else text + " " + self.ngettext("and %(num)s more", "and %(num)s more", more)

    def status(self, status: Status) -> str:
        """The verdict in a word or two."""
        return {
            Status.DEAD: self.gettext("dead"),
            Status.STARVING: self.gettext("starving"),
            Status.THIN: self.gettext("thin"),
            Status.UNKNOWN: self.gettext("unknown"),
            Status.NEWBORN: self.gettext("newborn"),
            Status.BREATHING: self.gettext("breathing"),
        }[status]

    def sign(self, sign: Sign) -> str:
        """The name of a vital sign."""
        return {
            Sign.PULSE: self.gettext("Pulse"),
            Sign.ECHO: self.gettext("Echo"),
            Sign.ANSWER: self.gettext("Answer"),
            Sign.CIRCLE: self.gettext("Circle"),
            Sign.INVESTMENT: self.gettext("Investment"),
        }[sign]

    def question(self, sign: Sign) -> str:
        """What a vital sign measures."""
        return {
            Sign.PULSE: self.gettext("how often it is posted to"),
            Sign.ECHO: self.gettext("share of posts that get a reply"),
            Sign.ANSWER: self.gettext("share of users' threads that the organisation answers in time"),
            Sign.CIRCLE: self.gettext("how many different people take part"),
            Sign.INVESTMENT: self.gettext("hours a week that answering takes, against hours pledged"),
        }[sign]

    def outcome(self, outcome: Outcome | None) -> str:
        """How a feed was read last."""
        if outcome is None:
            return self.gettext("never polled")
        return {
            Outcome.UPDATED: self.gettext("read"),
            Outcome.NOT_MODIFIED: self.gettext("read, nothing new"),
            Outcome.MOVED: self.gettext("read at a new address"),
            Outcome.GONE: self.gettext("gone: the server says it will not come back"),
            Outcome.THROTTLED: self.gettext("not read: the server asked us to wait"),
            Outcome.FAILED: self.gettext("could not be read"),
        }[outcome]

    def sure(self, confidence: float) -> str:
        """How sure a verdict is, in words and per cent."""
        told = {"share": self.likely(confidence)}
        if confidence >= 0.95:
            return self.gettext("very sure of the verdict (%(share)s)", **told)
        if confidence >= 0.8:
            return self.gettext("quite sure of the verdict (%(share)s)", **told)
        if confidence >= 0.5:
            return self.gettext("fairly sure of the verdict (%(share)s)", **told)
        return self.gettext("not very sure of the verdict (%(share)s)", **told)

    def evidence(self, since: int | None, until: int | None) -> str:
        """From when to when, empty where neither is known."""
        if since is not None and until is not None:
            return self.gettext("%(since)s to %(until)s", since=self.date(since), until=self.date(until))
        if since is not None:
            return self.gettext("since %(since)s", since=self.date(since))
        return "" if until is None else self.gettext("until %(until)s", until=self.date(until))
