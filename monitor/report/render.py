"""A night as a page, as a letter, and in the archive: a view model, handed to Jinja2 templates."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor import __version__
from monitor.model import (
    Changes,
    ChannelReport,
    FeedLine,
    Letter,
    Look,
    Night,
    Organisation,
    Picture,
    Sign,
    Status,
    Vital,
)  # fmt: skip
from monitor.report import charts, coverage
from monitor.report.advice import AdviceView, by_channel, portfolio, step
from monitor.report.details import course, details, interval, trend
from monitor.report.finding import SHORT_OF_OXYGEN, TO_DECIDE, finding, worst_first
from monitor.report.lines import clean, without_password
from monitor.report.notices import notices
from monitor.report.pictures import weeks_png
from monitor.report.reasons import dated, sentence
from monitor.report.sparks import Spark, spark, trend_line
from monitor.report.troubles import trouble
from monitor.report.words import LANGUAGE_NAMES, SYMBOLS, Words

SUBJECT_LENGTH = 160
MONTH_DAYS = 30
"""How far back the organisation's oxygen is compared."""
MOST_PICTURES = 10
MOST_TOLD = 25
"""Channels of a kind that a mail tells of: Gmail cuts off a mail of more than 102 kB."""
SCRIPT = (Path(__file__).parent / "templates" / "page.js").read_text(encoding="utf-8")
SCRIPT_HASH = "sha256-" + b64encode(sha256(SCRIPT.encode()).digest()).decode()
"""The one script that the page's policy lets run."""


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A channel whose status is another than when the reader was last told; ``before`` is empty for a new one."""

    name: str
    before: str
    after: str
    symbol: str
    status: Status


@dataclass(frozen=True, slots=True)
class SignLine:
    """One vital sign in the reader's language; empty texts where there is nothing to tell."""

    name: str
    question: str
    value: str
    normal: str
    evidence: str
    interval: str
    details: tuple[str, ...]
    health: int | None
    """0-100, None where unknown."""
    spark: Spark | None
    course: str


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """One reason: its sentence, and the dates of its evidence."""

    text: str
    dates: str


