"""Which buildings and streets stand in water at a moment of a run."""

import gzip
import json
from typing import Any

import numpy as np
import payloads
import store
from scene.sheet import LIFT

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.impact.exposure import FOOTWAYS, Exposure
from citytwin.scenario.running import exposure_of

KINDS = ("depth", "greatest", "arrival")


def run_file(key: str, kind: str, number: int) -> bytes:
    """A gzipped file of a run.

    Parameters
    ----------
    key
        Key of the run.
    kind
        ``depth``, ``greatest`` or ``arrival`` for the water; ``buildings`` or ``streets`` for what
        stands in it.
    number
        Number of the moment; −1 for the greatest depth of the whole run.
    """
    if kind in KINDS:
        return payloads.flood_frame(key, kind, number)
    text = {"buildings": wet_buildings, "streets": wet_streets}[kind](key, number)
    return gzip.compress(text.encode(), 4)


def depth_at(key: str, number: int) -> AnyFloats:
    """(n,) depth of water in the cells [m] at a moment, or the greatest of the run for −1."""
    results = store.results(key)
    found: AnyFloats = results.summary["depth_max"] if number < 0 else results.frame(number)
    return found


@store.per_city
def exposure() -> Exposure:
    """What stands in the way of the water, as the impact counts it."""
    return exposure_of(store.city())


def wet_buildings(key: str, number: int) -> str:
    """JSON of prisms of the buildings with water at them."""
    deep = exposure().building_depths(depth_at(key, number))
    return payloads.large_prisms(np.flatnonzero(deep >= payloads.BUILDING_LIMIT))


@store.per_city
def _piece_cells() -> list[Ints]:
    """Cell of each piece of each street, −1 outside the city."""
    grid = store.city().grid
    lines, _ = payloads.street_pieces()
    middle = [(line[1:, :2] + line[:-1, :2]) / 2.0 for line in lines]
    spots = np.concatenate(middle)
    x, y = grid.project(spots[:, 0], spots[:, 1])
    return np.split(grid.locate(x, y), np.cumsum([len(part) for part in middle])[:-1])


def wet_streets(key: str, number: int) -> str:
    """JSON of stretches of street (not of footways) in deep water, as lines just above it."""
    depth = exposure().beside(depth_at(key, number))
    lines, owner = payloads.street_pieces()
    drivable = exposure().road_open & ~np.isin(exposure().road_class, FOOTWAYS)
    rows = []
    for line, cells, item in zip(lines, _piece_cells(), owner.tolist(), strict=True):
        deep = (cells >= 0) & (depth[cells] >= payloads.STREET_LIMIT) & drivable[item]
        if deep.any():
            rows.extend(_stretches(line, deep, depth[cells], item))
    return json.dumps(rows, separators=(",", ":"))


def _stretches(line: Floats, deep: Any, depth: AnyFloats, item: int) -> list[dict[str, Any]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], deep, [False]]).astype(np.int8)))
    rows = []
    for first, last in edges.reshape(-1, 2).tolist():
        spots = line[first : last + 1].copy()
        spots[:, 2] = np.round(spots[:, 2] + depth[first:last].max() + LIFT, 1)
        rows.append({"p": spots.tolist(), "i": item})
    return rows
