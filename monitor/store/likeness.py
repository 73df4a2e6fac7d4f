"""Which of the entries now shown are which of those known: a night's look held against what was stored. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from typing import Any

from monitor.model import Kind

Row = Mapping[str, Any]
"""An entry with uid, kind, time, title, place and author."""
COARSE = 900
"""Seconds. A time on a full quarter of an hour may be a mere date, in any time zone: it tells little apart."""
FEW = 4
"""A window of fewer entries has lost one as soon as any older is shown."""
WHOLESALE = 3
"""So many entries that all look like known ones are no coincidence, where they are half of the window."""


class Look:
    """One look at a feed: what it shows, what is known that may be the same, and the pairs found so far."""

    def __init__(self, shown: Mapping[str, Row], stored: Mapping[str, Row], holders: Mapping[str, int]) -> None:
        """``holders``: how many stored entries have each place."""
        self.all, self.known = shown, dict(stored)
        """Everything that is shown; every stored entry that was looked at."""
        self.shown, self.stored = dict(shown), dict(stored)
        """Those that have no pair yet."""
        self.found: dict[str, str] = {}
        self._held, self._places = holders, Counter(row["place"] for row in shown.values())
        self._titles = Counter(_title(row) for row in shown.values())
        self.times = Counter(row["time"] for row in shown.values() if row["time"] is not None)
        kept = [_is_alike(self, row, stored[uid]) for uid, row in shown.items() if uid in stored]
        self.stable = kept.count(True) > kept.count(False)
        """True where the ids still stand for what they stood for: then an unknown one is likely to be news."""

    def pair(self, shown: str, stored: str) -> None:
        """These two are one entry."""
        self.found[shown] = stored
        del self.shown[shown], self.stored[stored]

    def learn(self, stored: Mapping[str, Row]) -> None:
        """More stored entries that may be the same."""
        more = {uid: row for uid, row in stored.items() if uid not in self.known}
        self.known |= more
        self.stored |= more

    def is_due(self, stored: Row) -> bool:
        """True where the window reaches back beyond the stored entry, so that it should be shown."""
        if stored["time"] is None:
            return False
        older = sum(number for time, number in self.times.items() if time < stored["time"])
        return older >= (2 if self.times.total() >= FEW else 1)

    def is_alone(self, row: Row) -> bool:
        """True where nothing else that is shown or stored has its place."""
        return bool(row["place"]) and self._places[row["place"]] == 1 and self._held.get(row["place"], 0) <= 1

    def is_specific(self, row: Row) -> bool:
        """True where the place is one entry's own: nothing else has it, here or stored, and others have theirs."""
        place = row["place"]
        if not place or (row["kind"] != Kind.POST.value and "#" not in place):
            return False  # replies may share the page that they are on
        others = [number for other, number in self._places.items() if other and other != place]
        shared = sum(number > 1 for number in others)
        return (
            self._places[place] == 1 and self._held.get(place, 0) == 1 and len(others) > 1 and shared * 10 < len(others)
        )

    def is_telling(self, row: Row) -> bool:
        """True where the title is one entry's own in this window."""
        return bool(row["title"]) and self._titles[_title(row)] == 1


Signature = Callable[[Row], Hashable | None]
Allowed = Callable[[Look, Row, Row], bool]


def pair_up(look: Look) -> None:
    """Find the pairs, the surest first.

    1. The same id and content; 2. the same content; 3. the same id where something is left of the content; 4. of place,
    time and title two are the same, where nothing else fits and the known entry is shown no more; 5. without places,
    the time or the title alone; 6. the same id and nothing else, where the feed's other ids are kept.
    """
    _same_ids(look, lambda _, shown, stored: is_exact(shown, stored))
    _twins(look, lambda row: (row["kind"], row["place"], row["time"], _title(row), row["author"]), _same_content)
    _same_ids(look, _was_edited)
    for signature, allowed in _LIKENESSES:
        _only_ones(look, signature, allowed)
    # Dates without a time of day: the links of most entries have changed at once.
    _wholesale(look, _by_time_and_title, lambda look, shown, stored: look.is_telling(shown))


def redated(look: Look) -> None:
    """The entries that have no place to be known by and a new date: known by title and author.

    One alone, where the others are known and it should still be in the window; or most of the window at once.
    """
    _only_ones(
        look, _by_title, lambda look, shown, stored: _is_missed(look, shown, stored) and _may_move(shown, stored)
    )
    _wholesale(look, _by_title, lambda look, shown, stored: look.is_telling(shown) and _may_move(shown, stored))


def the_rest(look: Look) -> None:
    """What is left keeps its id, if ids can be believed here."""
    if look.stable:
        _same_ids(look, lambda look, _, stored: stored["time"] is None or look.is_due(stored))


def _title(row: Row) -> str:
    return str(row["title"]).casefold()


def _differences(one: Row, other: Row) -> int:
    return sum((one["place"] != other["place"], one["time"] != other["time"], _title(one) != _title(other)))


def is_exact(shown: Row, stored: Row) -> bool:
    """True where place, time and title are the same."""
    return not _differences(shown, stored)


