"""``oximeter demo``: the whole job on the sample organisation, from an empty folder."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from monitor.cli import main
from monitor.deliver import mail
from monitor.demo import night
from monitor.model import Outcome, Reading
from monitor.store import open_store

NOW = "2026-03-02T03:00:00+01:00"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "en tom mappe"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def two_nights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer past nights, where it does not matter what the verdicts are."""
    monkeypatch.setattr(night, "past_nights", lambda now: (now - 2 * 86_400, now - 86_400))


def demo(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["demo", "--now", NOW, *arguments], catch_exceptions=False)


def test_the_demo_shows_every_verdict_and_leaves_report_json_and_letter(folder: Path) -> None:
    told = demo()
    assert told.exit_code == 0, told.output
    page = folder / "reports" / "2026-03-02" / "index.html"
    (letter,) = (folder / "reports" / "outbox").glob("*.eml")
    for path in (page, page.with_name("report.json"), letter):
        assert str(path) in told.stdout
    found = CliRunner().invoke(main, ["status", "--json", "--config", "config/demo.toml"])
    assert {one["id"]: one["status"] for one in json.loads(found.stdout)["channels"]} == {
        "cykelblog": "breathing",
        "ledelsesblog": "starving",
        "debat": "starving",
        "teamblog": "dead",
        "kvartalsnyt": "breathing",
        "beta-forum": "newborn",
        "intranet": "unknown",
        "community": "thin",
    }
    assert "Debatforum" in mail.parse(letter.read_bytes())["Subject"]
    assert (folder / "reports" / "index.html").read_text(encoding="utf-8").count("/index.html") == night.REPORTED + 1


@pytest.mark.usefixtures("two_nights")
def test_the_demo_again_starts_its_store_and_its_outbox_afresh(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 8099)):  # its usual port is taken: it finds another
        first = json.loads(demo("--json").stdout)
    second = json.loads(demo("--json").stdout)
    assert [feed["entries"] for feed in second["feeds"]] == [feed["entries"] for feed in first["feeds"]]
    assert len(list((folder / "reports" / "outbox").glob("*.eml"))) == 1


@pytest.mark.usefixtures("two_nights")
def test_the_demo_leaves_any_other_organisation_alone(folder: Path) -> None:
    config = folder / "mine.toml"
    config.write_text('[organisation]\nname = "E"\n[[channel]]\nid = "a"\nfeeds = ["https://x.example/"]\n', "utf-8")
    told = demo("--config", str(config))
    assert told.exit_code == 2
    assert "not one of the sample's feeds" in told.stderr
    config.write_text('[organisation]\nname = "E"\n[store]\nurl = "postgresql://u@127.0.0.1:1/x"\n', "utf-8")
    assert demo("--config", str(config)).exit_code == 2


@pytest.mark.usefixtures("two_nights")
def test_the_demo_does_not_throw_away_a_store_that_holds_more_than_the_sample(folder: Path) -> None:
    demo()
    real = "https://blog.eksempel.example/feed/"
    with open_store(f"sqlite:///{folder}/data/demo.db") as store:
        store.record(Reading("blog", real, Outcome.UPDATED, "read", 0))
    told = demo()
    assert told.exit_code == 1
    assert real in told.stderr
    with open_store(f"sqlite:///{folder}/data/demo.db") as store:
        assert real in store.addresses()
