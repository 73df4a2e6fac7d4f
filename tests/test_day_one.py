"""History on day one, replies without a reply feed, and what a window lets slip by."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor import alone
from monitor.backfill import backfill
from monitor.cli import Session, scheduled_poll
from monitor.model import DAY
from monitor.store import open_store
from tests.liveblog import Answer, Blog, BusyForum, serving
from tests.organisation import NOW, Office

ROOT = Path(__file__).parent.parent
NIGHT = int(NOW.timestamp())
NEXT = NOW + timedelta(days=1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def a_blog(**more: bool) -> Blog:
    """35 posts over a year and a half, each with 0 to 12 comments in the days after it."""
    blog = Blog({number: NIGHT - (36 - number) * 15 * DAY for number in range(1, 36)}, **more)
    blog.comments = [
        (number, time + hour * 3600, f"Reader {hour % 5}")
        for number, time in blog.posts.items()
        for hour in range(1, 1 + (number * 7) % 13)
    ]
    return blog


def channel(office: Office, now: datetime = NOW) -> dict[str, object]:
    found: dict[str, object] = office.json("status", now=now)["channels"][0]
    return found


def listed(office: Office, url: str, comments: bool = True) -> None:
    office.write({"blog": [f"{url}/?feed=rss2"] + [f"{url}/?feed=comments-rss2"] * comments})


def test_all_that_a_site_has_is_known_on_day_one_and_is_no_news(office: Office) -> None:
    blog = a_blog()
    with serving(blog) as site:
        listed(office, site.url)
        result = office.oximeter("backfill")
        assert "its first page is reached" in result.stdout
        feeds = office.json("run")["feeds"]
        assert [feed["new_entries"] for feed in feeds] == [0, 0]
        found = channel(office)
        assert (found["total_posts"], found["total_replies"], found["at_least"]) == (35, len(blog.comments), False)
        rows = office.oximeter("export").stdout.splitlines()
        times = sorted(int(row.split(",")[2]) for row in rows[1:])
    # Ten comments a post are shown with their dates; the count tells of the rest, which has none.
    shown = [time for post in blog.posts for time in sorted(t for p, t, _ in blog.comments if p == post)[-10:]]
    assert times == sorted([*blog.posts.values(), *shown])


def test_a_walk_that_is_stopped_goes_on_where_it_was(office: Office) -> None:
    blog = a_blog()
    with serving(blog) as site:
        listed(office, site.url, comments=False)
        assert "run backfill again to go on" in office.oximeter("backfill", "--max-pages", "2").stdout
        before = len(site.paths)
        office.oximeter("backfill", "blog")
        assert site.paths[before] == "/?feed=rss2&paged=3"
        office.oximeter("run")
        assert channel(office)["total_posts"] == 35
        assert office.oximeter("backfill", "bog").exit_code == 2


def test_a_walk_that_is_killed_loses_nothing_and_goes_on_from_the_page_it_was_at(office: Office) -> None:
    blog, reached, go_on = a_blog(), threading.Event(), threading.Event()

    def slow(path: str, query: dict[str, str], url: str) -> Answer:
        if query.get("paged") == "3" and not reached.is_set():
            reached.set()
            go_on.wait(20)
        return blog(path, query, url)

    with serving(slow) as site:
        listed(office, site.url, comments=False)
        command = [sys.executable, "-m", "monitor", "backfill", "--config", str(office.path), "--now", NOW.isoformat()]
        walker = subprocess.Popen(command, env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=office.folder)
        assert reached.wait(30)
        walker.kill()
        walker.wait()
        go_on.set()
        before = len(site.paths)
        assert "its first page is reached" in office.oximeter("backfill").stdout
        assert site.paths[before] == "/?feed=rss2&paged=3"
        office.oximeter("run")
        found = channel(office)
        assert (found["total_posts"], found["total_replies"]) == (35, len(blog.comments))


def test_a_walk_goes_no_further_back_than_it_is_told(office: Office) -> None:
    with serving(a_blog()) as site:
        listed(office, site.url, comments=False)
        office.oximeter("backfill", "--since", "2025-12-01")
        assert not [path for path in site.paths if path.endswith("paged=3")]


def test_replies_are_counted_although_the_posts_feed_says_not_modified(office: Office) -> None:
    blog = a_blog()
    with serving(blog) as site:
        listed(office, site.url)
        office.oximeter("backfill")
        office.oximeter("run")
        blog.comments += [(35, NIGHT + 3600 * n, "Gry") for n in range(1, 4)]
        blog.comments += [(34, NIGHT + 3600 * n, "Gry") for n in range(5, 17)]
        assert office.json("run", now=NEXT)["feeds"][0]["new_entries"] == 0
        assert channel(office, NEXT)["total_replies"] == len(blog.comments)


@pytest.mark.parametrize("comment_feed", [True, False])
def test_without_a_listed_reply_feed_the_counts_and_the_posts_own_feeds_tell(
    office: Office, comment_feed: bool
) -> None:
    blog = a_blog(comment_feed=comment_feed)
    with serving(blog) as site:
        listed(office, site.url, comments=False)
        office.oximeter("run")
        known = sum(blog.posts[post] > NIGHT - 155 * DAY for post, _, _ in blog.comments)
        assert channel(office)["total_replies"] == known
        blog.comments.append((33, NIGHT + 3600, "Gry"))
        before = len(site.paths)
        office.oximeter("run", now=NEXT)
        found = channel(office, NEXT)
        assert (found["total_replies"], found["last_reply"]) == (known + 1, "2026-03-02T03:00:00Z")
        assert site.paths[before:] == ["/?feed=rss2", "/?feed=rss2&p=33"]


def test_a_pingback_is_no_reply(office: Office) -> None:
    blog = Blog(
        {1: NIGHT - 5 * DAY}, [(1, NIGHT - 4 * DAY, "Gry"), (1, NIGHT - 3 * DAY, "Another blog")], pingbacks={1}
    )
    with serving(blog) as site:
        listed(office, site.url)
        office.oximeter("run")
        assert channel(office)["total_replies"] == 1
        assert ",linkback," not in office.oximeter("export").stdout


def test_nightly_a_busy_forum_is_known_in_part_and_says_so(office: Office) -> None:
    forum = BusyForum(start=NIGHT - 10 * DAY, now=NIGHT)
    with serving(forum) as site:
        office.write({"forum": [f"{site.url}/feed"]})
        office.oximeter("run")
        assert channel(office)["at_least"] is False
        forum.now = NIGHT + DAY
        office.oximeter("run", now=NEXT)
        found = channel(office, NEXT)
        assert (found["at_least"], found["total_posts"]) == (True, 50)
        page = next((office.folder / "reports").glob("2026-03-03/index.html")).read_text(encoding="utf-8")
        assert "mindst 50 opslag" in page or "mindst 50" in page
        assert "kan være gået tabt mellem" in page
        with open_store(office.config.store_url) as store:
            state = store.feed_states(office.config.channels)[0]
        assert state.next_poll is not None
        assert NIGHT + DAY < state.next_poll <= NIGHT + DAY + 2 * 3600


def test_polled_when_due_nothing_of_a_busy_forum_is_missed(office: Office) -> None:
    forum = BusyForum(start=NIGHT - 10 * DAY, now=NIGHT)
    with serving(forum) as site:
        office.write({"forum": [f"{site.url}/feed"]})
        office.oximeter("run")
        known = channel(office)["total_posts"]
        assert known == 25
        for minutes in range(5, 24 * 60 + 5, 5):  # as the scheduler looks, every five minutes
            forum.now = NIGHT + 60 * minutes
            scheduled_poll(Session(office.path, None, quiet=True, verbose=False), forum.now)
        office.oximeter("run", now=NEXT)
        assert channel(office, NEXT)["total_posts"] == 325
        assert channel(office, NEXT)["at_least"] is False
        assert len(site.asked) <= 30


def test_a_walk_that_goes_on_further_back_closes_no_gap_above_it(office: Office) -> None:
    blog = Blog({number: NIGHT - (70 - number) * 3600 for number in range(1, 60)})
    with serving(blog) as site:
        listed(office, site.url, comments=False)
        office.oximeter("run")
        office.oximeter("backfill", "--max-pages", "2")
        blog.posts |= {number: NIGHT + (number - 59) * 600 for number in range(60, 100)}
        office.oximeter("run", now=NEXT)
        before = len(site.paths)
        office.oximeter("backfill", "--max-pages", "2", now=NEXT)
        assert site.paths[before:] == ["/?feed=rss2", "/?feed=rss2&paged=2"]
        assert channel(office, NEXT)["at_least"] is True
        office.oximeter("backfill", now=NEXT)
        assert (channel(office, NEXT)["at_least"], channel(office, NEXT)["total_posts"]) == (False, 99)


def test_a_gap_is_closed_by_walking_back_over_it(office: Office) -> None:
    blog = Blog({number: NIGHT - (40 - number) * 3600 for number in range(1, 30)})
    with serving(blog) as site:
        listed(office, site.url, comments=False)
        office.oximeter("run")
        blog.posts |= {number: NIGHT + (number - 29) * 600 for number in range(30, 70)}
        office.oximeter("run", now=NEXT)
        assert channel(office, NEXT)["at_least"] is True
        office.oximeter("backfill", now=NEXT)
        found = channel(office, NEXT)
        assert (found["at_least"], found["total_posts"]) == (False, 69)


def test_a_post_s_reply_feed_may_not_lead_into_the_private_network(office: Office) -> None:
    blog = Blog({1: NIGHT - DAY}, [(1, NIGHT - 3600, "Gry")], comment_feed=False)
    with serving(Blog({1: NIGHT})) as inside, serving(blog) as site:
        # The feed says that its replies are on another port of this machine, where something private listens.
        blog.post_items = lambda url, page: _pointing(Blog.post_items(blog, url, page), inside.url)  # type: ignore[method-assign]
        listed(office, site.url, comments=False)
        office.oximeter("run")
        with open_store(office.config.store_url) as store:
            address = store.thread_feeds(office.config.channels[0])[0].state.address
        assert inside.asked == []
        assert address.startswith(site.url)


def test_nor_does_a_reply_link_of_any_other_platform(office: Office) -> None:
    with serving(Blog({1: NIGHT})) as inside:
        entry = (
            "<entry><id>urn:1</id><title>T</title><published>2026-03-01T00:00:00Z</published>"
            "<link href='https://notes.example/1'/>"
            f"<link rel='replies' type='application/atom+xml' href='{inside.url}/'/>"
            "</entry>"
        )
        body = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Notes</title>{entry}</feed>'.encode()
        with serving(lambda path, query, url: (200, {}, body)) as site:
            office.write({"notes": [f"{site.url}/feed"]})
            office.oximeter("run")
            with open_store(office.config.store_url) as store:
                thread = store.thread_feeds(office.config.channels[0])[0]
            assert (thread.state.url, thread.asked_at, thread.failed) == (f"{inside.url}/", NIGHT, True)
        assert inside.asked == []


def test_a_channel_known_to_its_first_page_is_known_to_be_young(office: Office) -> None:
    blog = Blog({number: NIGHT - (100 - 3 * number) * DAY for number in range(1, 33)})
    with serving(blog) as site:
        listed(office, site.url, comments=False)
        office.oximeter("run")
        assert channel(office)["status"] == "unknown"  # ten posts in a month may be all, or the newest of hundreds
        office.oximeter("backfill")
        office.oximeter("run", now=NEXT)
        assert channel(office, NEXT)["status"] == "newborn"


def _pointing(answer: tuple[int, dict[str, str], bytes], url: str) -> tuple[int, dict[str, str], bytes]:
    return (
        answer[0],
        answer[1],
        answer[2].replace(b"<wfw:commentRss>http://127.0.0.1/", f"<wfw:commentRss>{url}/".encode()),
    )


def test_a_walk_started_in_the_library_tells_of_every_page(office: Office) -> None:
    with serving(a_blog()) as site:
        listed(office, site.url, comments=False)
        told: list[int] = []
        with alone.at_work(office.config) as store:
            watch = lambda name, pages, entries: told.append(pages)  # noqa: E731
            results = list(backfill(store, office.config.channels, NIGHT, None, 3, watch))
        assert (told, results[0].pages, results[0].whole) == ([1, 2, 3], 3, False)


def test_a_feed_that_moves_for_good_is_followed_and_the_report_says_so(office: Office) -> None:
    blog = a_blog()

    def moved(path: str, query: dict[str, str], url: str) -> tuple[int, dict[str, str], bytes]:
        return (301, {"Location": f"{url}/?feed=rss2"}, b"") if path == "/old" else blog(path, query, url)

    with serving(moved) as site:
        office.write({"blog": [f"{site.url}/old"]})
        assert office.json("run")["feeds"][0]["outcome"] == "moved"
        office.oximeter("run", now=NEXT)
        office.oximeter("run", now=NEXT + (NEXT - NOW))
        page = next((office.folder / "reports").glob("2026-03-04/index.html")).read_text(encoding="utf-8")
        assert f"er flyttet for altid til {site.url}/?feed=rss2" in page.replace("&amp;", "&")
        assert channel(office, NEXT)["total_posts"] == 10


def test_renaming_a_channel_keeps_its_history_and_removing_one_keeps_its_data(office: Office) -> None:
    with serving(a_blog()) as site:
        listed(office, site.url)
        office.oximeter("run")
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(text.replace('id = "blog"', 'id = "blog"\nname = "Nyt navn"'), encoding="utf-8")
        assert (channel(office)["name"], channel(office)["total_posts"]) == ("Nyt navn", 10)
        office.write({"other": ["https://other.eksempel.example/feed"]})
        assert [one["id"] for one in office.json("status")["channels"]] == ["other"]
        listed(office, site.url)
        assert channel(office)["total_posts"] == 10
