"""Alembic's environment: always online, always on the connection that the store hands over."""

from __future__ import annotations

from alembic import context

from monitor.store.schema import metadata

# The caller has begun a transaction already, so that a half-made store is never left behind.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
