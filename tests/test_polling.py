"""Which feeds a night asks, and what is left on standard error when it is over."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from monitor import polling
from monitor.model import DAY, Entry, FeedState, Kind, Outcome, Reading
from monitor.store import open_store
from tests.loopback import reply, site
from tests.organisation import NOW, Office

POSTS, REPLIES = "http://debat.example/posts", "http://debat.example/replies"
ROOT = Path(__file__).parent.parent


def answers(state: FeedState, now: int) -> Reading:
    """A forum that says "not modified" of its posts though their counts have changed, and whose replies rush by."""
    reading = Reading(state.channel, state.url, Outcome.UPDATED, "", now, state.url, http_status=200, rhythm=3_600)
    if state.url == REPLIES:
        names = [f"{now}-{number}" for number in range(9)]
        rush = tuple(Entry(one, one, Kind.REPLY, now - 3_600 * n - 60, thread="a") for n, one in enumerate(names))
        return replace(reading, digest=str(now), carries_replies=True, entries=rush)
    if state.etag:
        return replace(reading, outcome=Outcome.NOT_MODIFIED, http_status=304, etag=state.etag)
    post = Entry("a", "a", Kind.POST, now - 9 * DAY, thread="a", reply_count=3)
    return replace(reading, digest="a", etag='"1"', stale_validators=True, entries=(post,))


@pytest.mark.parametrize("every", [True, False])
def test_where_more_replies_came_than_are_shown_their_posts_are_read_whole_on_scheduled_nights_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, every: bool
) -> None:
    asked: list[tuple[str, bool]] = []

    def poll(states: Sequence[FeedState], now: int, *_: object, **__: object) -> Iterator[list[Reading]]:
        asked.extend((state.url, state.etag is None) for state in states)
        yield [answers(state, now) for state in states]

    monkeypatch.setattr(polling, "poll_in_batches", poll)
    office = Office(tmp_path).write({"debat": [POSTS, REPLIES]})
    first = int(NOW.timestamp())
    with open_store(office.config.store_url) as store:
        polling.poll_feeds(office.config, store, first)
        asked.clear()
        polling.poll_feeds(office.config, store, first + DAY, every=every)
    assert asked == [(POSTS, False), (REPLIES, True), (POSTS, True)]


def test_a_night_that_is_over_before_its_helpers_have_started_ends_in_silence(tmp_path: Path) -> None:
    """The children that parse are started ahead for a feed that was never read; this one has nothing to parse."""
    with site(feed=reply(404)) as here:
        office = Office(tmp_path).write({"blog": [here.url + "/feed"]})
        command = [sys.executable, "-m", "monitor", "poll", "--quiet", "--config", str(office.path)]
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        for _ in range(5):
            found = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=True)
            assert (found.stdout, found.stderr) == ("", "")
