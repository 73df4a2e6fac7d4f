"""A headless Chromium for tests and screenshots: the one that is installed, for none is downloaded."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

DESKTOP, PHONE = 1280, 390
NAMES = ("chromium", "google-chrome", "chromium-browser")
MISSING = "No browser was found: install Chromium (Debian: apt install chromium) or Chrome."
ARGUMENTS = (
    # Chromium does not start for root with its sandbox, and nothing is opened here but what was written here.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed() -> str | None:
    """The path of the browser, if there is one."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


@contextmanager
def started() -> Iterator[Browser]:
    """A browser while the context lasts. Raises LookupError where none is installed."""
    path = installed()
    if path is None:
        raise LookupError(MISSING)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


# Without slots: Playwright notes on an object which of its methods listen.
@dataclass
class Visit:
    """A document in the browser, and what went on while it was there."""

    page: Page
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors and warnings, and what the page's own security policy forbade."""

    @classmethod
    def to(cls, path: Path, context: BrowserContext) -> Visit:
        """Open the file."""
        context.add_init_script(
            "addEventListener('securitypolicyviolation', "
            "event => console.error(`forbidden by ${event.violatedDirective}: ${event.blockedURI}`))"
        )
        visit = cls(context.new_page())
        visit.page.on("request", lambda request: visit.requests.append(request.url))
        visit.page.on("pageerror", lambda error: visit.complaints.append(str(error)))
        visit.page.on("console", visit._hear)
        visit.page.goto(path.as_uri())
        return visit

    def _hear(self, said: ConsoleMessage) -> None:
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def open_details(self) -> None:
        """Unfold everything that can be folded."""
        self.page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
