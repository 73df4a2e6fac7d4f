"""What the devil's advocate says, in the reader's language: every sentence with the figure that it stands on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from monitor.model import Action, Advice, ChannelReport, Counsel, Night, Opening, Remark
from monitor.report.lines import clean
from monitor.report.reasons import next_step
from monitor.report.sentences import CLOSE, MERGE, N_, fitting
from monitor.report.words import Words, finite

SAID: dict[str, tuple[str, ...]] = {
    "purpose_missing": (
        N_(
            "What for? No purpose is written down for a channel that got %(posts)s and %(replies)s in the last 90 "
            "days. What is the dialogue to be used for?"
        ),
    ),
    "purpose_contradicted": (
        N_(
            "What for? Its purpose is “%(text)s”, yet %(share)s of its posts got a reply (%(posts)s "
            "in the last 90 days). Is there a dialogue?"
        ),
    ),
    "moderation_missing": (
        N_(
            "How? Nothing is written down about how comments, troublemakers and spam are handled: %(replies)s in the "
            "last 90 days, and %(people)s from outside who took part in two years. Who reads along, and what is "
            "removed?"
        ),
        N_(
            "How? Nothing is written down about how comments, troublemakers and spam are handled: "
            "%(replies)s in the last 90 days. Who reads along, and what is removed?"
        ),
    ),
    "moderation_contradicted": (
        N_(
            "How? What you promise is “%(text)s”, while half of those who are answered wait %(days)s "
            "or more. Which of the two is to change?"
        ),
    ),
    "moderation_unanswered": (
        N_(
            "How? What you promise is “%(text)s”, while none of the %(asked)s threads by users was "
            "answered. Who was to do it?"
        ),
    ),
    "use_missing": (
        N_(
            "How? Nothing is written down about what becomes of what people write: %(replies)s in the "
            "last 90 days. How do they learn what it was used for?"
        ),
    ),
    "use_contradicted": (
        N_(
            "How? “%(text)s” is the promise, while %(answered)s of %(asked)s threads by users got an answer in time. "
            "How do the others learn what became of theirs?"
        ),
    ),
    "owner_missing": (
        N_("With what? It has no owner, and answering takes about %(hours_owed)s a week. Who is it "
            "to be?"),
        N_("With what? It has no owner, and it got %(posts)s in the last 90 days. Who is it to be?"),
    ),
    "hours_missing": (
        N_("With what? No hours are pledged, and answering takes about %(hours_owed)s a week. Whose "
            "are they to be?"),
        N_("With what? No hours are pledged, and it got %(posts)s in the last 90 days. Whose are "
            "they to be?"),
    ),
    "hours_unseen": (
        N_(
            "With what? The pledge is %(hours_pledged)s a week, and the organisation has written "
            "nothing for %(absent_days)s (last on %(last_staff)s). Where does the time go?"
        ),
    ),
    "hours_short": (
        N_(
            "With what? The pledge is %(hours_pledged)s a week, and answering takes about "
            "%(hours_owed)s. What is left undone?"
        ),
    ),
    "sponsor_missing": (
        N_(
            "Is the management on board? Nobody there is named as standing behind it (oxygen "
            "%(oxygen)s of 100). Who would miss it?"
        ),
        N_(
            "Is the management on board? Nobody there is named as standing behind it (%(posts)s in the last 90 days). "
            "Who would miss it?"
        ),
    ),
    "sponsor_contradicted": (
        N_(
            "Is the management on board? %(sponsor)s stands behind it, and it has been short of oxygen (%(oxygen)s of "
            "100) since %(since)s. Has anybody said so?"
        ),
        N_(
            "Is the management on board? %(sponsor)s stands behind it, and it has been short of oxygen since "
            "%(since)s. Has anybody said so?"
        ),
    ),
    "capacity_enough": (
        N_(
            "The pledges come to %(hours_pledged)s a week in all, and answering what is written takes "
            "%(hours_owed)s: enough to keep %(living)s alive, as long as the time is really given. "
            "Writing the posts comes on top."
        ),
    ),
    "capacity_short": (
        N_(
            "The pledges come to %(hours_pledged)s a week in all, and answering what is written takes "
            "%(hours_owed)s: that keeps %(kept)s of %(living)s alive (%(names)s), not all. Writing "
            "the posts comes on top."
        ),
        N_(
            "The pledges come to %(hours_pledged)s a week in all, and answering what is written takes "
            "%(hours_owed)s: that keeps none of %(living)s alive. Writing the posts comes on top."
        ),
    ),
    "capacity_none": (
        N_("No hours are pledged to any channel, and answering what is written takes %(hours_owed)s a week."),
    ),
    "idle_hours": (
        N_(
            "Of the %(hours_pledged)s pledged a week, %(hours_idle)s go to channels short of oxygen where nobody of "
            "the organisation has been seen to write for %(absent_days)s or more: %(names)s. See that the time is "
            "given there, or move it."
        ),
    ),
    "unowned": (N_("Channels without an owner: %(unowned)s of %(channels)s (%(names)s)."),),
    "best_use": (
        N_(
            "An hour does most good in %(name)s: %(people)s from outside took part in the last two years, and "
            "answering them takes %(hours_owed)s a week. Concentrate there."
        ),
    ),
    "look": (
        N_("It could not be read since %(last_read)s, so there is no advice until it can be."),
        N_("It has never been read, so there is no advice until it can be."),
    ),
    "wait_more": (
        N_(
            "Too little is known to advise on it (%(posts)s and "
            "%(replies)s in 90 days): look again when there is more."
        ),
    ),
    "watch_short": (
        N_(
            "Answering takes %(hours_owed)s a week, the pledge is %(hours_pledged)s, and nothing is left over "
            "elsewhere: pledge more, or promise less."
        ),
    ),
    "wait_young": (
        N_("It is too young to judge for another %(days_left)s: hold out that long, or stop now."),
        N_("It is too young to judge: hold out, or stop now."),
    ),
    "wait_pause": (
        N_("It is on a planned pause with %(days_left)s to go."),
        N_("It is on a planned pause."),
    ),
    "keep": (
        N_("It breathes (oxygen %(oxygen)s of 100; %(posts)s and %(replies)s in 90 days): leave it in peace."),
        N_("It breathes (%(posts)s and %(replies)s in 90 days): leave it in peace."),
    ),
    "concentrate": (
        N_(
            "Put hours here: %(people)s took part in two years for %(hours_owed)s of answering a week, and "
            "%(hours_idle)s a week lie idle elsewhere."
        ),
    ),
    "watch": (
        N_("It gets thin air (oxygen %(oxygen)s of 100), and no hours are lacking: watch it for a month."),
        N_("It gets thin air, and no hours are lacking: watch it for a month."),
    ),
    "staff_absent": (
        N_(
            "It has %(hours_pledged)s a week on paper, and nobody of the organisation has written for %(absent_days)s: "
            "give those hours, or take them back and close it."
        ),
        N_(
            "It has %(hours_pledged)s a week on paper, and they are "
            "not seen: give them, or take them back and close it."
        ),
    ),
    "staff_hours": (
        N_(
            "Answering takes %(hours_owed)s a week, and the pledge is %(hours_pledged)s: move the "
            "difference here; elsewhere, %(hours_free)s are left over."
        ),
    ),
    "staff_pledge": (
        N_("Answering takes %(hours_owed)s a week, and no hours are pledged: pledge them, or close it in good time."),
    ),
    "staff_listen": (
        N_(
            "In 90 days: %(posts)s and %(replies)s. Spend the %(hours_pledged)s a week on asking and "
            "answering, not on posting more."
        ),
        N_("In 90 days: %(posts)s and %(replies)s. Spend the time on asking and answering, not on posting more."),
    ),
    "staff_owner": (
        N_(
            "Nobody owns it, and answering takes %(hours_owed)s a week: name a person, with some of the %(hours_free)s "
            "a week that are free elsewhere."
        ),
        N_("Nobody owns it (%(posts)s in 90 days): name a person with time for it, or close it."),
    ),
    "close_silent": (
        N_(
            "Silent for %(silence_days)s, and %(probability)s likely to stay so for another half year: close it, "
            "and say goodbye."
        ),
        N_("Silent for %(silence_days)s: close it, and say goodbye."),
    ),
    "close_hours": (
        N_(
            "Answering takes %(hours_owed)s a week, the pledge is %(hours_pledged)s, and only "
            "%(hours_free)s are left over elsewhere: better closed with a farewell than run badly."
        ),
    ),
    "close_unowned": (
        N_(
            "It has no owner, has been silent for %(silence_days)s, and is %(probability)s likely to stay so for "
            "another half year: close it, and say goodbye."
        ),
        N_("It has no owner and has been silent for %(silence_days)s: close it, and say goodbye."),
    ),
    "merge": (
        N_("Of the %(people)s who took part in two years, %(shared)s also write in %(into)s: merge "
            "the two, and say where to go."),
    ),
    "farewell": (
        N_(
            "Since %(since)s you have written %(replies_ever)s to %(posts_ever)s here; %(people_ever)s took part. "
            "Thank you. We cannot give this channel the time that it deserves, so we close it. What was written stays "
            "and can be read. You are welcome in %(into)s, where we answer."
        ),
        N_(
            "Since %(since)s you have written %(replies_ever)s to %(posts_ever)s here; %(people_ever)s took part. "
            "Thank you. We cannot give this channel the time that it deserves, so we close it. What was written stays "
            "and can be read."
        ),
        N_(
            "Thank you to everybody who has written here. We cannot give this channel the time that it deserves, so we "
            "close it. What was written stays and can be read."
        ),
    ),
    "farewell_waiting": (
        N_("Before it closes, answer those who still wait: %(waiting)s."),
    ),
    "open_short": (
        N_("Of the channels that there are already, %(short)s of %(channels)s lack oxygen: "
            "%(names)s."),
    ),
    "open_owed": (
        N_(
            "Answering in the channels there are takes %(hours_owed)s a week, and the pledges come to "
            "%(hours_pledged)s: one more starts in debt."
        ),
    ),
    "open_hours": (
        N_("With %(hours)s a week it gets less than your channels that breathe typically have or "
            "take: %(hours_typical)s."),
    ),
    "open_elsewhere": (
        N_(
            "The same time, %(hours)s a week, is enough for %(threads)s answers; still unanswered in "
            "%(name)s: %(waiting)s."
        ),
    ),
    "open_stamina": (
        N_(
            "For %(stamina_days)s, until it can be judged, it takes %(hours)s a week, %(hours_total)s "
            "in all: pledge all of it, or none."
        ),
    ),
    "open_questions": (
        N_(
            "Unanswered of the three questions (what for, how, with what) for the new channel: "
            "%(open_questions)s. Write the answers down first."
        ),
    ),
}  # fmt: skip
"""By the remark's code, from the richest sentence to the barest; the first whose figures are known is said."""


