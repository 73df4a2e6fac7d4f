"""What the pure core promises."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import monitor.oxygen
from monitor.model import DAY, CountedReplies, Diagnosis, Event, Kind, Sign, Standing, Status
from monitor.oxygen import (
    CODES,
    Activity,
    Promise,
    backtest,
    diagnose,
    measure,
    staff_matcher,
    weekly,
)

NOW = 1_800_000_000


def posts(days: Sequence[float], author: str = "Bo", now: int = NOW) -> list[Event]:
    """A post so many days ago each, in threads of their own."""
    return [Event(Kind.POST, now - int(day * DAY), author, f"t{day}") for day in days]


def replies(days: Sequence[float], author: str = "Ida", after: float = 1.0) -> list[Event]:
    """A reply ``after`` days to each of those posts."""
    return [Event(Kind.REPLY, NOW - int((day - after) * DAY), author, f"t{day}") for day in days]


def judge(
    events: list[Event],
    promise: Promise = Promise(owner=True),  # noqa: B008
    counted: Sequence[CountedReplies] = (),
    staff: Sequence[str] = (),
    readable: bool = True,
    previous: Standing | None = None,
    now: int = NOW,
) -> Diagnosis:
    activity = Activity.of(events, counted, staff_matcher(staff) if staff else None)
    return diagnose(measure(activity, promise, now), promise, readable, previous, now)


def codes(diagnosis: Diagnosis) -> list[str]:
    return [reason.code for reason in diagnosis.reasons]


WEEKLY = list(range(2, 730, 7))


def test_a_steady_weekly_channel_breathes() -> None:
    found = judge(posts(WEEKLY) + replies(WEEKLY))
    assert found.status is Status.BREATHING
    assert {"pulse_steady", "echo_steady", "circle_steady"} <= set(codes(found))
    assert found.oxygen is not None
    assert found.oxygen > 70


@pytest.mark.parametrize("silent", [5, 60, 91, 130])
def test_a_quarterly_blog_without_replies_breathes(silent: int) -> None:
    found = judge(posts([silent + 91 * n for n in range(12)]))
    assert found.status is Status.BREATHING
    assert "echo_died" not in codes(found)


def test_a_channel_silent_for_years_is_dead() -> None:
    found = judge(posts([800 + 7 * n for n in range(50)]))
    assert found.status is Status.DEAD
    assert found.reasons[0].code == "long_dead"
    assert found.oxygen is not None
    assert found.oxygen < 20


def test_a_weekly_channel_is_dead_well_within_a_year() -> None:
    assert judge(posts([300 + n * 7 for n in range(8)])).status is Status.DEAD


def test_a_young_channel_is_newborn_and_says_its_days_left() -> None:
    found = judge(posts([3, 20, 40]))
    assert found.status is Status.NEWBORN
    assert found.reasons[0].facts["days_left"] == pytest.approx(140)


def test_a_channel_opened_long_ago_is_not_newborn() -> None:
    assert judge(posts([3, 20, 40]), Promise(opened=NOW - 900 * DAY)).status is not Status.NEWBORN


def test_a_young_channel_gone_silent_is_judged() -> None:
    assert judge(posts([100 + n for n in range(20)])).status is Status.STARVING


def test_silence_beyond_its_own_gaps_is_starving() -> None:
    found = judge(posts([45 + 3 * n for n in range(200)]))
    assert found.status is Status.STARVING
    assert found.reasons[0].code == "silent_beyond_life"
    assert found.reasons[0].facts["gap_days"] == pytest.approx(3)


def test_a_collapse_of_posting_is_starving() -> None:
    found = judge(posts([5, 40, *(91 + 2 * n for n in range(180))]))
    assert "pulse_collapsed" in codes(found)
    assert found.status is Status.STARVING


def test_an_owner_who_posts_into_the_void_is_starving() -> None:
    found = judge(posts(WEEKLY) + replies([day for day in WEEKLY if day > 100]))
    assert found.status is Status.STARVING
    assert found.reasons[0].code == "echo_died"


def test_replies_known_from_counts_are_an_echo_too() -> None:
    counted = [CountedReplies(NOW - int((day - 1) * DAY), 2, f"t{day}") for day in WEEKLY]
    found = judge(posts(WEEKLY), counted=counted)
    assert found.status is Status.BREATHING
    assert "echo_steady" in codes(found)


def test_replies_without_threads_are_shared_out() -> None:
    loose = [replace(event, thread="") for event in replies([day for day in WEEKLY if day > 100])]
    assert "echo_died" in codes(judge(posts(WEEKLY) + loose))


def test_half_the_posts_is_thin() -> None:
    found = judge(posts([*range(2, 90, 4), *range(91, 730, 2)]))
    assert found.status is Status.THIN
    assert found.reasons[0].code == "pulse_weaker"


def test_a_broken_promise_is_thin() -> None:
    found = judge(posts(WEEKLY), Promise(posts_per_month=10))
    assert found.status is Status.THIN
    assert found.reasons[0].code == "pulse_below_promise"


def test_fewer_replies_than_before_is_thin() -> None:
    found = judge(posts(WEEKLY) + replies([day for day in WEEKLY if day > 100 or day % 3 == 0]))
    assert found.status is Status.THIN
    assert found.reasons[0].code == "echo_weaker"


def test_staff_who_stopped_answering_starve_the_channel() -> None:
    found = judge(posts(WEEKLY) + replies([d for d in WEEKLY if d > 100], "Anna Holm"), staff=["Anna*"])
    assert "answer_stopped" in codes(found)
    assert found.status is Status.STARVING


def test_staff_who_answer_are_steady_and_slow_ones_are_told() -> None:
    promise = Promise(owner=True, answer_within_days=2)
    quick = judge(posts(WEEKLY) + replies(WEEKLY, "Anna"), promise, staff=["anna"])
    slow = judge(posts(WEEKLY) + replies(WEEKLY, "Anna", after=3.5), promise, staff=["anna"])
    assert "answer_steady" in codes(quick)
    assert slow.status is Status.THIN
    assert slow.reasons[0].code == "answer_slow"
    assert slow.reasons[0].facts["days"] == pytest.approx(3.5)


def test_staff_who_answer_less_than_before_are_slow() -> None:
    answered = [day for day in WEEKLY if day > 100 or day % 3 == 0]
    found = judge(posts(WEEKLY) + replies(answered, "Anna") + replies(WEEKLY, "Ida"), staff=["anna"])
    assert "answer_slow" in codes(found)


def test_a_circle_fallen_to_one_voice_is_told() -> None:
    """Nobody ever replied there: it is a blog that lost its other writers, not a dialogue that became a monologue."""
    many = [replace(event, author=f"a{n % 9}" if n > 13 else "Bo") for n, event in enumerate(posts(WEEKLY))]
    found = judge(many)
    assert found.status is Status.THIN
    assert found.reasons[0].code == "circle_one_voice"


def test_a_shrinking_circle_is_told() -> None:
    many = [replace(event, author=f"a{n % (12 if n > 13 else 2)}") for n, event in enumerate(posts(WEEKLY))]
    assert "circle_shrinking" in codes(judge(many))


def test_too_few_hours_is_thin_and_no_owner_is_told() -> None:
    found = judge(posts([n / 4 for n in range(1, 2000)]), Promise(hours_per_week=1))
    assert found.status is Status.THIN
    assert {"investment_short", "investment_no_owner"} <= set(codes(found))


def test_nothing_ever_is_unknown() -> None:
    assert codes(judge([], readable=False))[0] == "never_read"
    assert codes(judge([]))[0] == "no_entries"
    assert judge([]).status is Status.UNKNOWN
    assert judge([]).oxygen is None


def test_two_old_events_are_too_little() -> None:
    found = judge(posts([20, 300]))
    assert found.status is Status.UNKNOWN
    assert found.reasons[0].code == "too_little"


def test_a_channel_that_cannot_be_looked_at_keeps_its_standing() -> None:
    stood = Standing(Status.BREATHING, NOW - 100 * DAY)
    found = judge(posts([700, 800]), readable=False, previous=stood)
    assert found.standing == stood
    assert found.confidence == 0


def test_a_planned_pause_is_not_silence() -> None:
    days = [62 + 3 * n for n in range(200)]
    pauses = ((NOW - 60 * DAY, NOW + 5 * DAY), (NOW - 50 * DAY, NOW - 40 * DAY))
    found = judge(posts(days), Promise(pauses=pauses))
    assert found.status is Status.BREATHING
    assert codes(found)[0] == "paused"
    assert judge(posts(days)).status is Status.STARVING


def test_a_change_stands_on_the_third_night_and_dates_from_the_first() -> None:
    standing = Standing(Status.BREATHING, 0)
    seen = []
    for night in range(3):
        now = NOW + night * DAY
        found = judge(posts([800, 900, 1000]), previous=standing, now=now)
        standing = found.standing
        seen.append((found.status, found.changed_from))
    assert seen == [(Status.BREATHING, None), (Status.BREATHING, None), (Status.DEAD, Status.BREATHING)]
    assert standing == Standing(Status.DEAD, NOW)


def test_two_runs_in_one_night_are_one_night() -> None:
    before = Standing(Status.BREATHING, 0, Status.DEAD, NOW - 60, 1)
    assert judge(posts([800, 900]), previous=before).standing.candidate_nights == 1


def test_a_night_back_to_normal_forgets_the_candidate() -> None:
    before = Standing(Status.BREATHING, 5, Status.DEAD, NOW - 2 * DAY, 2)
    assert judge(posts(WEEKLY), previous=before).standing == Standing(Status.BREATHING, 5)


def test_a_first_real_verdict_replaces_unknown_at_once() -> None:
    found = judge(posts(WEEKLY), previous=Standing(Status.UNKNOWN, 5))
    assert (found.status, found.changed_from) == (Status.BREATHING, Status.UNKNOWN)


@pytest.mark.parametrize(
    "author",
    ["Anna Holm", "ANNA  HOLM", "Anna Hólm", "anna@x.example", "x@y.example (Anna Holm)", "Anna Holm <q@q.example>"],
)
def test_staff_are_known_however_a_feed_writes_them(author: str) -> None:
    assert staff_matcher(["Anna Holm", "*@x.example"])(author)


def test_staff_are_not_mistaken() -> None:
    matches = staff_matcher(["Søren", "Anna*", "Åse"])
    assert matches("SØREN")
    assert matches("A\u030ase")
    assert not any(matches(name) for name in ("Soren", "Hanna", "", "x@x.example", "Ase", "(" * 9999))
    assert not staff_matcher([])("Anna")


def test_the_weeks_add_up_and_the_last_one_holds_this_moment() -> None:
    activity = Activity.of([Event(Kind.POST, NOW), *replies([5.0])], [CountedReplies(NOW - 8 * DAY, 3)])
    found = weekly(activity, NOW, 4)
    assert [(week.posts, week.replies) for week in found] == [(0, 0), (0, 0), (0, 3), (1, 1)]
    assert found[1].start - found[0].start == 7 * DAY
    assert weekly(activity, NOW, 0) == ()


def test_the_backtest_uses_nothing_later_than_its_moment() -> None:
    times = [NOW + day * DAY for day in range(0, 900, 5)]
    columns: list[list[int]] = [[0] * 180, [0] * 180, list(range(180)), [-1] * 180]
    reply, author, thread, staff = columns
    moments, statuses, scores = backtest(times, reply, author, thread, staff)
    short = backtest(times[:90], reply[:90], author[:90], thread[:90], staff[:90], until=times[89])
    size = len(short[1])
    assert statuses[:size] == short[1]
    assert np.array_equal(scores[:size], short[2])
    assert moments[0] == NOW + 180 * DAY
    assert statuses[0] == "breathing"
    assert statuses[-1] == "dead"
    assert backtest([], [], [], [], [])[1] == []
    with pytest.raises(ValueError, match="every_days"):
        backtest(times, reply, author, thread, staff, every_days=0)


def test_a_reason_tells_only_the_facts_its_code_names() -> None:
    found = judge(posts(WEEKLY) + replies(WEEKLY))
    assert all(set(reason.facts) <= set(CODES[reason.code]) for reason in found.reasons)


def test_the_core_does_no_input_output_and_reads_no_clock() -> None:
    allowed = {
        "__future__",
        "bisect",
        "collections",
        "dataclasses",
        "functools",
        "math",
        "monitor",
        "numpy",
        "re",
        "scipy",
    }
    for path in Path(monitor.oxygen.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert {name.split(".")[0] for name in names} <= allowed | {"typing", "unicodedata"}, path


EVENTS = st.lists(
    st.builds(
        Event,
        st.sampled_from(Kind),
        st.integers(NOW - 1500 * DAY, NOW + 20 * DAY),
        st.sampled_from(["", "Anna", "Bo", "Ida"]),
        st.sampled_from(["", "a", "b", "c", "d"]),
        st.booleans(),
    ),
    max_size=40,
)
COUNTED = st.lists(
    st.builds(CountedReplies, st.integers(NOW - 900 * DAY, NOW), st.integers(0, 9), st.sampled_from(["", "a", "z"])),
    max_size=5,
)
PROMISES = st.builds(
    Promise,
    st.none() | st.floats(0, 100),
    st.none() | st.floats(0, 30),
    st.none() | st.floats(0, 40),
    st.booleans(),
    st.integers(0, 3),
    st.none() | st.integers(NOW - 2000 * DAY, NOW + DAY),
    st.lists(st.tuples(st.integers(NOW - 400 * DAY, NOW), st.integers(NOW - 400 * DAY, NOW + DAY)), max_size=3).map(
        tuple
    ),
)


@settings(max_examples=150, deadline=None)
@given(EVENTS, COUNTED, PROMISES, st.integers(-(10**8), 10**8))
def test_any_life_can_be_measured_and_shifting_it_shifts_nothing(
    events: list[Event], counted: list[CountedReplies], promise: Promise, shift: int
) -> None:
    found = judge(events, promise, counted, ["anna"])
    assert found == judge(events, promise, counted, ["anna"])
    assert found.oxygen is None or 0 <= found.oxygen <= 100
    assert 0 <= found.confidence <= 1
    vitals = measure(Activity.of(events, counted, staff_matcher(["anna"])), promise, NOW)
    assert set(vitals.signs) == set(Sign)
    assert all(vital.health is None or 0 <= vital.health <= 1 for vital in vitals.signs.values())
    later = replace(
        promise,
        opened=None if promise.opened is None else promise.opened + shift,
        pauses=tuple((start + shift, end + shift) for start, end in promise.pauses),
    )
    moved = judge(
        [replace(event, time=event.time + shift) for event in events],
        later,
        [replace(one, time=one.time + shift) for one in counted],
        ["anna"],
        now=NOW + shift,
    )
    assert (moved.status, moved.oxygen, moved.confidence) == (found.status, found.oxygen, found.confidence)
    assert codes(moved) == codes(found)


def test_a_full_window_is_not_taken_for_the_whole_life_of_a_channel() -> None:
    busy = posts([day / 10 for day in range(1, 30)])
    seen_whole = measure(Activity.of(busy), Promise(), NOW)
    windowed = measure(Activity.of(busy), Promise(), NOW, whole=False)
    assert diagnose(seen_whole, Promise(), True, None, NOW).status is Status.NEWBORN
    verdict = diagnose(windowed, Promise(), True, None, NOW)
    assert (verdict.status, verdict.reasons[0].code) == (Status.UNKNOWN, "reach_short")
    assert verdict.reasons[0].facts["reach_days"] == pytest.approx(2.9)
    opened = Promise(opened=NOW - 20 * DAY)
    assert diagnose(measure(Activity.of(busy), opened, NOW, whole=False), opened, True, None, NOW).status is (
        Status.NEWBORN
    )


def test_a_rate_is_taken_over_what_the_window_showed() -> None:
    two_weeks = posts([day / 2 for day in range(1, 29)])
    assert measure(Activity.of(two_weeks), Promise(), NOW, whole=False).signs[Sign.PULSE].value == pytest.approx(
        14, 0.1
    )
    old = posts(WEEKLY)
    assert measure(Activity.of(old), Promise(), NOW, whole=False) == measure(Activity.of(old), Promise(), NOW)


def test_a_verdict_from_silence_is_as_sure_as_the_silence_is_likely_to_last() -> None:
    events = posts([300 + n * 7 for n in range(40)])
    vitals = measure(Activity.of(events), Promise(), NOW)
    assert judge(events).confidence == vitals.silent_probability
    assert judge(posts(WEEKLY)).confidence == pytest.approx(len(posts(WEEKLY)[:65]) / 75, abs=0.05)
