"""Each vital sign: what it measures, what it is held against, how sure it is, and when it says too little to tell."""

from __future__ import annotations

import pytest
from scipy.stats import beta, poisson

from monitor.model import DAY, Sign
from monitor.oxygen import Promise
from monitor.oxygen.intervals import health, of_count, of_share
from tests.oxygen.builders import NOW, posts, replies, taken

WEEKLY = list(range(2, 470, 7))
WINDOW_WEEKS = 90 / 7


def test_pulse_is_posts_a_week_against_the_year_before() -> None:
    found = taken(Sign.PULSE, posts([*range(1, 90, 10), *range(91, 470, 5)]))
    assert found.value == pytest.approx(9 / WINDOW_WEEKS)
    assert found.normal == pytest.approx(7 / 5, rel=0.03)
    assert found.facts["gap_days"] == pytest.approx(5)
    assert (found.since, found.until) == (NOW - 455 * DAY + 1, NOW)


def test_pulse_is_held_against_a_promise_where_there_is_one() -> None:
    found = taken(Sign.PULSE, posts(WEEKLY), Promise(posts_per_month=8))
    assert found.normal == pytest.approx(8 * 12 / (365.25 / 7))
    assert found.facts["own_normal"] == pytest.approx(1, rel=0.05)
    assert found.health is not None
    assert found.health < 0.7


def test_a_silence_that_began_before_the_window_is_no_normal() -> None:
    found = taken(Sign.PULSE, posts([400 + 7 * n for n in range(60)]))
    assert found.normal == pytest.approx(335 / 365, rel=0.05), "the year ends a month into the silence"
    assert found.value == 0


def test_a_silence_takes_its_breath_away_even_where_few_posts_were_expected() -> None:
    quarterly = posts([800 + 91 * n for n in range(9)])
    assert taken(Sign.PULSE, quarterly).health == pytest.approx(2 * 91 / 800, rel=0.01)


def test_pulse_says_too_little_to_tell() -> None:
    assert taken(Sign.PULSE, []).value is None
    young = taken(Sign.PULSE, posts([1, 2, 3]))
    assert (young.value, young.health) == (None, None), "half a week has no posts a week"
    seldom = taken(Sign.PULSE, posts([10, 200, 300]))
    assert seldom.health is None, "two posts are no normal"


def test_a_feed_of_comments_alone_is_its_own_pulse() -> None:
    assert taken(Sign.PULSE, replies(WEEKLY)).value == pytest.approx(1, rel=0.1)


def test_echo_is_the_share_of_posts_with_a_reply_within_a_week() -> None:
    days = list(range(10, 470, 5))
    recent, old = [day for day in days if day < 90], [day for day in days if day >= 90]
    events = posts(days) + replies(recent[::4], after=2) + replies(recent[1::4], after=9) + replies(old[::2])
    found = taken(Sign.ECHO, events)
    asked = len(recent)
    assert found.facts["asked"] == asked
    assert found.value == pytest.approx(len(recent[::4]) / asked), "a reply after nine days is no echo"
    assert found.normal == pytest.approx(0.5, abs=0.02)
    assert found.facts["replies_per_post"] == pytest.approx(len(recent[::4] + recent[1::4]) / asked, abs=0.1)
    assert found.facts["unanswered"] == asked - len(recent[::4] + recent[1::4])


def test_posts_of_the_last_week_may_still_be_answered() -> None:
    found = taken(Sign.ECHO, posts([1, 2, 3, *range(10, 470, 5)]) + replies(range(10, 470, 5)))
    assert found.value == 1


def test_echo_says_too_little_to_tell() -> None:
    assert taken(Sign.ECHO, posts(WEEKLY)).value is None, "nobody ever replied: perhaps nobody can"
    fresh = taken(Sign.ECHO, posts(WEEKLY) + replies([16, 23]))
    assert (fresh.normal, fresh.health) == (None, None), "replies are new: there is no normal yet"


def test_answer_is_the_share_of_users_threads_that_staff_answered_in_time() -> None:
    days = list(range(10, 470, 5))
    recent, old = [day for day in days if day < 90], [day for day in days if day >= 90]
    events = posts(days) + replies(recent[::2], "Anna", after=1) + replies(recent[1::4], "Anna", after=6)
    found = taken(Sign.ANSWER, events + replies(old, "Anna"), Promise(answer_within_days=3), staff=["Anna"])
    assert found.value == pytest.approx(len(recent[::2]) / len(recent))
    assert found.normal == 1
    assert found.facts["late"] == len(recent[1::4])
    assert found.facts["waiting"] == len(recent) - len(recent[::2]) - len(recent[1::4])
    assert found.facts["days"] == pytest.approx(1)
    assert found.facts["days_90"] == pytest.approx(6)
    assert found.facts["days_normal"] == pytest.approx(1)