NOT_IF_NONE: dict[str, tuple[str, ...]] = {
    "moderation_missing": ("people",),
    "owner_missing": ("hours_owed",),
    "hours_missing": ("hours_owed",),
    "staff_listen": ("hours_pledged",),
    "staff_owner": ("hours_owed", "hours_free"),
    "farewell": ("replies_ever", "posts_ever", "people_ever"),
}
"""Figures that say nothing where they are 0: a barer sentence is said."""


@dataclass(frozen=True, slots=True)
class AdviceView:
    """What the advocate says of one channel, ready to be shown."""

    action: str
    because: str
    questions: tuple[str, ...]
    farewell: str
    waiting: str
    hours: str
    ends: Action | None
    """Closing or merging, where that is the advice."""
    into: str


@dataclass(frozen=True, slots=True)
class CounselView:
    """What the advocate says of all channels together."""

    portfolio: tuple[str, ...]
    asked: int


def said(remark: Remark, words: Words) -> str:
    """A remark as a sentence; figures that are not known choose a barer one."""
    figures = _figures(remark, words)
    sentence = fitting(SAID[remark.code], figures)
    unknown = dict.fromkeys(re.findall(r"%\((\w+)\)s", sentence), "–")  # a night never ends for lack of a figure
    return words.gettext(sentence, **(unknown | figures))


