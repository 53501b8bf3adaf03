"""Hollows no deeper than the error of the heights are taken out; every deeper one stays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import Grid
from citytwin.kernels import depressions, minima

#: Fall of a cut from a cell to the next one downstream [m].
FALL = 1e-3
#: Rounds of cutting before the rest is filled.
_ROUNDS = 8


@dataclass(frozen=True, eq=False)
class Levelled:
    """Ground without false hollows.

    Attributes
    ----------
    ground
        (n,) height of each cell [m].
    kept
        Number of pits that are real.
    """

    ground: Floats
    kept: int


def without_false_hollows(grid: Grid, ground: Floats, error: float, real: NDArray[Any]) -> Levelled:
    """Drain the hollows that are no deeper than the error, by cutting or filling: what moves less.

    A pit is real if water can stand deeper than the error over it before it runs over into a deeper
    one, also where it lies within a larger hollow; its lowest cell keeps its height. Fills are level:
    what is flat stays flat.

    Parameters
    ----------
    grid
        Cells.
    ground
        (n,) height of each cell [m].
    error
        Error of the heights from cell to cell [m]; with 0 nothing is changed.
    real
        (k,) polygons of standing water, whose hollows are real however shallow [m].
    """
    if error <= 0.0:
        return Levelled(np.array(ground, np.float64), 0)
    window, valid = grid.scatter(np.asarray(ground, np.float64), np.nan), grid.window_index >= 0
    outlet = np.zeros(grid.shape, np.bool_)
    depressions.rim(valid, outlet)
    level = np.full(grid.shape, np.nan)
    minima.raised(window, valid, outlet, error, level)
    pits = np.zeros(grid.shape, np.bool_)
    minima.lowest_of_flats(window, level, valid, outlet, pits)
    kept = int(pits.sum())
    outlet |= pits
    lowest = _lowest_inside(grid, ground, real)
    outlet[grid.row[lowest], grid.col[lowest]] = True
    for _ in range(_ROUNDS):
        if not _cut(window, valid, outlet):
            break
    level, _ = _flood(window, valid, outlet)
    return Levelled(grid.gather(level), kept)


def _flood(window: Floats, valid: Bools, outlet: Bools) -> tuple[Floats, Ints]:
    level, towards = np.full(window.shape, np.nan), np.full(window.shape, -2, np.int64)
    depressions.flood(window, valid, outlet, 0.0, level, towards)
    return level, towards


def _cut(window: Floats, valid: Bools, outlet: Bools) -> bool:
    """Cut from the lowest cell of each hollow where that moves less ground than filling it."""
    level, towards = _flood(window, valid, outlet)
    label = np.zeros(window.shape, np.int64)
    count = int(depressions.label_hollows(window, level, valid, label))
    if not count:
        return False
    wet = np.flatnonzero(label)
    number, height = label.flat[wet], window.flat[wet]
    fill = np.bincount(number, weights=level.flat[wet] - height, minlength=count + 1)
    order = np.lexsort((wet, height, number))
    _, first = np.unique(number[order], return_index=True)
    done = False
    for hollow, pit in enumerate(wet[order][first], start=1):
        if depressions.breach_depth(window, towards, pit, FALL) < fill[hollow]:
            depressions.breach(window, towards, pit, FALL)
            done = True
    return done


def _lowest_inside(grid: Grid, ground: Floats, polygons: NDArray[Any]) -> Ints:
    """Lowest cell whose centre lies in each polygon, or the cell in the middle of a small one."""
    if not len(polygons):
        return np.empty(0, np.int64)
    tree = shapely.STRtree(shapely.points(grid.x, grid.y))
    polygon, cell = tree.query(polygons, predicate="contains")
    order = np.lexsort((cell, np.asarray(ground)[cell], polygon))
    owner, first = np.unique(polygon[order], return_index=True)
    small = np.setdiff1d(np.arange(len(polygons)), owner)
    middle = shapely.get_coordinates(shapely.point_on_surface(polygons[small]))
    at = grid.locate(middle[:, 0], middle[:, 1]) if len(small) else np.empty(0, np.int64)
    return np.concatenate([cell[order][first], at[at >= 0]]).astype(np.int64)
