"""A night written out: its pages and its JSON, a piece at a time, so that ten thousand channels need little memory.

Up to a thousand channels are one page, which is found, searched and printed as a whole. Of more, that page tells of all
in its table and of the first in full; the others follow, worst first, on pages of their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from functools import partial
from typing import IO, Any

from markupsafe import Markup

from monitor import __version__
from monitor.model import Advice, ChannelReport, Night, Organisation, Status
from monitor.report.advice import channel_data, counsel_data, portfolio, views
from monitor.report.data import about, whole
from monitor.report.finding import finding, worst_first
from monitor.report.lines import clean
from monitor.report.notices import notices
from monitor.report.overview import overview
from monitor.report.render import SCRIPT, SCRIPT_HASH, card_of, changed_of, oxygen_then_of, since_of, template
from monitor.report.words import SYMBOLS, Words

ONE_PAGE = 1_000
"""More channels than this are told of on several pages: one of all would be heavier than a browser likes."""
PIECE = 125
"""Channels that are drawn together, and that share a page where there are several."""

Do = Callable[[Callable[["Piece"], "Drawn"], Sequence["Piece"]], Iterable["Drawn"]]
"""Does a task for every piece and gives the results in order, as ``map`` does; elsewhere, perhaps."""
Open = Callable[[str], AbstractContextManager[IO[str]]]
"""Opens the file of that name for writing."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some channels of a night, worst first, and what is needed to draw them."""

    organisation: Organisation
    languages: tuple[str, ...]
    begin: int
    """How many channels come before them."""
    page: int
    """The page that they are on; 0 is the first."""
    reports: tuple[ChannelReport, ...]
    advice: tuple[Advice, ...]
    names: dict[str, str]
    """Of channels that others are to be merged into, by id."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A piece, drawn: HTML by language, JSON in the organisation's."""

    begin: int
    page: int
    rows: dict[str, str]
    articles: dict[str, str]
    unseen: dict[str, str]
    findings: list[str]
    advice: dict[str, str]
    """By channel."""


def page(night: Night, language: str | None = None, others: Mapping[str, str] | None = None) -> str:
    """The night as one self-contained HTML page: nothing is loaded, and no script is needed to read it.

    ``others`` are the same page's files in other languages.
    """
    words = Words.of(night.organisation, language)
    every = pieces(night, [words.language], most=len(night.channels))
    drawn = [draw(one, {words.language: ""}, own="") for one in every]
    return _first(night, words, drawn, others or {})


def write(night: Night, files: Mapping[str, str], opened: Open, do: Do = map) -> list[str]:
    """Write the night's pages and ``report.json``; the names of all files written.

    ``files`` are the first page's by language, the organisation's own first. Steps: 1. pieces are drawn, and what can
    be written of each is written at once; 2. the first page, which tells of all, comes last.
    """
    own = next(iter(files))
    every = pieces(night, list(files))
    names = ["report.json", *files.values()]
    drawn: list[Drawn] = []
    with ExitStack() as open_files:
        told = open_files.enter_context(opened("report.json"))
        told.write(_head(night, own))
        advice: dict[str, str] = {}
        for one in do(partial(draw, files=files, own=own), every):
            told.write((",\n" if one.begin else "") + ",\n".join(one.findings))
            advice |= one.advice
            if one.page:
                names += _write_part(night, files, one, every[-1].page, opened)
            # What is written is let go: the rows alone are told of on the first page too.
            drawn.append(one if not one.page else Drawn(one.begin, one.page, one.rows, {}, one.unseen, [], {}))
        told.write(_tail(night, own, advice))
    for language, file in files.items():
        others = {other: name for other, name in files.items() if other != language}
        with opened(file) as first:
            first.write(_first(night, Words.of(night.organisation, language), drawn, others))
    return names


