"""WordPress from Debian's package, with MariaDB, seeded and served on loopback until told to stop."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.realworld.processes import free_port, running, wait_for

HERE = Path(__file__).parent
PACKAGE = Path("/usr/share/wordpress")
CONFIG = """<?php
define('DB_NAME', 'blog'); define('DB_USER', 'blog'); define('DB_PASSWORD', 'blog');
define('DB_HOST', 'localhost:{socket}'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('DISABLE_WP_CRON', true); define('WP_HTTP_BLOCK_EXTERNAL', true); define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) {{ define('ABSPATH', __DIR__ . '/'); }}
require_once ABSPATH . 'wp-settings.php';
"""


@dataclass
class WordPress:
    """A blog that runs: its address, what was seeded, and a way to write more comments."""

    url: str
    folder: Path
    seeded: dict[str, Any]

    def comment(self, post: int, count: int, now: int) -> None:
        _seed(self.folder, "comment", post, count, now)


def missing() -> str:
    """What this machine lacks for it; empty where it lacks nothing."""
    needed = [name for name in ("mariadbd", "mariadb-install-db", "mariadb", "php") if shutil.which(name) is None]
    needed += [] if PACKAGE.is_dir() else ["wordpress"]
    return f"{', '.join(needed)} not here: apt install wordpress mariadb-server php-cli php-mysql" if needed else ""


@contextmanager
def wordpress(folder: Path, now: int) -> Iterator[WordPress]:
    """Install, seed and serve; everything is stopped at the end."""
    with ExitStack() as stack:
        socket = _database(folder, stack)
        blog = folder / "wordpress"
        shutil.copytree(PACKAGE, blog, symlinks=False, ignore_dangling_symlinks=True)
        (blog / "wp-config.php").unlink(missing_ok=True)
        (blog / "wp-config.php").write_text(CONFIG.format(socket=socket), encoding="utf-8")
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        seeded = _seed(blog, "install", url, now)
        stack.enter_context(running(["php", "-S", f"127.0.0.1:{port}", "-t", str(blog)], folder / "php.log"))
        wait_for(lambda: urllib.request.urlopen(f"{url}/?feed=rss2", timeout=30).read())
        yield WordPress(url, blog, seeded)


def _database(folder: Path, stack: ExitStack) -> Path:
    data, socket = folder / "mariadb", folder / "db.sock"
    options = [f"--datadir={data}", f"--socket={socket}", "--skip-networking", "--user=root"]
    subprocess.run(
        ["mariadb-install-db", "--no-defaults", f"--datadir={data}", "--user=root",
         "--auth-root-authentication-method=normal"],
        check=True, capture_output=True,
    )  # fmt: skip
    stack.enter_context(running(["mariadbd", "--no-defaults", *options], folder / "mariadb.log"))
    sql = (
        "CREATE DATABASE blog CHARACTER SET utf8mb4; CREATE USER blog@localhost IDENTIFIED BY 'blog'; "
        "GRANT ALL ON blog.* TO blog@localhost;"
    )
    client = ["mariadb", "--no-defaults", f"--socket={socket}", "-uroot", "-e"]
    wait_for(lambda: subprocess.run([*client, "SELECT 1"], check=True, capture_output=True))
    subprocess.run([*client, sql], check=True, capture_output=True)
    return socket


def _seed(folder: Path, *arguments: object) -> Any:
    command = ["php", str(HERE / "wordpress_seed.php"), str(folder), *map(str, arguments)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (ValueError, IndexError):
        raise RuntimeError(f"seeding failed: {done.stdout[-2000:]} {done.stderr[-2000:]}") from None


def etag_of_posts(url: str) -> str:
    """The validator that the posts feed gives now."""
    with urllib.request.urlopen(f"{url}/?feed=rss2", timeout=30) as answer:
        return str(answer.headers.get("ETag", ""))


def says_not_modified(url: str, etag: str) -> bool:
    """True where a conditional GET of the posts feed is answered 304."""
    request = urllib.request.Request(f"{url}/?feed=rss2", headers={"If-None-Match": etag})
    try:
        urllib.request.urlopen(request, timeout=30)
    except urllib.error.HTTPError as error:
        return error.code == 304
    return False
