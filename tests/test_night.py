"""One night after another, through the command line, on real servers."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from monitor.deliver import mail
from monitor.deliver.mail import compose
from monitor.model import Letter
from monitor.store import open_store
from tests.loopback import reply, site
from tests.mailserver import Inbox, a_server
from tests.organisation import NOW, Office, Served, item, rss, weekly_posts

DAY = timedelta(days=1)
SENDER = "oximeter@eksempel.example"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "et kontor med mellemrum")


def test_a_night_writes_the_page_the_json_the_archive_and_the_letter(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        found = office.json("run")
    page = Path(found["report"])
    assert page == office.folder / "reports" / "2026-03-02" / "index.html"
    assert "blog" in page.read_text(encoding="utf-8")
    assert json.loads(page.with_name("report.json").read_text(encoding="utf-8"))["channels"][0]["id"] == "blog"
    assert "2026-03-02/index.html" in (office.folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert found["mails"] == [{"to": "chef@eksempel.example", "state": "outbox"}]
    (letter,) = office.letters
    assert mail.parse(letter.read_bytes())["To"] == "chef@eksempel.example"


def test_run_tells_of_every_feed_in_the_shape_of_the_contract(office: Office) -> None:
    with site(feed=Served(weekly_posts(12)), broken=reply(500)) as here:
        office.write({"blog": [here.url + "/feed"], "forum": [here.url + "/broken"]})
        found = office.json("run")
        feeds = {feed["channel"]: feed for feed in found["feeds"]}
    assert sorted(found) == ["feeds", "mails", "report"]
    assert sorted(feeds["blog"]) == ["channel", "entries", "new_entries", "outcome", "reason", "url"]
    assert (feeds["blog"]["outcome"], feeds["blog"]["entries"], feeds["blog"]["new_entries"]) == ("updated", 12, 12)
    assert (feeds["forum"]["outcome"], feeds["forum"]["entries"]) == ("failed", 0)
    assert "500" in feeds["forum"]["reason"]


def test_a_second_run_asks_with_validators_stores_nothing_twice_and_sends_no_second_mail(office: Office) -> None:
    served = Served(weekly_posts(12))
    with site(feed=served) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        again = office.json("run", now=NOW + timedelta(hours=1))
    assert served.asked[1]["If-None-Match"] == '"1"'
    assert again["feeds"][0] == {
        "channel": "blog",
        "url": here.url + "/feed",
        "outcome": "not_modified",
        "reason": again["feeds"][0]["reason"],
        "entries": 12,
        "new_entries": 0,
    }
    assert again["mails"] == []
    assert len(office.letters) == 1


def test_the_next_night_has_its_own_page_and_its_own_letter(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        found = office.json("run", now=NOW + DAY)
    assert found["mails"] == [{"to": "chef@eksempel.example", "state": "outbox"}]
    assert [letter.name[:10] for letter in office.letters] == ["2026-03-02", "2026-03-03"]
    archive = (office.folder / "reports" / "index.html").read_text(encoding="utf-8")
    assert archive.index("2026-03-03/index.html") < archive.index("2026-03-02/index.html")


def test_a_page_shows_a_hostile_title_and_author_as_text(office: Office) -> None:
    hostile = "<script>alert('æ')</script>"
    feed = rss(*(item(n, NOW - n * DAY, title=hostile, author=hostile) for n in range(1, 20)), title=hostile)
    with site(feed=Served(feed)) as here:
        office.write({"blog": [here.url + "/feed"]}, more="")
        page = Path(office.json("run")["report"]).read_text(encoding="utf-8")
    assert hostile not in page
    assert page.count("<script") == 1  # the page's own, told by its hash
    assert b"<script" not in office.letters[0].read_bytes()


def test_a_feed_that_cannot_be_read_says_nothing_about_its_channel(office: Office) -> None:
    served = Served(weekly_posts())
    with site(feed=served) as here:
        office.write({"blog": [here.url + "/feed"]})
        for night in range(4):
            office.json("run", now=NOW + night * DAY)
        before = office.json("status", now=NOW + 3 * DAY)["channels"][0]
        served.status = 500
        office.json("run", now=NOW + 4 * DAY)
        after = office.json("status", now=NOW + 4 * DAY)["channels"][0]
        for night in range(5, 40):
            office.json("run", now=NOW + night * DAY)
        blind = office.json("status", now=NOW + 39 * DAY)["channels"][0]
    assert (after["status"], after["since"]) == (before["status"], before["since"])
    assert blind["status"] == "unknown"
    assert blind["total_posts"] == before["total_posts"]


def test_a_comments_feed_that_still_reads_does_not_make_a_broken_posts_feed_silence(office: Office) -> None:
    posts, comments = Served(weekly_posts()), Served(weekly_posts(author="Bruger 1"))
    with site(feed=posts, comments=comments) as here:
        office.write({"blog": [here.url + "/feed", here.url + "/comments"]})
        office.json("run")
        status = office.json("status")["channels"][0]["status"]
        posts.status = 500
        office.json("run", now=NOW + 10 * DAY)
        later = office.json("status", now=NOW + 10 * DAY)["channels"][0]
    assert later["status"] == status


def test_a_silence_is_not_drawn_on_through_nights_in_which_nobody_could_look(office: Office) -> None:
    served = Served(weekly_posts(until=NOW - 42 * DAY))
    with site(feed=served) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        served.status = 500
        found = Path(office.json("run", now=NOW + 9 * DAY)["report"]).with_name("report.json")
    marks = json.loads(found.read_text(encoding="utf-8"))["channels"][0]["marks"]
    assert [mark["ends"] for mark in marks if mark["kind"] == "silence"] == ["2026-03-02T02:00:00Z"]


def test_status_has_the_shape_of_the_contract(office: Office) -> None:
    with site(feed=Served(weekly_posts(40, slash_comments="2"))) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        found = office.json("status")
    (one,) = found["channels"]
    assert list(one) == [
        *("id", "name", "status", "since", "oxygen", "posts", "replies", "window_days", "total_posts"),
        *("total_replies", "at_least", "last_post", "last_reply", "reasons"),
    ]
    assert (one["total_posts"], one["total_replies"], one["at_least"]) == (40, 80, False)
    assert datetime.fromisoformat(one["last_post"]) == NOW - DAY
    assert all(sorted(reason) == ["normal", "sign", "text", "value"] for reason in one["reasons"])


def test_status_without_a_clock_is_as_of_the_last_fetch(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
    from click.testing import CliRunner

    from monitor.cli import main

    result = CliRunner().invoke(main, ["status", "--json", "--config", str(office.path)])
    assert datetime.fromisoformat(json.loads(result.stdout)["as_of"]) == NOW


def test_status_in_words_is_one_line_a_channel(office: Office) -> None:
    with site(feed=Served(weekly_posts()), broken=reply(404)) as here:
        office.write({"blog": [here.url + "/feed"], "forum": [here.url + "/broken"]})
        office.json("run")
        lines = office.oximeter("status").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [["channel", "status"], ["forum", "unknown"], ["blog", "breathing"]]


def test_an_export_is_what_a_backtest_reads(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("poll")
    text = office.oximeter("export").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["channel", "kind", "time", "author", "thread"]
    assert len(rows) == 60
    assert int(rows[-1]["time"]) == int((NOW - DAY).timestamp())
    events = office.folder / "events.csv"
    assert office.oximeter("export", "--out", str(events)).exit_code == 0
    assert events.read_text(encoding="utf-8") == text
    scores = office.oximeter("backtest", str(events), "--every", "60").stdout.splitlines()
    assert scores[0] == "channel,time,status,score"
    assert len(scores) > 5
    as_json = json.loads(office.oximeter("export", "--format", "json").stdout)
    assert [row["kind"] for row in as_json] == ["post"] * 60
    assert datetime.fromisoformat(as_json[-1]["time"]) == NOW - DAY


def test_an_author_who_is_a_formula_is_no_formula_in_the_export(office: Office) -> None:
    with site(feed=Served(rss(item(1, NOW - DAY, author="=cmd|' /C calc'!A0")))) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("poll")
    assert ",'=cmd|" in office.oximeter("export").stdout


def test_poll_report_and_send_are_the_steps_of_a_run(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        assert office.json("poll")["feeds"][0]["outcome"] == "updated"
        assert office.letters == []
        assert "index.html" in office.oximeter("report").stdout
        assert office.json("send") == {"mails": [{"to": "chef@eksempel.example", "state": "outbox"}]}
        assert office.json("send") == {"mails": []}
        assert "No mail is due" in office.oximeter("send").stdout


def test_a_refused_mail_waits_in_the_outbox_and_the_next_run_sends_it(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here, a_server(Inbox(data="451 come back later")) as port:
        more = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        refused = office.oximeter("run", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["mails"] == [{"to": "chef@eksempel.example", "state": "waiting"}]
    assert "waits for the next run" in refused.stderr
    assert "451 come back later" in refused.stderr
    assert len(office.letters) == 1
    inbox = Inbox()
    with site(feed=Served(weekly_posts())) as here, a_server(inbox) as port:
        more = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        assert office.json("run")["mails"] == [{"to": "chef@eksempel.example", "state": "sent"}]
        assert office.json("run")["mails"] == []
    assert len(inbox.mails) == 1
    assert office.letters == []


def test_a_letter_whose_sending_was_interrupted_is_sent_under_its_old_identity(office: Office) -> None:
    inbox = Inbox()
    with site(feed=Served(weekly_posts())) as here, a_server(inbox) as port:
        more = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        office.json("poll")
        with open_store(office.config.store_url) as store:
            made = compose(Letter("Fund", "Tekst", "<p>Tekst</p>"), SENDER, "chef@eksempel.example", "en.nat@x", 0)
            letter = store.claim("2026-03-02", "chef@eksempel.example", made.as_bytes, 0)
            assert letter is not None
            assert store.take(letter.id)
        office.json("run")
    assert [mail.parse(one.content)["Message-ID"] for one in inbox.mails] == [mail.parse(letter.message)["Message-ID"]]


def test_a_password_that_is_not_set_leaves_the_mail_waiting_and_the_report_written(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        more = '[smtp]\nhost = "127.0.0.1"\nuser = "u"\npassword_env = "OXIMETER_NOT_SET"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        result = office.oximeter("run")
    assert result.exit_code == 1
    assert "OXIMETER_NOT_SET is not set" in result.stderr
    assert (office.folder / "reports" / "2026-03-02" / "index.html").exists()


@pytest.mark.parametrize(
    ("when", "nights", "mailed"),
    [
        ("daily", [0, 1, 2], [0, 1, 2]),
        ("weekly", [0, 1, 6, 7, 8, 20], [0, 7, 20]),
        ("monthly", [0, 1, 29, 30, 31], [0, 30]),
        ("on_change", [0, 1, 2, 3, 4], [0]),
    ],
)
def test_mail_goes_out_when_the_config_says(office: Office, when: str, nights: list[int], mailed: list[int]) -> None:
    with site(feed=Served(weekly_posts(100, until=NOW))) as here:
        office.write({"blog": [here.url + "/feed"]})
        text = office.path.read_text(encoding="utf-8").replace('"daily"', f'"{when}"')
        office.path.write_text(text, encoding="utf-8")
        got = [night for night in nights if office.json("run", now=NOW + night * DAY)["mails"]]
    assert got == mailed


def test_a_change_is_mailed_even_where_the_mail_of_its_night_was_never_made(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here:
        office.write({"blog": [here.url + "/feed"]})
        text = office.path.read_text(encoding="utf-8").replace('"daily"', '"on_change"')
        office.path.write_text(text, encoding="utf-8")
        assert office.json("run")["mails"]
        for night in range(100, 110):
            office.json("poll", now=NOW + night * DAY)
            office.oximeter("report", now=NOW + night * DAY)
        assert office.json("status", now=NOW + 109 * DAY)["channels"][0]["status"] != "breathing"
        assert office.json("run", now=NOW + 110 * DAY)["mails"]
        assert office.json("run", now=NOW + 111 * DAY)["mails"] == []
