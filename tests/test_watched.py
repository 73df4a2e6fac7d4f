"""Nights that are watched: the heartbeat, the figures for Prometheus, the log for programs, and dead clocks."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from monitor import __version__, alone, cli, command, jobs, logs, metrics, watching
from monitor.cli import Session, main, scheduled_night, scheduled_poll
from monitor.deliver import heartbeat
from monitor.errors import OximeterError
from monitor.lock import locked
from monitor.model import Outcome, Status
from tests.loopback import reply, site
from tests.mailserver import Inbox, a_server
from tests.organisation import NOW, Office, Served, weekly_posts
from tests.test_cli import process, smtp
from tests.watcher import SECRET, a_watcher, says

ROOT = Path(__file__).parent.parent
PASSWORD = "kodeord-hemmelig"
MOMENT = int(NOW.timestamp())


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


def beating(address: str) -> str:
    return f'[heartbeat]\nurl = "{address}"\n'


def json_lines(text: str) -> list[dict[str, Any]]:
    """The log, every line of which is an object without a control character in it."""
    found = [json.loads(line) for line in text.splitlines()]
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", text + "".join(_words(found)))
    return found


def _words(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [word for one in value.values() for word in _words(one)]
    return [word for one in value for word in _words(one)] if isinstance(value, list) else [str(value)]


def figures(office: Office) -> dict[str, float]:
    """The file of figures: ``name{label}`` to value."""
    text = (office.folder / "reports" / "metrics.prom").read_text(encoding="utf-8")
    families = list(text_string_to_metric_families(text))
    assert all(family.documentation for family in families)
    return {
        sample.name + "".join(f"{{{value}}}" for value in sample.labels.values()): sample.value
        for family in families
        for sample in family.samples
    }


# The heartbeat


def test_a_night_that_goes_well_is_a_start_and_a_success_with_a_sentence_each(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_watcher() as watcher:
        office.write({"blog": [here.url + "/feed", here.url + "/gone"]}, beating(watcher.url))
        assert office.oximeter("run").exit_code == 0
    assert watcher.events == ["start", "success"]
    (_, began), (_, ended) = watcher.pings
    assert began == "The night of 2026-03-02 begins: 1 channel, 2 feeds."
    assert re.fullmatch(
        r"The night of 2026-03-02 is done in \d+ seconds\. 2 feeds, new entries: 40, not read: 1\.", ended
    )


def test_a_night_that_finds_another_at_work_tells_nobody(office: Office) -> None:
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        with locked(alone.lock_path(office.config)):
            assert office.oximeter("run").exit_code == 3
    assert watcher.pings == []
    assert not (office.folder / "reports" / "metrics.prom").exists()


def test_a_letter_that_waits_is_a_failed_night_and_its_reader_is_not_named_to_a_stranger(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_watcher() as watcher, a_server(Inbox(data="451 no")) as port:
        office.write({"blog": [here.url + "/feed"]}, smtp(port) + beating(watcher.url))
        assert office.oximeter("run").exit_code == 1
    assert watcher.events == ["start", "fail"]
    assert "Letters that wait for the next run: 1;" in watcher.pings[1][1]
    assert "chef@" not in watcher.pings[1][1]
    assert figures(office)["oximeter_mails{waiting}"] == 1


def test_a_store_that_cannot_be_used_is_a_failed_night_that_says_why(office: Office) -> None:
    (office.folder / "data").mkdir()
    (office.folder / "data" / "oximeter.db").write_bytes(b"this is no database at all, but a letter")
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        assert office.oximeter("run").exit_code == 1
    assert watcher.events == ["start", "fail"]
    assert "oximeter.db" in watcher.pings[1][1]


def test_an_error_that_nobody_foresaw_is_a_failed_night_and_one_sentence(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OXIMETER_MISSING", raising=False)
    monkeypatch.setattr(jobs, "poll_feeds", lambda *_: os.environ["OXIMETER_MISSING"])
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        result = office.oximeter("run")
    assert watcher.events == ["start", "fail"]
    assert "KeyError in " in watcher.pings[1][1]
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert figures(office)["oximeter_run_success"] == 0


def test_a_night_stopped_by_hand_is_a_failed_night(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(jobs, "poll_feeds", stop)
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        assert office.oximeter("run").exit_code == 1
    assert watcher.events == ["start", "fail"]
    assert watcher.pings[1][1] == "The night of 2026-03-02 failed. It was stopped by hand."


def test_a_night_killed_in_the_middle_leaves_a_start_without_an_end(office: Office) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(handler: BaseHTTPRequestHandler) -> None:
        inside.set()
        go_on.wait(30)
        reply(200, weekly_posts())(handler)

    with site(feed=slow) as here, a_watcher() as watcher:
        office.write({"blog": [here.url + "/feed"]}, beating(watcher.url))
        victim = process(office, "run")
        assert inside.wait(60)
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(30) == -signal.SIGKILL
        go_on.set()
        assert watcher.events == ["start"]
        assert office.oximeter("run").exit_code == 0
    assert watcher.events == ["start", "start", "success"]


def test_a_config_with_a_mistake_is_told_as_a_failure_without_its_words(office: Office) -> None:
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url) + '[smtp]\nhost = "h"\npasword = "x"\n')
        result = office.oximeter("run")
    assert result.exit_code == 2
    assert watcher.pings == [
        (f"/{SECRET}/fail", "The night did not begin. The config has 1 mistake; oximeter check tells.")
    ]


@pytest.mark.parametrize("answers", [[says(404)], [says(500)], [says(302, Location="/login")]])
def test_a_watcher_that_refuses_fails_no_night_and_is_a_warning_without_its_path(
    office: Office, answers: list[Any]
) -> None:
    with site(feed=Served(weekly_posts())) as here, a_watcher(*answers) as watcher:
        office.write({"blog": [here.url + "/feed"]}, beating(watcher.url))
        result = office.oximeter("run", "--verbose")
    assert result.exit_code == 0
    assert (
        result.stderr.count(
            f"WARNING oximeter.run: The heartbeat's watcher at {watcher.url.removesuffix('/' + SECRET)} "
        )
        == 2
    )
    assert SECRET not in result.output


def test_a_watcher_that_is_silent_delays_a_night_by_no_more_than_its_bound(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[float] = []
    monkeypatch.setattr(heartbeat, "_within", lambda seconds, *_: asked.append(seconds))
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]}, beating("http://127.0.0.1:1/x"))
        assert office.oximeter("run").exit_code == 0
    assert sum(asked) <= 10
    assert len(asked) == 2


def test_a_watcher_that_never_answers_holds_up_neither_the_night_nor_the_end_of_the_process(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, socket.create_server(("127.0.0.1", 0)) as silent:
        office.write({"blog": [here.url + "/feed"]}, beating(f"http://127.0.0.1:{silent.getsockname()[1]}/{SECRET}"))
        finished = process(office, "run")
        _, told = finished.communicate(timeout=90)
    assert finished.returncode == 0
    assert told.count("did not answer within 5 seconds.") == 2
    assert SECRET not in told


def test_an_address_from_a_variable_that_is_not_set_is_a_warning(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OXIMETER_HEARTBEAT", raising=False)
    with site(feed=Served(weekly_posts())) as here, a_watcher() as watcher:
        office.write({"blog": [here.url + "/feed"]}, '[heartbeat]\nurl_env = "OXIMETER_HEARTBEAT"\n')
        result = office.oximeter("run")
        assert (result.exit_code, result.stderr.count("OXIMETER_HEARTBEAT is not set")) == (0, 1)
        monkeypatch.setenv("OXIMETER_HEARTBEAT", watcher.url)
        assert office.oximeter("run").stderr == ""
    assert watcher.events == ["start", "success"]


def test_each_night_of_the_scheduler_is_told_and_so_is_a_mistake_in_its_config(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    session = Session(office.path, None, quiet=True, verbose=False)
    with site(feed=Served(weekly_posts())) as here, a_watcher() as watcher:
        office.write({"blog": [here.url + "/feed"]}, beating(watcher.url))
        scheduled_night(session, MOMENT)
        assert figures(office)["oximeter_run_success"] == 1
        office.write({"blog": ["no address"]}, beating(watcher.url))
        scheduled_night(session, MOMENT)
        scheduled_poll(session, MOMENT)
    assert watcher.events == ["start", "success", "fail"]
    assert SECRET not in caplog.text


def test_a_scheduled_night_that_meets_a_bug_is_logged_and_told(
    office: Office, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(jobs, "poll_feeds", lambda *_: 1 / 0)
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        scheduled_night(Session(office.path, None, quiet=True, verbose=False), MOMENT)
    assert watcher.events == ["start", "fail"]
    assert "met a mistake of its own (ZeroDivisionError" in caplog.text


def test_the_other_commands_leave_the_watcher_in_peace(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_watcher() as watcher:
        office.write({"blog": [here.url + "/feed"]}, beating(watcher.url))
        for name in ("poll", "report", "send", "status", "check", "export"):
            assert office.oximeter(name).exit_code == 0, name
    assert watcher.pings == []


# A clock that died


def test_a_machine_whose_clock_died_does_not_run(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "clock", SimpleNamespace(time=lambda: datetime(2019, 5, 4, tzinfo=UTC).timestamp()))
    with a_watcher() as watcher:
        office.write({"blog": ["http://127.0.0.1:1/"]}, beating(watcher.url))
        result = CliRunner().invoke(main, ["run", "--config", str(office.path)])
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "The machine's clock says 2019-05-04 00:00 UTC" in result.stderr
    assert watcher.events == ["fail"]
    assert sorted(path.name for path in office.folder.iterdir()) == ["config"]


def test_a_scheduler_whose_clock_dies_skips_the_night_and_the_looks(
    office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    session = Session(office.path, None, quiet=True, verbose=False)
    for job in (scheduled_night, scheduled_poll):
        job(session, 86_400)
    assert caplog.text.count("The machine's clock says 1970-01-02 00:00 UTC") == 2
    assert not (office.folder / "data").exists()


def test_a_moment_that_is_given_may_be_any_time(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    assert office.oximeter("run", now=datetime(1999, 1, 1, tzinfo=UTC)).exit_code == 0


# The figures


def test_the_figures_tell_the_whole_night_and_prometheus_reads_them(office: Office) -> None:
    with site(feed=Served(weekly_posts()), broken=reply(404)) as here:
        office.write({"blog": [here.url + "/feed"], "forum": [here.url + "/broken"]})
        found = office.json("run")
        status = office.json("status")["channels"]
    told = figures(office)
    assert told.pop("oximeter_run_seconds") >= 0
    assert told.pop(f"oximeter_build_info{{{__version__}}}") == 1
    oxygen = {f"oximeter_channel_oxygen{{{one['id']}}}": one["oxygen"] for one in status if one["oxygen"] is not None}
    assert oxygen
    by_status = {f"oximeter_channels{{{name}}}": sum(one["status"] == name for one in status) for name in Status}
    outcomes = {
        f"oximeter_feeds{{{name}}}": sum(feed["outcome"] == name for feed in found["feeds"]) for name in Outcome
    }
    assert told == oxygen | by_status | outcomes | {
        "oximeter_run_timestamp_seconds": MOMENT,
        "oximeter_run_success": 1,
        "oximeter_last_good_night_timestamp_seconds": MOMENT,
        "oximeter_last_good_night_age_seconds": 0,
        "oximeter_entries": 40,
        "oximeter_new_entries": 40,
        "oximeter_mails{sent}": 0,
        "oximeter_mails{outbox}": 1,
        "oximeter_mails{waiting}": 0,
    }
    assert [path.name for path in (office.folder / "reports").glob("metrics.prom*")] == ["metrics.prom"]


def test_a_failed_night_remembers_the_last_good_one_and_tells_what_it_had_read(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OximeterError("The page cannot be written.")

    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        monkeypatch.setattr(jobs, "write_report", fail)
        for night in (1, 2):
            assert office.oximeter("run", now=NOW + timedelta(days=night)).exit_code == 1
    told = figures(office)
    assert told["oximeter_run_success"] == 0
    assert told["oximeter_run_timestamp_seconds"] == MOMENT + 2 * 86_400
    assert told["oximeter_last_good_night_timestamp_seconds"] == MOMENT
    assert told["oximeter_last_good_night_age_seconds"] == 2 * 86_400
    assert told["oximeter_feeds{not_modified}"] == 1
    assert not any(name.startswith(("oximeter_channel", "oximeter_entries")) for name in told)


def test_where_no_night_was_ever_good_none_is_told(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "judge_night", lambda *_: 1 / 0)
    office.write({"blog": ["http://127.0.0.1:1/"]})
    assert office.oximeter("run").exit_code == 1
    assert not any("last_good" in name for name in figures(office))


@given(st.one_of(st.text(), st.sampled_from([f"{metrics.LAST_GOOD} NaN", f"{metrics.LAST_GOOD} x", "a{", '# HELP "'])))
def test_a_file_of_figures_that_is_damaged_is_replaced(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.mktemp("reports") / "metrics.prom"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    metrics.write(path, metrics.Run(now=MOMENT, seconds=1.5, good=True))
    assert metrics.last_good_night(path) == MOMENT


def test_a_folder_that_takes_no_figures_is_a_warning_and_no_failed_night(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        (office.folder / "reports" / "metrics.prom").mkdir(parents=True)
        result = office.oximeter("run")
    assert result.exit_code == 0
    assert "metrics.prom cannot be written" in result.stderr
    assert [path.name for path in (office.folder / "reports").glob("metrics.prom*")] == ["metrics.prom"]


# The log


def test_the_json_log_tells_of_begin_feeds_and_end(office: Office) -> None:
    with site(feed=Served(weekly_posts()), broken=reply(404)) as here, a_watcher() as watcher:
        secret = here.url.replace("://", f"://anna:{PASSWORD}@")
        office.write({"blog": [here.url + "/feed", secret + "/broken"]}, beating(watcher.url))
        result = office.oximeter("run", "--log-format", "json")
    lines = [line for line in json_lines(result.stderr) if "event" in line]
    assert [line["event"] for line in lines] == ["run_started", "feed", "feed", "run_ended"]
    for line in lines:
        assert datetime.fromisoformat(line["time"].replace("Z", "+00:00")).tzinfo is not None
        assert {"level": "info", "logger": line["logger"], "message": line["message"]}.items() <= line.items()
    good, bad = sorted(lines[1:3], key=lambda line: line["url"], reverse=True)
    assert good.items() >= {"channel": "blog", "url": here.url + "/feed", "outcome": "updated", "new": 40}.items()
    assert good["bytes"] > 1_000
    assert good["seconds"] >= 0
    assert bad["url"] == here.url + "/broken"
    assert "404" in bad["reason"]
    end = lines[3]
    assert end["feeds"] == {"updated": 1, "not_modified": 0, "moved": 0, "gone": 0, "throttled": 0, "failed": 1}
    assert end["report"] == str(office.folder / "reports" / "2026-03-02" / "index.html")
    assert end["mails"] == {"sent": 0, "outbox": 1, "waiting": 0}
    assert (end["exit_code"], end["new"]) == (0, 40)
    assert not [secret for secret in (SECRET, PASSWORD) if secret in result.output]


def test_the_json_log_is_quiet_where_it_is_told_to_be(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        assert office.oximeter("run", "--log-format", "json", "--quiet").output == ""


def test_what_ends_a_command_is_a_json_line_with_its_exit_code(office: Office) -> None:
    missing = office.oximeter("status", "--log-format", "json")
    assert [(line["exit_code"], line["level"]) for line in json_lines(missing.stderr)] == [(2, "error")]
    office.write({"blog": ["http://127.0.0.1:1/"]})
    with locked(alone.lock_path(office.config)):
        held = office.oximeter("run", "--log-format", "json")
    assert (held.exit_code, [line["exit_code"] for line in json_lines(held.stderr)]) == (3, [3])
    wrong = office.oximeter("advise", "--new", "X", "--log-format", "json")
    assert (wrong.exit_code, [line["exit_code"] for line in json_lines(wrong.stderr)]) == (2, [2])
    assert "--new needs --hours" in wrong.stderr


def test_a_failed_night_ends_in_the_log_too(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    (office.folder / "data").write_text("in the way", encoding="utf-8")
    lines = json_lines(office.oximeter("run", "--log-format", "json").stderr)
    assert [line.get("event") for line in lines] == ["run_started", "run_ended", None]
    assert [line["exit_code"] for line in lines[1:]] == [1, 1]
    assert lines[1]["report"] is None


def test_a_bug_is_one_sentence_and_its_traceback_is_for_those_who_ask(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise ValueError(f"http://anna:{PASSWORD}@x.example/{SECRET}?k=1 \x1b[31m url: /{SECRET}/start {SECRET}")

    office.write({"blog": ["http://127.0.0.1:1/"]}, beating(f"http://127.0.0.1:1/{SECRET}"))
    monkeypatch.setattr(cli, "open_store", stumble)
    plain = office.oximeter("status")
    assert (plain.exit_code, len(plain.stderr.splitlines())) == (1, 1)
    assert "ValueError in test_watched.py, line " in plain.stderr
    told = office.oximeter("status", "--verbose").stderr
    assert "Traceback (most recent call last)" in told
    (line,) = json_lines(office.oximeter("status", "--verbose", "--log-format", "json").stderr)
    assert line["exit_code"] == 1
    assert line["traceback"][0] == "Traceback (most recent call last):"
    assert line["traceback"][-1].startswith("ValueError: http://x.example/")
    for secret in (SECRET, PASSWORD, "\x1b"):
        assert secret not in plain.output + told + str(line)


@pytest.mark.parametrize("form", ["text", "json"])
def test_what_libraries_log_carries_no_secret(form: str, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(form == "json", verbose=True, quiet=False)
    logs.keep_secret([f"https://hc.example/{SECRET}"])
    logging.getLogger("urllib3.connection").warning("Failed to parse headers (url=https://a:b@x.example/%s)", SECRET)
    logging.getLogger("urllib3.connectionpool").warning("Retrying after connection broken: /%s/start", SECRET)
    logging.getLogger("apscheduler.executors.default").error("raised: url: /token/%s", PASSWORD)
    logging.getLogger("alembic").info("https://x.example/%s", PASSWORD)
    logging.getLogger("urllib3.connectionpool").debug("GET /%s", PASSWORD)
    logging.getLogger("apscheduler").warning("does not %s fit %d", "x")
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 4
    assert not [secret for secret in (SECRET, PASSWORD, "a:b@") if secret in told]
    assert "x.example" in told


LIBRARIES = ("urllib3.connection", "requests", "apprise", "apscheduler", "alembic", "charset_normalizer", "asyncio")


@pytest.mark.parametrize(
    ("as_json", "verbose", "quiet", "heard"),
    [
        (False, False, False, {"our warning", "our error", "an error of a library"}),
        (False, False, True, {"our error", "an error of a library"}),
        (False, True, True, {"our error", "an error of a library"}),
        (True, False, True, {"our error", "an error of a library"}),
        (
            False,
            True,
            False,
            {"our news", "our warning", "our error", "a warning of a library", "an error of a library"},
        ),
        (True, False, False, {"our news", "our warning", "our error", "an error of a library"}),
    ],
)
def test_who_is_heard_how_loud(
    as_json: bool, verbose: bool, quiet: bool, heard: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(as_json, verbose, quiet)
    ours = logging.getLogger("oximeter.store")
    ours.info("our news")
    ours.warning("our warning")
    ours.error("our error")
    for name in LIBRARIES:
        logging.getLogger(name).warning("a warning of a library")
        logging.getLogger(name).info("news of a library")
    logging.getLogger("requests").error("an error of a library")
    told = capsys.readouterr().err
    every = {"our news", "our warning", "our error", "news of a library", "a warning of a library"}
    assert {one for one in every | {"an error of a library"} if one in told} == heard


def test_what_python_warns_of_goes_the_way_of_a_library_s_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    for verbose in (False, True):
        logs.configure(as_json=False, verbose=verbose, quiet=False)
        logging.getLogger("py.warnings").warning("a library will change its ways")
        assert ("will change its ways" in capsys.readouterr().err) is verbose


def broken_headers(handler: BaseHTTPRequestHandler) -> None:
    """A feed from a server that knows neither how a header is written nor how long its answer is."""
    body = weekly_posts()
    handler.wfile.write(
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nConnection: close\r\nContent-Length: 5\r\n"
        b"Transfer-Encoding: chunked\r\nthis is no header\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    )
    handler.close_connection = True


@pytest.mark.parametrize("options", [(), ("--quiet",)])
def test_the_broken_headers_of_others_are_no_letter_from_cron(office: Office, options: tuple[str, ...]) -> None:
    with site(feed=broken_headers) as here:
        office.write({"blog": [here.url + "/feed"]})
        done = subprocess.run(
            [sys.executable, "-m", "monitor", "poll", *options, "--config", str(office.path), "--now", NOW.isoformat()],
            capture_output=True, text=True, encoding="utf-8", cwd=ROOT, timeout=120,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    assert ("1 feeds, 40 new entries" in done.stdout) is (not options)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("http://anna:kode@x.example/feed?k=1 fails", "http://x.example/feed?k=1 fails"),
        ("http://anna:p@ss@x.example/", "http://x.example/"),
        ("postgresql+psycopg://o:kode@db/o", "postgresql+psycopg://db/o"),
        ("chef@eksempel.example and http://x.example/@anna", "chef@eksempel.example and http://x.example/@anna"),
        ("a\x1b[31m\r\nb\u202ec", "a [31m b c"),
    ],
)
def test_a_line_shows_no_password_and_no_control_character(text: str, told: str) -> None:
    assert logs.safe(text) == told


@given(st.text(st.characters(exclude_categories=())), st.booleans())
def test_whatever_a_feed_says_is_one_line_of_the_log(text: str, as_json: bool) -> None:
    formatter: logging.Formatter = logs._Json(True) if as_json else logs._Text(True)
    record = logging.LogRecord("oximeter.poll", logging.INFO, "", 0, "%s", (text,), None)
    record.reason, record.figures = text, {"a": [float("nan"), 1.5, None, text]}
    line = formatter.format(record)
    assert len(line.splitlines()) == 1
    line.encode("utf-8")
    if as_json:
        (found,) = json_lines(line)
        assert found["figures"]["a"][:3] == [None, 1.5, None]


def test_the_scheduler_logs_in_json_too(office: Office) -> None:
    office.write({"blog": ["http://127.0.0.1:1/"]})
    resident = process(office, "schedule", "--log-format", "json")
    assert resident.stdout is not None
    resident.stdout.readline()
    resident.send_signal(signal.SIGTERM)
    _, err = resident.communicate(timeout=60)
    assert resident.returncode == 0
    assert all(line["logger"].startswith(("oximeter", "apscheduler")) for line in json_lines(err))


# The documents


def test_the_page_on_watching_names_every_figure_and_every_key_of_the_log(office: Office) -> None:
    page = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        lines = json_lines(office.oximeter("run", "--log-format", "json").stderr)
    for name in {name.partition("{")[0] for name in figures(office)}:
        assert f"`{name}`" in page or f"`{name}{{" in page, name
    assert not {f"`{key}`" for line in lines for key in line if f"`{key}`" not in page}
    assert all(f"`{one}`" in page for one in [*Outcome, *Status, *metrics.MAIL_STATES])


def test_the_alert_rules_of_the_page_on_watching_ask_for_figures_that_there_are(office: Office) -> None:
    page = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    asked = set(re.findall(r"oximeter_\w+", "".join(re.findall(r"expr: (.*)", page))))
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
    assert len(asked) >= 2
    assert asked <= {name.partition("{")[0] for name in figures(office)}


def test_the_tables_of_the_page_on_watching_are_a_valid_config(office: Office) -> None:
    page = (ROOT / "docs" / "watching.md").read_text(encoding="utf-8")
    tables = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert len(tables) == 2
    for table in tables:
        assert office.write({"blog": ["http://127.0.0.1:1/"]}, table).config.heartbeat_table is not None


def test_a_night_may_be_watched_without_a_command(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        config = office.write({"blog": [here.url + "/feed"]}).config
        result = watching.night(config, MOMENT)
    assert result.night is not None
    assert [one.channel.id for one in result.night.channels] == ["blog"]
