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


def platform_of(feed: RawFeed) -> Platform:
    """The first platform that recognises the feed."""
    return next(platform for platform in platforms() if platform.recognise(feed))
