"""Every way back that a site can offer, and every way in."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import load
from monitor.model import DAY
from monitor.oxygen import Activity, staff_matcher
from monitor.store import open_store
from tests.liveblog import NOT_FOUND, Answer, date, rss, serving
from tests.organisation import NOW, Office

NIGHT = int(NOW.timestamp())
ALL = 23
PAGE = 5


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def iso(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%dT%H:%M:%SZ}"


def when(number: int) -> int:
    return NIGHT - (number + 1) * DAY


def entry(number: int, url: str, identity: str = "") -> str:
    return (
        f"<entry><id>{identity or f'urn:{number}'}</id><title>Entry {number}</title><link href='{url}/{number}'/>"
        f"<published>{iso(when(number))}</published></entry>"
    )


def atom(entries: list[str], head: str = "") -> Answer:
    text = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Ælder</title>{head}{"".join(entries)}</feed>'
    return 200, {"Content-Type": "application/atom+xml"}, text.encode()


def archives(path: str, query: dict[str, str], url: str) -> Answer:
    """RFC 5005: each document names the archive before it."""
    number = int(path.rpartition("/")[2] or 0) if path.startswith("/archive/") else 0
    some = list(range(number * PAGE, min(ALL, (number + 1) * PAGE)))
    head = f"<link rel='prev-archive' href='/archive/{number + 1}'/>" if some[-1] < ALL - 1 else ""
    return atom([entry(n, url) for n in some], head)


def blogger(path: str, query: dict[str, str], url: str) -> Answer:
    """Blogger: from ``start-index`` on; an empty page after the last."""
    start = int(query.get("start-index", "1")) - 1
    entries = [entry(n, url, f"tag:blogger.com,1999:blog-1.post-{n}") for n in range(start, min(ALL, start + PAGE))]
    return atom(entries, "<generator>Blogger</generator>")


def topics(path: str, query: dict[str, str], url: str) -> Answer:
    """Discourse: topic lists by page from 0, and nothing on the page after the last."""
    first = int(query.get("page", "0")) * PAGE
    items = [
        f"<item><title>T{n}</title><link>{url}/t/t{n}/{n + 1}</link><pubDate>{date(when(n))}</pubDate>"
        f"<guid isPermaLink='false'>127.0.0.1-topic-{n + 1}</guid></item>"
        for n in range(first, min(ALL, first + PAGE))
    ]
    return rss("Forum", url, items, "Discourse") if path == "/latest.rss" else NOT_FOUND


def json_pages(path: str, query: dict[str, str], url: str) -> Answer:
    """JSON Feed: ``next_url`` until there is none."""
    first = int(query.get("from", "0"))
    items = [
        {"id": str(n), "url": f"{url}/{n}", "date_published": iso(when(n))}
        for n in range(first, min(ALL, first + PAGE))
    ]
    more = {"next_url": f"{url}/feed.json?from={first + PAGE}"} if first + PAGE < ALL else {}
    document = {"version": "https://jsonfeed.org/version/1.1", "title": "J", "items": items} | more
    return 200, {"Content-Type": "application/feed+json"}, json.dumps(document).encode()


SITES = {
    "archives": (archives, "/feed.atom"),
    "blogger": (blogger, "/feeds/posts/default"),
    "discourse": (topics, "/latest.rss"),
    "json": (json_pages, "/feed.json"),
}


@pytest.mark.parametrize("name", SITES)
def test_every_way_back_leads_to_the_first_page(name: str, office: Office) -> None:
    app, path = SITES[name]
    with serving(app) as site:
        office.write({"c": [site.url + path]})
        result = office.oximeter("backfill")
        assert "its first page is reached" in result.stdout, result.output
        office.oximeter("run")
        found = office.json("status")["channels"][0]
        assert (found["total_posts"], found["at_least"]) == (ALL, False)
        before = len(site.asked)
        assert "0 entries that were not known" in office.oximeter("backfill").stdout
        assert len(site.asked) == before + 1  # known to the first page: a look at the newest is enough


def test_a_site_that_shows_the_same_page_again_is_walked_once(office: Office) -> None:
    with serving(lambda path, query, url: topics(path, {}, url)) as site:
        office.write({"c": [f"{site.url}/latest.rss"]})
        result = office.oximeter("backfill")
        assert "it does not page back" in result.stdout
        assert "first page is reached" not in result.stdout
        assert site.paths.count("/latest.rss?page=1") == 1
        assert "/latest.rss?page=2" not in site.paths


def test_a_site_that_asks_for_time_is_left_alone_and_gone_back_to(office: Office) -> None:
    busy = [True]

    def app(path: str, query: dict[str, str], url: str) -> Answer:
        return (429, {"Retry-After": "600"}, b"") if busy[0] and query else blogger(path, query, url)

    with serving(app) as site:
        office.write({"c": [f"{site.url}/feeds/posts/default"]})
        assert "HTTP 429" in office.oximeter("backfill").stdout
        busy[0] = False
        assert "its first page is reached" in office.oximeter("backfill").stdout


def test_a_feed_that_wants_no_questions_yet_is_not_walked(office: Office) -> None:
    with serving(lambda path, query, url: (429, {"Retry-After": "86400"}, b"")) as site:
        office.write({"c": [f"{site.url}/feed"]})
        office.oximeter("run")
        assert "wants no questions yet" in office.oximeter("backfill").stdout
        assert len(site.asked) == 1


HTML = "<html><head><title>Forum</title>{}</head><body></body></html>"


def discourse(path: str, query: dict[str, str], url: str) -> Answer:
    """A forum's pages link to their own feeds: a topic's to the topic's."""
    post = (
        "<item><title>{0}</title><link>{1}/t/{0}/{2}/{3}</link>"
        "<guid isPermaLink='false'>127.0.0.1-post-{2}-{3}</guid></item>"
    )
    if path == "/latest.rss":
        return topics(path, query, url)
    if path == "/posts.rss":
        return rss("Posts", url, [post.format("a", url, 1, n) for n in (2, 1)], "Discourse")
    if path == "/t/a/1.rss":
        return rss("a", url, [post.format("a", url, 1, n) for n in (3, 2, 1)], "Discourse")
    link = f'<link rel="alternate" type="application/rss+xml" href="{url}/t/a/1.rss">' if path == "/t/a/1" else ""
    return (
        200,
        {"Content-Type": "text/html"},
        HTML.format('<meta name="generator" content="Discourse 3.3">' + link).encode(),
    )


