"""Why a feed could not be read, or how it was: the poll room's English sentence, said in the reader's language.

A reading's reason is kept as the sentence that the log and the command line show. Here it is recognised again, its
figures taken out, and the sentence said anew with them. Every template is a whole sentence: halves that fit together
in English do not in other languages.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache

from monitor.report.sentences import N_
from monitor.report.words import Words

TEMPLATES = (
    # Read, or nothing to read.
    N_("read %(count)s entries"),
    N_("read %(count)s of %(there)s entries: the others are empty, broken, or more than a feed may have"),
    N_("unchanged since it was last read"),
    N_("the same as when it was last read"),
    N_("moved for good to %(address)s"),
    # Not asked.
    N_("not asked: %(address)s was gone for good (HTTP 410); it is looked at again once a week"),
    N_("not asked: %(address)s is on a server that wants no questions until %(moment)s"),
    N_("not asked: %(address)s is on a server that took no connection; it is asked again tomorrow night"),
    N_("not asked: the night's time was up before the turn of %(address)s; it is among the first tomorrow night"),
    N_("%(address)s was not asked: %(cause)s"),
    N_("%(address)s was not read: the worker broke (%(cause)s)"),
    N_("the work could not be handed out: %(cause)s"),
    # Addresses that we do not fetch.
    N_("%(address)s is not an address we fetch: expected http:// or https:// and a host"),
    N_("%(address)s leads to %(ip)s, a private address: only the feed's own host may do that"),
    N_("%(address)s redirects to where we do not go: %(cause)s"),
    N_("%(address)s redirects more than %(count)s times: expected a feed at the end"),
    # No answer.
    N_("%(address)s was not done after %(seconds)s seconds; it is asked again tomorrow night"),
    N_("%(address)s has no certificate we can trust (%(cause)s)"),
    N_("%(address)s took no connection within %(seconds)s seconds"),
    N_("%(address)s said nothing for %(seconds)s seconds; it is asked again tomorrow night"),
    N_("%(address)s: the name %(name)s is unknown; is the address spelled right?"),
    N_("%(address)s: the name service gave no answer; it is asked again tomorrow night"),
    N_("%(address)s could not be reached (%(cause)s); it is asked again tomorrow night"),
    N_("%(address)s broke off the connection; it is asked again tomorrow night"),
    N_("%(address)s broke off before its end; it is asked again tomorrow night"),
    N_("%(address)s gave something that is not HTTP: expected a web server's answer"),
    N_("%(address)s sent longer headers than we read: expected those of a web server"),
    N_("%(address)s could not be read (%(cause)s)"),
    # An answer that says no.
    N_("HTTP 304 from %(address)s though nothing was kept from it"),
    N_("HTTP %(status)s from %(address)s: it asks for a password; the feed must be open, or the address carry the key"),
    N_("HTTP %(status)s from %(address)s: the server refuses us; ask its owner to let Oximeter in"),
    N_("HTTP %(status)s from %(address)s: there is nothing at this address; has the feed moved?"),
    N_(
        "HTTP %(status)s from %(address)s: the feed is gone for good; find its new address or retire the channel's feed"
    ),
    N_("HTTP %(status)s from %(address)s: the server asks us to slow down"),
    N_("HTTP %(status)s from %(address)s: the server asks us to slow down, and to wait until %(moment)s"),
    N_("HTTP %(status)s from %(address)s: the server failed; it is asked again tomorrow night"),
    N_("HTTP %(status)s from %(address)s: expected 200 and a feed"),
    N_("HTTP %(status)s: expected 200"),
    # A body that is no feed.
    N_("%(address)s is encoded as %(encoding)s: expected gzip, deflate or none"),
    N_("%(address)s is larger than %(bytes)s bytes: too much for a feed"),
    N_("%(address)s has a broken compressed body: %(cause)s"),
    N_("%(address)s broke off in the middle of its compressed body"),
    N_("%(address)s was not understood within %(seconds)s seconds of work: a feed takes less"),
    N_("%(address)s takes more memory to read than a feed may"),
    N_("%(address)s gave an empty page: expected a feed"),
    N_("%(address)s gave nothing but blanks: expected a feed; is there anything at this address in a browser?"),
    N_("%(address)s gave a PDF document: give the address of a feed (RSS, Atom or JSON Feed)"),
    N_("%(address)s gave a picture: give the address of a feed (RSS, Atom or JSON Feed)"),
    N_("%(address)s gave sound or film: give the address of a feed (RSS, Atom or JSON Feed)"),
    N_("%(address)s gave a gzip file: give the address of the feed that is not packed"),
    N_("%(address)s gave an archive of files: give the address of a feed (RSS, Atom or JSON Feed)"),
    N_("%(address)s gave a login page: the feed must be open, or the address carry the key"),
    N_("%(address)s gave an HTML page, which links to the feed %(name)s: list that address instead"),
    N_("%(address)s gave an HTML page that links to no feed: expected RSS, Atom or JSON Feed"),
    N_("%(address)s gave broken JSON (%(cause)s): expected RSS, Atom or JSON Feed"),
    N_("%(address)s gave JSON that is no JSON Feed: expected RSS, Atom or JSON Feed"),
    N_("%(address)s gave an error message in place of a feed: %(cause)s"),
    N_("%(address)s gave broken XML without any entries (%(cause)s): tell the owner of the feed"),
    N_("%(address)s gave XML that is no feed (its root is %(name)s): expected RSS, Atom or JSON Feed"),
    N_('%(address)s gave plain text ("%(cause)s"): expected RSS, Atom or JSON Feed'),
    N_("%(address)s gave OPML, a list of feeds and not a feed: take it in with `oximeter import`"),
    N_("%(address)s gave something else (no content type): expected RSS, Atom or JSON Feed"),
    N_("%(address)s gave something else (%(type)s): expected RSS, Atom or JSON Feed"),
    N_("%(address)s could not be read as a feed: %(cause)s"),
    # Read, and not kept.
    N_("%(address)s could not be stored: %(cause)s"),
)
"""Every reason that the poll room gives, or the night where a reading is not taken by the store, as a format."""

FIGURE = re.compile(r"%\((\w+)\)s")
NUMBERS = ("count", "there", "seconds", "bytes")
ONE_WORD = (*NUMBERS, "status", "ip")
LONGEST = 2_000
"""A longer text is none of ours: an address is shown with 500 characters at most, a cause with less."""


def trouble(reason: str, words: Words) -> str:
    """The reason of a reading in the reader's language, its figures written as the reader writes them.

    Technical details (a library's or a server's own words) stay as they are. A sentence that is not recognised, or
    that the language has no other words for, is returned as it is.
    """
    found = recognised(reason)
    if found is None:
        return reason
    template, figures = found
    if words.catalogue.gettext(template) == template:
        return reason
    return words.gettext(template, **{name: _said(name, text, words) for name, text in figures.items()})


def recognised(reason: str) -> tuple[str, dict[str, str]] | None:
    """The template that a sentence was made from, and its figures as they were written; None where there is none."""
    if len(reason) > LONGEST:
        return None
    for template, form in _forms():
        found = form.fullmatch(reason)
        if found is not None:
            return template, found.groupdict()
    return None


@cache
def _forms() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Templates and their patterns, the most telling first.

    Addresses and causes are anybody's text, and may hold words of another template. A template that says how the
    sentence ends is harder to imitate than one that ends in such text; among these, the one with more words of its own.
    """
    ordered = sorted(TEMPLATES, key=lambda one: (one.endswith(")s"), -len(FIGURE.sub("", one))))
    return tuple((template, _pattern(template)) for template in ordered)


def _pattern(template: str) -> re.Pattern[str]:
    """The template turned round. All repeats are bounded and none is within another, so no text takes it long."""
    literal_and_name = FIGURE.split(template)
    for place, part in enumerate(literal_and_name):
        literal_and_name[place] = _group(part) if place % 2 else re.escape(part)
    return re.compile("".join(literal_and_name), re.DOTALL)


def _group(name: str) -> str:
    return rf"(?P<{name}>\S{{1,60}})" if name in ONE_WORD else rf"(?P<{name}>.{{0,1000}}?)"


def _said(name: str, text: str, words: Words) -> str:
    if name in NUMBERS:
        return _number(text, words)
    return _moment(text, words) if name == "moment" else text


def _number(text: str, words: Words) -> str:
    """A plain number as the reader writes it. One that would lose decimals, or is none, stays as it is."""
    plain = text.replace(",", "")
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", plain):
        return text
    value = float(plain)
    return words.number(value) if Words().number(value).replace(",", "") == plain else text


def _moment(text: str, words: Words) -> str:
    """A moment in UTC as day and hour of the reader's own zone."""
    try:
        moment = datetime.strptime(text, "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
        return words.clock(int(moment.timestamp()))
    except (ValueError, OverflowError, OSError):
        return text
