"""The devil's advocate: what to staff, merge, close or leave in peace, and whether to open one more channel.

Everything is reckoned in hours a week: those pledged, and those that answering takes (``signs/investment.py``) now or
took when the channel last lived, whichever is more. Writing the posts comes on top and is not reckoned.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from monitor.model import DAY, Action, Advice, ChannelReport, Counsel, Opening, Remark, Sign, Status
from monitor.oxygen.questions import ABSENT_DAYS, questions
from monitor.oxygen.signs.investment import MINUTES_PER_ANSWER

LEAST_HOURS = 0.1
"""Fewer hours a week than this are told as none."""
FEWEST_SHARED, SHARED = 2, 0.2
"""So many of a channel's people, and such a share of them, must take part in another for the two to be merged."""
SHORT = (Status.DEAD, Status.STARVING)

REMARKS: dict[str, tuple[str, ...]] = {
    "capacity_enough": ("hours_pledged", "hours_owed", "living"),
    "capacity_short": ("hours_pledged", "hours_owed", "living", "kept", "names"),
    "capacity_none": ("hours_owed", "channels"),
    "idle_hours": ("hours_idle", "hours_pledged", "absent_days", "names"),
    "unowned": ("unowned", "channels", "names"),
    "best_use": ("name", "people", "hours_owed"),
    "look": ("last_read",),
    "wait_young": ("days_left",),
    "wait_pause": ("days_left",),
    "keep": ("oxygen", "posts", "replies"),
    "concentrate": ("people", "hours_owed", "hours_idle"),
    "watch": ("oxygen",),
    "watch_short": ("hours_owed", "hours_pledged"),
    "wait_more": ("posts", "replies"),
    "staff_absent": ("hours_pledged", "absent_days"),
    "staff_hours": ("hours_owed", "hours_pledged", "hours_free"),
    "staff_pledge": ("hours_owed",),
    "staff_listen": ("posts", "replies", "hours_pledged"),
    "staff_owner": ("hours_owed", "hours_free", "posts"),
    "close_silent": ("silence_days", "probability"),
    "close_hours": ("hours_owed", "hours_pledged", "hours_free"),
    "close_unowned": ("silence_days", "probability", "posts"),
    "merge": ("shared", "people", "into"),
    "farewell": ("since", "people_ever", "posts_ever", "replies_ever", "waiting", "into"),
    "open_short": ("short", "channels", "names"),
    "open_owed": ("hours_pledged", "hours_owed"),
    "open_hours": ("hours", "hours_typical"),
    "open_elsewhere": ("hours", "threads", "name", "waiting"),
    "open_stamina": ("hours", "stamina_days", "hours_total"),
    "open_questions": ("open_questions",),
}
"""Every remark's code, and the figures it carries where they are known."""


