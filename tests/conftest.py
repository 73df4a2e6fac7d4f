"""What holds for every test: which must stay together when several run at once, and that a slow machine fails none."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

TOGETHER = {
    "browser": "browser",
    "demo": "demo",
    "benchmarks": "benchmarks",
    "faults/test_night.py": "worst night",
    "faults/test_text.py": "texts",
}
"""Tests that share something made once at some cost, or the demo's port: they run one after another."""

# Nothing may depend on how fast the machine is.
settings.register_profile("steady", deadline=None)
settings.load_profile("steady")


@pytest.hookimpl(tryfirst=True)  # pytest-xdist reads the marks in its own
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here).as_posix()
        for start, name in TOGETHER.items():
            if place.startswith(start):
                item.add_marker(pytest.mark.xdist_group(name))