def pieces(night: Night, languages: Sequence[str], most: int | None = None) -> list[Piece]:
    """The night's channels, worst first, in pieces; all are on the first page where they are no more than ``most``."""
    reports = worst_first(night)
    advice = {one.channel: one for one in (() if night.counsel is None else night.counsel.channels)}
    names = {report.channel.id: clean(report.channel.name, 100) for report in reports}
    alone = len(reports) <= (ONE_PAGE if most is None else most)
    return [
        _piece(night, languages, begin, 0 if alone else begin // PIECE, reports[begin : begin + PIECE], advice, names)
        for begin in range(0, len(reports), PIECE)
    ]


def _piece(
    night: Night, languages: Sequence[str], begin: int, page: int, reports: Sequence[ChannelReport],
    advice: Mapping[str, Advice], names: Mapping[str, str],
) -> Piece:  # fmt: skip
    mine = tuple(advice[one.channel.id] for one in reports if one.channel.id in advice)
    into = {one.into: names.get(one.into, "") for one in mine if one.into}
    return Piece(night.organisation, tuple(languages), begin, page, tuple(reports), mine, into)


def draw(piece: Piece, files: Mapping[str, str], own: str) -> Drawn:
    """Draw a piece in every language of ``files``, and tell of it in the JSON in the organisation's ``own``."""
    drawn = Drawn(piece.begin, piece.page, {}, {}, {}, [], {})
    for language in piece.languages:
        words = Words.of(piece.organisation, language)
        advice = views(piece.advice, piece.names, words)
        cards = [card_of(one, words, advice.get(one.channel.id)) for one in piece.reports]
        at = part_name(files[language], piece.page) if piece.page else ""
        drawn.rows[language] = template("rows.html", words).render(cards=cards, at=at, begin=piece.begin)
        drawn.articles[language] = template("cards.html", words).render(cards=cards)
        unseen = [(card, feed) for card in cards for feed in card.feeds if not feed.well or feed.at_least]
        drawn.unseen[language] = template("unseen.html", words).render(unseen=unseen, at=at) if unseen else ""
        if language == own:
            drawn.findings.extend(_line(whole(one, words, advice.get(one.channel.id))) for one in piece.reports)
            drawn.advice.update((one.channel, _line(channel_data(one, words))) for one in piece.advice)
    return drawn


def part_name(file: str, number: int) -> str:
    """The file of a further page: index-2.html."""
    return f"{file.removesuffix('.html')}-{number + 1}.html"


def _first(night: Night, words: Words, drawn: Sequence[Drawn], others: Mapping[str, str]) -> str:
    """The first page, which tells of all channels."""
    reports = worst_first(night)
    several = any(one.page for one in drawn)
    language = words.language
    return template("page.html", words).render(
        organisation=clean(night.organisation.name),
        finding=finding(night, words),
        rows=_joined(one.rows[language] for one in drawn),
        articles=_joined(one.articles[language] for one in drawn if not one.page),
        unseen=_joined(one.unseen[language] for one in drawn),
        counts=[(words.status(s), SYMBOLS[s], s, sum(one.diagnosis.status is s for one in reports)) for s in Status],
        oxygen=night.oxygen,
        oxygen_then=oxygen_then_of(night),
        map=None if several else overview(reports, words),  # ten thousand dots are a blot
        notices=notices(night.notices, words),
        since=since_of(night.changes, words),
        changed=changed_of(reports, night.changes, words),
        counsel=portfolio(night.counsel, words),
        others=others,
        when=words.clock(night.now),
        version=__version__,
        script=Markup(SCRIPT),
        script_hash=SCRIPT_HASH,
    )


def _joined(parts: Iterable[str]) -> Markup:
    return Markup("".join(parts))


def _write_part(night: Night, files: Mapping[str, str], one: Drawn, last: int, opened: Open) -> Iterator[str]:
    """Write a further page in every language; the files' names."""
    for language, file in files.items():
        words = Words.of(night.organisation, language)
        name, count = part_name(file, one.page), len(one.findings)
        title = words.gettext(
            "Channels %(first)s to %(last)s of %(all)s, worst first", first=words.number(one.begin + 1),
            last=words.number(one.begin + count), all=words.number(len(night.channels)),
        )  # fmt: skip
        before = part_name(file, one.page - 1) if one.page > 1 else file
        with opened(name) as part:
            part.write(
                template("part.html", words).render(
                    organisation=clean(night.organisation.name),
                    title=title,
                    first=file,
                    before=before,
                    after=part_name(file, one.page + 1) if one.page < last else "",
                    when=words.clock(night.now),
                    articles=Markup(one.articles[language]),
                    version=__version__,
                )
            )
        yield name


def _head(night: Night, language: str) -> str:
    """The beginning of ``report.json``, up to its first channel; what is known only at the end comes after the last."""
    head = about(night, Words.of(night.organisation, language))
    return "{\n" + "".join(f'  "{name}": {_line(value)},\n' for name, value in head.items()) + '  "channels": [\n'


def _tail(night: Night, language: str, advice: Mapping[str, str]) -> str:
    counsel = night.counsel
    if counsel is None:
        return '\n  ],\n  "advice": null\n}\n'
    told = counsel_data(counsel, Words.of(night.organisation, language))
    lines = "".join(f'    "{name}": {_line(value)},\n' for name, value in told.items())
    return (
        '\n  ],\n  "advice": {\n'
        + lines
        + '    "channels": [\n'
        + ",\n".join(advice[one.channel] for one in counsel.channels if one.channel in advice)
        + "\n    ]\n  }\n}\n"
    )


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
