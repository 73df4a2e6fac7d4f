from __future__ import annotations

import socket
import ssl
import threading
from email.message import EmailMessage
from typing import Any

import pytest

from monitor.deliver import mail
from monitor.errors import DeliveryError
from monitor.model import Letter, SmtpSettings
from tests.deliver.raw_smtp import Caller, raw_server
from tests.mailserver import Inbox, a_server, client_context, settings, with_starttls

NOW = 1_700_000_000
LETTER = Letter("Kanaler på vågeblus", "Kære chef\n\nÆblegrød, blåbær.\n", "<p>Æblegrød " + "å" * 2_000 + "</p>")


def a_mail(letter: Letter = LETTER, **more: str) -> EmailMessage:
    given = {"sender": "Oximeter <oximeter@eksempel.example>", "recipient": "chef@eksempel.example"}
    return mail.compose(letter, **(given | {"message_id": "2024-01-01.1@eksempel.example"} | more), now=NOW)


def failure(message: EmailMessage, to: SmtpSettings, context: ssl.SSLContext | None = None) -> str:
    with pytest.raises(DeliveryError) as raised:
        mail.send(message, to, context)
    assert "hemmelig" not in str(raised.value)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_mail_has_text_and_html_with_its_danish_letters() -> None:
    message = mail.parse(a_mail().as_bytes())
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None
    assert html is not None
    assert message.get_content_type() == "multipart/alternative"
    assert message["Subject"] == LETTER.subject
    assert text.get_content().replace("\r\n", "\n") == LETTER.text
    assert html.get_content().strip() == LETTER.html
    assert max(map(len, message.as_bytes().split(b"\r\n"))) < 998


def test_a_mail_says_that_a_machine_wrote_it_and_is_the_same_every_time() -> None:
    message = a_mail()
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Oximeter <oximeter.eksempel.example>"
    assert message["Message-ID"] == "<2024-01-01.1@eksempel.example>"
    assert message["Date"] == "Tue, 14 Nov 2023 22:13:20 +0000"
    assert a_mail().as_bytes() == message.as_bytes()


def test_a_subject_cannot_begin_another_header() -> None:
    message = a_mail(Letter("Hej\r\nBcc: alle@eksempel.example\u2028\ud800" + "x" * 999, "", ""))
    assert message["Bcc"] is None
    assert message["Subject"].startswith("Hej Bcc: alle@eksempel.example ?xx")
    assert b"\nBcc" not in message.as_bytes()


def test_a_message_id_cannot_begin_another_header() -> None:
    message = a_mail(message_id="<a@b>\nBcc: c")
    assert message["Message-ID"] == "<a@bBccc>"
    assert message["Bcc"] is None


def test_a_danish_domain_is_written_as_mail_servers_know_it() -> None:
    assert a_mail(recipient="Søren <s@blåbær.example>")["To"] == "Søren <s@xn--blbr-roah.example>"


@pytest.mark.parametrize("recipient", ["", "chef", "@eksempel.example", "chef@", "a@b..c", "a b\n@c,d@e"])
def test_what_is_no_address_is_a_sentence(recipient: str) -> None:
    with pytest.raises(DeliveryError, match="is not an e-mail address"):
        a_mail(recipient=recipient)


def test_a_mail_goes_over_starttls_with_a_login() -> None:
    inbox = Inbox()
    with with_starttls(inbox) as port:
        mail.send(mail.parse(a_mail().as_bytes()), settings(port), client_context())
    assert [envelope.rcpt_tos for envelope in inbox.mails] == [["chef@eksempel.example"]]
    assert mail.parse(inbox.mails[0].content)["Subject"] == LETTER.subject


def test_a_mail_goes_over_tls_from_the_start() -> None:
    inbox = Inbox()
    with a_server(inbox, whole_tls=True) as port:
        mail.send(a_mail(), settings(port, security="tls", user=None), client_context())
    assert len(inbox.mails) == 1


def test_a_mail_goes_in_clear_where_the_owner_says_so() -> None:
    inbox = Inbox()
    with a_server(inbox) as port:
        mail.send(a_mail(), settings(port, security="none", user=None))
    assert len(inbox.mails) == 1


def test_a_wrong_password_is_a_sentence_without_it() -> None:
    with with_starttls(Inbox()) as port:
        told = failure(a_mail(), settings(port, user="hacker"), client_context())
    assert "did not accept the user hacker" in told


def test_a_password_with_letters_outside_ascii_is_a_sentence_without_it() -> None:
    with with_starttls(Inbox()) as port:
        told = failure(a_mail(), settings(port, password="hemmeligæ"), client_context())
    assert "outside ASCII" in told


def test_a_server_without_starttls_gets_neither_mail_nor_password() -> None:
    inbox = Inbox()
    with a_server(inbox) as port:
        assert "offers no STARTTLS" in failure(a_mail(), settings(port))
    assert inbox.mails == []


