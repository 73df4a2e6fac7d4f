"""Lists of feeds as other readers keep them: OPML, in and out, with folders and titles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

import listparser

from monitor.errors import ConfigError
from monitor.model import Channel
from monitor.report.lines import clean

LARGEST = 20_000_000


@dataclass(slots=True)
class Listed:
    """A channel as a list has it: feeds of one title in one folder are one channel."""

    title: str
    folder: tuple[str, ...] = ()
    feeds: list[str] = field(default_factory=list)


DEEPEST = 10
"""Folders within folders that are kept: nobody sorts deeper, and a hostile list has thousands."""


def read(path: Path) -> list[Listed]:
    """The channels in an OPML file. Raises ConfigError where it is none, or lists no feed."""
    try:
        body = path.read_bytes() if path.stat().st_size <= LARGEST else b""
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror or error})"]) from None
    found = listparser.parse(body)
    channels: dict[tuple[tuple[str, ...], str], Listed] = {}
    for feed in found.feeds:
        folder = tuple(next(iter(feed.get("categories") or ()), ()))[:DEEPEST]
        title = " ".join((feed.get("title") or feed["url"]).split())
        listed = channels.setdefault((folder, title), Listed(title, folder))
        if feed["url"] not in listed.feeds:
            listed.feeds.append(feed["url"])
    if not channels:
        raise ConfigError([f"{path}: lists no feed; expected OPML, as other feed readers export it"])
    return list(channels.values())


def write(channels: Iterable[Channel], title: str) -> str:
    """The channels as OPML 2.0: an outline a feed, within its channel's folders."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = clean(title, 500)
    body = ElementTree.SubElement(root, "body")
    folders: dict[tuple[str, ...], ElementTree.Element] = {(): body}
    for channel in channels:
        parent = _folder(folders, channel.folder)
        for url in channel.feeds:
            outline = {
                "type": "rss",
                "text": clean(channel.name, 500),
                "title": clean(channel.name, 500),
                "xmlUrl": url,
            }
            ElementTree.SubElement(parent, "outline", outline | ({"htmlUrl": channel.site} if channel.site else {}))
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _folder(folders: dict[tuple[str, ...], ElementTree.Element], path: Sequence[str]) -> ElementTree.Element:
    for depth in range(1, len(path) + 1):
        here = tuple(path[:depth])
        if here not in folders:
            names = dict.fromkeys(("text", "title"), clean(path[depth - 1], 500))
            folders[here] = ElementTree.SubElement(folders[here[:-1]], "outline", names)
    return folders[tuple(path)]
