"""The frozen dataclasses that pass between the rooms.

Times are whole Unix seconds, UTC, unless a name says otherwise; ``*_days`` are days of 86,400 seconds.
Everything here is plain data: no I/O, no clock, no behaviour beyond a derived property.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:  # numpy takes 26 MB, which the reading of feeds does without
    import numpy as np
    from numpy.typing import NDArray

DAY = 86_400
"""Seconds in a day."""


class Kind(StrEnum):
    """What an entry is: an original contribution, or anything in answer to one."""

    POST = "post"
    REPLY = "reply"
    LINKBACK = "linkback"
    """A pingback or trackback: another page links to the post. Kept, and never counted as a reply."""


class Outcome(StrEnum):
    """What became of one fetch of one feed."""

    UPDATED = "updated"
    NOT_MODIFIED = "not_modified"
    MOVED = "moved"
    GONE = "gone"
    THROTTLED = "throttled"
    FAILED = "failed"

    @property
    def readable(self) -> bool:
        """True where the fetch told us something about the channel."""
        return self in (Outcome.UPDATED, Outcome.NOT_MODIFIED, Outcome.MOVED)


class Status(StrEnum):
    """A channel's verdict, worst first."""

    DEAD = "dead"
    STARVING = "starving"
    THIN = "thin"
    UNKNOWN = "unknown"
    NEWBORN = "newborn"
    BREATHING = "breathing"


class Sign(StrEnum):
    """The five vital signs."""

    PULSE = "pulse"
    ECHO = "echo"
    ANSWER = "answer"
    CIRCLE = "circle"
    INVESTMENT = "investment"


@dataclass(frozen=True, slots=True)
class Organisation:
    """Whose channels these are. ``staff``: names, ``*`` patterns or e-mail addresses."""

    name: str
    language: str = "en"
    timezone: str = "UTC"
    staff: tuple[str, ...] = ()
    country: str | None = None
    """Whose public holidays are no silence (ISO 3166, two letters); None: the time zone's; empty: nobody's."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One blog or forum, as its owner describes it in the config."""

    id: str
    name: str
    feeds: tuple[str, ...]
    site: str | None = None
    folder: tuple[str, ...] = ()
    unlisted: bool = False
    """True where the config lists no feeds: they are discovered, ``feeds`` being the site until then."""
    owner: str | None = None
    hours_per_week: float | None = None
    opened: date | None = None
    posts_per_month: float | None = None
    answer_within_days: float | None = None
    stamina_days: float = 180
    """How long it is given to get a dialogue going before it is judged."""
    sponsor: str | None = None
    """Who in the management stands behind it."""
    purpose: str | None = None
    moderation: str | None = None
    use_of_input: str | None = None
    paused: tuple[tuple[date, date], ...] = ()
    """Planned pauses, first and last day, both included, in the organisation's own time zone."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A post or a reply, as one feed shows it.

    ``uid`` identifies it within its feed; ``key`` within its channel, so that the same contribution seen through two
    feeds has one key. ``time`` is None where the feed gives no believable date. ``thread`` is the same string for a
    post and its replies wherever the platform allows. ``reply_count`` is a count carried by the feed, on posts.
    """

    uid: str
    key: str
    kind: Kind
    time: int | None = None
    title: str = ""
    link: str = ""
    author: str = ""
    thread: str = ""
    reply_count: int | None = None
    email: str = ""
    """The author's e-mail address, where the feed writes one beside the name."""
    replies_feed: str = ""
    """The address of the feed of this post's replies; empty where there is none."""
    place: str = ""
    """The link without scheme, host and tracking: what stays when a site moves or renames its entries' ids."""

    def __reduce__(self) -> tuple[type[Entry], tuple[object, ...]]:
        """Pickled in a third of the time that a frozen dataclass takes: all that is read passes between processes."""
        return Entry, _of_entry(self)


_of_entry = attrgetter(*(one.name for one in fields(Entry)))


@dataclass(frozen=True, slots=True)
class FeedState:
    """What we remember of a feed between two nights: where it is now, and its validators."""

    channel: str
    url: str
    """As configured: the feed's identity."""
    address: str
    """Where it is fetched: ``url``, or where it has permanently moved."""
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    """SHA-256 of the last body read, hex."""
    retry_at: int | None = None
    """Not to be asked before this moment (Retry-After)."""
    gone: bool = False
    thread_of: str = ""
    """Of the feed of one post's replies: the listed feed that the post is in. Empty for a listed feed."""
    body_read: int | None = None
    """When a whole body was last read, rather than told to be unchanged."""
    stale_validators: bool = False
    next_poll: int | None = None
    """When to read it again at the latest, if its window is not to be missed."""
    failures: int = 0
    """How many times in a row it could not be read."""
    asked: int | None = None
    """When its server was last asked for it; None: never."""
    reason: str = ""
    """Why it could not be read when it was last asked."""
    carries_replies: bool = False
    """True for a feed in which replies are seen where there are any."""
    rhythm: int | None = None
    """Seconds between two of its entries, as a rule; None where its dates do not tell."""