def test_a_certificate_of_an_unknown_authority_is_a_sentence() -> None:
    with with_starttls(Inbox()) as port:
        assert "not to be trusted" in failure(a_mail(), settings(port))


def test_a_server_that_speaks_no_tls_where_it_should_is_a_sentence() -> None:
    with a_server(Inbox()) as port:
        assert "does not speak TLS" in failure(a_mail(), settings(port, security="tls"))


def test_a_refused_connection_is_a_sentence() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert "could not be used" in failure(a_mail(), settings(closed.getsockname()[1]))


def test_a_server_that_never_answers_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        told = failure(a_mail(), settings(silent.getsockname()[1], timeout=0.3))
    assert "within 0.3 seconds" in told


def test_a_refused_recipient_or_mail_is_the_servers_own_words_without_the_password() -> None:
    with a_server(Inbox(refuse="chef@eksempel.example")) as port:
        told = failure(a_mail(), settings(port, security="none", user=None))
    assert "refused the recipient chef@eksempel.example: 550 no *** such person" in told
    with a_server(Inbox(data="554 too\x07 dull")) as port:
        assert "refused: 554 too dull" in failure(a_mail(), settings(port, security="none", user=None))


def test_a_server_that_hangs_up_after_taking_the_mail_has_taken_it() -> None:
    def serve(listening: socket.socket) -> None:
        peer, _ = listening.accept()
        with peer, peer.makefile("rwb") as line:
            for answer in (b"220 hi", b"250 ok", b"250 ok", b"250 ok", b"354 go"):
                line.write(answer + b"\r\n")
                line.flush()
                if answer != b"354 go":
                    line.readline()
            while line.readline() not in (b".\r\n", b""):
                pass
            line.write(b"250 taken\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        mail.send(a_mail(), settings(listening.getsockname()[1], security="none", user=None))
        thread.join(10)


def plain(port: int, **more: object) -> SmtpSettings:
    return settings(port, security="none", **({"user": None} | more))


def test_a_conversation_ends_at_its_time_however_patient_each_wait_is() -> None:
    def drip(caller: Caller) -> None:
        while True:
            caller.line.sendall(b"2")
            threading.Event().wait(0.02)

    with raw_server(drip) as port:
        told = failure(a_mail(), plain(port, timeout=60.0, total=0.5))
    assert told == f"The mail server 127.0.0.1:{port} was not done within 0.5 seconds."


def test_a_resolver_that_hangs_holds_up_nobody_and_no_mail_goes_out_after_all(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, released = socket.getaddrinfo, threading.Event()
    callers: list[Caller] = []

    def slow(*given: Any, **more: Any) -> Any:
        assert released.wait(60)
        return resolve(*given, **more)

    def listen(caller: Caller) -> None:
        callers.append(caller)
        caller.answer_until("MAIL")

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    with raw_server(listen) as port:
        assert "was not done within 0.2 seconds" in failure(a_mail(), plain(port, total=0.2))
        (talking,) = [thread for thread in threading.enumerate() if thread.name == "oximeter-mail"]
        released.set()
        talking.join(60)
        assert not talking.is_alive()
    assert [line for caller in callers for line in caller.heard if line] == []


def test_the_servers_own_trouble_is_told_from_a_mails() -> None:
    with pytest.raises(mail.Unreachable), raw_server(lambda caller: caller.say("421 busy")) as port:
        mail.send(a_mail(), plain(port))
    with pytest.raises(mail.Unreachable), with_starttls(Inbox()) as port:
        mail.send(a_mail(), settings(port, user="hacker"), client_context())
    with pytest.raises(DeliveryError) as raised, a_server(Inbox(refuse="chef@eksempel.example")) as port:
        mail.send(a_mail(), plain(port))
    assert not isinstance(raised.value, mail.Unreachable)


def test_a_password_is_taken_out_before_a_servers_words_are_cut_short() -> None:
    def repeat(caller: Caller) -> None:
        caller.answer_until("MAIL")
        caller.say("550 " + "x" * 195 + " hemmelig")
        caller.hear()

    with raw_server(repeat) as port:
        assert "hemm" not in failure(a_mail(), plain(port, user="oximeter"))


def test_trying_out_a_server_logs_in_and_sends_nothing() -> None:
    inbox = Inbox()
    with with_starttls(inbox) as port:
        mail.try_out(settings(port), client_context())
        with pytest.raises(DeliveryError, match="did not accept the user"):
            mail.try_out(settings(port, password="forkert"), client_context())
    assert inbox.mails == []


@pytest.mark.parametrize("security", ["none", "tls"])
def test_what_a_server_says_without_end_is_not_kept(security: str) -> None:
    def flood(caller: Caller) -> None:
        caller.answer_until("EHLO")
        while True:
            caller.line.sendall(b"250-welcome\r\n" * 1000)

    with raw_server(flood) as port:
        told = failure(a_mail(), settings(port, security=security, user=None))
    assert ("said more than 1,000,000 bytes" if security == "none" else "does not speak TLS") in told
