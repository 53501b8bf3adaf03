"""Results of steps, kept on disk by what they were computed from, so that nothing is done twice."""

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

from citytwin.city.whole import is_running, sync
from citytwin.pipeline.code import code_version, library_versions
from citytwin.pipeline.values import Values, digest

_META = "meta.json"
_DRAFT = ".draft"


@dataclass(eq=False)
class Result:
    """What a step gave: digests at once, values when asked for.

    Attributes
    ----------
    digests
        Digest of each value by its name.
    reused
        True if the step did not run because its result was on disk.
    """

    digests: dict[str, str]
    reused: bool
    _values: Values = field(default_factory=dict)
    _folder: Path | None = None

    def __getitem__(self, name: str) -> Any:
        if name not in self._values:
            if self._folder is None or name not in self.digests:
                raise KeyError(name)
            self._values[name] = _load(self._folder, name)
        return self._values[name]

    def __contains__(self, name: str) -> bool:
        return name in self.digests

    def names(self, prefix: str = "") -> list[str]:
        """Names of the values that begin with a prefix, sorted."""
        return sorted(name for name in self.digests if name.startswith(prefix))

    def with_value(self, name: str, value: Any) -> "Result":
        """The same with one value replaced; its digest is the new value's."""
        digests = self.digests | {name: digest(value)}
        return Result(digests, self.reused, self._values | {name: value}, self._folder)

    def forget(self, name: str) -> None:
        """Let go of a value that is not needed again."""
        self._values.pop(name, None)


class Memo:
    """Runs steps, or takes their results from a folder where an earlier run left them.

    A result is found by the name of the step, the version of the code of its function with all
    that it imports, its settings, and the digests of its inputs. It is written whole or not at
    all, and checked when it is read.

    Parameters
    ----------
    folder
        Folder of results; nothing is kept if ``None``.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.used: set[str] = set()
        self._folder = folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_leftovers(folder)

    def run(
        self,
        step: str,
        function: Callable[..., Values],
        inputs: Mapping[str, str],
        settings: Any,
        arguments: Callable[[], tuple[Any, ...]],
    ) -> Result:
        """Result of ``function(*arguments())``.

        Parameters
        ----------
        step
            Name of the step.
        function
            A pure function of a module of ours; its code is part of the key.
        inputs
            Digests of everything that it is given, by name.
        settings
            What else decides the result, as JSON can hold it.
        arguments
            Called for the arguments only if the step has to run.
        """
        key = _key(step, function.__module__, inputs, settings)
        name = f"{step.replace(' ', '-').replace(':', '-')}-{key[:24]}"
        self.used.add(name)
        if self._folder is not None:
            kept = _open(self._folder / name)
            if kept is not None:
                return kept
        values = function(*arguments())
        digests = {value: digest(content) for value, content in values.items()}
        if self._folder is not None:
            _save(self._folder / name, values, digests)
        return Result(digests, reused=False, _values=values)

    def prune(self) -> int:
        """Remove the results that were not used through this object; the number of them."""
        removed = 0
        for path in self._folder.iterdir() if self._folder is not None else ():
            if path.is_dir() and path.name not in self.used and not path.name.startswith("."):
                shutil.rmtree(path, ignore_errors=True)
                removed += 1
        return removed


def _key(step: str, module: str, inputs: Mapping[str, str], settings: Any) -> str:
    content = [step, code_version(module), library_versions(), dict(inputs), settings]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _remove_leftovers(folder: Path) -> None:
    for path in folder.glob(f".*{_DRAFT}"):
        number = path.name.removesuffix(_DRAFT).rsplit(".", 1)[-1]
        if not (number.isdigit() and is_running(int(number))):
            shutil.rmtree(path, ignore_errors=True)


def _save(folder: Path, values: Values, digests: dict[str, str]) -> None:
    draft = folder.parent / f".{folder.name}.{os.getpid()}{_DRAFT}"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    files = {}
    for number, (name, value) in enumerate(values.items()):
        path = _write(draft, f"{number}", value)
        sync(path)
        files[name] = {"file": path.name, "sha256": _sum(path)}
    meta = draft / _META
    meta.write_text(json.dumps({"digests": digests, "files": files}), encoding="utf-8")
    sync(meta)
    shutil.rmtree(folder, ignore_errors=True)
    draft.replace(folder)
    sync(folder.parent)


def _write(folder: Path, stem: str, value: Any) -> Path:
    if isinstance(value, gpd.GeoDataFrame):
        path = folder / f"{stem}.geo.parquet"
        value.to_parquet(path, compression="lz4")
    elif isinstance(value, pd.DataFrame):
        path = folder / f"{stem}.parquet"
        value.to_parquet(path, compression="lz4")
    elif isinstance(value, np.ndarray):
        path = folder / f"{stem}.npy"
        np.save(path, value, allow_pickle=False)
    else:
        path = folder / f"{stem}.json"
        path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def _open(folder: Path) -> Result | None:
    """A kept result, or nothing if there is none or it is not whole."""
    try:
        meta = json.loads((folder / _META).read_text(encoding="utf-8"))
        for entry in meta["files"].values():
            if _sum(folder / entry["file"]) != entry["sha256"]:
                return None
    except (OSError, ValueError, KeyError):
        return None
    return Result(meta["digests"], reused=True, _folder=folder)


def _load(folder: Path, name: str) -> Any:
    meta = json.loads((folder / _META).read_text(encoding="utf-8"))
    path = folder / meta["files"][name]["file"]
    if path.name.endswith(".geo.parquet"):
        return gpd.read_parquet(path)
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    if path.suffix == ".npy":
        return np.load(path, allow_pickle=False)
    return json.loads(path.read_text(encoding="utf-8"))


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
