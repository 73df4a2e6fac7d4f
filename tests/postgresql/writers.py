"""One of several processes that write to one store at the same time: ``python -m tests.postgresql.writers``.

It takes the store's URL, its own number and the number of rounds; waits for a line on standard input, so that all begin
together; and prints the sum of what was new to the store.
"""

from __future__ import annotations

import random
import sys

from monitor.model import Reading
from monitor.store import open_store
from tests.store.builders import START, a_post, a_reading

FEEDS = [f"https://debat.example/{number}.rss" for number in range(12)]
ENTRIES = 15
"""Of each feed in a round; most of them are also in the round before."""


def a_round(number: int, order: random.Random) -> list[Reading]:
    """What all writers see of the feeds in one round, each in an order of its own."""
    readings = [
        a_reading(
            *(a_post(f"{url[-7:]}-{entry}", START + entry) for entry in range(number * 5, number * 5 + ENTRIES)),
            night=number, url=url, digest=f"{url} {number}",
        )
        for url in FEEDS
    ]  # fmt: skip
    order.shuffle(readings)
    return readings


def main(url: str, number: int, rounds: int) -> None:
    print("ready", flush=True)
    sys.stdin.readline()
    order = random.Random(number)
    with open_store(url) as store:
        print(sum(sum(store.record_all(a_round(one, order))) for one in range(rounds)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
