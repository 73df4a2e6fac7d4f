"""What a night of many channels goes by: tallies that the database keeps itself, digests, turns, nights' sums."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.tallying import triggers

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables and indexes, and take stock of what there is."""
    op.create_table(
        "tallies",
        sa.Column("feed_id", sa.Integer, sa.ForeignKey("feeds.id"), primary_key=True, autoincrement=False),
        sa.Column("entries", sa.BigInteger, nullable=False),
        sa.Column("changes", sa.BigInteger, nullable=False),
    )
    op.execute("INSERT INTO tallies (feed_id, entries, changes) SELECT feed_id, count(*), 1 FROM entries GROUP BY 1")
    for statement in triggers(op.get_bind().dialect.name):
        op.execute(statement)
    op.create_table(
        "digests",
        sa.Column("channel", sa.String, sa.ForeignKey("channels.id"), primary_key=True),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("newest", sa.BigInteger, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
    )
    op.create_index("fetches_in_order", "fetches", ["feed_id", "id", "shown"])
    op.add_column("feeds", sa.Column("rhythm", sa.BigInteger))
    op.create_index("reply_counts_by_time", "reply_counts", ["time"])
    _nights()


def _nights() -> None:
    op.add_column("verdicts", sa.Column("turned", sa.Boolean, nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE verdicts SET turned = (1 = 1) WHERE status <> (SELECT before.status FROM verdicts AS before"
        " WHERE before.channel = verdicts.channel AND before.night < verdicts.night"
        " ORDER BY before.night DESC LIMIT 1)"
    )
    op.create_index("verdicts_by_night", "verdicts", ["night", "status", "oxygen"])
    for name, column, rows in (
        # As the question is put in each dialect: SQLite uses a partial index for its own words alone.
        (
            "verdicts_turned",
            "channel",
            sa.text("turned" if op.get_bind().dialect.name == "postgresql" else "turned = 1"),
        ),
        ("verdicts_changed", "channel", sa.text("changed_from IS NOT NULL")),
    ):
        op.create_index(name, "verdicts", ["night", column], sqlite_where=rows, postgresql_where=rows)
    op.create_table(
        "nights",
        sa.Column("night", sa.String, primary_key=True),
        sa.Column("among", sa.String, nullable=False),
        sa.Column("judged", sa.Integer, nullable=False),
        sa.Column("short", sa.Integer, nullable=False),
        sa.Column("measured", sa.Integer, nullable=False),
        sa.Column("oxygen", sa.BigInteger, nullable=False),
    )
    op.execute(
        "INSERT INTO nights (night, among, judged, short, measured, oxygen)"
        " SELECT DISTINCT night, '', 0, 0, 0, 0 FROM verdicts"
    )
