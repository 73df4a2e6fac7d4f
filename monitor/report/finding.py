"""The night in one sentence, and the order in which its channels are told of."""

from __future__ import annotations

from monitor.model import ChannelReport, Night, Status
from monitor.report.words import Words

SHORT_OF_OXYGEN = (Status.DEAD, Status.STARVING)
TO_DECIDE = (Status.DEAD, Status.STARVING, Status.THIN)
"""Channels about which somebody must decide something."""
ORDER = list(Status)


def worst_first(night: Night) -> list[ChannelReport]:
    """The channels by verdict, worst first, then by oxygen, lowest first."""

    def place(report: ChannelReport) -> tuple[int, float]:
        oxygen = report.diagnosis.oxygen
        return ORDER.index(report.diagnosis.status), 101.0 if oxygen is None else oxygen

    return sorted(night.channels, key=place)


def finding(night: Night, words: Words) -> str:
    """What the night found, in one plain sentence that names the channels it is about."""
    named = {status: [] for status in Status}  # type: dict[Status, list[str]]
    for report in worst_first(night):
        named[report.diagnosis.status].append(report.channel.name)
    total = len(night.channels)
    short = [name for status in SHORT_OF_OXYGEN for name in named[status]]
    if total == 0:
        return words.gettext("No channels are watched yet")
    if short:
        return words.ngettext(
            "%(num)s of %(total)s channels is short of oxygen: %(names)s",
            "%(num)s of %(total)s channels are short of oxygen: %(names)s",
            len(short), total=words.number(total), names=words.names(short),
        )  # fmt: skip
    return _without_need(named, total, words)


def _without_need(named: dict[Status, list[str]], total: int, words: Words) -> str:
    """The sentence of a night in which no channel was found to be short of oxygen."""
    thin, unseen = named[Status.THIN], named[Status.UNKNOWN]
    if len(unseen) == total:
        return words.gettext("None of the channels could be measured: %(names)s", names=words.names(unseen))
    if thin:
        return words.ngettext(
            "No channel is short of oxygen, but %(num)s of %(total)s gets thin air: %(names)s",
            "No channel is short of oxygen, but %(num)s of %(total)s get thin air: %(names)s",
            len(thin), total=words.number(total), names=words.names(thin),
        )  # fmt: skip
    if unseen:
        return words.ngettext(
            "No channel is short of oxygen; %(num)s of %(total)s could not be measured: %(names)s",
            "No channel is short of oxygen; %(num)s of %(total)s could not be measured: %(names)s",
            len(unseen), total=words.number(total), names=words.names(unseen),
        )  # fmt: skip
    return words.ngettext(
        "All is well: the one channel is not short of oxygen",
        "All is well: none of the %(num)s channels is short of oxygen",
        total,
    )
