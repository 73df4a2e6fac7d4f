from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from typing import Any

import feedparser
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from monitor.deliver.alerts import atom, tag
from monitor.model import DAY, Alert
from monitor.poll.parse import parse

NOW = 1_772_323_200  # 2026-03-01
FEED_ID = "tag:eksempel.example,2026-01-01:alerts"
ATOM = {"a": "http://www.w3.org/2005/Atom"}
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
# RFC 4151, section 2.1.
TAG = re.compile(r"tag:[a-z0-9-]+(\.[a-z0-9-]+)*,\d{4}(-\d\d(-\d\d)?)?:([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-F]{2})*")


def alert(days_ago: int = 0, **more: Any) -> Alert:
    name = tag("eksempel.example", "2026-03-01", "debat", str(days_ago))
    return replace(
        Alert(name, NOW - days_ago * DAY, "Debat går fra tynd til kvalt", "Ingen svarer.", "", "thin"), **more
    )


def written(*alerts: Alert, title: str = "Kanaler på vågeblus", language: str = "da") -> Any:
    """The document as an XML parser has it."""
    return etree.fromstring(atom(alerts, title, FEED_ID, language, NOW))


def told(document: Any, path: str) -> list[str]:
    return [str(found) for found in document.xpath(path, namespaces=ATOM)]


def test_a_feed_and_its_entries_have_what_rfc_4287_requires() -> None:
    feed = written(alert(), alert(1, link="https://rapport.eksempel.example/"))
    assert feed.tag == "{http://www.w3.org/2005/Atom}feed"
    for holder in (feed, *feed.findall("a:entry", ATOM)):
        assert [len(holder.findall(f"a:{name}", ATOM)) for name in ("id", "title", "updated")] == [1, 1, 1]
        assert datetime.fromisoformat(holder.findtext("a:updated", None, ATOM)).tzinfo is not None
    assert told(feed, "a:author/a:name/text()") == ["Oximeter"]
    assert len(feed.xpath("a:entry[a:content/@type='text']", namespaces=ATOM)) == 2
    assert len({*told(feed, "a:id/text()"), *told(feed, "a:entry/a:id/text()")}) == 3


def test_an_entry_tells_when_what_and_where() -> None:
    feed = written(alert(link="2026-03-01/index.html#debat", text="Ingen svarer.\nÉn skriver.", category="starving"))
    assert told(feed, "a:entry/a:title/text()") == ["Debat går fra tynd til kvalt"]
    assert told(feed, "a:entry/a:content/text()") == ["Ingen svarer.\nÉn skriver."]
    assert told(feed, "a:entry/a:published/text()") == ["2026-03-01T00:00:00Z"]
    assert told(feed, "a:entry/a:link[@rel='alternate']/@href") == ["2026-03-01/index.html#debat"]
    assert told(feed, "a:entry/a:category/@term") == ["starving"]


def test_the_newest_alert_comes_first_and_dates_the_feed() -> None:
    feed = written(alert(2), alert(1), alert(3))
    assert [moment[:10] for moment in told(feed, "a:entry/a:updated/text()")] == [
        "2026-02-28",
        "2026-02-27",
        "2026-02-26",
    ]
    assert told(feed, "a:updated/text()") == ["2026-02-28T00:00:00Z"]


def test_a_feed_without_alerts_is_a_feed_of_now() -> None:
    feed = written()
    assert told(feed, "a:updated/text()") == ["2026-03-01T00:00:00Z"]
    assert feed.findall("a:entry", ATOM) == []


def test_the_same_alerts_are_the_same_bytes_in_whatever_order_they_come() -> None:
    one, other = alert(id="tag:a,2026:1"), alert(id="tag:a,2026:2")
    assert atom([one, other], "T", FEED_ID, "da", NOW) == atom([other, one], "T", FEED_ID, "da", NOW + DAY)


