"""feedparser's own test files, read by us: none raises, and in none do we find fewer entries than it does.

They are in the folder ``tests`` of its source distribution, which the environment variable names.
"""

from __future__ import annotations

import io
import os
import re
import warnings
from pathlib import Path

import feedparser
import pytest

from monitor.poll.parse import parse

FOLDER = Path(os.environ.get("OXIMETER_FEEDPARSER_TESTS", ""))
GIVEN = bool(os.environ.get("OXIMETER_FEEDPARSER_TESTS")) and FOLDER.is_dir()
NOW = 1_800_000_000
ADDRESS = "http://127.0.0.1:8097/feed"
CONTENT_TYPE = re.compile(rb"Content-type:[ \t]*([^\r\n]*)", re.IGNORECASE)
GROUPS = sorted({path.parent.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.xml")}) if GIVEN else []


def content_type(body: bytes) -> str:
    found = CONTENT_TYPE.search(body)
    return found[1].decode("latin-1").strip() if found else "application/xml"


def theirs(body: bytes) -> int:
    """How many entries feedparser finds; none where it raises."""
    headers = {"content-type": content_type(body), "content-location": ADDRESS}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return len(feedparser.parse(io.BytesIO(body), response_headers=headers).entries)
    except Exception:
        return 0


@pytest.mark.skipif(not GIVEN, reason="OXIMETER_FEEDPARSER_TESTS names no folder")
@pytest.mark.parametrize("group", GROUPS)
def test_a_file_of_feedparser_s_own_tests_is_read_as_far_as_feedparser_reads_it(group: str) -> None:
    for path in sorted((FOLDER / group).glob("*.xml")):
        body = path.read_bytes()
        parsed = parse(body, content_type(body), ADDRESS, NOW)
        assert "could not be read as a feed" not in (parsed.error or ""), path
        assert len(parsed.entries) >= theirs(body), path
