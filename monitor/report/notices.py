"""What went wrong with Oximeter itself, in the reader's language: a whole sentence each, of untrusted words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from functools import cache

from monitor.model import Notice, Trouble
from monitor.report.lines import clean, without_password
from monitor.report.sentences import N_
from monitor.report.words import Words

LONGEST = 700
"""Characters of a sentence."""

MAIL_TROUBLES = (
    N_("The mail server %(server)s refused the recipient %(who)s: %(answer)s."),
    N_("The mail server %(server)s refused: %(answer)s."),
    N_("The mail server %(server)s refused %(who)s."),
    N_("The mail server %(server)s was not done within %(seconds)s seconds."),
    N_("The mail server %(server)s did not answer within %(seconds)s seconds."),
    N_("The mail server %(server)s offers no STARTTLS, so nothing was sent; set security to tls, or to none."),
    N_("The mail server %(server)s did not accept the user %(user)s or the password (%(code)s)."),
    N_("The mail server %(server)s answered with a line too long to be an answer; is it a mail server?"),
    N_("The mail server %(server)s has a certificate that is not to be trusted: %(cause)s."),
    N_("The mail server %(server)s does not speak TLS as expected; check port and security (%(cause)s)."),
    N_(
        "The mail server %(server)s cannot take a letter outside ASCII in the user, the password or an address."
    ),
    N_("The mail server %(server)s could not be used: %(cause)s."),
)  # fmt: skip
"""What the deliver room says of a mail that was not taken, as formats of its figures; the richest first."""
FIGURE = re.compile(r"%\((\w+)\)s")


def notices(given: Iterable[Notice], words: Words) -> list[str]:
    """Each notice as a sentence, none twice."""
    return list(dict.fromkeys(notice_text(one, words) for one in given))


def notice_text(notice: Notice, words: Words) -> str:
    """One notice as a sentence."""
    say = {
        Trouble.MAIL: _mail,
        Trouble.MAIL_GIVEN_UP: _given_up,
        Trouble.STORE_RESTORED: _restored,
        Trouble.CLOCK_WENT_BACK: _clock,
        Trouble.NIGHT_TOO_SHORT: _too_short,
    }[notice.trouble]
    return clean(say(notice, words), LONGEST)


def _mail(notice: Notice, words: Words) -> str:
    told = _letter(notice, words)
    if told["to"] and told["error"]:
        return words.gettext("The mail of %(night)s to %(to)s was refused: %(error)s.", **told)
    if told["to"]:
        return words.gettext(
            "The run of %(night)s ended before it was known whether the mail to %(to)s was sent, "
            "so it is sent once more.",
            **told,
        )
    if told["error"]:
        return words.gettext("What a chat room was to be told on %(night)s was refused: %(error)s.", **told)
    return words.gettext(
        "The run of %(night)s ended before it was known whether a chat room was told, so it is told once more.", **told
    )


def _given_up(notice: Notice, words: Words) -> str:
    told = _letter(notice, words)
    if told["to"] and told["error"]:
        return words.gettext(
            "The mail of %(night)s to %(to)s is no longer tried and stays in the outbox, "
            "since it was refused for weeks: %(error)s.",
            **told,
        )
    if told["to"]:
        return words.gettext(
            "The mail of %(night)s to %(to)s is no longer tried and stays in the outbox, "
            "since it could not be sent for weeks.",
            **told,
        )
    return words.gettext(
        "What a chat room was to be told on %(night)s is no longer tried and stays in the outbox, "
        "since the room could not be told for weeks.",
        **told,
    )


def _restored(notice: Notice, words: Words) -> str:
    told = {"aside": clean(str(notice.facts.get("aside", ""))), "backup": _night(notice, "backup", words)}
    if told["backup"] and not told["aside"]:
        return words.gettext(
            "The store was lost: the backup of %(backup)s took its place, so what came between that day and the loss "
            "may be missing.",
            **told,
        )
    if told["backup"]:
        return words.gettext(
            "The store was damaged: the backup of %(backup)s took its place, so what came between that day and the "
            "damage may be missing; the damaged file is kept as %(aside)s.",
            **told,
        )
    if told["aside"]:
        return words.gettext(
            "The store was damaged and is kept as %(aside)s; what Oximeter remembers from before may be missing.",
            **told,
        )
    return words.gettext("The store was lost; what Oximeter remembers from before may be missing.")


def _clock(notice: Notice, words: Words) -> str:
    return words.gettext(
        "The clock says an earlier day than it once did: verdicts are known of nights up to %(latest)s, which is yet "
        "to come; check the machine's clock.",
        latest=_night(notice, "latest", words),
    )


def _too_short(notice: Notice, words: Words) -> str:
    feeds = notice.facts.get("feeds", 0)
    return words.ngettext(
        "The night's time was up before %(num)s feed could be asked; it is among the first tomorrow night.",
        "The night's time was up before %(num)s feeds could be asked; they are among the first tomorrow night.",
        feeds if isinstance(feeds, int | float) else 0,
    )


def _letter(notice: Notice, words: Words) -> dict[str, str]:
    error = clean(without_password(str(notice.facts.get("error", ""))), LONGEST // 2)
    return {
        "to": clean(str(notice.facts.get("to", "")), 100),
        "night": _night(notice, "night", words),
        "error": mail_trouble(error, words).rstrip("."),
    }


def _night(notice: Notice, fact: str, words: Words) -> str:
    """A night's day as the reader writes it; what is no day stays as it is."""
    given = clean(str(notice.facts.get(fact, "")), 40)
    try:
        return words.day(date.fromisoformat(given))
    except ValueError:
        return given


def mail_trouble(error: str, words: Words) -> str:
    """Why a mail was not taken, in the reader's language; a sentence that is not recognised stays as it is."""
    for template in MAIL_TROUBLES:
        found = _form(template).fullmatch(error)
        if found is not None:
            return words.gettext(template, **found.groupdict())
    return error


@cache
def _form(template: str) -> re.Pattern[str]:
    """The template turned round."""
    parts = FIGURE.split(template)
    return re.compile("".join(f"(?P<{one}>.{{0,400}}?)" if n % 2 else re.escape(one) for n, one in enumerate(parts)))
