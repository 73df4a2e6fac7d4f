"""A verdict's reasons, said in the reader's language, and the one step that follows from them."""

from __future__ import annotations

from monitor.model import Reason, Status
from monitor.report.sentences import EVIDENCE, SENTENCES, SILENT, STEPS, STEPS_BY_STATUS, UNDATED, UNITS, fitting
from monitor.report.words import Words, finite


def _figures(reason: Reason, words: Words) -> dict[str, str]:
    """What the sentences of a reason may name, as far as it is known, in the reader's language."""
    facts = {name: number for name, fact in reason.facts.items() if (number := finite(fact)) is not None}
    value, normal = finite(reason.value), finite(reason.normal)
    if reason.code in SILENT:
        facts = {"silence_days": value, "gap_days": normal} | facts  # type: ignore[assignment]
    if reason.code in ("circle_one_voice", "circle_monologue") and value is not None and value <= 1:
        facts = {"share": value} | facts
    if reason.code == "answer_slow" and value is not None and "asked" not in facts:
        facts = {"days": value} | ({} if normal is None else {"promised_days": normal}) | facts
    if reason.code == "investment_short":
        facts = {"hours_owed": value, "hours_pledged": normal} | facts  # type: ignore[assignment]
    unit = UNITS[reason.sign]
    said = {"value": words.measured(unit, value, normal), "normal": words.measured(unit, normal, value)}
    days = ("reach_days", "silence_days", "gap_days", "days_left", "days", "promised_days")
    say = dict.fromkeys(days, words.days) | {
        "probability": words.likely, "collapse": words.likely, "posts": words.posts, "replies": words.replies,
        "answered": words.number,
        "asked": words.number, "authors": words.people, "share": words.percent, "share_normal": words.percent,
        "hours_owed": words.hours, "hours_pledged": words.hours,
    }  # fmt: skip
    said |= {name: say[name](fact) for name, fact in facts.items() if fact is not None and name in say}
    if facts.get("days", 0.0) <= facts.get("promised_days", 0.0):  # prompt enough: then it is too seldom, not too slow
        said.pop("promised_days", None)
    if round(facts.get("hours_owed") or 0.0, 1) <= 0:
        said.pop("hours_owed", None)
    if (facts.get("asked") or 0.0) < 1:
        said.pop("asked", None)
    return {name: text for name, text in said.items() if text is not None}


def sentence(reason: Reason, words: Words) -> str:
    """Say a reason as one sentence with its figure and its own normal.

    Never raises for lack of figures: the sentence that fits what is known is chosen. A code that is not known
    gets a plain sentence about its sign.
    """
    figures = _figures(reason, words) | {"sign": words.sign(reason.sign)}
    return words.gettext(fitting(SENTENCES.get(reason.code, SENTENCES["other"]), figures), **figures)


def dated(reason: Reason, words: Words) -> str:
    """Say from when the evidence of a reason is, in one short sentence; empty where that is not known."""
    dates: dict[str, str] = {}
    if reason.since is not None:
        dates["since"] = words.date(reason.since)
    if reason.until is not None and reason.code not in SILENT:
        dates["until"] = words.date(reason.until)
    if not dates or reason.code in UNDATED:
        return ""
    return words.gettext(fitting(EVIDENCE["silent" if reason.code in SILENT else "other"], dates), **dates)


def reason_text(reason: Reason, words: Words) -> str:
    """Say a reason as one sentence with its figure and its own normal, and a short one with the evidence's dates."""
    return f"{sentence(reason, words)} {dated(reason, words)}".rstrip()


def next_step(status: Status, reasons: tuple[Reason, ...], words: Words) -> str:
    """One thing to do about a verdict, after its most telling reason."""
    first = reasons[0].code if reasons else ""
    if status is Status.BREATHING and first != "paused":  # one bad night changes no verdict, and asks for nothing
        first = ""
    return words.gettext(STEPS.get(first, STEPS_BY_STATUS[status]))
