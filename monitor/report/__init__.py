"""One night's findings as a page, a mail, JSON and an archive, in the reader's language."""

from __future__ import annotations

from monitor.report.advice import as_data as advice_data
from monitor.report.advice import as_text as advice_text
from monitor.report.advice import opening, opening_data
from monitor.report.changes import alerts_title, change_text, change_title
from monitor.report.data import as_json, status
from monitor.report.reasons import reason_text
from monitor.report.render import archive, letter, page
from monitor.report.schema import schema
from monitor.report.words import Words, clean, without_password

__all__ = [
    "Words",
    "advice_data",
    "advice_text",
    "alerts_title",
    "archive",
    "as_json",
    "change_text",
    "change_title",
    "clean",
    "letter",
    "opening",
    "opening_data",
    "page",
    "reason_text",
    "schema",
    "status",
    "without_password",
]
