"""The pages, archives and mails that the tests look at, as files."""

from __future__ import annotations

from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

from monitor import report
from monitor.deliver.mail import compose
from monitor.model import Letter, Night, Status
from monitor.oxygen import advise
from tests.browser import mails
from tests.report.builders import NOW, channel, full, night

LANGUAGES = ("en", "da")
NIGHT = "2026-01-01"
LONG = "Speciallægepraksisplanlægningsstabiliseringsperiodeforummet"
"""A word that no line of a phone has room for."""


def varied(language: str) -> Night:
    """Every verdict, a name that is hard to break, and what is easily sorted wrongly: 8 and 100, å after z."""
    found = full(language)
    channels = (
        *found.channels,
        channel("lang", Status.BREATHING, LONG, oxygen=100, owner=LONG, hours_per_week=3),
        channel("aarets", Status.THIN, "Årets gang", oxygen=8, hours_per_week=12),
    )
    # One with the two years that a chart shows will do: axe looks at every row of every table, which takes its time.
    channels = (channels[0], *(replace(one, weeks=one.weeks[-26:]) for one in channels[1:]))
    return replace(found, channels=channels, counsel=advise(channels))


def crowd(count: int = 1000) -> Night:
    """An organisation with very many channels, whose names are in no order."""
    statuses = list(Status)
    return night(
        *(
            channel(f"c{n}", statuses[n % len(statuses)], f"Channel {n * 7919 % count}", oxygen=n * 31 % 101)
            for n in range(count)
        )
    )


def write(root: Path) -> dict[str, Path]:
    """Write the files below ``root``, laid out as the nightly job does.

    They are found by name: ``page-en``, ``archive-da``, ``mail-en`` as a mail program shows it, and ``bare-en``, the
    page of an organisation without channels.
    """
    written = {}
    for language in LANGUAGES:
        found = varied(language)
        folder = root / language / "reports"
        texts = {
            "page": (f"{NIGHT}/index.html", report.page(found)),
            "bare": ("bare/index.html", report.page(night(language=language))),
            "archive": ("index.html", report.archive([(NIGHT, 2, 6), ("2025-12-31", 1, 6)], found.organisation)),
            "mail": ("mail.html", mails.as_shown(_mail(report.letter(found, f"/srv/reports/{NIGHT}/index.html")))),
        }
        for name, (place, text) in texts.items():
            path = written[f"{name}-{language}"] = folder / place
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return written


def _mail(letter: Letter) -> EmailMessage:
    return compose(letter, "oximeter@eksempel.example", "chef@eksempel.example", "night@eksempel.example", NOW)
