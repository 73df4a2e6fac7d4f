"""Whole real sites, kept as their feeds: found, walked back and counted as their own records say."""

from __future__ import annotations

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from monitor.model import DAY, Kind
from monitor.poll.parse import parse
from tests.liveblog import NOT_FOUND, Answer, serving
from tests.organisation import Office

ARCHIVES = Path(os.environ.get("OXIMETER_SHARED", "../shared")) / "feeds-real"
WORDPRESS, FORUM = ARCHIVES / "wordpress-6.1", ARCHIVES / "stackstorm-forum"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(not ARCHIVES.exists(), reason="no archived sites here")


def truths() -> list[dict[str, object]]:
    file = WORDPRESS / "truth.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []


class Archive:
    """The blog's feeds under the addresses that it had them under."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, path: str, query: dict[str, str], url: str) -> Answer:
        if query.get("feed") == "comments-rss2":
            return self.file("comments.xml", empty="paged" in query)
        if query.get("feed") == "rss2":
            post, page = query.get("p"), query.get("paged", "1")
            return self.file(f"post-{post}-comments.xml" if post else f"posts-page-{page}.xml")
        links = "".join(
            f'<link rel="alternate" type="application/rss+xml" href="http://127.0.0.1:8471/?feed={name}">'
            for name in ("rss2", "comments-rss2")
        )
        return (200, {}, f"<html><title>Blog</title>{links}</html>".encode()) if not query else NOT_FOUND

    def file(self, name: str, empty: bool = False) -> Answer:
        file = self.folder / name
        if not file.exists():
            return NOT_FOUND
        body = file.read_bytes()
        return 200, {}, re.sub(rb"<item>.*</item>", b"", body, flags=re.DOTALL) if empty else body


@pytest.mark.parametrize("truth", truths(), ids=lambda truth: str(truth["blog"]))
def test_an_archived_blog_is_counted_as_it_was_written(truth: dict[str, object], tmp_path: Path) -> None:
    office = Office(tmp_path)
    with serving(Archive(WORDPRESS / str(truth["blog"]))) as site:
        assert office.oximeter("add", site.url, "--yes", "--id", "blog", now=NOW).exit_code == 0
        assert "its first page is reached" in office.oximeter("backfill", now=NOW).stdout
        office.oximeter("run", now=NOW)
        found = office.json("status", now=NOW)["channels"][0]
    assert (found["total_posts"], found["total_replies"]) == (truth["posts"], truth["comments"])
    rows = [line.split(",") for line in office.oximeter("export", now=NOW).stdout.splitlines()[1:]]
    posts = [int(row[2]) for row in rows if row[1] == "post"]
    replies = [int(row[2]) for row in rows if row[1] == "reply"]
    assert (min(posts), max(posts), max(replies)) == (truth["first_post"], truth["last_post"], truth["last_comment"])


def tree(path: str, query: dict[str, str], url: str) -> Answer:
    file = FORUM / path.strip("/")
    html = b'<html><head><title>Forum</title><meta name="generator" content="Discourse 2.8"></head></html>'
    return (200, {}, file.read_bytes()) if file.is_file() else (200, {}, html) if path == "/" else NOT_FOUND


@pytest.mark.skipif(not FORUM.exists(), reason="no archived forum here")
def test_an_archived_forum_is_heard_through_its_topics_own_feeds(tmp_path: Path) -> None:
    office = Office(tmp_path)
    with serving(tree) as site:
        office.oximeter("add", site.url, "--yes", "--id", "forum", now=NOW)
        office.oximeter("backfill", now=NOW)
        office.oximeter("run", now=NOW)
        found = office.json("status", now=NOW)["channels"][0]
        asked = [path for path in site.paths if path.startswith("/t/") and (FORUM / path.strip("/")).exists()]
    # What the topics shown in the forum's two feeds hold, by every feed of theirs in the archive.
    entries = {}
    for name in ("latest.rss", "posts.rss", *(path.strip("/") for path in asked)):
        for entry in parse(
            (FORUM / name).read_bytes(), "", f"https://forum.example/{name}", int(NOW.timestamp())
        ).entries:
            entries[entry.key] = entry
    replies = [entry for entry in entries.values() if entry.kind is Kind.REPLY]
    assert asked
    assert found["total_replies"] >= len(replies)
    assert found["total_posts"] == len(entries) - len(replies)
    assert found["status"] == "dead"
    assert int(NOW.timestamp()) - max(entry.time or 0 for entry in replies) > 365 * DAY
