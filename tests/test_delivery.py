"""What leaves the house after a night: mails with pictures, in each reader's language, alerts, word to chat rooms."""

from __future__ import annotations

import io
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from PIL import Image

from monitor.deliver import mail
from monitor.deliver.mail import compose
from monitor.model import FeedState, Outcome, Status
from monitor.poll import poll
from monitor.report import letter
from tests.chatroom import SECRET, chat_room
from tests.loopback import reply, site
from tests.mailserver import Inbox, a_server
from tests.organisation import NOW, Office, Served, item, rss, weekly_posts
from tests.report.builders import channel, night, reason

DAY = timedelta(days=1)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path / "kontor")


def the_change(office: Office) -> datetime:
    """Run night after night until the status has changed; that night."""
    before = office.json("status")["channels"][0]["status"]
    for number in range(60, 120):
        when = NOW + number * DAY
        office.json("run", now=when)
        if office.json("status", now=when)["channels"][0]["status"] != before:
            return when
    raise AssertionError("nothing changed")


def test_a_mail_through_a_real_server_keeps_its_pictures_and_its_words(office: Office) -> None:
    inbox = Inbox()
    with (
        site(feed=Served(rss(*(item(n, NOW - (120 + 7 * n) * DAY) for n in range(1, 60))))) as here,
        a_server(inbox) as port,
    ):
        more = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "none"\n'
        office.write({"blog": [here.url + "/feed"]}, more)
        office.json("run")
    (envelope,) = inbox.mails
    got = message_from_bytes(envelope.content, policy=policy.default)
    html = got.get_body(("html",)).get_content()
    called = re.findall(r'src="cid:([^"]+)"', html)
    pictures = {
        part["Content-ID"].strip("<>"): part.get_content()
        for part in got.walk()
        if part.get_content_type() == "image/png"
    }
    assert called == ["weeks-blog"]
    assert set(pictures) == set(called)
    assert Image.open(io.BytesIO(pictures["weeks-blog"])).size == (1120, 192)
    assert "Næste skridt:" in got.get_body(("plain",)).get_content()
    assert got["Auto-Submitted"] == "auto-generated"
    assert "<oximeter.eksempel.example>" in got["List-Id"]


def test_a_mail_of_ten_channels_in_need_is_under_a_hundred_kilobytes() -> None:
    needy = [channel(f"c{n}", Status.STARVING, "Æ" * 40, [reason("answer_stopped")]) for n in range(10)]
    written = letter(night(*needy, language="da"), "/srv/reports/2026-01-01/index.html")
    assert len(written.pictures) == 10
    assert len(compose(written, "a@b.example", "c@d.example", "x@b.example", 0).as_bytes()) < 100_000


def test_a_mail_of_a_thousand_channels_tells_of_the_worst_and_counts_the_rest() -> None:
    many = [channel(f"c{n}", Status.STARVING if n % 2 else Status.BREATHING) for n in range(1000)]
    written = letter(night(*many), "/srv/reports/2026-01-01/index.html")
    assert len(written.html) < 102_000
    assert "950 more channels are in the whole report." in written.text


def test_every_reader_is_written_to_in_her_language_and_led_to_her_page(office: Office) -> None:
    readers = '[[report.reader]]\naddress = "board@eksempel.example"\nlanguage = "en"\n'
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]})
        text = office.path.read_text(encoding="utf-8") + 'address = "https://intra.eksempel.example/ilt/"\n' + readers
        office.path.write_text(text, encoding="utf-8")
        found = office.json("run")
    danish, english = (
        mail.parse(path.read_bytes()) for path in sorted(office.letters, key=lambda path: "board" in path.name)
    )
    assert danish["Subject"] == "Alt er vel: den ene kanal mangler ikke ilt"
    assert english["Subject"] == "All is well: the one channel is not short of oxygen"
    folder = "https://intra.eksempel.example/ilt/2026-03-02/"
    assert f"{folder}index.html" in danish.get_body(("plain",)).get_content()
    assert f"{folder}index.en.html" in english.get_body(("html",)).get_content()
    page = Path(found["report"])
    assert 'href="index.en.html" hreflang="en"' in page.read_text(encoding="utf-8")
    assert 'href="index.html" hreflang="da"' in page.with_name("index.en.html").read_text(encoding="utf-8")


