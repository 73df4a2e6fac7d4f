"""The simulation: the same from the same seed, and going as its plan says."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from monitor.demo.sample import PLANS
from monitor.demo.simulate import Plan, Wording, level, simulate
from monitor.model import DAY

NOW = 1_780_000_000
WORDS = Wording(("A", "B"), ("one", "two"), ("Text.",), ("Reply.",), ("Answer.",))
FORUM = Plan(
    id="forum",
    wording=WORDS,
    staff=("Staff",),
    public=("Member 1", "Member 2"),
    by_staff=False,
    posts_per_week=((300, 7.0),),
    echo=((300, 1.0),),
    replies=2.0,
    answered=((300, 1.0), (100, 0.0)),
)
ROLES = re.compile(
    "Redaktionen|Cykelredaktøren|Direktionen|Holdet bag|Praktikanten|Kommunikation|Eksempel Support"
    r"|(Cyklist|Læser|Bruger|Kollega|Prøvekører|Member) \d+"
)


def plan(name: str) -> Plan:
    return next(one for one in PLANS if one.id == name)


def test_the_same_seed_gives_the_same_life_and_another_seed_another() -> None:
    assert simulate(FORUM, NOW, 1) == simulate(FORUM, NOW, 1) != simulate(FORUM, NOW, 2)


@pytest.mark.parametrize("name", [one.id for one in PLANS])
def test_contributions_ascend_and_are_numbered_as_they_come(name: str) -> None:
    life = simulate(plan(name), NOW, 7)
    times = [one.time for one in life.contributions]
    assert times == sorted(times)
    assert times[-1] <= NOW
    assert [one.number for one in life.contributions] == list(range(1, len(times) + 1))
    for members in life.threads.values():
        assert [one.place for one in members] == list(range(1, len(members) + 1))


def test_posts_keep_the_planned_rate() -> None:
    assert len(simulate(FORUM, NOW, 1).posts) in (299, 300)


def test_posts_end_where_the_plan_ends_them() -> None:
    ended = simulate(replace(FORUM, posts_per_week=((300, 7.0), (200, 0.0))), NOW, 1)
    assert max(post.time for post in ended.posts) <= NOW - 199 * DAY


def test_every_thread_is_answered_until_the_staff_stops() -> None:
    answers = [one.time for one in simulate(FORUM, NOW, 1).replies if one.author == "Staff"]
    assert len(answers) == pytest.approx(200, abs=8)
    assert max(answers) <= NOW - 99 * DAY


def test_nobody_replies_to_themselves() -> None:
    life = simulate(FORUM, NOW, 1)
    by = {post.thread: post.author for post in life.posts}
    assert all(one.author != by[one.thread] for one in life.replies)


def test_a_channel_is_cut_at_a_moment() -> None:
    life = simulate(FORUM, NOW, 1)
    middle = life.contributions[50].time
    assert life.until(life.contributions[0].time - 1) == 0
    assert life.until(NOW) == len(life.contributions)
    assert life.first(life.until(middle)).contributions[-1].time == middle


def test_a_level_holds_from_its_day_on_and_nothing_holds_before_the_first() -> None:
    spells = ((100.0, 2.0), (10.0, 1.0))
    assert [level(spells, days) for days in (101, 100, 10.5, 10, 0)] == [0.0, 2.0, 2.0, 1.0, 1.0]


def test_only_roles_write() -> None:
    assert all(ROLES.fullmatch(name) for one in PLANS for name in (*one.staff, *one.public))