def _figures(remark: Remark, words: Words) -> dict[str, str]:
    numbers = ("oxygen", "kept", "asked", "answered", "unowned", "channels", "shared", "short", "threads",
               "open_questions")  # fmt: skip
    say: dict[str, Callable[[float], str]] = dict.fromkeys(numbers, words.number)
    hours = ("hours_owed", "hours_pledged", "hours_idle", "hours_free", "hours_typical", "hours", "hours_total")
    days = ("days", "days_left", "stated_days", "absent_days", "silence_days", "stamina_days")
    say |= dict.fromkeys(hours, words.hours) | dict.fromkeys(days, words.days)
    say |= dict.fromkeys(("since", "last_staff", "last_read"), lambda time: words.date(int(time)))
    say |= {
        "living": words.channels, "posts": words.posts, "replies": words.replies, "people": words.people,
        "people_ever": words.people, "posts_ever": words.posts, "replies_ever": words.replies,
        "share": words.percent, "probability": words.likely, "waiting": words.threads,
    }  # fmt: skip
    told: dict[str, str] = {}
    for name, fact in remark.facts.items():
        number = finite(fact)
        if name in NOT_IF_NONE.get(remark.code, ()) and number is not None and round(number, 1) <= 0:
            continue
        if isinstance(fact, str):
            told[name] = words.names(fact.split("\n")) if name == "names" else clean(fact) or "–"
        elif number is not None and name in say:
            told[name] = say[name](number)
    return {name: text for name, text in told.items() if text}


