"""Alembic's scripts, shipped inside the package and run by ``monitor.store.opening``."""
