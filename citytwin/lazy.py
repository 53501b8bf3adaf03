"""Public names that are imported when first used, so that a quick command starts quickly."""

from collections.abc import Callable
from importlib import import_module
from typing import Any


def lazily(package: str, places: dict[str, str]) -> Callable[[str], Any]:
    """The ``__getattr__`` of a package whose public names live in its modules (PEP 562).

    Parameters
    ----------
    package
        Name of the package.
    places
        Public name to the module that defines it.
    """

    def getattr_(name: str) -> Any:
        if name not in places:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(places[name]), name)

    return getattr_
