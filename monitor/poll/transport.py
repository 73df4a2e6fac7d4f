"""Connections as we allow them: to addresses that were checked, and cut when their time is up.

requests and urllib3 do the talking. What they leave open is closed here: a name is resolved once and the connection
goes to what was checked; a slow drip ends at the deadline, also within a TLS handshake; no line is without end.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import os
import re
import socket
import threading
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from typing import Any
from urllib.request import getproxies

import requests
import urllib3
from requests.adapters import HTTPAdapter
from requests.utils import NETRC_FILES
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from monitor.poll.deadline import Deadline, current
from monitor.poll.guard import is_home, refuse_private

LONGEST_LINE = 65_536
"""Bytes of a line of a header or of a chunk's size."""
TURN_SECONDS = 600.0
"""How long one may wait for others to be done with a host: as long as twenty of them can take."""
MOST_ANNOUNCEMENTS = 20
NUMERIC = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}")
"""An IPv4 address in its usual form; all others are left to the system."""
MOST_ADDRESSES = 2
"""How many of a name's IPv4 addresses, and of its IPv6 ones, are tried."""


class _Lines(io.BufferedReader):
    """What a server says, in lines that end: urllib3 reads the size of a chunk however long its line is."""

    def readline(self, size: int | None = -1, /) -> bytes:
        bound = LONGEST_LINE + 1 if size is None or size < 0 else size
        return super().readline(bound)


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp = _Lines(self.fp.detach())

    def _read_status(self) -> tuple[str, int, str]:
        """The status of the answer itself: what announces it (103 Early Hints and the like) is passed over."""
        for _ in range(MOST_ANNOUNCEMENTS):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if status == http.client.SWITCHING_PROTOCOLS or not 100 < status < 200:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.BadStatusLine("announcements without end")


class _Watched:
    """Mixin for urllib3's connections."""

    def _new_conn(self) -> socket.socket:
        deadline = current()
        if deadline is None:
            return super()._new_conn()  # type: ignore[misc, no-any-return]
        # A proxy is the owner's, and resolves by itself.
        proxied = getattr(self, "proxy", None) is not None
        sock: socket.socket = super()._new_conn() if proxied else _connect(self, deadline)  # type: ignore[misc]
        deadline.watch(sock)
        return sock

    def putrequest(self, *args: Any, **kwargs: Any) -> None:
        deadline = current()
        sock: socket.socket | None = getattr(self, "sock", None)
        if deadline is not None:
            deadline.reused = sock is not None
        if deadline is not None and sock is not None:  # kept alive from an earlier question, maybe under other rules
            if getattr(self, "proxy", None) is None:
                _check(self, [str(sock.getpeername()[0])], deadline)
            deadline.watch(sock)
        super().putrequest(*args, **kwargs)  # type: ignore[misc]


def _connect(connection: Any, deadline: Deadline) -> socket.socket:
    """A connection to the first of the name's addresses that takes one; all of them checked before any is tried."""
    host, port = connection.host.strip("[]"), connection.port
    limit = min(connection.timeout or deadline.left, deadline.left)
    try:
        addresses = resolve(host, port, limit)
    except OSError as error:
        raise NameResolutionError(host, connection, error) from error  # type: ignore[arg-type]
    _check(connection, addresses, deadline)
    failure: OSError = OSError("the name has no address")
    for address in _some_of_each_kind(addresses):
        try:
            return create_connection(
                (address, port), min(limit, deadline.left), connection.source_address, connection.socket_options
            )
        except OSError as error:
            failure = error
        if deadline.passed:
            break
    if isinstance(failure, TimeoutError):
        raise ConnectTimeoutError(connection, f"no connection to {host}:{port}") from failure
    raise NewConnectionError(connection, f"no connection to {host}:{port}: {failure}") from failure


def _check(connection: Any, addresses: list[str], deadline: Deadline) -> None:
    """Raise Forbidden where a server, rather than the owner, leads us to an address within the house.

    Asked of the connection itself: what it connects to is what counts, whatever the address looked like.
    """
    if not is_home(connection.host.strip("[]").lower(), connection.port, deadline.configured):
        for address in addresses:
            refuse_private(deadline.asked, address)