def action(one: Action, words: Words) -> str:
    """What to do, in a word or two."""
    return {
        Action.KEEP: words.gettext("leave in peace"),
        Action.CONCENTRATE: words.gettext("concentrate here"),
        Action.STAFF: words.gettext("staff it"),
        Action.WATCH: words.gettext("watch it"),
        Action.MERGE: words.gettext("merge it"),
        Action.CLOSE: words.gettext("close it"),
        Action.WAIT: words.gettext("give it time"),
        Action.LOOK: words.gettext("find out why it cannot be read"),
    }[one]


def view(advice: Advice, words: Words, into: str = "") -> AdviceView:
    """One channel's advice; ``into`` is the name of the channel that it is merged into."""
    waiting = finite(advice.farewell.facts.get("waiting")) if advice.farewell else None
    return AdviceView(
        action=action(advice.action, words),
        because=said(advice.because, words),
        questions=tuple(said(one, words) for one in advice.questions),
        farewell="" if advice.farewell is None else said(advice.farewell, words),
        waiting=said(Remark("farewell_waiting", {"waiting": waiting}), words) if waiting else "",
        hours=_hours(advice, words),
        ends=advice.action if advice.action in (Action.CLOSE, Action.MERGE) else None,
        into=into,
    )


def _hours(advice: Advice, words: Words) -> str:
    owed = words.hours(advice.hours_owed or 0.0)
    if advice.hours_pledged is None:
        return words.gettext("none pledged; answering takes %(owed)s a week", owed=owed)
    return words.gettext(
        "%(pledged)s a week pledged; answering takes %(owed)s", pledged=words.hours(advice.hours_pledged), owed=owed
    )


def step(report: ChannelReport, advice: AdviceView | None, words: Words) -> str:
    """The one next step: the advocate's where the channel is not to be kept, so that the two never disagree."""
    if advice is not None and advice.ends == Action.MERGE:
        return words.gettext(MERGE, into=advice.into)
    if advice is not None and advice.ends == Action.CLOSE:
        return words.gettext(CLOSE)
    return next_step(report.diagnosis.status, report.diagnosis.reasons, words)


