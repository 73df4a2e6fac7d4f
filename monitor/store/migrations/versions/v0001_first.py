"""The first store."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table."""
    _feeds()
    _entries()
    _nights()


def _feeds() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.String, primary_key=True),
        sa.Column("first_watched", sa.BigInteger),
    )
    op.create_table(
        "feeds",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("channel", sa.String, sa.ForeignKey("channels.id"), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("digest", sa.String),
        sa.Column("retry_at", sa.BigInteger),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
        sa.Column("platform", sa.String, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("outcome", sa.String),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("last_fetch", sa.BigInteger),
        sa.Column("last_read", sa.BigInteger),
        sa.Column("new_entries", sa.Integer, nullable=False),
        sa.UniqueConstraint("channel", "url", name="feeds_once"),
    )
    op.create_table(
        "fetches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feeds.id"), nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
        sa.Column("outcome", sa.String, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("http_status", sa.Integer),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("shown", sa.Integer, nullable=False),
        sa.Column("new_entries", sa.Integer, nullable=False),
        sa.Column("missed", sa.Boolean, nullable=False),
    )
    op.create_index("fetches_by_feed", "fetches", ["feed_id", "time"])


def _entries() -> None:
    op.create_table(
        "entries",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feeds.id"), primary_key=True),
        sa.Column("uid", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("time", sa.BigInteger),
        sa.Column("first_seen", sa.BigInteger, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("reply_count", sa.BigInteger),
    )
    op.create_table(
        "reply_counts",
        sa.Column("feed_id", sa.Integer, primary_key=True),
        sa.Column("uid", sa.Text, primary_key=True),
        sa.Column("time", sa.BigInteger, primary_key=True),
        sa.Column("replies", sa.BigInteger, nullable=False),
        sa.ForeignKeyConstraint(["feed_id", "uid"], ["entries.feed_id", "entries.uid"]),
    )


def _nights() -> None:
    op.create_table(
        "verdicts",
        sa.Column("channel", sa.String, sa.ForeignKey("channels.id"), primary_key=True),
        sa.Column("night", sa.String, primary_key=True),
        sa.Column("saved", sa.BigInteger, nullable=False),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("since", sa.BigInteger, nullable=False),
        sa.Column("oxygen", sa.Integer),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("changed_from", sa.String),
        sa.Column("reasons", sa.Text, nullable=False),
        sa.Column("standing_status", sa.String, nullable=False),
        sa.Column("standing_since", sa.BigInteger, nullable=False),
        sa.Column("candidate", sa.String),
        sa.Column("candidate_since", sa.BigInteger),
        sa.Column("candidate_nights", sa.Integer, nullable=False),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("night", sa.String, nullable=False),
        sa.Column("recipient", sa.String, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("message", sa.LargeBinary, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("claimed", sa.BigInteger, nullable=False),
        sa.UniqueConstraint("night", "recipient", name="deliveries_once"),
    )
