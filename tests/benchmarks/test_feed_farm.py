"""The farm that readers of feeds are measured on: the same for everybody, and as its plans say. Nothing is timed."""

from __future__ import annotations

import socket
import sys
from collections import Counter
from itertools import pairwise

import feedparser
import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as some

from benchmarks.polling.documents import document
from benchmarks.polling.farm import Running, farm
from benchmarks.polling.feeds import BASE, COUNTED_FROM, DAY, LEAST, MOST, TYPES, Kind, plans
from benchmarks.polling.server import Farm, listener
from monitor.poll.parse import parse

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the farm is on all of 127.0.0.0/8, as Linux has it")
SMALL = 4_000
"""Bytes of a feed, where its size does not matter."""
PLATFORMS = {
    Kind.WORDPRESS: "wordpress",
    Kind.ATOM: "generic",
    Kind.DISCOURSE: "discourse",
    Kind.PHPBB: "phpbb",
    Kind.RDF: "generic",
}


@pytest.fixture(scope="module")
def running():  # type: ignore[no-untyped-def]
    with farm(40, mean_bytes=SMALL) as one:
        yield one


@pytest.fixture(autouse=True)
def _first_night(request: pytest.FixtureRequest) -> None:
    if "running" in request.fixturenames:
        one = request.getfixturevalue("running")
        one.turn(0)
        one.counts()


@given(some.integers(0, 400), some.integers(0, 9), some.integers(0, 5))
def test_a_feed_is_the_same_in_a_farm_of_any_size_and_another_with_another_seed(
    number: int, seed: int, night: int
) -> None:
    one = plans(number + 1, seed, SMALL)[number]
    same = plans(number + 7, seed, SMALL)[number]
    other = plans(number + 1, seed + 1, SMALL)[number]
    assert document(one, night, 80) == document(same, night, 80)
    assert document(one, night, 80) != document(other, night, 80)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_is_well_formed_and_read_as_its_platform_on_every_night(kind: Kind) -> None:
    for plan in [one for one in plans(120) if one.kind is kind][:2]:
        for night in range(3):
            written = document(plan, night, 8300)
            assert not feedparser.parse(written).bozo
            read = parse(written, TYPES[kind], f"http://{plan.host}:8300{plan.path}", BASE + night * DAY)
            newest = plan.newest(night)
            assert read.platform == PLATFORMS[kind]
            assert [one.time for one in read.entries] == [plan.time(newest - at) for at in range(plan.shown)]
            assert LEAST <= plan.shown <= MOST


@settings(max_examples=25)
@given(some.integers(0, 200), some.integers(0, 6))
def test_who_looks_on_every_night_knows_what_the_plan_says(number: int, nights: int) -> None:
    plan = plans(number + 1, mean_bytes=SMALL)[number]
    seen: set[str] = set()
    for night in range(nights + 1):
        read = parse(document(plan, night, 80), TYPES[plan.kind], f"http://{plan.host}{plan.path}", BASE + night * DAY)
        seen |= {one.uid for one in read.entries}
    assert len(seen) == plan.known(nights)


@given(some.integers(0, 300), some.integers(1, 8))
def test_entries_are_in_order_and_what_is_new_came_in_the_day_before_its_poll(number: int, night: int) -> None:
    plan = plans(number + 1)[number]
    times = [plan.time(one) for one in range(COUNTED_FROM - 60, plan.newest(night) + 1)]
    assert all(earlier <= later for earlier, later in pairwise(times))
    new = [plan.time(one) for one in range(plan.newest(night - 1) + 1, plan.newest(night) + 1)]
    assert all(BASE + (night - 1) * DAY < one <= BASE + night * DAY for one in new)


def test_the_mix_is_as_promised() -> None:
    feeds = plans(1_000)
    assert sum(one.etag or one.dated for one in feeds) == 700
    for night in (1, 2, 3):
        changed = [one for one in feeds if one.new(night)]
        assert len(changed) == 200
        assert sum(one.etag or one.dated for one in changed) == 140
        assert {one.new(night) for one in changed} == {1, 2, 3, 4, 5}
    assert Counter(one.kind for one in feeds).keys() == set(Kind)
    assert len({one.host for one in feeds}) == 1_000
    sizes = [len(document(one, 0, 80)) for one in feeds]
    assert sum(sizes) / len(sizes) == pytest.approx(170_000, rel=0.05)


def test_feeds_that_have_validators_are_sent_again_only_when_they_have_changed(running: Running) -> None:
    first = [requests.get(address, timeout=60) for address in running.addresses]
    again = [_ask_again(address, known) for address, known in zip(running.addresses, first, strict=True)]
    assert [one.status_code == 304 for one in again] == [one.etag or one.dated for one in running.plans]
    running.turn(1)
    later = [_ask_again(address, known) for address, known in zip(running.addresses, first, strict=True)]
    for plan, before, after in zip(running.plans, first, later, strict=True):
        assert (after.status_code == 304) is ((plan.etag or plan.dated) and not plan.new(1))
        assert after.status_code == 304 or (after.content != before.content) is bool(plan.new(1))


def _ask_again(address: str, known: requests.Response) -> requests.Response:
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    headers = {asked: known.headers[told] for asked, told in pairs if told in known.headers}
    return requests.get(address, headers=headers, timeout=60)


def test_what_was_asked_is_counted(running: Running) -> None:
    with requests.Session() as session:
        whole = session.get(running.addresses[0], timeout=60)
        session.get(running.addresses[0], headers={"If-None-Match": whole.headers["ETag"]}, timeout=60)
        astray = session.get(running.addresses[0] + "no-such", timeout=60)
    counts = running.counts()
    assert astray.status_code == 404
    assert (counts["whole"], counts["not_modified"], counts["other"]) == (1, 1, 1)
    assert counts["bytes"] == len(whole.content)
    assert running.counts()["whole"] == 0


def test_feeds_that_do_not_fit_in_memory_are_the_same() -> None:
    feeds = plans(20, mean_bytes=SMALL)
    roomy, narrow = Farm(feeds, 80), Farm(feeds, 80, held_bytes=2 * SMALL)
    for night in (0, 1, 2, 0):
        roomy.turn(night)
        narrow.turn(night)
        for plan in feeds:
            request = f"GET {plan.path} HTTP/1.1\r\n".encode()
            assert roomy.answer(request) == narrow.answer(request)
            assert roomy.answer(request)[1] == document(plan, night, 80)


def test_a_large_feed_arrives_whole_however_slowly_it_is_taken() -> None:
    with farm(1, mean_bytes=6_000_000) as running:
        answer = requests.get(running.addresses[0], timeout=60, stream=True)
        assert b"".join(answer.iter_content(7_000)) == document(running.plans[0], 0, running.port)


def test_slow_feeds_answer_too_each_after_its_own_time() -> None:
    with farm(5, mean_bytes=SMALL, median_latency=0.01) as running:
        assert [requests.get(one, timeout=60).status_code for one in running.addresses] == [200] * 5
        assert len(set(running.latencies())) == 5


def test_the_farm_hears_loopback_alone_and_all_of_it() -> None:
    with listener() as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 16).rstrip(b"\0") == b"lo"
        for host in ("127.0.0.1", "127.1.0.1", "127.250.3.9"):
            socket.create_connection((host, sock.getsockname()[1]), 60).close()


def test_the_farm_ends_with_its_block() -> None:
    with farm(1, mean_bytes=SMALL) as running:
        assert requests.get(running.addresses[0], timeout=60).ok
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((running.plans[0].host, running.port), 60)
