"""Any feed: what the standards say, whatever the software.

A reply is what says so (``thr:in-reply-to``) or points at a numbered comment on a page (``#comment-12``).
"""

from __future__ import annotations

import re

from monitor.model import Kind
from monitor.poll.platforms.base import (
    Facts,
    Platform,
    RawFeed,
    RawItem,
    Shows,
    folded,
    fragment,
    place_of,
    without_fragment,
)

COMMENT = re.compile(r"(?:comment|isso|cmt|kommentar|reply)[-_]?\d+$", re.IGNORECASE)
COMMENT_PAGE = re.compile(r"/comment-page-\d+/?$")
LONGEST_CHAIN = 50


def read(item: RawItem, feed: RawFeed) -> Facts:
    """What the cross-platform elements tell of one item."""
    reply = bool(item.in_reply_to or item.in_reply_to_link or COMMENT.match(fragment(item.link)))
    return Facts(
        kind=Kind.REPLY if reply else Kind.POST,
        key=folded(item.uid),
        thread=folded(_thread(item, feed) if reply else _own_thread(item, feed)),
        author=item.author,
        reply_count=None if reply else item.reply_count,
        replies_feed="" if reply else item.replies_feed,
    )


def _own_thread(item: RawItem, feed: RawFeed) -> str:
    """A post's page. A home page is no post's own: where a feed gives it for every post, each is named by its guid."""
    shared = item.page and not place_of(item.page)
    return (item.guid if shared else "") or item.page or feed.link or feed.address


def _thread(item: RawItem, feed: RawFeed) -> str:
    """The page that a reply belongs to; an answer to an answer is followed up to the post where the feed shows it."""
    for _ in range(LONGEST_CHAIN):
        parent = feed.by_guid.get(item.in_reply_to)
        if item.in_reply_to_link:
            return page_of(item.in_reply_to_link)
        if parent is None:
            break
        if not (parent.in_reply_to or parent.in_reply_to_link):
            return (page_of(parent.link) if place_of(parent.link) else "") or parent.guid
        item = parent
    if COMMENT.match(fragment(item.link)):
        return page_of(item.link)
    return page_of(item.in_reply_to) or page_of(item.link) or feed.link or feed.address


def page_of(link: str) -> str:
    """The post's own page, from a link to one of its comments."""
    page = without_fragment(link)
    return COMMENT_PAGE.sub("/", page)


PLATFORM = Platform(
    "generic",
    lambda feed: True,
    read,
    Shows(
        feeds="any RSS, Atom or JSON feed",
        replies="what says so: `thr:in-reply-to`, links to `#comment-12`",
        authors="where given",
        counts="`slash:comments`, `thr:total`",
        history="RFC 5005 `next` and `prev-archive`, JSON Feed `next_url`",
    ),
)
