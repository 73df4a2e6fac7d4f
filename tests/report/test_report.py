"""What the page, the letter, the archive and the JSON promise their readers."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from babel.messages import Catalog
from babel.messages.mofile import write_mo
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from monitor import report
from monitor.model import FeedLine, Organisation, Outcome, Sign, Status
from monitor.oxygen import CODES
from monitor.report import Words, clean, reason_text
from monitor.report.charts import draw, round_top
from monitor.report.render import SCRIPT, safe_link
from monitor.report.schema import schema
from tests.report.builders import FEED, NOW, channel, full, night, reason

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m\r\nBcc: x@y.example <img src=x onerror=alert(1)>"


def pages(language: str = "en") -> list[str]:
    """Every page there is, of a night with every verdict."""
    found = full(language)
    archive = report.archive([("2026-01-01", 2, 6), ("2025-12-31", 1, 6)], found.organisation)
    return [report.page(found), archive, report.letter(found, "/srv/reports/2026-01-01/index.html").html]


@pytest.mark.parametrize("language", ["en", "da"])
def test_nothing_is_loaded_from_outside_and_nothing_is_run(language: str) -> None:
    for text in pages(language):
        tree = html.document_fromstring(text)
        assert tree.get("lang") == language
        assert not tree.xpath("//link | //iframe | //object | //@onclick | //@onerror")
        assert not [address for address in tree.xpath("//@src") if not address.startswith("cid:")]
        assert not tree.xpath("//@srcset | //@background")
        assert "url(" not in text
        assert "@import" not in text
    page, archive, letter = pages(language)
    assert "default-src 'none'" in page
    assert "default-src 'none'" in archive
    (script,) = html.document_fromstring(page).xpath("//script/text()")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page  # that script, and no other, may run
    assert "<script" not in archive + letter


def test_the_worst_come_first() -> None:
    tree = html.document_fromstring(report.page(full()))
    assert tree.xpath("//article/@id") == ["team", "debat", "tynd", "lukket", "beta", "cykler"]
    assert [one["id"] for one in report.status(full())["channels"]] == tree.xpath("//article/@id")


def test_a_verdict_is_told_in_a_word_and_a_sign_and_not_by_colour_alone() -> None:
    tree = html.document_fromstring(report.page(full()))
    assert tree.xpath("//article[@id='debat']//*[contains(@class, 'pill')]")[0].text_content() == "▼ starving"


def test_a_chart_has_a_title_a_description_and_its_figures_in_a_table() -> None:
    tree = html.document_fromstring(report.page(full()))
    (card,) = tree.xpath("//article[@id='cykler']")
    (svg,) = card.xpath(".//svg[@class='weeks']")
    named = [card.xpath(f".//*[@id='{name}']")[0].text_content() for name in svg.get("aria-labelledby").split()]
    assert named[0] == "Posts and replies a week in Cykelbloggen"
    assert "12 posts and 1 reply" in named[1]
    rows = [
        [cell.text_content() for cell in row] for row in card.xpath(".//figure/following-sibling::details[1]//tbody/tr")
    ]
    weeks = full().channels[0].weeks
    assert sum(int(row[1]) for row in rows) == sum(week.posts for week in weeks)
    assert sum(int(row[2]) for row in rows) == sum(week.replies for week in weeks)
    assert card.xpath(".//*[@class='pause']")
    assert not tree.xpath("//article[@id='lukket']//svg[@class='weeks']")


def test_what_happened_is_marked_on_the_chart_and_told_below_it() -> None:
    (card,) = html.document_fromstring(report.page(full())).xpath("//article[@id='cykler']")
    told = [" ".join(line.text_content().split()) for line in card.xpath(".//figcaption//li")]
    assert told == [
        "silent for 100 days from 7 March 2025",
        "✎ the organisation's last answer, 22 November 2025",
        "◐ thin from 2 December 2025",
    ]
    assert len(card.xpath(".//svg[@class='weeks']//*[contains(@class, 'flag') or @class='silence']")) == 3


def test_bars_stand_on_one_line_and_reach_the_top_with_the_most() -> None:
    chart = draw(channel().weeks, Words())
    assert chart is not None
    assert (chart.posts_top, chart.replies_top) == (2, 5)
    posts, replies = (
        re.findall(r"M([\d.]+) ([\d.]+)v(-?[\d.]+)h([\d.]+)V([\d.]+)z", p) for p in (chart.posts, chart.replies)
    )
    weeks = channel().weeks
    assert len(posts) == sum(week.posts > 0 for week in weeks)
    assert len(replies) == sum(week.replies > 0 for week in weeks)
    assert min(float(rise) for _, _, rise, _, _ in posts) == chart.top - chart.base
    # The most replies of these weeks are four, on a scale that goes to five.
    assert max(float(fall) for _, _, fall, _, _ in replies) == pytest.approx((chart.bottom - chart.base) * 4 / 5)
    assert {float(y) for bar in (*posts, *replies) for y in (bar[1], bar[4])} == {chart.base}
    assert all(chart.left <= float(x) and float(x) + float(w) <= chart.right for x, _, _, w, _ in (*posts, *replies))
    assert draw((), Words()) is None


@given(st.integers(0, 10**9))
def test_the_top_of_a_scale_is_round_and_not_far_above_the_most(most: int) -> None:
    top = round_top(most)
    assert most <= top <= max(1, most * 2.5)
    assert str(top).rstrip("0") in ("1", "2", "5")


def test_what_could_not_be_measured_is_told_with_its_reason() -> None:
    slipped = replace(FEED, at_least=True)
    never = FeedLine("blog", "https://blog.eksempel.example/ny", None)
    found = night(*full().channels, channel("smuttet", feeds=[slipped, never]))
    (section,) = html.document_fromstring(report.page(found)).xpath("//section[contains(@class, 'unseen')]")
    told = [" ".join(item.text_content().split()) for item in section.xpath(".//li")]
    assert told[0] == "Intranet: could not be read. HTTP 500"
    assert "may have slipped by" in told[1]
    assert "never polled" in told[2]
    assert "at least 120 posts" not in report.page(night(channel()))
    assert "at least 120 posts" in report.page(night(channel(feeds=[slipped])))


def test_hostile_text_is_shown_as_text() -> None:
    feed = FeedLine("blog", "javascript:alert(1)", Outcome.FAILED, HOSTILE, platform=HOSTILE)
    hostile = channel(name=HOSTILE, feeds=[feed, FEED], site="javascript:alert(1)", owner=HOSTILE, status=Status.DEAD)
    found = night(hostile, name=HOSTILE)
    letter = report.letter(found, HOSTILE)
    for text in (report.page(found), letter.html, report.archive([("2026-01-01", 1, 1)], found.organisation)):
        tree = html.document_fromstring(text)
        assert [one.text for one in tree.xpath("//script")] in ([], [SCRIPT])
        assert not tree.xpath("//img[not(starts-with(@src, 'cid:'))] | //@onerror")
        assert not [link for link in tree.xpath("//@href") if "javascript" in link]
        assert not set("\u202e\x1b") & set(text)
    assert not set("\u202e\x1b\r\n") & set(letter.subject)
    assert not set("\u202e\x1b\r") & set(letter.text)


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://blog.eksempel.example/", True),
        ("http://127.0.0.1:8099/feed", True),
        ("https://user:secret@blog.eksempel.example/", False),
        ("javascript:alert(1)", False),
        ("https://[broken", False),
        ("", False),
    ],
)
def test_only_web_addresses_without_a_password_become_links(address: str, kept: bool) -> None:
    assert safe_link(address) == (address if kept else "")


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        ([], "No channels are watched yet"),
        ([Status.BREATHING], "All is well: the one channel is not short of oxygen"),
        ([Status.BREATHING, Status.NEWBORN], "All is well: none of the 2 channels is short of oxygen"),
        ([Status.DEAD], "1 of 1 channels is short of oxygen: C0"),
        ([Status.STARVING, Status.THIN, Status.DEAD], "2 of 3 channels are short of oxygen: C2, C0"),
        ([Status.THIN, Status.UNKNOWN], "No channel is short of oxygen, but 1 of 2 gets thin air: C0"),
        ([Status.BREATHING, Status.UNKNOWN], "No channel is short of oxygen; 1 of 2 could not be measured: C1"),
        ([Status.UNKNOWN], "None of the channels could be measured: C0"),
        ([Status.DEAD] * 9, "9 of 9 channels are short of oxygen: C0, C1, C2 and 6 more"),
    ],
)
def test_the_subject_is_the_finding_in_plain_words(statuses: list[Status], told: str) -> None:
    found = night(*(channel(f"c{n}", status) for n, status in enumerate(statuses)))
    assert report.letter(found, None).subject == told
    assert told in report.page(found)


def test_the_letter_has_what_is_missing_since_when_how_sure_and_the_next_step() -> None:
    told = full()
    text = report.letter(told, "/srv/reports/index.html", changes=told.changes).text
    head, since, missing, step = text[text.index("DEBAT PÅ ÆRØ") :].splitlines()[:4]
    assert head == "DEBAT PÅ ÆRØ: starving"
    assert since == (
        "judged so since 2 December 2025, quite sure of the verdict (80%), oxygen 20 of 100, owner: Redaktionen"
    )
    assert step == "Next step: Name one person who answers users, and start with the threads still waiting."
    assert "2 of 9 of the users' threads were answered" in missing
    assert "- Tyndt: was breathing, now thin" in text
    assert "- Cykelbloggen: breathing." in text
    assert "- Intranet: unknown." in text  # told once: the verdict says why
    assert "could not be read" not in text.partition("- Intranet")[2]
    assert "/srv/reports/index.html" in text


def test_a_quiet_letter_is_short() -> None:
    letter = report.letter(night(channel()), None)
    assert "went wrong" not in letter.text + letter.html + report.page(night(channel()))
    assert "Next step" not in letter.text
    assert "The whole report" not in letter.text
    assert "The channels" in letter.text


def test_the_letter_keeps_its_style_where_style_sheets_are_dropped_and_is_small() -> None:
    many = night(*(channel(f"c{n}", Status.STARVING, name="Å" * 100) for n in range(10)))
    text = report.letter(many, "/srv").html
    assert len(text.encode()) < 100_000
    tree = html.document_fromstring(text)
    assert "border-left" in tree.xpath("//td[contains(@class, 'cell')]/@style")[0]


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("code", [*CODES, "a code of tomorrow"])
def test_every_reason_has_its_sentence_with_or_without_figures(language: str, code: str) -> None:
    words = Words.of(Organisation("E", language, "Europe/Copenhagen"))
    for sign in Sign:
        for one in (reason(code, sign), reason(code, sign, value=None, normal=None, since=None, until=None, facts={})):
            told = reason_text(one, words)
            assert told[0].isupper()
            assert told.endswith(".")
            assert "%(" not in told
            assert "None" not in told
            assert "nan" not in told


def test_danish_pages_and_mails_speak_danish_to_the_last_word() -> None:
    told = {language: " ".join(text for page in pages(language) for text in _texts(page)) for language in ("en", "da")}
    english, danish = (set(re.findall(r"[A-Za-zæøåÆØÅ]{4,}", told[language])) for language in ("en", "da"))
    same = {"Beta", "Cykelbloggen", "Debat", "Eksempel", "Holdet", "HTTP", "Intranet", "Oximeter", "Redaktionen"}
    same |= {
        "English",
        "blog",
        "eksempel",
        "example",
        "feed",
        "https",
        "intranet",
        "wordpress",
        "Tyndt",
        "feeds",
        "person",
    }
    same |= {"find", "give", "hold", "spam", "stop", "time"}  # words of both languages
    same |= {"html", "index", "reports"}
    same |= {"chef", "damaged", "oximeter", "smtp"}  # an address, a file and a server
    months = re.compile(r"(?i)jan|feb|mar|apr|jun|jul|aug|sep|okt|nov|dec")
    assert {word for word in english & danish if not months.match(word)} <= same


def _texts(page: str) -> list[str]:
    return [
        text
        for text in html.document_fromstring(page).xpath("//body//text()[not(parent::script)]")
        if isinstance(text, str)
    ]


def test_the_json_has_no_number_that_json_cannot_hold() -> None:
    odd = channel(reasons=[reason(value=float("nan"), normal=float("inf"))])
    found = json.loads(json.dumps(report.as_json(night(odd)), allow_nan=False))
    (one,) = found["channels"]
    assert one["reasons"][0]["value"] is None
    assert set(one["signs"]) == {sign.value for sign in Sign}
    assert (found["as_of"], found["language"]) == ("2026-01-01T01:00:00Z", "en")
    assert len(one["weeks"]) == 104


def test_the_archive_lists_the_nights_newest_first() -> None:
    tree = html.document_fromstring(pages()[1])
    assert tree.xpath("//tbody//@href") == ["2026-01-01/index.html", "2025-12-31/index.html"]
    assert "No night has been reported yet" in report.archive([], Organisation("E"))


def test_a_language_we_do_not_speak_is_answered_in_english() -> None:
    assert 'lang="en"' in report.page(replace(full(), organisation=Organisation("E", "kl", "Nowhere/Land")))


@given(st.text())
def test_cleaned_text_is_one_bounded_line(text: str) -> None:
    line = clean(text, 50)
    assert len(line) <= 50
    assert line == " ".join(line.split())
    assert clean(line, 50) == line


def test_the_moment_is_the_organisations_own() -> None:
    assert NOW == 1_767_229_200
    assert "1 January 2026 02:00 CET" in report.page(full())


def test_the_catalogues_are_complete_and_compiled(tmp_path: Path) -> None:
    from babel.messages.mofile import read_mo
    from babel.messages.pofile import read_po

    root = Path(report.__file__).parents[2]
    pot = tmp_path / "messages.pot"
    command = ["babel.messages.frontend", "extract", "-F", "babel.cfg", "-k", "N_", "-o", str(pot), "monitor/report"]
    subprocess.run([sys.executable, "-m", *command], cwd=root, check=True, capture_output=True)
    wanted = {message.id for message in read_po(pot.open("rb")) if message.id}
    for po in (root / "monitor" / "report" / "locale").glob("*/LC_MESSAGES/messages.po"):
        found = {message.id: message for message in read_po(po.open("rb")) if message.id}
        assert wanted == set(found)
        for message in found.values():
            said = message.string if isinstance(message.string, tuple) else (message.string,)
            assert all(said), message.id
            assert not message.fuzzy, message.id
            asked = message.id if isinstance(message.id, tuple) else (message.id,)
            assert all(_places(one) <= _places(asked[-1]) for one in said), message.id
        compiled = [message for message in read_mo(po.with_suffix(".mo").open("rb")) if message.id]
        assert {_key(one.id): _key(one.string) for one in compiled} == {
            _key(name): _key(message.string) for name, message in found.items()
        }


def _key(text: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def _places(message: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", message))


def test_report_json_is_as_its_published_schema_says() -> None:
    published = Path(__file__).parents[2].joinpath("docs/report.schema.json").read_text(encoding="utf-8")
    assert published == schema(), "make schemas writes it anew"
    for found in (full("da"), night(), night(channel(weeks=0, oxygen=None))):
        jsonschema.validate(json.loads(json.dumps(report.as_json(found))), json.loads(published))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(report.as_json(full()) | {"more": 1}, json.loads(published))


def test_a_third_language_is_one_catalogue(tmp_path: Path) -> None:
    package = shutil.copytree(Path(__file__).parents[2] / "monitor", tmp_path / "monitor")
    swedish = package / "report" / "locale" / "sv" / "LC_MESSAGES"
    swedish.mkdir(parents=True)
    catalogue = Catalog(locale="sv")
    catalogue.add("starving", "svälter")
    with (swedish / "messages.mo").open("wb") as file:
        write_mo(file, catalogue)
    program = (
        "from monitor import config, report; from monitor.model import Status, Organisation; "
        "words = report.Words.of(Organisation('E', 'sv')); "
        "config.validate({'organisation': {'name': 'E', 'language': 'sv'}}, 'x'); "
        "print(words.status(Status.STARVING), words.number(1234.5), words.date(0))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8"
    )
    assert done.stdout.strip() == "svälter 1\xa0234 1 januari 1970", done.stderr