@dataclass(frozen=True, slots=True)
class Case:
    """One channel as the advocate sees it. Hours are hours a week."""

    report: ChannelReport
    owed: float
    pledged: float

    @classmethod
    def of(cls, report: ChannelReport) -> Case:
        """Reckon its hours."""
        sign = report.vitals.signs.get(Sign.INVESTMENT)
        load = 0.0 if sign is None else max(sign.value or 0.0, sign.facts.get("hours_normal", 0.0))
        return cls(report, load, report.channel.hours_per_week or 0.0)

    @property
    def status(self) -> Status:
        """Its verdict."""
        return self.report.diagnosis.status

    @property
    def lack(self) -> float:
        """Hours that answering takes beyond those pledged."""
        return max(0.0, self.owed - self.pledged)

    @property
    def lives(self) -> bool:
        """True where there is a life to be kept, however weak."""
        return self.status in (Status.STARVING, Status.THIN, Status.NEWBORN, Status.BREATHING)

    @property
    def absent_days(self) -> float | None:
        """Days since the organisation last wrote; None where that was never seen."""
        last = self.report.vitals.last_staff
        return None if last is None else (self.report.vitals.now - last) / DAY

    @property
    def quiet_days(self) -> float:
        """Days since the organisation last wrote, or anybody, where the organisation was never seen."""
        quiet = self.report.vitals.silence_days if self.absent_days is None else self.absent_days
        return quiet or 0.0

    @property
    def idle(self) -> bool:
        """True where hours are pledged to a channel short of oxygen, and nobody is seen to give them."""
        return self.pledged > 0 and self.status in SHORT and self.quiet_days > ABSENT_DAYS and not self.paused

    @property
    def paused(self) -> bool:
        """True on a planned pause."""
        return any(reason.code == "paused" for reason in self.report.diagnosis.reasons)

    @property
    def unread(self) -> bool:
        """True where its feeds could not be read."""
        return any(reason.code == "never_read" for reason in self.report.diagnosis.reasons)

    @property
    def worth(self) -> float:
        """People who take part for each hour of answering."""
        return len(self.report.people) / max(self.owed, LEAST_HOURS)

    def figures(self) -> dict[str, float | str]:
        """What remarks may name."""
        vitals, diagnosis, history = self.report.vitals, self.report.diagnosis, self.report.history
        answer = vitals.signs.get(Sign.ANSWER)
        known: dict[str, float | str | None] = {
            "hours_owed": self.owed, "hours_pledged": self.pledged, "absent_days": self.absent_days,
            "oxygen": diagnosis.oxygen, "posts": vitals.posts, "replies": vitals.replies,
            "silence_days": vitals.silence_days, "probability": vitals.silent_probability,
            "people": len(self.report.people), "people_ever": self.report.people_ever,
            "posts_ever": history.total_posts, "replies_ever": history.total_replies,
            "waiting": None if answer is None else answer.facts.get("waiting"),
            "since": history.first,
        }  # fmt: skip
        left = [reason.facts["days_left"] for reason in diagnosis.reasons if "days_left" in reason.facts]
        known |= {"days_left": left[0]} if left else {}
        return {
            name: fact if isinstance(fact, str) else float(fact) for name, fact in known.items() if fact is not None
        }


@dataclass(frozen=True, eq=False)
class Portfolio:
    """All channels together, and the hours that can be moved between them."""

    cases: tuple[Case, ...]

    @cached_property
    def living(self) -> tuple[Case, ...]:
        """Those with a life to be kept, the one that gives most for its hours first."""
        alive = [case for case in self.cases if case.lives]
        return tuple(sorted(alive, key=lambda case: (-case.worth, case.report.channel.id)))

    @cached_property
    def pledged(self) -> float:
        """Hours pledged to all."""
        return sum(case.pledged for case in self.cases)

    @cached_property
    def owed(self) -> float:
        """Hours that answering takes in those that live."""
        return sum(case.owed for case in self.living)

    @cached_property
    def idle(self) -> tuple[Case, ...]:
        """Those whose hours are pledged and not seen."""
        return tuple(case for case in self.cases if case.idle)

    @cached_property
    def hours_idle(self) -> float:
        """Hours that could be moved tomorrow."""
        return sum(case.pledged for case in self.idle)

    @cached_property
    def hours_spare(self) -> float:
        """Hours that are more than what answering takes, where somebody is seen to work."""
        return sum(max(0.0, case.pledged - case.owed) for case in self.cases if case.lives and not case.idle)

    @cached_property
    def granted(self) -> frozenset[str]:
        """The weak ones that get what they lack of the hours idle and left over: each hour is given once."""
        left, granted = self.hours_idle + self.hours_spare, []
        for case in self.living:
            if case.status in (Status.THIN, Status.STARVING) and not case.idle and LEAST_HOURS <= case.lack <= left:
                left -= case.lack
                granted.append(case.report.channel.id)
        return frozenset(granted)

    @cached_property
    def kept(self) -> tuple[Case, ...]:
        """What the pledged hours can keep alive: those that give most for their hours, until the hours are used."""
        left, kept = self.pledged, []
        for case in self.living:
            if case.owed <= left:
                left -= case.owed
                kept.append(case)
        return tuple(kept)

    @cached_property
    def best(self) -> Case | None:
        """The breathing channel in which an hour does most good; None where none breathes, or there is no other."""
        breathing = [case for case in self.living if case.status is Status.BREATHING and case.report.people]
        return breathing[0] if breathing and len(self.cases) > 1 else None

    @cached_property
    def where(self) -> dict[str, list[Case]]:
        """The living channels that could take others in, by the people who write there."""
        found: dict[str, list[Case]] = {}
        for case in self.living:
            if case.status in (Status.THIN, Status.BREATHING):
                for person in case.report.people:
                    found.setdefault(person, []).append(case)
        return found

    def home_for(self, case: Case) -> tuple[Case | None, int]:
        """The living channel that shares most of a channel's people, and how many they are."""
        met = Counter(
            other.report.channel.id
            for person in case.report.people
            for other in self.where.get(person, ())
            if other is not case
        )
        most = max(met.values(), default=0)
        for other in self.living if most else ():  # of those that share alike, the one that gives most for its hours
            if met[other.report.channel.id] == most:
                return other, most
        return None, 0


