"""The files are all there is: nothing is fetched, nothing fails, and without script nothing is missing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from monitor.model import Status
from monitor.report import Words, reason_text
from tests.browser.chromium import Visit
from tests.browser.documents import LANGUAGES, varied


@pytest.mark.parametrize("name", ["page-en", "page-da", "bare-en", "archive-en", "mail-en", "mail-da"])
def test_nothing_but_the_file_is_asked_for_and_nothing_goes_wrong(
    name: str, documents: dict[str, Path], visit: Callable[..., Visit]
) -> None:
    path = documents[name]
    seen = visit(path)
    seen.open_details()
    for control in seen.page.locator("#_tools input, #_overview th button").all():
        control.click()
    seen.page.emulate_media(media="print")
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verdict_reason_and_sign_can_be_read_without_script(
    language: str, documents: dict[str, Path], visit: Callable[..., Visit]
) -> None:
    page = visit(documents[f"page-{language}"], script=False).page
    night = varied(language)
    words = Words.of(night.organisation)
    overview = page.locator("#_overview")
    for one in night.channels:
        verdict = words.status(one.diagnosis.status)
        says(overview, one.channel.name)
        says(overview, verdict)
        article = page.locator(f"article#{one.channel.id}")
        # What is far below may not be laid out before somebody scrolls there.
        article.scroll_into_view_if_needed()
        says(article, verdict)
        for reason in one.diagnosis.reasons:
            says(article, reason_text(reason, words))
        # Nothing was measured in a channel that could not be read.
        for sign, vital in one.vitals.signs.items() if one.diagnosis.status is not Status.UNKNOWN else ():
            says(article, words.sign(sign))
            says(article, words.measured(vital.unit, vital.value, vital.normal) or "")


def says(where: Locator, text: str) -> None:
    """That it can be seen there, in whatever case and however broken into lines."""
    expect(where).to_contain_text(text, ignore_case=True, use_inner_text=True)


def test_without_script_no_control_is_shown_that_would_do_nothing(
    documents: dict[str, Path], visit: Callable[..., Visit]
) -> None:
    page = visit(documents["page-en"], script=False).page
    assert page.locator("input:visible, button:visible, select:visible").count() == 0