@dataclass(frozen=True, slots=True)
class FeedView:
    """One feed: where, how it was read last, and what is known of it."""

    url: str
    link: str
    outcome: str
    reason: str
    platform: str
    entries: str
    last_read: str
    well: bool
    at_least: bool
    coverage: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One channel, ready to be shown."""

    id: str
    name: str
    link: str
    owner: str
    status: Status
    verdict: str
    symbol: str
    since: str
    sure: str
    oxygen: int | None
    trend: str
    changed_from: str
    step: str
    reasons: tuple[ReasonLine, ...]
    signs: tuple[SignLine, ...]
    chart: charts.Chart | None
    months: tuple[charts.Month, ...]
    posts: str
    replies: str
    totals: str
    at_least: bool
    last_post: str
    last_reply: str
    feeds: tuple[FeedView, ...]
    coverage: tuple[str, ...]
    advice: AdviceView | None
    answers: tuple[tuple[str, str], ...]
    """The three questions, who stands behind it, and what the owner has answered; empty where nothing."""
    hours: float
    last_answer: str
    span: str
    """From which month to which its chart goes."""


def letter(
    night: Night, report_path: str | None, language: str | None = None, changes: Changes | None = None
) -> Letter:
    """The night as a mail: subject, written text, HTML whose style is within its elements, and its pictures.

    ``report_path`` is where the page is: a web address, or a file's path. ``changes`` is what this reader was last
    told.
    """
    words = Words.of(night.organisation, language)
    reports = worst_first(night)
    decide = [report for report in reports if report.diagnosis.status in TO_DECIDE]
    rest = [report for report in reports if report.diagnosis.status not in TO_DECIDE]
    told = decide[:MOST_TOLD] + rest[:MOST_TOLD]
    cards = _cards(told, night, words)
    pictures = _pictures(reports)
    view = {
        "organisation": clean(night.organisation.name),
        "finding": finding(night, words),
        "decide": [card for card in cards if card.status in TO_DECIDE],
        "rest": [card for card in cards if card.status not in TO_DECIDE],
        "more": len(reports) - len(told),
        "notices": notices(night.notices, words)[:MOST_TOLD],
        "since": since_of(changes, words),
        "changed": changed_of(reports, changes, words)[:MOST_TOLD],
        # Of a channel that could not be measured the verdict says so already.
        "unseen": [
            (card, feed) for card in cards for feed in card.feeds if not feed.well and card.status is not Status.UNKNOWN
        ],
        "counsel": portfolio(night.counsel, words),
        "oxygen": night.oxygen,
        "oxygen_then": oxygen_then_of(night),
        "pictures": {picture.name for picture in pictures},
        "when": words.clock(night.now),
        "path": clean(report_path or "", 500),
        "link": safe_link(report_path or ""),
        "version": __version__,
    }
    html = template("mail.html", words).render(view)
    return Letter(
        subject=clean(template("mail-subject.txt", words).render(view), SUBJECT_LENGTH),
        text=template("mail.txt", words).render(view).strip() + "\n",
        html=CSSInliner(load_remote_stylesheets=False, keep_style_tags=True).inline(html),
        pictures=pictures,
    )


def archive(
    nights: Sequence[tuple[str, int, int]], organisation: Organisation, oxygen: Sequence[tuple[str, int | None]] = ()
) -> str:
    """The list of nights, newest first: (YYYY-MM-DD, channels short of oxygen, channels).

    ``oxygen`` is the organisation's, (YYYY-MM-DD, 0-100) of every night judged, oldest first.
    """
    words = Words.of(organisation)
    known = dict(oxygen)
    lines = [
        (name, words.day(date.fromisoformat(name)), short, total, known.get(name))
        for name, short, total in sorted(nights, reverse=True)
    ]
    measured = [(name, value) for name, value in oxygen if value is not None]
    return template("archive.html", words).render(
        organisation=clean(organisation.name),
        nights=lines,
        trend=None
        if len(measured) < 2
        else trend_line([(date.fromisoformat(name), value) for name, value in measured]),
        trend_ends=[(words.day(date.fromisoformat(name)), value) for name, value in (measured[:1] + measured[-1:])],
    )


def _cards(reports: Sequence[ChannelReport], night: Night, words: Words) -> list[Card]:
    advice = by_channel(night, words)
    return [card_of(one, words, advice.get(one.channel.id)) for one in reports]


def oxygen_then_of(night: Night) -> int | None:
    """The organisation's oxygen in the night that was nearest to a month ago; None where none was near."""
    today = datetime.fromtimestamp(night.now, UTC).date()
    known = [(abs((today - date.fromisoformat(name)).days - MONTH_DAYS), v) for name, v in night.oxygen_before]
    off, value = min(known, key=lambda pair: pair[0], default=(MONTH_DAYS, None))
    return value if off <= MONTH_DAYS / 4 else None


def since_of(changes: Changes | None, words: Words) -> str:
    return "" if changes is None else words.day(date.fromisoformat(changes.since))


def changed_of(reports: Sequence[ChannelReport], changes: Changes | None, words: Words) -> list[ChangeLine]:
    if changes is None:
        return []
    found = []
    for report in reports:
        status, before = report.diagnosis.status, changes.before.get(report.channel.id)
        if before is not status:
            told = "" if before is None else words.status(before)
            found.append(
                ChangeLine(clean(report.channel.name, 100), told, words.status(status), SYMBOLS[status], status)
            )
    return found


def _pictures(reports: Sequence[ChannelReport]) -> tuple[Picture, ...]:
    """The weeks of the first channels about which somebody must decide."""
    shown = [report for report in reports if report.diagnosis.status in TO_DECIDE and report.weeks]
    return tuple(
        Picture(f"weeks-{report.channel.id}", weeks_png(report.weeks, marks=report.marks))
        for report in shown[:MOST_PICTURES]
    )


