"""What went wrong with Oximeter itself is told: on the page, in the mail and in the JSON, a whole sentence each."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from monitor import report
from monitor.model import FeedLine, Notice, Outcome, Trouble
from monitor.report.notices import FIGURE, LONGEST, MAIL_TROUBLES, mail_trouble, notice_text, notices
from monitor.report.words import Words
from tests.report.builders import NOTICES, channel, full, night

HOSTILE = "<script>alert(1)</script>\u202e\x1b[31m\r\nBcc: x@y.example <img src=x onerror=alert(1)>"
TITLE = "What went wrong with Oximeter itself"
WORDS = Words()


class Quoting(Words):
    """A language in which a sentence is its figures alone, between marks."""

    def gettext(self, message: str, **figures: object) -> str:
        return "«" + "|".join(str(figures[name]) for name in FIGURE.findall(message)) + "»"


def told(trouble: Trouble, **facts: float | str) -> str:
    return notice_text(Notice(trouble, dict(facts)), WORDS)


def test_every_kind_is_a_sentence_with_its_facts() -> None:
    assert notices(NOTICES, WORDS) == [
        "The store was damaged: the backup of 29 December 2025 took its place, so what came between that day and the "
        "damage may be missing; the damaged file is kept as oximeter.db.damaged-2025-12-30.",
        "The clock says an earlier day than it once did: verdicts are known of nights up to 1 March 2027, which is yet "
        "to come; check the machine's clock.",
        "The night's time was up before 3 feeds could be asked; they are among the first tomorrow night.",
        "The mail of 31 December 2025 to chef@eksempel.example was refused: "
        "The mail server smtp.eksempel.example:587 did not answer within 30 seconds.",
        "The mail of 1 December 2025 to bo@eksempel.example is no longer tried and stays in the outbox, since it was "
        "refused for weeks: The mail server smtp.eksempel.example:587 refused the recipient bo@eksempel.example: "
        "550 5.1.1.",
    ]


@pytest.mark.parametrize("trouble", Trouble)
@pytest.mark.parametrize("to", ["", "chef@eksempel.example"])
@pytest.mark.parametrize("error", ["", "The mail server x:25 refused: 451."])
@pytest.mark.parametrize(
    "more", [{}, {"night": "2026-03-02", "backup": "2026-03-01", "latest": "2030-01-01", "feeds": 1}]
)
def test_whatever_is_known_of_it_it_is_a_whole_sentence(
    trouble: Trouble, to: str, error: str, more: dict[str, Any]
) -> None:
    said = told(trouble, to=to, error=error, aside="store.db.damaged-2026-03-02", **more)
    assert said[0].isupper()
    assert re.search(r"[^.]\.$", said)
    assert "%(" not in said
    assert "None" not in said


def test_a_letter_whose_run_died_is_told_without_a_refusal() -> None:
    said = told(Trouble.MAIL, to="chef@eksempel.example", night="2026-03-02", error="")
    assert said == (
        "The run of 2 March 2026 ended before it was known whether the mail to chef@eksempel.example was sent, "
        "so it is sent once more."
    )


def test_a_word_to_a_chat_room_is_told_of_without_its_address() -> None:
    said = told(Trouble.MAIL, to="", night="2026-03-02", error="The service at json://127.0.0.1 refused (HTTP 500).")
    assert said == (
        "What a chat room was to be told on 2 March 2026 was refused: The service at json://127.0.0.1 refused "
        "(HTTP 500)."
    )


def test_they_stand_in_a_section_of_their_own_and_below_the_channels_in_need_in_the_mail() -> None:
    found = full()
    tree = html.document_fromstring(report.page(found))
    (section,) = tree.xpath(f"//section[h2='{TITLE}']")
    assert [line.text_content() for line in section.xpath(".//li")] == notices(NOTICES, WORDS)
    letter = report.letter(found, "/srv/reports/index.html", changes=found.changes)
    for text in (letter.text, html.document_fromstring(letter.html).text_content()):
        places = [text.upper().index(one.upper()) for one in ("Tyndt", TITLE, "Changed since", "The rest")]
        assert places == sorted(places)
        assert all(line in text for line in notices(NOTICES, WORDS))


def test_the_json_has_each_with_its_kind() -> None:
    found = report.as_json(full())["notices"]
    assert [one["trouble"] for one in found] == [one.trouble for one in NOTICES]
    assert [one["text"] for one in found] == notices(NOTICES, WORDS)
    assert report.as_json(night(channel()))["notices"] == []


def test_headings_come_in_order_with_and_without_them() -> None:
    for found in (full(), night(channel()), replace(night(), notices=NOTICES)):
        tree = html.document_fromstring(report.page(found))
        levels = [int(heading.tag[1]) for heading in tree.xpath("//h1 | //h2 | //h3 | //h4")]
        assert levels[0] == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("trouble", Trouble)
def test_hostile_facts_are_shown_as_text(trouble: Trouble) -> None:
    names = ("to", "night", "error", "aside", "backup", "latest", "feeds")
    hostile = replace(night(channel()), notices=(Notice(trouble, dict.fromkeys(names, HOSTILE)),))
    letter = report.letter(hostile, None)
    for text in (report.page(hostile), letter.html):
        tree = html.document_fromstring(text)
        assert not tree.xpath("//img[@onerror] | //*[contains(text(), 'alert(1)')][self::script]")
        assert not set("\u202e\x1b") & set(text)
    assert "\r" not in letter.text
    assert not [line for line in letter.text.splitlines() if line.startswith("Bcc:")]


def test_a_thousand_of_them_leave_the_mail_small_enough() -> None:
    many = tuple(
        Notice(Trouble.MAIL, {"to": f"n{n}@e.example", "night": "2026-03-02", "error": "Æ" * 900}) for n in range(1000)
    )
    found = replace(night(channel()), notices=many)
    assert len(report.letter(found, None).html.encode()) < 102_000
    assert max(map(len, notices(many, WORDS))) <= LONGEST


def test_an_address_with_a_password_is_told_without_it() -> None:
    feed = FeedLine(
        "blog", "https://bo:hemmelig@blog.example/feed", Outcome.FAILED, "https://bo:hemmelig@blog.example/ broke",
        address="https://bo:hemmelig@ny.example/feed",
    )  # fmt: skip
    said = Notice(
        Trouble.MAIL, {"to": "a@b.example", "night": "2026-03-02", "error": "see https://bo:hemmelig@x.example/"}
    )
    found = replace(night(channel(feeds=[feed])), notices=(said,))
    letter = report.letter(found, None)
    for text in (report.page(found), letter.text, letter.html, str(report.as_json(found))):
        assert "hemmelig" not in text
        assert "blog.example/feed" in text or "blog.example/ broke" in text


@pytest.mark.parametrize("template", MAIL_TROUBLES)
def test_every_trouble_of_the_mail_is_known_again_by_its_figures(template: str) -> None:
    figures = {"server": "smtp.example:587", "who": "a@b.example", "answer": "550 no: such. person", "seconds": "0.5",
               "user": "bo", "code": "535", "cause": "WRONG_VERSION"}  # fmt: skip
    names = FIGURE.findall(template)
    assert mail_trouble(template % figures, Quoting()) == "«" + "|".join(figures[name] for name in names) + "»"
    assert mail_trouble(template % figures, WORDS) == template % figures


@given(st.text(max_size=300) | st.sampled_from(MAIL_TROUBLES).map(lambda one: FIGURE.sub(": refused: ", one)))
def test_whatever_a_server_says_stays_as_it_is_in_english(error: str) -> None:
    assert mail_trouble(error, WORDS) == error
