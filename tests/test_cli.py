"""The command line: exit codes, sentences, help and silence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from monitor.alone import lock_path
from monitor.cli import Session, main, scheduled_night, scheduled_poll
from monitor.lock import locked
from tests.loopback import reply, site
from tests.mailserver import Inbox, a_server
from tests.organisation import NOW, Office, Served, item, rss, weekly_posts

ROOT = Path(__file__).parent.parent
COMMANDS = main.list_commands(click.Context(main))


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def process(office: Office, *arguments: str) -> subprocess.Popen[str]:
    """A run in a process of its own, which can be killed."""
    command = [sys.executable, "-m", "monitor", *arguments, "--config", str(office.path), "--now", NOW.isoformat()]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=office.folder
    )


def test_the_commands_are_those_that_work() -> None:
    assert COMMANDS == [
        "add", "advise", "backfill", "backtest", "check", "demo", "export", "import", "poll", "report", "run",
        "schedule", "send", "status",
    ]  # fmt: skip


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help_with_an_example_and_takes_the_common_options(name: str) -> None:
    text = CliRunner().invoke(main, [name, "--help"]).stdout
    assert "Example: oximeter " in text
    assert all(option in text for option in ("--config", "--now", "--quiet", "--verbose", "--log-format"))


def test_a_config_with_mistakes_says_them_all_exits_2_and_touches_nothing(office: Office) -> None:
    office.path.parent.mkdir()
    office.path.write_text('[organisation]\nnam = "E"\nlanguage = "dk"\n[[channel]]\nid = "a b"\n', encoding="utf-8")
    result = office.oximeter("run")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 5
    assert result.stdout == ""
    assert [path.name for path in office.folder.iterdir()] == ["config"]


def test_a_config_without_channels_says_what_to_do(office: Office) -> None:
    office.write({})
    for name in ("run", "poll", "report", "send"):
        result = office.oximeter(name)
        assert result.exit_code == 0
        assert "oximeter add https://" in result.stdout
    assert office.json("run") == {"feeds": [], "report": None, "mails": []}
    assert office.oximeter("run", "--quiet").output == ""


def test_a_missing_config_is_a_sentence(office: Office) -> None:
    result = office.oximeter("status")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "no such file" in result.stderr


@pytest.mark.parametrize("moment", ["yesterday", "2026-13-01", "", "9999-12-31", "0001-01-01T00:00Z"])
def test_a_moment_that_is_none_is_a_usage_error(office: Office, moment: str) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    result = CliRunner().invoke(main, ["run", "--config", str(office.path), "--now", moment])
    assert result.exit_code == 2
    assert "is not a moment" in result.stderr


def test_a_moment_without_a_zone_is_the_organisations_own(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    given = ["status", "--json", "--config", str(office.path), "--now", "2026-07-01T00:30"]
    assert json.loads(CliRunner().invoke(main, given).stdout)["as_of"] == "2026-06-30T22:30:00Z"


def test_a_run_while_another_is_at_work_exits_3(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    with locked(lock_path(office.config)):
        result = office.oximeter("run")
    assert result.exit_code == 3
    assert "Another run" in result.stderr


def test_of_two_processes_at_once_one_works_and_one_exits_3(office: Office) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        inside.set()
        go_on.wait(30)
        reply(200, weekly_posts())(handler)

    with site(feed=slow) as here:
        office.write({"blog": [here.url + "/feed"]})
        first = process(office, "run")
        assert inside.wait(30)
        second = process(office, "run")
        assert second.wait(30) == 3
        go_on.set()
        assert first.wait(30) == 0


def test_a_run_killed_in_the_middle_is_completed_by_the_next(office: Office) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        inside.set()
        go_on.wait(30)
        reply(200, weekly_posts(30))(handler)

    with site(quick=Served(weekly_posts(20)), slow=slow) as here, site(other=Served(weekly_posts(10))) as there:
        office.write({"a": [here.url + "/quick", here.url + "/slow"], "b": [there.url + "/other"]})
        victim = process(office, "run")
        assert inside.wait(30)
        time.sleep(0.3)
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(30) == -signal.SIGKILL
        go_on.set()
        found = office.json("run")
    assert [feed["entries"] for feed in found["feeds"]] == [20, 30, 10]
    assert found["mails"] == [{"to": "chef@eksempel.example", "state": "outbox"}]
    assert len(office.letters) == 1


def test_a_run_killed_while_it_mails_loses_no_letter(office: Office) -> None:
    victims: list[subprocess.Popen[str]] = []

    class Killer(Inbox):
        async def handle_DATA(self, *_: object) -> str:
            victims[0].kill()
            victims[0].wait()
            return "250 OK"

    with site(feed=Served(weekly_posts())) as here, a_server(Killer()) as port:
        office.write({"blog": [here.url + "/feed"]}, smtp(port))
        victims.append(process(office, "run"))
        assert victims[0].wait(30) == -signal.SIGKILL
        inbox = Inbox()
        with a_server(inbox) as other:
            office.write({"blog": [here.url + "/feed"]}, smtp(other))
            assert office.json("run")["mails"] == [{"to": "chef@eksempel.example", "state": "sent"}]
    assert len(inbox.mails) == 1


def smtp(port: int) -> str:
    return f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'


@pytest.mark.parametrize("content", [b"this is no database at all", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_store_that_cannot_be_opened_is_one_sentence_and_stays_untouched(office: Office, content: bytes) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    store = office.folder / "data" / "oximeter.db"
    store.parent.mkdir()
    store.write_bytes(content)
    result = office.oximeter("run")
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert str(store) in result.stderr
    assert store.read_bytes() == content


def test_a_report_folder_that_cannot_be_written_is_a_sentence(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    (office.folder / "reports").write_text("in the way", encoding="utf-8")
    result = office.oximeter("run")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "cannot be written" in result.stderr


def test_quiet_prints_nothing_and_verbose_a_line_for_each_feed(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed", here.url + "/gone"]})
        assert office.oximeter("run", "--quiet").output == ""
        told = office.oximeter("run", "--verbose").stderr.splitlines()
    assert len([line for line in told if "oximeter.poll" in line]) == 2


def test_run_in_words_names_what_was_not_read_and_where_the_report_lies(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"], "forum": [here.url + "/nowhere"]})
        told = office.oximeter("run").stdout
    assert "2 feeds, 40 new entries, 1 not read" in told
    assert "forum: " in told
    assert str(office.folder / "reports" / "2026-03-02" / "index.html") in told
    assert "\x1b" not in told


def test_check_tries_everything_and_changes_nothing(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_server(Inbox()) as port:
        office.write({"blog": [here.url + "/feed"]}, smtp(port))
        result = office.oximeter("check")
        assert result.exit_code == 0, result.output
        assert [line[:3] for line in result.stdout.splitlines()] == ["ok "] * 5
        assert office.oximeter("check", "--quiet").output == ""
        assert [path.name for path in office.folder.iterdir()] == ["config"]
        office.json("run")
        assert "is ready" in office.oximeter("check").stdout


def test_check_says_all_that_would_go_wrong_and_exits_1(office: Office) -> None:
    with site() as here:
        office.write({"blog": [here.url + "/nowhere"]}, smtp(1))
        (office.folder / "data").write_text("in the way", encoding="utf-8")
        (office.folder / "reports").write_text("in the way", encoding="utf-8")
        result = office.oximeter("check", "--json")
    assert result.exit_code == 1
    findings = json.loads(result.stdout)["findings"]
    assert [(one["what"], one["well"]) for one in findings] == [
        ("store", False),
        ("report", False),
        ("feed", False),
        ("mail", False),
        ("heartbeat", True),
    ]


def test_check_of_an_empty_config_says_so(office: Office) -> None:
    office.write({}, to="chef@eksempel.example")
    result = office.oximeter("check")
    assert result.exit_code == 1
    assert "has no channel yet" in result.stdout


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the first line has no column channel, kind, time"),
        ("channel,kind,time\na,post,soon\n", "line 2"),
        ("channel,kind,time\na,poem,1\n", "line 2"),
        ("channel,kind,time,staff\na,post,1,7\n", "line 2"),
        ("channel,kind,time\na,post\n", "line 2"),
        ("channel,kind,time\na,post,99999999999999999999\n", "line 2"),
    ],
)
def test_a_history_that_is_none_is_a_sentence(tmp_path: Path, text: str, told: str) -> None:
    events = tmp_path / "events.csv"
    events.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["backtest", str(events)])
    assert result.exit_code == 1
    assert told in result.stderr
    assert result.stdout == ""


def test_a_backtest_looks_from_half_a_year_on_to_a_year_after_the_end(tmp_path: Path) -> None:
    day = 86_400
    events = tmp_path / "events.csv"
    rows = "".join(f"a,{'reply' if n % 2 else 'post'},{n * 7 * day},,,\n" for n in range(53))
    events.write_text("channel,kind,time,author,thread,staff\n" + rows, encoding="utf-8")
    out = tmp_path / "scores.csv"
    told = CliRunner().invoke(main, ["backtest", str(events), "--every", "30", "--out", str(out)])
    assert told.exit_code == 0
    lines = [line.split(",") for line in out.read_text(encoding="utf-8").splitlines()[1:]]
    assert [int(line[1]) // day for line in lines] == list(range(180, 52 * 7 + 365 + 1, 30))
    assert all(0 <= float(line[3]) <= 1 for line in lines)
    assert float(lines[-1][3]) > float(lines[0][3])
    until = CliRunner().invoke(main, ["backtest", str(events), "--until", "1970-08-01"]).stdout.splitlines()
    assert len(until) == 1 + 2
    seconds = CliRunner().invoke(main, ["backtest", str(events), "--until", str(213 * day)]).stdout.splitlines()
    assert seconds == until
    for wrong in ("soon", "9999-12-31"):
        assert CliRunner().invoke(main, ["backtest", str(events), "--until", wrong]).exit_code == 2


def test_schedule_runs_the_job_at_its_hour_until_it_is_asked_to_end(office: Office) -> None:
    from datetime import datetime

    soon = (datetime.now() + timedelta(minutes=1)).strftime("%H:%M")
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        resident = process(office, "schedule", "--at", soon)
        assert resident.stdout is not None
        told = resident.stdout.readline()  # it has its hands free now, however slowly the machine started it
        assert resident.poll() is None
        resident.send_signal(signal.SIGTERM)
        _, err = resident.communicate(timeout=60)
    assert resident.returncode == 0, err
    assert soon in told


def test_a_scheduled_night_reads_the_config_anew_and_survives_its_mistakes(
    office: Office, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Session(office.path, None, quiet=False, verbose=False)
    scheduled_night(session, int(NOW.timestamp()))
    assert "no such file" in caplog.text
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]}, smtp(1))
        scheduled_night(session, int(NOW.timestamp()))
    assert "waits for the next run" in caplog.text
    assert "2026-03-02/index.html" in capsys.readouterr().out


def test_with_hourly_runs_a_feed_is_asked_as_often_as_it_is_written_to(office: Office) -> None:
    session = Session(office.path, None, quiet=True, verbose=False)
    daily = Served(rss(*(item(number, NOW - timedelta(days=number)) for number in range(40))))
    weekly = Served(weekly_posts())
    with site(daily=daily, weekly=weekly) as here:
        office.write({"daily": [here.url + "/daily"], "weekly": [here.url + "/weekly"]})
        for hour in range(24):
            scheduled_night(session, int((NOW + timedelta(hours=hour)).timestamp()))
    assert (len(daily.asked), len(weekly.asked)) == (4, 2)
    assert all("If-None-Match" in question for question in [*daily.asked[1:], *weekly.asked[1:]])


def test_a_scheduled_look_survives_a_mistake_in_the_config_and_keeps_out_of_a_run_s_way(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    session = Session(office.path, None, quiet=False, verbose=False)
    scheduled_poll(session, int(NOW.timestamp()))
    assert "no such file" in caplog.text
    caplog.clear()
    office.write({"blog": ["http://127.0.0.1:1/feed"]})
    with locked(lock_path(office.config)):
        scheduled_poll(session, int(NOW.timestamp()))
    assert caplog.text == ""


def test_an_hour_that_is_none_is_a_usage_error(office: Office) -> None:
    assert office.write({}).oximeter("schedule", "--at", "25:00").exit_code == 2
