"""Nights to report: the few facts that matter, the rest as it usually is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from monitor.model import (
    DAY,
    Changes,
    Channel,
    ChannelReport,
    Diagnosis,
    FeedLine,
    Happening,
    History,
    Look,
    Mark,
    Night,
    Notice,
    Organisation,
    Outcome,
    Reason,
    Sign,
    Standing,
    Status,
    Trouble,
    Vital,
    Vitals,
    Week,
)
from monitor.oxygen import advise

NOW = 1_767_229_200
"""2026-01-01 02:00 in Copenhagen."""
FEED = FeedLine(
    "blog", "https://blog.eksempel.example/feed/", Outcome.UPDATED, "read 10 entries", 10, 1, "wordpress", NOW
)
SIGNS = {
    Sign.PULSE: Vital(Sign.PULSE, 1.5, 2.0, "per_week", 0.8, 40, NOW - 400 * DAY, NOW),
    Sign.ECHO: Vital(Sign.ECHO, 0.25, 0.5, "share", 0.5, 30, NOW - 400 * DAY, NOW),
    Sign.ANSWER: Vital(Sign.ANSWER, None, None, "share"),
    Sign.CIRCLE: Vital(Sign.CIRCLE, 4.0, 5.5, "people", 0.7, 30, NOW - 400 * DAY, NOW),
    Sign.INVESTMENT: Vital(Sign.INVESTMENT, 2.0, 4.0, "hours", 1.0, 9, NOW - 90 * DAY, NOW),
}


MARKS = (
    Mark(Happening.SILENCE, NOW - 300 * DAY, NOW - 200 * DAY),
    Mark(Happening.ANSWER, NOW - 40 * DAY),
    Mark(Happening.STATUS, NOW - 30 * DAY, status=Status.THIN),
)
NOTICES = (
    Notice(Trouble.STORE_RESTORED, {"aside": "oximeter.db.damaged-2025-12-30", "backup": "2025-12-29"}),
    Notice(Trouble.CLOCK_WENT_BACK, {"latest": "2027-03-01"}),
    Notice(Trouble.NIGHT_TOO_SHORT, {"feeds": 3}),
    Notice(
        Trouble.MAIL,
        {
            "to": "chef@eksempel.example",
            "night": "2025-12-31",
            "error": "The mail server smtp.eksempel.example:587 did not answer within 30 seconds.",
        },
    ),
    Notice(
        Trouble.MAIL_GIVEN_UP,
        {
            "to": "bo@eksempel.example",
            "night": "2025-12-01",
            "error": "The mail server smtp.eksempel.example:587 refused the recipient bo@eksempel.example: 550 5.1.1.",
        },
    ),
)
"""What went wrong with Oximeter itself, of every kind."""


def reason(code: str = "pulse_steady", sign: Sign = Sign.PULSE, **more: Any) -> Reason:
    """A reason with figures that every sentence can use."""
    facts = {
        **{"silence_days": 40.0, "gap_days": 7.0, "probability": 0.4, "posts": 12.0, "replies": 1.0, "asked": 9.0},
        **{"answered": 2.0, "days": 3.5, "promised_days": 2.0, "days_left": 120.0, "reach_days": 5.0, "authors": 3.0},
        **{"share": 0.9, "share_normal": 0.4, "hours_owed": 5.0, "hours_pledged": 2.0, "questions": 1.0},
    }
    given: dict[str, Any] = {"value": 0.5, "normal": 2.0, "since": NOW - 400 * DAY, "until": NOW, "facts": facts}
    return Reason(sign, code, **(given | more))


def channel(
    identity: str = "blog",
    status: Status = Status.BREATHING,
    name: str = "",
    reasons: Sequence[Reason] = (),
    feeds: Sequence[FeedLine] = (FEED,),
    oxygen: int | None = 80,
    changed_from: Status | None = None,
    weeks: int = 104,
    **more: Any,
) -> ChannelReport:
    """One channel's findings."""
    since = NOW - 30 * DAY
    given = {"name": name or identity.title(), "site": "https://blog.eksempel.example/", "owner": "Redaktionen"} | more
    return ChannelReport(
        Channel(identity, feeds=tuple(feed.url for feed in feeds), **given),
        Diagnosis(status, since, oxygen, 0.8, tuple(reasons) or (reason(),), Standing(status, since), changed_from),
        Vitals(NOW, 90, SIGNS, 12, 1, NOW - DAY, None, 900.0, 1.0, 0.1),
        History(identity, total_posts=120, total_replies=30, first_watched=since, feeds=tuple(feeds)),
        tuple(Week(NOW - (weeks - n) * 7 * DAY, n % 3, n % 5) for n in range(weeks)),
        tuple(Look(NOW - days * DAY, oxygen, {Sign.PULSE: 2.0, Sign.ECHO: None}) for days in (360, 270, 180, 90)),
        MARKS if weeks else (),
        frozenset({f"bo på {identity}", f"ida på {identity}"}),
        3,
    )


def night(*channels: ChannelReport, language: str = "en", name: str = "Eksempel A/S") -> Night:
    """A night of these channels."""
    return Night(Organisation(name, language, "Europe/Copenhagen"), NOW, channels)


def full(language: str = "en") -> Night:
    """A night with every verdict."""
    pause = ((date(2025, 7, 1), date(2025, 8, 10)),)
    failed = FeedLine("lukket", "https://intranet.eksempel.example/feed", Outcome.FAILED, "HTTP 500", 0)
    found = night(
        channel("cykler", Status.BREATHING, "Cykelbloggen", paused=pause),
        channel("debat", Status.STARVING, "Debat på Ærø", [reason("answer_stopped", Sign.ANSWER)], oxygen=20),
        channel("lukket", Status.UNKNOWN, "Intranet", [reason("never_read")], [failed], None, weeks=0),
        channel("team", Status.DEAD, "Holdet", [reason("long_dead", value=400.0, normal=7.0)], oxygen=0),
        channel("beta", Status.NEWBORN, "Beta", [reason("newborn")]),
        channel("tynd", Status.THIN, "Tyndt", [reason("echo_weaker", Sign.ECHO)], changed_from=Status.BREATHING),
        language=language,
    )
    before = {one.channel.id: one.diagnosis.changed_from or one.diagnosis.status for one in found.channels}
    return replace(
        found,
        counsel=advise(found.channels),
        oxygen=56,
        oxygen_before=(("2025-12-02", 61), ("2025-12-31", 57)),
        changes=Changes("2025-12-31", before),
        notices=NOTICES,
    )
