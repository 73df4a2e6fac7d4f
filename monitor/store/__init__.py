"""What we have seen: channels, feeds, entries, verdicts and deliveries."""

from __future__ import annotations

from monitor.store.store import Store, open_store

__all__ = ["Store", "open_store"]
