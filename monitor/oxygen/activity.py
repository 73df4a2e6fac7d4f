"""A channel's life as arrays, and what its owner promised."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from monitor.model import CountedReplies, Event, EventColumns, Kind
from monitor.oxygen.people import signature, signed

Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]
Staff = NDArray[np.int8]

MOSTLY = 0.5
"""A channel more of whose contributions are undated is known from when it was first watched, not from its dates."""


def _codes(names: Sequence[str], known: dict[str, int]) -> Ints:
    """Number the names in order of appearance; an empty one is -1."""
    return np.array([known.setdefault(name, len(known)) if name else -1 for name in names], dtype=np.int64)


@dataclass(frozen=True, slots=True, eq=False)
class Activity:
    """Contributions to one channel, ascending by time (Unix seconds, UTC).

    ``author`` and ``thread`` are numbers, -1 where unknown; ``staff`` is 1, 0 or -1 where unknown. ``counted`` are
    replies known from counts only, ``counted_thread`` where they belong.
    """

    times: Ints
    is_reply: Flags
    author: Ints
    thread: Ints
    staff: Staff
    counted_times: Ints
    counted: Ints
    counted_thread: Ints
    dated: Flags

    @classmethod
    def of(
        cls,
        events: Sequence[Event],
        counted: Sequence[CountedReplies] = (),
        staff: Callable[[str], bool] | None = None,
    ) -> Activity:
        """Build from what the store knows; ``staff`` tells whether an author speaks for the organisation."""
        ordered = sorted(events, key=lambda event: event.time)
        counts = sorted((one for one in counted if one.replies > 0), key=lambda one: one.time)
        threads: dict[str, int] = {}
        roles = [
            int(staff(signed(event))) if staff is not None and (event.author or event.email) else -1
            for event in ordered
        ]
        return cls(
            times=np.array([event.time for event in ordered], dtype=np.int64),
            is_reply=np.array([event.kind is Kind.REPLY for event in ordered], dtype=np.bool_),
            author=_codes([event.author for event in ordered], {}),
            thread=_codes([event.thread for event in ordered], threads),
            staff=np.array(roles, dtype=np.int8),
            counted_times=np.array([one.time for one in counts], dtype=np.int64),
            counted=np.array([one.replies for one in counts], dtype=np.int64),
            counted_thread=_codes([one.thread for one in counts], threads),
            dated=np.array([event.dated for event in ordered], dtype=np.bool_),
        )

    @classmethod
    def of_columns(cls, columns: EventColumns, staff: Callable[[str], bool] | None = None) -> Activity:
        """As ``of``, from columns: every name is looked at once, however often it wrote."""
        authors: dict[str, int] = {}
        # The last place of each is taken by -1, a contribution that nobody signed.
        names = [authors.setdefault(name, len(authors)) if name else -1 for name, _ in columns.signatures] + [-1]
        roles = [-1] * len(names)
        if staff is not None:
            roles[:-1] = [int(staff(signature(name, email))) for name, email in columns.signatures]
        return cls(
            times=columns.times,
            is_reply=columns.is_reply,
            author=np.array(names, dtype=np.int64)[columns.signature],
            thread=columns.thread.astype(np.int64),
            staff=np.array(roles, dtype=np.int8)[columns.signature],
            counted_times=columns.counted_times,
            counted=columns.counted,
            counted_thread=columns.counted_thread.astype(np.int64),
            dated=columns.dated,
        )

    @classmethod
    def from_arrays(cls, times: Any, reply: Any, author: Any, thread: Any, staff: Any) -> Activity:
        """Build from parallel columns in any order; unknown author, thread or staff is -1."""
        moments = np.asarray(times, dtype=np.int64)
        order = np.argsort(moments, kind="stable")
        none = np.empty(0, dtype=np.int64)
        return cls(
            times=moments[order],
            is_reply=np.asarray(reply, dtype=np.bool_)[order],
            author=np.asarray(author, dtype=np.int64)[order],
            thread=np.asarray(thread, dtype=np.int64)[order],
            staff=np.asarray(staff, dtype=np.int8)[order],
            counted_times=none,
            counted=none,
            counted_thread=none,
            dated=np.ones(moments.size, dtype=np.bool_),
        )

    def before(self, now: int) -> Activity:
        """What was known at ``now``, that moment included."""
        return self._cut(None, now)

    def between(self, start: int, end: int) -> Activity:
        """What happened after ``start``, up to and including ``end``."""
        return self._cut(start, end)

    def _cut(self, start: int | None, end: int) -> Activity:
        mine, theirs = span(self.times, start, end), span(self.counted_times, start, end)
        if mine.stop - mine.start == self.times.size and theirs.stop - theirs.start == self.counted_times.size:
            return self
        return Activity(
            times=self.times[mine],
            is_reply=self.is_reply[mine],
            author=self.author[mine],
            thread=self.thread[mine],
            staff=self.staff[mine],
            counted_times=self.counted_times[theirs],
            counted=self.counted[theirs],
            counted_thread=self.counted_thread[theirs],
            dated=self.dated[mine],
        )

    @property
    def life(self) -> Ints:
        """Every moment that shows life, counted replies included, ascending."""
        if self.counted_times.size == 0:
            return self.times
        return np.sort(np.concatenate([self.times, self.counted_times]))

    @property
    def posts(self) -> int:
        """Number of original contributions."""
        return int(self.is_reply.size - np.count_nonzero(self.is_reply))

    @property
    def replies(self) -> int:
        """Number of replies, counted ones included."""
        return int(np.count_nonzero(self.is_reply) + self.counted.sum())

    @property
    def undated(self) -> float:
        """Share of the contributions that have no date of their own, 0..1: their time is when they were first seen."""
        size = self.dated.size
        return (size - int(np.count_nonzero(self.dated))) / size if size else 0.0


def span(times: Ints, start: int | None, end: int) -> slice:
    """Where the moments after ``start``, up to and including ``end``, are among ascending ``times``."""
    if not times.size:
        return slice(0, 0)
    low = 0 if start is None else int(times.searchsorted(start, side="right"))
    return slice(low, max(low, int(times.searchsorted(end, side="right"))))


@dataclass(frozen=True, slots=True)
class Promise:
    """What the owner promised; None where nothing was. Pauses are (start, end) in Unix seconds."""

    posts_per_month: float | None = None
    answer_within_days: float | None = None
    hours_per_week: float | None = None
    owner: bool = False
    questions_answered: int = 0
    """How many of the three questions (what for, how, with what becomes of it) are answered, 0..3."""
    opened: int | None = None
    pauses: tuple[tuple[int, int], ...] = ()
    holidays: tuple[tuple[int, int], ...] = ()
    """Days on which nobody is expected to write, as (start, end) in Unix seconds."""
    stamina_days: float = 180
    """How long a young channel is given before it is judged."""

    @property
    def still(self) -> tuple[tuple[int, int], ...]:
        """When the channel's clock stands still: pauses and holidays."""
        return self.pauses + self.holidays


