"""What is said for each reason: sentences from the richest to the barest; the first whose figures are known is used."""

from __future__ import annotations

import re
from collections.abc import Collection

from monitor.model import Sign, Status


def N_(message: str) -> str:
    """Mark a message for translation where it is written; it is translated where it is said.

    The name is the one by which the catalogues find messages.
    """
    return message


UNITS = {
    Sign.PULSE: "per_week",
    Sign.ECHO: "share",
    Sign.ANSWER: "share",
    Sign.CIRCLE: "people",
    Sign.INVESTMENT: "hours",
}
UNDATED = ("never_read", "no_entries", "dates_unknown", "investment_no_owner", "paused")
"""Reasons that stand on no evidence from a stretch of time."""
SILENT = ("silent_beyond_life", "long_dead", "outlook_dark")
"""Reasons whose value is days of silence, and whose ``since`` is the last sign of life."""

SENTENCES: dict[str, tuple[str, ...]] = {
    "never_read": (
        N_("It could not be measured, since its feeds could not all be read; that says nothing about the channel."),
    ),
    "no_entries": (N_("Its feeds could be read, but they hold no posts and no replies yet."),),
    "reach_short": (
        N_(
            "Its feeds reach no further back than %(reach_days)s (%(posts)s and %(replies)s), "
            "which is too little to know what is normal for it."
        ),
        N_("Its feeds show too short a time to know what is normal for it."),
    ),
    "dates_unknown": (
        N_(
            "Its feeds give most contributions no date that can be true, so these count from the night they were first "
            "seen: it can be judged once it has been watched for longer."
        ),
    ),
    "silent_beyond_life": (
        N_(
            "Nobody has written for %(silence_days)s, where %(gap_days)s between entries is normal; "
            "the probability that it stays silent for another half year is %(probability)s."
        ),
        N_("Nobody has written for %(silence_days)s, where %(gap_days)s between entries is normal."),
        N_("Nobody has written for %(silence_days)s, which is longer than the life of this channel explains."),
        N_("Nobody has written for longer than the life of this channel explains."),
    ),
    "long_dead": (
        N_(
            "Nobody has written for %(silence_days)s, where %(gap_days)s between entries is normal: "
            "it would not come back by itself."
        ),
        N_("Nobody has written for %(silence_days)s: it would not come back by itself."),
        N_("Nobody has written for so long that it would not come back by itself."),
    ),
    "outlook_dark": (
        N_(
            "Nobody has written for %(silence_days)s, where %(gap_days)s between entries is normal. Of channels like "
            "this one, %(probability)s stay silent for another half year, and %(collapse)s do so or nearly so."
        ),
        N_("Nobody has written for %(silence_days)s; channels like this one often fall silent for good."),
        N_("Channels like this one often fall silent for good."),
    ),
    "pulse_collapsed": (
        N_("Posting has collapsed: %(value)s, where %(normal)s is normal."),
        N_("Posting has collapsed: %(value)s."),
        N_("Posting has collapsed."),
    ),
    "pulse_weaker": (
        N_("It is posted to less often than it used to be: %(value)s, where %(normal)s is normal."),
        N_("It is posted to less often than it used to be: %(value)s."),
        N_("It is posted to less often than it used to be."),
    ),
    "pulse_below_promise": (
        N_("It is posted to less often than promised: %(value)s, where the promise is %(normal)s."),
        N_("It is posted to less often than promised: %(value)s."),
        N_("It is posted to less often than promised."),
    ),
    "pulse_steady": (
        N_("It is posted to about as often as it should be: %(value)s, where %(normal)s is normal."),
        N_("It is posted to about as often as it should be: %(value)s."),
        N_("It is posted to about as often as it should be."),
    ),
    "echo_died": (
        N_("Hardly anyone replies any more: %(value)s of the posts got a reply, where %(normal)s is normal."),
        N_("Hardly anyone replies any more: %(value)s of the posts got a reply."),
        N_("Hardly anyone replies any more."),
    ),
    "echo_weaker": (
        N_("Fewer posts get a reply than before: %(value)s, where %(normal)s is normal."),
        N_("Fewer posts get a reply than before: %(value)s."),
        N_("Fewer posts get a reply than before."),
    ),
    "echo_steady": (
        N_("Posts get replies as they used to: %(value)s of them, where %(normal)s is normal."),
        N_("Posts get replies as they used to: %(value)s of them."),
        N_("Posts get replies as they used to."),
    ),
    "answer_stopped": (
        N_(
            "The organisation has all but stopped answering: %(answered)s of %(asked)s of the users' threads "
            "were answered, where %(normal)s is normal."
        ),
        N_(
            "The organisation has all but stopped answering: %(value)s of the users' threads were answered, "
            "where %(normal)s is normal."
        ),
        N_("The organisation has all but stopped answering: %(value)s of the users' threads were answered."),
        N_("The organisation has all but stopped answering its users."),
    ),
    "answer_slow": (
        N_(
            "The organisation answers too slowly: the first answer takes %(days)s, where the promise is "
            "%(promised_days)s."
        ),
        N_(
            "The organisation answers fewer of its users than before: %(value)s of their threads, where %(normal)s "
            "is normal; the first answer takes %(days)s."
        ),
        N_("The organisation answers its users too slowly: the first answer takes %(days)s."),
        N_(
            "The organisation answers fewer of its users than before: %(value)s of their threads, where %(normal)s "
            "is normal."
        ),
        N_("The organisation answers its users too seldom or too slowly."),
    ),
    "answer_steady": (
        N_("The organisation answers its users: %(value)s of their threads, where %(normal)s is normal."),
        N_("The organisation answers its users: %(value)s of their threads."),
        N_("The organisation answers its users."),
    ),
    "circle_monologue": (
        N_(
            "The dialogue has become a monologue: one person writes %(share)s of it all, where %(share_normal)s was "
            "normal for the most diligent."
        ),
        N_("The dialogue has become a monologue: one person writes %(share)s of it all."),
        N_("The dialogue has become a monologue."),
    ),
    "circle_one_voice": (
        N_("One person writes %(share)s of it all, where %(share_normal)s was normal for the most diligent."),
        N_("One person writes %(share)s of it all."),
        N_("One person carries nearly all of it."),
    ),
    "circle_shrinking": (
        N_("Fewer different people take part: %(value)s, where %(normal)s is normal."),
        N_("Fewer different people take part: %(value)s."),
        N_("Fewer different people take part than before."),
    ),
    "circle_steady": (
        N_("About as many different people take part as before: %(value)s, where %(normal)s is normal."),
        N_("About as many different people take part as before: %(value)s."),
        N_("About as many different people take part as before."),
    ),
    "investment_no_owner": (
        N_("Nobody is named as its owner, although answering what is written takes about %(hours_owed)s a week."),
        N_("Nobody is named as its owner."),
    ),
    "investment_short": (
        N_("Answering what is written takes about %(hours_owed)s a week, and the pledge is %(hours_pledged)s."),
        N_("Answering what is written takes about %(hours_owed)s a week, which is more than is pledged."),
        N_("Answering what is written takes more hours than are pledged."),
    ),
    "newborn": (
        N_("It is too young to judge: it needs stamina for another %(days_left)s first."),
        N_("It is too young to judge: getting a dialogue going takes stamina."),
    ),
    "paused": (
        N_("It is on a planned pause with %(days_left)s to go; that silence does not count against it."),
        N_("It is on a planned pause; that silence does not count against it."),
    ),
    "too_little": (
        N_("Too little has been written lately to tell how it is doing: %(posts)s and %(replies)s."),
        N_("Too little has been written to tell how it is doing."),
    ),
    "other": (
        N_("%(sign)s also counts in this verdict: %(value)s, where %(normal)s is normal."),
        N_("%(sign)s also counts in this verdict."),
    ),
}
"""By the reason's code; ``other`` is for a code that is not known here."""

