"""Oximeter: a channel activity health monitor for blogs and forums."""

__version__ = "0.1.0"
