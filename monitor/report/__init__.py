"""One night's findings as a page, a mail, JSON, an archive and an alert feed, in the reader's language."""

from __future__ import annotations

from monitor.report.render import Alert, alerts, archive, as_json, letter, page, status
from monitor.report.words import Words, reason_text

__all__ = ["Alert", "Words", "alerts", "archive", "as_json", "letter", "page", "reason_text", "status"]
