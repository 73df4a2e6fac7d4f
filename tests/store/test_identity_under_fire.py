"""Whatever a feed does to the ids, links, titles and dates of its entries, each contribution is counted once."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import format_datetime
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event as listen

from monitor.model import DAY, Channel, Kind, Outcome, Reading
from monitor.poll.parse import parse
from monitor.store import Store, open_store

START = 1_767_225_907
"""The first night: 1 January 2026, some minutes past midnight."""
FEED = "https://blog.eksempel.example/feed"
BLOG = Channel("blog", "Blog", (FEED,))
SITE = "https://blog.eksempel.example"


@dataclass(frozen=True)
class Post:
    """A post as its author wrote it, and as it stands now."""

    number: int
    written: int
    title: str = ""
    slug: str = ""
    shown_date: int | None = None
    author: str = "Gry"

    @property
    def date(self) -> int:
        return self.written if self.shown_date is None else self.shown_date


Guids = Callable[[int, Sequence[Post]], list[str | None]]
"""The guids of a window's entries, newest first, on a night."""
Links = Callable[[int, Post], str | None]


def by_number(night: int, window: Sequence[Post]) -> list[str | None]:
    return [f"id-{post.number}" for post in window]


def new_every_night(night: int, window: Sequence[Post]) -> list[str | None]:
    return [f"{night}-{post.number}" for post in window]


def two_servers(night: int, window: Sequence[Post]) -> list[str | None]:
    return [f"server-{'ab'[night % 2]}-{post.number}" for post in window]


def by_position(night: int, window: Sequence[Post]) -> list[str | None]:
    return [str(place) for place, _ in enumerate(window)]


def from_the_bottom(night: int, window: Sequence[Post]) -> list[str | None]:
    return [str(place) for place, _ in reversed(list(enumerate(window)))]


def all_the_same(night: int, window: Sequence[Post]) -> list[str | None]:
    return ["https://blog.eksempel.example/"] * len(window)


def in_pairs(night: int, window: Sequence[Post]) -> list[str | None]:
    return [f"pair-{post.number // 2}" for post in window]


def none(night: int, window: Sequence[Post]) -> list[str | None]:
    return [None] * len(window)


def some_new_some_old(night: int, window: Sequence[Post]) -> list[str | None]:
    chance = random.Random(night)
    return [f"{chance.choice(('old', night))}-{post.number}" for post in window]


def own_page(night: int, post: Post) -> str | None:
    return f"{SITE}/{post.slug or post.number}"


def http_then_https(night: int, post: Post) -> str | None:
    return f"{'http' if night < 3 else 'https'}://blog.eksempel.example/{post.number}"


def with_session(name: str) -> Links:
    def link(night: int, post: Post) -> str:
        visit = f"{night:08x}{post.number:024x}"
        if name == "jsessionid":
            return f"{SITE}/{post.number};jsessionid={visit}.node1?lang=da"
        return f"{SITE}/show.php?{name}={visit}&p={post.number}"

    return link


def home(night: int, post: Post) -> str | None:
    return f"{SITE}/"


def nowhere(night: int, post: Post) -> str | None:
    return None


def one_page(night: int, post: Post) -> str | None:
    return f"{SITE}/news.html"


def rss(window: Sequence[Post], guids: Sequence[str | None], links: Sequence[str | None], dates: bool = True) -> bytes:
    items = []
    for post, guid, link in zip(window, guids, links, strict=True):
        told = f"<title>{escape(post.title)}</title><dc:creator>{post.author}</dc:creator>"
        told += f"<guid isPermaLink='false'>{guid}</guid>" if guid is not None else ""
        told += f"<link>{escape(link)}</link>" if link is not None else ""
        told += f"<pubDate>{format_datetime(datetime.fromtimestamp(post.date, UTC))}</pubDate>" if dates else ""
        items.append(f"<item>{told}</item>")
    return (
        '<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Blog</title>'
        f"<link>{SITE}/</link>{''.join(items)}</channel></rss>"
    ).encode()