EVIDENCE: dict[str, tuple[str, ...]] = {
    "silent": (N_("The last sign of life is from %(since)s."),),
    "other": (
        N_("The evidence is from %(since)s to %(until)s."),
        N_("The evidence is from %(since)s on."),
        N_("The evidence reaches until %(until)s."),
    ),
}

STEPS: dict[str, str] = {
    "never_read": N_("Have the feeds' addresses checked, then look again tomorrow."),
    "no_entries": N_("Have it checked that these are the right feeds, or write the first post."),
    "reach_short": N_("Nothing for now: it can be judged once it has been watched for longer."),
    "dates_unknown": N_("Have whoever runs the site date each contribution; until then it takes longer to judge."),
    "too_little": N_("Ask the owner whether it is still needed, and what for."),
    "silent_beyond_life": N_("Decide now: name a person with hours to revive it, or close it with a farewell post."),
    "long_dead": N_("Close it with a farewell post that says where people can go instead."),
    "pulse_collapsed": N_("Agree with the owner on a posting rhythm that can be kept, and free the hours for it."),
    "pulse_weaker": N_("Ask the owner what has changed, and whether the hours are still there."),
    "pulse_below_promise": N_("Free the hours that the promise takes, or promise less."),
    "echo_died": N_("Have the owner ask readers questions and reply to every one who writes, for the next two months."),
    "echo_weaker": N_("End posts with a question, and reply to those who write."),
    "answer_stopped": N_("Name one person who answers users, and start with the threads still waiting."),
    "answer_slow": N_("Set aside a fixed time for answering users, often enough to keep the promise."),
    "outlook_dark": N_("Ask the owner when the next post comes, and who is to answer it."),
    "circle_monologue": N_("Ask the people who used to write what it would take to come back, and leave them room."),
    "circle_one_voice": N_("Invite more people to write, so that it does not all hang on one."),
    "circle_shrinking": N_("Invite back those who used to take part, and tell them what their input was used for."),
    "investment_short": N_("Give the owner more hours, or cut down to fewer channels."),
    "investment_no_owner": N_("Name an owner, and give the owner hours."),
    "paused": N_("Nothing until the pause ends; then make sure that somebody starts it again."),
    "newborn": N_("Keep going: post and answer steadily until it can be judged."),
}

STEPS_BY_STATUS: dict[Status, str] = {
    Status.DEAD: N_("Close it, or give it an owner with hours to start it anew."),
    Status.STARVING: N_("Decide who is to revive it, with which hours, or when it is to close."),
    Status.THIN: N_("Keep an eye on it, and ask the owner what is missing."),
    Status.UNKNOWN: N_("Find out why it could not be measured."),
    Status.NEWBORN: N_("Keep going: post and answer steadily until it can be judged."),
    Status.BREATHING: N_("Nothing: carry on as now."),
}


MERGE = N_("Merge it with %(into)s, where its people already write, and say so in a farewell post.")
CLOSE = N_("Close it with a farewell post that says where people can go instead.")
"""The step where the advocate has weighed all channels, and found that this one is not to be kept."""


def fitting(sentences: tuple[str, ...], figures: Collection[str]) -> str:
    """The first sentence all of whose figures are known; the last one where none is."""
    for sentence in sentences:
        if all(name in figures for name in re.findall(r"%\((\w+)\)s", sentence)):
            return sentence
    return sentences[-1]
