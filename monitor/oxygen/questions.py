"""The questions that nobody asked when the channel was opened: what for, how, with what, and who stands behind it.

Each is asked where the owner has written no answer, or where what is measured contradicts the answer. Every one
carries the figures that it stands on.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.model import DAY, Channel, ChannelReport, Remark, Sign, Status
from monitor.oxygen.pledges import speaks_of_dialogue, stated_days

FEWEST_POSTS = 5
"""Fewer posts in the window than this contradict no purpose."""
FEWEST_ASKED = 3
HARDLY_ANY = 0.1
"""Share of posts with a reply at which a dialogue has not come about."""
LATE = 1.5
"""An answer later than so many times the promise contradicts it."""
ABSENT_DAYS = 60
"""Hours are pledged and not seen when the organisation has been silent for so long."""
KNOWN_DAYS = 30
"""A starvation that the management should know of by now."""

QUESTIONS: dict[str, tuple[str, ...]] = {
    "purpose_missing": ("posts", "replies"),
    "purpose_contradicted": ("text", "share", "posts"),
    "moderation_missing": ("replies", "people"),
    "moderation_contradicted": ("text", "stated_days", "days"),
    "moderation_unanswered": ("text", "stated_days", "asked"),
    "use_missing": ("replies", "people"),
    "use_contradicted": ("text", "answered", "asked"),
    "owner_missing": ("hours_owed", "posts"),
    "hours_missing": ("hours_owed", "threads_owed", "posts"),
    "hours_unseen": ("hours_pledged", "absent_days", "last_staff"),
    "hours_short": ("hours_pledged", "hours_owed"),
    "sponsor_missing": ("oxygen", "posts"),
    "sponsor_contradicted": ("sponsor", "oxygen", "since"),
}
"""Every question's code, and the figures it carries where they are known."""


def questions(report: ChannelReport) -> tuple[Remark, ...]:
    """What the devil's advocate asks the owner, in the order: what for, how, use, with what, management."""
    if report.vitals.silence_days is None:  # nothing was ever read: no figure to ask by
        return ()
    figures = _figures(report)
    return tuple(
        Remark(code, {name: figures[name] for name in QUESTIONS[code] if name in figures})
        for ask in (_purpose, _moderation, _use, _resources, _management)
        for code in ask(report, figures)
    )


Figures = dict[str, float | str]


def _figures(report: ChannelReport) -> Figures:
    vitals, channel, diagnosis = report.vitals, report.channel, report.diagnosis
    figures: Figures = {"posts": float(vitals.posts), "replies": float(vitals.replies)}
    for sign in (Sign.ANSWER, Sign.INVESTMENT):
        figures |= vitals.signs[sign].facts if sign in vitals.signs else {}
    echo = vitals.signs.get(Sign.ECHO)
    if echo is not None and echo.value is not None:
        figures["share"] = echo.value
    figures["people"] = float(len(report.people))
    if vitals.last_staff is not None:
        figures |= {"last_staff": float(vitals.last_staff), "absent_days": (vitals.now - vitals.last_staff) / DAY}
    if diagnosis.oxygen is not None:
        figures["oxygen"] = float(diagnosis.oxygen)
    if channel.sponsor:
        figures["sponsor"] = channel.sponsor
    return figures | {"since": float(diagnosis.since)}


def _number(figures: Figures, name: str, default: float = 0.0) -> float:
    found = figures.get(name, default)
    return found if isinstance(found, int | float) else default


def _missing(text: str | None) -> bool:
    return not (text and text.strip())


def _purpose(report: ChannelReport, figures: Figures) -> Iterator[str]:
    purpose = report.channel.purpose
    if _missing(purpose):
        yield "purpose_missing"
    elif (
        speaks_of_dialogue(purpose) and report.vitals.posts >= FEWEST_POSTS
        and report.history.hears_replies and _number(figures, "share", 1.0) <= HARDLY_ANY
    ):  # fmt: skip
        figures["text"] = str(purpose)
        yield "purpose_contradicted"


def _moderation(report: ChannelReport, figures: Figures) -> Iterator[str]:
    moderation = report.channel.moderation
    if _missing(moderation):
        yield "moderation_missing"
        return
    stated = stated_days(moderation)
    if stated is None:
        return
    figures |= {"text": str(moderation), "stated_days": stated}
    if _number(figures, "days") > LATE * stated:
        yield "moderation_contradicted"
    elif _number(figures, "asked") >= FEWEST_ASKED and "days" not in figures:
        yield "moderation_unanswered"


def _use(report: ChannelReport, figures: Figures) -> Iterator[str]:
    use = report.channel.use_of_input
    asked = _number(figures, "asked")
    if _missing(use):
        if report.vitals.replies or report.people:  # a channel that nobody answers has no input to use
            yield "use_missing"
    elif asked >= FEWEST_ASKED and _number(figures, "answered") < asked / 2:
        figures["text"] = str(use)
        yield "use_contradicted"


def _resources(report: ChannelReport, figures: Figures) -> Iterator[str]:
    channel: Channel = report.channel
    pledged = channel.hours_per_week
    if not channel.owner:
        yield "owner_missing"
    if pledged is None:
        yield "hours_missing"
    elif pledged > 0 and _number(figures, "absent_days") > ABSENT_DAYS and not _paused(report):
        yield "hours_unseen"
    elif round(_number(figures, "hours_owed"), 1) > pledged:
        yield "hours_short"


def _paused(report: ChannelReport) -> bool:
    return any(reason.code == "paused" for reason in report.diagnosis.reasons)


def _management(report: ChannelReport, figures: Figures) -> Iterator[str]:
    known = report.vitals.now - report.diagnosis.since >= KNOWN_DAYS * DAY
    if _missing(report.channel.sponsor):
        yield "sponsor_missing"
    elif report.diagnosis.status in (Status.DEAD, Status.STARVING) and known:
        yield "sponsor_contradicted"
