"""A letter is never lost, and sent twice at most: whatever a mail server does, and whenever the process is killed."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from monitor.config import Config
from monitor.deliver import mail
from monitor.handover import room_of
from monitor.model import Delivery, Letter, SmtpSettings
from monitor.notices import REPLACED
from monitor.store import open_store
from tests.chatroom import chat_room
from tests.deliver.raw_smtp import Act, Caller, raw_server
from tests.loopback import reply, site
from tests.mailserver import CA, Inbox, a_server, server_context, with_starttls
from tests.organisation import NOW, Office, Served, weekly_posts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
CHIEF = "chef@eksempel.example"
LETTER = Letter("Fund", "Tekst", "<p>Tekst</p>")
PASSWORD = "hemmelig-smtp-17"
VARIABLE = "OXIMETER_TEST_PASSWORD"


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setenv(VARIABLE, PASSWORD)
    return Office(tmp_path / "kontor")


@pytest.fixture(autouse=True)
def no_word_of_the_servers_own() -> Iterator[None]:
    """The servers run in this process, and would log into what the commands print."""
    logger = logging.getLogger("mail.log")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    yield
    logger.setLevel(before)


@pytest.fixture
def feed() -> Iterator[str]:
    with site(feed=Served(weekly_posts(60))) as here:
        yield here.url + "/feed"


def smtp(port: int, security: str = "none", user: str = "oximeter") -> str:
    """The config's table of a mail server on loopback."""
    login = f'user = "{user}"\npassword_env = "{VARIABLE}"\n' if user else ""
    return f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nsecurity = "{security}"\n{login}'


def configure(office: Office, feed: str, more: str, when: str = "daily", to: Sequence[str] = (CHIEF,)) -> None:
    """Write the config, in English so that its sentences can be read here."""
    office.write({"blog": [feed]}, more)
    text = office.path.read_text(encoding="utf-8").replace('language = "da"', 'language = "en"')
    text = text.replace('when = "daily"', f'when = "{when}"').replace(json.dumps([CHIEF]), json.dumps(list(to)))
    office.path.write_text(text, encoding="utf-8")


def findings(office: Office, now: datetime) -> dict[str, Any]:
    path = office.folder / "reports" / now.date().isoformat() / "report.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def told(office: Office, now: datetime) -> list[str]:
    """What tonight's report says of Oximeter itself."""
    return [one["text"] for one in findings(office, now)["notices"]]


def letters(office: Office, night: datetime) -> list[Delivery]:
    with open_store(office.config.store_url) as store:
        return store.deliveries(night.date().isoformat())


def mails(inbox: Inbox) -> list[EmailMessage]:
    return [mail.parse(envelope.content) for envelope in inbox.mails]


def words(message: EmailMessage) -> str:
    body = message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


def anybody(*_: Any) -> Any:
    from aiosmtpd.smtp import AuthResult

    return AuthResult(success=True)


def a_good_server(inbox: Inbox, **more: Any) -> AbstractContextManager[int]:
    """One that takes every mail, after any login, in clear."""
    options: dict[str, Any] = {"authenticator": anybody, "auth_require_tls": False}
    return a_server(inbox, **(options | more))


# --- Every fault ends as a file, a sentence, exit code 1, a retry and a line in the next report. ---


class Greylist(Inbox):
    """Puts every recipient off."""

    async def handle_RCPT(self, *_: Any) -> str:
        return "451 4.7.1 greylisted, come back later"


@contextmanager
def nobody_at_home() -> Iterator[int]:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        yield int(closed.getsockname()[1])


@contextmanager
def silent() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield int(listening.getsockname()[1])


def drip(caller: Caller) -> None:
    """One byte at a time, for ever: never late, never done."""
    pause = threading.Event()
    for byte in itertools.chain(b"220-", itertools.repeat(ord("x"))):
        caller.line.sendall(bytes([byte]))
        pause.wait(0.02)


def drip_in_data(caller: Caller) -> None:
    caller.take_data()
    drip(caller)


def flood(caller: Caller) -> None:
    while True:
        caller.line.sendall(b"220-welcome\r\n" * 1000)


def no_line(caller: Caller) -> None:
    caller.line.sendall(b"220 " + b"x" * 100_000 + b"\r\n")
    caller.hear()


def drop_in_data(caller: Caller) -> None:
    caller.take_data(lines=5)


def drop_before_data(caller: Caller) -> None:
    caller.answer_until("DATA")