@pytest.mark.parametrize("path", ["", "/t/a/1", "/latest.rss"])
def test_any_page_of_a_forum_leads_to_its_topics_and_posts(path: str, office: Office) -> None:
    with serving(discourse) as site:
        assert office.oximeter("add", site.url + path, "--yes", "--id", "forum").exit_code == 0
        assert load(office.path).channels[0].feeds == (f"{site.url}/latest.rss", f"{site.url}/posts.rss")


def phpbb(path: str, query: dict[str, str], url: str) -> Answer:
    if path != "/board/app.php/feed":
        return 200, {}, HTML.format('<body id="phpbb" class="nojs">').encode()
    items = "".join(
        f"<entry><id>{url}/board/viewtopic.php?p={n}#p{n}</id><title>Snak • {'Re: ' * (n > 1)}Hej</title>"
        f"<link href='{url}/board/viewtopic.php?p={n}#p{n}'/><published>{iso(when(n))}</published></entry>"
        for n in (2, 1)
    )
    return atom([items])


def test_a_board_in_a_folder_is_found_and_its_one_feed_has_posts_and_replies(office: Office) -> None:
    with serving(phpbb) as site:
        result = office.oximeter("add", f"{site.url}/board/viewtopic.php?t=1", "--yes", "--id", "board")
        assert result.exit_code == 0, result.output
        assert load(office.path).channels[0].feeds == (f"{site.url}/board/app.php/feed",)
        office.oximeter("run")
        found = office.json("status")["channels"][0]
        assert (found["total_posts"], found["total_replies"]) == (1, 1)


def hostile(links: Callable[[str], str]) -> Callable[[str, dict[str, str], str], Answer]:
    return lambda path, query, url: (200, {}, HTML.format(links(url)).encode()) if path == "/" else NOT_FOUND


def test_a_page_can_neither_keep_us_for_ever_nor_send_us_inside(office: Office) -> None:
    link = '<link rel="alternate" type="application/rss+xml" href="{}">'
    with serving(archives) as inside:
        many = [f"{inside.url}/feed.atom", "file:///etc/passwd", "javascript:alert(1)", "http://[bad", "gopher://x/"]
        app = hostile(lambda url: "".join(link.format(one) for one in [*many, *(f"{url}/{n}" for n in range(500))]))
        with serving(app) as site:
            result = office.oximeter("add", site.url, "--yes")
            assert result.exit_code == 2
            assert inside.asked == []
            assert len(site.asked) < 60
    assert not office.path.exists()