def atom(window: Sequence[Post], guids: Sequence[str | None], links: Sequence[str | None], dates: bool = True) -> bytes:
    items = []
    for post, guid, link in zip(window, guids, links, strict=True):
        told = f"<title>{escape(post.title)}</title><author><name>{post.author}</name></author>"
        told += f"<id>{guid}</id>" if guid is not None else ""
        told += f"<link href={quoteattr(link)}/>" if link is not None else ""
        told += f"<updated>{datetime.fromtimestamp(post.date, UTC).isoformat()}</updated>" if dates else ""
        items.append(f"<entry>{told}</entry>")
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Blog</title>{"".join(items)}</feed>'.encode()


@dataclass
class Watch:
    """A store, and the nights on which it looks at the feed."""

    store: Store
    night: int = 0
    new: list[int] = field(default_factory=list)

    def look(self, body: bytes) -> int:
        """One night: the number of entries that were new."""
        now = START + self.night * DAY
        found = parse(body, "application/xml", FEED, now)
        assert found.error is None, found.error
        reading = Reading(
            "blog", FEED, Outcome.UPDATED, "", now, FEED, digest=f"{self.night}", entries=found.entries, http_status=200
        )
        self.new.append(self.store.record(reading))
        self.night += 1
        return self.new[-1]

    @property
    def times(self) -> list[int]:
        return [event.time for event in self.store.history(BLOG).events if event.kind is Kind.POST]

    @property
    def total(self) -> int:
        return self.store.history(BLOG).total_posts


@contextmanager
def watching() -> Iterator[Watch]:
    with TemporaryDirectory() as folder, open_store(f"sqlite:///{folder}/o.db") as store:
        yield Watch(store)


def posts(number: int, step: int = 9 * 3600 + 421, until: int = START - 3600) -> list[Post]:
    """So many posts, newest first, with times and titles of their own."""
    return [Post(number - place, until - place * step, f"Emne {number - place}") for place in range(number)]


GUIDS = [by_number, new_every_night, two_servers, by_position, from_the_bottom, all_the_same, in_pairs, none,
         some_new_some_old]  # fmt: skip
LINKS = [own_page, http_then_https, with_session("sid"), with_session("PHPSESSID"), with_session("jsessionid"), home,
         one_page, nowhere]  # fmt: skip


def live(
    watch: Watch, guids: Guids, links: Links, nights: int = 12, size: int = 5, write: Callable[..., bytes] = rss
) -> list[int]:
    """A blog of a post a night or two, in a window of ``size``; the times at which they were written."""
    every = posts(4)
    for night in range(nights):
        if night % 3:
            for more in range(night % 3):
                moment = START + night * DAY - 7_001 * (3 - more)
                every.insert(0, Post(every[0].number + 1, moment, f"Emne {every[0].number + 1}"))
        window = every[:size]
        watch.look(write(window, guids(night, window), [links(night, post) for post in window]))
    return sorted(post.written for post in every)


@pytest.mark.parametrize("links", LINKS, ids=lambda links: links.__qualname__)
@pytest.mark.parametrize("guids", GUIDS, ids=lambda guids: guids.__name__)
def test_every_post_is_counted_once_whatever_its_guid_and_link(guids: Guids, links: Links) -> None:
    with watching() as watch:
        assert watch.times == []
        written = live(watch, guids, links)
        assert watch.times == written
        assert sum(watch.new) == len(written)
        assert not watch.store.history(BLOG).at_least


# --- one change at a time ---

OLD = posts(8)
EDITS = {
    "title": lambda post: replace(post, title=f"{post.title}, rettet"),
    "link": lambda post: replace(post, slug=f"ny-{post.number}"),
    "date": lambda post: replace(post, shown_date=post.written + 3 * 3600 + 11),
}


def show(watch: Watch, window: Sequence[Post], guids: Guids, links: Links, **more: bool) -> int:
    written = guids(watch.night, window)
    return watch.look(rss(window, written, [links(watch.night, post) for post in window], **more))


