"""Everybody can read the report: held against WCAG 2.2 AA by axe, with large text, and by keyboard."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE, Visit
from tests.browser.documents import LANGUAGES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
GOOD_PRACTICE = "best-practice"
AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text(encoding="utf-8")


def objections(page: Page) -> tuple[list[str], list[str]]:
    """What axe finds against the page as it stands, a line for each element: against the rules, and good practice."""
    found: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", [*RULES, GOOD_PRACTICE]
    )
    told: tuple[list[str], list[str]] = ([], [])
    for rule in found["violations"]:
        told[GOOD_PRACTICE in rule["tags"]].extend(
            f"{rule['id']}: {' '.join(map(str, node['target']))}: {' '.join(node['failureSummary'].split())}"
            for node in rule["nodes"]
        )
    return told


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["page", "archive", "mail"])
def test_nothing_keeps_a_reader_out(
    name: str, language: str, width: int, documents: dict[str, Path], visit: Callable[..., Visit]
) -> None:
    seen = visit(documents[f"{name}-{language}"], width)
    seen.open_details()
    seen.page.evaluate(AXE)
    for scheme in ("light", "dark"):
        seen.page.emulate_media(color_scheme=scheme)
        wrong, poor = objections(seen.page)
        assert wrong == [], f"in {scheme}"
        # The landmarks that good practice asks for are the mail program's own around a mail.
        if poor and name != "mail":
            warnings.warn(f"{name}-{language}, {width} wide, {scheme}: " + "; ".join(poor), stacklevel=1)


CUT_OFF = """() => [...document.querySelectorAll('body *')].filter(one => {
    const style = getComputedStyle(one);
    return !one.closest('svg') && one.checkVisibility() && /\\S/.test(one.textContent) && one.clientWidth > 1
        && (['hidden', 'clip'].includes(style.overflowX) && one.scrollWidth > one.clientWidth + 1
            || ['hidden', 'clip'].includes(style.overflowY) && one.scrollHeight > one.clientHeight + 1);
}).map(one => one.outerHTML.slice(0, 200))"""
TWICE_AS_LARGE = """() => {
    const sizes = [...document.querySelectorAll('body, body *')].filter(one => !one.closest('svg'))
        .map(one => [one, parseFloat(getComputedStyle(one).fontSize)]);
    sizes.forEach(([one, size]) => one.style.setProperty('font-size', `${2 * size}px`, 'important'));
}"""


@pytest.mark.parametrize("name", ["page-en", "page-da", "archive-en", "mail-en", "mail-da"])
def test_text_can_be_made_twice_as_large(name: str, documents: dict[str, Path], visit: Callable[..., Visit]) -> None:
    seen = visit(documents[name], DESKTOP)
    viewport = seen.page.get_attribute("meta[name=viewport]", "content") or ""
    assert "user-scalable" not in viewport
    assert "maximum-scale" not in viewport
    seen.page.evaluate(TWICE_AS_LARGE)
    assert seen.page.evaluate("document.scrollingElement.scrollWidth") <= DESKTOP
    assert seen.page.evaluate(CUT_OFF) == []


def tab_to(page: Page, wanted: str) -> None:
    """Press Tab until an element like this has the focus, and see that it shows it."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", wanted):
            break
    else:
        pytest.fail(f"Tab does not lead to {wanted}")
    ring = page.evaluate(
        "() => { const style = getComputedStyle(document.activeElement); "
        "return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0 || style.boxShadow !== 'none' }"
    )
    assert ring, f"{wanted} does not show that it has the focus"


def test_the_keyboard_alone_is_enough(documents: dict[str, Path], visit: Callable[..., Visit]) -> None:
    page = visit(documents["page-da"]).page
    tab_to(page, "#_tools input[type=search]")
    page.keyboard.type("ærø")
    assert page.locator("#_overview tbody tr:visible").count() == 1
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.press("Delete")
    assert page.locator("#_overview tbody tr:visible").count() > 1
    tab_to(page, "#_tools input[name=verdict]")
    before = page.evaluate("document.activeElement.checked")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.checked") is not before
    page.keyboard.press("Space")
    tab_to(page, "#_overview th[data-sort] button")
    page.keyboard.press("Enter")
    first = page.evaluate("document.activeElement.closest('th').ariaSort")
    page.keyboard.press("Space")
    assert {first, page.evaluate("document.activeElement.closest('th').ariaSort")} == {"ascending", "descending"}
    tab_to(page, "#_overview tbody a")
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.parentElement.open")
