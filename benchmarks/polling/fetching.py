"""The least that any reader does: every feed is fetched, conditionally, and nothing is made of it.

Usage: python fetching.py ADDRESSES STATE (a file with an address a line; a JSON file of validators, made when missing)
"""

from __future__ import annotations

import json
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

THREADS = 16
_here = threading.local()


def fetch(address: str, known: dict[str, str]) -> dict[str, str]:
    """The validators to ask with the next time."""
    if not hasattr(_here, "session"):
        _here.session = requests.Session()
    answer = _here.session.get(address, headers=known, timeout=30)
    answer.raise_for_status()
    if answer.status_code == 304:
        return known
    pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
    return {asked: answer.headers[told] for asked, told in pairs if told in answer.headers}


def main() -> None:
    """Fetch them all, ``THREADS`` at a time."""
    addresses = Path(sys.argv[1]).read_text("utf-8").split()
    state = Path(sys.argv[2])
    known: dict[str, dict[str, str]] = json.loads(state.read_text("utf-8")) if state.exists() else {}
    with ThreadPoolExecutor(THREADS) as executor:
        found = executor.map(fetch, addresses, [known.get(address, {}) for address in addresses])
        state.write_text(json.dumps(dict(zip(addresses, found, strict=True))), "utf-8")


if __name__ == "__main__":
    main()
