"""A night's findings for programs: plain values, times as ISO 8601 in UTC, no number that JSON cannot hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from monitor.model import ChannelReport, FeedLine, Night, Reason, Vital
from monitor.report.advice import AdviceView, as_data, by_channel, step
from monitor.report.finding import finding, worst_first
from monitor.report.lines import without_password
from monitor.report.notices import notice_text
from monitor.report.reasons import reason_text
from monitor.report.words import Words, finite


@lru_cache(maxsize=10_000)  # the weeks of a night are the same for all its channels
def iso(time: int | None) -> str | None:
    """Unix seconds as ISO 8601 in UTC with a Z; None stays None."""
    return None if time is None else datetime.fromtimestamp(time, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def status(night: Night) -> dict[str, Any]:
    """What ``oximeter status --json`` prints: a line for each channel, worst first."""
    words = Words.of(night.organisation)
    return {"as_of": iso(night.now), "channels": [_line(one, words) for one in worst_first(night)]}


def as_json(night: Night) -> dict[str, Any]:
    """The whole night, as ``report.json`` keeps it, worst first."""
    words = Words.of(night.organisation)
    advice = by_channel(night, words)
    return about(night, words) | {
        "advice": None if night.counsel is None else as_data(night.counsel, words),
        "channels": [whole(one, words, advice.get(one.channel.id)) for one in worst_first(night)],
    }


def about(night: Night, words: Words) -> dict[str, Any]:
    """What the night's JSON tells beside its channels and the advice."""
    return {
        "$schema": "../report.schema.json",
        "organisation": night.organisation.name,
        "as_of": iso(night.now),
        "language": words.language,
        "finding": finding(night, words),
        "oxygen": night.oxygen,
        "oxygen_before": [{"night": name, "oxygen": value} for name, value in night.oxygen_before],
        "notices": [{"trouble": one.trouble.value, "text": notice_text(one, words)} for one in night.notices],
    }


def _line(report: ChannelReport, words: Words) -> dict[str, Any]:
    diagnosis, vitals, history = report.diagnosis, report.vitals, report.history
    return {
        "id": report.channel.id,
        "name": report.channel.name,
        "status": diagnosis.status.value,
        "since": iso(diagnosis.since),
        "oxygen": diagnosis.oxygen,
        "posts": vitals.posts,
        "replies": vitals.replies,
        "window_days": vitals.window_days,
        "total_posts": history.total_posts,
        "total_replies": history.total_replies,
        "at_least": history.at_least,
        "last_post": iso(vitals.last_post),
        "last_reply": iso(vitals.last_reply),
        "reasons": _reasons(diagnosis.reasons, words),
    }


def _reasons(reasons: Iterable[Reason], words: Words) -> list[dict[str, Any]]:
    return [
        {
            "sign": reason.sign.value,
            "text": reason_text(reason, words),
            "value": finite(reason.value),
            "normal": finite(reason.normal),
        }
        for reason in reasons
    ]


def whole(report: ChannelReport, words: Words, advice: AdviceView | None) -> dict[str, Any]:
    """All that the JSON tells of one channel."""
    diagnosis = report.diagnosis
    line = _line(report, words)
    for told, reason in zip(line["reasons"], diagnosis.reasons, strict=True):
        told["code"] = reason.code
    return line | {
        "owner": report.channel.owner,
        "confidence": finite(diagnosis.confidence),
        "silent_probability": finite(report.vitals.silent_probability),
        "collapse_probability": finite(report.vitals.collapse_probability),
        "trend": [
            {
                "time": iso(look.moment),
                "oxygen": look.oxygen,
                "signs": {sign.value: finite(value) for sign, value in look.values.items()},
            }
            for look in report.trend
        ],
        "changed_from": None if diagnosis.changed_from is None else diagnosis.changed_from.value,
        "next_step": step(report, advice, words),
        "signs": {sign.value: _sign(vital) for sign, vital in report.vitals.signs.items()},
        "marks": [
            {
                "kind": mark.kind.value,
                "begins": iso(mark.begins),
                "ends": iso(mark.ends),
                "status": None if mark.status is None else mark.status.value,
            }
            for mark in report.marks
        ],
        "weeks": [{"start": iso(week.start), "posts": week.posts, "replies": week.replies} for week in report.weeks],
        "feeds": [_feed(feed) for feed in report.history.feeds],
    }


def _sign(vital: Vital) -> dict[str, Any]:
    return {
        "value": finite(vital.value),
        "normal": finite(vital.normal),
        "unit": vital.unit,
        "low": finite(vital.low),
        "high": finite(vital.high),
        "health": finite(vital.health),
        "events": vital.events,
        "since": iso(vital.since),
        "until": iso(vital.until),
        "facts": {name: finite(fact) for name, fact in vital.facts.items()},
    }


def _feed(feed: FeedLine) -> dict[str, Any]:
    return {
        "url": without_password(feed.url),
        "outcome": None if feed.outcome is None else feed.outcome.value,
        "reason": without_password(feed.reason),
        "platform": feed.platform,
        "entries": feed.entries,
        "new_entries": feed.new_entries,
        "last_read": iso(feed.last_read),
        "at_least": feed.at_least,
        "address": without_password(feed.address or feed.url),
        "window": feed.shown,
        "known_since": iso(feed.oldest),
        "whole": feed.walked,
        "next_poll": iso(feed.next_poll),
        "gaps": [{"begins": iso(gap.begins), "ends": iso(gap.ends), "noticed": iso(gap.noticed)} for gap in feed.gaps],
    }
