"""The languages we speak."""

from __future__ import annotations

from pathlib import Path

LOCALE_FOLDER = Path(__file__).parent / "locale"
LANGUAGES = tuple(sorted({"en", *(path.parents[1].name for path in LOCALE_FOLDER.glob("*/LC_MESSAGES/messages.mo"))}))
"""English, and every language that has a catalogue."""
