"""The water of a run at a moment, and which buildings and streets stand in it."""

import gzip
import json
from typing import Any

import numpy as np
import payloads
import store
from modes import DRAWN_DEPTH, MODES, Mode
from scene.sheet import LIFT

from citytwin.arrays import AnyFloats, Floats, Ints
from citytwin.impact.exposure import FOOTWAYS, Exposure
from citytwin.scenario.running import exposure_of

_LEVEL = 4  # of gzip: quick, for files that are made while somebody waits


def run_file(key: str, kind: str, number: int) -> bytes:
    """A gzipped file of a run.

    Parameters
    ----------
    key
        Key of the run.
    kind
        Name of a mode for the water; ``buildings`` or ``streets`` for what stands in it.
    number
        Number of the moment; −1 for the whole run.
    """
    if kind in MODES:
        rows = json.dumps(water(key, MODES[kind], number), separators=(",", ":"))
        return gzip.compress(rows.encode(), _LEVEL)
    text = {"buildings": wet_buildings, "streets": wet_streets}[kind](key, number)
    return gzip.compress(text.encode(), _LEVEL)


def water(key: str, mode: Mode, number: int) -> list[dict[str, Any]]:
    """Wet cells at a moment, or of the whole run, as hexagons with their class.

    Parameters
    ----------
    key
        Key of the run.
    mode
        What colours them.
    number
        Number of the moment; not used by modes of the whole run.
    """
    results = store.results(key)
    depth = depth_at(key, number if mode.moving else -1)
    if mode.moving:
        values = depth if mode.values == "depth" else results.frame(number, mode.values)
    else:
        values = results.summary[mode.values]
    wet = (depth >= DRAWN_DEPTH) & np.isfinite(values)
    grade = np.searchsorted(np.asarray(mode.classes[1:]), values[wet] * mode.scale, side="right")
    sheet = payloads.sheet()
    centre, height = sheet.hexagons(sheet.surface(depth, wet), wet)
    numbers = zip(
        centre.tolist(), height.tolist(), grade.tolist(), np.flatnonzero(wet).tolist(), strict=True
    )
    return [{"x": x, "y": y, "z": z, "k": k, "i": i} for (x, y), z, k, i in numbers]


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
