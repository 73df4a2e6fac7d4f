"""What went wrong with Oximeter itself is found where it shows: beside the store, in its nights, on the feeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.model import Outcome, Reading
from monitor.notices import TIME_UP
from monitor.store import open_store
from tests.loopback import site
from tests.organisation import NOW, Office, Served, weekly_posts

DAY = timedelta(days=1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "kontor")


def a_night(office: Office, now: datetime = NOW, feeds: dict[str, str] | None = None) -> list[dict[str, Any]]:
    """Judge and report; what the report says of Oximeter itself, in English."""
    office.write({name: [address] for name, address in (feeds or {}).items()} or {"blog": ["http://127.0.0.1:9/feed"]})
    text = office.path.read_text(encoding="utf-8").replace('language = "da"', 'language = "en"')
    office.path.write_text(text, encoding="utf-8")
    result = office.oximeter("report", now=now)
    assert result.exit_code == 0, result.output
    path = office.folder / "reports" / now.date().isoformat() / "report.json"
    found: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["notices"]
    return found


def beside(office: Office, name: str, text: str = "") -> None:
    """Put a file beside the store."""
    (office.folder / "data").mkdir(parents=True, exist_ok=True)
    (office.folder / "data" / name).write_text(text, encoding="utf-8")


def test_a_quiet_night_says_nothing_of_oximeter(office: Office) -> None:
    assert a_night(office) == []
    assert a_night(office, NOW + DAY) == []


@pytest.mark.parametrize("number", ["", "-2", ".3"])
def test_a_store_that_was_put_back_is_told_of_for_a_fortnight(office: Office, number: str) -> None:
    aside = f"oximeter.db.damaged-2026-03-02{number}"
    beside(office, aside)
    beside(office, aside + ".note", "2026-03-01\nThe store could not be read.\n")
    beside(office, aside + "-wal")
    beside(office, "other.db.damaged-2026-03-02")
    (notice,) = a_night(office)
    assert notice["trouble"] == "store_restored"
    assert "the backup of 1 March 2026 took its place" in notice["text"]
    assert notice["text"].endswith(f"the damaged file is kept as {aside}.")
    assert len(a_night(office, NOW + 13 * DAY)) == 1
    assert a_night(office, NOW + 14 * DAY) == []


def test_a_store_that_was_lost_or_has_no_note_is_told_of_as_far_as_is_known(office: Office) -> None:
    beside(office, "oximeter.db.damaged-2026-03-01.note", "2026-02-28\n")
    beside(office, "oximeter.db.damaged-2026-03-02")
    beside(office, "oximeter.db.damaged-2026-13-41")
    beside(office, "oximeter.db.damaged-2026-03-02-2")
    beside(office, "oximeter.db.damaged-2026-03-02-2.note", "no date")
    lost, *damaged = [one["text"] for one in a_night(office)]
    assert lost.startswith("The store was lost: the backup of 28 February 2026 took its place")
    assert [line.partition(";")[0] for line in damaged] == [
        "The store was damaged and is kept as oximeter.db.damaged-2026-03-02",
        "The store was damaged and is kept as oximeter.db.damaged-2026-03-02-2",
    ]


def test_a_clock_that_went_back_is_told_of_with_the_latest_night(office: Office) -> None:
    a_night(office, NOW + 400 * DAY)
    a_night(office, NOW + 2 * DAY)
    (notice,) = a_night(office)
    assert notice["trouble"] == "clock_went_back"
    assert "verdicts are known of nights up to 6 April 2027, which is yet to come" in notice["text"]
    assert a_night(office, NOW + 400 * DAY) == []


def test_feeds_whose_turn_did_not_come_are_counted(office: Office) -> None:
    feeds = {f"c{number}": f"http://127.0.0.1:9/{number}" for number in range(3)}
    a_night(office, feeds=feeds)
    with open_store(office.config.store_url) as store:
        for name, address in list(feeds.items())[:2]:
            reason = f"{TIME_UP} before the turn of {address}; it is among the first tomorrow night"
            store.record(Reading(name, address, Outcome.FAILED, reason, int(NOW.timestamp()), asked=False))
    (notice,) = a_night(office, feeds=feeds)
    assert notice == {
        "trouble": "night_too_short",
        "text": "The night's time was up before 2 feeds could be asked; they are among the first tomorrow night.",
    }


def test_a_night_that_is_too_short_tells_so(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]}, "[poll]\nnight_minutes = 0.0000001\n")
        found = office.json("run")
    assert found["feeds"][0]["reason"].startswith(TIME_UP)
    report = json.loads(Path(found["report"]).with_name("report.json").read_text(encoding="utf-8"))
    assert [one["trouble"] for one in report["notices"]] == ["night_too_short"]


def test_a_folder_that_cannot_be_listed_stops_no_report(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied")

    beside(office, "oximeter.db.damaged-2026-03-02")
    monkeypatch.setattr(Path, "iterdir", refused)
    assert a_night(office) == []
