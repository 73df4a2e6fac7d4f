"""How often a feed has failed in a row, when its server was last asked, where it seems to be moving; shorter names."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from monitor.store.sql import LONGEST_NAME, short

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Widen feeds; entries are found by their date, and go by names that every database can index."""
    op.add_column("feeds", sa.Column("failures", sa.Integer, nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("asked", sa.BigInteger))
    op.add_column("feeds", sa.Column("moving_to", sa.Text))
    op.add_column("feeds", sa.Column("moving_since", sa.BigInteger))
    op.execute("UPDATE feeds SET asked = last_fetch")
    op.create_index("entries_by_time", "entries", ["feed_id", "time"])
    _shorten()


def _shorten() -> None:
    """Give entries whose names are too long the names under which they are recorded from now on."""
    connection = op.get_bind()
    entries = sa.Table("entries", sa.MetaData(), autoload_with=connection)
    named = [entries.c[column] for column in ("uid", "key", "thread", "place")]
    long = sa.or_(*(sa.func.length(column) > LONGEST_NAME // 4 for column in named))  # a letter has 4 bytes at most
    for old in connection.execute(sa.select(entries.c.feed_id, *named).where(long)).all():
        new = {column.name: short(getattr(old, column.name)) for column in named}
        if any(new[column.name] != getattr(old, column.name) for column in named):
            _rename(connection, entries, old.feed_id, old.uid, new)


def _rename(connection: sa.Connection, entries: sa.Table, feed_id: int, uid: str, new: dict[str, str]) -> None:
    """Its reply counts refer to an entry by its uid: it is copied, they follow, and the old one goes."""
    mine = (entries.c.feed_id == feed_id) & (entries.c.uid == uid)
    if new["uid"] == uid:
        connection.execute(sa.update(entries).where(mine).values(new))
        return
    row = connection.execute(sa.select(entries).where(mine)).one()
    connection.execute(sa.insert(entries), dict(row._mapping) | new)
    counts = sa.table("reply_counts", sa.column("feed_id"), sa.column("uid"))
    theirs = (counts.c.feed_id == feed_id) & (counts.c.uid == uid)
    connection.execute(sa.update(counts).where(theirs).values(uid=new["uid"]))
    connection.execute(sa.delete(entries).where(mine))
