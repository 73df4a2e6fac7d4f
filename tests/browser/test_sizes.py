"""The report on a small screen and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.chromium import Visit
from tests.browser.documents import LANGUAGES

SMALL_PHONE = 360
SHEET = 680
"""What an A4 sheet of 210 mm has between margins of 15 mm, in CSS pixels."""
A4 = (595, 842)
"""In points."""
BEYOND = """([width, mayScroll]) => [...document.querySelectorAll('body *')]
    .filter(one => !one.parentElement.closest('svg') && one.checkVisibility())
    .filter(one => one.getBoundingClientRect().right > width + 0.5)
    .filter(one => {
        const scrolls = around => ['auto', 'scroll'].includes(getComputedStyle(around).overflowX);
        let around = mayScroll && one.parentElement;
        while (around && !scrolls(around)) around = around.parentElement;
        return !around;
    })
    .map(one => one.outerHTML.slice(0, 200))"""
"""What reaches beyond the right edge; on a screen not what can be scrolled to within the page."""


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["page", "archive", "mail"])
def test_a_small_phone_need_not_scroll_sideways(
    name: str, language: str, documents: dict[str, Path], visit: Callable[..., Visit]
) -> None:
    seen = visit(documents[f"{name}-{language}"], SMALL_PHONE)
    for folded in (True, False):
        if not folded:
            seen.open_details()
        # Both, for an element may cut off what is within it.
        assert seen.page.evaluate(BEYOND, [SMALL_PHONE, True]) == []
        assert seen.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["page-en", "page-da", "archive-en"])
def test_it_can_be_printed_on_a4(
    name: str, documents: dict[str, Path], visit: Callable[..., Visit], tmp_path: Path
) -> None:
    seen = visit(documents[name], SHEET)
    seen.page.emulate_media(media="print")
    for folded in (True, False):
        if not folded:
            seen.open_details()
        assert seen.page.evaluate(BEYOND, [SHEET, False]) == [], "wider than the sheet"
    cut = seen.page.evaluate(
        "[...document.querySelectorAll('tr')].filter(row => getComputedStyle(row).breakInside !== 'avoid')"
        ".map(row => row.outerHTML.slice(0, 200))"
    )
    assert cut == [], "may be cut over two sheets"
    printed = seen.page.pdf(path=tmp_path / "printed.pdf", format="A4", prefer_css_page_size=True)
    assert printed.startswith(b"%PDF-")
    sheets = re.findall(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", printed)
    assert sheets
    assert {(round(float(width)), round(float(height))) for width, height in sheets} == {A4}
