"""Every fault, and the judgement of what came of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from monitor.model import Entry, Outcome
from tests.faults.dates import DATES
from tests.faults.encoding import ENCODING
from tests.faults.fault import Either, Fail, Fault, Read
from tests.faults.feeds import Item
from tests.faults.identity import STORIES
from tests.faults.markup import MARKUP
from tests.faults.network import NETWORK
from tests.faults.notafeed import NOT_A_FEED
from tests.faults.redirects import REDIRECTS, SECRET
from tests.faults.size import SIZE
from tests.faults.status import STATUS
from tests.faults.text import TEXT

_FAMILIES: dict[str, Sequence[Fault]] = {
    "network": NETWORK,
    "encoding": ENCODING,
    "status": STATUS,
    "redirects": REDIRECTS,
    "not-a-feed": NOT_A_FEED,
    "xml": MARKUP,
    "size": SIZE,
    "dates": DATES,
    "text": TEXT,
    "identity": [story.fault for story in STORIES],
}
FAULTS = [replace(fault, family=family) for family, faults in _FAMILIES.items() for fault in faults]

UNFIT = re.compile(
    r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]|Traceback|object at 0x|\w(Error|Exception)\b"
)
"""What no sentence may hold: control characters, and a programmer's words."""


@dataclass(frozen=True)
class Result:
    """What came of a fault, by whatever way it was asked."""

    outcome: str
    reason: str
    entries: tuple[Entry, ...] | None
    """None where only their number is known."""
    count: int
    wait: int | None = None
    """Seconds until the server is asked again."""


def complaints(fault: Fault, result: Result, address: str) -> list[str]:
    """What is not as it must be; empty where all is."""
    must = fault.must
    if isinstance(must, Either):
        must = must.read if Outcome(result.outcome).readable else must.fail
    found = _not_read(must, result) if isinstance(must, Read) else _not_said(must, result, address)
    return [f"{fault.name}: {one}" for one in found]


def _not_read(must: Read, result: Result) -> Iterator[str]:
    if result.outcome not in must.outcomes:
        yield f"must be read, and is {result.outcome}: {result.reason}"
    elif result.count != must.entries:
        yield f"must have {must.entries} entries, and has {result.count}"
    elif result.entries is not None and must.count is None:
        yield from _unlike(list(result.entries), list(must.items))


def _unlike(entries: list[Entry], items: list[Item]) -> Iterator[str]:
    """Each item that has no entry of its own, with the nearest thing to it."""
    for item in items:
        match = next((entry for entry in entries if _is(entry, item)), None)
        if match is not None:
            entries.remove(match)
        else:
            near = [(entry.title[:80], entry.time, entry.author[:40]) for entry in entries]
            yield f"no entry is {(item.title_says or item.title, item.time, item.author)}; left are {near}"


def _is(entry: Entry, item: Item) -> bool:
    title = re.fullmatch(item.title_says, entry.title) if item.title_says else entry.title == item.title
    return bool(title) and entry.time in (item.time, *item.times) and (not item.author or entry.author == item.author)


def _not_said(must: Fail, result: Result, address: str) -> Iterator[str]:
    if result.outcome not in must.outcomes:
        yield f"must be {' or '.join(must.outcomes)}, and is {result.outcome} with {result.count} entries"
        return
    if result.count:
        yield f"must have no entries, and has {result.count}"
    if not re.search(must.says, result.reason, re.IGNORECASE):
        yield f"must say {must.says!r}, and says {result.reason!r}"
    host = address.partition("://")[2].partition("/")[0]
    if host not in result.reason and not (must.names and must.names in result.reason):
        yield f"must name {host} {must.names}, and says {result.reason!r}"
    yield from _unfit(result.reason)
    if must.waits is not None and result.entries is not None and not _is_within(result.wait, *must.waits):
        yield f"must be asked again in {must.waits} seconds, and is in {result.wait}"


def _is_within(wait: int | None, least: int, most: int) -> bool:
    return least == 0 if wait is None else least <= wait <= most


def _unfit(sentence: str) -> Iterator[str]:
    if not 20 <= len(sentence) <= 700 or " " not in sentence:
        yield f"is no sentence: {sentence!r}"
    if UNFIT.search(sentence) or SECRET in sentence:
        yield f"has what no sentence may have: {sentence!r}"
