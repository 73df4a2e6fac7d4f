"""The tables, as they are at the newest revision. The migrations lead there; a test holds the two together."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)

REVISION = "0004"
"""The newest revision: what ``metadata`` describes."""

metadata = MetaData()

channels = Table(
    "channels",
    metadata,
    Column("id", String, primary_key=True),
    Column("first_watched", BigInteger),
)

feeds = Table(
    "feeds",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("channel", String, ForeignKey("channels.id"), nullable=False),
    Column("url", Text, nullable=False),
    Column("address", Text, nullable=False),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("digest", String),
    Column("retry_at", BigInteger),
    Column("gone", Boolean, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("platform", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("outcome", String),
    Column("reason", Text, nullable=False),
    Column("last_fetch", BigInteger),
    Column("last_read", BigInteger),
    Column("new_entries", Integer, nullable=False),
    Column("thread_of", Text, nullable=False, server_default=""),
    Column("carries_replies", Boolean, nullable=False, server_default=false()),
    Column("stale_validators", Boolean, nullable=False, server_default=false()),
    Column("body_read", BigInteger),
    Column("next_poll", BigInteger),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("asked", BigInteger),
    Column("moving_to", Text),
    Column("moving_since", BigInteger),
    Column("rhythm", BigInteger),
    UniqueConstraint("channel", "url", name="feeds_once"),
)

fetches = Table(
    "fetches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", Integer, ForeignKey("feeds.id"), nullable=False),
    Column("time", BigInteger, nullable=False),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("http_status", Integer),
    Column("size", BigInteger, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("shown", Integer, nullable=False),
    Column("new_entries", Integer, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("pace", Integer),
    Index("fetches_by_feed", "feed_id", "time"),
    Index("fetches_in_order", "feed_id", "id", "shown"),
)

gaps = Table(
    "gaps",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("feed_id", Integer, ForeignKey("feeds.id"), nullable=False),
    Column("begins", BigInteger, nullable=False),
    Column("ends", BigInteger, nullable=False),
    Column("noticed", BigInteger, nullable=False),
    Column("closed", BigInteger),
    Index("gaps_by_feed", "feed_id"),
)

walks = Table(
    "walks",
    metadata,
    Column("feed_id", Integer, ForeignKey("feeds.id"), primary_key=True),
    Column("next", Text, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("reached", BigInteger),
    Column("finished", Boolean, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

entries = Table(
    "entries",
    metadata,
    Column("feed_id", Integer, ForeignKey("feeds.id"), primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("key", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("time", BigInteger),
    Column("first_seen", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("link", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("reply_count", BigInteger),
    Column("email", Text, nullable=False, server_default=""),
    Column("replies_feed", Text, nullable=False, server_default=""),
    Column("place", Text, nullable=False, server_default=""),
    Index("entries_by_place", "feed_id", "place"),
    Index("entries_by_time", "feed_id", "time"),
)

reply_counts = Table(
    "reply_counts",
    metadata,
    Column("feed_id", Integer, primary_key=True),
    Column("uid", Text, primary_key=True),
    Column("time", BigInteger, primary_key=True),
    Column("replies", BigInteger, nullable=False),
    ForeignKeyConstraint(["feed_id", "uid"], ["entries.feed_id", "entries.uid"]),
    Index("reply_counts_by_time", "time"),
)

tallies = Table(
    "tallies",
    metadata,
    Column("feed_id", Integer, ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
    Column("entries", BigInteger, nullable=False),
    Column("changes", BigInteger, nullable=False),
)
"""Kept by the database itself (triggers): how many entries each feed has, and how often any of them, or of their reply
counts, was written. What is worked out from a feed's entries holds for as long as its ``changes`` stay the same."""

digests = Table(
    "digests",
    metadata,
    Column("channel", String, ForeignKey("channels.id"), primary_key=True),
    Column("state", Text, nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
)
"""A channel's life in little room; see ``digests``. Nothing is lost with it: it is worked out from the entries."""

discoveries = Table(
    "discoveries",
    metadata,
    Column("channel", String, primary_key=True),
    Column("site", Text, primary_key=True),
    Column("feeds", Text, nullable=False),
    Column("time", BigInteger, nullable=False),
)

verdicts = Table(
    "verdicts",
    metadata,
    Column("channel", String, ForeignKey("channels.id"), primary_key=True),
    Column("night", String, primary_key=True),
    Column("saved", BigInteger, nullable=False),
    Column("status", String, nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("oxygen", Integer),
    Column("confidence", Float, nullable=False),
    Column("changed_from", String),
    Column("reasons", Text, nullable=False),
    Column("standing_status", String, nullable=False),
    Column("standing_since", BigInteger, nullable=False),
    Column("candidate", String),
    Column("candidate_since", BigInteger),
    Column("candidate_nights", Integer, nullable=False),
    Column("turned", Boolean, nullable=False, server_default=false()),
    Index("verdicts_by_night", "night", "status", "oxygen"),
    Index("verdicts_turned", "night", "channel", sqlite_where=text("turned = 1")),
    Index(
        "verdicts_changed",
        "night",
        "channel",
        sqlite_where=text("changed_from IS NOT NULL"),
    ),
)

nights = Table(
    "nights",
    metadata,
    Column("night", String, primary_key=True),
    Column("among", String, nullable=False),
    Column("judged", Integer, nullable=False),
    Column("short", Integer, nullable=False),
    Column("measured", Integer, nullable=False),
    Column("oxygen", BigInteger, nullable=False),
)
"""The verdicts of each night, summed up over the channels that ``among`` stands for; empty: to be summed up anew."""

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("night", String, nullable=False),
    Column("recipient", String, nullable=False),
    Column("state", String, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("error", Text, nullable=False),
    Column("claimed", BigInteger, nullable=False),
    UniqueConstraint("night", "recipient", name="deliveries_once"),
)