def test_a_question_that_can_still_be_answered_in_time_is_not_counted_against_the_organisation() -> None:
    days = [1, 2, 4, *range(10, 470, 5)]
    found = taken(Sign.ANSWER, posts(days) + replies(days[3:], "Anna"), staff=["Anna"])
    assert found.value == 1


def test_answer_says_too_little_to_tell() -> None:
    assert taken(Sign.ANSWER, posts(WEEKLY) + replies(WEEKLY)).value is None, "nobody is known to be staff"
    few = taken(Sign.ANSWER, posts([200, 30, 40]) + replies([200], "Anna"), staff=["Anna"])
    assert few.value is None


def test_circle_is_how_many_people_take_part() -> None:
    events = [event for number, day in enumerate(range(1, 470, 3)) for event in posts([day], f"a{number % 10}")]
    found = taken(Sign.CIRCLE, events + posts([5.5], "newcomer"))
    assert (found.value, found.facts["newcomers"], found.facts["returning"]) == (11, 1, 10)
    assert found.normal == pytest.approx(10)
    assert found.facts["effective"] == pytest.approx(31**2 / (10 * 9 + 1), rel=0.02)


def test_concentration_is_the_share_of_the_top_author() -> None:
    found = taken(Sign.CIRCLE, posts(range(1, 81, 2), "Bo") + posts([6.5, 8.5], "Ida") + posts(range(91, 470, 4)))
    assert found.facts["share"] == pytest.approx(40 / 42)
    assert found.facts["effective"] < 1.2
    assert found.facts["share_low"] < 40 / 42 < found.facts["share_high"]


def test_the_staffs_part_of_the_talk_is_told() -> None:
    found = taken(Sign.CIRCLE, posts(range(1, 80, 2), "Anna") + posts(range(2, 80, 4), "Bo"), staff=["Anna"])
    assert found.facts["staff_share"] == pytest.approx(40 / 60)


def test_investment_is_answers_owed_at_fifteen_minutes_against_hours_pledged() -> None:
    found = taken(Sign.INVESTMENT, posts(range(1, 470)), Promise(owner=True, hours_per_week=1, questions_answered=3))
    assert found.value == pytest.approx(7 * 0.25, rel=0.02)
    assert found.normal == 1
    assert found.facts["minutes"] == 15
    assert found.health == pytest.approx(0.3 + 0.3 + 0.3 / 1.75 + 0.1, rel=0.02)
    anna = taken(Sign.INVESTMENT, posts(range(1, 90), "Anna"), staff=["Anna"])
    assert anna.value == 0, "nobody owes staff an answer"


@pytest.mark.parametrize("count", [0, 1, 3, 40])
def test_a_count_interval_leaves_one_in_twenty_on_either_side(count: int) -> None:
    low, high = of_count(count)
    assert poisson.cdf(count, high) == pytest.approx(0.05)
    assert count == 0 or poisson.sf(count - 1, low) == pytest.approx(0.05)
    assert low <= count <= high


@pytest.mark.parametrize(("some", "everybody"), [(0, 4), (4, 4), (1, 3), (30, 90), (0, 0)])
def test_a_share_interval_holds_the_share_and_nine_in_ten_of_the_truth(some: int, everybody: int) -> None:
    low, high = of_share(some, everybody)
    assert 0 <= low <= (some / everybody if everybody else 0.5) <= high <= 1
    if 0 < some < everybody:  # Jeffreys: the middle nine tenths of the beta posterior with half an event added to each
        assert beta.cdf([low, high], some + 0.5, everybody - some + 0.5) == pytest.approx([0.05, 0.95])


def test_few_events_make_wide_intervals() -> None:
    few = taken(Sign.PULSE, posts([20, 200, 300, 310, 400, 410]))
    many = taken(Sign.PULSE, posts([n / 5 for n in range(1, 2300)]))
    assert few.low is not None
    assert few.high is not None
    assert few.high > 10 * max(few.low, 0.01)
    assert many.low is not None
    assert many.high is not None
    assert many.high < 1.2 * many.low


def test_one_missing_out_of_one_expected_is_no_collapse() -> None:
    assert health(0, 1) == 0.5
    assert health(5, 1) == 1
    assert health(0, 99) == 0.01
