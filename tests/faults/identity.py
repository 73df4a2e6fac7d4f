"""Faults of identity: servers that from night to night call the same entry something else, or lie about what is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from monitor.model import DAY, Outcome
from tests.faults.fault import Act, Fault, Read
from tests.faults.feeds import BLOG, NEWS, NOW, STANDARD, Item, atom, atom_entry, item, items, rss
from tests.faults.server import Talk, head

READ = (Outcome.UPDATED, Outcome.MOVED)
UNCHANGED = (Outcome.NOT_MODIFIED,)
FAILED = (Outcome.FAILED, Outcome.THROTTLED)
FIRST, SECOND, THIRD = STANDARD
GROWN = (NEWS, *STANDARD)


@dataclass(frozen=True)
class Story:
    """What a server says on one night after another, and how many posts the channel must then have."""

    name: str
    serves: str
    nights: tuple[Act, ...]
    posts: tuple[int, ...]
    outcomes: tuple[tuple[Outcome, ...], ...] = ()
    """What must become of each night's look; empty: it is not said."""
    at_least: bool = False
    """True where entries may have slipped by, which must be said."""
    same_times: bool = False
    """True where no post may move to another time."""

    @property
    def fault(self) -> Fault:
        def act(talk: Talk) -> None:
            self.nights[min(talk.farm.night, len(self.nights) - 1)](talk)

        return Fault(self.name, self.serves, act, Read(count=self.posts[0]), family="identity")


def says(body: bytes, **headers: str) -> Act:
    return lambda talk: talk.answer(body, **headers)


def shows(*found: Item) -> Act:
    return says(rss(*items(found)) if found else rss(""))


def written(*parts: Sequence[str]) -> tuple[Act, ...]:
    """A night for each list of items."""
    return tuple(says(rss(*part)) for part in parts)


def unmodified(talk: Talk) -> None:
    talk.send(head("304 Not Modified", "", None))


def tagged(body: bytes, etag: str) -> Act:
    """A server that honours its ETag, and only as it was sent."""

    def act(talk: Talk) -> None:
        if talk.headers.get("if-none-match") == etag:
            talk.send(head("304 Not Modified", "", None, ETag=etag))
        else:
            talk.answer(body, ETag=etag)

    return act


def broken(talk: Talk) -> None:
    talk.answer(b"<html><body>Fejl</body></html>", status="500 Internal Server Error", content_type="text/html")


def page(talk: Talk) -> None:
    talk.answer(b"<html><body><form><input type='password'></form></body></html>", content_type="text/html")


def window(first: int, count: int = 10) -> tuple[Item, ...]:
    """So many entries, numbered, the newest first, each an hour apart."""
    return tuple(
        Item(f"Indlæg {n}", f"w{n}", NOW - 2 * DAY + n * 3_600, link=f"{BLOG}/w/{n}")
        for n in range(first + count - 1, first - 1, -1)
    )


def bare(one: Item) -> str:
    """An item without guid and link."""
    return item(one, guid="-", link="-")


def wordless(number: int) -> str:
    """An item that is nothing but a text."""
    return f"<item><description>Dagens fangst: {number} torsk og en ål på øen</description></item>"


SAME_GUID = tuple(replace(one, guid="p") for one in STANDARD)
ROTTEN = rss(item(NEWS), *items()).partition(b"<item><title>" + SECOND.title.encode()[:6])[0]
"""Breaks off behind the first two of four items."""

