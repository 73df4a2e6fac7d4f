"""One night's findings as a page, a mail, JSON and an archive, in the reader's language."""

from __future__ import annotations

from monitor.report.data import as_json, status
from monitor.report.reasons import reason_text
from monitor.report.render import archive, letter, page
from monitor.report.words import Words, clean

__all__ = ["Words", "archive", "as_json", "clean", "letter", "page", "reason_text", "status"]
