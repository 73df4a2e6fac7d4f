"""The feeds that the faults are done to: three entries of a Danish blog, in every format."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from xml.sax.saxutils import escape

NOW = int(datetime(2026, 3, 2, 2, 0, tzinfo=UTC).timestamp())
"""The night of the faults, Unix seconds."""
BLOG = "https://blog.eksempel.example"
NAMESPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:atom="http://www.w3.org/2005/Atom"'
)
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'


@dataclass(frozen=True)
class Item:
    """An entry as it is served, and as it must be read."""

    title: str
    guid: str
    time: int | None
    author: str = "Anna Holm"
    link: str = ""
    times: tuple[int | None, ...] = ()
    """Other readings of its date that would be right as well."""
    title_says: str = ""
    """A regular expression for its title, where more than one is right."""

    @property
    def moment(self) -> datetime:
        return datetime.fromtimestamp(self.time or 0, UTC)


def _item(number: int, title: str, days: float, author: str) -> Item:
    moment = datetime.fromtimestamp(NOW, UTC) - timedelta(days=days)
    return Item(title, f"p{number}", int(moment.timestamp()), author, f"{BLOG}/{number}")


STANDARD = (
    _item(1, "Blåbærgrød på øen", 3, "Anna Holm"),
    _item(2, "ÆØÅ: færgen sejler igen", 10, "Ole Vind"),
    _item(3, "Fællesmøde på havnen", 20.5, "Anna Holm"),
)
"""What every feed holds unless its fault says otherwise."""
NEWS = _item(4, "Alt er godt: nyt fra havnen", 0.5, "Redaktionen")
HEALED = (NEWS, *STANDARD)
"""What every server gives when it is well again."""


def item(one: Item, extra: str = "", title: str | None = None, date: str | None = None, **more: str) -> str:
    """One RSS item. ``title``, ``date``, ``guid``, ``link``, ``author`` replace its own, as markup; "-" leaves out."""
    parts = {
        "title": escape(one.title) if title is None else title,
        "guid": escape(one.guid),
        "link": escape(one.link),
        "pubDate": format_datetime(one.moment) if date is None else date,
        "dc:creator": escape(one.author),
    }
    parts |= {{"author": "dc:creator"}.get(name, name): text for name, text in more.items()}
    tags = {"guid": "guid isPermaLink='false'"}
    body = "".join(f"<{tags.get(name, name)}>{text}</{name}>" for name, text in parts.items() if text not in ("-", ""))
    return f"<item>{body}{extra or '<description>Grød &amp; bær</description>'}</item>\n"


def items(found: tuple[Item, ...] = STANDARD) -> list[str]:
    """The RSS items of these entries."""
    return [item(one) for one in found]


def channel(*parts: str, head: str = "") -> str:
    """An RSS document without its declaration."""
    return (
        f'<rss version="2.0" {NAMESPACES}>\n<channel>\n<title>Havnens blog på øen</title>\n<link>{BLOG}/</link>\n'
        f"{head}{''.join(parts)}</channel>\n</rss>\n"
    )


def rss_text(*parts: str, head: str = "", declaration: str = DECLARATION) -> str:
    """An RSS document; the standard entries where no items are given."""
    return declaration + channel(*(parts or items()), head=head)


def rss(*parts: str, head: str = "", declaration: str = DECLARATION) -> bytes:
    """An RSS document in UTF-8."""
    return rss_text(*parts, head=head, declaration=declaration).encode()


def with_first(first: str, *more: Item) -> bytes:
    """A feed whose first item is this markup, and whose others are as they should be."""
    return rss(first, *items(more or STANDARD[1:]))


def atom_entry(one: Item) -> str:
    return (
        f'<entry><id>{one.guid}</id><title>{escape(one.title)}</title><link href="{one.link}"/>'
        f"<author><name>{escape(one.author)}</name></author><published>{one.moment.isoformat()}</published>"
        f"<updated>{one.moment.isoformat()}</updated></entry>"
    )


def atom(*entries: str, head: str = "", declaration: str = DECLARATION) -> bytes:
    """An Atom document; the standard entries where none are given."""
    body = "".join(entries or [atom_entry(one) for one in STANDARD])
    return (
        f'{declaration}<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:havnen</id><title>Havnens blog</title>'
        f"{head}{body}</feed>"
    ).encode()


def json_item(one: Item, **more: object) -> dict[str, object]:
    return {
        "id": one.guid, "title": one.title, "url": one.link, "date_published": one.moment.isoformat(),
        "content_text": "Grød", "authors": [{"name": one.author}], **more,
    }  # fmt: skip


def json_feed(*found: dict[str, object], **more: object) -> bytes:
    """A JSON Feed; the standard entries where none are given."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Havnens blog", "home_page_url": f"{BLOG}/"}
    return json.dumps(head | {"items": found or [json_item(one) for one in STANDARD]} | more).encode()


def titled(title: str, place: int = 0) -> Item:
    """A standard entry with another title."""
    return replace(STANDARD[place], title=title)


def dated(time: int | None, *also: int | None) -> Item:
    """The first standard entry with another time; ``also`` are readings that would be right as well."""
    return replace(STANDARD[0], time=time, times=also)


FEED = rss()
WELL = rss(*items(HEALED))
