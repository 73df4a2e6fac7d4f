"""``oximeter check``: whatever would make tonight fail is told, with what to do; nothing is changed by looking."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

from monitor import alone, checkup, cli, machine
from monitor.cli import main
from monitor.lock import locked
from monitor.model import Outcome, Reading
from tests.loopback import reply, site
from tests.mailserver import Inbox, a_server
from tests.organisation import NOW, Office, Served, weekly_posts
from tests.test_cli import smtp
from tests.watcher import SECRET, a_watcher

Finding = dict[str, Any]


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.fixture
def lived(office: Office) -> Office:
    """An office that has had a night, with a store and a report; its feed is gone since."""
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
    return office


def findings(office: Office, now: datetime = NOW) -> dict[str, Finding]:
    """What check finds by what was tried; where there are several of a kind, a bad one."""
    result = office.oximeter("check", "--json", now=now)
    found: list[Finding] = json.loads(result.stdout)["findings"]
    assert result.exit_code == (0 if all(one["well"] for one in found) else 1)
    assert all(list(one) == ["what", "well", "sentence"] for one in found)
    return {one["what"]: one for one in sorted(found, key=lambda one: not one["well"])} | {
        one["what"]: one for one in found if not one["well"]
    }


def bad(office: Office, what: str, now: datetime = NOW) -> str:
    """The sentence of what is wrong."""
    found = findings(office, now)
    assert not found[what]["well"], found
    return str(found[what]["sentence"])


def store(office: Office) -> Path:
    return office.folder / "data" / "oximeter.db"


def test_a_night_that_would_go_well_is_told_as_such(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_server(Inbox()) as port, a_watcher() as watcher:
        more = smtp(port) + f'[heartbeat]\nurl = "{watcher.url}"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        office.json("run")
        watcher.pings.clear()
        result = office.oximeter("check")
    assert result.exit_code == 0, result.output
    assert [line.split()[:2] for line in result.stdout.splitlines()] == [
        ["ok", "store"], ["ok", "report"], ["ok", "feed"], ["ok", "mail"], ["ok", "heartbeat"],
    ]  # fmt: skip
    assert watcher.pings == []


def test_looking_changes_nothing(lived: Office) -> None:
    def seen() -> dict[str, bytes]:
        files = (path for path in lived.folder.rglob("*") if path.is_file() and path.suffix != ".lock")
        return {str(path): path.read_bytes() for path in files}

    before = seen()
    lived.oximeter("check")
    assert seen() == before


def test_a_config_with_mistakes_exits_2_and_says_them(office: Office) -> None:
    office.path.parent.mkdir()
    office.path.write_text("[organisation]\nnam = 'E'\n", encoding="utf-8")
    result = office.oximeter("check")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 2)


# The store


@pytest.mark.parametrize(
    "content", [b"this is no database at all, but a letter", b"SQLite format 3\x00" + b"\xff" * 500]
)
def test_a_file_that_is_no_store_is_told(office: Office, content: bytes) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    store(office).parent.mkdir()
    store(office).write_bytes(content)
    assert str(store(office)) in bad(office, "store")
    assert store(office).read_bytes() == content


def test_damage_in_the_middle_of_the_store_is_told(lived: Office) -> None:
    with closing(sqlite3.connect(store(lived))) as db:
        (page,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'entries'").fetchone()
        (size,) = db.execute("PRAGMA page_size").fetchone()
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with store(lived).open("rb+") as file:
        file.seek((page - 1) * size)
        file.write(b"\x5a" * size)
    assert "is damaged" in bad(lived, "store")


def test_a_store_of_a_newer_oximeter_is_told(lived: Office) -> None:
    with closing(sqlite3.connect(store(lived))) as db, db:
        db.execute("UPDATE alembic_version SET version_num = 'later'")
    assert "was written by a newer Oximeter" in bad(lived, "store")


def test_a_store_that_cannot_be_written_is_told(lived: Office) -> None:
    with closing(sqlite3.connect(store(lived))) as db:
        db.execute("PRAGMA journal_mode = DELETE")
    # A version of the format that this SQLite may read and not write: even root is held to that.
    with store(lived).open("rb+") as file:
        file.seek(18)
        file.write(b"\x03")
    assert "cannot be written" in bad(lived, "store")


def test_a_store_that_another_program_holds_is_told_and_is_well_again_after(
    lived: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.checkup.LOCK_SECONDS", 0.1)
    with closing(sqlite3.connect(store(lived), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "is held by another program" in bad(lived, "store")
        other.execute("ROLLBACK")
    assert findings(lived)["store"]["well"]


def test_a_folder_in_the_store_s_place_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    store(office).mkdir(parents=True)
    assert "it is a folder" in bad(office, "store")


def test_a_store_whose_folder_cannot_be_made_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    (office.folder / "data").write_text("in the way", encoding="utf-8")
    assert "cannot be made" in bad(office, "store")


def test_a_database_server_that_is_not_there_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]}, '[store]\nurl = "postgresql://o:hemmelig@127.0.0.1:1/o"\n')
    assert "hemmelig" not in bad(office, "store")


def test_a_disk_that_is_nearly_full_is_told_once_a_disk(lived: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "disk" not in findings(lived)
    monkeypatch.setattr(machine, "ROOM_BYTES", 10**18)
    assert "make room until there are 1,000,000,000,000 MB." in bad(lived, "disk")


def test_a_disk_that_does_not_say_how_full_it_is_is_no_failure(lived: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: object) -> None:
        raise OSError("not supported")

    monkeypatch.setattr(shutil, "disk_usage", refuse)
    assert "disk" not in findings(lived)


# The clock and the lock


def test_a_clock_that_died_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office.write({})
    monkeypatch.setattr(cli, "clock", SimpleNamespace(time=lambda: 86_400.0))
    result = CliRunner().invoke(main, ["check", "--config", str(office.path)])
    assert result.exit_code == 1
    assert "BAD  clock     The machine's clock says 1970-01-02 00:00 UTC" in result.stdout


@pytest.mark.parametrize(("hours", "well"), [(-23, True), (-25, False), (0, True), (24 * 900, True)])
def test_a_clock_behind_the_store_by_more_than_a_day_is_told(lived: Office, hours: int, well: bool) -> None:
    now = NOW + timedelta(hours=hours)
    if well:
        assert "clock" not in findings(lived, now)
    else:
        assert bad(lived, "clock", now) == (
            "The clock says 2026-03-01 01:00 UTC, but the store was written on 2026-03-02 02:00 UTC: set the clock."
        )


def test_a_run_at_work_is_told_and_no_failure(lived: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        lived.write({"blog": [here.url + "/feed"]})
        with locked(alone.lock_path(lived.config)):
            found = findings(lived)
        assert "lock" not in findings(lived)
    assert found["lock"]["well"]
    assert "A run is at work" in found["lock"]["sentence"]
    assert all(one["well"] for one in found.values())


def test_a_run_that_writes_is_not_taken_for_another_program(lived: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("monitor.checkup.LOCK_SECONDS", 0.1)
    with locked(alone.lock_path(lived.config)), closing(sqlite3.connect(store(lived), isolation_level=None)) as run:
        run.execute("BEGIN IMMEDIATE")
        assert findings(lived)["store"]["well"]


# The report, the feeds, and those who are told


def test_a_report_folder_that_is_a_file_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    (office.folder / "reports").write_text("in the way", encoding="utf-8")
    assert "cannot be written" in bad(office, "report")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_report_folder_that_is_not_ours_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    (office.folder / "reports").mkdir(mode=0o555)
    assert "cannot be written" in bad(office, "report")


def test_every_feed_that_cannot_be_read_is_told(office: Office) -> None:
    with site(feed=Served(weekly_posts()), page=reply(200, b"<html>no feed</html>")) as here:
        office.write(
            {"a": [here.url + "/feed", here.url + "/gone"], "b": [here.url + "/page"], "c": ["http://x.invalid/"]}
        )
        result = office.oximeter("check", "--json")
    found = [one for one in json.loads(result.stdout)["findings"] if one["what"] == "feed"]
    assert result.exit_code == 1
    assert sorted(one["sentence"].partition(":")[0] for one in found if not one["well"]) == ["a", "b", "c"]
    assert [one["sentence"].partition(",")[0] for one in found if one["well"]] == ["a"]


def test_a_feed_that_fails_is_named_once_and_nothing_is_promised_for_tomorrow(office: Office) -> None:
    with site(feed=Served(weekly_posts()), busy=reply(503)) as here:
        office.write({"a": [here.url + "/feed"], "b": [here.url + "/busy"], "c": ["http://127.0.0.1:1/feed"]})
        found = json.loads(office.oximeter("check", "--json").stdout)["findings"]
    told = sorted(one["sentence"].partition(" (Conn")[0] for one in found if one["what"] == "feed")
    assert told == [
        f"a, {here.url}/feed: read 40 entries (generic)",
        f"b: failed: HTTP 503 from {here.url}/busy: the server failed",
        "c: failed: http://127.0.0.1:1/feed could not be reached",
    ]


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("moved for good to https://x.example/f2", "a, https://x.example/f: moved for good to https://x.example/f2"),
        ("moved for good to https://x.example/f", "a: moved for good to https://x.example/f"),
        ("https://x.example/f: the name is unknown", "a: https://x.example/f: the name is unknown"),
        ("https://x.example/fx is no feed", "a, https://x.example/f: https://x.example/fx is no feed"),
    ],
)
def test_an_address_is_left_out_only_where_the_reason_names_that_very_one(reason: str, told: str) -> None:
    address = "https://x.example/f"
    reading = Reading("a", address, Outcome.MOVED, reason, 0)
    assert checkup._sentence(reading) == told


def test_what_would_go_wrong_is_counted() -> None:
    well, wrong = checkup.Finding("feed", True, "A."), checkup.Finding("mail", False, "B.")
    assert checkup.tally([well, wrong, well, wrong]) == "2 of 4 would go wrong tonight."
    assert checkup.tally([well]) == checkup.tally([]) == ""


def test_what_would_go_wrong_is_counted_at_the_end_in_words_only(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/feed"]})
    told = office.oximeter("check").stdout.splitlines()
    assert (len([line for line in told if line.startswith("BAD ")]), told[-1]) == (1, "1 of 5 would go wrong tonight.")
    assert (
        "would go wrong" not in office.oximeter("check", "--quiet").output + office.oximeter("check", "--json").output
    )


def test_a_feed_s_password_is_not_told(office: Office) -> None:
    office.write({"blog": ["http://anna:hemmelig@127.0.0.1:1/feed"]})
    assert bad(office, "feed").startswith("blog: failed: http://127.0.0.1:1/feed ")
    assert "hemmelig" not in office.oximeter("check").output


def test_a_feed_gets_as_long_as_the_config_says(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]}, "[poll]\nfetch_seconds = 1\n")
    assert office.config.poll.fetch_seconds == 1
    assert not findings(office)["feed"]["well"]


@pytest.mark.parametrize(
    ("more", "what", "told"),
    [
        (smtp(1), "mail", "127.0.0.1:1"),
        ('[smtp]\nhost = "127.0.0.1"\nuser = "u"\npassword_env = "OXIMETER_NOT_SET"\n', "mail", "is not set"),
        ('[heartbeat]\nurl_env = "OXIMETER_NOT_SET"\n', "heartbeat", "OXIMETER_NOT_SET is not set; export it"),
        (f'[heartbeat]\nurl = "http://127.0.0.1:1/{SECRET}"\n', "heartbeat", "127.0.0.1:1 takes no connection"),
    ],
)
def test_whoever_cannot_be_told_is_told_of(
    office: Office, monkeypatch: pytest.MonkeyPatch, more: str, what: str, told: str
) -> None:
    monkeypatch.delenv("OXIMETER_NOT_SET", raising=False)
    office.write({"blog": ["http://127.0.0.1:1/"]}, more)
    sentence = bad(office, what)
    assert told in sentence
    assert SECRET not in sentence


def edited(office: Office, change: Callable[[str], str]) -> Office:
    office.path.write_text(change(office.path.read_text(encoding="utf-8")), encoding="utf-8")
    return office


def test_a_report_that_nobody_gets_is_told(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    edited(office, lambda text: text.replace('to = ["chef@eksempel.example"]', "to = []"))
    assert "Nobody gets the report" in bad(office, "mail")


def test_a_chat_room_that_is_none_is_told_without_its_address(office: Office) -> None:
    pytest.importorskip("apprise")
    office.write({"blog": ["http://127.0.0.1:1/"]})
    edited(office, lambda text: text + f'notify = ["nowhere://{SECRET}/x"]\n')
    sentence = bad(office, "notify")
    assert "nowhere://…" in sentence
    assert SECRET not in sentence


def test_a_heartbeat_that_is_not_set_is_told_and_no_failure(office: Office) -> None:
    found = findings(office.write({"blog": ["http://127.0.0.1:1/"]}))["heartbeat"]
    assert found["well"]
    assert "No heartbeat is set" in found["sentence"]


def test_the_earliest_moment_of_a_clock_that_lives() -> None:
    first = int(datetime(2026, 1, 1, tzinfo=UTC).timestamp())
    assert machine.dead_clock(first) is None
    assert "2025-12-31 23:59 UTC" in (machine.dead_clock(first - 1) or "")
