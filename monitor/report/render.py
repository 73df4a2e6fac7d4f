"""A night as a page, as a letter, and in the archive: a view model, handed to Jinja2 templates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from urllib.parse import urlsplit

from css_inline import CSSInliner
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from monitor import __version__
from monitor.model import ChannelReport, FeedLine, Letter, Night, Organisation, Sign, Status, Vital
from monitor.report import charts, coverage
from monitor.report.details import details, interval, trend
from monitor.report.finding import SHORT_OF_OXYGEN, TO_DECIDE, finding, worst_first
from monitor.report.reasons import dated, next_step, sentence
from monitor.report.words import SYMBOLS, Words, clean

SUBJECT_LENGTH = 160


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


def page(night: Night) -> str:
    """The night as one self-contained HTML page: nothing is loaded, no script is needed."""
    words = Words.of(night.organisation)
    cards = [_card(one, words) for one in worst_first(night)]
    return _template("page.html", words).render(
        organisation=clean(night.organisation.name),
        finding=finding(night, words),
        cards=cards,
        counts=[(words.status(s), SYMBOLS[s], s, sum(c.status is s for c in cards)) for s in Status],
        unseen=[(card, feed) for card in cards for feed in card.feeds if not feed.well or feed.at_least],
        when=words.clock(night.now),
        version=__version__,
    )


def letter(night: Night, report_path: str | None) -> Letter:
    """The night as a mail: subject, written text, and HTML whose style is within its elements."""
    words = Words.of(night.organisation)
    cards = [_card(one, words) for one in worst_first(night)]
    view = {
        "organisation": clean(night.organisation.name),
        "finding": finding(night, words),
        "decide": [card for card in cards if card.status in TO_DECIDE],
        "rest": [card for card in cards if card.status not in TO_DECIDE],
        "changed": [card for card in cards if card.changed_from],
        "unseen": [(card, feed) for card in cards for feed in card.feeds if not feed.well],
        "when": words.clock(night.now),
        "path": clean(report_path or "", 500),
        "version": __version__,
    }
    html = _template("mail.html", words).render(view)
    return Letter(
        subject=clean(_template("mail-subject.txt", words).render(view), SUBJECT_LENGTH),
        text=_template("mail.txt", words).render(view).strip() + "\n",
        html=CSSInliner(load_remote_stylesheets=False, keep_style_tags=True).inline(html),
    )


def archive(nights: Sequence[tuple[str, int, int]], organisation: Organisation) -> str:
    """The list of nights, newest first: (YYYY-MM-DD, channels short of oxygen, channels)."""
    words = Words.of(organisation)
    lines = [
        (name, words.day(date.fromisoformat(name)), short, total) for name, short, total in sorted(nights, reverse=True)
    ]
    return _template("archive.html", words).render(
        organisation=clean(organisation.name), nights=lines, most=max((total for *_, total in lines), default=1)
    )


def _card(report: ChannelReport, words: Words) -> Card:
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
        step=next_step(status, diagnosis.reasons, words),
        reasons=tuple(ReasonLine(sentence(one, words), dated(one, words)) for one in diagnosis.reasons),
        signs=tuple(_sign(sign, vitals.signs[sign], words) for sign in Sign if sign in vitals.signs),
        chart=charts.draw(report.weeks, words, channel.paused),
        months=charts.months(report.weeks, words),
        posts=words.posts(vitals.posts),
        replies=words.replies(vitals.replies),
        totals=f"{words.posts(history.total_posts)}, {words.replies(history.total_replies)}",
        at_least=history.at_least,
        last_post="" if vitals.last_post is None else words.date(vitals.last_post),
        last_reply="" if vitals.last_reply is None else words.date(vitals.last_reply),
        feeds=tuple(_feed(feed, words) for feed in history.feeds),
        coverage=coverage.of_channel(history, words),
    )


def _sign(sign: Sign, vital: Vital, words: Words) -> SignLine:
    events = words.entries(vital.events) if vital.events else ""
    dates = words.evidence(vital.since, vital.until)
    return SignLine(
        name=words.sign(sign),
        question=words.question(sign),
        value=words.measured(vital.unit, vital.value, vital.normal) or "",
        normal=words.measured(vital.unit, vital.normal, vital.value) or "",
        evidence=", ".join(part for part in (events, dates) if part),
        interval=interval(vital, words),
        details=details(vital, words),
        health=None if vital.health is None else round(100 * vital.health),
    )


def _feed(feed: FeedLine, words: Words) -> FeedView:
    return FeedView(
        url=clean(feed.url, 300),
        link=safe_link(feed.url),
        outcome=words.outcome(feed.outcome),
        reason=clean(feed.reason, 300),
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


def _template(name: str, words: Words) -> _Bound:
    return _Bound(_environment(words.language).get_template(name).render, words)


@dataclass(frozen=True, slots=True)
class _Bound:
    """A template in a language."""

    fill: Callable[..., str]
    words: Words

    def render(self, view: Mapping[str, object] | None = None, **more: object) -> str:
        """Fill it in; ``short`` are the verdicts that a manager must not overlook."""
        given = {"words": self.words, "language": self.words.language, "short": SHORT_OF_OXYGEN}
        return self.fill({**given, **(view or {}), **more})