def advise(reports: Sequence[ChannelReport]) -> Counsel:
    """What the devil's advocate says of an organisation's channels."""
    whole = Portfolio(tuple(Case.of(report) for report in reports))
    advice = tuple(_advice(case, whole) for case in whole.cases)
    return Counsel(tuple(_portfolio(whole)), advice, whole.pledged, whole.owed)


def remark(code: str, figures: dict[str, float | str], **more: float | str) -> Remark:
    """A remark with those figures that its code names."""
    known = figures | more
    return Remark(code, {name: known[name] for name in REMARKS[code] if name in known})


def _names(cases: Iterable[Case]) -> str:
    return "\n".join(case.report.channel.name for case in cases)


def _portfolio(whole: Portfolio) -> Iterable[Remark]:
    figures: dict[str, float | str] = {
        "hours_pledged": whole.pledged, "hours_owed": whole.owed, "living": float(len(whole.living)),
        "channels": float(len(whole.cases)), "kept": float(len(whole.kept)), "hours_idle": whole.hours_idle,
    }  # fmt: skip
    if not whole.cases:
        return
    if whole.living and whole.pledged <= 0:
        yield remark("capacity_none", figures)
    elif whole.living and round(whole.owed, 1) <= round(whole.pledged, 1):
        yield remark("capacity_enough", figures)
    elif whole.living:
        kept = {"names": _names(whole.kept)} if whole.kept else {}
        yield remark("capacity_short", figures, **kept)
    if whole.idle:
        absent = min(case.quiet_days for case in whole.idle)
        yield remark("idle_hours", figures, absent_days=absent, names=_names(whole.idle))
    unowned = [case for case in whole.cases if not case.report.channel.owner]
    if unowned:
        yield remark("unowned", figures, unowned=float(len(unowned)), names=_names(unowned))
    best = whole.best
    if best is not None and (whole.idle or any(case.status in SHORT for case in whole.cases)):
        yield remark("best_use", best.figures(), name=best.report.channel.name)


def _advice(case: Case, whole: Portfolio) -> Advice:
    action, because, into = _decide(case, whole)
    farewell = None
    if action in (Action.CLOSE, Action.MERGE):
        home = into or whole.best
        figures = case.figures()
        if home is not None:
            figures["into"] = home.report.channel.name
        farewell = remark("farewell", figures)
        into = home
    identity = None if into is None else into.report.channel.id
    channel = case.report.channel
    pledged = channel.hours_per_week
    return Advice(channel.id, action, because, questions(case.report), identity, farewell, pledged, case.owed)


def _decide(case: Case, whole: Portfolio) -> tuple[Action, Remark, Case | None]:
    """The action, what it stands on, and the channel to merge into."""
    figures = case.figures()
    if case.status is Status.UNKNOWN and case.report.diagnosis.reasons and not case.unread:
        return Action.WAIT, remark("wait_more", figures), None
    if case.status is Status.UNKNOWN:
        return Action.LOOK, remark("look", figures | _last_read(case)), None
    if case.paused:
        return Action.WAIT, remark("wait_pause", figures), None
    if case.status is Status.NEWBORN:
        return Action.WAIT, remark("wait_young", figures), None
    if case.status is Status.BREATHING:
        if case is whole.best and whole.hours_idle >= LEAST_HOURS:
            return Action.CONCENTRATE, remark("concentrate", figures, hours_idle=whole.hours_idle), None
        return Action.KEEP, remark("keep", figures), None
    if case.status is Status.DEAD:
        return _end(case, whole, "close_silent")
    return _weak(case, whole)


