"""What a channel's feeds let us see, and what they cannot show: a feed is a window."""

from __future__ import annotations

from monitor.model import DAY, FeedLine, History
from monitor.report.lines import without_password
from monitor.report.words import Words

GAPS_TOLD = 3


def of_channel(history: History, words: Words) -> tuple[str, ...]:
    """What holds for all the channel's feeds together, a sentence each."""
    told: list[str] = []
    read = any(feed.last_read is not None for feed in history.feeds)
    if read and not history.hears_replies:
        told.append(
            words.gettext("None of its feeds tells of replies: that none were seen does not mean there are none.")
        )
    if history.linkbacks:
        told.append(
            words.ngettext(
                "%(num)s link back from another page is left out: it is no reply.",
                "%(num)s links back from other pages are left out: they are no replies.",
                history.linkbacks,
            )
        )
    return tuple(told)


def of_feed(feed: FeedLine, words: Words) -> tuple[str, ...]:
    """How far one feed lets us see, and where it did not, a sentence each."""
    told: list[str] = []
    if feed.shown:
        told.append(words.gettext("shows the newest %(entries)s at a time", entries=words.entries(feed.shown)))
    if feed.oldest is not None:
        when = words.date(feed.oldest)
        told.append(
            words.gettext("known from its first page on, %(when)s", when=when)
            if feed.walked
            else words.gettext("known back to %(when)s", when=when)
        )
    if feed.next_poll is not None:
        told.append(words.gettext("so busy that it is read again by %(when)s", when=words.clock(feed.next_poll)))
    if feed.address:
        told.append(words.gettext("has moved for good to %(address)s", address=without_password(feed.address)[:300]))
    for gap in feed.gaps[-GAPS_TOLD:]:
        told.append(
            words.gettext(
                "entries may have slipped by between %(begins)s and %(ends)s",
                begins=words.clock(gap.begins),
                ends=words.clock(gap.ends) if gap.ends - gap.begins < DAY else words.date(gap.ends),
            )
        )
    return tuple(told)
