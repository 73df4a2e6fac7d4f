"""Real publishers, seeded with a known history, counted by Oximeter: a table of both, exit code 1 where they differ."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.realworld import isso, wordpress

ROOT = Path(__file__).parents[2]
DAY = 86_400


class Office:
    """A config in a folder of its own, and the commands as a person types them."""

    def __init__(self, folder: Path) -> None:
        self.config = folder / "config" / "channels.toml"

    def oximeter(self, *arguments: str, now: int) -> str:
        command = [sys.executable, "-m", "monitor", *arguments, "--config", str(self.config)]
        command += ["--now", datetime.fromtimestamp(now, UTC).isoformat()]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def totals(self, now: int) -> tuple[int, int]:
        """Posts and replies known of the first channel."""
        found: dict[str, Any] = json.loads(self.oximeter("status", "--json", now=now))["channels"][0]
        return found["total_posts"], found["total_replies"]


Line = tuple[str, object, object]
"""What was looked at, what it is, what Oximeter says."""


def try_wordpress(folder: Path, now: int) -> list[Line]:
    """Add, walk back, run; then comments within and beyond the comment feed's window, and the next night."""
    office, lines = Office(folder), []
    with wordpress.wordpress(folder, now) as blog:
        print(office.oximeter("add", blog.url, "--yes", "--id", "blog", now=now))
        print(office.oximeter("backfill", now=now))
        office.oximeter("run", now=now)
        posts, replies = blog.seeded["posts"], blog.seeded["replies"]
        lines.append(("WordPress: posts, replies on day one", (posts, replies), office.totals(now)))
        etag = wordpress.etag_of_posts(blog.url)
        blog.comment(blog.seeded["last"], 3, now + 3600)
        blog.comment(blog.seeded["last"] - 5, 12, now + 7200)
        lines.append(("WordPress: the posts feed says 304", True, wordpress.says_not_modified(blog.url, etag)))
        office.oximeter("run", now=now + DAY)
        lines.append(("WordPress: the night after", (posts, replies + 15), office.totals(now + DAY)))
    return lines


def try_isso(folder: Path, now: int) -> list[Line]:
    """The comments of two pages, answers to answers included; one more the next night."""
    office = Office(folder)
    with isso.isso(folder) as comments:
        office.config.parent.mkdir(parents=True, exist_ok=True)
        office.config.write_text(
            f'[organisation]\nname = "Eksempel"\n[[channel]]\nid = "c"\nfeeds = {json.dumps(comments.feeds)}\n',
            encoding="utf-8",
        )
        office.oximeter("run", now=now)
        written = sum(isso.PAGES.values())
        now = (
            int(time.time()) + 60
        )  # it dates comments by the machine's clock, and what is in the future is not counted
        lines: list[Line] = [("Isso: posts, replies on day one", (0, written), office.totals(now))]
        comments.comment("/nyt/", "Et ord til")
        office.oximeter("run", now=now + DAY)
        lines.append(("Isso: the night after", (0, written + 1), office.totals(now + DAY)))
    return lines


def main() -> int:
    now = int(time.time())
    lines: list[Line] = []
    for name, trial in (("wordpress", try_wordpress), ("isso", try_isso)):
        lacking = wordpress.missing() if name == "wordpress" else ""
        if lacking:
            print(f"{name}: not tried, {lacking}")
            continue
        with tempfile.TemporaryDirectory(prefix=f"oximeter-{name}-") as folder:
            lines += trial(Path(folder), now)
    for what, written, counted in lines:
        print(f"{'ok ' if written == counted else 'BAD'} {what:42} written {written!s:16} counted {counted}")
    return 0 if lines and all(written == counted for _, written, counted in lines) else 1


if __name__ == "__main__":
    sys.exit(main())
