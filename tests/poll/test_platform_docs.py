from __future__ import annotations

import re
from pathlib import Path

from monitor.poll.platforms import platforms

DOCS = Path(__file__).parents[2] / "docs" / "platforms.md"


def test_every_platform_has_its_row_in_the_docs_and_no_other_has() -> None:
    rows = re.findall(r"^\| `(\w+)` \|", DOCS.read_text(encoding="utf-8"), re.MULTILINE)
    assert rows == [platform.name for platform in platforms()]