@dataclass(frozen=True, slots=True)
class ThreadFeed:
    """The feed of one post's replies, and what is known of them."""

    state: FeedState
    posted: int
    counted: int | None
    """The reply count last carried by the post, None where its feed carries none."""
    counted_at: int | None
    grown: bool
    """True where that count has risen since the post was first seen."""
    seen: int
    asked_at: int | None
    failed: bool
    beside: bool
    """True where a listed feed of the channel shows the replies to all posts."""
    orphan: bool = False
    """True where only replies of the thread are known, not the post."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Entries may have slipped by between two polls: none of those shown at ``noticed`` was known."""

    begins: int
    """The newest entry known before, or when the feed was last read."""
    ends: int
    """The oldest entry shown after."""
    noticed: int


@dataclass(frozen=True, slots=True)
class Walk:
    """How far a feed has been walked back: resumable, one page at a time."""

    channel: str
    url: str
    next: str = ""
    """The address of the page to read next; empty before the first and after the last."""
    pages: int = 0
    reached: int | None = None
    """The date of the oldest entry met."""
    finished: bool = False
    """True where the site has no older page."""


@dataclass(frozen=True, slots=True)
class Rests:
    """When a feed says that it has nothing new: RSS ``ttl``, ``skipHours`` and ``skipDays``."""

    ttl: int = 0
    """Seconds."""
    hours: frozenset[int] = frozenset()
    """Hours of the day in UTC, 0 to 23."""
    days: frozenset[int] = frozenset()
    """Days of the week in UTC, Monday is 0."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The result of polling one feed once. A failed feed is a value, not an exception."""

    channel: str
    url: str
    outcome: Outcome
    reason: str
    time: int
    """When the fetch began."""
    address: str = ""
    """Where the feed is to be fetched next time."""
    http_status: int | None = None
    size: int = 0
    seconds: float = 0.0
    etag: str | None = None
    last_modified: str | None = None
    digest: str | None = None
    retry_at: int | None = None
    platform: str = ""
    title: str = ""
    entries: tuple[Entry, ...] = ()
    older: str = ""
    """The address of the next page back; empty where there is none."""
    carries_replies: bool = False
    """True for a feed in which replies are seen where there are any."""
    stale_validators: bool = False
    """True where the server may say "not modified" although reply counts have changed."""
    pace: int | None = None
    """Seconds in which half the window passes at its busiest; None where a nightly look is often enough."""
    rhythm: int | None = None
    """Seconds between two entries, as a rule; None where their dates do not tell."""
    thread_of: str = ""
    asked: bool = True
    """False where the server was not asked at all: the feed is retired, its host wants peace, the night is over."""
    passing: bool = False
    """True for a failure that may have passed a minute later: worth asking once more tonight."""
    unreached: bool = False
    """True where no connection could be made to the feed's host."""
    elsewhere: bool = False
    """True where the answer came from another host than the one asked: it says nothing of that one."""
    left_out: int = 0
    """Entries that the feed has and that were not read: it is too large, or they are empty or beyond repair."""
    moving_to: str | None = None
    """Where permanent redirects led; the feed's address changes when they still do so after some nights."""
    rests: Rests | None = None
    """When the feed says that it need not be asked; None where it says nothing."""


@dataclass(frozen=True, slots=True)
class FeedLine:
    """One feed in a report or in ``--json``: how it was read last, and what is known of it."""

    channel: str
    url: str
    outcome: Outcome | None
    """None: never polled."""
    reason: str = ""
    entries: int = 0
    new_entries: int = 0
    platform: str = ""
    last_read: int | None = None
    """When it last told us something."""
    at_least: bool = False
    """True where a poll did not overlap the one before: entries may have slipped by."""
    address: str = ""
    """Where it is fetched, if that is not ``url``: it has moved."""
    carries_replies: bool = False
    shown: int = 0
    """How many entries its window held at the last look."""
    oldest: int | None = None
    """The oldest entry known through it."""
    next_poll: int | None = None
    """When it is to be read again at the latest; None: nightly is often enough."""
    gaps: tuple[Gap, ...] = ()
    walked: bool = False
    """True where its history was walked back to the first page."""


