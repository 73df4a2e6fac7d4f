"""Tells a watcher elsewhere that a night begins, and how it ended: the watcher sees when nights stop coming.

The addresses are those of https://healthchecks.io/docs/http_api/: the check's own for success, ``/start`` and
``/fail`` below it. Many watchers understand them.
"""

from __future__ import annotations

import logging
import socket
import threading
import time as clock
from collections.abc import Callable
from queue import Empty, SimpleQueue
from urllib.parse import SplitResult, urlsplit, urlunsplit

import requests
import urllib3
from requests.utils import get_environ_proxies, select_proxy

from monitor import __version__
from monitor.errors import DeliveryError

CONNECT_SECONDS = 5.0
TOTAL_SECONDS = 5.0
"""For one word, the second try included: a night has two words, and is to be delayed by no more than ten seconds."""
PAUSE_SECONDS = 0.5
"""Before the second try."""
LONGEST_BODY = 4_000
"""Characters."""
PASSING = (408, 425, 429, 500, 502, 503, 504)
"""HTTP states that may be gone a moment later."""
_THREAD = "oximeter-heartbeat"


class _Passing(Exception):
    """A failure that may be over in a moment; ``str(error)`` ends a sentence."""


class _Lasting(Exception):
    """A failure that a second try would meet again."""


def start(address: str, body: str, seconds: float = TOTAL_SECONDS) -> None:
    """Tell the watcher that a night begins. Raises DeliveryError after ``seconds`` at the latest."""
    _tell(below(address, "start"), body, seconds)


def success(address: str, body: str, seconds: float = TOTAL_SECONDS) -> None:
    """Tell the watcher that the night is done. Raises DeliveryError after ``seconds`` at the latest."""
    _tell(below(address, ""), body, seconds)


def fail(address: str, body: str, seconds: float = TOTAL_SECONDS) -> None:
    """Tell the watcher that the night failed. Raises DeliveryError after ``seconds`` at the latest."""
    _tell(below(address, "fail"), body, seconds)


def knock(address: str, seconds: float = CONNECT_SECONDS) -> None:
    """See whether the watcher's host, or the proxy before it, takes a connection. Nothing is told, which would count
    as life. Raises DeliveryError."""
    _within(seconds, address, lambda: _connect(address, seconds))


def describe(address: str) -> str:
    """The watcher's host: the rest of the address is as good as a password."""
    parts = urlsplit(address)
    host = parts.hostname or ""
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{port}"


def below(address: str, name: str) -> str:
    """The address of an event: a query stays behind the path."""
    parts = urlsplit(address)
    path = f"{parts.path.rstrip('/')}/{name}" if name else parts.path
    return urlunsplit(SplitResult(parts.scheme, parts.netloc, path, parts.query, ""))


def _tell(address: str, body: str, seconds: float) -> None:
    text = body[:LONGEST_BODY].encode("utf-8", "replace")
    _within(seconds, address, lambda: _post_twice(address, text, seconds))


def _within(seconds: float, address: str, ask: Callable[[], None]) -> None:
    """Do it in a thread that is left behind when the time is up: neither a name server nor a slow drip may hold us."""
    _hush()
    answer: SimpleQueue[str] = SimpleQueue()

    def work() -> None:
        try:
            ask()
            answer.put("")
        except (_Passing, _Lasting) as error:
            answer.put(str(error))
        except Exception:  # a thread's last words would be a trace with the address in it
            answer.put("could not be asked; check its address")

    try:
        threading.Thread(target=work, name=_THREAD, daemon=True).start()
        trouble = answer.get(timeout=seconds)
    except Empty:
        trouble = f"did not answer within {seconds:g} seconds"
    except RuntimeError:
        trouble = "could not be asked: the machine has no room for one more thread"
    if trouble:
        raise DeliveryError(f"The heartbeat's watcher at {describe(address)} {trouble}.")


def _post_twice(address: str, body: bytes, seconds: float) -> None:
    try:
        _post(address, body, seconds)
    except _Passing:
        clock.sleep(PAUSE_SECONDS)
        _post(address, body, seconds)


def _post(address: str, body: bytes, seconds: float) -> None:
    headers = {"User-Agent": f"Oximeter/{__version__}", "Content-Type": "text/plain; charset=utf-8"}
    limits = (min(CONNECT_SECONDS, seconds), seconds)
    try:
        with requests.post(
            address, data=body, headers=headers, timeout=limits, allow_redirects=False, stream=True
        ) as response:
            _judge(response.status_code, _first_words(response))
    except requests.exceptions.SSLError:
        raise _Lasting("has no certificate that is to be trusted") from None
    except requests.exceptions.Timeout:
        raise _Passing(f"did not answer within {seconds:g} seconds") from None
    except (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError):
        raise _Passing("could not be reached") from None


def _first_words(response: requests.Response) -> bytes:
    try:
        return bytes(response.raw.read(200, decode_content=True))
    except (urllib3.exceptions.HTTPError, OSError):  # it broke off, but its state has said enough
        return b""


def _judge(status: int, told: bytes) -> None:
    """Raise what the answer has against us. For old callers' sake some refusals come as ``200 OK (not found)``."""
    if status in PASSING:
        raise _Passing(f"answered HTTP {status}")
    if 300 <= status < 400:
        raise _Lasting(f"sends us on to another address (HTTP {status}), which is not followed; name that one")
    if not 200 <= status < 300:
        raise _Lasting(f"answered HTTP {status}; check the address")
    if told.startswith(b"OK (not found)"):
        raise _Lasting("knows no check by this address; check it")
    if told.startswith(b"OK (rate limited)"):
        raise _Lasting("was told too much of late, and did not listen")


def _connect(address: str, seconds: float) -> None:
    proxy = select_proxy(address, get_environ_proxies(address))
    parts = urlsplit(proxy if proxy and "://" in proxy else f"http://{proxy}" if proxy else address)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=seconds).close()
    except socket.gaierror:
        raise _Lasting("has a name that is unknown; check how it is spelled") from None
    except TimeoutError:
        raise _Lasting(f"did not answer within {seconds:g} seconds") from None
    except OSError:
        raise _Lasting("takes no connection") from None


def _hush() -> None:
    """Keep the address's path out of every log: urllib3 logs paths."""
    for name in ("connection", "connectionpool", "response", "util.retry"):
        logging.getLogger(f"urllib3.{name}").addFilter(_not_ours)


def _not_ours(record: logging.LogRecord) -> bool:
    return record.threadName != _THREAD
