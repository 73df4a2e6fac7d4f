"""robots.txt, where nobody gave us the address."""

from __future__ import annotations

import pytest

from monitor.poll import Robots, new_session
from monitor.poll.discover import discover
from tests.loopback import reply, site

NOW = 1_800_000_000
FEED = b'<rss version="2.0"><channel><title>B</title><item><guid>1</guid><title>T</title></item></channel></rss>'
PAGE = b"<!doctype html><html><head><title>Bloggen</title></head><body>Hej</body></html>"


def answers(robots: bytes, status: int = 200) -> dict[str, object]:
    return {"robots.txt": reply(status, robots)}


@pytest.mark.parametrize(
    ("robots", "status", "allowed"),
    [
        (b"User-agent: *\nDisallow: /feed", 200, False),
        (b"User-agent: *\nDisallow: /t/*.rss$", 200, True),
        (b"User-agent: Oximeter\nDisallow: /\n\nUser-agent: *\nAllow: /", 200, False),
        (b"User-agent: Others\nDisallow: /", 200, True),
        (b"", 404, True),
        (b"User-agent: *\nDisallow: /", 500, True),
        (b"\xff\xfe\x00" * 1_000, 200, True),
    ],
)
def test_a_site_says_what_robots_may_ask_for(robots: bytes, status: int, allowed: bool) -> None:
    with site(**answers(robots, status)) as here, new_session() as session:  # type: ignore[arg-type]
        asked = Robots(session, NOW)
        assert asked.allows(here.url + "/feed/?paged=2", here.url) is allowed
        asked.allows(here.url + "/feed/?paged=3", here.url)
        assert [path for path, _ in here.asked] == ["/robots.txt"]  # once a host


@pytest.mark.parametrize(("said", "seconds"), [(b"3", 3.0), (b"0.5", 0.5), (b"9999", 10.0), (b"soon", 0.0)])
def test_a_site_says_how_long_to_pause_and_is_believed_within_reason(said: bytes, seconds: float) -> None:
    with site(**answers(b"User-agent: *\nCrawl-delay: " + said)) as here, new_session() as session:  # type: ignore[arg-type]
        assert Robots(session, NOW).delay(here.url + "/feed", here.url) == seconds


def test_a_guess_at_a_sites_feed_is_not_asked_for_where_robots_may_not() -> None:
    closed = answers(b"User-agent: *\nDisallow: /rss.xml")
    with site(**closed, **{"": reply(200, PAGE), "rss.xml": reply(200, FEED)}) as here:  # type: ignore[arg-type]
        assert discover(here.url + "/", NOW).error
        assert "/rss.xml" not in [path for path, _ in here.asked]
    with site(**{"": reply(200, PAGE), "rss.xml": reply(200, FEED)}) as here:
        assert [feed.address for feed in discover(here.url + "/", NOW).feeds] == [here.url + "/rss.xml"]


def test_a_feed_that_the_page_itself_links_to_is_asked_for_all_the_same() -> None:
    linked = PAGE.replace(b"</head>", b'<link rel="alternate" type="application/rss+xml" href="/nyt"></head>')
    closed = answers(b"User-agent: *\nDisallow: /")
    with site(**closed, **{"": reply(200, linked), "nyt": reply(200, FEED)}) as here:  # type: ignore[arg-type]
        assert [feed.address for feed in discover(here.url + "/", NOW).feeds] == [here.url + "/nyt"]
