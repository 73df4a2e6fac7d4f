"""Broken, hostile and odd inputs in great number: ``python -m tests.fuzz --minutes 10`` (``make fuzz``)."""
