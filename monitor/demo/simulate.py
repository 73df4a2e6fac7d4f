"""A small simulation of who writes what, when: reproducible from a seed, and made backwards from ``now``."""

from __future__ import annotations

import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from monitor.model import DAY

Spells = tuple[tuple[float, float], ...]
"""How something went: (from so many days ago, this much), oldest first; nothing before the first."""

LATEST_REPLY_DAYS = 6.0
"""Whoever answers does so within the week."""
FIRST_HOUR, LAST_HOUR = 6, 20
"""People write in these hours, UTC."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What is written: titles are a subject and an angle on it."""

    subjects: tuple[str, ...]
    angles: tuple[str, ...]
    posts: tuple[str, ...]
    replies: tuple[str, ...]
    answers: tuple[str, ...]
    """What the organisation says in reply."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How one channel went, for the simulation to fill in."""

    id: str
    wording: Wording
    staff: tuple[str, ...]
    public: tuple[str, ...] = ()
    by_staff: bool = True
    """True for a blog, where the organisation writes the posts; in a forum the public does."""
    posts_per_week: Spells = ()
    echo: Spells = ()
    """Share of the posts that the public replies to."""
    replies: float = 1.0
    """Replies by the public to a post that gets any, on average; 1 or more."""
    answered: Spells = ()
    """Share of the threads with a word from the public that the organisation answers."""
    jitter: float = 0.8
    """How far into the time between two posts the later one may slip: 0 is clockwork."""


@dataclass(frozen=True, slots=True)
class Contribution:
    """One post or reply. ``number`` is unique in the channel, ``place`` counts from 1 (the post) in its thread."""

    number: int
    thread: int
    place: int
    time: int
    author: str
    title: str
    """The thread's."""
    text: str


@dataclass(frozen=True, slots=True)
class Life:
    """All that was written in a channel, ascending by time."""

    contributions: tuple[Contribution, ...]

    def until(self, moment: int) -> int:
        """How many contributions there were at ``moment`` (Unix seconds), that second included."""
        return bisect_right(self.contributions, moment, key=lambda one: one.time)

    def first(self, count: int) -> Life:
        """The channel when it had ``count`` contributions."""
        return Life(self.contributions[:count])

    @property
    def posts(self) -> list[Contribution]:
        """Newest first."""
        return [one for one in reversed(self.contributions) if one.place == 1]

    @property
    def replies(self) -> list[Contribution]:
        """Newest first."""
        return [one for one in reversed(self.contributions) if one.place > 1]

    @property
    def threads(self) -> dict[int, list[Contribution]]:
        """Each thread's contributions in order, the thread last written in first."""
        found: dict[int, list[Contribution]] = {}
        for one in reversed(self.contributions):
            found.setdefault(one.thread, []).append(one)
        return {thread: members[::-1] for thread, members in found.items()}


@dataclass(frozen=True, slots=True)
class _Said:
    """A contribution before it is numbered: ``thread`` is the index of its post, ``title`` that post's."""

    time: int
    thread: int
    post: bool
    author: str
    title: str
    text: str


def simulate(plan: Plan, now: int, seed: int) -> Life:
    """What was written in the channel up to and including ``now`` (Unix seconds). The same arguments, the same life."""
    chance = np.random.default_rng([seed, zlib.crc32(plan.id.encode())])
    titles = _titles(plan.wording, chance)
    said: list[_Said] = []
    for thread, time in enumerate(sorted(_post_times(plan, now, chance))):
        author = _someone(plan.staff if plan.by_staff else plan.public, chance)
        post = _Said(time, thread, True, author, titles[thread % len(titles)], _text(plan.wording.posts, chance))
        said += [post, *_discussion(plan, post, now, chance)]
    return Life(tuple(_numbered(sorted((one for one in said if one.time <= now), key=_order))))


