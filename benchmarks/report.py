"""How long a night's page and mail take to write, by the number of channels: ``make bench-report``."""

from __future__ import annotations

import time
from dataclasses import replace

from monitor import report
from monitor.model import Status
from monitor.oxygen import advise
from tests.report.builders import channel, night

SIZES = (10, 100, 1000)


def main() -> None:
    """Print a line for each size: seconds for advice, page and mail, the page's size, and the cost a channel."""
    statuses = list(Status)
    print("| channels | advice s | page s | mail s | page MB | page, times that of ten channels |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    first = 0.0
    for size in SIZES:
        found = night(*(channel(f"c{n}", statuses[n % len(statuses)], oxygen=n * 31 % 101) for n in range(size)))
        begin = time.perf_counter()
        found = replace(found, counsel=advise(found.channels))
        advised = time.perf_counter()
        page = report.page(found)
        paged = time.perf_counter()
        report.letter(found, "/srv/reports/2026-01-01/index.html")
        ended = time.perf_counter()
        first = first or paged - advised
        print(
            f"| {size} | {advised - begin:.3f} | {paged - advised:.2f} | {ended - paged:.2f} | {len(page) / 1e6:.2f} "
            f"| {(paged - advised) / first:.1f} |"
        )


if __name__ == "__main__":
    main()
