"""Simulated channels whose end is known: the same seed gives the same life. Days count from the channel's opening."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from monitor.model import DAY, Diagnosis, Standing, Status
from monitor.oxygen import Activity, Promise, diagnose, measure

OPENED = 1_600_000_000
"""Unix seconds: a Sunday in September 2020."""
END = 900
"""The day on which what is to end ends."""
LAST = END + 400
STAFF = 0
PAUSE = (END, END + 45)


@dataclass
class Book:
    """Contributions as they are written down: parallel columns."""

    times: list[int] = field(default_factory=list)
    reply: list[bool] = field(default_factory=list)
    author: list[int] = field(default_factory=list)
    thread: list[int] = field(default_factory=list)
    staff: list[int] = field(default_factory=list)

    def add(self, day: float, author: int, thread: int, reply: bool = False) -> None:
        """One contribution; author 0 is the organisation's own."""
        self.times.append(OPENED + int(day * DAY))
        self.reply.append(reply)
        self.author.append(author)
        self.thread.append(thread)
        self.staff.append(int(author == STAFF))

    def activity(self) -> Activity:
        """As the core takes it."""
        return Activity.from_arrays(self.times, self.reply, self.author, self.thread, self.staff)


@dataclass(frozen=True)
class Habits:
    """How a channel is written to on a day; each takes the day."""

    posts: Callable[[float], float] = lambda day: 0.35
    """Posts a day, by whom they come."""
    replies: Callable[[float], float] = lambda day: 1.5
    """Replies a post."""
    answered: Callable[[float], float] = lambda day: 0.8
    """Share of users' posts that staff answers."""
    people: Callable[[float], int] = lambda day: 12
    """How many users there are."""
    by_staff: Callable[[float], float] = lambda day: 0.3
    """Share of the posts that staff writes."""
    promise: Promise = field(default_factory=lambda: Promise(owner=True))


def until(before: float, after: float = 0.0) -> Callable[[float], float]:
    """``before`` until the end, ``after`` from then on."""
    return lambda day: before if day < END else after


def fading(start: float) -> Callable[[float], float]:
    """From the end on half as much every 45 days."""
    return lambda day: start * 0.5 ** (max(0.0, day - END) / 45)


def away(rate: float) -> Callable[[float], float]:
    """Nothing during the pause."""
    return lambda day: 0.0 if PAUSE[0] <= day < PAUSE[1] else rate


PLANNED = Promise(owner=True, pauses=((OPENED + PAUSE[0] * DAY, OPENED + PAUSE[1] * DAY),))
ENDING: dict[str, Habits] = {
    "stops suddenly": Habits(posts=until(0.35)),
    "fades away": Habits(posts=fading(0.35)),
    "nobody replies any more": Habits(replies=until(1.5), answered=until(0.8)),
    "staff leaves, users go on": Habits(answered=until(0.8), by_staff=until(0.3)),
    "users leave, staff talks to itself": Habits(
        by_staff=until(0.3, 1.0), replies=until(1.5, 0.3), people=lambda day: 12 if day < END else 0
    ),
    "moves elsewhere, a trickle stays": Habits(posts=until(0.35, 0.02)),
    "blog of one, weekly, stops": Habits(posts=until(1 / 7), replies=lambda day: 0.0, by_staff=lambda day: 1.0),
}
GOING_ON: dict[str, Habits] = {
    "goes on": Habits(),
    "goes on, a post a week": Habits(posts=lambda day: 1 / 7),
    "planned pause of 45 days": Habits(posts=away(0.35), promise=PLANNED),
    "quiet summers": Habits(posts=lambda day: 0.35 * (0.25 if 290 <= day % 365 < 350 else 1.0)),
}
"""Nothing ends here: whatever is flagged is a false alarm."""


def live_through(habits: Habits, seed: int) -> Activity:
    """A life from opening to the last day."""
    dice, book = np.random.default_rng(seed), Book()
    for day in range(LAST):
        for _ in range(dice.poisson(habits.posts(day))):
            at, thread = day + dice.uniform(), len(book.times)
            own = dice.uniform() < habits.by_staff(day) or habits.people(day) < 1
            book.add(at, STAFF if own else _user(dice, habits, day), thread)
            if not own and dice.uniform() < habits.answered(day):
                book.add(at + dice.exponential(1.0), STAFF, thread, reply=True)
            for _ in range(dice.poisson(habits.replies(day))):
                after = at + dice.exponential(1.5)
                book.add(after, _user(dice, habits, day) if habits.people(day) else STAFF, thread, reply=True)
    return book.activity()


def _user(dice: np.random.Generator, habits: Habits, day: float) -> int:
    return 1 + int(dice.integers(habits.people(day)))


def quarterly(days_between: int = 91, last: int = LAST) -> Activity:
    """A newsletter that comes out every so many days, without replies."""
    book = Book()
    for number, day in enumerate(range(3, last, days_between)):
        book.add(day, STAFF, number)
    return book.activity()


def nights(activity: Activity, promise: Promise, first: int, last: int) -> list[Diagnosis]:
    """The verdicts of every night from day ``first`` to day ``last``, each following on from the one before."""
    found: list[Diagnosis] = []
    standing: Standing | None = None
    for day in range(first, last + 1):
        now = OPENED + day * DAY
        diagnosis = diagnose(measure(activity, promise, now), promise, True, standing, now)
        standing = diagnosis.standing
        found.append(diagnosis)
    return found


def first_night(found: list[Diagnosis], first: int, *statuses: Status, since: int = 0) -> int | None:
    """The first day from ``since`` on whose verdict is one of ``statuses``; ``found`` begins on day ``first``."""
    return next(
        (first + number for number, one in enumerate(found) if one.status in statuses and first + number >= since), None
    )
