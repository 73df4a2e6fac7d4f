"""What is done with an input, target by target: our own code is called, and its promises are looked at."""

from __future__ import annotations

import json
import tempfile
import time as clock
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree

from monitor import config as configuration
from monitor import opml as lists
from monitor.errors import ConfigError
from monitor.examination import examine
from monitor.model import Channel, Kind, Outcome, Reading
from monitor.poll import Limits, Parsed, to_follow
from monitor.poll.discover import discover
from monitor.poll.fetch import Page
from monitor.poll.follow import pace
from monitor.poll.guard import Forbidden, check, origin, private, shown
from monitor.poll.parse import parse
from monitor.poll.platforms import RawFeed, RawItem, base, platforms
from monitor.poll.text import author_email, author_name, clean, count, digest, plain
from monitor.report import Words
from monitor.report import clean as clean_words
from monitor.report.render import safe_link
from monitor.report.troubles import trouble
from monitor.store import Store, open_store
from monitor.store.sql import clean as clean_sql
from monitor.store.sql import sane
from tests.fuzz import promises
from tests.fuzz.case import ADDRESS, NOW, Case
from tests.fuzz.promises import keep
from tests.loopback import Site, reply, site

LIMITS = Limits()
NIGHT = 86_400
AGAIN_BYTES = 20_000
"""Smaller documents are read twice."""
SECRET = "hemmelig"
OUR_OWN = (
    "NameError",
    "UnboundLocalError",
    "AttributeError",
    "ImportError",
    "TypeError",
    "MemoryError",
    "RecursionError",
)
Told = tuple[float, str]
T = TypeVar("T")


def _timed(work: Callable[[], T]) -> tuple[T, float]:
    """The result, and the processor seconds that it took: other processes do not count."""
    started = clock.process_time()
    result = work()
    return result, clock.process_time() - started


# --- A feed, from bytes to the report ---


def feed(case: Case) -> Told:
    """A document is read, stored twice, judged and told."""
    kind, address = case.facts.get("type", ""), case.facts.get("address", ADDRESS)
    found, seconds = _timed(lambda: parse(case.data, kind, address, NOW, LIMITS))
    promises.parsed(found, NOW, LIMITS)
    if len(case.data) < AGAIN_BYTES:
        again = parse(case.data, kind, address, NOW, LIMITS)
        keep(again == found, "the same bytes are read the same way twice", (found, again))
    _store_and_tell(found, address)
    return seconds, _note(found)


def growth(case: Case) -> Told:
    """A document is read, in time."""
    found, seconds = _timed(lambda: parse(case.data, "application/xml", ADDRESS, NOW, LIMITS))
    promises.parsed(found, NOW, LIMITS)
    return seconds, _note(found)


def _note(found: Parsed) -> str:
    """The exception that ``parse`` caught, where it did. Those that no input can be blamed for are failures."""
    _, marker, cause = (found.error or "").partition(" could not be read as a feed: ")
    kind, _, words = cause.partition("(")
    keep(kind not in OUR_OWN, "a mistake of ours is not told as the feed's", cause)
    return f"{kind}({words[:60]}" if marker else ""


class _Stores:
    """One store in memory for some hundred cases: a new one takes longer than a case."""

    def __init__(self) -> None:
        self.store: Store | None = None
        self.used = 0

    def next(self) -> tuple[Store, str]:
        """A store, and the id of a channel that is not in it."""
        if self.store is None or self.used >= 200:
            if self.store is not None:
                self.store.close()
            self.store, self.used = open_store("sqlite:///:memory:"), 0
        self.used += 1
        return self.store, f"c{self.used}"


_stores = _Stores()


def _store_and_tell(found: Parsed, address: str) -> None:
    store, identity = _stores.next()
    reading = Reading(
        identity, address, Outcome.FAILED if found.error else Outcome.UPDATED, found.error or "read", NOW, address,
        digest="1", platform=found.platform, title=found.title, entries=found.entries, older=found.older,
        carries_replies=found.carries_replies, pace=pace(found.entries, NOW),
    )  # fmt: skip
    new = store.record(reading)
    keep(new == len(found.entries), "every entry is new to an empty store", (new, len(found.entries)))
    channel = _channel(identity, found, address)
    before = store.history(channel, NOW)
    keep(store.record(reading) == 0, "the same reading adds nothing")
    keep(store.record(replace(reading, time=NOW + NIGHT)) == 0, "the same reading a night later adds nothing")
    after = store.history(channel, NOW)
    promises.alike(before.events, after.events, "the same reading changes no event")
    keep(before.total_posts == after.total_posts, "the same reading changes no total of posts")
    posts = sum(one.kind is Kind.POST for one in before.events)
    keep(before.total_posts >= posts >= 0, "there are no fewer posts than seen", (before.total_posts, posts))
    to_follow(store.thread_feeds(channel), NOW)
    promises.night(examine(_config(channel), store, NOW + NIGHT))


