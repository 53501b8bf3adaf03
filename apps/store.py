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
import pyarrow.parquet as pq

from citytwin.arrays import Floats, Ints
from citytwin.city import City
from citytwin.city.quality import Quality
from citytwin.city.quality import quality as quality_of
from citytwin.city.schema import LAYERS
from citytwin.errors import CityTwinError, InputError
from citytwin.scenario import Results
from citytwin.scenario.results import FRAMES, MANIFEST
from citytwin.scenario.running import PART
from citytwin.variables import VARIABLES

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
def _open_results(folder: Path, written: int) -> Results:
    del written  # part of the cache's key: a stopped run that went on is opened anew
    return Results.open(folder)


def results(key: str) -> Results:
    """A run by its key; an unknown key is an error. A stopped run has ``PART`` behind its key."""
    if not key.removesuffix(PART).isalnum():
        raise InputError(f"'{key}' is not the key of a run")
    return _open_results(runs_folder() / key, _written(key))


def _written(key: str) -> int:
    path = runs_folder() / key / MANIFEST
    return path.stat().st_mtime_ns if path.is_file() else 0


def has_run(key: str) -> bool:
    """Whether a run is still there: a stopped one goes when it went on to its end."""
    return _written(key) > 0


def stamp(key: str) -> str:
    """Text that changes when the run of a key was written anew."""
    return format(_written(key), "x")


def run_keys() -> list[str]:
    """Keys of the runs of this city, stopped ones among them, newest first."""
    keys = [path.parent.name for path in runs_folder().glob(f"*/{MANIFEST}")]
    keys.sort(key=_written, reverse=True)
    return [key for key in keys if _belongs(key)]


def _belongs(key: str) -> bool:
    if not Results.is_whole(runs_folder() / key):
        return False
    try:
        known = results(key)
        ours = known.manifest["city"]["fingerprint"] == city().fingerprint
        return ours and known.scenario is not None  # a model that is not here cannot be shown
    except (CityTwinError, OSError, KeyError):
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


def quantities_of(known: Results) -> set[str]:
    """Names of what a run has: quantities of its moments, and of the whole run."""
    return set(pq.read_schema(known.folder / FRAMES).names) | set(known.summary)


@lru_cache(maxsize=32)
def stored_cells(known: Results) -> Ints:
    """(t,) number of cells that the intensity of a run reaches at each moment."""
    name = str(known.manifest["variable"])
    rows = pq.read_table(known.folder / FRAMES, columns=["frame", name])
    frames = rows["frame"].to_numpy()[rows[name].to_numpy() >= VARIABLES[name].least]
    return np.bincount(frames, minlength=known.times.size).astype(np.int64)


def attributions() -> list[str]:
    """Whom the city's sources want named, each once."""
    named = [str(source.get("attribution", "")) for source in city().sources]
    return list(dict.fromkeys(filter(None, named)))
