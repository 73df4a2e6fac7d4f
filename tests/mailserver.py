"""A real mail server on loopback, with STARTTLS, TLS and a login where asked."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from monitor.model import SmtpSettings

CA = trustme.CA()


class Inbox:
    """Keeps what it is handed; refuses the recipients and the mails that it is told to."""

    def __init__(self, refuse: str = "", data: str = "250 OK") -> None:
        self.mails: list[Any] = []
        self.refuse, self.data = refuse, data

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address == self.refuse:
            return "550 no hemmelig such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.mails.append(envelope)
        return self.data


def server_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CA.issue_cert("127.0.0.1").configure_cert(context)
    return context


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    CA.configure_trust(context)
    return context


def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    assert isinstance(data, LoginPassword)
    return AuthResult(success=data == LoginPassword(b"oximeter", b"hemmelig"), handled=False)


def knock(port: int) -> None:
    with (
        socket.create_connection(("127.0.0.1", port), 5) as plain,
        client_context().wrap_socket(plain, server_hostname="127.0.0.1") as secure,
    ):
        secure.recv(100)


@contextlib.contextmanager
def a_server(inbox: Inbox, whole_tls: bool = False, **options: Any) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    tls = server_context() if whole_tls else None
    controller = Controller(inbox, hostname="127.0.0.1", port=port, ssl_context=tls, **options)
    if whole_tls:
        # The controller's own probe speaks no TLS that trusts the test's authority.
        controller._trigger_server = lambda: knock(port)  # type: ignore[method-assign]
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def with_starttls(inbox: Inbox) -> contextlib.AbstractContextManager[int]:
    return a_server(inbox, tls_context=server_context(), require_starttls=True, auth_required=True, authenticator=check)


def settings(port: int, **more: Any) -> SmtpSettings:
    given: dict[str, Any] = {"user": "oximeter", "password": "hemmelig", "timeout": 5.0}
    return SmtpSettings("127.0.0.1", port, **(given | more))
