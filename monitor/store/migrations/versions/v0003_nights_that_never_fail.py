"""How often a feed has failed in a row, when its server was last asked, and where it seems to be moving."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen feeds; entries are found by their date."""
    op.add_column("feeds", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("asked", sa.BigInteger))
    op.add_column("feeds", sa.Column("moving_to", sa.Text))
    op.add_column("feeds", sa.Column("moving_since", sa.BigInteger))
    op.execute("UPDATE feeds SET asked = last_fetch")
    op.create_index("entries_by_time", "entries", ["feed_id", "time"])
