"""What we allow: how much, how long, and which addresses a server may send us on to."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one feed; times in seconds, sizes in bytes (after decompression) or characters."""

    body_bytes: int = 20_000_000
    total_seconds: float = 60.0
    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    redirects: int = 5
    entries: int = 5_000
    title_chars: int = 500
    author_chars: int = 200
    link_chars: int = 2_000
    retry_seconds: int = 7 * 86_400
    """The longest Retry-After we obey: a wrong header must not silence a feed for a year."""


class Forbidden(Exception):
    """An address we do not fetch; ``str(error)`` says which and why."""


def shown(address: str) -> str:
    """The address as it may be printed: without user and password, and of bearable length."""
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"[:500]


def origin(address: str) -> tuple[str, int | None]:
    """Host (lower case) and port of an address; ``("", None)`` where it has none."""
    try:
        parts = urlsplit(address)
        return (parts.hostname or "").lower(), parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None


def private(ip: str) -> bool:
    """True for loopback, private, link-local, metadata and every other address not on the open internet."""
    try:
        found = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    return not found.is_global or found.is_multicast or (mapped is not None and not mapped.is_global)


def check(address: str, configured: str) -> bool:
    """Raise Forbidden unless ``address`` may be fetched for the feed configured as ``configured``.

    The owner may configure any http(s) address; a server may only send us to the open internet, or back to the
    configured host and port. Returns True where the address is held to the open internet.
    """
    try:
        scheme = urlsplit(address).scheme.lower()
    except ValueError:
        scheme = ""
    host, port = origin(address)
    if scheme not in ("http", "https") or not host or port is None:
        raise Forbidden(f"{shown(address)} is not an address we fetch: expected http:// or https:// and a host")
    if (host, port) == origin(configured):
        return False
    for ip in _addresses(host, port):
        if private(ip):
            raise Forbidden(f"{shown(address)} leads to {ip}, a private address: only the feed's own host may do that")
    return True


def _addresses(host: str, port: int) -> list[str]:
    """What the name stands for now. An unknown name has none: the fetch itself then says so."""
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except (OSError, UnicodeError):
        return []
