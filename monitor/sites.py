"""Channels of which the config names only the site: their feeds are discovered, and remembered in the store."""

from __future__ import annotations

import time as clock
from dataclasses import replace

from monitor.config import Config
from monitor.model import Channel
from monitor.store import Store


def with_feeds(config: Config, store: Store) -> Config:
    """The config with the feeds that were discovered, for channels that list none."""
    known = store.discovered()
    channels = tuple(_with(channel, known.get((channel.id, channel.site or ""))) for channel in config.channels)
    return replace(config, channels=channels)


def _with(channel: Channel, found: tuple[str, ...] | None) -> Channel:
    return replace(channel, feeds=found) if channel.unlisted and found else channel


def find_feeds(config: Config, store: Store, now: int, seconds: float = float("inf")) -> Config:
    """Discover the feeds of channels that list none and are not yet known; the config with all that are.

    A site that leads to no feed is tried again on the next night; until then it is asked at its own address, and the
    report says what was found there instead of a feed. After ``seconds`` no more sites are looked at tonight.
    """
    known, ends = store.discovered(), clock.monotonic() + seconds
    for channel in config.channels:
        if channel.unlisted and channel.site and (channel.id, channel.site) not in known:
            if clock.monotonic() > ends:
                break
            from monitor.poll.discover import discover  # hardly ever needed: what is found is remembered

            found = discover(channel.site, now)
            if found.feeds:
                store.save_discovered(channel.id, channel.site, tuple(feed.address for feed in found.feeds), now)
    return with_feeds(config, store)
