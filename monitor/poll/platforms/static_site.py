"""Sites made of files: Hugo, Jekyll, Pelican, Hexo and their like. Comments, if any, live in another service."""

from __future__ import annotations

import re

from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Platform, Shows, below

NAMES = (
    "hugo", "jekyll", "pelican", "hexo", "eleventy", "@11ty", "nikola", "gatsby", "zola", "astro", "docusaurus",
    "mkdocs", "middleman", "metalsmith", "lektor", "vuepress", "quarto",
)  # fmt: skip

GENERATOR = re.compile(rf"(?:^|[\s/])(?:{'|'.join(map(re.escape, NAMES))})\b")

PLATFORM = Platform(
    "static_site",
    lambda feed: bool(GENERATOR.search(feed.generator)),
    generic.read,
    Shows(
        feeds="`/index.xml`, `/feed.xml`, `/atom.xml`, `/feeds/all.atom.xml`",
        replies="no: list the feed of the comment service too (Disqus, Isso)",
        authors="where given",
        history="many show everything",
    ),
    site_feeds=lambda address: below(
        address, "index.xml", "feed.xml", "atom.xml", "feeds/all.atom.xml", "rss.xml", "feed/feed.xml"
    ),
    hint=re.compile(rf"content=['\"](?:{'|'.join(map(re.escape, NAMES))})\b", re.IGNORECASE),
)
