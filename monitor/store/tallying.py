"""Triggers by which the database itself keeps the tallies: whatever writes an entry, they are right.

As revision 0004 brought them: one that changes them has triggers of its own.
"""

from __future__ import annotations


def triggers(dialect: str) -> list[str]:
    """The statements that make them, for ``sqlite`` or ``postgresql``."""
    return list(_POSTGRESQL) if dialect == "postgresql" else _sqlite()


def _sqlite() -> list[str]:
    """SQLite runs a trigger for each row."""
    tally = (
        "CREATE TRIGGER {table}_{verb} AFTER {verb} ON {table} BEGIN"
        " INSERT INTO tallies (feed_id, entries, changes) VALUES ({row}.feed_id, {more}, 1)"
        " ON CONFLICT (feed_id) DO UPDATE SET entries = entries + {more}, changes = changes + 1; END"
    )
    return [
        tally.format(table=table, verb=verb, row=row, more=more if table == "entries" else 0)
        for table in ("entries", "reply_counts")
        for verb, row, more in (("insert", "NEW", 1), ("update", "NEW", 0), ("delete", "OLD", -1))
    ]


_POSTGRESQL = [
    # PostgreSQL runs one for each statement: a row of a table that changes often is written anew each time.
    """
    CREATE FUNCTION tally() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO tallies AS t (feed_id, entries, changes)
            SELECT feed_id, count(*) * TG_ARGV[0]::bigint, 1 FROM touched GROUP BY feed_id ORDER BY feed_id
            ON CONFLICT (feed_id) DO UPDATE SET entries = t.entries + excluded.entries, changes = t.changes + 1;
        RETURN NULL;
    END $$
    """,
    *(
        f"CREATE TRIGGER {table}_{verb} AFTER {verb} ON {table} REFERENCING {which} TABLE AS touched"
        f" FOR EACH STATEMENT EXECUTE FUNCTION tally('{more if table == 'entries' else 0}')"
        for table in ("entries", "reply_counts")
        for verb, which, more in (("insert", "NEW", 1), ("update", "NEW", 0), ("delete", "OLD", -1))
    ),
]
