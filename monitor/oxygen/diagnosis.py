"""From vital signs to a verdict: a ladder of named rules, most urgent first.

Confidence (0..1) of a verdict that silence gives is the probability that the silence lasts, which is calibrated: of
those told 80 %, about 80 % stay silent. Of any other it is ``n / (n + 10)`` where ``n`` is the number of events under
the best founded sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from monitor.model import DAY, Diagnosis, Reason, Sign, Standing, Status, Vital, Vitals
from monitor.oxygen.activity import MOSTLY, Promise
from monitor.oxygen.intervals import health
from monitor.oxygen.recipe import oxygen

CODES: dict[str, tuple[str, ...]] = {
    "never_read": (),
    "no_entries": (),
    "reach_short": ("reach_days", "posts", "replies"),
    "dates_unknown": ("posts", "replies"),
    "too_little": ("posts", "replies", "silence_days", "probability"),
    "long_dead": ("silence_days", "gap_days", "probability"),
    "silent_beyond_life": ("silence_days", "gap_days", "probability"),
    "newborn": ("days_left", "posts", "replies"),
    "paused": ("days_left",),
    "outlook_dark": ("silence_days", "gap_days", "probability", "collapse"),
    "pulse_collapsed": ("posts", "silence_days", "gap_days", "probability"),
    "pulse_weaker": ("posts", "silence_days", "gap_days", "probability"),
    "pulse_below_promise": ("posts", "silence_days", "gap_days", "probability"),
    "pulse_steady": ("posts", "silence_days", "gap_days", "probability"),
    "echo_died": ("posts", "replies", "asked", "answered"),
    "echo_weaker": ("posts", "replies", "asked", "answered"),
    "echo_steady": ("posts", "replies", "asked", "answered"),
    "answer_stopped": ("asked", "answered"),
    "answer_slow": ("asked", "answered", "days", "promised_days"),
    "answer_steady": ("asked", "answered", "days"),
    "circle_monologue": ("authors", "share", "share_normal"),
    "circle_one_voice": ("authors", "share", "share_normal"),
    "circle_shrinking": ("authors", "share"),
    "circle_steady": ("authors", "share", "newcomers"),
    "investment_no_owner": ("hours_owed", "questions"),
    "investment_short": ("hours_owed", "hours_pledged"),
}
"""Every reason's code, and the names of the facts it carries where they are known."""

BY_SILENCE = ("long_dead", "silent_beyond_life")
"""Reasons that are sure as far as the silence is likely to last."""
NIGHTS_TO_CHANGE = 3
"""So many nights must the evidence for another status hold before the status changes."""
HALF_DAY = DAY // 2
SURE, LIKELY, POSSIBLE = 0.8, 0.5, 0.25
"""Probabilities of lasting silence from which a channel is dead, starving, thin."""
RARE, UNUSUAL = 0.01, 0.05
"""How rarely luck alone may bring about what is called a collapse, or a weakness."""
UNLIKE = 0.03
"""How seldom a gap of this channel may be as long as a silence that is longer than its life explains."""
DEAD_DAYS = 180
SHORTEST_SILENCE_DAYS = 30
"""Shorter silences are nobody's death, whatever the channel's rhythm was."""
OVERDUE = 1.5
"""A channel is overdue when it has been silent for so many times its own long gaps."""
FEWEST_GAPS = 3
LONGEST_YOUNG_SILENCE_DAYS = 60
ONE_VOICE, SEVERAL_VOICES = 0.8, 0.6
"""One person carries it all above the first share, where the top author had no more than the second before."""
MONOLOGUE = 0.9
FEWEST_TALK = 10


