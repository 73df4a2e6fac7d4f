"""A sample organisation, plainly fictitious: its config, and its feeds served on loopback."""

from __future__ import annotations

from monitor.demo.server import SAMPLE_BASE, DemoServer, demo_config_text, past_nights

__all__ = ["SAMPLE_BASE", "DemoServer", "demo_config_text", "past_nights"]
