"""Composes a letter as a mail and hands it to a mail server."""

from __future__ import annotations

import base64
import re
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses
from typing import IO, Any, TypeVar

from monitor.errors import DeliveryError
from monitor.model import Letter, SmtpSettings

T = TypeVar("T")
_SUBJECT_LENGTH = 200
_LONGEST_REPLY = 200
_MOST_ANSWERS = 1_000_000
"""Bytes that a server may say in one conversation."""
_GOODBYE = 2.0
"""Seconds that a server's goodbye is waited for: it has the mail by then."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def compose(letter: Letter, sender: str, recipient: str, message_id: str, now: int) -> EmailMessage:
    """The letter as a mail of written text and HTML. The same arguments give the same headers.

    Raises DeliveryError where ``sender`` or ``recipient`` is not an address.
    """
    author = _address(sender)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = author
    message["To"] = _address(recipient)
    message["Subject"] = _line(letter.subject)[:_SUBJECT_LENGTH]
    message["Date"] = format_datetime(datetime.fromtimestamp(now, UTC))
    message["Message-ID"] = "<" + re.sub(r"[^A-Za-z0-9.@_+=~-]", "", message_id) + ">"
    message["List-Id"] = f"Oximeter <oximeter.{author.domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    # Quoted-printable passes every server unchanged, however long a line of HTML is.
    message.set_content(_text(letter.text), cte="quoted-printable")
    message.add_alternative(_text(letter.html), subtype="html", cte="quoted-printable")
    # A part's boundary is random otherwise, and the outbox would take the same mail for another.
    boundary = "=_" + re.sub(r"\W", "", message["Message-ID"])[:50]
    message.set_boundary(boundary + "_=")
    _add_pictures(message, letter, boundary + "_p=")
    return message


def _add_pictures(message: EmailMessage, letter: Letter, boundary: str) -> None:
    """Put the pictures beside the HTML that shows them (multipart/related)."""
    html = message.get_body(("html",))
    if not letter.pictures or not isinstance(html, EmailMessage):
        return
    for picture in letter.pictures:
        name = re.sub(r"[^A-Za-z0-9._-]", "", picture.name)
        html.add_related(picture.png, "image", "png", cid=f"<{name}>", disposition="inline", filename=f"{name}.png")
    html.set_boundary(boundary)


def parse(message: bytes) -> EmailMessage:
    """A mail as the store keeps it, made ready for ``send``."""
    return message_from_bytes(message, policy=policy.SMTP)


class Unreachable(DeliveryError):
    """The server itself could not be used: another mail would fare no better tonight."""


def send(message: EmailMessage, settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
    """Hand the mail to the server, waiting at most ``settings.timeout`` seconds for each of its answers.

    Raises DeliveryError, which never tells the password; Unreachable where no mail could be handed over at all.
    After a return the server has taken the mail; after ``settings.total`` seconds it may still take it.
    """
    refused = _talk(settings, context, lambda server: server.send_message(message))
    if refused:
        raise DeliveryError(f"The mail server {_name(settings)} refused {', '.join(refused)}.")


def try_out(settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
    """Connect and log in as for a mail, and send none. Raises DeliveryError like ``send``."""
    _talk(settings, context, lambda server: server.noop())


def _talk(settings: SmtpSettings, context: ssl.SSLContext | None, work: Callable[[smtplib.SMTP], T]) -> T:
    """What ``work`` gets from a server that is ready to take a mail, within ``settings.total`` seconds in all.

    A server that says one byte now and then is never late with an answer, and the resolver has no limit of ours. So
    the conversation has a thread of its own, and the line is cut when the time is up.
    """
    line, answer = _Line(), Future[T]()
    thread = threading.Thread(
        target=_converse, args=(settings, context, work, line, answer), name="oximeter-mail", daemon=True
    )
    thread.start()
    try:
        result = answer.result(settings.total)
    except TimeoutError:
        raise Unreachable(
            f"The mail server {_name(settings)} was not done within {settings.total:g} seconds."
        ) from None
    else:
        thread.join(_GOODBYE)
        return result
    finally:
        line.cut()


def _converse(
    settings: SmtpSettings,
    context: ssl.SSLContext | None,
    work: Callable[[smtplib.SMTP], T],
    line: _Line,
    answer: Future[T],
) -> None:
    """One conversation, from the greeting to the goodbye; what goes wrong before the goodbye is the answer."""
    server: smtplib.SMTP | None = None
    kind: type[DeliveryError] = Unreachable
    try:
        context = context or ssl.create_default_context()
        server = _connect(settings, context, line)
        _greet(server, settings, context, line)
        kind = DeliveryError
        answer.set_result(work(server))
    except Exception as error:  # the thread's own last words would be a trace
        answer.set_exception((Unreachable if _is_late(error) else kind)(_sentence(error, settings)))
    else:
        # The mail is theirs now: an ill-mannered goodbye must not make us send it again.
        with suppress(smtplib.SMTPException, OSError, ValueError):
            server.quit()
    finally:
        if server is not None:
            server.close()


class _Line:
    """The connection of a conversation, which another thread may cut."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def hold(self, connection: socket.socket) -> None:
        """This is the connection from now on. Raises TimeoutError where the line has been cut."""
        with self._lock:
            self._socket = connection
            if self._is_cut:
                connection.close()
                raise TimeoutError

    def cut(self) -> None:
        """Whoever reads or writes on the connection is at its end now."""
        with self._lock:
            self._is_cut = True
            if self._socket is not None:
                # Not the TLS socket's own method, which would let what is being written go on in clear.
                with suppress(OSError):
                    socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class _Answers:
    """A server's answers, which come to an end."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._left = _MOST_ANSWERS

    def readline(self, most: int = -1) -> bytes:
        line = self._file.readline(most)
        self._left -= len(line)
        if self._left < 0:
            raise smtplib.SMTPException(f"it said more than {_MOST_ANSWERS:,} bytes")
        return line

    def close(self) -> None:
        self._file.close()


class _Smtp(smtplib.SMTP):
    """A server in clear, its line and its answers bounded."""

    def __init__(self, line: _Line, *given: Any, **more: Any) -> None:
        self._line = line
        self._answers: _Answers | None = None
        super().__init__(*given, **more)

    # smtplib reads a server's answers from here, one line after another as long as they come.
    @property
    def file(self) -> _Answers | None:
        return self._answers

    @file.setter
    def file(self, file: IO[bytes] | None) -> None:
        self._answers = None if file is None else _Answers(file)

    def _get_socket(self, *where: Any) -> socket.socket:
        connection: socket.socket = super()._get_socket(*where)  # type: ignore[misc]
        self._line.hold(connection)
        return connection


class _SmtpTls(_Smtp, smtplib.SMTP_SSL):
    """A server that speaks TLS from the start."""


def _connect(settings: SmtpSettings, context: ssl.SSLContext, line: _Line) -> smtplib.SMTP:
    if settings.security == "tls":
        return _SmtpTls(line, settings.host, settings.port, timeout=settings.timeout, context=context)
    return _Smtp(line, settings.host, settings.port, timeout=settings.timeout)


def _greet(server: smtplib.SMTP, settings: SmtpSettings, context: ssl.SSLContext, line: _Line) -> None:
    server.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        if not server.has_extn("starttls"):
            raise _NoStartTls
        server.starttls(context=context)
        assert server.sock is not None
        line.hold(server.sock)
        server.ehlo_or_helo_if_needed()
    if settings.user is not None:
        server.login(settings.user, settings.password or "")


class _NoStartTls(smtplib.SMTPException):
    """The server would have had the mail, and the password, in clear."""


def _sentence(error: Exception, settings: SmtpSettings) -> str:
    name = _name(settings)
    if isinstance(error, _NoStartTls):
        return f"The mail server {name} offers no STARTTLS, so nothing was sent; set security to tls, or to none."
    if isinstance(error, smtplib.SMTPAuthenticationError):
        # The server's own words are left out: some repeat what they were given.
        return f"The mail server {name} did not accept the user {settings.user} or the password ({error.smtp_code})."
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        told = "; ".join(f"{who}: {_reply(code, words, settings)}" for who, (code, words) in error.recipients.items())
        return f"The mail server {name} refused the recipient {told}."
    if isinstance(error, smtplib.SMTPResponseException):
        # An answer comes as bytes; these are smtplib's own words, for an answer that is no line.
        if isinstance(error.smtp_error, str) and error.smtp_code == 500:
            return f"The mail server {name} answered with a line too long to be an answer; is it a mail server?"
        return f"The mail server {name} refused: {_reply(error.smtp_code, error.smtp_error, settings)}."
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server {name} has a certificate that is not to be trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"The mail server {name} does not speak TLS as expected; check port and security ({error.reason})."
    if _is_late(error):
        return f"The mail server {name} did not answer within {settings.timeout:g} seconds."
    if isinstance(error, UnicodeError):
        return f"The mail server {name} cannot take a letter outside ASCII in the user, the password or an address."
    told = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return f"The mail server {name} could not be used: {_shown(told, settings)}."


def _is_late(error: Exception) -> bool:
    # smtplib reports a time-out within a conversation as a lost connection.
    return isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError)


def _reply(code: int, words: bytes | str, settings: SmtpSettings) -> str:
    told = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {_shown(told, settings)}".rstrip()


def _shown(told: str, settings: SmtpSettings) -> str:
    """A server's words on one line, without the password should it repeat that, as it is or as it was sent."""
    if settings.password:
        user, password = (settings.user or "").encode(), settings.password.encode("utf-8", "replace")
        sent = (base64.b64encode(one).decode() for one in (b"\0" + user + b"\0" + password, password))
        for secret in (settings.password, *sent):
            told = told.replace(secret, "***")
    return _line(told)[:_LONGEST_REPLY].rstrip(". ")


def _name(settings: SmtpSettings) -> str:
    return f"{settings.host}:{settings.port}"


def _address(written: str) -> Address:
    """``name@host`` or ``Name <name@host>``; a host with letters such as ø is written as mail servers know it."""
    found = getaddresses([_line(written)])
    shown, address = found[0] if found else ("", "")
    local, at, host = address.rpartition("@")
    try:
        if len(found) != 1 or not (local and at and host) or " " in address:
            raise ValueError("no address")
        return Address(shown, local, host.encode("idna").decode("ascii"))
    except (ValueError, IndexError):
        raise DeliveryError(f"{_line(written)[:200]!r} is not an e-mail address.") from None
    except Exception as error:  # email's own parse errors share no public base class
        raise DeliveryError(f"{_line(written)[:200]!r} is not an e-mail address: {error}.") from None


def _text(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def _line(text: str) -> str:
    """One line: whatever could begin another header is a space."""
    return " ".join(_CONTROL.sub(" ", _text(text)).split())