@dataclass(frozen=True, slots=True)
class Event:
    """A stored entry as the measuring sees it: one contribution to a channel, counted once over its feeds."""

    kind: Kind
    time: int
    author: str = ""
    thread: str = ""
    dated: bool = True
    """False where the time is only when we first saw it."""
    email: str = ""


@dataclass(frozen=True, slots=True)
class CountedReplies:
    """Replies known only from counts that a feed carries: ``replies`` more between two nights, dated to the later."""

    time: int
    replies: int
    thread: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class EventColumns:
    """A channel's events and counted replies, ascending by time, as columns: in a twentieth of their room as objects.

    ``signature`` is a place in ``signatures``, -1 for a contribution that names neither author nor e-mail address;
    ``thread`` and ``counted_thread`` are numbers that stand for the same threads, -1 where unknown.
    """

    times: NDArray[np.int64]
    is_reply: NDArray[np.bool_]
    dated: NDArray[np.bool_]
    signature: NDArray[np.int32]
    thread: NDArray[np.int32]
    counted_times: NDArray[np.int64]
    counted: NDArray[np.int64]
    counted_thread: NDArray[np.int32]
    signatures: tuple[tuple[str, str], ...]
    """Every different (author, e-mail address)."""


@dataclass(frozen=True, slots=True)
class Digest:
    """A channel's life packed by the store, for nights on which nothing in it changed."""

    channel: str
    state: str
    """What its feeds must be like for it to hold."""
    newest: int
    """It holds from this moment on."""
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class History:
    """All that the store knows of one channel's life."""

    channel: str
    events: tuple[Event, ...] = ()
    """Ascending by time."""
    counted: tuple[CountedReplies, ...] = ()
    total_posts: int = 0
    total_replies: int = 0
    """Per thread the larger of the replies seen and the count its feed carries, summed."""
    first_watched: int | None = None
    first_shown: int = 0
    """The most entries that any of its feeds showed when it was first read: a full window may hide an older life."""
    feeds: tuple[FeedLine, ...] = ()
    linkbacks: int = 0
    """Pingbacks and trackbacks, which are no replies."""
    hears_replies: bool = True
    """False where none of its feeds would show replies or their number: then none seen says nothing."""
    began: int | None = None
    """When its first contribution came, where ``events`` are left out."""

    @property
    def first(self) -> int | None:
        """When its first contribution came; None where none is known."""
        return self.events[0].time if self.events else self.began

    @property
    def at_least(self) -> bool:
        """True where a window was missed in any of the feeds."""
        return any(feed.at_least for feed in self.feeds)


@dataclass(frozen=True, slots=True)
class Vital:
    """One vital sign: its value, the channel's own normal and the evidence for both.

    ``value`` None means too little to tell. ``health`` is 0 (no oxygen) to 1 (as it should be), None where unknown.
    """

    sign: Sign
    value: float | None
    normal: float | None
    unit: str
    """``per_week``, ``share``, ``days``, ``people`` or ``hours``."""
    health: float | None = None
    events: int = 0
    """How many events the value stands on."""
    since: int | None = None
    until: int | None = None
    facts: dict[str, float] = field(default_factory=dict)
    """Further figures by name, for sentences and tables."""
    low: float | None = None
    high: float | None = None
    """The value's 90 % interval: how far luck alone may have moved it."""


@dataclass(frozen=True, slots=True)
class Vitals:
    """The five signs of one channel at one moment."""

    now: int
    window_days: int
    signs: dict[Sign, Vital]
    posts: int
    replies: int
    """Counts within the window, counted replies included."""
    last_post: int | None
    last_reply: int | None
    age_days: float | None
    silence_days: float | None
    silent_probability: float | None
    """0..1: that nothing more comes in the next 180 days."""
    collapse_probability: float | None = None
    """0..1: that in the next 180 days less than a quarter of the last year's rate comes."""
    longer_gap_probability: float | None = None
    """0..1: that a gap of this channel, while it lives, is longer than the silence that it is in."""
    last_staff: int | None = None
    """When the organisation last wrote anything; None where that was never seen, or nobody's role is known."""
    last_answer: int | None = None
    """When the organisation last wrote in a thread that others had written in."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a verdict: a coded sentence with its figures; the report puts it into the reader's language."""

    sign: Sign
    code: str
    value: float | None
    normal: float | None
    weight: float = 0.0
    """How much it explains; the largest comes first."""
    since: int | None = None
    until: int | None = None
    facts: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Standing:
    """A channel's verdict as the store keeps it from night to night, for hysteresis."""

    status: Status
    since: int
    candidate: Status | None = None
    candidate_since: int | None = None
    candidate_nights: int = 0


