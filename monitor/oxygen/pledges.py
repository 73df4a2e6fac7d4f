"""What an owner's own words promise, in Danish or English: how soon users are answered, and that there is a dialogue.

Only plain wordings are understood. What is not understood promises nothing: a promise read into words that do not
hold it would put the owner in the wrong.
"""

from __future__ import annotations

import re

LONGEST = 2_000
"""Characters of an answer that are read."""
NUMBERS = {
    "a": 1, "an": 1, "one": 1, "the": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "en": 1, "et": 1, "én": 1, "ét": 1, "to": 2, "tre": 3, "fire": 4, "fem": 5, "seks": 6, "syv": 7,
}  # fmt: skip
UNITS_DAYS = {
    "hour": 1 / 24, "time": 1 / 24, "day": 1.0, "dag": 1.0, "døgn": 1.0, "week": 7.0, "uge": 7.0,
    "working day": 1.4, "business day": 1.4, "workday": 1.4, "weekday": 1.4, "hverdag": 1.4, "arbejdsdag": 1.4,
}  # fmt: skip
"""Days of a unit; five working days are a week."""
_UNIT = "|".join(sorted(map(re.escape, UNITS_DAYS), key=len, reverse=True))
_WITHIN = re.compile(
    rf"\b(?:within|in under|inden for|indenfor|inden|på under)\s+"
    rf"(\d{{1,3}}|{'|'.join(NUMBERS)})?\s*({_UNIT})(?:s|e|en|et|r|ne|n)?\b"
)
_SAME_DAY = re.compile(r"\b(?:the same day|same day|samme dag)\b")
_CLAUSES = re.compile(r"[.!?;,:\n]|\b(?:and|but|og|men)\b")
_NOT = re.compile(r"\b(?:not|never|no|nobody|ikke|aldrig|ingen)\b|n['’]t\b")
_ANSWER = re.compile(r"\b(?:be?svar|svar|answer|repl(?:y|ies)|respon[ds])")
_DIALOGUE = re.compile(
    r"\b(?:dialog|debat|diskut|discuss|convers|samtale|spørg|ask|question|svar|answer|hear|høre|listen|lytte|"
    r"feedback|help each other|hjælpe? hinanden|idé|ideas?\b|forslag|suggest|involve|inddrag)"
)


def stated_days(text: str | None) -> float | None:
    """Within how many days the text promises an answer; None where it promises none in plain words.

    The strictest promise of a clause that speaks of answering, and denies nothing, counts.
    """
    found: list[float] = []
    for clause in _CLAUSES.split((text or "")[:LONGEST].casefold()):
        if not _ANSWER.search(clause) or _NOT.search(clause):
            continue
        if _SAME_DAY.search(clause):
            found.append(1.0)
        for number, unit in _WITHIN.findall(clause):
            count = 1 if not number else int(number) if number.isdigit() else NUMBERS[number]
            found.append(count * UNITS_DAYS[unit])
    return min((days for days in found if days > 0), default=None)


def speaks_of_dialogue(text: str | None) -> bool:
    """True where the text says that people are to be heard, asked, helped or discussed with."""
    return bool(_DIALOGUE.search((text or "")[:LONGEST].casefold()))
