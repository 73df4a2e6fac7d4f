"""robots.txt, for the addresses that nobody gave us: guesses at a site's feeds, and walks back through its history.

A feed in the config is asked whatever robots.txt says, since its owner listed it, and so is the reply feed that a post
names for feed readers.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urljoin

import requests
from protego import Protego

from monitor import __version__
from monitor.model import FeedState
from monitor.poll.fetch import fetch
from monitor.poll.guard import Limits, host_key

NAME = "Oximeter"
LIMITS = Limits(body_bytes=500_000, total_seconds=10.0)
"""RFC 9309 has robots read 500 kB of it at least."""
LONGEST_DELAY = 10.0


@dataclass
class Robots:
    """What each host's robots.txt allows; every one is asked for once."""

    session: requests.Session = field(repr=False)
    now: int = 0
    _known: dict[str, Protego | None] = field(default_factory=dict)

    def allows(self, address: str, configured: str) -> bool:
        """True where a robot may ask for the address; ``configured`` is what the owner gave, for the guard.

        A robots.txt that is not there, or cannot be read, forbids nothing (RFC 9309, 2.3.1.3; for one that fails we
        are kinder to ourselves than 2.3.1.4, as the owner asked for this site).
        """
        rules = self._rules(address, configured)
        return rules is None or bool(rules.can_fetch(address, f"{NAME}/{__version__}"))

    def delay(self, address: str, configured: str) -> float:
        """Seconds between two questions that the host asks for, ten at most."""
        rules = self._rules(address, configured)
        asked = None if rules is None else rules.crawl_delay(NAME)
        return min(max(asked or 0.0, 0.0), LONGEST_DELAY)

    def _rules(self, address: str, configured: str) -> Protego | None:
        host = host_key(address)
        if host not in self._known:
            self._known[host] = self._ask(address, configured)
        return self._known[host]

    def _ask(self, address: str, configured: str) -> Protego | None:
        try:
            place = urljoin(address, "/robots.txt")
            page = fetch(self.session, FeedState("", configured, place), self.now, LIMITS)
            return Protego.parse(page.body.decode("utf-8", "replace")) if page.ok else None
        except Exception:  # the file is anybody's
            return None
