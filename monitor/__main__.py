"""``python -m monitor`` is ``oximeter``."""

from monitor.cli import main

if __name__ == "__main__":
    main()
