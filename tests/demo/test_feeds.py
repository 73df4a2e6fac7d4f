"""The sample's feeds, read as any feed is read, say what the simulation wrote."""

from __future__ import annotations

import pytest

from monitor.demo.feeds import Site, cdata, slug, username, wordpress_comments, wordpress_posts
from monitor.demo.server import FEEDS, DemoServer
from monitor.demo.simulate import Contribution, Life
from monitor.model import DAY, Entry, Kind
from monitor.poll import Parsed
from monitor.poll.parse import parse

NOW = 1_780_000_000
PLATFORMS = {
    "cykelblog": "wordpress",
    "ledelsesblog": "wordpress",
    "debat": "discourse",
    "teamblog": "blogger",
    "kvartalsnyt": "generic",
    "beta-forum": "phpbb",
    "community": "discourse",
}
PATHS = [f"/{feed.channel}{feed.path}" for feed in FEEDS]


@pytest.fixture(scope="module")
def server() -> DemoServer:
    return DemoServer(NOW)


def read(server: DemoServer, path: str) -> Parsed:
    body = server.body(path)
    assert body is not None
    found = parse(body.plain, body.content_type, server.base_url + path, NOW)
    assert found.error is None
    return found


def written(server: DemoServer, path: str) -> dict[tuple[int, bool], list[Contribution]]:
    found: dict[tuple[int, bool], list[Contribution]] = {}
    for one in server.life(path.split("/")[1]).contributions:
        found.setdefault((one.time, one.place > 1), []).append(one)
    return found


def author_of(server: DemoServer, path: str, name: str) -> str:
    return username(name) if PLATFORMS[path.split("/")[1]] == "discourse" else name


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_is_recognised_as_its_platforms_own(server: DemoServer, path: str) -> None:
    assert read(server, path).platform == PLATFORMS[path.split("/")[1]]


@pytest.mark.parametrize("path", PATHS)
def test_every_entry_is_a_contribution_with_its_time_its_kind_and_its_author(server: DemoServer, path: str) -> None:
    simulated = written(server, path)
    entries = read(server, path).entries
    assert 5 <= len(entries) <= 50
    for entry in entries:
        assert entry.time is not None
        candidates = simulated[entry.time, entry.kind is Kind.REPLY]
        assert entry.author in [author_of(server, path, one.author) for one in candidates]
        assert any(one.title in entry.title or one.text[:50] in entry.title for one in candidates)


@pytest.mark.parametrize("path", PATHS)
def test_every_entry_has_an_identity_of_its_own(server: DemoServer, path: str) -> None:
    entries = read(server, path).entries
    assert len({entry.uid for entry in entries}) == len({entry.key for entry in entries}) == len(entries)


@pytest.mark.parametrize(
    ("posts", "replies"),
    [
        ("/cykelblog/feed/", "/cykelblog/comments/feed/"),
        ("/ledelsesblog/feed/", "/ledelsesblog/comments/feed/"),
        ("/debat/latest.rss", "/debat/posts.rss"),
        ("/teamblog/feeds/posts/default", "/teamblog/feeds/comments/default"),
        ("/community/latest.rss", "/community/posts.rss"),
    ],
)
def test_replies_share_the_thread_of_the_post_they_answer(server: DemoServer, posts: str, replies: str) -> None:
    life = server.life(posts.split("/")[1])
    first = {members[0].time: thread for thread, members in life.threads.items()}
    threads = {entry.thread: first[entry.time] for entry in read(server, posts).entries if entry.time is not None}
    together = [entry for entry in read(server, replies).entries if entry.thread in threads]
    # The comments of the management blog are older than its newest posts: no thread is in both windows.
    assert together or posts.startswith("/ledelsesblog")
    for entry in together:
        assert entry.time in [one.time for one in life.threads[threads[entry.thread]]]


