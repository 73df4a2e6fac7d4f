"""The advocate's sentences: one for every remark, in both languages, with the figures that it stands on."""

from __future__ import annotations

import re
from typing import Any

import pytest

from monitor.model import Action, Remark
from monitor.oxygen.advice import REMARKS
from monitor.oxygen.questions import QUESTIONS
from monitor.report import Words
from monitor.report.advice import SAID, action, said

FIGURES: dict[str, float | str] = {
    name: 3.0 for codes in (REMARKS | QUESTIONS).values() for name in codes if name not in ("names", "text", "into")
} | {"names": "Debat\nHolk", "text": "We <b>answer</b>", "into": "Bloggen", "name": "Bloggen", "sponsor": "Ledelsen"}
FIGURES |= {"share": 0.4, "probability": 0.6, "since": 1.7e9, "last_staff": 1.7e9, "last_read": 1.7e9}


@pytest.mark.parametrize("language", ["en", "da"])
@pytest.mark.parametrize("code", sorted(REMARKS | QUESTIONS))
def test_every_remark_is_said_with_a_figure_and_never_breaks_for_lack_of_one(code: str, language: str) -> None:
    words = Words(language)
    facts: dict[str, Any] = {name: FIGURES[name] for name in (REMARKS | QUESTIONS)[code]}
    text = said(Remark(code, facts), words)
    assert re.search(r"\d", text), "a sentence without a figure is a platitude"
    assert not re.search(r"%\(|\bNone\b|\bnan\b", text)
    bare = said(Remark(code, {}), words) if "%(" not in SAID[code][-1] else ""
    assert "%(" not in bare


@pytest.mark.parametrize("code", sorted(SAID))
def test_danish_says_it_in_other_words(code: str) -> None:
    for sentence in SAID[code]:
        assert Words("da").catalogue.gettext(sentence) != sentence


def test_hours_that_are_none_choose_another_sentence() -> None:
    none = said(Remark("owner_missing", {"hours_owed": 0.0, "posts": 4.0}), Words())
    assert none == "With what? It has no owner, and it got 4 posts in the last 90 days. Who is it to be?"


def test_every_action_has_a_name() -> None:
    for language in ("en", "da"):
        assert len({action(one, Words(language)) for one in Action}) == len(Action)


@pytest.mark.parametrize("code", sorted(SAID))
def test_a_remark_without_any_figure_is_said_all_the_same(code: str) -> None:
    assert "%(" not in said(Remark(code, {"names": " ", "sponsor": "\u200b"}), Words())
