"""Tells a chat room or a webhook, through the library apprise (https://github.com/caronc/apprise)."""

from __future__ import annotations

import logging
import re
import threading
from queue import Empty, SimpleQueue
from types import ModuleType
from typing import TYPE_CHECKING

from monitor.errors import DeliveryError

if TYPE_CHECKING:
    from apprise import NotifyBase

# With these the host is a host; with others it is as likely a token. An @ further on is no host's end that we trust.
_OPEN = re.compile(
    r"(?P<scheme>jsons?|xmls?|forms?)://([^@/?#]*@)?(?P<host>[a-z0-9.-]+|\[[0-9a-f:.]+\])(?P<port>:\d{1,5})?([/?#][^@]*)?",
    re.IGNORECASE | re.ASCII,
)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]{0,31})://", re.IGNORECASE | re.ASCII)
_CONTROL = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_HTTP_STATUS = re.compile(r"error=([1-5]\d\d)\b", re.ASCII)
_WIKI = "https://github.com/caronc/apprise/wiki"
_THREAD = "oximeter-notify"
_GRACE = 1.0


def send(address: str, title: str, body: str, timeout: float = 30) -> None:
    """Tell the room at ``address`` (one URL as apprise has it), waiting at most ``timeout`` seconds in all.

    ``body`` is plain text. Raises DeliveryError, which never tells more of the address than ``describe`` does. After
    a time-out the service may still take the message.
    """
    service = _service(address)
    if service is None:
        raise DeliveryError(
            f"The library apprise does not know {describe(address)}, or misses a part of it: see {_WIKI}."
        )
    # Our own end comes first, so that a service that hangs is always told of in the same words.
    service.socket_connect_timeout = service.socket_read_timeout = timeout + _GRACE
    answer: SimpleQueue[str] = SimpleQueue()
    # apprise's own limit leaves a worker behind that Python waits for at its exit, and a service that sends
    # a byte now and then would hold up the whole night. A daemon thread goes with us.
    threading.Thread(
        target=lambda: answer.put(_tell(service, " ".join(_text(title).split()), _text(body))),
        name=_THREAD,
        daemon=True,
    ).start()
    try:
        trouble = answer.get(timeout=timeout)
    except Empty:
        trouble = f"did not answer within {timeout:g} seconds"
    if trouble:
        raise DeliveryError(f"The service at {describe(address)} {trouble}.")


def known(address: str) -> bool:
    """True where apprise knows the address and finds it whole; nothing is sent.

    Raises DeliveryError where apprise is not installed.
    """
    return _service(address) is not None


def describe(address: str) -> str:
    """The address without what could be a secret: ``json://127.0.0.1:8080``, but ``slack://…``."""
    address = address.strip()
    if shown := _OPEN.fullmatch(address):
        return f"{shown['scheme'].lower()}://{shown['host'].lower()}{shown['port'] or ''}"
    scheme = _SCHEME.match(address)
    return f"{scheme[1].lower()}://…" if scheme else "an address without a scheme"


def _service(address: str) -> NotifyBase | None:
    apprise = _apprise()
    # In the calling thread, without a limit of apprise's own. A redirect would be followed with the message left
    # behind, and the page there, a login say, would count as a service that took it.
    ours = apprise.AppriseAsset(
        app_id="Oximeter", app_desc="Oximeter", async_mode=False, service_timeout=0, http_redirects=False
    )
    try:
        service: NotifyBase | None = apprise.Apprise.instantiate(address.strip(), asset=ours)
    except Exception:  # a service's own reading of its address may stumble in any way
        return None
    return service


def _tell(service: NotifyBase, title: str, body: str) -> str:
    """What went wrong, as the end of a sentence; nothing where the service took the message."""
    trouble = "did not take the message"
    try:
        room = _apprise().Apprise(asset=service.asset)
        room.add(service)
        result = room.notify(title=title, body=body, body_format="text")
        return "" if result else next((entry.message for entry in result.logs()), trouble)
    except Exception:  # a thread's last words would be a trace with the address in it
        return trouble


def _apprise() -> ModuleType:
    try:
        import apprise

        # Before it there is no way to keep its workers out of it.
        if int(apprise.__version__.partition(".")[0]) < 2:
            raise ImportError("too old")
    except ImportError:
        raise DeliveryError(
            "Telling a chat room takes the library apprise, 2.0 or later: pip install 'oximeter[notify]'."
        ) from None
    _hush()
    return apprise


def _hush() -> None:
    """Keep tokens out of every log: they are parts of paths, and whoever carries a message logs paths."""
    apprise = logging.getLogger("apprise")
    apprise.setLevel(logging.WARNING)
    apprise.propagate = False
    apprise.addFilter(_only_the_trouble)
    for name in ("oauthlib", "requests_oauthlib"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    # The feeds are fetched through this one too, and may be logged.
    logging.getLogger("urllib3.connectionpool").addFilter(_not_ours)


def _only_the_trouble(record: logging.LogRecord) -> bool:
    """Put what went wrong in place of apprise's own words, of which only the number is safe; drop all others."""
    words = record.getMessage() if record.levelno >= logging.WARNING else ""
    if status := _HTTP_STATUS.search(words):
        record.msg = f"refused the message (HTTP {status[1]})"
    elif "onnection error" in words:
        record.msg = "could not be reached"
    else:
        return False
    record.args = record.exc_info = record.exc_text = record.stack_info = None
    return True


def _not_ours(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD


def _text(text: str) -> str:
    return _CONTROL.sub("", text)
