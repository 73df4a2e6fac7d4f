"""What the devil's advocate promises: every sentence stands on a figure, and hours are counted once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DAY, Action, ChannelReport, Reason, Sign, Status, Vital
from monitor.oxygen import advise, whether_to_open
from monitor.oxygen.advice import REMARKS
from monitor.oxygen.pledges import speaks_of_dialogue, stated_days
from monitor.oxygen.questions import QUESTIONS
from tests.report.builders import NOW, channel


def one(
    identity: str,
    status: Status,
    owed: float = 1.0,
    people: str = "",
    silent: float = 0.1,
    staff_days: float | None = 3,
    reason: str = "pulse_steady",
    **more: object,
) -> ChannelReport:
    """A channel with answers that take ``owed`` hours a week, and ``people`` of a letter each."""
    given = {
        "hours_per_week": 2.0,
        "sponsor": "Ledelsen",
        "purpose": "Nyt",
        "moderation": "Vi læser.",
        "use_of_input": "x",
    }
    made = channel(identity, status, reasons=[Reason(Sign.PULSE, reason, 1.0, 2.0)], **(given | more))  # type: ignore[arg-type]
    load = Vital(Sign.INVESTMENT, owed, 2.0, "hours", 1.0, 9, facts={"hours_owed": owed, "threads_owed": 4 * owed})
    last = None if staff_days is None else NOW - int(staff_days * DAY)
    vitals = replace(
        made.vitals,
        signs=made.vitals.signs | {Sign.INVESTMENT: load},
        silent_probability=silent,
        silence_days=1.0 if status is not Status.DEAD else 400.0,
        last_staff=last,
    )
    return replace(made, vitals=vitals, people=frozenset(people))


def actions(*reports: ChannelReport) -> dict[str, Action]:
    return {advice.channel: advice.action for advice in advise(reports).channels}


def test_what_breathes_is_left_in_peace_and_what_is_dead_is_closed_with_a_farewell() -> None:
    counsel = advise([one("alive", Status.BREATHING, people="abc"), one("gone", Status.DEAD, people="x")])
    alive, gone = counsel.channels
    assert alive.action is Action.KEEP
    assert gone.action is Action.CLOSE
    assert gone.farewell is not None
    assert gone.farewell.facts["into"] == "Alive"
    assert gone.because.facts["silence_days"] == 400


def test_a_dead_channel_is_merged_where_its_people_already_are() -> None:
    found = advise([one("home", Status.BREATHING, people="abcd"), one("gone", Status.DEAD, people="abx")])
    gone = found.channels[1]
    assert (gone.action, gone.into) == (Action.MERGE, "home")
    assert gone.because.facts["shared"] == 2
    alone = advise([one("home", Status.BREATHING, people="abcd"), one("gone", Status.DEAD, people="axyzvw")])
    assert alone.channels[1].action is Action.CLOSE


def test_nothing_is_merged_into_a_channel_that_is_too_young_to_judge_or_starves_itself() -> None:
    for status in (Status.NEWBORN, Status.STARVING, Status.UNKNOWN, Status.DEAD):
        found = actions(one("home", status, people="abcd"), one("gone", Status.DEAD, people="abx"))
        assert found["gone"] is Action.CLOSE


def test_hours_that_nobody_gives_are_found_and_moved() -> None:
    starving = one("empty", Status.STARVING, staff_days=150, hours_per_week=5.0)
    best = one("best", Status.BREATHING, people="abcdef")
    counsel = advise([starving, best, one("other", Status.BREATHING, people="a")])
    idle = next(remark for remark in counsel.portfolio if remark.code == "idle_hours")
    assert idle.facts == {"hours_idle": 5.0, "hours_pledged": 9.0, "absent_days": pytest.approx(150), "names": "Empty"}
    assert [advice.action for advice in counsel.channels] == [Action.STAFF, Action.CONCENTRATE, Action.KEEP]


def test_a_starving_channel_that_lacks_hours_gets_them_where_there_are_any_and_is_closed_where_not() -> None:
    starving = one("debat", Status.STARVING, owed=6.0, hours_per_week=1.0)
    rich, poor = one("rig", Status.BREATHING, hours_per_week=10.0), one("rig", Status.BREATHING, hours_per_week=1.0)
    assert actions(starving, rich)["debat"] is Action.STAFF
    assert actions(starving, poor)["debat"] is Action.CLOSE
    unknown = one("debat", Status.STARVING, owed=6.0, hours_per_week=None)  # nobody said how many hours there are
    assert actions(unknown, poor)["debat"] is Action.STAFF


def test_the_hours_pledged_keep_those_alive_that_give_most_for_them() -> None:
    counsel = advise(
        [
            one("many", Status.BREATHING, owed=3.0, people="abcdefgh", hours_per_week=3.0),
            one("few", Status.BREATHING, owed=3.0, people="a", hours_per_week=None),
        ]
    )
    (short,) = [remark for remark in counsel.portfolio if remark.code == "capacity_short"]
    assert (short.facts["kept"], short.facts["living"], short.facts["names"]) == (1, 2, "Many")


def test_the_young_the_paused_and_the_unseen_are_given_time() -> None:
    found = actions(
        one("young", Status.NEWBORN),
        one("paused", Status.BREATHING, reason="paused"),
        one("unseen", Status.UNKNOWN, reason="never_read"),
    )
    assert found == {"young": Action.WAIT, "paused": Action.WAIT, "unseen": Action.LOOK}


def test_a_question_is_asked_where_the_config_has_no_answer() -> None:
    bare = one("bare", Status.BREATHING, owner=None, hours_per_week=None, sponsor=None, purpose=" ", moderation=None,
               use_of_input=None)  # fmt: skip
    (advice,) = advise([bare]).channels
    assert [question.code for question in advice.questions] == [
        "purpose_missing", "moderation_missing", "use_missing", "owner_missing", "hours_missing", "sponsor_missing",
    ]  # fmt: skip
    (full,) = advise([one("full", Status.BREATHING)]).channels
    assert full.questions == ()


def answered(report: ChannelReport, **facts: float) -> ChannelReport:
    sign = Vital(Sign.ANSWER, 0.1, 0.5, "share", facts=facts)
    return replace(report, vitals=replace(report.vitals, signs=report.vitals.signs | {Sign.ANSWER: sign}))


def test_a_question_is_asked_where_what_is_measured_contradicts_the_answer() -> None:
    promise = one("debat", Status.STARVING, moderation="We answer within a day.", purpose="At høre brugerne",
                  staff_days=90, owed=5.0)  # fmt: skip
    slow = answered(promise, days=9.0, asked=8.0, answered=2.0)
    codes = [question.code for question in advise([slow]).channels[0].questions]
    assert codes == ["moderation_contradicted", "use_contradicted", "hours_unseen", "sponsor_contradicted"]
    silent = answered(promise, asked=8.0, answered=0.0)
    assert "moderation_unanswered" in [question.code for question in advise([silent]).channels[0].questions]
    prompt = answered(
        one("debat", Status.BREATHING, moderation="We answer within a day."), days=0.8, asked=8.0, answered=8.0
    )
    assert advise([prompt]).channels[0].questions == ()


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("We answer within a day", 1),
        ("We reply within 24 hours.", 1),
        ("Vi svarer inden for en hverdag.", 1.4),
        ("Alle får svar inden for to uger", 14),
        ("Kundeservice svarer samme dag", 1),
        ("We read everything within a day", None),
        ("Kundeservice svarer på hverdage.", None),
        ("Spam is removed within an hour. Answers come when we can.", None),
        ("We delete spam within an hour and answer everyone", None),
        ("We do not answer within a day", None),
        ("Vi svarer inden for 2 dage, og aldrig samme dag", 2),
        ("", None),
        (None, None),
    ],
)
def test_a_promise_is_read_from_plain_words_alone(text: str | None, days: float | None) -> None:
    assert stated_days(text) == (None if days is None else pytest.approx(days))


def test_a_purpose_that_wants_a_dialogue_is_told_from_one_that_wants_readers() -> None:
    assert speaks_of_dialogue("At kunderne kan få svar og hjælpe hinanden.")
    assert speaks_of_dialogue("Listen to those who cycle")
    assert not speaks_of_dialogue("To tell partners abroad what we do, four times a year.")


def test_one_channel_more_is_refused_with_figures_where_others_are_short_of_oxygen() -> None:
    starving = answered(one("debat", Status.STARVING), waiting=12.0)
    no = whether_to_open([starving, one("blog", Status.BREATHING)], "Facebook", 3)
    assert not no.advisable
    assert [reason.code for reason in no.reasons] == ["open_short", "open_elsewhere", "open_stamina"]
    assert no.reasons[1].facts == {"hours": 3, "threads": 12, "name": "Debat", "waiting": 12}
    assert no.reasons[-1].facts["hours_total"] == pytest.approx(3 * 180 / 7)


def test_one_channel_more_is_granted_where_all_breathe_and_the_hours_are_there() -> None:
    yes = whether_to_open([one("blog", Status.BREATHING)], "Forum", 4)
    assert yes.advisable
    assert [reason.code for reason in yes.reasons] == ["open_stamina", "open_questions"]
    assert not whether_to_open([one("blog", Status.BREATHING)], "Forum", 1).advisable
    assert not whether_to_open([], "Forum", 0).advisable


@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(Status)), st.floats(0, 20), st.text("abcdefgh", max_size=8), st.floats(0, 1),
            st.one_of(st.none(), st.floats(0, 400)), st.one_of(st.none(), st.floats(0, 20)),
        ),
        max_size=6,
    )
)  # fmt: skip
def test_every_remark_has_a_known_code_and_a_figure_and_no_hour_is_counted_twice(drawn: list[tuple]) -> None:  # type: ignore[type-arg]
    reports = [
        one(f"c{n}", status, owed, people, silent, staff, hours_per_week=hours, owner="Anna" if n % 2 else None)
        for n, (status, owed, people, silent, staff, hours) in enumerate(drawn)
    ]
    counsel = advise(reports)
    assert counsel.hours_pledged == pytest.approx(sum(report.channel.hours_per_week or 0 for report in reports))
    known = REMARKS | QUESTIONS
    for advice in counsel.channels:
        for remark in (advice.because, *advice.questions, *counsel.portfolio):
            assert set(remark.facts) <= set(known[remark.code])
        if advice.action in (Action.CLOSE, Action.MERGE):
            assert advice.farewell is not None
    for remark in counsel.portfolio:
        assert remark.facts["hours_idle"] <= counsel.hours_pledged if remark.code == "idle_hours" else remark.facts
    kept = [remark for remark in counsel.portfolio if remark.code == "capacity_short"]
    assert all(remark.facts["kept"] <= remark.facts["living"] for remark in kept)  # type: ignore[operator]


def test_an_hour_that_is_left_over_is_given_to_one_channel_alone() -> None:
    weak = [one(f"weak{n}", Status.THIN, owed=4.0, people="abcd"[: n + 1], hours_per_week=1.0) for n in range(3)]
    found = advise([*weak, one("rich", Status.BREATHING, owed=1.0, hours_per_week=5.0)]).channels
    assert [advice.because.code for advice in found] == ["watch_short", "watch_short", "staff_hours", "keep"]


def test_a_planned_pause_is_no_absence() -> None:
    paused = one("paused", Status.STARVING, staff_days=75, reason="paused", hours_per_week=5.0)
    counsel = advise([paused, one("best", Status.BREATHING, people="abc")])
    assert "idle_hours" not in [remark.code for remark in counsel.portfolio]
    assert counsel.channels[0].action is Action.WAIT
    assert "hours_unseen" not in [question.code for question in counsel.channels[0].questions]


def test_too_little_to_judge_is_not_told_as_unread() -> None:
    (little,) = advise([one("little", Status.UNKNOWN, reason="too_little")]).channels
    assert (little.action, little.because.code) == (Action.WAIT, "wait_more")
    (unread,) = advise([one("unread", Status.UNKNOWN, reason="never_read")]).channels
    assert unread.action is Action.LOOK
    assert unread.because.facts == {"last_read": NOW}  # a date: the vital signs stop at the last look themselves


def test_a_name_that_everybody_shares_does_not_make_advice_slow() -> None:
    many = [one(f"c{n}", Status.DEAD if n % 2 else Status.BREATHING, people="ab") for n in range(2000)]
    found = advise(many).channels
    assert {advice.action for advice in found[1::2]} == {Action.MERGE}