@pytest.mark.parametrize("links", [own_page, nowhere], ids=lambda links: links.__name__)
@pytest.mark.parametrize("guids", [by_number, none, new_every_night], ids=lambda guids: guids.__name__)
@pytest.mark.parametrize("edit", EDITS)
def test_an_edited_entry_is_no_new_one(edit: str, guids: Guids, links: Links) -> None:
    if edit == "date" and guids is new_every_night and links is nowhere:
        guids = none  # the title alone is left, and every other entry's id is new too
    with watching() as watch:
        show(watch, OLD, guids, links)
        for place in (3, 1, 2):
            window = [*OLD[:place], EDITS[edit](OLD[place]), *OLD[place + 1 :]]
            assert show(watch, window, guids, links) == 0
        assert watch.times == sorted(post.date for post in window)


@pytest.mark.parametrize("links", [own_page, nowhere], ids=lambda links: links.__name__)
@pytest.mark.parametrize("guids", [by_number, none, new_every_night], ids=lambda guids: guids.__name__)
def test_a_site_rebuilt_with_new_dates_every_night_keeps_the_first(guids: Guids, links: Links) -> None:
    with watching() as watch:
        show(watch, OLD, guids, links)
        for night in range(1, 6):
            built = START + night * DAY - 600
            assert show(watch, [replace(post, shown_date=built) for post in OLD], guids, links) == 0
        assert watch.times == sorted(post.written for post in OLD)


@pytest.mark.parametrize("links", [own_page, nowhere], ids=lambda links: links.__name__)
@pytest.mark.parametrize("guids", [by_number, none, new_every_night], ids=lambda guids: guids.__name__)
def test_a_feed_that_writes_now_as_every_date_does_not_live_for_ever(guids: Guids, links: Links) -> None:
    with watching() as watch:
        for night in range(30):
            now = START + night * DAY + 3
            assert show(watch, [replace(post, shown_date=now) for post in OLD], guids, links) == (0 if night else 8)
        assert set(watch.times) == {START + 3}
        news = replace(posts(1)[0], number=9, title="Emne 9", shown_date=START + 30 * DAY)
        show(watch, [replace(post, shown_date=START + 30 * DAY) for post in (news, *OLD[:-1])], guids, links)
        assert watch.times == [*[START + 3] * 8, START + 30 * DAY]


@pytest.mark.parametrize("guids", [by_number, none, new_every_night, all_the_same], ids=lambda guids: guids.__name__)
def test_what_disappears_and_comes_back_is_known_again(guids: Guids) -> None:
    with watching() as watch:
        for window in (OLD, OLD[:2] + OLD[4:], [], OLD[3:6], OLD, OLD[::-1]):
            show(watch, window, guids, own_page)
        assert watch.times == sorted(post.written for post in OLD)


@pytest.mark.parametrize("guids", [by_number, none, two_servers], ids=lambda guids: guids.__name__)
@pytest.mark.parametrize("links", [own_page, nowhere], ids=lambda links: links.__name__)
def test_a_feed_that_alternates_between_two_windows_is_one(guids: Guids, links: Links) -> None:
    with watching() as watch:
        for night in range(8):
            show(watch, OLD[night % 2 :: 2], guids, links)
        assert watch.times == sorted(post.written for post in OLD)


@pytest.mark.parametrize("after", [(by_number, own_page), (new_every_night, own_page), (by_number, nowhere),
                                   (new_every_night, nowhere), (none, own_page)])  # fmt: skip
@pytest.mark.parametrize("before", [(by_number, own_page), (none, own_page), (by_number, nowhere)])
def test_the_same_entries_as_atom_are_no_news(before: tuple[Guids, Links], after: tuple[Guids, Links]) -> None:
    with watching() as watch:
        show(watch, OLD, *before)
        guids, links = after
        assert watch.look(atom(OLD, guids(1, OLD), [links(1, post) for post in OLD])) == 0
        assert watch.times == sorted(post.written for post in OLD)


# --- what must stay two ---


def statuses(number: int, day: int, hours: bool) -> list[Post]:
    """Short posts of one author under one title, on one day, dated to the second or to the day."""
    moment = START - START % DAY + day * DAY
    return [
        Post(10 * day + one, moment + (3_607 * one if hours else 0), "Status") for one in reversed(range(1, number + 1))
    ]


