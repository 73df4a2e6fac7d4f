"""Faults of redirects: where a server sends us, and where nobody may be sent."""

from __future__ import annotations

from urllib.parse import unquote

from tests.faults.fault import BRIEF, Act, Fault, Must, either, fails
from tests.faults.server import Talk, head

REFUSED = r"private|not an address|may do that|refused|not allowed"
ENDLESS = r"redirects? more than|too many|in a circle|loop"
SECRET = "kodeord-hemmelig"


def to(target: str, status: str = "302 Found", lands: str = "") -> Act:
    """A redirect to ``target``; the feed at the path ``lands``, or at any path but /feed.

    In the target ``{origin}``, ``{host}``, ``{port}`` are the fault's own, ``{trap}`` is the port of the trap.
    """

    def act(talk: Talk) -> None:
        if talk.path != "/feed" and (not lands or unquote(talk.path) == lands):
            return talk.answer()
        if talk.path != "/feed":
            return talk.answer(b"", status="404 Not Found")
        host, _, port = talk.origin.partition("://")[2].rpartition(":")
        filled = target.format(origin=talk.origin, host=host, port=port, trap=talk.farm.trap.port)
        talk.send(head(status, "", 0, Location=filled))

    return act


def refused(name: str, target: str, names: str = "") -> Fault:
    """A redirect that must not be followed."""
    return Fault(name, f"302 to {target}", to(target), fails(REFUSED, names=names or target.partition("{")[0]))


def chain(talk: Talk) -> None:
    talk.send(head("302 Found", "", 0, Location=f"/step{talk.number}"))


def permanent_chain(talk: Talk) -> None:
    talk.send(head("301 Moved Permanently", "", 0, Location=f"/step{talk.number}"))


def cookie_wall(talk: Talk) -> None:
    """The feed for whoever brings the cookie; a redirect back to the same address for all others."""
    if "set=yes" in talk.headers.get("cookie", ""):
        talk.answer()
    else:
        talk.send(head("302 Found", "", 0, Location=talk.path, Set_Cookie="set=yes; Path=/"))


def with_feed(talk: Talk) -> None:
    talk.answer(status="302 Found")


def two_locations(talk: Talk) -> None:
    if talk.path == "/feed":
        talk.send(
            b"HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: /a\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
        )
    else:
        talk.answer()


def endless_body(talk: Talk) -> None:
    """A redirect whose own body never ends."""
    if talk.path != "/feed":
        return talk.answer()
    talk.send(head("302 Found", "", None, Location="/ny"))
    talk.pour(iter(lambda: b" " * 65_536, b""))


def moved(name: str, target: str, lands: str = "", must: Must | None = None) -> Fault:
    """A redirect that must be followed."""
    act = to(target, lands=lands)
    return Fault(name, f"302 to {target}", act) if must is None else Fault(name, f"302 to {target}", act, must)


