"""What a platform module is given, and what it answers."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from monitor.model import Kind

ANSWERS = re.compile(r"^(?:(?:re|sv|aw|vs|odp|antw|vá|rv|ref|fwd?)\s{0,3}(?:\[\d+\])?\s{0,3}:\s*)+", re.IGNORECASE)
"""How the title of an answer begins, in the languages of mail and forum software."""
TRACKING = re.compile(
    r"(?:^|(?<=&))(?:(?:utm_[a-z_]+|fbclid|gclid|mc_cid|mc_eid|ref_src|cmpid"
    r"|phpsessid|jsessionid|aspsessionid[a-z]*|cfid|cftoken|oscsid|zenid)=[^&#]*"
    r"|(?:s|sid|sess|session|session_?id)=[0-9a-z]{16,}(?![^&#]))",
    re.IGNORECASE,
)
"""Parameters added to a link to follow readers about: by where they came from, or by a number for every visit.

A short ``sid`` is a story's number in some software; a visit's is long.
"""
END_OF_HOST = re.compile(r"[/?#]")
END_OF_PATH = re.compile(r"[?#]")
PATH_SESSION = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*", re.IGNORECASE)
"""A visit's number in the path, as servers in Java write it."""


@dataclass(frozen=True, slots=True)
class RawItem:
    """One item as the feed has it, cleaned but not yet understood."""

    uid: str
    guid: str = ""
    link: str = ""
    page: str = ""
    """The link that the item itself gives; ``link`` may also stand for a guid that is an address."""
    title: str = ""
    author: str = ""
    email: str = ""
    """The author's e-mail address, where the feed writes one beside the name."""
    content: str = ""
    """The item's HTML: its last 2,000 characters, where platforms put their figures."""
    time: int | None = None
    reply_count: int | None = None
    """From ``slash:comments``, ``thr:total`` or ``thr:count``."""
    in_reply_to: str = ""
    """``thr:in-reply-to/@ref``."""
    in_reply_to_link: str = ""
    """``thr:in-reply-to/@href``."""
    replies_feed: str = ""
    """The feed of this post's replies: ``wfw:commentRss``, or Atom's ``link rel=replies``."""


@dataclass(frozen=True, slots=True)
class RawFeed:
    """A feed as it came: what a platform is recognised by."""

    address: str
    title: str = ""
    link: str = ""
    guid: str = ""
    generator: str = ""
    """Name and address of the generating software, lower case."""
    older: str = ""
    """The next page back as the feed itself gives it: RFC 5005 ``next`` or ``prev-archive``, JSON Feed ``next_url``."""
    namespaces: frozenset[str] = frozenset()
    items: tuple[RawItem, ...] = ()
    by_guid: dict[str, RawItem] = field(default_factory=dict)

    def most(self, test: Callable[[RawItem], bool]) -> bool:
        """True where the feed has items and at least nine in ten pass the test."""
        left, enough = len(self.items), 0.9 * len(self.items)
        for item in self.items:
            left -= not test(item)
            if left < enough:
                return False
        return bool(self.items)


@dataclass(frozen=True, slots=True)
class Facts:
    """What a platform makes of one item; the fields are those of ``Entry``."""

    kind: Kind
    key: str
    thread: str
    author: str
    reply_count: int | None = None
    replies_feed: str = ""


@dataclass(frozen=True, slots=True)
class Shows:
    """What a platform's feeds can and cannot tell, in a few words each; "no" where they cannot. A row of the docs."""

    feeds: str
    """The feeds to list."""
    posts: str = "yes"
    replies: str = "no"
    authors: str = "yes"
    threads: str = "the page"
    counts: str = "no"
    history: str = "no"
    """How older entries are reached."""


def nothing(feed: RawFeed) -> str:
    """No page further back than the one the feed itself names."""
    return ""


@dataclass(frozen=True, slots=True)
class Platform:
    """A platform: its name, how its feeds are recognised, how its items are read, and where more is to be had.

    No function may raise or do I/O. ``recognise`` and ``read`` are all that a platform must bring.
    """

    name: str
    recognise: Callable[[RawFeed], bool]
    read: Callable[[RawItem, RawFeed], Facts]
    shows: Shows
    older: Callable[[RawFeed], str] = nothing
    """The address of the page before the one fetched from ``feed.address``; empty where there is none."""
    carries_replies: Callable[[RawFeed], bool] = lambda feed: False
    """True for a feed that replies appear in, even if it shows none today."""
    site_feeds: Callable[[str], tuple[str, ...]] = lambda address: ()
    """Where the site's feeds would be, from the address of any of its pages or feeds: posts first, then replies."""
    hint: re.Pattern[str] | None = None
    """Found in the HTML of the platform's pages: its generator, or something that only its themes write."""
    stale_validators: bool = False
    """True where the server answers 304 although the reply counts in the feed have changed."""


