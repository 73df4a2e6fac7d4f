"""Oxygen: more life never takes any away."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from monitor.model import DAY, Event, Kind, Sign, Vitals
from monitor.oxygen import Activity, Promise, looks_back, measure, of_organisation, oxygen, staff_matcher
from monitor.oxygen.recipe import WEIGHTS, exact_oxygen
from tests.oxygen.builders import NOW, posts, replies

WEEKLY = list(range(2, 730, 7))
STAFF = staff_matcher(["Anna"])
USERS = ["Bo", "Ida", "Kim", "Lis"]


def breath(events: list[Event], promise: Promise) -> float | None:
    return exact_oxygen(measure(Activity.of(events, (), STAFF), promise, NOW))


def test_a_channel_as_it_always_was_has_nearly_all_its_oxygen() -> None:
    promise = Promise(owner=True, hours_per_week=4, questions_answered=3)
    found = oxygen(measure(Activity.of(posts(WEEKLY) + replies(WEEKLY), (), STAFF), promise, NOW))
    assert found is not None
    assert found >= 95


def test_the_recipe_is_a_weighted_geometric_mean() -> None:
    vitals = measure(Activity.of(posts(WEEKLY) + replies(WEEKLY), (), STAFF), Promise(owner=True), NOW)
    healths = {sign: vital.health for sign, vital in vitals.signs.items() if vital.health is not None}
    product, total = 1.0, sum(WEIGHTS[sign] for sign in healths)
    for sign, health in healths.items():
        product *= health ** (WEIGHTS[sign] / total)
    assert exact_oxygen(vitals) == pytest.approx(100 * product)
    assert sum(WEIGHTS.values()) == pytest.approx(1)


def test_nothing_is_told_where_only_the_investment_is_known() -> None:
    assert oxygen(measure(Activity.of(posts([3]), (), STAFF), Promise(owner=True, hours_per_week=3), NOW)) is None


def test_the_trend_tells_what_was_known_then() -> None:
    dying = Activity.of(posts([day for day in WEEKLY if day > 120]), (), STAFF)
    year, _, half, quarter = looks_back(dying, Promise(owner=True), NOW)
    assert (year.moment, half.moment, quarter.moment) == (NOW - 360 * DAY, NOW - 180 * DAY, NOW - 90 * DAY)
    now = oxygen(measure(dying, Promise(owner=True), NOW))
    assert half.oxygen is not None
    assert quarter.oxygen is not None
    assert now is not None
    assert half.oxygen > quarter.oxygen > now
    seen = Activity.of([event for event in posts(WEEKLY) if event.time <= quarter.moment], (), STAFF)
    then = measure(seen, Promise(owner=True), quarter.moment)
    looked = looks_back(Activity.of(posts(WEEKLY), (), STAFF), Promise(owner=True), NOW)[-1]
    assert looked.oxygen == oxygen(then)
    assert looked.values == {sign: vital.value for sign, vital in then.signs.items()}


def test_an_organisation_breathes_as_its_channels_do_on_average() -> None:
    assert of_organisation([80, 40, None]) == 60
    assert of_organisation([None]) is None
    assert of_organisation([]) is None


@st.composite
def channels(draw: st.DrawFn) -> list[Event]:
    """Two years of posts by users and staff, some of them replied to."""
    events: list[Event] = []
    for number, day in enumerate(draw(st.lists(st.floats(0.1, 700), min_size=8, max_size=40))):
        author = draw(st.sampled_from([*USERS, "Anna"]))
        events.append(Event(Kind.POST, NOW - int(day * DAY), author, f"t{number}"))
        for after in draw(st.lists(st.floats(0, 20), max_size=2)):
            who = draw(st.sampled_from([*USERS, "Anna"]))
            events.append(Event(Kind.REPLY, min(NOW, NOW - int((day - after) * DAY)), who, f"t{number}"))
    return events


PROMISES = st.builds(
    Promise,
    hours_per_week=st.none() | st.floats(0, 20),
    owner=st.booleans(),
    questions_answered=st.integers(0, 3),
)


def more(events: list[Event], kind: str, day: float, pick: int) -> list[Event]:
    """One more in the last 90 days: a reply by a user or by staff, a post by staff, a question that staff answers."""
    time = NOW - int(day * DAY)
    threads = sorted({event.thread for event in events if event.kind is Kind.POST and event.time <= time})
    if kind == "staff post":
        return [Event(Kind.POST, time, "Anna", "new")]
    if kind == "answered question":
        return [Event(Kind.POST, time, "Ny", "new"), Event(Kind.REPLY, min(NOW, time + DAY), "Anna", "new")]
    assume(threads)
    return [Event(Kind.REPLY, time, "Anna" if kind == "staff reply" else "Bo", threads[pick % len(threads)])]


@settings(max_examples=300, deadline=None)
@given(
    channels(),
    PROMISES,
    st.sampled_from(["staff reply", "reply", "staff post", "answered question"]),
    st.floats(0.01, 89.9),
    st.integers(0, 1000),
)
def test_more_life_never_lowers_oxygen(events: list[Event], promise: Promise, kind: str, day: float, pick: int) -> None:
    """All else equal: a question that is left waiting is no life given, so a reply must not open a new one."""
    added = more(events, kind, day, pick)
    if kind == "reply":
        public = {event.thread for event in events if event.author != "Anna"}
        assume(added[0].thread in public)
        first = min(event.time for event in events if event.thread == added[0].thread and event.author != "Anna")
        assume(first <= added[0].time)
    before, after = breath(events, promise), breath(events + added, promise)
    if before is not None:
        assert after is not None
        assert after >= before - 1e-9


@settings(max_examples=100, deadline=None)
@given(channels(), PROMISES, st.sampled_from(list(Sign)), st.floats(0, 1))
def test_better_health_of_any_sign_never_lowers_oxygen(
    events: list[Event], promise: Promise, sign: Sign, raised: float
) -> None:
    vitals = measure(Activity.of(events, (), STAFF), promise, NOW)
    health = vitals.signs[sign].health
    before = exact_oxygen(vitals)
    assume(health is not None and before is not None)
    assert health is not None
    assert before is not None
    better = replace(vitals.signs[sign], health=health + (1 - health) * raised)
    after = exact_oxygen(_with(vitals, sign, better))
    assert after is not None
    assert after >= before - 1e-9


def _with(vitals: Vitals, sign: Sign, vital: object) -> Vitals:
    return replace(vitals, signs={**vitals.signs, sign: vital})  # type: ignore[dict-item]