@dataclass(frozen=True, slots=True)
class Earlier:
    """What earlier nights said of a channel."""

    night: str = ""
    """The latest of them (YYYY-MM-DD); empty where it was never judged."""
    status: Status | None = None
    """That night's."""
    standing: Standing | None = None
    turns: tuple[tuple[str, Status], ...] = ()
    """(night, new status) of each night whose status was another than the night before, oldest first."""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The verdict: status, since when, oxygen 0-100, how sure (0..1), and its reasons, most telling first."""

    status: Status
    since: int
    oxygen: int | None
    confidence: float
    reasons: tuple[Reason, ...]
    standing: Standing
    changed_from: Status | None = None
    """The status of the night before, where this night changed it."""


@dataclass(frozen=True, slots=True)
class Week:
    """Posts and replies in the seven days from ``start``."""

    start: int
    posts: int
    replies: int


class Weeks(Sequence[Week]):
    """Weeks one after another, oldest first, in a hundredth of the room that so many ``Week`` objects take."""

    __slots__ = ("_begin", "_posts", "_replies")

    def __init__(self, begin: int, posts: Iterable[int], replies: Iterable[int]) -> None:
        self._begin, self._posts, self._replies = begin, array("q", posts), array("q", replies)

    @overload
    def __getitem__(self, place: int) -> Week: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Week, ...]: ...
    def __getitem__(self, place: int | slice) -> Week | tuple[Week, ...]:
        if isinstance(place, slice):
            return tuple(self)[place]
        return Week(self._begin + 7 * DAY * (range(len(self))[place]), self._posts[place], self._replies[place])

    def __len__(self) -> int:
        return len(self._posts)

    def __iter__(self) -> Iterator[Week]:
        starts = range(self._begin, self._begin + 7 * DAY * len(self), 7 * DAY)
        return map(Week, starts, self._posts, self._replies)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        return hash(tuple(self))

    def __repr__(self) -> str:
        return f"Weeks({self._begin}, {self._posts.tolist()}, {self._replies.tolist()})"

    def __reduce__(self) -> tuple[type[Weeks], tuple[int, array[int], array[int]]]:
        return Weeks, (self._begin, self._posts, self._replies)


class Happening(StrEnum):
    """What is marked on a channel's chart beside its posts and replies."""

    ANSWER = "answer"
    """The organisation's last answer."""
    SILENCE = "silence"
    """A silence far longer than this channel's usual ones."""
    STATUS = "status"
    """A change of status."""


@dataclass(frozen=True, slots=True)
class Mark:
    """An event that matters in a channel's life."""

    kind: Happening
    begins: int
    ends: int | None = None
    """The end of a silence; None where it is a moment, or still goes on."""
    status: Status | None = None
    """The new status of a change."""


@dataclass(frozen=True, slots=True)
class Look:
    """A channel as it was at an earlier moment, from what was dated before that moment."""

    moment: int
    oxygen: int | None
    values: dict[Sign, float | None] = field(default_factory=dict)
    """Of each sign, in the sign's own unit."""


@dataclass(frozen=True, slots=True)
class ChannelReport:
    """Everything the report says of one channel."""

    channel: Channel
    diagnosis: Diagnosis
    vitals: Vitals
    history: History
    weeks: Sequence[Week]
    """Oldest first."""
    trend: tuple[Look, ...] = ()
    """The year before, a quarter at a time, oldest first; empty where it cannot be looked at now."""
    marks: tuple[Mark, ...] = ()
    """What happened within the chart's weeks, oldest first."""
    people: frozenset[str] = frozenset()
    """Names, case and accents folded, of those outside the organisation who wrote in the last two years."""
    people_ever: int = 0
    """How many different people outside the organisation were ever seen to write."""


