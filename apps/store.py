"""The city and the runs that this process shows, opened once and shared by all visitors."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, TypeVar

import geopandas as gpd
import numpy as np
from form import fields_of

from citytwin.arrays import Floats
from citytwin.city import City
from citytwin.city.quality import Quality
from citytwin.city.quality import quality as quality_of
from citytwin.city.schema import LAYERS
from citytwin.errors import InputError
from citytwin.scenario import Results

T = TypeVar("T")

CITY, WORKSPACE = "CITYTWIN_CITY", "CITYTWIN_WORKSPACE"
_lock = threading.Lock()
_locks: dict[str, threading.Lock] = {}


def city_path() -> Path:
    """City file that the app shows, from the environment."""
    name = os.environ.get(CITY)
    if not name:
        raise InputError(f"{CITY} does not name a city file: start the app with citytwin app CITY")
    return Path(name)


def workspace() -> Path:
    """Folder of runs and of what the app keeps; beside the city file if none is named."""
    name = os.environ.get(WORKSPACE)
    return Path(name) if name else city_path().parent


def runs_folder() -> Path:
    """Folder that holds one folder for each run."""
    return workspace() / "runs"


@lru_cache(maxsize=1)
def _open_city(path: Path, written: int) -> City:
    del written  # part of the cache's key: a file that was built anew is opened anew
    return City.open(path)


def city() -> City:
    """The city, opened once."""
    path = city_path()
    with _lock:
        return _open_city(path, path.stat().st_mtime_ns if path.exists() else 0)


def per_city(make: Callable[[], T]) -> Callable[[], T]:
    """Keep what a function makes of the city; it is made once, however many ask at a time."""
    kept: dict[str, T] = {}

    @wraps(make)
    def get() -> T:
        fingerprint = city().fingerprint
        with _lock_of(f"{make.__module__}.{make.__name__}"):
            if fingerprint not in kept:
                kept.clear()
                kept[fingerprint] = make()
            return kept[fingerprint]

    return get


@per_city
def _tables() -> dict[str, Any]:
    return {}


def table(name: str) -> Any:
    """A layer of the city as a table with geometry (longitude and latitude), read once.

    A layer that the city does not have is a table without rows.
    """
    tables = _tables()
    with _lock_of(f"table {name}"):
        if name not in tables:
            tables[name] = city().table(name) if name in city().tables else _empty(name)
        return tables[name]


def _empty(name: str) -> gpd.GeoDataFrame:
    columns: dict[str, list[object]] = {column: [] for column in LAYERS[name].columns}
    return gpd.GeoDataFrame(columns, geometry=[], crs="EPSG:4326")


def has_ground() -> bool:
    """Whether the city knows how high its ground is; if not, the model stands on a flat table."""
    return "ground_elevation" in city().layers


def ground() -> Floats:
    """(n,) height of the ground in the cells [m]; 0 where the city does not know it."""
    known = city()
    return known.layers["ground_elevation"] if has_ground() else np.zeros(len(known.grid))


@per_city
def quality() -> Quality:
    """The honesty report of the city, as of today."""
    return quality_of(city(), datetime.now(UTC).date())


def how(layer: str, aspect: str) -> str:
    """Key of the words that say how an aspect was found; empty if it was not judged."""
    found = quality().aspect(layer, aspect)
    return found.how if found is not None else ""


@lru_cache(maxsize=16)
def _open_results(folder: Path) -> Results:
    return Results.open(folder)


def results(key: str) -> Results:
    """A finished run by its key; an unknown key is an error."""
    if not key.isalnum():
        raise InputError(f"'{key}' is not the key of a run")
    return _open_results(runs_folder() / key)


def run_keys() -> list[str]:
    """Keys of the finished runs of this city, newest first."""
    folders = [path.parent for path in runs_folder().glob("*/manifest.json")]
    folders.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    return [path.name for path in folders if _belongs(path.name)]


def _belongs(key: str) -> bool:
    if not Results.is_whole(runs_folder() / key):
        return False
    try:
        return bool(results(key).manifest["city"]["fingerprint"] == city().fingerprint)
    except (InputError, OSError, KeyError):
        return False


def keep(name: str, make: Callable[[], bytes]) -> bytes:
    """Bytes kept in a file of the workspace, made once however many visitors ask.

    Parameters
    ----------
    name
        Path below the workspace's ``app`` folder.
    make
        Makes the bytes when the file is not there.
    """
    path = workspace() / "app" / name
    with _lock_of(name):
        if path.is_file():
            return path.read_bytes()
        data = make()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(data)
            part.replace(path)
        except OSError:
            return data  # a read-only workspace costs time, not the picture
        return data


def _lock_of(name: str) -> threading.Lock:
    with _lock:
        return _locks.setdefault(name, threading.Lock())


def run_name(key: str, language: str = "en") -> str:
    """Name of a run's scenario; where it has none, its hazard and its first numbers."""
    scenario = results(key).scenario
    if scenario.name:
        return str(scenario.name)
    hazard = scenario.hazard
    title = hazard.title_zh if language == "zh" else hazard.title
    fields = [field for field in fields_of(type(hazard)) if field.unit not in ("", "1")]
    numbers = [f"{getattr(hazard, field.name):g} {field.unit}" for field in fields[:2]]
    return ", ".join([title, *numbers])


def attributions() -> list[str]:
    """Whom the city's sources want named, each once."""
    named = [str(source.get("attribution", "")) for source in city().sources]
    return list(dict.fromkeys(filter(None, named)))
