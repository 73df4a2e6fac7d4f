"""The promises of docs/reliability.md have tests, by the names that it gives."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))
SCRIPTS = sorted(set(re.findall(r"`python -m (tests\.[\w.]+)", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_the_page_names_is_there(file: str, name: str) -> None:
    tests = {
        node.name
        for node in ast.walk(ast.parse((ROOT / file).read_text("utf-8")))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
    assert name in tests if name else tests


@pytest.mark.parametrize("module", SCRIPTS)
def test_a_script_that_the_page_names_is_there(module: str) -> None:
    assert (ROOT / (module.replace(".", "/") + ".py")).exists()


def test_every_row_of_the_page_names_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and not line.startswith(("| ---", "| promise"))]
    assert len(rows) > 40
    assert [row for row in rows if "`tests/" not in row] == []


def test_the_bounds_on_the_page_are_those_of_the_code() -> None:
    from monitor.config import PollTable
    from monitor.poll import Limits, child, decode, poller
    from monitor.store.recording import MOVING

    limits, table = Limits(), PollTable()
    for said in (
        f"{table.fetch_seconds:g} s in all",
        f"{limits.connect_seconds:g} s to connect, {limits.read_seconds:g} s of silence",
        f"{table.night_minutes:g} min",
        f"| {limits.body_bytes // 1_000_000} MB |",
        f"| {limits.redirects}; 100 headers",
        f"`Retry-After`, {limits.retry_seconds // 86_400} days at most",
        f"once in {poller.REVIVAL // 86_400} days",
        f"{MOVING // 3_600} hours",
        f"{poller.FIRST_BACK_OFF // 3_600} h, doubled each time, {poller.LONGEST_BACK_OFF // 3_600} h at most",
        f"{limits.parse_seconds:g} s, {child.MEMORY // 1_000_000} MB",
        f"| {limits.entries:,} |",
    ):
        assert said in PAGE, said
    assert [size for size, _ in decode.BULKY] == [1_000_000, 4_000_000]
    assert limits.total_seconds == table.fetch_seconds