def _channel(identity: str, found: Parsed, address: str) -> Channel:
    """A channel that is described with what its feed says: the worst that can be on the page."""
    first = found.entries[0] if found.entries else None
    return Channel(
        identity, found.title or identity, (address,), site=found.link or None, owner=first.author if first else None,
        purpose=first.title if first else None, moderation=found.error,
    )  # fmt: skip


@cache
def _plain_config() -> configuration.Config:
    minimal = b"[organisation]\nname = 'x'\nlanguage = 'da'\ntimezone = 'Europe/Copenhagen'\n"
    found = _in_a_file(minimal, "channels.toml", configuration.load)
    if found is None:
        raise RuntimeError("the smallest config is not right any more")
    return found


def _config(channel: Channel) -> configuration.Config:
    config = _plain_config()
    return replace(config, organisation=replace(config.organisation, name=channel.name), channels=(channel,))


# --- Discovery ---


class _Server:
    """One site for all cases, with the case's page at its root."""

    def __init__(self) -> None:
        self.page, self.kind = b"", ""
        self._open = site(**{"": lambda handler: reply(200, self.page, Content_Type=self.kind)(handler)})
        self.site: Site = self._open.__enter__()  # open as long as the process is


@cache
def _server() -> _Server:
    return _Server()


def page(case: Case) -> Told:
    """A site is looked at for feeds."""
    server = _server()
    server.page, server.kind = case.data, case.facts.get("type", "text/html")
    asked = len(server.site.asked)
    found, seconds = _timed(lambda: discover(server.site.url + "/", NOW, Limits(total_seconds=20)))
    keep(bool(found.error) != bool(found.feeds), "a site has feeds, or a sentence says why not", found)
    # Each address may redirect, and the page itself is asked for first.
    keep(len(server.site.asked) - asked <= 42, "a site is asked no more than so often", len(server.site.asked) - asked)
    promises.line(found.error, promises.LONGEST_SENTENCE, "the error")
    promises.line(found.title, LIMITS.title_chars, "the site's title")
    return seconds, ""


# --- Lists and configs ---


def _in_a_file(data: bytes, name: str, work: Callable[[Path], T]) -> T | None:
    """What the work makes of a file with this content; None where it says that the file is wrong."""
    with tempfile.TemporaryDirectory(prefix="oximeter-fuzz-") as folder:
        file = Path(folder) / name
        file.write_bytes(data)
        try:
            return work(file)
        except ConfigError as error:
            keep(bool(error.problems), "a wrong file has its mistakes told")
            for problem in error.problems:
                keep(problem.startswith(str(file)), "a mistake is told with the file's name", problem)
                promises.line(problem, 3_000, "a mistake")
            return None


def opml(case: Case) -> Told:
    """A list of feeds is read, and written again."""
    found, seconds = _timed(lambda: _in_a_file(case.data, "feeds.opml", lists.read))
    for listed in found or ():
        keep(bool(listed.feeds), "a channel in a list has a feed", listed)
    channels = [
        Channel(f"c{number}", listed.title, tuple(clean(url, 2_000) for url in listed.feeds), folder=listed.folder)
        for number, listed in enumerate(found or ())
    ]
    ElementTree.fromstring(lists.write(channels, "Fuzz").encode())
    return seconds, ""


def config(case: Case) -> Told:
    """A config is right, or every mistake is told."""
    found, seconds = _timed(lambda: _in_a_file(case.data, "channels.toml", configuration.load))
    if found is not None:
        keep(found.organisation.name != "", "an organisation has a name")
        keep(len({channel.id.casefold() for channel in found.channels}) == len(found.channels), "ids are not shared")
        keep(found.zone is not None and bool(found.languages), "a config has a zone and a language")
        with open_store("sqlite:///:memory:") as store:
            promises.night(examine(found, store, NOW))
    return seconds, ""


# --- Texts ---


def _each(case: Case, work: Callable[[str], object]) -> Told:
    texts = [str(text) for text in json.loads(case.data)]
    _, seconds = _timed(lambda: [work(one) for one in texts])
    return seconds, ""