def _is_alike(look: Look, shown: Row, stored: Row) -> bool:
    """True where place, time or title is the same, and no other entry's; or where nothing has changed at all."""
    same = (
        is_exact(shown, stored) and shown["author"] == stored["author"],
        shown["place"] == stored["place"] and look.is_alone(shown),
        shown["time"] is not None and shown["time"] == stored["time"] and look.times[shown["time"]] == 1,
        _title(shown) == _title(stored) and look.is_telling(shown),
    )
    return any(same)


def _was_edited(look: Look, shown: Row, stored: Row) -> bool:
    """True where something is left to know it by; or where one thing alone was edited and ids can be believed.

    They must be, where an entry has neither title nor place.
    """
    nothing_else = not (shown["title"] or shown["place"])
    return _is_alike(look, shown, stored) or ((look.stable or nothing_else) and _differences(shown, stored) <= 1)


def _same_content(look: Look, shown: Row, stored: Row) -> bool:
    if not (shown["title"] or shown["place"] or (shown["time"] is not None and shown["author"])):
        return False
    return _is_precise(shown) or not look.stable or look.is_due(stored) or look.is_specific(shown)


def _is_precise(row: Row) -> bool:
    return row["time"] is not None and row["time"] % COARSE != 0


def _tells(shown: Row, stored: Row) -> bool:
    """True where there is more than the time to know the two by: an author, or titles that may have been edited."""
    return bool(shown["author"] or (shown["title"] and stored["title"]))


def _may_move(shown: Row, stored: Row) -> bool:
    """True where the two have not two places of their own."""
    return not (shown["place"] and stored["place"]) or shown["place"] == stored["place"]


def _is_missed(look: Look, shown: Row, stored: Row) -> bool:
    """True where the known entry should be shown and is not, and this one has its title, which no other has."""
    return look.stable and look.is_due(stored) and look.is_telling(shown)


def _by_place_and_time(row: Row) -> Hashable | None:
    return (row["kind"], row["place"], row["time"]) if row["place"] and row["time"] is not None else None


def _by_time_and_title(row: Row) -> Hashable | None:
    return (row["kind"], row["time"], _title(row)) if row["title"] and row["time"] is not None else None


def _by_place_and_title(row: Row) -> Hashable | None:
    return (row["kind"], row["place"], _title(row)) if row["place"] else None


def _by_place(row: Row) -> Hashable | None:
    return (row["kind"], row["place"]) if row["place"] else None


def _by_time(row: Row) -> Hashable | None:
    return (row["kind"], row["time"], row["author"]) if row["time"] is not None else None


def _by_title(row: Row) -> Hashable | None:
    return (row["kind"], _title(row), row["author"]) if row["title"] else None


_LIKENESSES: tuple[tuple[Signature, Allowed], ...] = (
    (_by_place_and_time, lambda look, shown, stored: _is_precise(shown) or look.is_specific(shown)),
    (
        _by_time_and_title,
        lambda look, shown, stored: (
            _is_precise(shown) or (shown["author"] == stored["author"] and _is_missed(look, shown, stored))
        ),
    ),
    (_by_place_and_title, lambda look, shown, stored: look.is_specific(shown)),
    (_by_place, lambda look, shown, stored: not look.stable and look.is_specific(shown)),
    (
        _by_time,
        lambda look, shown, stored: (
            _is_precise(shown) and _tells(shown, stored) and (_may_move(shown, stored) or look.is_due(stored))
        ),
    ),
)
"""What makes two entries one, the surest first, each with what must be true of the two besides."""


def _same_ids(look: Look, allowed: Allowed) -> None:
    for uid in list(look.shown):
        if uid in look.stored and allowed(look, look.shown[uid], look.stored[uid]):
            look.pair(uid, uid)


def _groups(rows: Mapping[str, Row], signature: Signature) -> dict[Hashable, list[str]]:
    found: dict[Hashable, list[str]] = defaultdict(list)
    for uid, row in rows.items():
        if (key := signature(row)) is not None:
            found[key].append(uid)
    return found


def _twins(look: Look, signature: Signature, allowed: Allowed) -> None:
    """Pair what looks the same, as many as there are on both sides: which with which makes no difference."""
    known = _groups(look.stored, signature)
    for key, uids in _groups(look.shown, signature).items():
        for uid, stored in zip(uids, known.get(key, ()), strict=False):
            if allowed(look, look.shown[uid], look.stored[stored]):
                look.pair(uid, stored)


def _candidates(look: Look, signature: Signature, allowed: Allowed) -> list[tuple[str, str]]:
    """The pairs where one of those shown and one of those stored fit, and no other."""
    known = _groups(look.stored, signature)
    return [
        (uids[0], known[key][0])
        for key, uids in _groups(look.shown, signature).items()
        if len(uids) == 1
        and len(known.get(key, ())) == 1
        and allowed(look, look.shown[uids[0]], look.stored[known[key][0]])
    ]


def _only_ones(look: Look, signature: Signature, allowed: Allowed) -> None:
    for pair in _candidates(look, signature, allowed):
        look.pair(*pair)


def _wholesale(look: Look, signature: Signature, allowed: Allowed) -> None:
    """Pair them where they are most of the window: all of a feed's entries have changed in the same way."""
    pairs = _candidates(look, signature, allowed)
    if len(pairs) >= max(WHOLESALE, len(look.all) / 2):
        for pair in pairs:
            look.pair(*pair)