@pytest.mark.parametrize("hours", [True, False], ids=["seconds", "days"])
@pytest.mark.parametrize("links", [own_page, one_page, home, nowhere], ids=lambda links: links.__name__)
def test_posts_of_one_title_and_day_with_ids_of_their_own_are_several(links: Links, hours: bool) -> None:
    every: list[Post] = []
    with watching() as watch:
        for night in range(6):
            every = statuses(2 + night % 2, night, hours) + every
            show(watch, every[:6], by_number, links)
        assert watch.total == len(every)


def test_a_post_that_takes_the_place_of_another_of_that_day_and_title_is_another() -> None:
    first, second = statuses(2, 0, hours=False)[::-1]
    with watching() as watch:
        for window in ([first], [second], [first]):
            show(watch, window, by_number, nowhere)
            show(watch, [*window, *OLD[:1]], by_number, own_page)
        assert watch.total == 3


@pytest.mark.parametrize("dates", [True, False], ids=["dated", "undated"])
def test_replies_of_one_thread_under_one_link_are_several(dates: bool) -> None:
    every = [replace(post, title="Re: Parkering", author="ABC"[post.number % 3]) for post in posts(12, step=DAY // 2)]
    with watching() as watch:
        for night in range(9):
            show(watch, every[8 - night : 12 - night], by_number, one_page, dates=dates)
        assert watch.total == 12


@pytest.mark.parametrize("guids", [by_number, new_every_night, by_position, none], ids=lambda guids: guids.__name__)
@pytest.mark.parametrize("links", [own_page, nowhere, home], ids=lambda links: links.__name__)
def test_entries_without_dates_are_known_by_their_titles_or_links(guids: Guids, links: Links) -> None:
    every = posts(14)
    with watching() as watch:
        for night in range(10):
            show(watch, every[9 - night : 14 - night], guids, links, dates=False)
        assert (watch.total, sum(watch.new)) == (14, 14)


# --- any life ---

WILD = [by_number, new_every_night, two_servers, by_position, from_the_bottom, all_the_same, none, some_new_some_old]


ADDRESSES = [own_page, http_then_https, with_session("sid"), home, nowhere]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_life_of_a_feed_gives_exactly_its_contributions(data: st.DataObject) -> None:
    """Every night some posts, an edit, another order, other ids: what a person could tell apart is counted right."""
    size = data.draw(st.integers(5, 9), "window")
    links: Links = own_page
    every, seen = posts(size + 2), set[int]()
    with watching() as watch:
        for night in range(data.draw(st.integers(2, 7), "nights")):
            for more in reversed(range(data.draw(st.integers(0, 2), "new posts"))):
                number = every[0].number + 1
                every.insert(0, Post(number, START + night * DAY - 1_003 - 5_000 * more, f"Emne {number}"))
            place = data.draw(st.integers(0, size - 1), "edited")
            edit = data.draw(st.sampled_from(["title", "link", "none"]), "edit")
            if edit != "none":
                every[place] = EDITS[edit](every[place])
            window = every[:size]
            if data.draw(st.booleans(), "reordered"):
                window = data.draw(st.permutations(window))
            guids = data.draw(st.sampled_from(WILD), "guids")
            if edit != "title":  # an entry's title and all its addresses and ids at once: who would know it?
                links = data.draw(st.sampled_from(ADDRESSES), "links")
            show(watch, window, guids, links)
            seen |= {post.written for post in window}
            assert watch.times == sorted(seen)


def test_a_night_of_a_large_feed_asks_a_few_questions() -> None:
    with watching() as watch:
        every = posts(3_000, step=3_607)
        for start in range(2_900, 0, -80):
            show(watch, every[start : start + 100], new_every_night, own_page)
        asked: list[str] = []
        listen.listen(watch.store._engine, "before_cursor_execute", lambda c, cursor, sql, *_: asked.append(sql))
        show(watch, every[:100], new_every_night, own_page)
        assert len(asked) < 40
        whole = [sql for sql in asked if "FROM entries" in sql and sql.rstrip().endswith("WHERE entries.feed_id = ?")]
        assert [sql for sql in whole if "min(" not in sql and "max(" not in sql] == []