def folded(identifier: str) -> str:
    """An identifier as it is compared: http and https are one, a link's host is in lower case."""
    scheme, separator, rest = identifier.partition("://")
    if not separator or scheme.lower() not in ("http", "https"):
        return identifier
    cut = END_OF_HOST.search(rest)
    end = cut.start() if cut else len(rest)
    return f"https://{rest[:end].lower()}{without_tracking(rest[end:])}"


def without_tracking(link: str) -> str:
    """The link without the parameters that only say where the reader came from, or which visit this is."""
    if "?" not in link and ";" not in link:
        return link
    cut = END_OF_PATH.search(link)
    end = cut.start() if cut else len(link)
    link = PATH_SESSION.sub("", link[:end]) + link[end:]
    path, question, rest = link.partition("?")
    query, hash_sign, part = rest.partition("#")
    if not question or not TRACKING.search(query):
        return link
    kept = "&".join(pair for pair in query.split("&") if not TRACKING.match(pair))
    return path + (f"?{kept}" if kept else "") + hash_sign + part


def place_of(link: str) -> str:
    """The link without scheme, host and tracking; empty for a home page, which is no place of one entry's own."""
    scheme, separator, rest = link.partition("://")
    cut = END_OF_HOST.search(rest) if separator and scheme.lower() in ("http", "https") else None
    place = without_tracking(rest[cut.start() :]) if cut else ""
    return place if place.strip("/") else ""


def without_fragment(link: str) -> str:
    """The page a link points into."""
    return link.partition("#")[0]


def fragment(link: str) -> str:
    """The part after ``#``."""
    return link.partition("#")[2]


def host_of(link: str) -> str:
    """The host in a link, lower case; empty where there is none."""
    try:
        return (urlsplit(link).hostname or "").lower()
    except ValueError:
        return ""


def fetched_from(link: str, feed: RawFeed) -> str:
    """A link to the feed's own site, at the address the feed was fetched from; links that lead elsewhere stay.

    Sites behind a proxy or a mirror write another port, scheme or host into their links than they are asked under.
    """
    try:
        found, home, here = urlsplit(link), urlsplit(feed.link), urlsplit(feed.address)
    except ValueError:
        return link
    if not found.netloc or found.hostname not in (home.hostname, here.hostname):
        return link
    return urlunsplit((here.scheme, here.netloc, found.path, found.query, ""))


def path_of(address: str) -> str:
    """The path in an address; empty where it has none."""
    try:
        return urlsplit(address).path
    except ValueError:
        return ""


def joined(address: str, path: str) -> str:
    """The path on the site of the address; empty where the address is none."""
    try:
        return urljoin(address, path)
    except ValueError:
        return ""


def query_of(address: str, name: str) -> str:
    """The value of a query parameter; empty where the address does not have it."""
    try:
        return dict(parse_qsl(urlsplit(address).query)).get(name, "")
    except ValueError:
        return ""


def with_query(address: str, **values: object) -> str:
    """The address with query parameters set, in place of those of the same name."""
    try:
        parts = urlsplit(address)
        kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] not in values]
    except ValueError:
        return address
    query = urlencode([*kept, *((name, str(value)) for name, value in values.items())])
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


def next_page(feed: RawFeed, name: str = "page", first: int = 1) -> str:
    """The next page where pages are numbered in the query, the newest ``first``; empty after an empty one."""
    number = query_of(feed.address, name)
    page = int(number[:7]) if number.isascii() and number.isdigit() else first
    return with_query(feed.address, **{name: page + 1}) if feed.items else ""


def below(address: str, *paths: str) -> tuple[str, ...]:
    """Each of the paths below every folder on the way from the address up to its host, nearest last.

    The root comes first: most sites have one feed there, and a folder's own comes where the root has none.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ()
    folders = [name for name in parts.path.split("/")[:-1] if name]
    roots = ["/" + "".join(f"{name}/" for name in folders[:depth]) for depth in range(min(len(folders), 3) + 1)]
    home = urlunsplit((parts.scheme, parts.netloc, "/", "", ""))
    return tuple(dict.fromkeys(joined(home, root + path.lstrip("/")) for root in roots for path in paths))