def live(times: Any, pauses: Sequence[tuple[int, int]]) -> Ints:
    """Times on a clock that stands still during pauses, so that a planned pause is never silence.

    Pauses are (start, end) in Unix seconds, in any order; they may overlap.
    """
    return clock_of(tuple(pauses)).times(np.asarray(times, dtype=np.int64))


@dataclass(frozen=True, slots=True, eq=False)
class Clock:
    """A clock that stands still in pauses, which are ascending and apart."""

    starts: Ints
    ends: Ints
    stood: Ints
    """How long it has stood still before each pause, and after the last."""
    begins: list[int]
    pauses: list[tuple[int, int, int]]
    """As the columns above: start, end and how long it has stood before."""

    def times(self, raw: Ints) -> Ints:
        """Many moments on it."""
        if self.starts.size == 0:
            return raw.copy()
        begun = self.starts.searchsorted(raw, side="right")
        unfinished = np.where(begun > 0, np.maximum(0, self.ends[np.maximum(begun - 1, 0)] - raw), 0)
        clock: Ints = raw - (self.stood[begun] - unfinished)
        return clock

    def at(self, moment: int) -> int:
        """One moment on it."""
        begun = bisect_right(self.begins, moment)
        if begun == 0:
            return moment
        start, end, stood = self.pauses[begun - 1]
        return moment - stood - (min(moment, end) - start)


@lru_cache(maxsize=1_024)  # the holidays are the same for every channel
def clock_of(pauses: tuple[tuple[int, int], ...]) -> Clock:
    """The clock of some pauses; those that touch or overlap are one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(pauses):
        if end <= start:
            continue
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    both = np.array(found, dtype=np.int64).reshape(-1, 2)
    stood = np.concatenate([[0], np.cumsum(both[:, 1] - both[:, 0])])
    begins = [start for start, _ in found]
    return Clock(
        both[:, 0],
        both[:, 1],
        stood,
        begins,
        [(*one, before) for one, before in zip(found, stood.tolist(), strict=False)],
    )
