"""What must hold, whatever came in. A broken promise is a ``Broken`` with a sentence."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

from monitor import report
from monitor.model import DAY, Entry, Kind, Night
from monitor.poll import Limits, Parsed
from monitor.poll.parse import EARLIEST
from monitor.report.render import SCRIPT

JOINERS = "\u200c\u200d"
LONGEST_SENTENCE = 1_500
"""Characters: an address has up to 500, a cause less."""
SUFFIX = 100
"""Characters that tell two items of one guid apart, or that a platform puts around an id."""
TEMPLATES = Path(report.__file__).parent / "templates"
TAG = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)")


class Broken(AssertionError):
    """A promise that was not kept."""


def keep(kept: bool, promise: str, found: object = "") -> None:
    """Raise Broken unless the promise was kept."""
    if not kept:
        raise Broken(f"{promise}: {found!r:.300}" if found != "" else promise)


def hidden(text: str) -> str:
    """The letters in a text that nobody sees: control and format characters, halves of surrogate pairs."""
    odd = (one for one in text if not one.isprintable() and one not in JOINERS)
    return "".join(one for one in odd if unicodedata.category(one) in ("Cc", "Cf", "Cs"))


def line(text: object, most: int, what: str) -> None:
    """A text of one line, all of it to be seen, of bearable length."""
    keep(isinstance(text, str), f"{what} is a text", text)
    keep(len(str(text)) <= most, f"{what} has at most {most} characters", f"{len(str(text))}: {str(text)[:100]}")
    keep(not hidden(str(text)), f"{what} has no hidden characters", text)


def parsed(found: Parsed, now: int, limits: Limits) -> None:
    """What ``parse`` promises of any document."""
    if found.error is not None:
        line(found.error, LONGEST_SENTENCE, "the error")
        keep(found.error.strip() != "", "an error says something")
        keep("MemoryError" not in found.error, "a document is read in bounded memory", found.error)
        keep(found.entries == (), "what is no feed has no entries")
        return
    line(found.title, limits.title_chars, "the feed's title")
    line(found.link, limits.link_chars + 2_000, "the feed's link")
    line(found.older, limits.link_chars * 3 + 2_000, "the next page's address")
    line(found.platform, 30, "the platform")
    keep(len(found.entries) <= limits.entries, "a feed has no more entries than allowed", len(found.entries))
    keep(len({one.uid for one in found.entries}) == len(found.entries), "every entry has a uid of its own")
    for one in found.entries:
        entry(one, now, limits)


def entry(one: Entry, now: int, limits: Limits) -> None:
    """What holds for every entry."""
    keep(isinstance(one.kind, Kind), "an entry is a post or a reply", one.kind)
    keep(bool(one.uid) and bool(one.key), "an entry has a uid and a key", one)
    believable = one.time is None or (isinstance(one.time, int) and EARLIEST <= one.time <= now + DAY)
    keep(believable, "a time is believable", one.time)
    counted = one.reply_count is None or (type(one.reply_count) is int and 0 <= one.reply_count <= 10_000_000)
    keep(counted, "a reply count is believable", one.reply_count)
    link = limits.link_chars + 2_000  # a relative link may be joined to the feed's own address
    line(one.uid, link + SUFFIX, "the uid")
    line(one.key, link + SUFFIX, "the key")
    line(one.title, limits.title_chars, "the title")
    line(one.author, limits.author_chars, "the author")
    line(one.email, limits.author_chars, "the e-mail address")
    for what, text in (("link", one.link), ("thread", one.thread), ("replies feed", one.replies_feed)):
        line(text, link + SUFFIX, f"the {what}")
    line(one.place, link, "the place")


# --- The report ---


@cache
def ours() -> frozenset[str]:
    """The elements that our templates write."""
    return frozenset(TAG.findall("".join(file.read_text("utf-8") for file in TEMPLATES.glob("*.html")).lower()))


class _Look(HTMLParser):
    """Every element and attribute of a page, and its text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attributes]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def document(text: str, scripts: int) -> None:
    """A page or a mail of ours: no element, script, handler or address that is not meant to be in it."""
    look = _Look()
    look.feed(text)
    look.close()
    strange = set(look.tags) - ours()
    keep(not strange, "a page has no element that is not ours", sorted(strange))
    keep(look.tags.count("script") == scripts, "a page has no script but ours", look.tags.count("script"))
    keep(not scripts or SCRIPT in look.text, "the page's script is ours")
    for name, value in look.attributes:
        keep(not name.startswith("on"), "an element has no handler", (name, value))
        keep(not hidden(value.replace("\n", "")), "an attribute has no hidden characters", (name, value))
        if name in ("href", "src", "action", "data", "xlink:href"):
            _address(value)
    written(("".join(look.text)), "the page")


def _address(value: str) -> None:
    try:
        scheme = urlsplit(value).scheme
    except ValueError:
        raise Broken(f"a link leads somewhere: {value!r:.300}") from None
    keep(scheme in ("http", "https", "mailto", "cid", ""), "a link is the web's", value)


def written(text: str, what: str) -> None:
    """A text of several lines, all of it to be seen."""
    odd = hidden(re.sub(r"[\n\t]", "", text))
    keep(not odd, f"{what} has no hidden characters", odd)


def night(found: Night) -> None:
    """Every form that a night is told in."""
    document(report.page(found), scripts=1)
    letter = report.letter(found, "/srv/reports/2027-01-15/index.html")
    document(letter.html, scripts=0)
    written(letter.text, "the letter's text")
    line(letter.subject, 160, "the letter's subject")
    for told in (report.status(found), report.as_json(found)):
        json.dumps(told, allow_nan=False).encode()


def alike(first: Iterable[object], second: Iterable[object], promise: str) -> None:
    """Two lists say the same."""
    one, other = list(first), list(second)
    keep(one == other, promise, (one[:3], other[:3]))
