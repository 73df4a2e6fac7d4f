"""Whole nights with the store on a server: the same answers as with a file, and no letter twice."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from tests.loopback import Site, reply, site
from tests.organisation import NOW, Office, Served, weekly_posts
from tests.postgresql.server import PASSWORD, Server

TOMORROW = NOW + timedelta(days=1)


@dataclass
class Two:
    """Two offices with the same feeds: one keeps a file, one has its store on a server."""

    file: Office
    server: Office
    blog: Served


@pytest.fixture
def two(tmp_path: Path, url: str) -> Iterator[Two]:
    blog = Served(weekly_posts())
    with site(blog=blog, gone=reply(410)) as web:
        yield Two(an_office(tmp_path / "file", web, "sqlite:///data/o.db"), an_office(tmp_path / "pg", web, url), blog)


def an_office(folder: Path, web: Site, url: str) -> Office:
    feeds: dict[str, Sequence[str]] = {"blog": [f"{web.url}/blog"], "vaek": [f"{web.url}/gone"]}
    return Office(folder).write(feeds, f'[store]\nurl = "{url}"\n')


def told(text: str, office: Office) -> str:
    """What a command printed, without what must differ."""
    return text.replace(str(office.folder), "").replace(office.config.store_url, "")


def test_a_night_and_its_repetition_are_those_of_a_file(two: Two) -> None:
    for now in (NOW, NOW, TOMORROW):
        file, server = (office.oximeter("run", "--json", now=now) for office in (two.file, two.server))
        assert server.exit_code == 0, server.output
        assert PASSWORD not in server.output
        assert json.loads(told(server.stdout, two.server)) == json.loads(told(file.stdout, two.file))
    assert len(two.server.letters) == 2
    two.blog.body, two.blog.etag = weekly_posts(until=NOW + timedelta(days=8)), '"2"'
    later = NOW + timedelta(days=8)
    assert two.server.json("poll", now=later) == two.file.json("poll", now=later)


@pytest.mark.parametrize(
    "command",
    [
        ["status", "--json"],
        ["advise", "--json"],
        ["export", "--format", "csv"],
        ["export", "--format", "json"],
        ["export", "--format", "opml"],
        ["check", "--quiet"],
    ],
    ids=" ".join,
)
def test_what_is_told_of_a_store_on_a_server_is_what_is_told_of_a_file(two: Two, command: list[str]) -> None:
    for office in (two.file, two.server):
        assert office.oximeter("run").exit_code == 0
    file, server = (office.oximeter(*command, now=TOMORROW) for office in (two.file, two.server))
    assert (server.exit_code, told(server.stdout, two.server)) == (file.exit_code, told(file.stdout, two.file))


def test_what_was_exported_from_a_server_is_replayed(two: Two, tmp_path: Path) -> None:
    for office in (two.file, two.server):
        office.oximeter("run")
        office.folder.joinpath("events.csv").write_text(office.oximeter("export", "--format", "csv").stdout, "utf-8")
    file, server = (
        office.oximeter("backtest", str(office.folder / "events.csv"), "--every", "30")
        for office in (two.file, two.server)
    )
    assert (server.exit_code, server.stdout) == (0, file.stdout)
    assert server.stdout.count("\n") > 2


def test_a_server_that_goes_in_mid_night_is_a_sentence_and_the_next_night_is_right(
    tmp_path: Path, server: Server, database: str
) -> None:
    """The second feed is answered once the server is down."""
    forum = Served(weekly_posts(20))
    first = True

    def last(handler: BaseHTTPRequestHandler) -> None:
        nonlocal first
        if first:
            server.stop()
        first = False
        forum(handler)

    with site(blog=Served(weekly_posts(10)), forum=last) as web:
        table = f'[store]\nurl = "{server.url(database)}"\n[poll]\nconnections = 1\nretry_seconds = 0\n'
        office = Office(tmp_path).write({"blog": [f"{web.url}/blog", f"{web.url}/forum"]}, table)
        try:
            for _ in ("it goes", "it is gone"):
                result = office.oximeter("run")
                assert result.exit_code == 1
                assert result.stderr.count("\n") == 1, result.stderr
                assert "server" in result.stderr
                assert PASSWORD not in result.output
        finally:
            server.start()
        found = office.json("run", now=TOMORROW)
        assert [(feed["outcome"], feed["entries"]) for feed in found["feeds"]] == [("updated", 10), ("updated", 20)]