def busy(caller: Caller) -> None:
    caller.say("421 too many connections")
    caller.hear()


def a_web_server(caller: Caller) -> None:
    caller.hear()
    caller.say("HTTP/1.1 400 Bad Request\r\n\r\n<html>")


def talkative(caller: Caller) -> None:
    """Repeats what it was given, as some servers do."""
    given = caller.answer_until("AUTH").split()[-1]
    caller.say("235 welcome")
    caller.answer_until("MAIL")
    password = base64.b64decode(given).decode().rpartition("\0")[2]
    caller.say(f"550 {'x' * 185} {password} {given} {base64.b64encode(password.encode()).decode()} is not welcome")
    caller.hear()


def blunt(caller: Caller) -> None:
    given = caller.answer_until("AUTH").split()[-1]
    caller.say(f"535 wrong: {base64.b64decode(given).decode().rpartition(chr(0))[2]} {given}")
    while caller.hear():
        caller.say("535 wrong")


@dataclass(frozen=True)
class Fault:
    """A server that does not take a mail, and what is to be said of it."""

    server: Callable[[], AbstractContextManager[int]]
    sentence: str
    security: str = "none"
    patience: tuple[float, float] = (30.0, 60.0)
    """Seconds for each answer, and for the whole conversation."""


def raw(act: Act) -> Callable[[], AbstractContextManager[int]]:
    return lambda: raw_server(act)


FAULTS = {
    "refused connection": Fault(nobody_at_home, "could not be used: Connection refused"),
    "too busy": Fault(raw(busy), "refused: 421 too many connections"),
    "greylisting": Fault(lambda: a_good_server(Greylist()), f"refused the recipient {CHIEF}: 451 4.7.1 greylisted"),
    "unknown recipient": Fault(lambda: a_good_server(Inbox(refuse=CHIEF)), "550 no hemmelig such person"),
    "full mailbox": Fault(lambda: a_good_server(Inbox(data="552 5.2.2 full up")), "refused: 552 5.2.2 full up"),
    "line too long for it": Fault(
        lambda: a_good_server(Inbox(data="500 5.5.2 Line too long")), "refused: 500 5.5.2 Line too long"
    ),
    "dropped in DATA": Fault(raw(drop_in_data), "could not be used: Connection|Broken pipe|reset by peer"),
    "vanished before DATA": Fault(raw(drop_before_data), "could not be used: Connection|reset by peer"),
    "no STARTTLS": Fault(lambda: a_good_server(Inbox()), "offers no STARTTLS", "starttls"),
    "no TLS": Fault(lambda: a_good_server(Inbox()), "does not speak TLS", "tls"),
    "wrong password": Fault(raw(blunt), r"did not accept the user oximeter or the password \(535\)"),
    "password repeated": Fault(raw(talkative), r"refused: 550 x+ \*\*\*"),
    "untrusted certificate": Fault(lambda: with_starttls(Inbox()), "certificate that is not to be trusted", "starttls"),
    "untrusted from the start": Fault(
        lambda: a_server(Inbox(), whole_tls=True), "certificate that is not to be trusted", "tls"
    ),
    "never answers": Fault(silent, "did not answer within 0.3 seconds", patience=(0.3, 60)),
    "never answers in TLS": Fault(silent, "did not answer within 0.3 seconds", "tls", patience=(0.3, 60)),
    "one byte at a time": Fault(raw(drip), "was not done within 0.7 seconds", patience=(30, 0.7)),
    "one byte at a time in DATA": Fault(raw(drip_in_data), "was not done within 2 seconds", patience=(30, 2)),
    "never stops talking": Fault(raw(flood), "it said more than 1,000,000 bytes"),
    "an answer that is no line": Fault(raw(no_line), "answered with a line too long to be an answer"),
    "no mail server": Fault(raw(a_web_server), "did not answer|could not be used|refused", patience=(0.3, 60)),
}  # fmt: skip


@contextmanager
def patient(patience: tuple[float, float]) -> Iterator[None]:
    """Nights in which a mail server is waited for so long."""
    original = Config.smtp_settings

    def smtp_settings(config: Config) -> SmtpSettings | None:
        found = original(config)
        return found and replace(found, timeout=patience[0], total=patience[1])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Config, "smtp_settings", smtp_settings)
        yield


