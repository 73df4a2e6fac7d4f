"""Words that want to be more than words: harmless on every way out of the house."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest

from monitor.deliver import mail
from tests.faults.catalogue import FAULTS
from tests.faults.fault import Fault
from tests.faults.feeds import NOW
from tests.faults.harm import in_csv, in_json, in_page, in_terminal
from tests.faults.redirects import SECRET
from tests.faults.server import farm
from tests.organisation import Office

MOMENT = datetime.fromtimestamp(NOW, UTC)
TOLD = (
    "hostile-reason",
    "hostile-type",
    "encoding-hostile",
    "redirect-script",
    "redirect-password-in-house",
    "access-denied",
)
"""Faults whose sentences repeat a server's words."""
CHOSEN = [fault for fault in FAULTS if fault.family == "text" or fault.name in TOLD]
PLAIN_NAME = re.compile(r"[A-Za-z0-9_.@-]+")


@dataclass(frozen=True)
class Surfaces:
    """Everything that a night with hostile feeds writes and prints."""

    office: Office
    run: str
    log: str
    status: str
    rows: list[list[str]]

    @property
    def page(self) -> Path:
        (page,) = (self.office.folder / "reports").glob("????-??-??/index.html")
        return page


def told(office: Office, *arguments: str) -> tuple[str, str]:
    """What a command prints, and what it logs."""
    result = office.oximeter(*arguments, now=MOMENT)
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def night(office: Office) -> Surfaces:
    run, log = told(office, "run", "--verbose")
    status, _ = told(office, "status")
    rows = list(csv.reader(io.StringIO(told(office, "export", "--format", "csv")[0])))
    return Surfaces(office, run, log, status, rows)


def renamed(fault: Fault) -> str:
    """A channel's id that does not itself hold what we look for."""
    return f"k{CHOSEN.index(fault)}"


@pytest.fixture(scope="module")
def surfaces(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Surfaces]:
    with farm(*CHOSEN) as here:
        office = Office(tmp_path_factory.mktemp("text") / "kontor")
        office.write({renamed(fault): [here.address(fault)] for fault in CHOSEN})
        yield night(office)


def test_the_page_shows_words_as_words(surfaces: Surfaces) -> None:
    page = surfaces.page.read_text(encoding="utf-8")
    assert page.count("<script") == 1  # the page's own
    assert in_page(page) == []


def test_the_other_files_can_be_read_by_programs(surfaces: Surfaces) -> None:
    reports = surfaces.office.folder / "reports"
    assert in_json(json.loads(surfaces.page.with_name("report.json").read_text(encoding="utf-8"))) == []
    alerts = (reports / "alerts.atom").read_text(encoding="utf-8")
    assert ElementTree.fromstring(alerts).tag.endswith("feed")
    assert in_terminal(alerts) == []
    assert in_page((reports / "index.html").read_text(encoding="utf-8")) == []


def test_the_mail_has_no_headers_but_its_own_and_shows_words_as_words(surfaces: Surfaces) -> None:
    (letter,) = surfaces.office.letters
    message = mail.parse(letter.read_bytes())
    assert message.get_all("To") == ["chef@eksempel.example"]
    assert message.get_all("Bcc") is None
    assert message.get_all("Cc") is None
    text = message.get_body(("plain",))
    page = message.get_body(("html",))
    assert text is not None
    assert page is not None
    assert in_terminal(text.get_content().replace("\r\n", "\n")) == []
    assert in_page(page.get_content().replace("\r\n", "\n")) == []
    assert "<script" not in page.get_content()


def test_a_terminal_shows_words_as_words(surfaces: Surfaces) -> None:
    assert all(name in surfaces.status for name in map(renamed, CHOSEN))
    assert in_terminal(surfaces.run) == []
    assert in_terminal(surfaces.status) == []


def test_the_log_has_a_line_for_each_feed_and_nothing_that_a_feed_wrote_alone(surfaces: Surfaces) -> None:
    assert in_terminal(surfaces.log) == []
    lines = [line for line in surfaces.log.splitlines() if line.strip()]
    assert len(lines) >= len(CHOSEN)
    assert [line for line in lines if not re.match(r"\d{4}-\d\d-\d\d", line)] == []


def test_a_spreadsheet_shows_words_as_words(surfaces: Surfaces) -> None:
    header, *rows = surfaces.rows
    assert header == ["channel", "kind", "time", "author", "thread"]
    assert {len(row) for row in rows} == {5}
    assert len(rows) >= 3 * sum(fault.family == "text" for fault in CHOSEN)
    assert in_csv(rows) == []
    assert in_terminal("".join(cell for row in rows for cell in row)) == []


def test_no_file_is_named_by_a_feed(surfaces: Surfaces) -> None:
    folder = surfaces.office.folder
    names = [part for path in folder.rglob("*") for part in path.relative_to(folder).parts]
    assert [name for name in names if not PLAIN_NAME.fullmatch(name)] == []
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_password_in_an_address_is_told_to_nobody(surfaces: Surfaces) -> None:
    written = [path for path in surfaces.office.folder.rglob("*") if path.is_file()]
    assert [path.name for path in written if SECRET.encode() in path.read_bytes()] == []
    assert SECRET not in surfaces.run + surfaces.log + surfaces.status
