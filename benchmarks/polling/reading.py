"""The library reader at work, in its own virtual environment.

Usage: python reading.py DATABASE [ADDRESSES] (with a file of addresses these are added; without, all are updated)
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

WORKERS = 8


def main() -> None:
    """Add feeds, or update them all."""
    reader = import_module("reader").make_reader(sys.argv[1])
    if len(sys.argv) > 2:
        for address in Path(sys.argv[2]).read_text("utf-8").split():
            reader.add_feed(address)
    else:
        reader.update_feeds(workers=WORKERS, scheduled=False)  # all of them, though asked a moment ago
    reader.close()


if __name__ == "__main__":
    main()
