"""``python -m monitor``, and the ``oximeter`` command.

Nothing heavy is imported before it is called: child processes that read feeds import the main module too.
"""

from __future__ import annotations


def main() -> None:
    """Run the command line."""
    import gc

    gc.disable()  # what is imported stays: there is nothing to be found among it, now or later
    from monitor.cli import main as command_line

    gc.freeze()
    gc.enable()
    command_line(prog_name=None)


if __name__ == "__main__":
    main()
