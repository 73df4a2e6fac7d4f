"""What the report's pages and mails are once a browser shows them.

Where there is no browser, or no Java for the validator of HTML, these tests are skipped with a sentence that tells what
to install; with OXIMETER_BROWSER=required they fail instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from playwright.sync_api import Browser

from tests.browser import chromium
from tests.browser import documents as files
from tests.browser.chromium import DESKTOP, Visit

PATIENCE = 5_000
"""Milliseconds to wait for what should be on a page; opening one may take longer."""


def do_without(what: str) -> NoReturn:
    """Skip the test, or fail it where it was said that nothing may be missing."""
    if os.environ.get("OXIMETER_BROWSER") == "required":
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="package")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The files to look at, by name."""
    return files.write(tmp_path_factory.mktemp("browser"))


# For this package alone, not for the session: as long as Playwright runs, nothing else can start an event loop.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One browser for all these tests."""
    if chromium.installed() is None:
        do_without(chromium.MISSING)
    with chromium.started() as found:
        yield found


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visit]]:
    """Opens a file in a window of its own, which is closed when the test is over."""
    contexts = []

    def visit(path: Path, width: int = DESKTOP, script: bool = True) -> Visit:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, java_script_enabled=script, reduced_motion="reduce"
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(6 * PATIENCE)
        return Visit.to(path, context)

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def java() -> str:
    """The path of Java."""
    found = shutil.which("java")
    if found is None:
        do_without(
            "No Java was found for the validator of HTML: install it (Debian: apt install default-jre-headless)."
        )
    return found
