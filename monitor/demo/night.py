"""The sample organisation's nights: the real job, over loopback, past nights first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from monitor import alone, jobs, polling
from monitor.config import Config, load
from monitor.demo.server import SAMPLE_BASE, DemoServer, demo_config_text, past_nights
from monitor.errors import ConfigError, StoreError
from monitor.files import write_whole
from monitor.lock import locked
from monitor.store import open_store

CONFIG = Path("config/demo.toml")
REPORTED = 7
"""So many of the past nights get a page of their own."""


def demo(path: Path | None, now: int, watch: Callable[[int, int], None] | None = None) -> tuple[Config, jobs.Result]:
    """Run the past nights and then tonight's job (Unix seconds) on the sample organisation.

    ``path`` is the config, by default ``config/demo.toml`` below the current folder, written there where missing.
    ``watch`` is told the nights done, and all. Steps: 1. serve the sample at ``now``; 2. start its store afresh, for
    its history is made anew from ``now``; 3. poll and judge the past nights; 4. run tonight's job as it is.

    Raises ConfigError where the config is not the sample organisation's, OximeterError as ``jobs.run`` does.
    """
    config = _sample(path, now)
    with _server(now) as server:
        config = _pointed(config, server.base_url)
        _start_afresh(config)
        nights = past_nights(now)
        for done, night in enumerate(nights):
            server.as_of = night
            with alone.at_work(config) as store:
                polling.poll_feeds(config, store, night)
                findings = jobs.judge_night(config, store, night)
                if done >= len(nights) - REPORTED:
                    jobs.write_report(config, store, findings)
            if watch is not None:
                watch(done + 1, len(nights) + 1)
        server.as_of = now
        return config, jobs.run(config, now)


def _sample(path: Path | None, now: int) -> Config:
    """The sample organisation's config. Raises ConfigError for any other: its store would be started afresh."""
    if path is None and not CONFIG.exists():
        write_whole(CONFIG, demo_config_text(SAMPLE_BASE, now))
    config = load(path or CONFIG)
    for channel in config.channels:
        for url in channel.feeds:
            if not url.startswith(SAMPLE_BASE + "/"):
                raise ConfigError(
                    [f"{config.path}: {channel.id}: {url} is not one of the sample's feeds at {SAMPLE_BASE}; "
                     "the demo runs on the sample organisation alone, use oximeter run"]
                )  # fmt: skip
    return config


def _server(now: int) -> DemoServer:
    """The sample's server, at its usual port where that is free."""
    try:
        return DemoServer(now, port=urlsplit(SAMPLE_BASE).port or 0)
    except OSError:
        return DemoServer(now)


def _pointed(config: Config, base: str) -> Config:
    """The config with its feeds where they are served."""
    channels = (
        replace(channel, feeds=tuple(base + url.removeprefix(SAMPLE_BASE) for url in channel.feeds))
        for channel in config.channels
    )
    return replace(config, channels=tuple(channels))


def _start_afresh(config: Config) -> None:
    """Forget the store and the letters of an earlier demo, having looked that they are the demo's."""
    prefix = "sqlite:///"
    if not config.store_url.startswith(prefix):
        raise ConfigError([f"{config.path}: store.url: the demo needs an SQLite file of its own"])
    path = Path(config.store_url.removeprefix(prefix))
    with locked(alone.lock_path(config)):
        if path.exists():
            with open_store(config.store_url) as store:
                others = [url for url in store.addresses() if not url.startswith("http://127.0.0.1:")]
            if others:
                raise StoreError(f"The store {path} holds more than the sample ({others[0]}); the demo leaves it be.")
            for part in ("", "-wal", "-shm"):
                path.with_name(path.name + part).unlink(missing_ok=True)
            for backup in path.parent.glob(f"{path.name}.backup-*"):
                backup.unlink(missing_ok=True)
    for reader in config.readers:
        for letter in (config.folder / "outbox").glob(f"*-{reader.address}*.eml"):
            letter.unlink(missing_ok=True)
