"""What text of strangers may not do where it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""Control characters but tab and line end, overrides of direction, halves of letters."""
DANGEROUS = re.compile(r"\s*(javascript|data|vbscript|file):", re.IGNORECASE)
ADDRESSES = ("href", "src", "action", "formaction", "xlink:href")
FOREIGN = ("iframe", "object", "embed", "base", "img", "form", "template")
"""Elements that no page of ours has."""


class _Look(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.script = ""
        self._in_script = False

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._in_script = tag == "script"
        if tag in FOREIGN:
            self.found.append(f"<{tag}>")
        for name, value in attributes:
            if name.startswith("on") or (name in ADDRESSES and DANGEROUS.match(value or "")):
                self.found.append(f"<{tag} {name}={value!r}>"[:200])

    def handle_endtag(self, tag: str) -> None:
        self._in_script = False

    def handle_data(self, data: str) -> None:
        if self._in_script and "alert(1)" in data:
            self.found.append(f"<script>{data[:80]}")


def in_page(page: str) -> list[str]:
    """What is harmful in a page or a mail of HTML; empty where nothing is."""
    look = _Look()
    look.feed(page)
    look.close()
    return look.found + in_terminal(page)


def in_terminal(text: str) -> list[str]:
    """What a terminal, a log or a plain mail would not show as it is; empty where nothing is."""
    return [f"{text[max(0, one.start() - 40) : one.end() + 20]!r}" for one in UNSEEN.finditer(text)][:5]


def in_json(value: object) -> list[str]:
    """What is harmful in any string of a document; empty where nothing is."""
    return [harm for text in _strings(value) for harm in in_terminal(text)]


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from _strings(one)
    elif isinstance(value, list):
        for one in value:
            yield from _strings(one)


def in_csv(rows: list[list[str]]) -> list[str]:
    """Cells that a spreadsheet would reckon with instead of showing; empty where there are none."""
    return [
        cell[:80] for row in rows for cell in row if re.match(r"[=+\-@\t\r]", cell) and not re.fullmatch(r"-?\d+", cell)
    ]