def _some_of_each_kind(addresses: list[str]) -> list[str]:
    """The first few IPv4 and IPv6 addresses in turn: where one kind leads nowhere the other may."""
    kinds = [
        [one for one in addresses if (":" in one) is six] for six in (":" in addresses[0], ":" not in addresses[0])
    ]
    pairs = zip_longest(kinds[0][:MOST_ADDRESSES], kinds[1][:MOST_ADDRESSES])
    return [one for pair in pairs for one in pair if one is not None]


def resolve(host: str, port: int, seconds: float) -> list[str]:
    """The addresses that a name stands for now, found within ``seconds``. Raises OSError, TimeoutError among them.

    The system's resolver has no time-out of its own that we could set, so it is asked in a thread that we can leave.
    """
    if NUMERIC.fullmatch(host):  # nobody needs to be asked
        return [host]
    found: list[str] = []
    failure: list[OSError] = []

    def ask() -> None:
        try:
            answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(dict.fromkeys(str(answer[4][0]) for answer in answers))
        except UnicodeError:
            failure.append(socket.gaierror(socket.EAI_NONAME, "the name cannot be written for the name service"))
        except OSError as error:
            failure.append(error)

    thread = threading.Thread(target=ask, daemon=True, name="resolve")
    thread.start()
    thread.join(seconds)
    if failure:
        raise failure[0]
    if not found:
        raise TimeoutError(f"the name service said nothing for {seconds:g} seconds")
    return found


class _Http(_Watched, urllib3.connection.HTTPConnection):
    response_class = _Response


class _Https(_Watched, urllib3.connection.HTTPSConnection):
    response_class = _Response


class _HttpPool(urllib3.HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(urllib3.HTTPSConnectionPool):
    ConnectionCls = _Https


POOLS: dict[str, Any] = {"http": _HttpPool, "https": _HttpsPool}


class _Adapter(HTTPAdapter):
    """requests' own adapter over watched connections."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: str, **proxy_kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **proxy_kwargs)
        if type(manager) is urllib3.ProxyManager:  # one for SOCKS has connections of its own
            manager.pool_classes_by_scheme = POOLS
        return manager


class _Session(requests.Session):
    def __init__(self) -> None:
        super().__init__()
        # requests looks through the whole environment, and for a .netrc, anew for every single question.
        self.trust_env = _has_proxies_or_passwords()
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """None: we follow ourselves. requests would read the whole body of a redirect, however long it is."""
        return None


def _has_proxies_or_passwords() -> bool:
    """True where proxies or passwords are set outside of our config; where one cannot look, there may be."""
    try:
        at_home = any((Path.home() / name).exists() for name in NETRC_FILES)
        return at_home or "NETRC" in os.environ or bool(getproxies())
    except (OSError, RuntimeError):
        return True


def new_session() -> requests.Session:
    """A session whose questions are held to their deadline and to the addresses they may reach."""
    session = _Session()
    for scheme in ("http://", "https://"):
        session.mount(scheme, _Adapter(pool_connections=4, pool_maxsize=2))
    return session


class _Own(threading.local):
    session: requests.Session | None = None


_own = _Own()


@contextlib.contextmanager
def own_session() -> Iterator[requests.Session]:
    """This thread's session, as new: connections and cookies of one host's feeds are not kept for the next."""
    session = _own.session = _own.session or new_session()
    try:
        yield session
    finally:
        session.close()
        session.cookies.clear()


def through_proxy(session: requests.Session, address: str) -> bool:
    """True where the environment sends questions for this address through a proxy, which then does the resolving."""
    settings = session.merge_environment_settings(address, {}, None, None, None)
    return requests.utils.select_proxy(address, settings["proxies"]) is not None


class _Turns:
    """One question at a time to one host, whoever asks and whatever redirect led there."""

    def __init__(self) -> None:
        self._locks: dict[str, tuple[threading.Lock, int]] = {}
        self._own = threading.Lock()

    @contextlib.contextmanager
    def turn(self, host: str, deadline: Deadline) -> Iterator[None]:
        """Wait for the host to be free, which is no time of the server's. Raises TimeoutError after TURN_SECONDS."""
        with self._own:
            lock, waiting = self._locks.get(host, (threading.Lock(), 0))
            self._locks[host] = lock, waiting + 1
        try:
            if not lock.acquire(blocking=False):
                with deadline.paused():
                    came = lock.acquire(timeout=TURN_SECONDS)
                if not came:
                    raise TimeoutError
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._own:
                lock, waiting = self._locks[host]
                if waiting == 1:
                    del self._locks[host]
                else:
                    self._locks[host] = lock, waiting - 1


turns = _Turns()
