"""What we have seen: channels, feeds, entries, verdicts and deliveries."""

from __future__ import annotations

from monitor.store.store import Store, check_store, open_store

__all__ = ["Store", "check_store", "open_store"]
