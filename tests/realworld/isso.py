"""Isso from the package index, in an environment of its own: comments of a static site, written through its API."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.realworld.processes import free_port, running, wait_for

CONFIG = """[general]
dbpath = {folder}/comments.db
host = http://127.0.0.1:{port}/
[server]
listen = http://127.0.0.1:{port}
[guard]
enabled = false
[rss]
base = http://blog.eksempel.example
limit = 100
"""
PAGES = {"/nyt/": 4, "/gammelt/": 7}
"""Comments on each page; every second answers the one before."""


@dataclass
class Isso:
    """A comment server that runs."""

    url: str

    def comment(self, page: str, text: str, parent: int | None = None) -> int:
        """Write a comment as a reader would; its number."""
        body = json.dumps({"text": text, "author": "Læser", "parent": parent, "title": page}).encode()
        headers = {"Content-Type": "application/json", "Origin": "http://blog.eksempel.example"}
        request = urllib.request.Request(f"{self.url}/new?uri={page}", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(json.load(answer)["id"])

    @property
    def feeds(self) -> list[str]:
        return [f"{self.url}/feed?uri={page}" for page in PAGES]


@contextmanager
def isso(folder: Path) -> Iterator[Isso]:
    """Install, serve and seed; stopped at the end."""
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = folder / "venv/bin/python"
    subprocess.run([str(python), "-m", "pip", "install", "-qqq", "isso", "setuptools<80"], check=True)
    port = free_port()
    config = folder / "isso.cfg"
    config.write_text(CONFIG.format(folder=folder, port=port), encoding="utf-8")
    with running([str(folder / "venv/bin/isso"), "-c", str(config), "run"], folder / "isso.log"):
        here = Isso(f"http://127.0.0.1:{port}")
        wait_for(lambda: urllib.request.urlopen(f"{here.url}/info", timeout=10).read())
        for page, count in PAGES.items():
            last: int | None = None
            for number in range(count):
                last = here.comment(page, f"Et ord nummer {number}", parent=last if number % 2 else None)
        yield here
