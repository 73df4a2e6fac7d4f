"""Google Groups: its feeds were retired. Known only so that an old address is called by its name."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, Shows, host_of

PLATFORM = Platform(
    "google_groups",
    lambda feed: host_of(feed.address) == "groups.google.com",
    generic.read,
    Shows(feeds="none: they were retired", posts="no", authors="no", threads="no"),
    hint=re.compile(r"www\.gstatic\.com/_/mss/boq-groups", re.IGNORECASE),
)