def _weak(case: Case, whole: Portfolio) -> tuple[Action, Remark, Case | None]:
    """A thin or starving channel: what it lacks, and whether that can be had."""
    figures, lack = case.figures(), case.lack
    figures["hours_free"] = whole.hours_idle + whole.hours_spare
    starving = case.status is Status.STARVING
    if starving and case.idle:
        return Action.STAFF, remark("staff_absent", figures), None
    if starving and not case.report.channel.owner and (case.report.vitals.silent_probability or 0.0) >= 0.5:
        return _end(case, whole, "close_unowned")
    if case.report.channel.id in whole.granted:
        return Action.STAFF, remark("staff_hours" if case.report.channel.owner else "staff_owner", figures), None
    if lack >= LEAST_HOURS and starving and case.report.channel.hours_per_week is not None:
        return _end(case, whole, "close_hours")
    if lack >= LEAST_HOURS and starving and case.report.channel.owner:
        return Action.STAFF, remark("staff_pledge", figures), None
    if starving and case.report.channel.owner:
        return Action.STAFF, remark("staff_listen", figures), None
    if starving:
        return Action.STAFF, remark("staff_owner", figures), None
    if lack >= LEAST_HOURS and case.report.channel.hours_per_week is not None:
        return Action.WATCH, remark("watch_short", figures), None
    return Action.WATCH, remark("watch", figures), None


def _end(case: Case, whole: Portfolio, code: str) -> tuple[Action, Remark, Case | None]:
    """Close it, or merge it where enough of its people are already elsewhere."""
    home, shared = whole.home_for(case)
    free = whole.hours_idle + whole.hours_spare
    if home is not None and shared >= max(FEWEST_SHARED, SHARED * len(case.report.people)):
        name = home.report.channel.name
        return Action.MERGE, remark("merge", case.figures(), shared=float(shared), into=name), home
    return Action.CLOSE, remark(code, case.figures(), hours_free=free), None


def _last_read(case: Case) -> dict[str, float | str]:
    """When all that was ever read of it was last read; empty where nothing was."""
    read = [feed.last_read for feed in case.report.history.feeds if feed.last_read is not None]
    return {"last_read": float(min(read))} if read else {}


def whether_to_open(
    reports: Sequence[ChannelReport], name: str, hours: float, stamina_days: float = 180, answered: int = 0
) -> Opening:
    """Whether to open one more channel with ``hours`` a week; ``answered`` of the three questions have an answer.

    No, where a channel is short of oxygen, where the pledged hours do not cover the answers owed, or where the hours
    are fewer than the organisation's own breathing channels take. The reasons stand on its own figures.
    """
    whole = Portfolio(tuple(Case.of(report) for report in reports))
    against = list(_against(whole, hours))
    if against:
        return Opening(name, hours, False, (*against, *_elsewhere(whole, hours), _stamina(hours, stamina_days)))
    conditions = [_stamina(hours, stamina_days)]
    if answered < 3:
        conditions.append(remark("open_questions", {"open_questions": 3.0 - answered}))
    return Opening(name, hours, True, tuple(conditions))


def _against(whole: Portfolio, hours: float) -> Iterable[Remark]:
    short = [case for case in whole.cases if case.status in SHORT]
    if short:
        figures: dict[str, float | str] = {"short": float(len(short)), "channels": float(len(whole.cases))}
        yield remark("open_short", figures, names=_names(short))
    if round(whole.owed, 1) > round(whole.pledged, 1):
        yield remark("open_owed", {"hours_pledged": whole.pledged, "hours_owed": whole.owed})
    breathing = [max(case.owed, case.pledged) for case in whole.living if case.status is Status.BREATHING]
    typical = float(np.median(breathing)) if breathing else 0.0
    if round(hours, 1) < round(max(typical, LEAST_HOURS), 1):
        yield remark("open_hours", {"hours": hours, "hours_typical": max(typical, LEAST_HOURS)})


def _elsewhere(whole: Portfolio, hours: float) -> Iterable[Remark]:
    """What the same hours would do in the channel where most threads wait."""
    waits = [(float(case.figures().get("waiting", 0.0)), case) for case in whole.cases if case.lives]
    most, where = max(waits, key=lambda pair: pair[0], default=(0.0, None))
    if where is not None and most >= 1 and hours > 0:
        threads = hours * 60 / MINUTES_PER_ANSWER
        yield remark(
            "open_elsewhere", {"hours": hours, "threads": threads, "name": where.report.channel.name, "waiting": most}
        )


def _stamina(hours: float, stamina_days: float) -> Remark:
    total = hours * stamina_days / 7
    return remark("open_stamina", {"hours": hours, "stamina_days": stamina_days, "hours_total": total})
