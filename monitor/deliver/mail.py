"""Composes a letter as a mail and hands it to a mail server."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, getaddresses

from monitor.errors import DeliveryError
from monitor.model import Letter, SmtpSettings

_SUBJECT_LENGTH = 200
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


def send(message: EmailMessage, settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
    """Hand the mail to the server, waiting at most ``settings.timeout`` seconds for each of its answers.

    Raises DeliveryError, which never tells the password. After a return the server has taken the mail.
    """
    with _conversation(settings, context) as server:
        refused = server.send_message(message)
    if refused:
        raise DeliveryError(f"The mail server {_name(settings)} refused {', '.join(refused)}.")


def try_out(settings: SmtpSettings, context: ssl.SSLContext | None = None) -> None:
    """Connect and log in as for a mail, and send none. Raises DeliveryError like ``send``."""
    with _conversation(settings, context) as server:
        server.noop()


@contextmanager
def _conversation(settings: SmtpSettings, context: ssl.SSLContext | None) -> Iterator[smtplib.SMTP]:
    """A mail server that is ready to take a mail; what goes wrong within is raised as a DeliveryError."""
    context = context or ssl.create_default_context()
    try:
        server = _connect(settings, context)
        try:
            _greet(server, settings, context)
            yield server
        except BaseException:
            server.close()
            raise
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise DeliveryError(_sentence(error, settings)) from None
    # The mail is theirs now: an ill-mannered goodbye must not make us send it again.
    with suppress(smtplib.SMTPException, OSError):
        server.quit()
    server.close()


def _connect(settings: SmtpSettings, context: ssl.SSLContext) -> smtplib.SMTP:
    if settings.security == "tls":
        return smtplib.SMTP_SSL(settings.host, settings.port, timeout=settings.timeout, context=context)
    return smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout)


def _greet(server: smtplib.SMTP, settings: SmtpSettings, context: ssl.SSLContext) -> None:
    server.ehlo_or_helo_if_needed()
    if settings.security == "starttls":
        if not server.has_extn("starttls"):
            raise _NoStartTls
        server.starttls(context=context)
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
        told = "; ".join(f"{who}: {_reply(code, words)}" for who, (code, words) in error.recipients.items())
        return _without_password(f"The mail server {name} refused the recipient {told}.", settings)
    if isinstance(error, smtplib.SMTPResponseException):
        told = _reply(error.smtp_code, error.smtp_error)
        return _without_password(f"The mail server {name} refused: {told}.", settings)
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The mail server {name} has a certificate that is not to be trusted: {error.verify_message}."
    if isinstance(error, ssl.SSLError):
        return f"The mail server {name} does not speak TLS as expected; check port and security ({error.reason})."
    # smtplib reports a time-out within a conversation as a lost connection.
    if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
        return f"The mail server {name} did not answer within {settings.timeout:g} seconds."
    if isinstance(error, UnicodeError):
        return f"The mail server {name} cannot take a letter outside ASCII in the user, the password or an address."
    told = _line(getattr(error, "strerror", None) or str(error) or type(error).__name__)[:200].rstrip(".")
    return _without_password(f"The mail server {name} could not be used: {told}.", settings)


def _reply(code: int, words: bytes | str) -> str:
    told = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {_line(told)[:200]}".rstrip(". ")


def _without_password(sentence: str, settings: SmtpSettings) -> str:
    return sentence.replace(settings.password, "***") if settings.password else sentence


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
