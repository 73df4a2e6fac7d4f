"""A package's names, imported when they are first asked for: a command should not wait for what it never uses.

No name may be that of a module of the package, which would take its place as soon as it is imported.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any


def names(package: str, where: Mapping[str, str]) -> Callable[[str], Any]:
    """A ``__getattr__`` for a package: ``where`` gives the module of each name, as ``module`` or ``module:name``."""

    def get(name: str) -> Any:
        if name not in where:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, own = where[name].partition(":")
        return getattr(import_module(f"{package}.{module}"), own or name)

    return get
