"""``python -m tests.faults`` serves every fault until Ctrl-C, for a look by hand."""

from __future__ import annotations

import threading

from tests.faults.catalogue import FAULTS
from tests.faults.server import farm


def main() -> None:
    """Print name, family, address and what is served; then serve."""
    with farm(*FAULTS) as here:
        for fault in FAULTS:
            print(f"{fault.name:32} {fault.family:12} {here.address(fault)[:60]:36} {fault.serves}")
        print(f"{len(FAULTS)} faults; stop with Ctrl-C", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print()