def retry(case: Case) -> Told:
    """Every Retry-After is a moment between now and a week from now, or none."""

    def look(header: str) -> None:
        for status in (429, 503, 200):
            at = Page(ADDRESS, ADDRESS, status=status, headers={"Retry-After": header}, now=NOW).retry_at
            keep(at is None or NOW <= at <= NOW + 7 * NIGHT, "we wait a week at most", (header, at))
            keep(at is None or status != 200, "only a server that asks for time gets it", at)

    return _each(case, look)


def address(case: Case) -> Told:
    """Addresses are taken apart without surprises; no password is shown."""

    def look(given: str) -> None:
        told = shown(given)
        keep(len(told) <= 500, "an address is shown with 500 characters at most", len(told))
        host, port = origin(given)
        keep(host == host.lower() and (port is None or 0 <= port <= 65_535), "a host and a port", (host, port))
        private(given), private(host)
        authority = given.partition("://")[2].partition("/")[0]
        secret = given.count(SECRET) == 1 and f"{SECRET}@" in authority
        keep(not secret or SECRET not in told, "no password is shown", told)
        keep(not secret or SECRET not in safe_link(given), "no password is linked to", given)
        keep(not safe_link(given) or safe_link(given).strip()[:4].lower() == "http", "a link is the web's", given)
        for configured in (given, ADDRESS):
            try:
                check(given, configured)
            except Forbidden as error:
                keep(not secret or SECRET not in str(error), "no password is shown", str(error))

    return _each(case, look)


def platform(case: Case) -> Told:
    """No platform's function raises, whatever the feed's texts are."""
    texts = [clean(text, LIMITS.link_chars) for text in json.loads(case.data)]
    items = tuple(_item(texts[start:], start) for start in range(0, 24, 6))
    whole = RawFeed(
        texts[-1] or ADDRESS, texts[-2], texts[-3], texts[-4], texts[-5].lower(), texts[-6], frozenset(texts[-9:-6]),
        items,
        {item.guid: item for item in items if item.guid},
    )  # fmt: skip

    def look() -> None:
        for one in platforms():
            keep(isinstance(one.recognise(whole), bool), f"{one.name} says whether it knows a feed")
            one.carries_replies(whole), one.older(whole), one.site_feeds(whole.address)
            for item in items:
                facts = one.read(item, whole)
                keep(isinstance(facts.kind, Kind), f"{one.name} gives a kind", facts)
                promises.line(facts.author, LIMITS.link_chars, f"{one.name}'s author")
        for text in texts:
            base.folded(text), base.place_of(text), base.host_of(text), base.path_of(text), base.below(text, "feed/")
            base.with_query(text, page=2), base.query_of(text, "page"), base.fetched_from(text, whole)
            base.joined(text, texts[0]), base.without_tracking(text), base.next_page(whole)

    _, seconds = _timed(look)
    return seconds, ""


def _item(texts: list[str], number: int) -> RawItem:
    return RawItem(
        uid=texts[0] or f"sha256:{number}", guid=texts[0], link=texts[1], page=texts[1], title=texts[2][:500],
        author=texts[3][:200], content=texts[4], reply_count=len(texts[4]), in_reply_to=texts[5],
        in_reply_to_link=texts[0] if number else "", replies_feed=texts[1], time=NOW - number,
    )  # fmt: skip


def text(case: Case) -> Told:
    """Untrusted text is made plain, and made plain once is plain."""

    def look(given: str) -> None:
        for limit in (1, 10, 500):
            for told in (
                clean(given, limit), plain(given, limit, markup=True), plain(given, limit, markup=False),
                author_name(given, limit), author_email(given, limit), clean_words(given, limit),
            ):  # fmt: skip
                promises.line(told, limit, "a text made plain")
                keep(told.isascii() or bool(told.encode("utf-8")), "a text made plain can be written")
            keep(clean(clean(given, limit), limit) == clean(given, limit), "a plain text stays as it is", given)
        for odd in (given, given.encode("utf-8", "replace"), [given], None, 1.5):
            number = count(odd)
            keep(number is None or 0 <= number <= 10_000_000, "a count is believable", number)
        stored = clean_sql(given)
        keep("\0" not in stored and clean_sql(stored) == stored, "what is stored stays as it is", given)
        keep(digest(given) == digest(given) and len(digest(given)) == 16, "a digest is 16 letters")
        trouble(f"{given} could not be read ({given})", Words("da"))
        sane(number)

    return _each(case, look)
