"""Plug-ins by name: hazards, sources, measures, ours and others', found without a list to edit.

A plug-in is a class with its name as a class attribute, registered by the decorator of its registry.
Modules are found in three places: our own package, installed packages that declare an entry point
of the group ``citytwin.<kind>``, and every ``*.py`` file in the folders named by the environment
variable ``CITYTWIN_PLUGINS`` (separated as in ``PATH``).
"""

import hashlib
import importlib
import importlib.util
import os
import pkgutil
import sys
import threading
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, Generic, TypeVar

from citytwin.errors import InputError, UnknownNameError

T = TypeVar("T")


class Registry(Generic[T]):
    """Classes of one kind, by their name.

    Parameters
    ----------
    kind
        Word for the kind, singular, used in messages and in the entry-point group.
    package
        Package of ours whose modules hold plug-ins of this kind.
    key
        Class attribute that holds the name.
    """

    def __init__(self, kind: str, package: str, key: str = "name") -> None:
        self.kind = kind
        self._key = key
        self._package = package
        self._classes: dict[str, type[T]] = {}
        self._found: set[str] = set()
        # A second thread must not see a registry whose modules are still being imported.
        self._lock = threading.RLock()

    def register(self, cls: type[T]) -> type[T]:
        """Register a class under its name; use as a decorator."""
        name: str = vars(cls)[self._key]
        known = self._classes.get(name)
        if known is not None and (known.__module__, known.__qualname__) != (
            cls.__module__,
            cls.__qualname__,
        ):
            raise InputError(
                f"two {self.kind}s are called '{name}' ({known.__module__} and {cls.__module__}): "
                "rename one of them"
            )
        self._classes[name] = cls
        return cls

    def get(self, name: str) -> type[T]:
        """Class registered under a name; an unknown name is an error that lists the known ones."""
        self._discover()
        if name not in self._classes:
            raise UnknownNameError(
                f"there is no {self.kind} called '{name}': choose one of {', '.join(self.names())}"
            )
        return self._classes[name]

    def names(self) -> list[str]:
        """All registered names, sorted."""
        self._discover()
        return sorted(self._classes)

    def _discover(self) -> None:
        with self._lock:
            self._look()

    def _look(self) -> None:
        self._once("package:" + self._package, self._import_package)
        for point in entry_points(group=f"citytwin.{self.kind}s"):
            self._once("entry:" + point.value, point.load)
        for folder in filter(None, os.environ.get("CITYTWIN_PLUGINS", "").split(os.pathsep)):
            for path in sorted(Path(folder).glob("*.py")):
                _import_file(path)

    def _once(self, key: str, action: Callable[[], Any]) -> None:
        if key not in self._found:
            self._found.add(key)
            action()

    def _import_package(self) -> None:
        package = importlib.import_module(self._package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self._package}.{module.name}")


def _import_file(path: Path) -> None:
    """Import one plug-in file once, under a name that its path makes unique."""
    digest = hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:12]
    name = f"citytwin_plugin_{path.stem}_{digest}"
    if name in sys.modules:
        return
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InputError(f"the plug-in {path} cannot be imported: it must be a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise InputError(f"the plug-in {path} does not import: {error}") from error


hazards: Registry[Any] = Registry("hazard", "citytwin.hazards")
sources: Registry[Any] = Registry("source", "citytwin.sources")
measures: Registry[Any] = Registry("measure", "citytwin.measures", key="kind")
impacts: Registry[Any] = Registry("impact", "citytwin.impact", key="variable")
