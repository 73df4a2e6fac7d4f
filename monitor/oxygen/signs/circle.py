"""Circle: how many different people take part, are there new ones, does one person carry it all?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.model import Sign, Vital
from monitor.oxygen.activity import Activity
from monitor.oxygen.examination import WEEK, Examination
from monitor.oxygen.intervals import chance_of_so_few, chance_of_so_large_a_share, health, of_share

FEWEST_EVENTS = 5
"""Fewer contributions with a name than this in the past are no normal."""


@dataclass(frozen=True, slots=True)
class Voices:
    """Who wrote in a stretch of time: contributions with a known author alone."""

    people: int = 0
    top: int = 0
    """Contributions of the most diligent one."""
    effective: float = 0.0
    """Effective number of participants: 1 / the sum of squared shares (inverse Simpson index)."""
    events: int = 0
    staff: float | None = None
    """Share of the talk that is the organisation's own, where roles are known."""

    @classmethod
    def of(cls, part: Activity) -> Voices:
        """Count them."""
        known = part.author[part.author >= 0]
        roles = part.staff[part.staff >= 0]
        staff = float(np.mean(roles == 1)) if roles.size else None
        if known.size == 0:
            return cls(staff=staff)
        counts = np.unique(known, return_counts=True)[1]
        effective = known.size**2 / float(np.sum(np.square(counts, dtype=np.float64)))
        return cls(int(counts.size), int(counts.max()), effective, int(known.size), staff)

    @property
    def share(self) -> float:
        """Of the most diligent one (contributor concentration)."""
        return self.top / self.events if self.events else 0.0


def circle(exam: Examination) -> Vital:
    """Active participants in the window, against the mean of the windows of the year before.

    Facts: newcomers and returning ones, the share of the top author, the effective number of participants, the staff's
    share of the talk, each with its own normal where the past tells.
    """
    now, past = Voices.of(exam.window), _windows(exam)
    before = sum(one.events for one in past)
    if now.events + before < FEWEST_EVENTS:
        return Vital(Sign.CIRCLE, None, None, "people", None, now.events + before)
    nameless = bool(now.events == 0 and exam.window.times.size)
    old = exam.life.author[exam.life.times <= exam.start]
    newcomers = np.setdiff1d(exam.window.author, old)
    new = int(np.count_nonzero(newcomers >= 0))
    facts = {"authors": float(now.people), "newcomers": float(new), "returning": float(now.people - new)}
    facts |= {"share": now.share, "effective": now.effective, "talk": float(now.events), "top": float(now.top)}
    if now.events:
        facts["share_low"], facts["share_high"] = of_share(now.top, now.events)
    if now.staff is not None:
        facts["staff_share"] = now.staff
    normal, well = None, None
    if before >= FEWEST_EVENTS:
        # A window that a pause has cut short has room for fewer people.
        room = min(1.0, exam.window_weeks * WEEK / max(1, exam.now - exam.start))
        normal = float(np.mean([one.people for one in past])) * room
        facts |= _normals(past) | {"chance": chance_of_so_few(now.people, normal)}
        facts["share_chance"] = chance_of_so_large_a_share(now.top, now.events, facts["share_normal"])
        well = health(max(now.people, 1 if nameless else 0), normal)
    events, since = now.events + before, exam.past_start + 1
    value = None if nameless else float(now.people)
    return Vital(Sign.CIRCLE, value, normal, "people", well, events, since, exam.now, facts)


def _windows(exam: Examination) -> list[Voices]:
    """The windows of the past that anybody known wrote in, the latest first."""
    length = exam.now - exam.start
    ends = range(exam.past_end, exam.past_start + length - 1, -length) if length > 0 else ()
    every = [Voices.of(exam.past.between(end - length, end)) for end in ends]
    return [one for one in every if one.events]


def _normals(past: list[Voices]) -> dict[str, float]:
    staff = [one.staff for one in past if one.staff is not None]
    facts = {
        "share_normal": float(np.mean([one.share for one in past])),
        "effective_normal": float(np.mean([one.effective for one in past])),
    }
    return facts | ({"staff_share_normal": float(np.mean(staff))} if staff else {})
