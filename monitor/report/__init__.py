"""One night's findings as a page, a mail, JSON and an archive, in the reader's language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor import lazily

if TYPE_CHECKING:
    from monitor.report.advice import as_data as advice_data
    from monitor.report.advice import as_text as advice_text
    from monitor.report.advice import opening, opening_data
    from monitor.report.changes import alerts_title, change_text, change_title
    from monitor.report.data import as_json, status
    from monitor.report.lines import clean, without_password
    from monitor.report.pages import page, write
    from monitor.report.reasons import reason_text
    from monitor.report.render import archive, letter
    from monitor.report.words import Words

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
    "status",
    "without_password",
    "write",
]

__getattr__ = lazily.names(
    __name__,
    {
        "Words": "words",
        "advice_data": "advice:as_data",
        "advice_text": "advice:as_text",
        "alerts_title": "changes",
        "archive": "render",
        "as_json": "data",
        "change_text": "changes",
        "change_title": "changes",
        "clean": "lines",
        "letter": "render",
        "opening": "advice",
        "opening_data": "advice",
        "page": "pages",
        "reason_text": "reasons",
        "status": "data",
        "without_password": "lines",
        "write": "pages",
    },
)
