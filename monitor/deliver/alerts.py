"""Writes alerts as an Atom feed (RFC 4287), so that a feed reader can follow the monitor of feeds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from monitor.model import Alert

_ATOM = "http://www.w3.org/2005/Atom"
# XML 1.0 has no way to write these, not even escaped; 7F to 9F it allows and advises against.
_NOT_XML = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DAY = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?", re.ASCII)
_HOST = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
_HOST_LENGTH = 253


def atom(alerts: Sequence[Alert], title: str, feed_id: str, language: str, now: int) -> bytes:
    """The alerts as an Atom document, newest first. The same arguments give the same bytes.

    ``feed_id`` and every ``Alert.id`` are URIs (see ``tag``); ``language`` is one such as ``da``; ``now`` is in Unix
    seconds, and is told only where there are no alerts.
    """
    newest_first = sorted(alerts, key=lambda alert: (-alert.time, alert.id))
    # Named as an attribute: a default name space in ElementTree is either global or forbids plain attributes.
    feed = ET.Element("feed", {"xmlns": _ATOM, "xml:lang": _text(language)})
    _add(feed, "id", feed_id)
    _add(feed, "title", title, type="text")
    _add(feed, "updated", _moment(newest_first[0].time if newest_first else now))
    _add(_add(feed, "author"), "name", "Oximeter")
    _add(feed, "generator", "Oximeter")
    for alert in newest_first:
        _entry(_add(feed, "entry"), alert)
    ET.indent(feed)
    document: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return document + b"\n"


def tag(domain_or_org: str, day: str, *parts: str) -> str:
    """A tag: URI (RFC 4151), which names a thing for good without being an address; other parts make another URI.

    ``day`` (``YYYY-MM-DD``, or only its year or month) is one on which the organisation bore that name.
    Raises ValueError where ``day`` is not such a day.
    """
    if not _DAY.fullmatch(day):
        raise ValueError(f"{day!r} is not a day as a tag: URI has it, such as 2026-03-01")
    named = ":".join(quote(part, safe="", errors="backslashreplace") for part in parts)
    return f"tag:{_authority(domain_or_org)},{day}:{named}"


def _entry(entry: ET.Element, alert: Alert) -> None:
    _add(entry, "id", alert.id)
    _add(entry, "title", alert.title, type="text")
    _add(entry, "updated", _moment(alert.time))
    _add(entry, "published", _moment(alert.time))
    if link := _link(alert.link):
        _add(entry, "link", rel="alternate", type="text/html", href=link)
    if alert.category:
        _add(entry, "category", term=alert.category)
    # An entry without a link must have content; a summary would not do.
    _add(entry, "content", alert.text, type="text")


def _add(parent: ET.Element, name: str, text: str = "", **attributes: str) -> ET.Element:
    child = ET.SubElement(parent, name, {key: _text(value) for key, value in attributes.items()})
    child.text = _text(text) or None
    return child


def _text(text: str) -> str:
    """The text as XML can hold it: channels and their feeds name themselves, with whatever they like."""
    return _NOT_XML.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def _link(link: str) -> str:
    """A web address or a path, with what a URI may not hold escaped; nothing for any other scheme."""
    try:
        scheme = urlsplit(link).scheme
    except ValueError:
        return ""
    return quote(link, safe=":/?#[]@!$&'()*+,;=%~", errors="replace") if scheme in ("", "http", "https") else ""


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat().replace("+00:00", "Z")


def _authority(name: str) -> str:
    """The name as a host's: a domain stays as it is, ``Eksempel A/S`` is ``eksempel-a-s``, blåbær goes by IDNA."""
    labels = (re.sub(r"[\W_]+", "-", label).strip("-") for label in name.lower().split("."))
    try:
        host = ".".join(filter(None, labels)).encode("idna").decode("ascii").lower()
    except UnicodeError:
        host = ""
    if _HOST.fullmatch(host) and len(host) <= _HOST_LENGTH:
        return host
    return "x" + sha256(name.encode("utf-8", "backslashreplace")).hexdigest()[:32]
