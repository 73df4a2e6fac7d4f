"""The platforms we know: every module here with a ``PLATFORM`` is one. The generic one takes what is left."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem

__all__ = ["Facts", "Platform", "RawFeed", "RawItem", "platform_of", "platforms"]


@cache
def platforms() -> tuple[Platform, ...]:
    """All platforms, by module name, the generic one last."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names if name not in ("base", "generic")]
    found = [module.PLATFORM for module in modules if isinstance(getattr(module, "PLATFORM", None), Platform)]
    return (*found, generic.PLATFORM)


def table() -> str:
    """What each platform's feeds can and cannot tell, as the table in the docs."""
    heads = ("platform", "feeds to list", "posts", "replies", "authors", "threads", "reply counts", "further back")
    rows = [heads, ("---",) * len(heads)]
    for one in platforms():
        s = one.shows
        rows.append((f"`{one.name}`", s.feeds, s.posts, s.replies, s.authors, s.threads, s.counts, s.history))
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def platform_of(feed: RawFeed) -> Platform:
    """The first platform that recognises the feed."""
    return next(platform for platform in platforms() if platform.recognise(feed))