def test_a_mail_tells_what_changed_since_the_mail_before_it_and_not_since_last_night(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        office.path.write_text(
            office.path.read_text(encoding="utf-8").replace('"daily"', '"monthly"'), encoding="utf-8"
        )
        when = the_change(office)
        if when.day > 27:  # leave a night of the same month for the change to pass unmailed
            pytest.skip("the change fell on the last nights of a month")
        changed = office.json("status", now=when)["channels"][0]["status"]
        after = (when.replace(day=1) + timedelta(days=32)).replace(day=1)
        office.json("run", now=after)
    newest = mail.parse(office.letters[-1].read_bytes()).get_body(("plain",)).get_content()
    assert changed != "breathing"
    assert re.search(r"Ændret siden mailen den 1\. \w+ 2026", newest)
    assert "- blog: var " in newest


def test_a_change_is_an_alert_that_a_feed_reader_can_follow(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here:
        office.write({"blog": [here.url + "/feed"]})
        office.json("run")
        when = the_change(office)
    document = (office.folder / "reports" / "alerts.atom").read_bytes()
    with site(alerts=reply(200, document)) as here:
        state = FeedState("alerts", here.url + "/alerts", here.url + "/alerts")
        with ThreadPoolExecutor(1) as executor:
            (reading,) = poll([state], int(when.timestamp()), executor)
    assert reading.outcome is Outcome.UPDATED
    assert [entry.title for entry in reading.entries] == ["blog: var trækker vejret, nu mangler ilt"]


def test_a_chat_room_is_told_of_a_change_once_and_again_where_it_refused(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here, chat_room() as room:
        office.write({"blog": [here.url + "/feed"]})
        more = f'notify = ["{room.address}"]\n'
        office.path.write_text(office.path.read_text(encoding="utf-8") + more, encoding="utf-8")
        office.json("run")
        assert room.told == []
        room.status = 500
        before = office.json("status")["channels"][0]["status"]
        for number in range(60, 120):
            refused = office.oximeter("run", now=NOW + number * DAY)
            if office.json("status", now=NOW + number * DAY)["channels"][0]["status"] != before:
                break
        assert refused.exit_code == 1
        assert "127.0.0.1" in refused.stderr
        assert SECRET not in refused.output + refused.stderr
        room.status = 200
        mails = office.json("run", now=NOW + number * DAY)["mails"]
        assert {"to": f"json://127.0.0.1:{room.port}", "state": "sent"} in mails
        office.json("run", now=NOW + number * DAY)
    (word,) = room.told
    assert "blog: var trækker vejret, nu mangler ilt" in word["message"]
    assert SECRET.encode() not in Path(office.config.store_url.removeprefix("sqlite:///")).read_bytes()


def test_a_word_waits_while_the_variable_that_names_its_room_is_not_set(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    with site(feed=Served(weekly_posts(60))) as here, chat_room() as room:
        office.write({"blog": [here.url + "/feed"]})
        office.path.write_text(
            office.path.read_text(encoding="utf-8") + 'notify_env = "OXIMETER_ROOMS"\n', encoding="utf-8"
        )
        monkeypatch.setenv("OXIMETER_ROOMS", room.address)
        office.json("run")
        room.status = 500
        before = office.json("status")["channels"][0]["status"]
        for number in range(60, 120):
            office.oximeter("run", now=NOW + number * DAY)
            if office.json("status", now=NOW + number * DAY)["channels"][0]["status"] != before:
                break
        room.status = 200
        monkeypatch.delenv("OXIMETER_ROOMS")
        unset = office.oximeter("run", now=NOW + (number + 1) * DAY)
        assert (unset.exit_code, room.told) == (1, [])
        assert "OXIMETER_ROOMS is not set" in unset.stderr
        monkeypatch.setenv("OXIMETER_ROOMS", room.address)
        office.json("run", now=NOW + (number + 2) * DAY)
    assert len(room.told) == 1


def test_a_reader_whose_address_looks_like_a_chat_room_gets_her_mail(office: Office) -> None:
    with site(feed=Served(weekly_posts())) as here:
        office.write({"blog": [here.url + "/feed"]}, to="notify-it@eksempel.example")
        office.json("run")
    assert mail.parse(office.letters[0].read_bytes())["To"] == "notify-it@eksempel.example"


def test_mail_sent_before_the_night_was_judged_tells_chat_rooms_nothing_empty(office: Office) -> None:
    with site(feed=Served(weekly_posts(60))) as here, chat_room() as room:
        office.write({"blog": [here.url + "/feed"]})
        office.path.write_text(
            office.path.read_text(encoding="utf-8") + f'notify = ["{room.address}"]\n', encoding="utf-8"
        )
        office.json("run")
        for number in range(60, 75):
            office.json("poll", now=NOW + number * DAY)
            office.json("send", now=NOW + number * DAY)
            office.json("run", now=NOW + number * DAY)
    assert [word["message"].partition("\n")[0] for word in room.told] == ["blog: var trækker vejret, nu mangler ilt"]