def by_channel(night: Night, words: Words) -> dict[str, AdviceView]:
    """Every channel's advice by its id."""
    names = {report.channel.id: clean(report.channel.name, 100) for report in night.channels}
    return views(() if night.counsel is None else night.counsel.channels, names, words)


def views(advice: Iterable[Advice], names: Mapping[str, str], words: Words) -> dict[str, AdviceView]:
    """Each advice by its channel's id; ``names`` are those of the channels to merge into, by id."""
    return {one.channel: view(one, words, names.get(one.into or "", "")) for one in advice}


def portfolio(counsel: Counsel | None, words: Words) -> CounselView:
    """What holds for all channels together, and how many questions wait for an answer."""
    if counsel is None:
        return CounselView((), 0)
    asked = sum(len(one.questions) for one in counsel.channels)
    return CounselView(tuple(said(one, words) for one in counsel.portfolio), asked)


def opening(one: Opening, words: Words) -> tuple[str, tuple[str, ...]]:
    """The answer to whether one more channel is to be opened, and its reasons or conditions."""
    name, hours = clean(one.name, 80), words.hours(one.hours)
    if one.advisable:
        answer = words.gettext("%(name)s, with %(hours)s a week: yes, on these conditions.", name=name, hours=hours)
    else:
        answer = words.gettext("%(name)s, with %(hours)s a week: no.", name=name, hours=hours)
    return answer, tuple(said(reason, words) for reason in one.reasons)


def as_text(night: Night, words: Words, only: str | None = None) -> list[str]:
    """The advice as lines of plain text, for a terminal; ``only`` is the id of one channel."""
    counsel = night.counsel
    if counsel is None:
        return []
    names = {report.channel.id: clean(report.channel.name, 100) for report in night.channels}
    lines = [] if only else list(portfolio(counsel, words).portfolio)
    for one in counsel.channels:
        if only in (None, one.channel):
            shown = view(one, words)
            lines += ["", f"{names[one.channel]}: {shown.action}", f"  {shown.because}"]
            lines += [f"  ? {question}" for question in shown.questions]
            lines += _farewell(shown, words)
    return lines[1:] if lines and not lines[0] else lines


def _farewell(shown: AdviceView, words: Words) -> Iterable[str]:
    if shown.farewell:
        yield "  " + words.gettext("A farewell to begin from: “%(text)s”", text=shown.farewell)
    if shown.waiting:
        yield f"  {shown.waiting}"


def as_data(counsel: Counsel, words: Words) -> dict[str, object]:
    """The advice for programs: codes and figures, with the sentences beside them."""
    return counsel_data(counsel, words) | {"channels": [channel_data(one, words) for one in counsel.channels]}


def counsel_data(counsel: Counsel, words: Words) -> dict[str, object]:
    """What holds for all channels together, for programs."""
    return {
        "hours_pledged": counsel.hours_pledged,
        "hours_owed": counsel.hours_owed,
        "portfolio": [remark_data(one, words) for one in counsel.portfolio],
    }


def channel_data(one: Advice, words: Words) -> dict[str, object]:
    """One channel's advice, for programs."""
    return {
        "id": one.channel,
        "action": one.action.value,
        "because": remark_data(one.because, words),
        "questions": [remark_data(question, words) for question in one.questions],
        "into": one.into,
        "farewell": None if one.farewell is None else remark_data(one.farewell, words),
        "hours_pledged": one.hours_pledged,
        "hours_owed": one.hours_owed,
    }


def remark_data(remark: Remark, words: Words) -> dict[str, object]:
    """One remark: its code, its sentence, and the figures that the sentence stands on."""
    facts = {name: fact if isinstance(fact, str) else finite(fact) for name, fact in remark.facts.items()}
    return {"code": remark.code, "text": said(remark, words), "facts": facts}


def opening_data(one: Opening, words: Words) -> dict[str, object]:
    """Whether to open one more channel, for programs."""
    answer, _ = opening(one, words)
    return {
        "name": one.name,
        "hours": one.hours,
        "advisable": one.advisable,
        "text": answer,
        "reasons": [remark_data(reason, words) for reason in one.reasons],
    }
