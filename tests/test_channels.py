"""What a channel's owner does: gives an address, takes over a list; the config stays as she wrote it."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from monitor.config import load
from monitor.model import DAY
from tests.liveblog import NOT_FOUND, Answer, Blog, rss, serving
from tests.organisation import NOW, Office

NIGHT = int(NOW.timestamp())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def a_blog() -> Blog:
    blog = Blog({number: NIGHT - (40 - number) * 5 * DAY for number in range(1, 36)})
    blog.comments = [(number, blog.posts[number] + 3600, "Gry") for number in blog.posts for _ in range(number % 4)]
    return blog


WRITTEN = """# our channels, kept by hand
[organisation]
name = "Eksempel A/S"   # plainly fictitious

[[channel]]  # the first
id = "intranet"
feeds = ["https://intranet.eksempel.example/feed"]
[report]
to = ["chef@eksempel.example"]
"""


def test_the_address_of_a_site_is_enough(office: Office) -> None:
    with serving(a_blog()) as site:
        result = office.oximeter("add", site.url, "--yes")
        assert result.exit_code == 0, result.output
        channel = load(office.path).channels[0]
        assert channel.id == "bloggen-ae"
        assert channel.feeds == (f"{site.url}/?feed=rss2", f"{site.url}/?feed=comments-rss2")
        assert "wordpress" in result.stdout
        assert "oximeter backfill bloggen-ae" in result.stdout
        assert office.json("run")["feeds"][1]["entries"] == 10


def test_a_post_s_page_leads_to_the_whole_blog_not_to_its_own_comments(office: Office) -> None:
    blog = a_blog()

    def post(path: str, query: dict[str, str], url: str) -> Answer:
        if list(query) != ["p"]:
            return blog(path, query, url)
        links = ("/?feed=rss2", "/?feed=comments-rss2", f"/?feed=rss2&amp;p={query['p']}")
        html = "".join(f'<link rel="alternate" type="application/rss+xml" href="{link}">' for link in links)
        return 200, {"Content-Type": "text/html"}, f"<html><title>Post</title>{html}</html>".encode()

    with serving(post) as site:
        assert office.oximeter("add", f"{site.url}/?p=35", "--yes", "--id", "blog").exit_code == 0
        assert load(office.path).channels[0].feeds == (f"{site.url}/?feed=rss2", f"{site.url}/?feed=comments-rss2")


def test_one_feed_in_two_formats_is_listed_once_in_the_one_that_tells_more(office: Office) -> None:
    blog = a_blog()

    def both(path: str, query: dict[str, str], url: str) -> Answer:
        if path == "/":
            links = [f'<link rel="alternate" type="application/{kind}+xml" href="/{kind}">' for kind in ("atom", "rss")]
            return 200, {}, f"<html><title>Blog</title>{''.join(links)}</html>".encode()
        status, headers, body = blog("/", {"feed": "rss2"}, url)
        counted = body if path == "/rss" else body.replace(b"slash:comments", b"slash:nothing")
        return (status, headers, counted) if path in ("/atom", "/rss") else NOT_FOUND

    with serving(both) as site:
        assert office.oximeter("add", site.url, "--yes", "--id", "blog").exit_code == 0
        assert load(office.path).channels[0].feeds == (f"{site.url}/rss",)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", ""])
def test_danish_letters_in_a_site_s_title_survive_whatever_its_charset(charset: str, office: Office) -> None:
    item = "<item><title>One</title><link>/one</link></item>"
    meta = f'<meta charset="{charset}">' if charset else ""
    page = f"<html><head>{meta}<title>Ærø og Blåvand</title></head></html>".encode(charset or "cp1252")
    with serving(lambda path, query, url: rss("N", url, [item]) if path == "/feed/" else (200, {}, page)) as site:
        assert office.oximeter("add", site.url, "--yes").exit_code == 0
    assert (load(office.path).channels[0].name, load(office.path).channels[0].id) == (
        "Ærø og Blåvand",
        "aeroe-og-blaavand",
    )


def test_a_platform_without_feeds_is_called_by_its_name(office: Office) -> None:
    page = b'<html><script src="https://www.gstatic.com/_/mss/boq-groups/_/js"></script></html>'
    with serving(lambda path, query, url: (200, {}, page) if path == "/" else NOT_FOUND) as site:
        result = office.oximeter("add", site.url, "--yes")
        assert result.exit_code == 2
        assert "google_groups has none: they were retired" in result.stderr


def test_the_feed_of_posts_leads_to_the_feed_of_replies(office: Office) -> None:
    with serving(a_blog()) as site:
        assert office.oximeter("add", f"{site.url}/?feed=rss2", "--yes").exit_code == 0
        assert load(office.path).channels[0].feeds[1] == f"{site.url}/?feed=comments-rss2"


def test_a_site_without_a_reply_feed_is_added_with_its_posts_and_says_what_it_cannot_hear(office: Office) -> None:
    def plain(path: str, query: dict[str, str], url: str) -> Answer:
        item = f"<item><title>One</title><link>{url}/one</link><pubDate>Mon, 02 Feb 2026 08:00:00 GMT</pubDate></item>"
        return rss("Notes", url, [item]) if path == "/rss.xml" else (200, {}, b"<html><title>Notes</title></html>")

    with serving(plain) as site:
        result = office.oximeter("add", site.url, "--yes")
        assert load(office.path).channels[0].feeds == (f"{site.url}/rss.xml",)
        assert "only posts can be measured" in result.stdout
        office.oximeter("run")
    page = next((office.folder / "reports").glob("2*/index.html")).read_text(encoding="utf-8")
    assert "None of its feeds tells of replies" in page


def test_an_address_that_leads_to_no_feed_is_a_sentence_and_the_config_is_untouched(office: Office) -> None:
    office.path.parent.mkdir(parents=True)
    office.path.write_text(WRITTEN, encoding="utf-8")
    with serving(lambda path, query, url: (200, {}, b"<html>hello</html>") if path == "/" else NOT_FOUND) as site:
        for address in (site.url, f"{site.url}/nothing", "no address at all", "ftp://example.example/"):
            result = office.oximeter("add", address, "--yes")
            assert (result.exit_code, len(result.stderr.splitlines()), result.stdout) == (2, 1, ""), address
    assert office.path.read_text(encoding="utf-8") == WRITTEN


def test_adding_keeps_every_comment_and_the_order(office: Office) -> None:
    office.path.parent.mkdir(parents=True)
    office.path.write_text(WRITTEN, encoding="utf-8")
    with serving(a_blog()) as site:
        given = ["--id", "blog", "--name", "Vores blog", "--owner", "Redaktionen", "--hours", "2.5"]
        assert office.oximeter("add", site.url, "--yes", *given).exit_code == 0
        text = office.path.read_text(encoding="utf-8")
        assert text.startswith(WRITTEN)
        added = tomllib.loads(text)["channel"][1]
        assert (added["name"], added["owner"], added["hours_per_week"]) == ("Vores blog", "Redaktionen", 2.5)
        again = office.oximeter("add", site.url, "--yes")
        assert again.exit_code == 2
        assert "in the config already" in again.stderr
        assert office.path.read_text(encoding="utf-8") == text


def test_the_questions_are_asked_and_each_may_be_skipped(office: Office) -> None:
    from click.testing import CliRunner

    from monitor.cli import main

    with serving(a_blog()) as site:
        typed = "Værkstedet\n\nmany\n1,5\nHvad læserne vil\n\n\ny\n"
        command = ["add", site.url, "--config", str(office.path), "--now", NOW.isoformat()]
        result = CliRunner().invoke(main, command, input=typed)
    assert result.exit_code == 0, result.output
    channel = load(office.path).channels[0]
    assert (channel.id, channel.name, channel.owner, channel.hours_per_week) == ("vaerkstedet", "Værkstedet", None, 1.5)
    assert (channel.purpose, channel.moderation) == ("Hvad læserne vil", None)
    assert "its first page is reached" in result.stdout


def test_a_channel_that_names_only_its_site_has_its_feeds_found_once(office: Office) -> None:
    with serving(a_blog()) as site:
        office.write({})
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(f'{text}\n[[channel]]\nid = "blog"\nsite = "{site.url}/"\n', encoding="utf-8")
        feeds = office.json("run")["feeds"]
        assert [feed["url"] for feed in feeds] == [f"{site.url}/?feed=rss2", f"{site.url}/?feed=comments-rss2"]
        before = site.paths.count("/")
        assert [feed["outcome"] for feed in office.json("run")["feeds"]] == ["not_modified", "not_modified"]
        assert site.paths.count("/") == before
        assert office.json("status")["channels"][0]["total_posts"] == 10


OPML = """<?xml version="1.0"?><opml version="2.0"><body>
<outline text="Blogs"><outline text="Danske">
<outline type="rss" text="Kødbyen &amp; Ærø" xmlUrl="https://a.example/feed" htmlUrl="https://a.example/"/>
<outline type="rss" text="Kødbyen &amp; Ærø" xmlUrl="https://a.example/comments/feed"/></outline></outline>
<outline type="rss" text="Forum" xmlUrl="https://b.example/latest.rss"/>
<outline type="rss" text="Bad" xmlUrl="javascript:alert(1)"/>
</body></opml>"""


def test_a_list_of_feeds_goes_in_and_out_with_folders_and_titles(office: Office) -> None:
    file = office.folder / "feeds.opml"
    file.write_text(OPML, encoding="utf-8")
    result = office.oximeter("import", str(file))
    assert result.exit_code == 0, result.output
    assert "javascript:alert(1) is not a web address" in result.stderr
    first, second = load(office.path).channels
    assert (first.id, first.name, first.folder) == ("koedbyen-aeroe", "Kødbyen & Ærø", ("Blogs", "Danske"))
    assert first.feeds == ("https://a.example/feed", "https://a.example/comments/feed")
    assert (second.name, second.folder) == ("Forum", ())
    out = office.oximeter("export", "--format", "opml").stdout
    other = Office(office.folder / "other")
    (office.folder / "again.opml").write_text(out, encoding="utf-8")
    other.oximeter("import", str(office.folder / "again.opml"))
    assert load(other.path).channels == load(office.path).channels
    again = office.oximeter("import", str(file))
    assert again.stdout.startswith("0 channels added")


def test_a_file_that_lists_no_feed_is_a_sentence(office: Office) -> None:
    file = office.folder / "feeds.opml"
    for text in ("", "not xml", "<opml version='2.0'><body/></opml>"):
        file.write_text(text, encoding="utf-8")
        result = office.oximeter("import", str(file))
        assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
        assert not office.path.exists()
