"""Echo: do posts get replies?"""

from __future__ import annotations

import numpy as np

from monitor.model import DAY, Sign, Vital
from monitor.oxygen.activity import Activity, Flags, Ints
from monitor.oxygen.examination import Examination
from monitor.oxygen.intervals import chance_of_so_small_a_share, health, of_share

REPLY_DAYS = 7
"""A post counts as replied to where it drew a reply within so many days."""
FEWEST_POSTS = 3


def echo(exam: Examination) -> Vital:
    """Share of posts that drew a reply within a week (reply rate), against the past; None where nobody ever replied.

    Health is the number of posts that drew one against what was expected, so that a post that nobody replies to takes
    away nothing and gives nothing. Facts: replies a post, and how many posts wait for their first reply.
    """
    life = exam.life
    first = min([*life.times[life.is_reply][:1].tolist(), *life.counted_times[:1].tolist()], default=None)
    facts = {"posts": float(exam.window.posts), "replies": float(exam.window.replies)}
    if first is None:
        return Vital(Sign.ECHO, None, None, "share", None, 0, None, None, facts)
    threaded = _threaded(exam)
    # Posts of the last week may still be answered; posts from before the reply feed's reach could not be seen to be.
    end = max(exam.start, exam.now - REPLY_DAYS * DAY) if threaded else exam.now
    begin = min(exam.past_end, max(exam.past_start, first - REPLY_DAYS * DAY - 1))
    asked, answered = _replied(exam, exam.window, exam.start, end, threaded)
    past = life.between(begin, exam.past_end)
    past_asked, past_answered = _replied(exam, past, begin, exam.past_end, threaded)
    value = answered / asked if asked else None
    low, high = of_share(answered, asked) if asked else (None, None)
    facts |= {"asked": float(asked), "answered": float(answered)} | _depth(exam, past, threaded)
    normal, well = None, None
    if past_asked >= FEWEST_POSTS and past_answered:
        normal = past_answered / past_asked
        a_week = past_answered / exam.weeks(begin, exam.past_end)
        facts["expected"] = asked * normal
        facts["chance"] = chance_of_so_small_a_share(answered, asked, normal)
        well = health(answered, a_week * exam.weeks(exam.start, end))
    events = asked + past_asked
    return Vital(Sign.ECHO, value, normal, "share", well, events, begin + 1, exam.now, facts, low, high)


def _threaded(exam: Examination) -> bool:
    """True where most replies say which thread they belong to; told by the past where it has any reply."""
    past = exam.life.between(0, exam.past_end)
    seen = past if past.is_reply.any() or past.counted.size else exam.life
    known = np.count_nonzero(seen.thread[seen.is_reply] >= 0) + np.count_nonzero(seen.counted_thread >= 0)
    return bool(2 * known >= np.count_nonzero(seen.is_reply) + seen.counted_thread.size)


def _depth(exam: Examination, past: Activity, threaded: bool) -> dict[str, float]:
    """Replies a post now and before, and posts of the window without any reply yet."""
    facts = {}
    for name, part in (("replies_per_post", exam.window), ("replies_per_post_normal", past)):
        if part.posts:
            facts[name] = part.replies / part.posts
    if threaded:
        mine = ~exam.window.is_reply & (exam.window.thread >= 0)
        facts["unanswered"] = float(np.count_nonzero(~np.isin(exam.window.thread[mine], replied_threads(exam.life))))
    return facts


def replied_threads(life: Activity) -> Ints:
    """The threads with any reply, seen or counted."""
    return np.unique(np.concatenate([life.thread[life.is_reply], life.counted_thread]))


def _replied(exam: Examination, part: Activity, begin: int, end: int, threaded: bool) -> tuple[int, int]:
    """Posts in (begin, end], and how many of them drew a reply within a week."""
    if not threaded:  # a reply can only be shared out: as if each fell to a post of its own
        return part.posts, min(part.posts, part.replies)
    life = exam.life
    chosen: Flags = ~life.is_reply & (life.times > begin) & (life.times <= end) & (life.thread >= 0)
    asked, posted = life.thread[chosen], life.times[chosen]
    threads = np.concatenate([life.thread[life.is_reply], life.counted_thread])
    times = np.concatenate([life.times[life.is_reply], life.counted_times])
    order = np.lexsort((times, threads))
    names, index = np.unique(threads[order], return_index=True)
    if names.size == 0:
        return int(asked.size), 0
    first = times[order][index]
    spot = np.minimum(np.searchsorted(names, asked), names.size - 1)
    drew = (names[spot] == asked) & (first[spot] - posted <= REPLY_DAYS * DAY)
    return int(asked.size), int(np.count_nonzero(drew))
