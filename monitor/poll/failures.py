"""What went wrong with a fetch: a sentence for the report, and whether it may pass."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator

import requests
import urllib3

from monitor.poll.guard import Forbidden, Limits, Refused, origin, shown

TIMEOUTS = (TimeoutError, requests.exceptions.Timeout, urllib3.exceptions.TimeoutError)
BROKEN = (http.client.HTTPException, urllib3.exceptions.HTTPError, ConnectionError)


def is_unreached(error: Exception) -> bool:
    """True where there was no connection: what holds for one address of a host then holds for all."""
    return _came_from(
        error, urllib3.exceptions.NameResolutionError, urllib3.exceptions.NewConnectionError,
        urllib3.exceptions.ConnectTimeoutError,
    )  # fmt: skip


def may_pass(error: Exception) -> bool:
    """True for a broken connection, a moment's silence and the like; a fetch that took all its time cost enough."""
    if isinstance(error, Refused):
        return error.passing
    if _was_refused(error):
        return True
    if _came_from(error, urllib3.exceptions.ReadTimeoutError):
        return True
    if _unknown_name(error) or _came_from(error, Forbidden, requests.exceptions.SSLError, *TIMEOUTS):
        return False
    return isinstance(error, requests.exceptions.ConnectionError | urllib3.exceptions.HTTPError | OSError)


def sentence(error: Exception, address: str, limits: Limits, late: bool, via: str = "") -> str:
    """What went wrong at ``address``, in words for the report; ``late`` where the fetch was cut at its deadline.

    ``via`` is the address that redirected there, where one did: the owner never wrote the other one.
    """
    where = shown(address)
    known = next((one for one in _causes(error) if isinstance(one, Forbidden | Refused)), None)
    if isinstance(known, Forbidden) and via:
        return f"{shown(via)} redirects to where we do not go: {known}"
    if known is not None:
        return str(known)
    if late or type(error) is TimeoutError:
        return f"{where} was not done after {limits.total_seconds:g} seconds; it is asked again tomorrow night"
    if isinstance(error, requests.exceptions.SSLError):
        return f"{where} has no certificate we can trust ({_reason(error)})"
    if _came_from(error, urllib3.exceptions.NameResolutionError):
        return _nameless(error, where, address)
    if _was_refused(error):
        return f"{where} could not be reached ({_reason(error)}); it is asked again tomorrow night"
    if _came_from(error, urllib3.exceptions.ConnectTimeoutError):
        return f"{where} took no connection within {limits.connect_seconds:g} seconds"
    if _came_from(error, *TIMEOUTS):
        return f"{where} said nothing for {limits.read_seconds:g} seconds; it is asked again tomorrow night"
    if _came_from(error, *BROKEN):
        return _garbled(error, where)
    return f"{where} could not be read ({_brief(f'{type(error).__name__}: {error}')})"


def _nameless(error: Exception, where: str, address: str) -> str:
    if _unknown_name(error):
        return f"{where}: the name {origin(address)[0]!r} is unknown; is the address spelled right?"
    return f"{where}: the name service gave no answer; it is asked again tomorrow night"


def _garbled(error: Exception, where: str) -> str:
    """A connection that was made, and an answer that is none, or not whole."""
    if _came_from(error, http.client.IncompleteRead, urllib3.exceptions.IncompleteRead):
        return f"{where} broke off before its end; it is asked again tomorrow night"
    if _came_from(error, http.client.RemoteDisconnected, ConnectionError):
        return f"{where} broke off the connection; it is asked again tomorrow night"
    if _came_from(error, http.client.BadStatusLine, http.client.UnknownProtocol):
        return f"{where} gave something that is not HTTP: expected a web server's answer"
    if "headers" in str(error) or _came_from(error, http.client.LineTooLong):
        return f"{where} sent longer headers than we read: expected those of a web server"
    return f"{where} broke off before its end; it is asked again tomorrow night"


def _was_refused(error: Exception) -> bool:
    """True where there was somebody to say no, or no way to the host. urllib3 counts every failure as a time-out."""
    return _came_from(error, urllib3.exceptions.NewConnectionError) and not _came_from(
        error, urllib3.exceptions.NameResolutionError
    )


def _unknown_name(error: Exception) -> bool:
    gone = (socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME))
    return any(isinstance(one, socket.gaierror) and one.errno in gone for one in _causes(error))


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what it came from, outermost first: requests wraps urllib3's, and that the standard library's."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < 20:
        one = waiting.pop(0)
        if id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        inner = (getattr(one, "reason", None), *one.args, one.__cause__, one.__context__)
        waiting += [other for other in inner if isinstance(other, BaseException)]


def _came_from(error: BaseException, *kinds: type[BaseException]) -> bool:
    return any(isinstance(cause, kinds) for cause in _causes(error))


def _reason(error: Exception) -> str:
    """The innermost cause in a few words."""
    *_, last = _causes(error)
    told = getattr(last, "verify_message", None) or getattr(last, "strerror", None) or str(last) or type(last).__name__
    return _brief(str(told))


def _brief(cause: str) -> str:
    """A library's words without line ends, shortened; its addresses may carry passwords and are left out."""
    words = " ".join(cause.split())
    return " ".join(word for word in words.split(" ") if "@" not in word and "url:" not in word)[:160]