@pytest.mark.parametrize(
    "path", ["/cykelblog/feed/", "/debat/latest.rss", "/teamblog/feeds/posts/default", "/community/latest.rss"]
)
def test_posts_carry_the_number_of_their_replies(server: DemoServer, path: str) -> None:
    counts = {members[0].time: len(members) - 1 for members in server.life(path.split("/")[1]).threads.values()}
    entries = read(server, path).entries
    assert [entry.reply_count for entry in entries] == [counts[entry.time or 0] for entry in entries]
    assert any(entry.reply_count for entry in entries)


def test_a_forums_replies_are_told_by_their_titles(server: DemoServer) -> None:
    entries = read(server, "/beta-forum/feed").entries
    threads: dict[str, list[Entry]] = {}
    for entry in entries:
        threads.setdefault(entry.thread, []).append(entry)
    assert {entry.kind for entry in entries} == {Kind.POST, Kind.REPLY}
    assert all(sum(entry.kind is Kind.POST for entry in members) <= 1 for members in threads.values())
    assert max(map(len, threads.values())) > 1


def test_the_same_contribution_has_one_key_in_both_feeds_of_a_forum(server: DemoServer) -> None:
    topics = {entry.key: entry for entry in read(server, "/debat/latest.rss").entries}
    both = [entry for entry in read(server, "/debat/posts.rss").entries if entry.key in topics]
    assert both
    assert all((one.time, one.author) == (topics[one.key].time, topics[one.key].author) for one in both)


def test_a_feed_shows_nothing_later_than_its_moment() -> None:
    server = DemoServer(NOW)
    server.as_of = NOW - 100 * DAY
    newest = [max(entry.time or 0 for entry in read(server, path).entries) for path in PATHS if "beta" not in path]
    assert max(newest) <= server.as_of
    assert server.body("/beta-forum/feed") is None, "it has not opened yet"


def test_what_was_written_by_a_moment_does_not_depend_on_what_came_later() -> None:
    server = DemoServer(NOW)
    server.as_of = NOW - 30 * DAY
    before = server.body("/debat/posts.rss")
    server.as_of = NOW
    now = server.body("/debat/posts.rss")
    server.as_of = NOW - 30 * DAY
    assert before == server.body("/debat/posts.rss") != now


def test_markup_in_a_text_stays_text() -> None:
    post = Contribution(1, 1, 1, NOW - DAY, "A & B", "<b> & ]]>: x", "one ]]> two & <i>three</i>")
    answer = Contribution(2, 1, 2, NOW, "C < D", post.title, "]]>")
    site, life = Site("http://127.0.0.1:1/blog", "Blog & <co>", "about", "en"), Life((post, answer))
    found = parse(wordpress_posts(site, life).encode(), "application/rss+xml", site.base, NOW)
    comments = parse(wordpress_comments(site, life).encode(), "application/rss+xml", site.base, NOW)
    assert (found.title, found.entries[0].title, found.entries[0].author) == ("Blog & <co>", "<b> & ]]>: x", "A & B")
    assert comments.entries[0].title == "Comment on <b> & ]]>: x by C < D"
    assert comments.entries[0].thread == found.entries[0].thread


def test_a_blog_without_any_comment_has_an_empty_comment_feed() -> None:
    post = Contribution(1, 1, 1, NOW, "Redaktionen", "Titel: x", "Tekst")
    body = wordpress_comments(Site("http://127.0.0.1:1/b", "Blog", ""), Life((post,)))
    found = parse(body.encode(), "application/rss+xml", "http://127.0.0.1:1/b/comments/feed/", NOW)
    assert (found.error, found.entries, found.title) == (None, (), "Kommentarer til Blog")


def test_addresses_are_plain_letters() -> None:
    assert slug("Øgede skrift-størrelser: på Ærø!") == "oegede-skrift-stoerrelser-paa-aeroe"
    assert username("Eksempel Support") == "eksempel_support"
    assert cdata("a]]>b") == "<![CDATA[a]]]]><![CDATA[>b]]>"
