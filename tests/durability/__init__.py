"""Scenarios of everything that may befall a night. Each is a script: ``python -m tests.durability.NAME``."""
