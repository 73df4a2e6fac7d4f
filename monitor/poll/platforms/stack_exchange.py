"""Stack Exchange: questions; a question's own feed has its answers and comments."""

from __future__ import annotations

import re
from dataclasses import replace

from monitor.model import Kind
from monitor.poll.platforms import generic
from monitor.poll.platforms.base import Facts, Platform, RawFeed, RawItem, Shows, fetched_from, host_of

QUESTION = re.compile(r"/(?:q|questions)/(?P<question>\d+)(?:[/?#]|$)")
ANSWER = re.compile(r"/a/(?P<answer>\d+)|/questions/\d+/[^/?#]*/(?P<in>\d+)(?:[?#]|$)|#(?P<at>\d+|comment\d+_\d+)$")
OF_QUESTION = re.compile(r"/feeds/question/(?P<question>\d+)")
RANK = "http://purl.org/atompub/rank/1.0"


def recognise(feed: RawFeed) -> bool:
    """By ids that are addresses of questions and answers, with the ranking that only it writes beside them."""
    ids = feed.most(lambda item: bool(re.match(r"https?://[^/]+/(?:q|a|questions)/\d+", item.guid)))
    return ids and (RANK in feed.namespaces or bool(OF_QUESTION.search(feed.address)) or "/feeds" in feed.address)


def read(item: RawItem, feed: RawFeed) -> Facts:
    """The question's number is the thread; an answer's link leads to it below the question."""
    facts = generic.read(item, feed)
    host = host_of(item.link or item.guid)
    question = QUESTION.search(item.link) or QUESTION.search(item.guid) or OF_QUESTION.search(feed.address)
    answer = ANSWER.search(item.guid) or ANSWER.search(item.link)
    thread = f"{host}/q/{question['question']}" if question else facts.thread
    if answer is None:
        own = question is not None and not OF_QUESTION.search(feed.address)
        link = f"https://{host}/feeds/question/{question['question']}" if own and question else ""
        key = thread if question else facts.key
        return replace(facts, kind=Kind.POST, key=key, thread=thread, replies_feed=fetched_from(link, feed))
    number = next(part for part in answer.groups() if part)
    return replace(facts, kind=Kind.REPLY, key=f"{host}/a/{number}", thread=thread, reply_count=None, replies_feed="")


PLATFORM = Platform(
    "stack_exchange",
    recognise,
    read,
    Shows(
        feeds="`/feeds`, `/feeds/tag?tagnames=…`",
        posts="questions",
        replies="answers, from each question's own feed",
        threads="the question's number",
    ),
    carries_replies=lambda feed: bool(OF_QUESTION.search(feed.address)),
    hint=re.compile(r"cdn\.sstatic\.net", re.IGNORECASE),
    site_feeds=lambda address: (f"https://{host_of(address)}/feeds",) if host_of(address) else (),
)
