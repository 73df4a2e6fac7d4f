"""One root exception; every error is a sentence a person can act on."""

from __future__ import annotations


class OximeterError(Exception):
    """What went wrong, with what, and what to do: ``str(error)`` is the whole sentence.

    ``exit_code`` is the process exit code that the command line gives it.
    """

    exit_code = 1


class ConfigError(OximeterError):
    """The config is wrong. ``problems`` holds one sentence for each mistake."""

    exit_code = 2

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StoreError(OximeterError):
    """The store cannot be opened, read or written."""


class DeliveryError(OximeterError):
    """A message could not be handed to the mail server."""


class LockedError(OximeterError):
    """Another run holds the lock."""

    exit_code = 3
