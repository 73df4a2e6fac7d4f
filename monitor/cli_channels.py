"""The commands that a channel's owner uses: find a site's feeds, take over a list of feeds, walk back in time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from monitor import alone, edit, opml
from monitor.backfill import MAX_PAGES, Walked, backfill
from monitor.command import Session, command, fail, parse_moment, warn
from monitor.config import ChannelTable, Config, load
from monitor.model import Channel
from monitor.poll.discover import Discovery, Found, discover
from monitor.poll.guard import origin, shown
from monitor.report.lines import clean
from monitor.sites import find_feeds

QUESTIONS = (
    ("name", "Its name"),
    ("owner", "Who owns it, by name"),
    ("hours_per_week", "Hours a week pledged to it"),
    ("purpose", "What for: what is the dialogue to be used for"),
    ("moderation", "How: how are comments handled, troublemakers and spam included"),
    ("use_of_input", "With what result: what becomes of what people write"),
)
"""What ``add`` asks; each may be skipped. The last three are the questions that every channel should have answered."""


@command(epilog="Example: oximeter add https://blog.eksempel.example/ --yes")
@click.argument("url")
@click.option("--yes", is_flag=True, help="Ask nothing: take what is found, leave the questions open.")
@click.option("--id", "identity", help="The channel's id; default: made of its name.")
@click.option("--name", help="The channel's name; default: its title.")
@click.option("--owner", help="Who owns it.")
@click.option("--hours", "hours_per_week", type=click.FloatRange(0, 168), help="Hours a week pledged to it.")
def add(session: Session, url: str, yes: bool, **given: Any) -> None:
    """Find the feeds of a site and add it as a channel.

    URL is a home page, a post, a forum or a feed. Finds the feeds of posts and of replies, recognises the platform,
    and appends a [[channel]] to the config, where every comment stays as it is.
    """
    address = url if "://" in url else f"https://{url}"
    if not origin(address)[0] or not address.lower().startswith(("http://", "https://")):
        fail([f"{url!r} is not a web address; expected for example https://blog.eksempel.example/"], 2)
    config = _config(session)
    with _looking(session):
        found = discover(address, session.now(config.zone if config else ZoneInfo("UTC")))
    if found.error:
        fail([found.error], 2)
    _show(session, found)
    known = {feed: channel for channel in (config.channels if config else ()) for feed in channel.feeds}
    for feed in found.feeds:
        if feed.address in known:
            fail([f"{shown(feed.address)} is in the config already, as a feed of {known[feed.address].id}"], 2)
    answers = _answers(found, given, yes)
    taken = [channel.id for channel in config.channels] if config else []
    identity = given["identity"] or edit.slug(answers["name"], taken)
    table = {"id": identity, "site": found.site, "feeds": [feed.address for feed in found.feeds]} | answers
    organisation = None if config else clean(found.title, 200) or identity
    edit.add_channels(session.path, [_in_order(table)], organisation)
    session.say(f"Added {identity} to {session.path}.")
    _offer_history(session, identity, any(feed.pages_back for feed in found.feeds), yes)


@contextmanager
def _looking(session: Session) -> Iterator[None]:
    """A line that moves while a site is looked through, on a terminal."""
    if not session.moving:
        yield
        return
    with Console(stderr=True).status("Looking for feeds …"):
        yield


def _in_order(table: dict[str, Any]) -> dict[str, Any]:
    """The keys in the order that the config's reference has them."""
    return {name: table[name] for name in ChannelTable.model_fields if name in table}


def _config(session: Session) -> Config | None:
    """The config, None where there is no file yet: the first channel brings it along."""
    return load(session.path) if session.path.exists() else None


def _show(session: Session, found: Discovery) -> None:
    session.say(f"{clean(found.title, 200) or found.site} ({found.platform})")
    for feed in found.feeds:
        session.say(f"  {clean(feed.address, 500)}", f"    {_contents(feed)}")
    if not any(feed.carries_replies or feed.counts for feed in found.feeds):
        session.say("  No feed here tells of replies: only posts can be measured.")


def _contents(feed: Found) -> str:
    parts = [f"{feed.posts} posts", f"{feed.replies} replies"]
    if feed.counts:
        parts.append("posts carry the number of their replies")
    if feed.newest is not None and feed.oldest is not None:
        parts.append(f"from {_day(feed.oldest)} to {_day(feed.newest)}")
    if feed.pages_back:
        parts.append("older pages can be asked for")
    return ", ".join(parts)


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time, UTC):%Y-%m-%d}"


def _answers(found: Discovery, given: dict[str, Any], yes: bool) -> dict[str, Any]:
    """What was given as an option, else asked; an empty answer skips the question."""
    answers: dict[str, Any] = {}
    title = clean(found.title, 200) or origin(found.site)[0]
    for name, question in QUESTIONS:
        default = title if name == "name" else ""
        if given.get(name) is not None:
            answers[name] = given[name]
        elif yes:
            answers[name] = default
        else:
            answers[name] = _ask(question, default, number=name == "hours_per_week")
    return {name: value for name, value in answers.items() if value not in ("", None)}