@dataclass(frozen=True, slots=True)
class Case:
    """What the rules look at."""

    vitals: Vitals
    promise: Promise
    readable: bool

    @property
    def silence(self) -> float:
        """Days of silence, 0 where unknown."""
        return self.vitals.silence_days or 0.0

    def vital(self, sign: Sign) -> Vital:
        """The sign, or an empty one where it was not taken."""
        return self.vitals.signs.get(sign) or Vital(sign, None, None, "")

    def fact(self, sign: Sign, name: str, default: float = 0.0) -> float:
        """A figure of a sign, or ``default``."""
        return self.vital(sign).facts.get(name, default)

    def reason(self, sign: Sign, code: str, weight: float, **more: float) -> Reason:
        """A reason with the sign's figures and those facts that its code names."""
        vital = self.vital(sign)
        figures = self._figures() | vital.facts | more
        facts: dict[str, float | str] = {name: figures[name] for name in CODES[code] if name in figures}
        return Reason(sign, code, vital.value, vital.normal, weight, vital.since, vital.until, facts)

    def _figures(self) -> dict[str, float]:
        figures = {"posts": float(self.vitals.posts), "replies": float(self.vitals.replies)}
        if self.vitals.silence_days is not None:
            figures["silence_days"] = self.vitals.silence_days
        if self.vitals.silent_probability is not None:
            figures["probability"] = self.vitals.silent_probability
        if self.vitals.collapse_probability is not None:
            figures["collapse"] = self.vitals.collapse_probability
        return figures

    def silent(self, code: str, weight: float) -> Reason:
        """A reason whose value is days of silence, and whose normal is the channel's own gap in days."""
        gap = self.vital(Sign.PULSE).facts.get("gap_days")
        told = self.reason(Sign.PULSE, code, weight)
        last = max((t for t in (self.vitals.last_post, self.vitals.last_reply) if t is not None), default=None)
        return Reason(Sign.PULSE, code, self.silence, gap, weight, last, self.vitals.now, told.facts)


def _unknown(case: Case) -> list[Reason]:
    if not case.readable:
        return [Reason(Sign.PULSE, "never_read", None, None, 1.0)]
    if case.vitals.silence_days is None:
        return [Reason(Sign.PULSE, "no_entries", None, None, 1.0)]
    return []


def _dead(case: Case) -> list[Reason]:
    lasting = (case.vitals.silent_probability or 0.0) >= SURE and case.silence >= DEAD_DAYS
    return [case.silent("long_dead", 1.0)] if lasting and _overdue(case, 1.0) else []


def _overdue(case: Case, times: float) -> bool:
    """Silent for longer than so many times the channel's own long gaps, where a few gaps are known."""
    if case.fact(Sign.PULSE, "gaps") < FEWEST_GAPS:
        return True
    return case.silence > times * case.fact(Sign.PULSE, "long_gap_days")


def _newborn(case: Case) -> list[Reason]:
    age = case.vitals.age_days
    if age is None or age >= case.promise.stamina_days or case.silence > LONGEST_YOUNG_SILENCE_DAYS:
        return []  # grown up, or abandoned
    return [case.reason(Sign.PULSE, "newborn", 1.0, days_left=case.promise.stamina_days - age)]


def _undated(case: Case) -> list[Reason]:
    """What was there when it was first watched has no dates, so there is no telling yet how often it is written to."""
    watched = case.fact(Sign.PULSE, "reach_days")
    if case.vitals.age_days is not None or watched >= case.promise.stamina_days:
        return []
    if case.fact(Sign.PULSE, "undated") <= MOSTLY or case.silence > LONGEST_YOUNG_SILENCE_DAYS:
        return []
    return [case.reason(Sign.PULSE, "dates_unknown", 1.0)]


def _starving(case: Case) -> list[Reason]:
    found: list[Reason] = []
    if _beyond_life(case):
        found.append(case.silent("silent_beyond_life", 0.95))
    if case.fact(Sign.PULSE, "expected") >= 4 and _fewer_posts(case, 0.25, RARE):
        found.append(case.reason(Sign.PULSE, "pulse_collapsed", 0.9))
    if _share_below(case, Sign.ECHO, 0.25, RARE) and case.fact(Sign.ECHO, "asked") >= 4:
        found.append(case.reason(Sign.ECHO, "echo_died", 0.85))
    if _stopped_answering(case):
        at_all = case.fact(Sign.ANSWER, "answered") + case.fact(Sign.ANSWER, "late")
        found.append(case.reason(Sign.ANSWER, "answer_stopped", 0.8, answered=at_all))
    if case.fact(Sign.ECHO, "replies_per_post_normal") > 0 and _one_voice(case, MONOLOGUE, RARE):
        found.append(case.reason(Sign.CIRCLE, "circle_monologue", 0.78))
    return found


def _beyond_life(case: Case) -> bool:
    """The silence will probably last, or hardly any gap of this channel is that long (``UNLIKE``)."""
    if case.silence < SHORTEST_SILENCE_DAYS:
        return False
    longer = case.vitals.longer_gap_probability
    unlike = longer is not None and longer <= UNLIKE
    probability = case.vitals.silent_probability or 0.0
    if not _measured(case):  # its gaps are all that there is to go by
        return probability >= LIKELY and case.fact(Sign.PULSE, "gaps") >= FEWEST_GAPS
    return _overdue(case, 1.0) and (probability >= LIKELY or unlike)


