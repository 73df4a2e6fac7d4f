"""A night ends in time: however the servers behave, and whatever it leaves for the next night."""

from __future__ import annotations

import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.loopback import reply, site
from tests.organisation import NOW, Office, Served, weekly_posts


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def hangs(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(8)


def outcomes(office: Office, **more: object) -> dict[str, str]:
    return {feed["channel"]: feed["outcome"] for feed in office.json("poll", **more)["feeds"]}  # type: ignore[arg-type]


def test_a_feed_may_take_as_long_as_the_config_says(office: Office) -> None:
    with site(slow=hangs, blog=Served(weekly_posts())) as here:
        office.write({"slow": [here.url + "/slow"], "blog": [here.url + "/blog"]}, more="[poll]\nfetch_seconds = 1\n")
        started = time.monotonic()
        feeds = {feed["channel"]: feed for feed in office.json("poll")["feeds"]}
        assert time.monotonic() - started < 7
    assert "was not done after 1 seconds" in feeds["slow"]["reason"]
    assert feeds["blog"]["outcome"] == "updated"


def test_feeds_whose_turn_did_not_come_are_told_and_come_first_on_the_next_night(office: Office) -> None:
    order: list[str] = []

    def slowly(handler: BaseHTTPRequestHandler) -> None:
        order.append(handler.path)
        time.sleep(2.2)  # longer than the night, and than the time for which one host's feeds are read in one go
        reply(200, weekly_posts())(handler)

    with site(a=slowly, b=slowly) as here:
        channels = {"a": [here.url + "/a"], "b": [here.url + "/b"]}
        office.write(channels, more="[poll]\nnight_minutes = 0.02\n")
        feeds = {feed["channel"]: feed for feed in office.json("run")["feeds"]}
        assert [feeds[name]["outcome"] for name in "ab"] == ["updated", "failed"]
        assert feeds["b"]["reason"].startswith("not asked: the night's time was up")
        status = {one["id"]: one["status"] for one in office.json("status")["channels"]}
        assert status["b"] == "unknown"  # not looked at is not silent
        outcomes(office, now=NOW + timedelta(days=1))
        assert order == ["/a", "/b"]


def test_a_server_that_asks_for_time_gets_it_over_several_runs(office: Office) -> None:
    answers = [reply(429, Retry_After="7200"), reply(200, weekly_posts())]
    asked: list[int] = []

    def busy(handler: BaseHTTPRequestHandler) -> None:
        asked.append(1)
        answers[min(len(asked), 2) - 1](handler)

    with site(feed=busy) as here:
        office.write({"blog": [here.url + "/feed"]})
        assert outcomes(office) == {"blog": "throttled"}
        assert outcomes(office, now=NOW + timedelta(hours=1)) == {"blog": "throttled"}
        assert len(asked) == 1
        assert outcomes(office, now=NOW + timedelta(hours=3)) == {"blog": "updated"}


def test_a_feed_that_is_gone_is_retired_and_looked_at_once_a_week(office: Office) -> None:
    gone = Served(b"", status=410)
    with site(feed=gone) as here:
        office.write({"blog": [here.url + "/feed"]})
        nights = [outcomes(office, now=NOW + timedelta(days=day)) for day in (0, 1, 2, 6)]
        assert nights == [{"blog": "gone"}] * 4
        assert len(gone.asked) == 1
        gone.status, gone.body = 200, weekly_posts()
        assert outcomes(office, now=NOW + timedelta(days=8)) == {"blog": "updated"}


def test_a_feed_that_moves_is_asked_at_its_new_address_after_some_nights(office: Office) -> None:
    old, new = [], Served(weekly_posts())

    def moved(handler: BaseHTTPRequestHandler) -> None:
        old.append(1)
        reply(301, Location="/new")(handler)

    with site(feed=moved, new=new) as here:
        office.write({"blog": [here.url + "/feed"]})
        nights = [outcomes(office, now=NOW + timedelta(days=day))["blog"] for day in range(5)]
        assert nights == ["moved", "moved", "moved", "not_modified", "not_modified"]
        assert (len(old), len(new.asked)) == (3, 5)


def test_a_feed_that_keeps_failing_is_asked_every_night_and_less_often_in_between(office: Office) -> None:
    broken = Served(b"", status=404)
    with site(feed=broken) as here:
        office.write({"blog": [here.url + "/feed"]})
        for day in range(6):
            outcomes(office, now=NOW + timedelta(days=day))
        assert len(broken.asked) == 6
        for hour in range(1, 24):
            feeds = office.json("poll", now=NOW + timedelta(days=5, hours=hour))["feeds"]
            assert feeds[0]["outcome"] == "failed"
            assert "there is nothing at this address" in feeds[0]["reason"]
        assert len(broken.asked) < 9
        broken.status, broken.body = 200, weekly_posts()
        assert outcomes(office, now=NOW + timedelta(days=6)) == {"blog": "updated"}
