"""A clock that is wrong for one night, and clocks that change: the next night is right by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.loopback import Site, site
from tests.organisation import NOW, Office, Served, item, rss, weekly_posts

WRONG = {
    "ten years ahead": timedelta(days=3_653),
    "back to 1971": timedelta(days=-20_118),
    "two years back": timedelta(days=-731),
    "an hour back": timedelta(hours=-1),
    "an hour ahead": timedelta(hours=1),
}
NIGHTS = 7
BAD = 3


def night(number: int) -> datetime:
    return NOW + timedelta(days=number)


class Life:
    """A blog, a forum without dates and a blog that counts its replies, as they are on each night."""

    def __init__(self) -> None:
        self.blog, self.undated, self.counted = Served(b""), Served(b""), Served(b"")
        self.become(0)

    def become(self, number: int) -> None:
        """What the feeds show on a night: something more every night, but nothing on the one after the bad one."""
        number = BAD if number == BAD + 1 else number
        posts = (item(900 + n, night(n) - timedelta(hours=2)) for n in reversed(range(number + 1)))
        self.blog.body = rss(*posts, *(item(n, NOW - timedelta(days=9 * (30 - n))) for n in reversed(range(30))))
        self.undated.body = rss(
            *(f"<item><title>Emne {n}</title><guid isPermaLink='false'>u{n}</guid></item>" for n in range(number + 4))
        )
        self.counted.body = weekly_posts(12, slash_comments=str(5 + 2 * number))
        for served in (self.blog, self.undated, self.counted):
            served.etag = f'"{number}"'


def lived(folder: Path, home: Site, life: Life, wrong: timedelta | None, when: str = "daily") -> dict[str, Any]:
    """NIGHTS nights, the BAD one at a wrong hour; what is said of every night but that one."""
    office = Office(folder).write({name: [f"{home.url}/{name}"] for name in ("blog", "undated", "counted")})
    office.path.write_text(office.path.read_text("utf-8").replace('when = "daily"', f'when = "{when}"'), "utf-8")
    said: dict[str, Any] = {}
    for number in range(NIGHTS):
        life.become(number)
        moment = night(number)
        if number == BAD and wrong is not None:
            run = office.oximeter("run", now=moment + wrong)
            assert run.exit_code == 0, run.output
            continue
        if number == BAD:
            office.oximeter("run", now=moment)
            continue
        done = office.json("run", now=moment)
        status = office.json("status", now=moment)
        said[str(number)] = {
            "feeds": [(feed["outcome"], feed["entries"]) for feed in done["feeds"]],
            "mails": [mail["state"] for mail in done["mails"]],
            "channels": [
                {name: one[name] for name in ("status", "posts", "replies", "total_posts", "total_replies", "at_least")}
                for one in status["channels"]
            ],
            "last posts": {one["id"]: one["last_post"] for one in status["channels"] if one["id"] != "undated"},
            "oxygen": [one["oxygen"] for one in status["channels"]],
        }
    return said


@pytest.fixture
def blogs() -> Iterator[tuple[Site, Life]]:
    life = Life()
    with site(blog=life.blog, undated=life.undated, counted=life.counted) as home:
        yield home, life


@pytest.mark.parametrize("wrong", WRONG)
def test_the_nights_after_a_wrong_clock_are_those_of_a_life_without_it(
    tmp_path: Path, blogs: tuple[Site, Life], wrong: str
) -> None:
    good = lived(tmp_path / "good", *blogs, None)
    bad = lived(tmp_path / "bad", *blogs, WRONG[wrong])
    for number in range(BAD + 1, NIGHTS):
        ours, theirs = bad[str(number)], good[str(number)]
        assert ours["channels"] == theirs["channels"], number
        assert ours["mails"] == theirs["mails"], number
        assert [entries for _, entries in ours["feeds"]] == [entries for _, entries in theirs["feeds"]]
        assert ours["last posts"] == theirs["last posts"], number
        assert ours["oxygen"] == pytest.approx(theirs["oxygen"], abs=2), "dates differ by a day at most"
        if number > BAD + 1:
            assert ours["feeds"] == theirs["feeds"], number


@pytest.mark.parametrize("wrong", ["ten years ahead", "back to 1971"])
def test_a_weekly_letter_keeps_its_day_through_a_wrong_clock(
    tmp_path: Path, blogs: tuple[Site, Life], wrong: str
) -> None:
    good = lived(tmp_path / "good", *blogs, None, "weekly")
    bad = lived(tmp_path / "bad", *blogs, WRONG[wrong], "weekly")
    assert [good[number]["mails"] for number in good] == [["outbox"], [], [], [], [], []]
    assert [bad[number]["mails"] for number in bad] == [["outbox"], [], [], [], [], []]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"),  # the hour that comes twice
        ("2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"),  # around the one that does not come
    ],
)
def test_a_night_on_which_the_clocks_change_is_one_night_with_one_mail(
    tmp_path: Path, before: str, after: str, blogs: tuple[Site, Life]
) -> None:
    home, _ = blogs
    office = Office(tmp_path).write({"blog": [f"{home.url}/blog"]})
    for moment in (before, after):
        office.json("run", now=datetime.fromisoformat(moment))
    assert len(office.letters) == 1
    assert [path.name for path in (tmp_path / "reports").glob("2026-*")] == [before[:10]]
    following = datetime.fromisoformat(after) + timedelta(days=1)
    office.json("run", now=following)
    assert len(office.letters) == 2


@pytest.mark.parametrize("clocks_change", ["2026-03-29", "2026-10-25"])
def test_days_over_a_change_of_the_clocks_are_counted_once(
    tmp_path: Path, clocks_change: str, blogs: tuple[Site, Life]
) -> None:
    """A post at noon of every day: so many posts as days, on every night around the change."""
    home, life = blogs
    zone = ZoneInfo("Europe/Copenhagen")
    day = datetime.fromisoformat(f"{clocks_change}T12:00:00").replace(tzinfo=zone)
    every = [item(40 - n, day + timedelta(days=3 - n)) for n in range(40)]
    office = Office(tmp_path).write({"blog": [f"{home.url}/blog"]})
    for ahead in range(-3, 5):
        life.blog.body, life.blog.etag = rss(*every[4 - ahead :]), f'"{ahead}"'
        moment = (day + timedelta(days=ahead)).replace(hour=3)
        office.json("run", now=moment)
        (channel,) = office.json("status", now=moment)["channels"]
        assert channel["total_posts"] == 36 + ahead
        report = (tmp_path / "reports" / moment.date().isoformat() / "report.json").read_text("utf-8")
        assert '"total_posts": ' + str(36 + ahead) in report
