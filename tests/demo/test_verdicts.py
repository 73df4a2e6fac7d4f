"""The sample organisation, watched night after night by the real poller, store and core: every status there is."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from monitor.config import load
from monitor.demo import SAMPLE_BASE, DemoServer, demo_config_text, past_nights
from monitor.demo.server import BROKEN, FEEDS
from monitor.examination import examine, night_of
from monitor.model import DAY, ChannelReport, Status
from monitor.poll import poll
from monitor.store import open_store

SUMMER = int(datetime(2026, 7, 3, 1, 30, tzinfo=UTC).timestamp())
WINTER = int(datetime(2027, 1, 19, 22, 45, tzinfo=UTC).timestamp())
JUDGED = 15
EXPECTED = {
    "cykelblog": (Status.BREATHING, "pulse_steady"),
    "ledelsesblog": (Status.STARVING, "echo_died"),
    "debat": (Status.STARVING, "answer_stopped"),
    "teamblog": (Status.DEAD, "long_dead"),
    "kvartalsnyt": (Status.BREATHING, "pulse_steady"),
    "beta-forum": (Status.NEWBORN, "newborn"),
    "intranet": (Status.UNKNOWN, "never_read"),
    "community": (Status.THIN, "pulse_weaker"),
}


def watched(folder: Path, now: int, seed: int, nights: int) -> dict[str, ChannelReport]:
    """Poll the sample on so many nights, judge the last ones, and give the last night's findings."""
    moments = (*past_nights(now), now)[-nights:]
    with DemoServer(now, seed) as server, ThreadPoolExecutor(2) as executor:
        path = folder / "demo.toml"
        path.write_text(demo_config_text(server.base_url, now), encoding="utf-8")
        config = load(path)
        with open_store(config.store_url) as store:
            for moment in moments:
                server.as_of = moment
                for reading in poll(store.feed_states(config.channels), moment, executor):
                    store.record(reading)
                if moment in moments[-JUDGED:]:
                    night = examine(config, store, moment)
                    for one in night.channels:
                        store.save_verdict(one.channel.id, night_of(moment, config.zone), one.diagnosis, moment)
    return {one.channel.id: one for one in night.channels}


@pytest.mark.parametrize(("now", "seed", "nights"), [(SUMMER, 7, 40), (WINTER, 3, 40)])
def test_each_channel_has_the_verdict_its_life_deserves(tmp_path: Path, now: int, seed: int, nights: int) -> None:
    found = watched(tmp_path, now, seed, nights)
    told = {name: (one.diagnosis.status, one.diagnosis.reasons[0].code) for name, one in found.items()}
    assert told == EXPECTED
    assert {one.diagnosis.standing.candidate for one in found.values()} == {None}, "every verdict is settled"


def test_the_nights_fall_on_fortnights_for_two_years_and_then_on_every_day() -> None:
    nights = past_nights(SUMMER)
    assert list(nights) == sorted(set(nights))
    assert nights[-1] == SUMMER - DAY
    assert {later - earlier for earlier, later in pairwise(nights[-14:])} == {DAY}
    assert {later - earlier for earlier, later in pairwise(nights[:-13])} == {14 * DAY}
    assert nights[0] <= SUMMER - 2 * 364 * DAY


def test_the_config_in_the_package_and_the_one_beside_the_users_are_the_same() -> None:
    root = Path(__file__).parents[2]
    packaged = (root / "monitor/demo/demo.toml").read_bytes()
    assert (root / "config/demo.toml").read_bytes() == packaged
    assert demo_config_text(SAMPLE_BASE, SUMMER) == packaged.decode()


def test_the_config_is_valid_and_names_every_feed_that_is_served() -> None:
    config = load(Path(__file__).parents[2] / "config/demo.toml")
    addresses = [url for channel in config.channels for url in channel.feeds]
    served = [f"/{feed.channel}{feed.path}" for feed in FEEDS]
    assert sorted(addresses) == sorted(SAMPLE_BASE + path for path in (*served, *BROKEN))
    assert set(EXPECTED) == {channel.id for channel in config.channels}
    assert (config.organisation.name, config.organisation.language) == ("Eksempel A/S", "da")
    assert [(one.address, one.language, one.when) for one in config.readers] == [
        ("ledelsen@eksempel.example", "da", "daily")
    ]
    assert config.smtp is None
    assert config.store_url.endswith("data/demo.db")


def test_the_configs_feeds_are_moved_to_where_they_are_served() -> None:
    text = demo_config_text("http://127.0.0.1:4242/", SUMMER)
    assert "8099" not in text
    assert "http://127.0.0.1:4242/debat/posts.rss" in text