STORIES = [
    Story(
        "guids-every-poll",
        "other guids at every look",
        written(*([item(one, guid=f"{one.guid}-{night}") for one in STANDARD] for night in range(3))),
        (3, 3, 3),
    ),
    Story(
        "guids-by-campaign",
        "guids that are links with ever other tracking",
        written(
            *(
                [
                    item(one, guid=f"{one.link}?utm_source=feed&amp;utm_id={night}", link=f"{one.link}?utm_id={night}")
                    for one in STANDARD
                ]
                for night in range(3)
            )
        ),
        (3, 3, 3),
    ),
    Story(
        "guids-to-https",
        "guids that are links, http and then https",
        written(
            *(
                [
                    item(one, guid=one.link.replace("https", scheme), link=one.link.replace("https", scheme))
                    for one in STANDARD
                ]
                for scheme in ("http", "https")
            )
        ),
        (3, 3),
    ),
    Story("one-guid-for-all", "one guid for all items", (shows(*SAME_GUID),) * 2, (3, 3)),
    Story(
        "one-guid-and-news",
        "one guid for all items, and then a new one",
        (shows(*SAME_GUID), shows(replace(NEWS, guid="p"), *SAME_GUID)),
        (3, 4),
    ),
    # Listed twice, counted twice: real feeds do it, and nobody can tell whether two were meant.
    Story("same-item-twice", "an item twice in one feed", (says(rss(item(FIRST), *items())),) * 2, (4, 4)),
    Story(
        "no-guids",
        "no guids",
        written([item(one, guid="-") for one in STANDARD], [item(one, guid="-") for one in GROWN]),
        (3, 4),
    ),
    Story("no-guids-no-links", "neither guids nor links", written([*map(bare, STANDARD)], [*map(bare, GROWN)]), (3, 4)),
    Story(
        "only-texts",
        "items that are nothing but a text",
        written([wordless(n) for n in range(3)], [wordless(n) for n in range(4)], [wordless(n) for n in range(4)]),
        (3, 4, 4),
    ),
    Story(
        "reordered",
        "the same items in another order",
        (shows(*STANDARD), shows(*reversed(STANDARD)), shows(SECOND, FIRST, THIRD)),
        (3, 3, 3),
    ),
    Story(
        "edited-title",
        "a title that is edited",
        (shows(*STANDARD), shows(replace(FIRST, title="Rettet: grød på øen"), SECOND, THIRD)),
        (3, 3),
    ),
    Story(
        "edited-title-no-guid",
        "a title that is edited, with a link and no guid",
        written(
            [item(one, guid="-") for one in STANDARD],
            [item(FIRST, guid="-", title="Rettet"), *(item(one, guid="-") for one in STANDARD[1:])],
        ),
        (3, 3),
    ),
    Story(
        "edited-date",
        "a date that is corrected",
        (shows(*STANDARD), shows(replace(FIRST, time=NOW - 4 * DAY), SECOND, THIRD)),
        (3, 3),
    ),
    Story(
        "always-dated-now",
        "items without guid, dated anew at every look",
        written(
            *([item(replace(one, time=NOW + night * DAY - 60), guid="-") for one in STANDARD] for night in range(3))
        ),
        (3, 3, 3),
    ),
    Story(
        "guid-dated-now",
        "items dated anew at every look",
        tuple(shows(*(replace(one, time=NOW + night * DAY - 60) for one in STANDARD)) for night in range(3)),
        (3, 3, 3),
        same_times=True,
    ),
    Story(
        "no-dates",
        "no dates",
        written(*([item(one, date="-") for one in STANDARD] for _ in range(3))),
        (3, 3, 3),
        same_times=True,
    ),
    Story(
        "disappearing",
        "items that disappear, all of them, and come back",
        (shows(*STANDARD), shows(FIRST), shows(), shows(*GROWN)),
        (3, 3, 3, 4),
    ),
    Story(
        "one-empty-body",
        "one night an empty body",
        (shows(*STANDARD), says(b""), shows(*GROWN)),
        (3, 3, 4),
        (READ, FAILED, READ),
    ),
    Story("one-error", "one night a 500", (shows(*STANDARD), broken, shows(*GROWN)), (3, 3, 4), (READ, FAILED, READ)),
    Story(
        "one-login-page",
        "one night a login page",
        (shows(*STANDARD), page, shows(*GROWN)),
        (3, 3, 4),
        (READ, FAILED, READ),
    ),
    Story(
        "one-torn-feed", "one night a feed that breaks off", (shows(*STANDARD), says(ROTTEN), shows(*GROWN)), (3, 4, 4)
    ),
    Story(
        "stale-etag",
        "the same ETag for other bodies",
        (says(rss(), ETag='"1"'), says(rss(*items(GROWN)), ETag='"1"')),
        (3, 4),
        (READ, READ),
    ),
    Story(
        "etag-for-ever-new",
        "another ETag for the same body",
        (says(rss(), ETag='"1"'), says(rss(), ETag='"2"')),
        (3, 3),
        (READ, UNCHANGED),
    ),
    Story(
        "weak-etag",
        "a weak ETag",
        (tagged(rss(), 'W/"1"'), tagged(rss(), 'W/"1"'), tagged(rss(*items(GROWN)), 'W/"2"')),
        (3, 3, 4),
        (READ, UNCHANGED, READ),
    ),
    Story(
        "unquoted-etag",
        "an ETag without quotes",
        (tagged(rss(), "abc-1"), tagged(rss(), "abc-1")),
        (3, 3),
        (READ, UNCHANGED),
    ),
    Story(
        "etag-of-kilobytes",
        "an ETag of 5 kB",
        (says(rss(), ETag=f'"{"x" * 5_000}"'), shows(*GROWN)),
        (3, 4),
        (READ, READ),
    ),
    Story(
        "etag-of-letters",
        "an ETag of raw letters",
        (says(rss(), ETag='"blåbær\x01"'), shows(*GROWN)),
        (3, 4),
        (READ, READ),
    ),
    Story(
        "304-one-night",
        "304 though nothing was kept",
        (shows(*STANDARD), unmodified, shows(*GROWN)),
        (3, 3, 4),
        (READ, FAILED, READ),
    ),
    Story(
        "odd-last-modified",
        "a Last-Modified that is no date",
        (says(rss(), Last_Modified="i går"), says(rss(*items(GROWN)), Last_Modified="i dag")),
        (3, 4),
        (READ, READ),
    ),
    Story(
        "window-moved",
        "a window that has moved on wholly",
        (shows(*window(0)), shows(*window(20))),
        (10, 20),
        at_least=True,
    ),
    Story(
        "two-servers",
        "two servers that take turns, one of them behind",
        (shows(*GROWN[1:]), shows(*GROWN[:3]), shows(*GROWN[1:]), shows(*GROWN[:3])),
        (3, 4, 4, 4),
    ),
    Story("another-format", "RSS, and then Atom", (shows(*STANDARD), says(atom(*map(atom_entry, GROWN)))), (3, 4)),
    Story(
        "another-charset",
        "UTF-8, and then Latin-1",
        (shows(*STANDARD), says(rss().decode().replace("UTF-8", "ISO-8859-1").encode("latin-1"))),
        (3, 3),
    ),
    Story(
        "guid-case",
        "guids in small letters, and then in capitals",
        written([item(one) for one in STANDARD], [item(one, guid=one.guid.upper()) for one in STANDARD]),
        (3, 3),
    ),
    Story(
        "guids-swapped",
        "two items that swap guids",
        (shows(*STANDARD), shows(replace(FIRST, guid=SECOND.guid), replace(SECOND, guid=FIRST.guid), THIRD)),
        (3, 3),
    ),
    Story(
        "blanks-in-guids",
        "guids with blanks around, and then without",
        written([item(one, guid=f"\n  {one.guid} ") for one in STANDARD], [*items(GROWN)]),
        (3, 4),
    ),
]
