"""What the pages of very many channels promise: all are there, each once, and found from the first page."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

import pytest
from lxml import html

from monitor import report
from monitor.config import load
from monitor.jobs import write_report
from monitor.model import Night, Status
from monitor.oxygen import advise
from monitor.report import pages
from monitor.store import open_store
from tests.report.builders import channel, full, night

MANY = 5


def a_night(size: int) -> Night:
    statuses = list(Status)
    channels = [channel(f"c{n}", statuses[n % len(statuses)], oxygen=n * 31 % 101) for n in range(size)]
    return replace(night(*channels), counsel=advise(channels))


def written(found: Night, **files: str) -> dict[str, str]:
    texts: dict[str, str] = {}

    @contextmanager
    def opened(name: str) -> Iterator[IO[str]]:
        with io.StringIO() as file:
            yield file
            texts[name] = file.getvalue()

    names = pages.write(found, files or {"en": "index.html"}, opened)
    assert sorted(names) == sorted(texts)
    return texts


@pytest.fixture
def several(monkeypatch: pytest.MonkeyPatch) -> Night:
    """A night of more channels than one page tells of."""
    monkeypatch.setattr(pages, "ONE_PAGE", MANY)
    monkeypatch.setattr(pages, "PIECE", 4)
    return a_night(11)


def cards(text: str) -> list[str]:
    return [str(one.get("id")) for one in html.document_fromstring(text).xpath("//article")]


def test_up_to_a_thousand_channels_are_one_page() -> None:
    texts = written(full())
    assert sorted(texts) == ["index.html", "report.json"]
    assert texts["index.html"] == report.page(full())
    assert len(cards(texts["index.html"])) == len(full().channels)


def test_a_page_asked_for_alone_tells_of_all_however_many_they_are(several: Night) -> None:
    assert len(cards(report.page(several))) == len(several.channels)


def test_every_channel_is_on_one_of_the_pages_worst_first(several: Night) -> None:
    texts = written(several)
    assert sorted(texts) == ["index-2.html", "index-3.html", "index.html", "report.json"]
    shown = [card for name in ("index.html", "index-2.html", "index-3.html") for card in cards(texts[name])]
    rows = html.document_fromstring(texts["index.html"]).xpath("//table[@id='_overview']/tbody/tr")
    assert shown == [row.get("data-id") for row in rows]
    assert sorted(shown) == sorted(one.channel.id for one in several.channels)
    assert [int(row.get("data-order")) for row in rows] == list(range(1, 12))


def test_the_table_leads_to_each_card_wherever_it_is(several: Night) -> None:
    texts = written(several, en="index.html", da="index.da.html")
    for first in ("index.html", "index.da.html"):
        tree = html.document_fromstring(texts[first])
        for link in tree.xpath("//table[@id='_overview']//a/@href"):
            file, _, anchor = str(link).partition("#")
            assert anchor in cards(texts[file or first])
        # What is linked to by the first page's name and the channel, as alerts are, leads to its line there.
        anchors = {str(one) for one in tree.xpath("//*/@id")}
        assert anchors >= {one.channel.id for one in several.channels}


def test_further_pages_lead_back_and_on(several: Night) -> None:
    texts = written(several)
    (_, *links) = html.document_fromstring(texts["index-2.html"]).xpath("//header//a/@href")
    assert links == ["index.html", "index.html", "index-3.html"]
    assert "Channels 5 to 8 of 11, worst first" in texts["index-2.html"]
    last = html.document_fromstring(texts["index-3.html"]).xpath("//header//a/@href")
    assert last == ["index.html", "index-2.html", "index.html"]


def test_the_json_is_the_same_in_pieces_as_whole(several: Night) -> None:
    for found in (several, full(), a_night(0), replace(full(), counsel=None)):
        assert json.loads(written(found)["report.json"]) == json.loads(json.dumps(report.as_json(found)))


def test_pages_of_an_earlier_run_with_more_channels_go(
    several: Night, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("monitor.jobs.alert_feed", lambda *_: b"")
    (tmp_path / "channels.toml").write_text('[organisation]\nname = "Eksempel A/S"\n', "utf-8")
    config = load(tmp_path / "channels.toml")
    with open_store(config.store_url) as store:
        few = several.channels[:3]
        folder = write_report(config, store, several).parent
        assert (folder / "index-3.html").exists()
        write_report(config, store, replace(several, channels=few, counsel=advise(few)))
        assert sorted(path.name for path in folder.iterdir()) == ["index.html", "report.json"]