def card_of(report: ChannelReport, words: Words, advice: AdviceView | None) -> Card:
    channel, diagnosis, vitals, history = report.channel, report.diagnosis, report.vitals, report.history
    status = diagnosis.status
    return Card(
        id=channel.id,
        name=clean(channel.name, 100),
        link=safe_link(channel.site or ""),
        owner=clean(channel.owner or "", 100),
        status=status,
        verdict=words.status(status),
        symbol=SYMBOLS[status],
        since=words.date(diagnosis.since),
        sure="" if status is Status.UNKNOWN or not diagnosis.confidence else words.sure(diagnosis.confidence),
        oxygen=diagnosis.oxygen,
        trend=trend(report.trend, words),
        changed_from="" if diagnosis.changed_from is None else words.status(diagnosis.changed_from),
        step=step(report, advice, words),
        reasons=tuple(ReasonLine(sentence(one, words), dated(one, words)) for one in diagnosis.reasons),
        signs=tuple(_sign(vitals.signs[sign], report.trend, words) for sign in Sign if sign in vitals.signs),
        chart=charts.draw(report.weeks, words, channel.paused, report.marks),
        months=charts.months(report.weeks, words),
        posts=words.posts(vitals.posts),
        replies=words.replies(vitals.replies),
        totals=f"{words.posts(history.total_posts)}, {words.replies(history.total_replies)}",
        at_least=history.at_least,
        last_post="" if vitals.last_post is None else words.date(vitals.last_post),
        last_reply="" if vitals.last_reply is None else words.date(vitals.last_reply),
        feeds=tuple(_feed(feed, words) for feed in history.feeds),
        coverage=coverage.of_channel(history, words),
        advice=advice,
        answers=_answers(report, words),
        hours=channel.hours_per_week or 0.0,
        last_answer="" if vitals.last_answer is None else words.date(vitals.last_answer),
        span=_span(report, words),
    )


def _span(report: ChannelReport, words: Words) -> str:
    """From which month to which its weeks are drawn."""
    if not report.weeks:
        return ""
    first, last = (words.day(words.moment(report.weeks[place].start).date(), "MMMM y") for place in (0, -1))
    return words.gettext("%(first)s to %(last)s", first=first, last=last)


def _answers(report: ChannelReport, words: Words) -> tuple[tuple[str, str], ...]:
    channel = report.channel
    asked = (
        (words.gettext("What for?"), channel.purpose),
        (words.gettext("How are comments, troublemakers and spam handled?"), channel.moderation),
        (words.gettext("What becomes of what people write?"), channel.use_of_input),
        (words.gettext("Who in the management stands behind it?"), channel.sponsor),
    )
    return tuple((question, clean(answer or "", 400)) for question, answer in asked)


def _sign(vital: Vital, looks: tuple[Look, ...], words: Words) -> SignLine:
    events = words.entries(vital.events) if vital.events else ""
    dates = words.evidence(vital.since, vital.until)
    values = [look.values.get(vital.sign) for look in looks]
    return SignLine(
        name=words.sign(vital.sign),
        question=words.question(vital.sign),
        value=words.measured(vital.unit, vital.value, vital.normal) or "",
        normal=words.measured(vital.unit, vital.normal, vital.value) or "",
        evidence=", ".join(part for part in (events, dates) if part),
        interval=interval(vital, words),
        details=details(vital, words),
        health=None if vital.health is None else round(100 * vital.health),
        spark=spark([*values, vital.value], vital.normal),
        course=course(vital, looks, words),
    )


def _feed(feed: FeedLine, words: Words) -> FeedView:
    return FeedView(
        url=clean(without_password(feed.url), 300),
        link=safe_link(feed.url),
        outcome=words.outcome(feed.outcome),
        reason=clean(trouble(without_password(feed.reason), words), 300),
        platform=clean(feed.platform, 30),
        entries=words.entries(feed.entries),
        last_read="" if feed.last_read is None else words.clock(feed.last_read),
        well=feed.outcome is not None and feed.outcome.readable,
        at_least=feed.at_least,
        coverage=tuple(clean(part, 400) for part in coverage.of_feed(feed, words)),
    )


def safe_link(address: str) -> str:
    """The address where it is one of the web's and holds no password, else nothing."""
    try:
        parts = urlsplit(address)
        return address if parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc else ""
    except ValueError:
        return ""


@cache
def _environment(language: str) -> Environment:
    made = Environment(
        loader=PackageLoader("monitor.report"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    catalogue = Words(language).catalogue
    made.install_gettext_callables(catalogue.gettext, catalogue.ngettext, newstyle=True)  # type: ignore[attr-defined]
    return made


def template(name: str, words: Words) -> _Bound:
    return _Bound(_environment(words.language).get_template(name).render, words)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A template in a language."""

    fill: Callable[..., str]
    words: Words

    def render(self, view: Mapping[str, object] | None = None, **more: object) -> str:
        """Fill it in; ``short`` are the verdicts that a manager must not overlook."""
        given = {
            "words": self.words, "language": self.words.language, "short": SHORT_OF_OXYGEN,
            "language_names": LANGUAGE_NAMES,
        }  # fmt: skip
        return self.fill({**given, **(view or {}), **more})
