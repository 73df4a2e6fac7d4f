from __future__ import annotations

from pathlib import Path

from monitor.poll.platforms import table

DOCS = Path(__file__).parents[2] / "docs" / "platforms.md"


def test_the_table_in_the_docs_is_what_the_modules_say() -> None:
    text = DOCS.read_text(encoding="utf-8")
    written = text.partition("<!-- platforms -->\n")[2].partition("<!-- /platforms -->")[0]
    assert written == table(), "run make platforms"
