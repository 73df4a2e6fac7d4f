"""Pictures of the sample organisation's night, in English and Danish: ``make screenshots``.

The page and the mail, on a desktop and a phone, light and dark, go to .cache/screenshots/; the two pictures that the
docs show go to docs/.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from typing import Literal

import tomlkit
from PIL import Image
from playwright.sync_api import Browser, FloatRect

from monitor.config import Config, load
from tests.browser import chromium, mails
from tests.browser.documents import LANGUAGES

SAMPLE = Path("config/demo.toml")
CACHE = Path(".cache/screenshots")
SCHEMES: tuple[Literal["light"], Literal["dark"]] = ("light", "dark")
DEVICES = {"desktop": (1100, 1), "phone": (390, 2)}
"""The width in CSS pixels, and how many pixels the device has for each."""
KEPT: dict[tuple[str, ...], tuple[str, int]] = {
    ("page", "en", "desktop", "light"): ("docs/report.png", 1480),
    ("mail", "en", "phone", "light"): ("docs/mail.png", 1000),
}
"""Which pictures the docs show, and how much of them from the top, in CSS pixels."""


def main() -> None:
    """Render last night's report again in each language, and take the pictures."""
    sample = load(SAMPLE)
    with chromium.started() as browser:
        for language in LANGUAGES:
            for kind, path in render(sample, language, CACHE / language).items():
                photograph(browser, kind, language, path)
    print(f"All pictures: {CACHE}/. Of these in the docs: {', '.join(place for place, _ in KEPT.values())}")


def render(sample: Config, language: str, folder: Path) -> dict[str, Path]:
    """Write the page and the mail in this language from a copy of the sample's store; the HTML files by kind."""
    nights = sorted(sample.folder.glob("????-??-??/report.json"))
    if not nights:
        raise SystemExit("There is no night of the sample organisation yet: make run")
    now = json.loads(nights[-1].read_text(encoding="utf-8"))["as_of"]
    folder.mkdir(parents=True, exist_ok=True)
    for letter in folder.glob("reports/outbox/*.eml"):
        letter.unlink()
    _copy(Path(sample.store_url.removeprefix("sqlite:///")), folder / "night.db")
    config = folder / "channels.toml"
    config.write_text(_in_language(language, sample.path.read_text(encoding="utf-8")), encoding="utf-8")
    for command in ("report", "send"):
        subprocess.run(
            [sys.executable, "-m", "monitor", command, "--config", config, "--now", now, "--quiet"], check=True
        )
    (letter,) = folder.glob("reports/outbox/*.eml")
    message = message_from_bytes(letter.read_bytes(), EmailMessage, policy=policy.default)
    mail = folder / "mail.html"
    mail.write_text(mails.as_shown(message), encoding="utf-8")
    return {"page": folder / "reports" / nights[-1].parent.name / "index.html", "mail": mail}


def _copy(store: Path, copy: Path) -> None:
    copy.unlink(missing_ok=True)
    with closing(sqlite3.connect(store)) as old, closing(sqlite3.connect(copy)) as new:
        old.backup(new)


def _in_language(language: str, text: str) -> str:
    """The sample's config for a store and reports beside it, and for one reader who has had no mail yet."""
    document = tomlkit.parse(text)
    document["organisation"]["language"] = language
    document["store"] = {"url": "sqlite:///night.db"}
    document["report"] = {
        "to": [f"{language}@eksempel.example"],
        "from": "oximeter@eksempel.example",
        "folder": "reports",
        "address": "https://oximeter.eksempel.example/",
    }
    return tomlkit.dumps(document)


def photograph(browser: Browser, kind: str, language: str, path: Path) -> None:
    """Take a document's pictures, whole, and those of the docs."""
    for device, (width, density) in DEVICES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport={"width": width, "height": 900}, device_scale_factor=density, color_scheme=scheme
            )
            page = context.new_page()
            page.goto(path.resolve().as_uri())
            # A picture of the whole page is taken without scrolling to what waits for that.
            page.evaluate(
                "document.querySelectorAll('article').forEach(o => { o.style.contentVisibility = 'visible' })"
            )
            page.screenshot(path=CACHE / f"{kind}-{language}-{device}-{scheme}.png", full_page=True)
            if (kind, language, device, scheme) in KEPT:
                place, height = KEPT[kind, language, device, scheme]
                top: FloatRect = {"x": 0, "y": 0, "width": width, "height": height}
                _pack(page.screenshot(clip=top, full_page=True), Path(place))
            context.close()


def _pack(png: bytes, path: Path) -> None:
    """Keep the picture in a third of the bytes: it has few colours."""
    Image.open(BytesIO(png)).convert("RGB").quantize(256).save(path, optimize=True)


if __name__ == "__main__":
    main()
