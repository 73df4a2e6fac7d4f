"""WordPress. Its comment feeds hold only replies, under titles in the site's language: the link is the safe sign."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import (
    Facts,
    Platform,
    RawFeed,
    RawItem,
    Shows,
    below,
    fetched_from,
    folded,
    fragment,
    next_page,
)

COMMENT = re.compile(r"comment-\d+$")
COMMENT_FEED = re.compile(r"/comments/feed/?|feed=comments-|[?&]p=\d+", re.IGNORECASE)
LINKBACK = re.compile(
    r"^\s*(?:<p>)?\s*\[(?:…|&#8230;|&hellip;|\.\.\.)\].*\[(?:…|&#8230;|&hellip;|\.\.\.)\]\s*(?:</p>)?\s*$", re.DOTALL
)
COMMENT_TITLE = re.compile(
    r"^(?:Comments (?:on|for)|Kommentarer till?|Kommentare (?:zu|für)|Reacties (?:op|voor)|Commentaires (?:sur|pour)"
    r"|Comentarios (?:en|para)|Commenti (?:a|per)|Komentarze do|Comentários (?:sobre|para))\b"
    r"|^Artikkelin .{0,300} kommentit$",
    re.IGNORECASE | re.DOTALL,
)
"""How WordPress titles its comment feeds, in its own translations."""
FORUM_POST = re.compile(r"post-\d+$")


def recognise(feed: RawFeed) -> bool:
    """By its generator, which names wordpress.org or wordpress.com."""
    return "wordpress.org" in feed.generator or "wordpress.com" in feed.generator


def read(item: RawItem, feed: RawFeed) -> Facts:
    """A comment's key is its link: its guid differs between the site's comment feed and the post's own."""
    facts = generic.read(item, feed)
    link = item.link if fragment(item.link) else item.guid
    if COMMENT.match(fragment(link)):
        # A thread is the post's page; thr:in-reply-to, where present, names the comment's parent by guid.
        post = item.in_reply_to_link or (item.link or link)
        return replace(
            facts,
            kind=Kind.LINKBACK if LINKBACK.match(item.content) else Kind.REPLY,
            key=folded(link),
            thread=folded(generic.page_of(post)),
            reply_count=None,
            replies_feed="",
        )
    if "/forums/" in item.link and FORUM_POST.match(fragment(item.link)):  # bbPress, WordPress's own forum
        return replace(
            facts, kind=Kind.REPLY, thread=folded(generic.page_of(item.link)), reply_count=None, replies_feed=""
        )
    if _is_comment_feed(feed):  # a plugin or theme has taken the comment's number out of the link
        return replace(
            facts, kind=Kind.REPLY, thread=folded(generic.page_of(item.link)), reply_count=None, replies_feed=""
        )
    return replace(facts, replies_feed=fetched_from(facts.replies_feed, feed))


def _is_comment_feed(feed: RawFeed) -> bool:
    """By its address, or by its title in one of the languages we know: "Comments on: T", "Kommentarer til SITE"."""
    return bool(COMMENT_FEED.search(feed.address) or COMMENT_TITLE.match(feed.title))


def older(feed: RawFeed) -> str:
    """Posts are paged; comment feeds are not, whatever number they are asked for."""
    return "" if carries_replies(feed) else next_page(feed, "paged")


def carries_replies(feed: RawFeed) -> bool:
    """The site's comment feed, a post's, or a forum's."""
    return _is_comment_feed(feed) or feed.most(lambda item: bool(COMMENT.match(fragment(item.link))))


def site_feeds(address: str) -> tuple[str, ...]:
    """Posts, then comments, with pretty addresses and without; a blog may live in a folder of its host."""
    return below(address, "feed/", "comments/feed/", "?feed=rss2", "?feed=comments-rss2")


PLATFORM = Platform(
    "wordpress",
    recognise,
    read,
    Shows(
        feeds="`/feed/`, `/comments/feed/`",
        replies="from the comment feed, and each post's own; bbPress forums too",
        threads="the post's page",
        counts="`slash:comments` on posts",
        history="`?paged=` for posts; ten comments a post",
    ),
    older=older,
    carries_replies=carries_replies,
    site_feeds=site_feeds,
    hint=re.compile(r"content=['\"]wordpress|/wp-content/|/wp-includes/", re.IGNORECASE),
    stale_validators=True,
)