def level(spells: Spells, days_ago: float) -> float:
    """What held so many days ago."""
    return next((value for since, value in reversed(spells) if days_ago <= since), 0.0)


def _order(one: _Said) -> tuple[int, int, bool]:
    """By time; where a second holds a post and its reply, the post first."""
    return one.time, one.thread, not one.post


def _post_times(plan: Plan, now: int, chance: np.random.Generator) -> Iterator[int]:
    """One post in each stretch of 1 / rate weeks: people keep a rhythm, which chance alone would not."""
    ago = plan.posts_per_week[0][0]
    while ago > 0:
        rate = level(plan.posts_per_week, ago)
        if rate <= 0:
            return
        gap = 7 / rate
        yield _by_day(now, ago - gap * plan.jitter * chance.random(), chance)
        ago -= gap


def _by_day(now: int, days_ago: float, chance: np.random.Generator) -> int:
    """The moment, moved into the hours in which people write."""
    moment = now - int(days_ago * DAY)
    if FIRST_HOUR * 3600 <= moment % DAY < LAST_HOUR * 3600:
        return moment
    return moment - moment % DAY + int(chance.uniform(FIRST_HOUR, LAST_HOUR) * 3600)


def _discussion(plan: Plan, post: _Said, now: int, chance: np.random.Generator) -> Iterator[_Said]:
    """The public's replies to a post, and the organisation's answer in its thread."""
    times = _reply_times(plan, post, now, chance)
    for time in times:
        yield _reply(post, time, _someone(plan.public, chance, post.author), plan.wording.replies, chance)
    asked = min(times, default=None) if plan.by_staff else post.time
    if asked is None:
        return
    time = _later(asked, chance, 0.7, now)
    if chance.random() < level(plan.answered, (now - time) / DAY):
        yield _reply(post, time, _someone(plan.staff, chance), plan.wording.answers, chance)


def _reply_times(plan: Plan, post: _Said, now: int, chance: np.random.Generator) -> list[int]:
    if chance.random() >= level(plan.echo, (now - post.time) / DAY):
        return []
    return [_later(post.time, chance, 1.2, now) for _ in range(1 + chance.poisson(plan.replies - 1))]


def _later(time: int, chance: np.random.Generator, days: float, now: int) -> int:
    """A moment after ``time``, by so many days on average, when people are awake."""
    delay = min(0.02 + chance.exponential(days), LATEST_REPLY_DAYS)
    return max(time + 60, _by_day(now, (now - time) / DAY - delay, chance))


def _reply(post: _Said, time: int, author: str, texts: Sequence[str], chance: np.random.Generator) -> _Said:
    return _Said(time, post.thread, False, author, post.title, _text(texts, chance))


def _someone(names: Sequence[str], chance: np.random.Generator, but: str = "") -> str:
    """One of the names, the first ones oftener: in every channel a few write more than the rest."""
    others = [name for name in names if name != but]
    weights = 1 / np.sqrt(np.arange(1, len(others) + 1))
    return others[int(chance.choice(len(others), p=weights / weights.sum()))]


def _text(texts: Sequence[str], chance: np.random.Generator) -> str:
    return texts[int(chance.integers(len(texts)))]


def _titles(wording: Wording, chance: np.random.Generator) -> list[str]:
    """Every subject with every angle, shuffled."""
    titles = [f"{subject}: {angle}" for subject in wording.subjects for angle in wording.angles]
    return [titles[index] for index in chance.permutation(len(titles))]


def _numbered(said: Sequence[_Said]) -> Iterator[Contribution]:
    """Contributions as a platform numbers them: as they are written, threads by their posts."""
    threads: dict[int, tuple[int, int]] = {}
    for number, one in enumerate(said, start=1):
        thread, place = threads.get(one.thread, (len(threads) + 1, 0))
        threads[one.thread] = (thread, place + 1)
        yield Contribution(number, thread, place + 1, one.time, one.author, one.title, one.text)