def test_a_feed_reader_reads_it_with_its_danish_letters() -> None:
    document = atom([alert(link="https://rapport.eksempel.example/å b/")], "Kanaler på vågeblus", FEED_ID, "da", NOW)
    read = feedparser.parse(document)
    assert (read.bozo, read.version) == (0, "atom10")
    assert (read.feed.title, read.feed.title_detail.language) == ("Kanaler på vågeblus", "da")
    (entry,) = read.entries
    assert (entry.title, entry.content[0].value) == ("Debat går fra tynd til kvalt", "Ingen svarer.")
    assert entry.link == "https://rapport.eksempel.example/%C3%A5%20b/"
    assert entry.tags[0].term == "thin"


def test_our_own_reader_reads_it_as_posts() -> None:
    document = atom([alert(1), alert(2)], "T", FEED_ID, "da", NOW)
    parsed = parse(document, "application/atom+xml", "https://rapport.eksempel.example/alerts.atom", NOW)
    assert parsed.error is None
    assert sorted(entry.time or 0 for entry in parsed.entries) == [NOW - 2 * DAY, NOW - DAY]


def test_text_that_would_be_markup_stays_text() -> None:
    hostile = "</title><script>alert(1)</script> & ]]> <!-- \x00\x0b\ud800\ufffe ok\r\nny"
    feed = written(alert(title=hostile, text=hostile, category=hostile), title=hostile)
    for path in ("a:title/text()", "a:entry/a:title/text()", "a:entry/a:content/text()"):
        assert told(feed, path) == ["</title><script>alert(1)</script> & ]]> <!--  ok\nny"]
    assert feed.xpath("//*[local-name()='script']") == []


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "\x01java\nscript:alert(1)", "data:text/html,x", "http://[::", ""]
)
def test_what_is_neither_a_web_address_nor_a_path_is_no_link(link: str) -> None:
    feed = written(alert(link=link))
    assert feed.findall("a:entry/a:link", ATOM) == []
    assert len(feed.findall("a:entry/a:content", ATOM)) == 1


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_makes_a_well_formed_feed(text: str) -> None:
    feed = written(alert(id=tag(text, "2026", text), title=text, text=text, link=text, category=text), title=text)
    (named,) = told(feed, "a:entry/a:id/text()")
    assert TAG.fullmatch(named)
    assert len(feed.findall("a:entry/a:content", ATOM)) == 1


@pytest.mark.parametrize("language", ["da", "en"])
def test_a_feed_says_its_language(language: str) -> None:
    assert written(language=language).get(LANGUAGE) == language


def test_a_name_is_of_a_domain_on_a_day() -> None:
    assert tag("Eksempel.example", "2026-03-01", "debat", "dead") == "tag:eksempel.example,2026-03-01:debat:dead"
    assert tag("blåbær.example", "2026", "alerts") == "tag:xn--blbr-roah.example,2026:alerts"


@pytest.mark.parametrize(
    "name", ["Eksempel A/S", "", "...", "😀", "-", "x" * 99, "a@b,2026:c", "Blå & Bær\n", "\ud800"]
)
def test_any_name_of_an_organisation_can_give_names(name: str) -> None:
    assert TAG.fullmatch(tag(name, "2026-03", "a"))


def test_other_parts_never_give_the_same_name() -> None:
    parts = [("a", "b"), ("a:b",), ("a%3Ab",), ("a", "", "b"), ("a b",), ("a/b",), ("å",), ("a",), ()]
    names = {tag("eksempel.example", "2026", *each) for each in parts}
    assert len(names) == len(parts)
    assert all(TAG.fullmatch(name) for name in names)


@pytest.mark.parametrize("day", ["", "26-03-01", "2026-3-1", "2026-03-01T00:00Z", "2026-03-01\n", "i dag"])
def test_what_is_no_day_names_nothing(day: str) -> None:
    with pytest.raises(ValueError, match="is not a day"):
        tag("eksempel.example", day)
