"""What else a vital sign knows: how sure its value is, and the figures beside it, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable

from monitor.model import Look, Sign, Vital
from monitor.report.words import WEEKS_A_MONTH, Words, finite

FEWEST_GAPS = 3


def interval(vital: Vital, words: Words) -> str:
    """The value's 90 % interval; empty where there is none."""
    low, high = finite(vital.low), finite(vital.high)
    if low is None or high is None or vital.value is None:
        return ""
    if vital.unit == "share":
        ends = words.percent(low), words.percent(high)
    else:
        monthly = vital.unit == "per_week" and max(vital.value, vital.normal or 0.0) < 1
        scale = WEEKS_A_MONTH if monthly else 1.0
        ends = words.number(round(low * scale, 1)), words.number(round(high * scale, 1))
    return words.gettext("90 %% sure: %(low)s to %(high)s", low=ends[0], high=ends[1])


def details(vital: Vital, words: Words) -> tuple[str, ...]:
    """Short sentences about a sign's further figures, as far as they are known."""
    if vital.value is None:
        return ()
    facts = {name: number for name, fact in vital.facts.items() if (number := finite(fact)) is not None}
    return tuple(DETAILS[vital.sign](facts, words))


def _pulse(facts: dict[str, float], words: Words) -> list[str]:
    if facts.get("gaps", 0.0) < FEWEST_GAPS or not {"gap_days", "long_gap_days"} <= facts.keys():
        return []
    gap, long = words.days(facts["gap_days"]), words.days(facts["long_gap_days"])
    return [
        words.gettext(
            "Usually %(gap)s go by between contributions; one time in ten it is %(long)s or more.", gap=gap, long=long
        )
    ]


def _echo(facts: dict[str, float], words: Words) -> list[str]:
    said = []
    if "replies_per_post" in facts:
        now, normal = facts["replies_per_post"], facts.get("replies_per_post_normal")
        if normal is None:
            said.append(words.gettext("Replies per post: %(now)s.", now=words.number(round(now, 1))))
        else:
            said.append(
                words.gettext(
                    "Replies per post: %(now)s, where %(normal)s is normal.",
                    now=words.number(round(now, 1)),
                    normal=words.number(round(normal, 1)),
                )
            )
    if facts.get("unanswered"):
        said.append(
            words.ngettext(
                "%(num)s post waits for its first reply.",
                "%(num)s posts wait for their first reply.",
                facts["unanswered"],
            )
        )
    return said


def _answer(facts: dict[str, float], words: Words) -> list[str]:
    said = []
    if {"days", "days_90"} <= facts.keys():
        days, most = words.days(facts["days"]), words.days(facts["days_90"])
        said.append(
            words.gettext(
                "Half of the first answers come within %(days)s, and nine in ten within %(most)s.", days=days, most=most
            )
        )
    if facts.get("waiting"):
        said.append(
            words.ngettext(
                "%(num)s thread waits for an answer.", "%(num)s threads wait for an answer.", facts["waiting"]
            )
        )
    return said


def _circle(facts: dict[str, float], words: Words) -> list[str]:
    said = []
    if facts.get("authors") and {"newcomers", "returning"} <= facts.keys():
        said.append(
            words.gettext(
                "New: %(new)s. Returning: %(returning)s.",
                new=words.number(facts["newcomers"]),
                returning=words.number(facts["returning"]),
            )
        )
    if facts.get("authors", 0.0) > 1 and {"share", "share_low", "share_high", "effective"} <= facts.keys():
        said.append(
            words.gettext(
                "The most diligent writes %(share)s (90 %% sure: %(low)s to %(high)s); "
                "it is as if %(alike)s people wrote equally much.",
                share=words.percent(facts["share"]),
                low=words.percent(facts["share_low"]),
                high=words.percent(facts["share_high"]),
                alike=words.number(round(facts["effective"], 1)),
            )
        )
    if "staff_share" in facts:
        said.append(
            words.gettext(
                "The organisation's own part of the talk: %(share)s.", share=words.percent(facts["staff_share"])
            )
        )
    return said


def _investment(facts: dict[str, float], words: Words) -> list[str]:
    if not facts.get("threads_owed") or "minutes" not in facts:
        return []
    threads, minutes = words.number(round(facts["threads_owed"], 1)), words.number(facts["minutes"])
    return [
        words.gettext(
            "Threads to answer a week: %(threads)s, reckoned at %(minutes)s minutes each.",
            threads=threads,
            minutes=minutes,
        )
    ]


DETAILS: dict[Sign, Callable[[dict[str, float], Words], list[str]]] = {
    Sign.PULSE: _pulse,
    Sign.ECHO: _echo,
    Sign.ANSWER: _answer,
    Sign.CIRCLE: _circle,
    Sign.INVESTMENT: _investment,
}


def trend(looks: tuple[Look, ...], words: Words) -> str:
    """How the oxygen has moved: what it was three months and half a year ago; empty where neither is known."""
    if len(looks) < 2:
        return ""
    half, quarter = looks[-2].oxygen, looks[-1].oxygen
    if quarter is None:
        return ""
    if half is None:
        return words.gettext("it was %(quarter)s three months ago", quarter=words.number(quarter))
    return words.gettext(
        "it was %(quarter)s three months ago, and %(half)s half a year ago",
        quarter=words.number(quarter),
        half=words.number(half),
    )


def course(vital: Vital, looks: tuple[Look, ...], words: Words) -> str:
    """A sign's value a quarter at a time over the last year, said; empty where fewer than two are known."""
    values = [look.values.get(vital.sign) for look in looks] + [vital.value]
    if sum(value is not None for value in values) < 2:
        return ""
    said = [words.measured(vital.unit, value, vital.normal) or "–" for value in values]
    return words.gettext("From quarter to quarter: %(values)s.", values=" → ".join(said))
