"""What many nights' verdicts come to is known without reading them again, and is what reading them would say."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from monitor.model import NightSum, Standing, Status
from monitor.store import Store, open_store
from monitor.store.schema import verdicts
from tests.store.builders import START, a_diagnosis, a_store

NIGHTS = [f"2024-01-{day:02}" for day in range(1, 10)]
CHANNELS = ("debat", "cykler", "gammel")


def plain_sums(store: Store, among: tuple[str, ...]) -> list[NightSum]:
    """The nights' sums from every verdict of every channel."""
    found: dict[str, NightSum] = {}
    for channel in among:
        for night, status, oxygen in store.verdicts(channel):
            one = found.get(night, NightSum(night))
            found[night] = NightSum(
                night,
                one.judged + 1,
                one.short + (status in (Status.DEAD, Status.STARVING)),
                one.measured + (oxygen is not None),
                one.oxygen + (oxygen or 0),
            )
    return [found[night] for night in sorted(found)]


def plain_turns(store: Store, channel: str, before: str, since: str) -> tuple[tuple[str, Status], ...]:
    """The nights whose status is another than the night before, from every verdict."""
    past = [one for one in store.verdicts(channel) if one[0] < before]
    return tuple(
        (night, status) for (_, old, _), (night, status, _) in pairwise(past) if status != old and night >= since
    )


VERDICTS = st.lists(
    st.tuples(
        st.sampled_from(NIGHTS),
        st.dictionaries(
            st.sampled_from(CHANNELS), st.tuples(st.sampled_from(Status), st.none() | st.integers(0, 100)), min_size=1
        ),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(VERDICTS, st.sampled_from(NIGHTS), st.sampled_from(NIGHTS))
def test_nights_in_any_order_and_judged_again_are_summed_and_turn_as_if_read_one_by_one(
    verdicts: list[tuple[str, dict[str, tuple[Status, int | None]]]], before: str, since: str
) -> None:
    with open_store("sqlite:///:memory:") as store:
        for night, found in verdicts:
            judged = {name: replace(a_diagnosis(status), oxygen=oxygen) for name, (status, oxygen) in found.items()}
            store.save_verdicts(judged, night, START)
            for among in (CHANNELS, CHANNELS[:2]):  # one may have left the config
                assert store.night_sums(among) == plain_sums(store, among)
                latest = max((one.night for one in plain_sums(store, among)), default=None)
                assert store.latest_night(among) == latest
        for channel, one in store.earlier(CHANNELS, before, since).items():
            past = [verdict for verdict in store.verdicts(channel) if verdict[0] < before]
            assert (one.night, one.status) == (past[-1][:2] if past else ("", None))
            assert one.standing == store.standing(channel, before)
            assert one.turns == plain_turns(store, channel, before, since)


def test_the_mean_of_a_night_is_that_of_its_channels_whose_oxygen_is_known(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        found = {"a": a_diagnosis(Status.THIN), "b": replace(a_diagnosis(Status.UNKNOWN), oxygen=None)}
        store.save_verdicts(found, NIGHTS[0], START)
        store.save_verdicts({"b": found["b"]}, NIGHTS[1], START)
        assert [one.mean for one in store.night_sums(["a", "b"])] == [40, None]


def test_verdicts_of_many_channels_are_kept_some_hundred_at_a_time(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        found = {f"c{n}": a_diagnosis(Status.BREATHING) for n in range(1_201)}
        store.save_verdicts(found, NIGHTS[0], START)
        assert store.night_sums(list(found))[0].judged == 1_201
        known = store.earlier(list(found), NIGHTS[1], NIGHTS[0])
        assert {one.standing for one in known.values()} == {Standing(Status.BREATHING, START)}


def test_no_verdicts_are_no_night(tmp_path: Path) -> None:
    with a_store(tmp_path) as store:
        store.save_verdicts({}, NIGHTS[0], START)
        assert store.night_sums([]) == []
        assert store.latest_night(CHANNELS) is None


def test_the_turns_of_earlier_nights_are_looked_up_and_not_searched_for(tmp_path: Path) -> None:
    turned = select(verdicts.c.night).where(verdicts.c.turned, verdicts.c.night >= "2026-01-01")
    with a_store(tmp_path) as store, store._reading() as connection:
        text = turned.compile(connection, compile_kwargs={"literal_binds": True})
        found = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}")]
    assert any("verdicts_turned" in step for step in found)