def _measured(case: Case) -> bool:
    """Any sign of the dialogue itself could be held against a normal."""
    return any(case.vital(sign).health is not None for sign in Sign if sign is not Sign.INVESTMENT)


def _fewer_posts(case: Case, share: float, chance: float) -> bool:
    """Posts are below a share of what was expected, and luck alone would seldom bring that about."""
    facts = case.vital(Sign.PULSE).facts
    if "chance" not in facts:
        return False
    return health(facts["posts"], facts["expected"]) < share and facts["chance"] < chance


def _share_below(case: Case, sign: Sign, share: float, chance: float) -> bool:
    """The sign's share is below a part of its normal, and luck alone would seldom bring that about."""
    vital = case.vital(sign)
    if vital.value is None or not vital.normal or "chance" not in vital.facts:
        return False
    return vital.value < share * vital.normal and vital.facts["chance"] < chance


def _stopped_answering(case: Case) -> bool:
    """Hardly any thread is answered at all, in time or late, where most used to be."""
    vital = case.vital(Sign.ANSWER)
    facts = vital.facts
    if vital.value is None or not vital.normal or "chance_at_all" not in facts:
        return False
    return facts["answered"] + facts["late"] < 0.25 * facts["expected"] and facts["chance_at_all"] < RARE


def _one_voice(case: Case, share: float, chance: float) -> bool:
    """One person writes nearly all of it, where several did before."""
    facts = case.vital(Sign.CIRCLE).facts
    if facts.get("talk", 0.0) < FEWEST_TALK or facts.get("share_normal", 1.0) > SEVERAL_VOICES:
        return False
    return facts["share"] >= share and facts["share_chance"] < chance


def _thin(case: Case) -> list[Reason]:
    found: list[Reason] = []
    if _fewer_posts(case, 0.6, UNUSUAL):
        promised = case.fact(Sign.PULSE, "against_promise") > 0
        found.append(case.reason(Sign.PULSE, "pulse_below_promise" if promised else "pulse_weaker", 0.7))
    if _share_below(case, Sign.ECHO, 0.6, UNUSUAL):
        found.append(case.reason(Sign.ECHO, "echo_weaker", 0.65))
    found += _thin_answer(case)
    found += _thin_circle(case)
    pledged, owed = case.promise.hours_per_week, case.vital(Sign.INVESTMENT).value
    if pledged is not None and owed is not None and owed > 1.25 * pledged:
        found.append(case.reason(Sign.INVESTMENT, "investment_short", 0.4))
    if not found and _dark_outlook(case):
        found.append(case.silent("outlook_dark", 0.35))
    return found


def _dark_outlook(case: Case) -> bool:
    """Nothing measured is weak yet, but channels with a life like this one's often fall silent, or nearly so."""
    silent, collapse = case.vitals.silent_probability or 0.0, case.vitals.collapse_probability or 0.0
    overdue = case.silence >= SHORTEST_SILENCE_DAYS and _overdue(case, OVERDUE)
    return overdue and (silent >= POSSIBLE or collapse >= LIKELY)


def _thin_answer(case: Case) -> list[Reason]:
    promised, vital = case.promise.answer_within_days, case.vital(Sign.ANSWER)
    late = promised is not None and vital.value is not None and case.fact(Sign.ANSWER, "days") > promised
    if late or _share_below(case, Sign.ANSWER, 0.6, UNUSUAL):
        return [case.reason(Sign.ANSWER, "answer_slow", 0.6)]
    return []


def _thin_circle(case: Case) -> list[Reason]:
    circle = case.vital(Sign.CIRCLE)
    if _one_voice(case, ONE_VOICE, UNUSUAL):
        return [case.reason(Sign.CIRCLE, "circle_one_voice", 0.55)]
    fewer = (
        circle.value is not None and circle.health is not None and circle.health < 0.5 and (circle.normal or 0.0) >= 4
    )
    if fewer and circle.facts["chance"] < UNUSUAL:
        return [case.reason(Sign.CIRCLE, "circle_shrinking", 0.5)]
    return []


def _too_little(case: Case) -> list[Reason]:
    if _measured(case):
        return []
    if case.vitals.age_days is not None:
        return [case.reason(Sign.PULSE, "too_little", 1.0)]
    undated = case.fact(Sign.PULSE, "undated") > MOSTLY
    return [case.reason(Sign.PULSE, "dates_unknown" if undated else "reach_short", 1.0)]