REDIRECTS = [
    Fault("301", "301 to a new path", to("/ny", "301 Moved Permanently")),
    Fault("302", "302 to a new path", to("/ny")),
    Fault("303", "303 to a new path", to("/ny", "303 See Other")),
    Fault("307", "307 to a new path", to("/ny", "307 Temporary Redirect")),
    Fault("308", "308 to a new path", to("/ny", "308 Permanent Redirect")),
    Fault(
        "redirect-loop",
        "302 to itself",
        lambda talk: talk.send(head("302 Found", "", 0, Location="/feed")),
        fails(ENDLESS),
    ),
    Fault("redirect-chain", "302 to ever new addresses", chain, fails(ENDLESS)),
    Fault("redirect-chain-for-good", "301 to ever new addresses", permanent_chain, fails(ENDLESS)),
    Fault("redirect-for-cookie", "302 to itself until a cookie comes back", cookie_wall),
    Fault(
        "redirect-nowhere",
        "302 without Location",
        lambda talk: talk.send(head("302 Found", "", 0)),
        fails("302|redirect|Location"),
    ),
    Fault("redirect-nowhere-with-feed", "302 without Location, with a feed", with_feed, fails("302|redirect|Location")),
    Fault(
        "redirect-to-nothing",
        "302 with an empty Location",
        lambda talk: talk.send(head("302 Found", "", 0, Location="")),
        fails(f"302|Location|{ENDLESS}"),
    ),
    Fault("redirect-two-places", "302 with two Locations", two_locations, either(f"{REFUSED}|302|Location|404")),
    Fault("redirect-with-endless-body", "302 with a body without end", endless_body, limits=BRIEF),
    # --- addresses that are only odd ---
    moved("redirect-relative", "nyt/feed", "/nyt/feed"),
    moved("redirect-up", "../../nyt/./feed", "/nyt/feed"),
    moved("redirect-query", "?side=ny", "/feed?side=ny"),
    moved("redirect-letters", "/blåbær", "/blåbær"),
    moved("redirect-letters-escaped", "/bl%C3%A5b%C3%A6r", "/blåbær"),
    moved("redirect-spaces", "/ny adresse.xml", "/ny adresse.xml"),
    moved("redirect-blanks-around", "  /ny  ", "/ny"),
    moved("redirect-fragment", "/ny#nyeste", "/ny"),
    moved("redirect-same-scheme", "//{host}:{port}/ny", "/ny"),
    moved("redirect-upper-case", "HTTP://{host}:{port}/ny", "/ny"),
    moved("redirect-with-password", "http://havnen:" + SECRET + "@{host}:{port}/ny", "/ny"),
    Fault(
        "redirect-of-megabytes",
        "302 to an address of 1 MB",
        to("/" + "x" * 1_000_000),
        fails("HTTP|header|address|redirect|reached|Location"),
    ),
    Fault(
        "redirect-of-kilobytes", "302 to an address of 10 kB", to("/" + "x" * 10_000), either("address|redirect|long")
    ),
    Fault("redirect-no-host", "302 to http:///feed", to("http:///feed"), fails(f"{REFUSED}|{ENDLESS}", names="http:")),
    Fault("redirect-half-ipv6", "302 to http://[::1", to("http://[::1"), fails(f"{REFUSED}|address", names="[::1")),
    Fault(
        "redirect-bad-port",
        "302 to port 99999",
        to("http://eksempel.example:99999/"),
        fails(f"{REFUSED}|address", names="eksempel.example"),
    ),
    Fault(
        "redirect-to-http-from-words",
        "302 to words",
        to("see our new site", lands="/nowhere"),
        fails("404|redirect|nothing"),
    ),
    # --- addresses that are no web ---
    refused("redirect-file", "file:///etc/passwd"),
    refused("redirect-ftp", "ftp://ftp.eksempel.example/feed"),
    refused("redirect-gopher", "gopher://127.0.0.1:{trap}/_x"),
    refused("redirect-javascript", "javascript:alert(1)"),
    refused("redirect-script", "javascript:alert('<script>alert(1)</script>')"),
    refused("redirect-data", "data:application/rss+xml,<rss/>"),
    # --- the house ---
    refused("redirect-other-port", "http://127.0.0.1:{trap}/"),
    refused("redirect-localhost", "http://localhost:{trap}/"),
    refused("redirect-localhost-dot", "http://localhost.:{trap}/"),
    refused("redirect-ipv6", "http://[::1]:{trap}/"),
    refused("redirect-mapped", "http://[::ffff:127.0.0.1]:{trap}/"),
    refused("redirect-mapped-hex", "http://[::ffff:7f00:1]:{trap}/"),
    refused("redirect-zero", "http://0.0.0.0:{trap}/"),
    refused("redirect-no-address", "http://[::]:{trap}/"),
    refused("redirect-decimal", "http://2130706433:{trap}/"),
    refused("redirect-hex", "http://0x7f.1:{trap}/"),
    refused("redirect-octal", "http://0177.0.0.1:{trap}/"),
    refused("redirect-short", "http://127.1:{trap}/"),
    refused("redirect-metadata", "http://169.254.169.254/latest/meta-data/"),
    refused("redirect-ten", "http://10.0.0.1/login"),
    refused("redirect-router", "http://192.168.1.1/"),
    refused("redirect-carrier", "http://100.64.0.1/"),
    refused("redirect-broadcast", "http://255.255.255.255/"),
    refused("redirect-multicast", "http://224.0.0.1/"),
    refused("redirect-own-ipv6", "http://[fd00::1]/"),
    refused("redirect-link-ipv6", "http://[fe80::1]/"),
    refused("redirect-6to4", "http://[2002:7f00:1::]/"),
    refused("redirect-nat64", "http://[64:ff9b::7f00:1]/"),
    refused("redirect-password-in-house", "http://havnen:" + SECRET + "@127.0.0.1:{trap}/", "http://127.0.0.1"),
    refused("redirect-host-in-password", "http://eksempel.example@127.0.0.1:{trap}/", "http://127.0.0.1"),
    Fault(
        "redirect-for-good-into-house",
        "301 to another port of the house",
        to("http://127.0.0.1:{trap}/", "301 Moved Permanently"),
        fails(REFUSED, names="127.0.0.1"),
    ),
]
