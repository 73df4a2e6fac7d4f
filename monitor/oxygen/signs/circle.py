"""Circle: how many different people take part, are there new ones, does one person carry it all?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from monitor.model import Sign, Vital
from monitor.oxygen.activity import Ints, Staff, span
from monitor.oxygen.counting import how_many, how_often, is_among, mean
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
    def of(cls, author: Ints, roles: Staff) -> Voices:
        """Count those who wrote, each contribution's author and role."""
        known, roles = author[author >= 0], roles[roles >= 0]
        staff = int(np.count_nonzero(roles == 1)) / roles.size if roles.size else None
        if known.size == 0:
            return cls(staff=staff)
        counts = how_often(known)
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
    now, past = Voices.of(exam.window.author, exam.window.staff), _windows(exam)
    before = sum(one.events for one in past)
    if now.events + before < FEWEST_EVENTS:
        return Vital(Sign.CIRCLE, None, None, "people", None, now.events + before)
    nameless = bool(now.events == 0 and exam.window.times.size)
    facts = {} if exam.bare else _facts(exam, now)
    normal, well = None, None
    if before >= FEWEST_EVENTS:
        # A window that a pause has cut short has room for fewer people.
        room = min(1.0, exam.window_weeks * WEEK / max(1, exam.now - exam.start))
        normal = mean([float(one.people) for one in past]) * room
        facts |= {} if exam.bare else _normals(now, past, normal)
        well = health(max(now.people, 1 if nameless else 0), normal)
    events, since = now.events + before, exam.past_start + 1
    value = None if nameless else float(now.people)
    return Vital(Sign.CIRCLE, value, normal, "people", well, events, since, exam.now, facts)


def _windows(exam: Examination) -> list[Voices]:
    """The windows of the past that anybody known wrote in, the latest first."""
    length = exam.now - exam.start
    ends = range(exam.past_end, exam.past_start + length - 1, -length) if length > 0 else ()
    stretches = [span(exam.past.times, end - length, end) for end in ends]
    every = [Voices.of(exam.past.author[one], exam.past.staff[one]) for one in stretches]
    return [one for one in every if one.events]


def _facts(exam: Examination, now: Voices) -> dict[str, float]:
    """Who is new in the window, and how evenly the talk is shared."""
    wrote = exam.window.author[exam.window.author >= 0]
    old = exam.life.author[exam.life.times <= exam.start]
    new = how_many(wrote[~is_among(wrote, old[old >= 0])])
    facts = {"authors": float(now.people), "newcomers": float(new), "returning": float(now.people - new)}
    facts |= {"share": now.share, "effective": now.effective, "talk": float(now.events), "top": float(now.top)}
    if now.events:
        facts["share_low"], facts["share_high"] = of_share(now.top, now.events)
    return facts if now.staff is None else facts | {"staff_share": now.staff}


def _normals(now: Voices, past: list[Voices], normal: float) -> dict[str, float]:
    """The same of the past, and how often luck alone brings about what is so now."""
    staff = [one.staff for one in past if one.staff is not None]
    share = mean([one.share for one in past])
    return {
        "share_normal": share,
        "effective_normal": mean([one.effective for one in past]),
        **({"staff_share_normal": mean(staff)} if staff else {}),
        "chance": chance_of_so_few(now.people, normal),
        "share_chance": chance_of_so_large_a_share(now.top, now.events, share),
    }
