"""The shape of ``report.json``, as types and as the JSON Schema that is written beside it.

Times are ISO 8601 in UTC; probabilities and shares 0..1; a figure that is not known is null.
"""

from __future__ import annotations

import json
from typing import Literal

from pydantic import ConfigDict, TypeAdapter, with_config
from typing_extensions import TypedDict

STRICT = ConfigDict(extra="forbid")
Verdict = Literal["dead", "starving", "thin", "unknown", "newborn", "breathing"]
SignName = Literal["pulse", "echo", "answer", "circle", "investment"]
ActionName = Literal["keep", "concentrate", "staff", "watch", "merge", "close", "wait", "look"]
Figures = dict[str, float | None]


@with_config(STRICT)
class ReasonData(TypedDict):
    """Why a verdict, most telling first."""

    sign: SignName
    code: str
    text: str
    value: float | None
    normal: float | None


@with_config(STRICT)
class SignData(TypedDict):
    """One vital sign over the window; ``low`` and ``high`` are its 90 % interval."""

    value: float | None
    normal: float | None
    unit: str
    low: float | None
    high: float | None
    health: float | None
    events: int
    since: str | None
    until: str | None
    facts: Figures


@with_config(STRICT)
class LookData(TypedDict):
    """The channel at an earlier moment."""

    time: str
    oxygen: int | None
    signs: dict[SignName, float | None]


@with_config(STRICT)
class MarkData(TypedDict):
    """What happened beside the counts."""

    kind: Literal["answer", "silence", "status"]
    begins: str
    ends: str | None
    status: Verdict | None


@with_config(STRICT)
class WeekData(TypedDict):
    """Seven days from ``start``."""

    start: str
    posts: int
    replies: int


@with_config(STRICT)
class GapData(TypedDict):
    """A window that may have passed by unseen."""

    begins: str
    ends: str
    noticed: str


@with_config(STRICT)
class FeedData(TypedDict):
    """One feed: how it was read last, and what is known through it."""

    url: str
    outcome: Literal["updated", "not_modified", "moved", "gone", "throttled", "failed"] | None
    reason: str
    platform: str
    entries: int
    new_entries: int
    last_read: str | None
    at_least: bool
    address: str
    window: int
    known_since: str | None
    whole: bool
    next_poll: str | None
    gaps: list[GapData]


@with_config(STRICT)
class RemarkData(TypedDict):
    """A sentence of the devil's advocate, with the figures that it stands on."""

    code: str
    text: str
    facts: dict[str, float | str | None]


@with_config(STRICT)
class AdviceData(TypedDict):
    """What to do about one channel."""

    id: str
    action: ActionName
    because: RemarkData
    questions: list[RemarkData]
    into: str | None
    farewell: RemarkData | None
    hours_pledged: float | None
    hours_owed: float | None


@with_config(STRICT)
class CounselData(TypedDict):
    """What to do about them all. Hours are hours a week."""

    hours_pledged: float
    hours_owed: float
    portfolio: list[RemarkData]
    channels: list[AdviceData]


@with_config(STRICT)
class ChannelData(TypedDict):
    """One channel."""

    id: str
    name: str
    status: Verdict
    since: str
    oxygen: int | None
    posts: int
    replies: int
    window_days: int
    total_posts: int
    total_replies: int
    at_least: bool
    last_post: str | None
    last_reply: str | None
    reasons: list[ReasonData]
    owner: str | None
    confidence: float | None
    silent_probability: float | None
    collapse_probability: float | None
    trend: list[LookData]
    changed_from: Verdict | None
    next_step: str
    signs: dict[SignName, SignData]
    marks: list[MarkData]
    weeks: list[WeekData]
    feeds: list[FeedData]


@with_config(STRICT)
class NightOxygen(TypedDict):
    """The organisation's oxygen in an earlier night."""

    night: str
    oxygen: int | None


@with_config(STRICT)
class NoticeData(TypedDict):
    """What went wrong with Oximeter itself, rather than with a feed, since the last report."""

    trouble: Literal["mail", "mail_given_up", "store_restored", "clock_went_back", "night_too_short"]
    text: str


ReportData = TypedDict(
    "ReportData",
    {
        "$schema": str,
        "organisation": str,
        "as_of": str,
        "language": str,
        "finding": str,
        "oxygen": int | None,
        "oxygen_before": list[NightOxygen],
        "notices": list[NoticeData],
        "advice": CounselData | None,
        "channels": list[ChannelData],
    },
)
ReportData.__doc__ = "One night's findings."
with_config(STRICT)(ReportData)


def schema() -> str:
    """The JSON Schema of ``report.json``."""
    found = TypeAdapter(ReportData).json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | found, indent=2) + "\n"
