"""What is said of a sign beside its value: how sure it is, and its further figures."""

from __future__ import annotations

import pytest

from monitor.model import Look, Organisation, Sign, Vital
from monitor.report.details import DETAILS, course, details, interval, trend
from monitor.report.words import Words

ENGLISH = Words.of(Organisation("E", "en", "Europe/Copenhagen"))
DANISH = Words.of(Organisation("E", "da", "Europe/Copenhagen"))
FACTS = {
    Sign.PULSE: {"gap_days": 7.0, "long_gap_days": 12.0, "gaps": 40.0},
    Sign.ECHO: {"replies_per_post": 0.8, "replies_per_post_normal": 2.25, "unanswered": 4.0},
    Sign.ANSWER: {"days": 0.5, "days_90": 3.0, "waiting": 1.0},
    Sign.CIRCLE: {
        **{"authors": 5.0, "newcomers": 2.0, "returning": 3.0, "share": 0.5, "effective": 3.2},
        **{"share_low": 0.3, "share_high": 0.7, "staff_share": 0.25},
    },
    Sign.INVESTMENT: {"threads_owed": 3.5, "minutes": 15.0},
}
TOLD = {
    Sign.PULSE: ("Usually 7 days go by between contributions; one time in ten it is 12 days or more.",),
    Sign.ECHO: ("Replies per post: 0.8, where 2.2 is normal.", "4 posts wait for their first reply."),
    Sign.ANSWER: (
        "Half of the first answers come within 12 hours, and nine in ten within 3 days.",
        "1 thread waits for an answer.",
    ),
    Sign.CIRCLE: (
        "New: 2. Returning: 3.",
        "The most diligent writes 50% (90 % sure: 30% to 70%); it is as if 3.2 people wrote equally much.",
        "The organisation's own part of the talk: 25%.",
    ),
    Sign.INVESTMENT: ("Threads to answer a week: 3.5, reckoned at 15 minutes each.",),
}


def vital(sign: Sign, facts: dict[str, float] | None = None, value: float | None = 1.0) -> Vital:
    return Vital(sign, value, 1.0, "share", facts=facts or {})


@pytest.mark.parametrize("sign", Sign)
def test_every_sign_tells_its_further_figures(sign: Sign) -> None:
    assert details(vital(sign, FACTS[sign]), ENGLISH) == TOLD[sign]
    danish = details(vital(sign, FACTS[sign]), DANISH)
    assert len(danish) == len(TOLD[sign])
    assert not set(danish) & set(TOLD[sign])


@pytest.mark.parametrize("sign", Sign)
def test_a_figure_that_is_not_known_is_not_told(sign: Sign) -> None:
    assert details(vital(sign), ENGLISH) == ()
    assert details(vital(sign, FACTS[sign], value=None), ENGLISH) == ()
    for missing in FACTS[sign]:
        rest = {name: fact for name, fact in FACTS[sign].items() if name != missing}
        assert all(one.endswith(".") for one in details(vital(sign, rest), ENGLISH))
    assert set(DETAILS) == set(Sign)


def test_an_interval_is_in_the_unit_of_its_value() -> None:
    share = Vital(Sign.ECHO, 0.5, 0.4, "share", low=0.25, high=0.75)
    monthly = Vital(Sign.PULSE, 0.25, 0.3, "per_week", low=0.1, high=0.5)
    weekly = Vital(Sign.PULSE, 2.5, 3.0, "per_week", low=1.94, high=3.2)
    assert interval(share, ENGLISH) == "90 % sure: 25% to 75%"
    assert interval(monthly, ENGLISH) == "90 % sure: 0.4 to 2.2"
    assert interval(weekly, DANISH) == "90 % sikkert: 1,9 til 3,2"
    assert interval(vital(Sign.ECHO), ENGLISH) == ""
    assert interval(Vital(Sign.ECHO, 0.5, None, "share", low=float("nan"), high=1.0), ENGLISH) == ""


def looks(*values: int | None) -> tuple[Look, ...]:
    return tuple(Look(place, value) for place, value in enumerate(values))


def test_a_trend_says_what_the_oxygen_was() -> None:
    assert trend(looks(90, 85, 80, 71), ENGLISH) == "it was 71 three months ago, and 80 half a year ago"
    assert trend(looks(None, None, None, 71), DANISH) == "det var 71 for tre måneder siden"
    assert trend(looks(90, 85, 80, None), ENGLISH) == ""
    assert trend((), ENGLISH) == ""


def test_a_signs_course_is_told_quarter_by_quarter_in_its_own_unit() -> None:
    vital = Vital(Sign.ECHO, 0.25, 0.5, "share")
    seen = tuple(Look(place, None, {Sign.ECHO: value}) for place, value in enumerate((0.5, None, 0.4, 0.3)))
    assert course(vital, seen, ENGLISH) == "From quarter to quarter: 50% → – → 40% → 30% → 25%."
    assert course(vital, (), ENGLISH) == ""
