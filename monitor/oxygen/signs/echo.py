"""Echo: do posts get replies?"""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Sign, Vital
from monitor.oxygen.activity import Activity, Flags, Ints
from monitor.oxygen.counting import first_places, is_among
from monitor.oxygen.examination import SHORTEST_PAST_WEEKS, Examination
from monitor.oxygen.intervals import chance_of_so_small_a_share, health, of_share

REPLY_DAYS = 7
"""A post counts as replied to where it drew a reply within so many days."""
FEWEST_POSTS = 3


def echo(exam: Examination) -> Vital:
    """Share of posts that drew a reply within a week (reply rate), against the past; None where nobody ever replied.

    Health is the number of posts that drew one against what was expected, so that a post that nobody replies to takes
    away nothing and gives nothing. Facts: replies a post, and how many posts wait for their first reply.
    """
    facts = {"posts": float(exam.window.posts), "replies": float(exam.window.replies)}
    if _first_reply(exam.life) is None:
        return Vital(Sign.ECHO, None, None, "share", None, 0, None, None, facts)
    then = exam.life.before(exam.start)
    threaded = _threaded(exam.life if _first_reply(then) is None else then)
    patience = REPLY_DAYS * DAY if threaded else 0
    # Posts of the last week may still be answered; posts from before the reply feed's reach could not be seen to be.
    asked, answered = _replied(exam.life, exam.start, exam.now - patience, threaded)
    begin, end = _reach(exam, then, patience)
    past_asked, past_answered = _replied(then, begin, end, threaded)
    value = answered / asked if asked else None
    low, high = of_share(answered, asked) if asked and not exam.bare else (None, None)
    facts |= {"asked": float(asked), "answered": float(answered)}
    if not exam.bare:
        facts |= _depth(exam, then.between(begin, end), threaded)
    normal, well = None, None
    weeks = exam.weeks(begin, end)
    if past_asked >= FEWEST_POSTS and past_answered and weeks >= SHORTEST_PAST_WEEKS:
        normal, a_week = past_answered / past_asked, past_answered / weeks
        if not exam.bare:
            facts |= {"expected": asked * normal, "chance": chance_of_so_small_a_share(answered, asked, normal)}
        well = health(answered, a_week * exam.weeks(exam.start, exam.now - patience))
    events = asked + past_asked
    return Vital(Sign.ECHO, value, normal, "share", well, events, begin + 1, exam.now, facts, low, high)


def _first_reply(life: Activity) -> int | None:
    seen = int(life.is_reply.argmax()) if life.is_reply.size else 0
    found = [int(life.times[seen])] if life.is_reply.size and life.is_reply[seen] else []
    return min([*found, *life.counted_times[:1].tolist()], default=None)


def _reach(exam: Examination, then: Activity, patience: int) -> tuple[int, int]:
    """Between which moments the posts of the past lie that could be seen to be replied to before the window."""
    end = max(exam.past_start, min(exam.past_end, exam.start - patience))
    first = _first_reply(then)
    return (end, end) if first is None else (min(end, max(exam.past_start, first - REPLY_DAYS * DAY - 1)), end)


def _threaded(life: Activity) -> bool:
    """True where most replies say which thread they belong to."""
    known = np.count_nonzero(life.thread[life.is_reply] >= 0) + np.count_nonzero(life.counted_thread >= 0)
    return bool(2 * known >= np.count_nonzero(life.is_reply) + life.counted_thread.size)


def _depth(exam: Examination, past: Activity, threaded: bool) -> dict[str, float]:
    """Replies a post now and before, and posts of the window without any reply yet."""
    facts = {}
    for name, part in (("replies_per_post", exam.window), ("replies_per_post_normal", past)):
        if part.posts:
            facts[name] = part.replies / part.posts
    if threaded:
        mine = ~exam.window.is_reply & (exam.window.thread >= 0)
        facts["unanswered"] = float(np.count_nonzero(~is_among(exam.window.thread[mine], replied_threads(exam.life))))
    return facts


def replied_threads(life: Activity) -> Ints:
    """The thread of every reply, seen or counted, that tells it."""
    threads = np.concatenate([life.thread[life.is_reply], life.counted_thread])
    return threads[threads >= 0]


def _replied(life: Activity, begin: int, end: int, threaded: bool) -> tuple[int, int]:
    """Posts in (begin, end], and how many of them drew a reply within a week, going by ``life``."""
    if not threaded:  # a reply can only be shared out: as if each fell to a post of its own
        part = life.between(begin, end)
        return part.posts, min(part.posts, part.replies)
    life = life.between(begin - REPLY_DAYS * DAY, end + REPLY_DAYS * DAY)
    chosen: Flags = ~life.is_reply & (life.times > begin) & (life.times <= end) & (life.thread >= 0)
    asked, posted = life.thread[chosen], life.times[chosen]
    threads = np.concatenate([life.thread[life.is_reply], life.counted_thread])
    times = np.concatenate([life.times[life.is_reply], life.counted_times])
    if life.counted_times.size:  # each of the two ascends; together they do not
        order = np.argsort(times, kind="stable")
        threads, times = threads[order], times[order]
    known = threads >= 0
    threads, times = threads[known], times[known]
    names, index = first_places(threads)
    if names.size == 0:
        return int(asked.size), 0
    first = times[index]
    spot = np.minimum(np.searchsorted(names, asked), names.size - 1)
    drew = (names[spot] == asked) & (first[spot] - posted <= REPLY_DAYS * DAY)
    return int(asked.size), int(np.count_nonzero(drew))
