"""Replies' own feeds, gaps in coverage, and walks back through history."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Widen feeds, fetches and entries; make the tables of gaps and walks."""
    no = sa.false()
    op.add_column("feeds", sa.Column("thread_of", sa.Text, nullable=False, server_default=""))
    op.add_column("feeds", sa.Column("carries_replies", sa.Boolean, nullable=False, server_default=no))
    op.add_column("feeds", sa.Column("stale_validators", sa.Boolean, nullable=False, server_default=no))
    op.add_column("feeds", sa.Column("body_read", sa.BigInteger))
    op.add_column("feeds", sa.Column("next_poll", sa.BigInteger))
    op.add_column("fetches", sa.Column("pace", sa.Integer))
    for name in ("email", "replies_feed", "place"):
        op.add_column("entries", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.create_index("entries_by_place", "entries", ["feed_id", "place"])
    _gaps()
    op.create_table(
        "walks",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feeds.id"), primary_key=True),
        sa.Column("next", sa.Text, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("reached", sa.BigInteger),
        sa.Column("finished", sa.Boolean, nullable=False),
        sa.Column("updated", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "discoveries",
        sa.Column("channel", sa.String, primary_key=True),
        sa.Column("site", sa.Text, primary_key=True),
        sa.Column("feeds", sa.Text, nullable=False),
        sa.Column("time", sa.BigInteger, nullable=False),
    )
    # The bodies on record were read before these columns were: each feed is read whole once more.
    op.execute("UPDATE feeds SET digest = NULL, etag = NULL, last_modified = NULL")


def _gaps() -> None:
    op.create_table(
        "gaps",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feeds.id"), nullable=False),
        sa.Column("begins", sa.BigInteger, nullable=False),
        sa.Column("ends", sa.BigInteger, nullable=False),
        sa.Column("noticed", sa.BigInteger, nullable=False),
        sa.Column("closed", sa.BigInteger),
    )
    op.create_index("gaps_by_feed", "gaps", ["feed_id"])
    # What was missed before is known by its night only: the day before it is taken as the gap.
    op.execute(
        "INSERT INTO gaps (feed_id, begins, ends, noticed) "
        "SELECT feed_id, time - 86400, time, time FROM fetches WHERE missed"
    )