@pytest.mark.parametrize("name", FAULTS)
def test_a_mail_that_is_not_taken_is_told_and_goes_out_the_next_night(office: Office, feed: str, name: str) -> None:
    fault = FAULTS[name]
    with fault.server() as port, patient(fault.patience):
        configure(office, feed, smtp(port, fault.security))
        refused = office.oximeter("run", "--json")
    assert refused.exit_code == 1
    assert json.loads(refused.stdout)["mails"] == [{"to": CHIEF, "state": "waiting"}]
    (sentence,) = refused.stderr.splitlines()
    assert sentence.startswith(f"The mail to {CHIEF} waits for the next run: ")
    assert re.search(fault.sentence, sentence)
    assert told(office, NOW) == []
    (file,) = office.letters
    old = mail.parse(file.read_bytes())["Message-ID"]

    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port))
        assert [one["state"] for one in office.json("run", now=NOW + DAY)["mails"]] == ["sent", "sent"]
        again = office.json("run", now=NOW + DAY + HOUR)
        first, second = mails(inbox)
        assert (first["Message-ID"], again["mails"], office.letters) == (old, [], [])
        (line,) = told(office, NOW + DAY)
        assert line.startswith(f"The mail of 2 March 2026 to {CHIEF} was refused: The mail server 127.0.0.1:")
        assert re.search(fault.sentence, line)
        page = (office.folder / "reports" / "2026-03-03" / "index.html").read_text(encoding="utf-8")
        assert line in [item.text_content() for item in html.document_fromstring(page).xpath("//li")]
        assert line in words(second)
        assert second["Message-ID"] != old
        assert "went wrong" not in words(first)
        office.json("run", now=NOW + 2 * DAY)
    assert told(office, NOW + 2 * DAY) == []
    assert len(inbox.mails) == 3


def test_one_bad_recipient_of_three_delays_nobody_else(office: Office, feed: str) -> None:
    readers = [f"{name}@eksempel.example" for name in ("anna", "bo", "ida")]
    inbox = Inbox(refuse=readers[1])
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port), to=readers)
        refused = office.oximeter("run", "--json")
        assert [one["state"] for one in json.loads(refused.stdout)["mails"]] == ["sent", "waiting", "sent"]
        assert (refused.exit_code, refused.stderr.count("\n")) == (1, 1)
        assert [envelope.rcpt_tos for envelope in inbox.mails] == [[readers[0]], [readers[2]]]
        (file,) = office.letters
        inbox.refuse = ""
        office.json("run", now=NOW + DAY)
    assert [envelope.rcpt_tos for envelope in inbox.mails[2:]] == [
        [readers[1]],
        [readers[0]],
        [readers[1]],
        [readers[2]],
    ]
    assert mails(inbox)[2]["Message-ID"] == mail.parse(file_bytes := letters(office, NOW)[1].message)["Message-ID"]
    assert file.name == f"2026-03-02-{readers[1]}.eml"
    assert file_bytes
    assert office.letters == []


def test_a_server_that_is_down_is_tried_once_a_night_however_many_letters_wait(office: Office, feed: str) -> None:
    calls: list[Caller] = []
    readers = [f"n{number}@eksempel.example" for number in range(5)]

    def down(caller: Caller) -> None:
        calls.append(caller)
        busy(caller)

    with raw_server(down) as port:
        configure(office, feed, smtp(port), to=readers)
        for night in range(2):
            refused = office.oximeter("run", now=NOW + night * DAY)
            assert refused.stderr.count("waits for the next run: The mail server 127.0.0.1") == 5
            assert len(calls) == night + 1
    assert len(office.letters) == 10


def test_a_tarpit_that_keeps_its_last_word_for_itself_has_taken_the_mail(office: Office, feed: str) -> None:
    taken: list[bytes] = []

    def tarpit(caller: Caller) -> None:
        taken.append(caller.take_data())
        caller.say("250 taken")
        caller.hear()
        drip(caller)

    with raw_server(tarpit) as port:
        configure(office, feed, smtp(port))
        assert [one["state"] for one in office.json("run")["mails"]] == ["sent"]
        assert office.json("run")["mails"] == []
    assert len(taken) == 1


