"""Servers that tell another story every night: everything is counted right, nothing twice, nothing lost."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.faults.feeds import NOW
from tests.faults.identity import STORIES, Story
from tests.faults.server import Farm, farm
from tests.organisation import Office

FIRST_NIGHT = datetime.fromtimestamp(NOW, UTC)


def one_night(office: Office, here: Farm, number: int) -> tuple[str, int, bool, dict[str, str]]:
    """Poll once; the outcome, the channel's posts, whether there may be more, and each post's time by its thread."""
    here.night = number
    now = FIRST_NIGHT + timedelta(days=number)
    (feed,) = office.json("poll", now=now)["feeds"]
    (channel,) = office.json("status", now=now)["channels"]
    rows = csv.DictReader(io.StringIO(office.oximeter("export", now=now).stdout))
    return feed["outcome"], channel["total_posts"], channel["at_least"], {row["thread"]: row["time"] for row in rows}


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.name)
def test_nothing_is_counted_twice_and_nothing_is_lost(story: Story, tmp_path: Path) -> None:
    office = Office(tmp_path)
    with farm(story.fault) as here:
        office.write({"blog": [here.address(story.fault)]})
        nights = [one_night(office, here, number) for number in range(len(story.posts))]
    outcomes, posts, at_least, times = zip(*nights, strict=True)
    assert posts == story.posts
    assert at_least[-1] is story.at_least
    for outcome, allowed in zip(outcomes, story.outcomes, strict=bool(story.outcomes)):
        assert outcome in allowed
    if story.same_times:
        assert times[-1] == times[0]
