"""Trials against real software, run on demand with ``make realworld``."""