def _ask(question: str, default: str, number: bool) -> Any:
    """The answer; Enter takes the default or skips."""
    prompt = question if default else f"{question} (Enter skips)"
    while True:
        text = str(click.prompt(prompt, default=default, show_default=bool(default))).strip()
        if not number or not text:
            return text
        try:
            hours = float(text.replace(",", "."))
        except ValueError:
            hours = -1.0
        if 0 <= hours <= 168:
            return hours
        click.echo(f"{clean(text, 80)!r} is no number of hours a week; expected 0 to 168, or Enter.", err=True)


def _offer_history(session: Session, identity: str, possible: bool, yes: bool) -> None:
    if not possible:
        session.say("Next: oximeter check")
    elif not yes and click.confirm("Walk back through its history now?", default=True):
        _walk_back(session, identity, None, MAX_PAGES)
    else:
        session.say(f"Next: oximeter backfill {identity}, for what was written before today")


@command(epilog="Example: oximeter backfill blog --since 2024-01-01")
@click.argument("channel", required=False)
@click.option("--since", metavar="DATE", help="Go back no further than this.")
@click.option(
    "--max-pages", type=click.IntRange(1), default=MAX_PAGES, show_default=True, help="Pages asked for, a channel."
)
def backfill_(session: Session, channel: str | None, since: str | None, max_pages: int) -> None:
    """Walk back through what was written before we came.

    For CHANNEL, or all: older pages of its feeds as far as the site has them, and the replies to old posts. Politely:
    one question at a time, with a pause. Stopped half way it goes on from there the next time. Nothing that is found
    is taken for news.
    """
    _walk_back(session, channel, since, max_pages)


def _walk_back(session: Session, identity: str | None, since: str | None, max_pages: int) -> None:
    config = session.config()
    if identity is not None and identity not in [channel.id for channel in config.channels]:
        known = ", ".join(channel.id for channel in config.channels) or "none"
        fail([f"{session.path}: there is no channel {identity!r}; the channels are: {known}"], 2)
    start = None if since is None else parse_moment(since, config.zone, "--since")
    now = session.now(config.zone)
    with _pages(session) as watch, alone.at_work(config) as store:
        found = find_feeds(config, store, now)
        channels = tuple(channel for channel in found.channels if identity in (None, channel.id))
        for result in backfill(store, channels, now, start, max_pages, watch):
            _tell(session, result)


def _tell(session: Session, result: Walked) -> None:
    reached = f", back to {_day(result.reached)}" if result.reached is not None else ""
    whole = "; its first page is reached" if result.whole else ""
    session.say(f"{result.channel}: {result.pages} pages, {result.entries} entries that were not known{reached}{whole}")
    for sentence in dict.fromkeys(result.sentences):
        session.say(f"  {clean(sentence, 500)}")


@contextmanager
def _pages(session: Session) -> Iterator[Any]:
    """Yields what is to be told of every page: a line that counts, on a terminal."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True, disable=not session.moving) as bar:
        task = bar.add_task("Walking back", total=None)

        def watch(channel: str, pages: int, entries: int) -> None:
            bar.update(task, description=f"{channel}: {pages} pages, {entries} entries")

        yield watch


@command(epilog="Example: oximeter import feeds.opml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_(session: Session, file: Path) -> None:
    """Add the channels of an OPML file, as other readers export it.

    Folders and titles are kept; feeds of one title in one folder are one channel. Feeds that are in the config
    already are left out.
    """
    config = _config(session)
    known = {feed for channel in (config.channels if config else ()) for feed in channel.feeds}
    tables, left_out = _tables(opml.read(file), config.channels if config else (), known)
    for sentence in left_out:
        warn(clean(sentence, 500))
    if tables:
        edit.add_channels(session.path, tables, None if config else "Our organisation")
    session.say(f"{len(tables)} channels added to {session.path}, {len(left_out)} feeds left out.")


def _tables(
    listed: Iterable[opml.Listed], channels: tuple[Channel, ...], known: set[str]
) -> tuple[list[dict[str, Any]], list[str]]:
    """The channels to write, and a sentence for every feed that is not among them."""
    taken = [channel.id for channel in channels]
    tables: list[dict[str, Any]] = []
    left_out: list[str] = []
    for one in listed:
        feeds = []
        for feed in one.feeds:
            if feed in known:
                left_out.append(f"{shown(feed)} is in the config already")
            elif not _is_address(feed):
                left_out.append(f"{shown(feed)} is not a web address; expected http://… or https://…")
            else:
                feeds.append(feed)
                known.add(feed)
        if feeds:
            identity = edit.slug(one.title, taken)
            taken.append(identity)
            name = clean(one.title, 200) or identity
            tables.append(_in_order({"id": identity, "name": name, "feeds": feeds, "folder": list(one.folder)}))
    return tables, left_out


def _is_address(address: str) -> bool:
    try:
        ChannelTable.model_validate({"id": "x", "feeds": [address]})
    except ValueError:
        return False
    return True
