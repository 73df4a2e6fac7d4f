"""What we allow: how much, how long, and which addresses a server may send us on to."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds for one feed; times in seconds, sizes in bytes (after decompression) or characters."""

    body_bytes: int = 12_000_000
    total_seconds: float = 30.0
    connect_seconds: float = 10.0
    read_seconds: float = 15.0
    parse_seconds: float = 20.0
    redirects: int = 5
    retry_pause: float = 1.0
    """At least so long after a passing failure the feed is asked once more."""
    entries: int = 5_000
    title_chars: int = 500
    author_chars: int = 200
    link_chars: int = 2_000
    retry_seconds: int = 7 * 86_400
    """The longest Retry-After we obey: a wrong header must not silence a feed for a year."""


class Forbidden(Exception):
    """An address we do not fetch; ``str(error)`` says which and why."""


class Refused(Exception):
    """An answer that cannot be used; ``str(error)`` says what was found and what was expected."""

    def __init__(self, sentence: str, passing: bool = False) -> None:
        super().__init__(sentence)
        self.passing = passing
        """True where the same question may be answered better a minute later."""


def shown(address: str) -> str:
    """The address as it may be printed: without user and password, and of bearable length."""
    scheme, separator, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{separator}{host.rpartition('@')[2]}{slash}{path}"[:500]


@lru_cache(maxsize=8_192)  # asked several times of every address on its way
def origin(address: str) -> tuple[str, int | None]:
    """Host (lower case) and port of an address; ``("", None)`` where it has none.

    Read by the parser that connects: two parsers may take one odd address for two hosts.
    """
    from urllib3.exceptions import HTTPError  # here, as a child that parses has no use for it
    from urllib3.util import parse_url

    try:
        parts = parse_url(address)
    except (ValueError, HTTPError):
        return "", None
    port = {"http": 80, "https": 443}.get(parts.scheme or "") if parts.port is None else parts.port
    return (parts.host or "").strip("[]").lower(), port or None


def is_home(host: str, port: int | None, configured: str) -> bool:
    """True for the configured address's own host and port; http and https at their usual ports are one house."""
    own_host, own_port = origin(configured)
    usual = (80, 443)
    return bool(host) and host == own_host and (port == own_port or (port in usual and own_port in usual))


NAT64 = ipaddress.ip_network("64:ff9b::/96")
SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        ("192.0.0.0/24", "192.88.99.0/24", "64:ff9b:1::/48", "2001:20::/28", "2002::/16", "3fff::/20", "5f00::/16"),
    )
)
"""From IANA's registries of special-purpose addresses, where not every Python knows them: among them 6to4, and NAT64 of
one's own network."""


def private(ip: str) -> bool:
    """True for loopback, private, link-local, metadata and every other address not on the open internet.

    An IPv6 address that stands for an IPv4 one (mapped, compatible, Teredo, NAT64) is as private as that.
    """
    try:
        found = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return True
    if any(found in special for special in SPECIAL):
        return True
    within = _within(found) if isinstance(found, ipaddress.IPv6Address) else []
    reserved = found.is_reserved and found not in NAT64
    return not found.is_global or found.is_multicast or reserved or not all(one.is_global for one in within)


def _within(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    found = [address.ipv4_mapped, *(address.teredo or ())]
    if address in NAT64 or int(address) >> 32 == 0:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF))
    return [one for one in found if one is not None]


def refuse_private(where: str, ip: str) -> None:
    """Raise Forbidden where ``ip``, which the address ``where`` stands for, is not on the open internet."""
    if private(ip):
        raise Forbidden(f"{where} leads to {ip}, a private address: only the feed's own host may do that")


ODD = re.compile(r"[\\\x00-\x20\x7f]")
"""What no address has: parsers differ in what they make of it."""


def check(address: str, configured: str) -> bool:
    """Raise Forbidden unless ``address`` is one that may be fetched for the feed configured as ``configured``.

    The owner may configure any http(s) address; a server may only send us to the open internet, or back to the
    configured host and port. Returns True where the address is held to the open internet: what its name stands for
    is then checked when it is connected to.
    """
    host, port = origin(address)
    odd = ODD.search(address) is not None
    if odd or not address.lower().startswith(("http://", "https://")) or not host or port is None:
        raise Forbidden(f"{shown(address)} is not an address we fetch: expected http:// or https:// and a host")
    return not is_home(host, port, configured)


def host_key(address: str) -> str:
    """What counts as one host when we take turns: its name, and its port where that is an unusual one."""
    host, port = origin(address)
    return host if port in (80, 443, None) else f"{host}:{port}"
