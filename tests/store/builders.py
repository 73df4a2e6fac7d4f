"""What the store's tests are made of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from monitor.model import Channel, Diagnosis, Entry, Kind, Outcome, Reading, Standing, Status
from monitor.store import Store, open_store

NIGHT = 86_400
START = 1_700_000_000
POSTS = "https://debat.example/latest.rss"
REPLIES = "https://debat.example/posts.rss"
FORUM = Channel("debat", "Debatforum", (POSTS, REPLIES))


def a_store(folder: Path) -> Store:
    return open_store(f"sqlite:///{folder / 'data' / 'oximeter.db'}")


def a_post(name: str, time: int | None = START, **more: Any) -> Entry:
    return Entry(f"uid-{name}", f"key-{name}", Kind.POST, time, **({"thread": name} | more))


def a_reply(name: str, thread: str, time: int | None = START, **more: Any) -> Entry:
    return Entry(f"uid-{name}", f"key-{name}", Kind.REPLY, time, thread=thread, **more)


def a_reading(*entries: Entry, night: int = 0, url: str = POSTS, **more: Any) -> Reading:
    facts: dict[str, Any] = {"outcome": Outcome.UPDATED, "reason": "read", "address": url, "digest": f"body {night}"}
    return Reading("debat", url, time=START + night * NIGHT, entries=entries, **(facts | more))


def a_diagnosis(status: Status, nights: int = 0) -> Diagnosis:
    standing = Standing(status, START, Status.THIN if nights else None, START if nights else None, nights)
    return Diagnosis(status, START, 40, 0.8, (), standing)
