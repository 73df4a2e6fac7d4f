"""Machines that each poll a share of the channels at the same time, and one that judges and mails for all of them."""

from __future__ import annotations

import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from tests.loopback import Answer, reply, site
from tests.organisation import NOW, Office, weekly_posts
from tests.postgresql.server import PASSWORD

SHARES = ("nord", "syd", "vest")


def a_share(folder: Path, url: str, share: str, feed: str) -> Office:
    """A machine's own folder, with a config of its channels and no readers."""
    office = Office(folder / share).write(
        {share: [feed]}, f'[store]\nurl = "{url}"\nshare = "{share}"\n', to="a@b.example"
    )
    office.path.write_text(office.path.read_text("utf-8").replace('to = ["a@b.example"]\n', ""), "utf-8")
    return office


def test_shares_are_polled_at_the_same_time_and_the_whole_is_judged_from_all_of_them(tmp_path: Path, url: str) -> None:
    """No feed is answered before all three were asked: processes that waited for one another would never end."""
    all_are_at_it = threading.Barrier(len(SHARES), timeout=60)

    def together(body: bytes) -> Answer:
        def answer(handler: BaseHTTPRequestHandler) -> None:
            all_are_at_it.wait()
            reply(200, body)(handler)

        return answer

    answers = {share: together(weekly_posts(10 + number)) for number, share in enumerate(SHARES)}
    with site(**answers) as web:
        machines = [a_share(tmp_path, url, share, f"{web.url}/{share}") for share in SHARES]
        command = [sys.executable, "-m", "monitor", "poll", "--quiet", "--now", NOW.isoformat(), "--config"]
        processes = [
            subprocess.Popen([*command, str(office.path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            for office in machines
        ]
        told = [process.communicate(timeout=120)[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0, 0], told
        feeds = {share: [f"{web.url}/{share}"] for share in SHARES}
    whole = Office(tmp_path / "whole").write(dict(feeds), f'[store]\nurl = "{url}"\n')
    assert whole.oximeter("report").exit_code == 0
    sent = whole.oximeter("send")
    assert sent.exit_code == 0
    assert PASSWORD not in sent.output
    assert len(whole.letters) == 1
    status = whole.json("status")["channels"]
    assert {channel["id"]: channel["total_posts"] for channel in status} == {"nord": 10, "syd": 11, "vest": 12}