def test_a_night_mails_over_starttls_with_a_login_where_the_certificate_is_trusted(
    office: Office, feed: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    CA.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    inbox = Inbox()
    options: dict[str, Any] = {"tls_context": server_context(), "require_starttls": True, "auth_required": True}
    with a_server(inbox, authenticator=anybody, **options) as port:
        configure(office, feed, smtp(port, "starttls"))
        assert [one["state"] for one in office.json("run")["mails"]] == ["sent"]
    assert len(inbox.mails) == 1


# --- Letters that wait for long. ---


def test_of_many_nights_only_the_newest_goes_out_and_tells_what_changed_since_the_last_that_came(
    office: Office, feed: str
) -> None:
    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port))
        office.json("run")
        down = [NOW + number * DAY for number in range(100, 105)]
        inbox.data = "451 not tonight"
        for night in down:
            assert office.oximeter("run", now=night).exit_code == 1
            assert [one.state for one in letters(office, night)] == ["waiting"]
        inbox.data, inbox.mails = "250 OK", []
        office.json("run", now=down[-1] + DAY)
    newest, tonight = mails(inbox)
    assert newest["Message-ID"] == mail.parse(letters(office, down[-1])[0].message)["Message-ID"]
    assert "Changed since the mail of 2 March 2026 - blog: was breathing, now " in words(newest)
    assert "Changed since the mail of 14 June 2026 No verdict has changed." in words(tonight)
    assert [path.name[:10] for path in office.letters] == [night.date().isoformat() for night in down[:-1]]
    put_aside = [letters(office, night)[0] for night in down[:-1]]
    assert {one.state for one in put_aside} == {"outbox"}
    assert all("451 not tonight" in one.error and one.error.endswith(REPLACED) for one in put_aside)
    assert len(told(office, down[-1] + DAY)) == 1


def test_where_no_run_put_them_aside_many_waiting_letters_are_still_one_mail(office: Office, feed: str) -> None:
    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port), when="monthly")
        with open_store(office.config.store_url) as store:
            for day in (25, 26, 27):
                made = mail.compose(LETTER, "o@eksempel.example", CHIEF, f"{day}@eksempel.example", 0).as_bytes()
                assert store.claim(f"2026-02-{day}", CHIEF, partial(bytes, made), int(NOW.timestamp()) - DAY.days)
        found = office.json("run")
    assert [one["state"] for one in found["mails"]] == ["outbox", "outbox", "sent"]
    assert [one["Message-ID"] for one in mails(inbox)] == ["<27@eksempel.example>"]
    assert [path.name[:10] for path in office.letters] == ["2026-02-25", "2026-02-26"]


def test_a_change_whose_mail_waits_is_mailed_once_to_a_reader_of_changes(office: Office, feed: str) -> None:
    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port), when="on_change")
        office.json("run")
        inbox.data = "451 not tonight"
        for number in range(100, 112):
            office.oximeter("run", now=NOW + number * DAY)
        made = [number for number in range(100, 112) if letters(office, NOW + number * DAY)]
        inbox.data, inbox.mails = "250 OK", []
        office.json("run", now=NOW + 112 * DAY)
        office.json("run", now=NOW + 113 * DAY)
    (only,) = mails(inbox)
    assert only["Message-ID"] == mail.parse(letters(office, NOW + made[-1] * DAY)[0].message)["Message-ID"]
    assert "Changed since the mail of 2 March 2026 - blog: was breathing, now " in words(only)
    assert len(made) < 4


def test_a_letter_that_has_waited_a_month_is_given_up_and_that_is_told_once(office: Office, feed: str) -> None:
    with a_good_server(Inbox(refuse=CHIEF)) as port:
        configure(office, feed, smtp(port))
        assert office.oximeter("run").exit_code == 1
        configure(office, feed, smtp(port), to=["bo@eksempel.example"])  # chef is no reader any more
        assert office.oximeter("run", now=NOW + 29 * DAY).exit_code == 1
        last = office.json("run", now=NOW + 30 * DAY)["mails"]
        after = office.json("run", now=NOW + 31 * DAY)["mails"]
    assert [(one["to"], one["state"]) for one in last] == [(CHIEF, "outbox"), ("bo@eksempel.example", "sent")]
    assert [one["to"] for one in after] == ["bo@eksempel.example"]
    assert [path.name for path in office.letters] == [f"2026-03-02-{CHIEF}.eml"]
    assert letters(office, NOW)[0].state == "outbox"
    assert [one["trouble"] for one in findings(office, NOW + 29 * DAY)["notices"]] == ["mail"]
    (notice,) = findings(office, NOW + 30 * DAY)["notices"]
    assert notice["trouble"] == "mail_given_up"
    assert notice["text"].startswith(f"The mail of 2 March 2026 to {CHIEF} is no longer tried and stays in the outbox")
    assert "550" in notice["text"]
    assert told(office, NOW + 31 * DAY) == []