def test_staff_are_known_by_the_domain_of_their_mail(office: Office) -> None:
    items = [
        f"<item><title>{kind}</title><link>{{0}}/{n}{'#comment-' + str(n) if n else ''}</link><author>{author}</author>"
        f"<pubDate>{date(NIGHT - (9 - n) * DAY)}</pubDate></item>"
        for n, (kind, author) in enumerate(
            [("Hej", "gry@reader.example (Gry)"), ("Svar", "post@eksempel.example (Kundeservice)")]
        )
    ]
    with serving(lambda path, query, url: rss("Forum", url, [one.format(url) for one in items])) as site:
        office.write({"c": [f"{site.url}/feed"]})
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(text.replace('["Redaktionen"]', '["*@EKSEMPEL.example"]'), encoding="utf-8")
        office.oximeter("run")
        with open_store(office.config.store_url) as store:
            history = store.history(office.config.channels[0])
    assert [(event.author, event.email) for event in history.events] == [
        ("Gry", "gry@reader.example"), ("Kundeservice", "post@eksempel.example"),
    ]  # fmt: skip
    staff = Activity.of(history.events, (), staff_matcher(("*@EKSEMPEL.example",))).staff
    assert staff.tolist() == [0, 1]


def test_check_says_what_a_site_s_address_leads_to(office: Office) -> None:
    with serving(discourse) as site:
        office.write({})
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(f'{text}\n[[channel]]\nid = "forum"\nsite = "{site.url}/"\n', encoding="utf-8")
        result = office.oximeter("check")
        assert "/posts.rss" in result.stdout
        assert "BAD" not in result.stdout.replace("BAD  mail", "")
        assert not (office.folder / "data").exists()


def test_poll_due_asks_only_what_is_due(office: Office) -> None:
    with serving(archives) as site:
        office.write({"c": [f"{site.url}/feed.atom"]})
        office.oximeter("run")
        before = len(site.asked)
        assert office.json("poll", "--due") == {"feeds": []}
        assert len(site.asked) == before


def test_one_category_of_a_forum_is_heard_through_its_topics_own_feeds(office: Office) -> None:
    posts = {number: [when(number)] for number in range(1, 8)}

    def category(path: str, query: dict[str, str], url: str) -> Answer:
        if path == "/c/snak/5.rss":
            items = [
                f"<item><title>T{n}</title><link>{url}/t/t{n}/{n}</link><pubDate>{date(times[0])}</pubDate>"
                f"<guid isPermaLink='false'>127.0.0.1-topic-{n}</guid>"
                f"<description><![CDATA[<p><small>{len(times)} indlæg - 2 deltagere</small></p>]]></description></item>"
                for n, times in posts.items()
            ]
            return rss("Snak", url, items, "Discourse")
        number = int(path.rpartition("/")[2].removesuffix(".rss") or 0)
        items = [
            f"<item><title>T</title><link>{url}/t/t{number}/{number}/{place}</link><pubDate>{date(time)}</pubDate>"
            f"<guid isPermaLink='false'>127.0.0.1-post-{number}-{place}</guid></item>"
            for place, time in enumerate(posts.get(number, []), 1)
        ]
        return rss("T", url, items, "Discourse") if items else NOT_FOUND

    with serving(category) as site:
        office.write({"snak": [f"{site.url}/c/snak/5.rss"]})
        office.oximeter("run")
        assert site.paths == ["/c/snak/5.rss"]  # no topic says that it was answered
        posts[3] += [NIGHT + 3600, NIGHT + 7200]
        posts[5] += [NIGHT + 60]
        office.oximeter("run", now=NOW + timedelta(days=1))
        assert sorted(site.paths[1:]) == ["/c/snak/5.rss", "/t/t3/3.rss", "/t/t5/5.rss"]
        found = office.json("status", now=NOW + timedelta(days=1))["channels"][0]
        assert (found["total_posts"], found["total_replies"]) == (7, 3)
        assert found["last_reply"] == "2026-03-02T04:00:00Z"