class Action(StrEnum):
    """What to do about a channel, as the devil's advocate sees it."""

    KEEP = "keep"
    """It breathes: leave it in peace."""
    CONCENTRATE = "concentrate"
    """Of the living, it gives most for its hours: hours that are freed do most good here."""
    STAFF = "staff"
    """It can be kept, if it gets the hours or the person that it lacks."""
    WATCH = "watch"
    MERGE = "merge"
    CLOSE = "close"
    WAIT = "wait"
    """It is too young to judge, or paused."""
    LOOK = "look"
    """It could not be measured: find out why first."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A coded sentence of the advocate's, with the figures that it stands on; the report says it in words."""

    code: str
    facts: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Advice:
    """What the devil's advocate says of one channel."""

    channel: str
    action: Action
    because: Remark
    questions: tuple[Remark, ...] = ()
    """The questions that went unasked: with no answer in the config, or with one that the measurements contradict."""
    into: str | None = None
    """The channel to merge it into, or to point people to in the farewell."""
    farewell: Remark | None = None
    hours_pledged: float | None = None
    hours_owed: float | None = None
    """Hours a week that answering takes now, or took when it last lived, whichever is more."""


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether to open one more channel."""

    name: str
    hours: float
    advisable: bool
    reasons: tuple[Remark, ...]
    """Against it where it is not advisable, else the conditions."""


@dataclass(frozen=True, slots=True)
class Counsel:
    """What the devil's advocate says of an organisation's channels together."""

    portfolio: tuple[Remark, ...]
    channels: tuple[Advice, ...]
    hours_pledged: float
    hours_owed: float


@dataclass(frozen=True, slots=True)
class StatusChange:
    """One change of a channel's status as the store keeps it; ``night`` is YYYY-MM-DD."""

    channel: str
    night: str
    before: Status
    status: Status
    oxygen: int | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class NightSum:
    """One night's verdicts, summed up."""

    night: str
    """YYYY-MM-DD."""
    judged: int = 0
    """Channels with a verdict."""
    short: int = 0
    """Of them, those short of oxygen: dead or starving."""
    measured: int = 0
    """Of them, those whose oxygen is known."""
    oxygen: int = 0
    """Theirs, added up."""

    @property
    def mean(self) -> int | None:
        """The organisation's oxygen; None where no channel's was known."""
        return round(self.oxygen / self.measured) if self.measured else None


@dataclass(frozen=True, slots=True)
class Changes:
    """What the reader knew when she was last told: a night (YYYY-MM-DD) and each channel's status then."""

    since: str
    before: dict[str, Status]


class Trouble(StrEnum):
    """What went wrong with Oximeter itself, rather than with a feed."""

    MAIL = "mail"
    """A letter could not be delivered in its night; facts ``to`` (empty: a chat room), ``night`` and ``error``."""
    MAIL_GIVEN_UP = "mail_given_up"
    """A letter that could not be delivered for weeks is no longer tried; facts ``to``, ``night`` and ``error``."""
    STORE_RESTORED = "store_restored"
    """The store was damaged, and a backup took its place; facts ``aside`` (file; empty: lost), ``backup`` (date)."""
    CLOCK_WENT_BACK = "clock_went_back"
    """The clock says an earlier day than at the last run; fact ``latest`` (YYYY-MM-DD, the latest night known)."""
    NIGHT_TOO_SHORT = "night_too_short"
    """Some feeds were not asked, as the night's time was up; fact ``feeds`` (how many)."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that the reader must know of how the report came about; the report says it in words."""

    trouble: Trouble
    facts: dict[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Night:
    """One night's findings: what the report room turns into pages, mails and JSON."""

    organisation: Organisation
    now: int
    channels: tuple[ChannelReport, ...]
    counsel: Counsel | None = None
    oxygen: int | None = None
    """The organisation's: the mean over the channels whose oxygen is known."""
    oxygen_before: tuple[tuple[str, int | None], ...] = ()
    """(night, the organisation's oxygen) of earlier nights, oldest first."""
    changes: Changes | None = None
    """Against the night before; None where there was none."""
    notices: tuple[Notice, ...] = ()
    """What went wrong with Oximeter itself since the last report."""


@dataclass(frozen=True, slots=True)
class Reader:
    """One who gets the report by mail."""

    address: str
    language: str
    when: str
    """``daily``, ``weekly``, ``monthly`` or ``on_change``."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A change of a channel's status, said in words, for feed readers and chat rooms."""

    id: str
    """A URI that stays the same for this change."""
    time: int
    title: str
    text: str
    """Plain text, a sentence a line."""
    link: str = ""
    """Where the report is; a web address, or a path below the alert feed."""
    category: str = ""
    """The new status."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture within a mail."""

    name: str
    """By which the HTML calls it: ``cid:name``."""
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail before it is addressed: subject, written plain text, HTML with inlined CSS."""

    subject: str
    text: str
    html: str
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """A mail server. ``security`` is ``starttls``, ``tls`` or ``none``; ``password`` never appears in a repr."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout: float = 30.0
    """Seconds that each of its answers may take."""
    total: float = 120.0
    """Seconds that the whole conversation about one mail may take."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail to one person as the store keeps it: claimed, then sent, or kept waiting in the outbox."""

    id: int
    night: str
    recipient: str
    state: str
    """``waiting``, ``sent`` or ``outbox``."""
    message: bytes
    error: str = ""