def test_a_given_up_letter_is_told_again_where_its_night_is_run_again_and_what_it_told_is_mailed_anew(
    office: Office, feed: str
) -> None:
    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port), when="on_change")
        office.json("run")
        inbox.data = "451 not tonight"
        for number in range(100, 112):
            office.oximeter("run", now=NOW + number * DAY)
        late = NOW + 150 * DAY
        office.oximeter("run", now=late)
        once = findings(office, late)["notices"]
        office.oximeter("run", now=late + HOUR)
        assert findings(office, late)["notices"] == once
        assert [one["trouble"] for one in once] == ["mail_given_up"]
        inbox.data, inbox.mails = "250 OK", []
        office.json("run", now=late + DAY)
    assert "Changed since the mail of 2 March 2026 - blog: was breathing, now " in words(mails(inbox)[0])


def test_a_word_that_a_room_refuses_waits_is_told_of_and_is_given_up(office: Office, feed: str) -> None:
    with chat_room() as room:
        configure(office, feed, "")
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(text + f'notify = ["{room.address}"]\n', encoding="utf-8")
        room.status = 500
        with open_store(office.config.store_url) as store:
            for day in (1, 2):
                word = json.dumps({"title": "t", "body": f"ord {day}"}).encode()
                assert store.claim(f"2026-03-0{day}", room_of(room.address), partial(bytes, word), 0)
        assert office.oximeter("run").exit_code == 1
        assert office.oximeter("run", now=NOW + DAY).exit_code == 1
        lines = told(office, NOW + DAY)
        assert [line.partition(":")[0] for line in lines] == [
            f"What a chat room was to be told on {day} March 2026 was refused" for day in (1, 2)
        ]
        assert office.oximeter("run", now=NOW + 29 * DAY).exit_code == 1
        room.status = 200
        office.json("run", now=NOW + 30 * DAY)
    assert room.told == []
    assert len(list((office.folder / "reports" / "outbox").glob("2026-03-0*-notify-*.json"))) == 2
    assert {one["trouble"] for one in findings(office, NOW + 30 * DAY)["notices"]} == {"mail_given_up"}


# --- A clock that was once years ahead. ---


@pytest.mark.parametrize("refused_then", [False, True])
def test_a_clock_that_was_years_ahead_leaves_one_mail_a_week(office: Office, feed: str, refused_then: bool) -> None:
    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port), when="weekly")
        office.json("run")
        inbox.data = "451 not now" if refused_then else "250 OK"
        office.oximeter("run", now=NOW + 2000 * DAY)
        inbox.data = "250 OK"
        mailed = [number for number in range(1, 22) if office.json("run", now=NOW + number * DAY)["mails"]]
    assert mailed == [7, 14, 21]
    (early,) = letters(office, NOW + 2000 * DAY)
    assert early.state == ("waiting" if refused_then else "sent")
    assert "Changed since the mail of 9 March 2026" in words(mails(inbox)[-2])


# --- The process is killed. ---

SCRIPT = """
    import os, signal, sys
    from monitor.store import Store

    def die(*_, **__):
        os.kill(os.getpid(), signal.SIGKILL)

    def die_when_sent(self, delivery, state, error=""):
        die() if state == "sent" else settle(self, delivery, state, error)

    settle = Store.settle
    if sys.argv[1] == "before it is taken":
        Store.take = die
    if sys.argv[1] == "before it is recorded":
        Store.settle = die_when_sent

    from monitor.cli import main
    main(sys.argv[2:])
"""


