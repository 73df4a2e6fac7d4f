"""Hands the report over: by mail, or into the outbox."""