def _breathing(case: Case) -> list[Reason]:
    return [case.reason(Sign.PULSE, "pulse_steady", 0.3)]


LADDER: tuple[tuple[Status, Callable[[Case], list[Reason]]], ...] = (
    (Status.UNKNOWN, _unknown),
    (Status.DEAD, _dead),
    (Status.NEWBORN, _newborn),
    (Status.UNKNOWN, _undated),
    (Status.STARVING, _starving),
    (Status.THIN, _thin),
    (Status.UNKNOWN, _too_little),
    (Status.BREATHING, _breathing),
)
"""The rules in order: the first that gives a reason gives the status."""


def _verdict(case: Case) -> tuple[Status, list[Reason]]:
    for status, rule in LADDER:
        reasons = rule(case)
        if reasons:
            return status, reasons
    raise AssertionError("the last rule of the ladder always gives a reason")  # pragma: no cover


def _further(case: Case, status: Status, told: list[Reason]) -> list[Reason]:
    """What else is worth saying: other weak signs, the steady ones, a missing owner, a pause."""
    more: list[Reason] = []
    if status in (Status.STARVING, Status.BREATHING, Status.NEWBORN):
        more += _thin(case)
    signs = {reason.sign for reason in told}
    more = [reason for reason in more if reason.sign not in signs]
    signs |= {reason.sign for reason in more}
    if status in (Status.STARVING, Status.THIN, Status.BREATHING):
        steady = {
            Sign.PULSE: "pulse_steady",
            Sign.ECHO: "echo_steady",
            Sign.ANSWER: "answer_steady",
            Sign.CIRCLE: "circle_steady",
        }
        more += [
            case.reason(sign, code, 0.2)
            for sign, code in steady.items()
            if sign not in signs and case.vital(sign).value is not None and (case.vital(sign).health or 0.0) >= 0.6
        ]
    if not case.promise.owner and status is not Status.UNKNOWN:
        more.append(case.reason(Sign.INVESTMENT, "investment_no_owner", 0.1))
    now = case.vitals.now
    ends = [end for start, end in case.promise.pauses if start <= now < end]
    if ends:
        more.append(case.reason(Sign.PULSE, "paused", 0.98, days_left=(max(ends) - now) / DAY))
    return more


def _settle(status: Status, previous: Standing | None, now: int) -> Standing:
    """The standing after tonight: another status stands only when its evidence has held for three nights."""
    if previous is None:
        return Standing(status, now)
    if status is previous.status:
        return Standing(status, previous.since)
    if previous.status is Status.UNKNOWN:
        return Standing(status, now)  # a first verdict: there is nothing to flap between
    if previous.candidate is not status or previous.candidate_since is None:
        return Standing(previous.status, previous.since, status, now, 1)
    nights, began = previous.candidate_nights, previous.candidate_since
    if now - began >= nights * HALF_DAY:
        nights += 1
    if nights >= NIGHTS_TO_CHANGE:
        return Standing(status, began)
    return Standing(previous.status, previous.since, status, began, nights)


def _confidence(vitals: Vitals, reasons: tuple[Reason, ...]) -> float:
    likely = vitals.silent_probability or 0.0
    if reasons[0].code in BY_SILENCE and likely >= LIKELY:
        return likely
    events = max((vital.events for sign, vital in vitals.signs.items() if sign is not Sign.INVESTMENT), default=0)
    return events / (events + 10)


def diagnose(vitals: Vitals, promise: Promise, readable: bool, previous: Standing | None, now: int) -> Diagnosis:
    """Give the verdict at ``now``.

    ``readable`` is False where the channel could not be looked at: what stood then stands on, since that tells
    nothing of the channel. ``previous`` is the standing before tonight.
    """
    case = Case(vitals, promise, readable)
    status, reasons = _verdict(case)
    reasons += _further(case, status, reasons)
    unseen = not readable and previous is not None
    standing = previous if unseen and previous is not None else _settle(status, previous, now)
    told = tuple(sorted(reasons, key=lambda reason: -reason.weight))
    return Diagnosis(
        status=standing.status,
        since=standing.since,
        oxygen=oxygen(vitals) if readable else None,
        confidence=_confidence(vitals, told) if readable else 0.0,
        reasons=told,
        standing=standing,
        changed_from=previous.status if previous is not None and previous.status is not standing.status else None,
    )