def run_and_be_killed(office: Office, where: str, kill: list[Callable[[], None]]) -> None:
    """A run in a process of its own, which ends by SIGKILL; ``kill`` is told how a server can do that."""
    script = office.folder / "run.py"
    script.write_text(textwrap.dedent(SCRIPT), encoding="utf-8")
    given = ["run", "--config", str(office.path), "--now", NOW.isoformat()]
    root = Path(__file__).parents[1]
    process = subprocess.Popen(
        [sys.executable, str(script), where, *given], cwd=root, env=os.environ | {"PYTHONPATH": str(root)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    kill.append(lambda: os.kill(process.pid, signal.SIGKILL))
    try:
        assert process.wait(120) == -signal.SIGKILL
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the system has no SIGKILL")
@pytest.mark.parametrize(
    ("where", "reached", "later"),
    [
        ("before it is taken", 0, HOUR),
        ("when it calls", 0, DAY),
        ("in DATA", 0, HOUR),
        ("before the server says that it has it", 1, HOUR),
        ("before it is recorded", 1, HOUR),
        ("before it is recorded", 1, DAY),
    ],
)
def test_a_killed_run_loses_no_letter_and_sends_it_twice_at_most(
    office: Office, feed: str, where: str, reached: int, later: timedelta
) -> None:
    taken: list[bytes] = []
    kill: list[Callable[[], None]] = []

    def serve(caller: Caller) -> None:
        if where == "when it calls":
            kill[0]()
        elif where == "in DATA":
            caller.take_data(lines=10)
            kill[0]()
        else:
            taken.append(caller.take_data())
            if where == "before the server says that it has it":
                kill[0]()
            else:
                caller.say("250 taken")
                caller.hear()

    with raw_server(serve) as port:
        configure(office, feed, smtp(port))
        run_and_be_killed(office, where, kill)
    (made,) = letters(office, NOW)
    assert made.state == ("waiting" if where == "before it is taken" else "sending")
    identity = mail.parse(made.message)["Message-ID"]
    assert [mail.parse(one)["Message-ID"] for one in taken] == [identity] * reached

    inbox = Inbox()
    with a_good_server(inbox) as port:
        configure(office, feed, smtp(port))
        office.json("run", now=NOW + later)
        office.json("run", now=NOW + later + HOUR)
    assert [one["Message-ID"] for one in mails(inbox)].count(identity) == 1
    assert len(inbox.mails) == (1 if later < DAY else 2)
    if later >= DAY:
        assert told(office, NOW + later) == [
            "The run of 2 March 2026 ended before it was known whether the mail to chef@eksempel.example was sent, "
            "so it is sent once more."
        ]


# --- Secrets. ---

SECRETS = (PASSWORD, "hemmeligt-rum-23", "hemmelig-kilde-29", "hemmeligt-hjerte-31")


@contextmanager
def an_office_full_of_secrets(office: Office, fault: Fault) -> Iterator[None]:
    """A night in which feed, mail server, chat room and watcher all fail, each with a secret of its own."""
    with site(feed=reply(503), hjerte=reply(500)) as here, chat_room() as room, fault.server() as port:
        room.status = 500
        told = f"{room.address}/{SECRETS[1]}"
        address = here.url.replace("http://", f"http://bo:{SECRETS[2]}@") + "/feed"
        heartbeat = f'[heartbeat]\nurl = "{here.url}/{SECRETS[3]}"\n'
        configure(office, address, heartbeat + smtp(port, fault.security))
        text = office.path.read_text(encoding="utf-8")
        office.path.write_text(text + f'notify = ["{told}"]\n', encoding="utf-8")
        with open_store(office.config.store_url) as store:
            word = json.dumps({"title": "t", "body": "ord"}).encode()
            assert store.claim("2026-03-01", room_of(told), lambda: word, 0)
        with patient(fault.patience):
            yield


def shown(text: str) -> set[str]:
    """The secrets in a text, as they are or as a mail server is sent them."""
    login = base64.b64encode(f"\0oximeter\0{PASSWORD}".encode()).decode()
    forms = [(one, form) for one in SECRETS for form in (one, base64.b64encode(one.encode()).decode().rstrip("="))]
    return {one for one, form in [*forms, (PASSWORD, login)] if form in text}


@pytest.mark.parametrize("name", FAULTS)
def test_no_secret_is_told_whatever_goes_wrong(office: Office, name: str) -> None:
    with an_office_full_of_secrets(office, FAULTS[name]):
        printed = [office.oximeter("run", "--verbose"), office.oximeter("run", "--json", now=NOW + DAY)]
        printed.append(office.oximeter("status", "--json"))
    for result in printed:
        assert shown(result.stdout + result.stderr) == set(), result.output
        assert "Traceback" not in result.output
    assert printed[0].exit_code == 1
    written = [path for path in (office.folder / "reports").rglob("*") if path.is_file()]
    assert {path.suffix for path in written} >= {".html", ".json", ".atom", ".eml"}
    for path in written:
        text = path.read_bytes().decode("utf-8", "replace")
        if path.suffix == ".eml":
            text = words(mail.parse(path.read_bytes())) + text.replace("=\r\n", "")
        assert shown(text) == set(), path
