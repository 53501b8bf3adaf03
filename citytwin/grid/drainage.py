"""Take hollows out of the ground that its contours do not show, and leave the real ones."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.window import Grid
from citytwin.kernels import depressions

#: Least fall from a cell to the next one downstream [m]: more than float32 loses at 4000 m.
FALL = 1e-3
#: Rounds of cutting the deepest pit of each hollow before the rest is filled.
_ROUNDS = 8
#: A cell is flat if no neighbour differs from it by more than this [m].
FLAT = 1e-4


@dataclass(frozen=True)
class Hollows:
    """Hollows of a ground.

    Attributes
    ----------
    count
        Number of separate hollows.
    volume
        Water that they would hold [m³].
    deepest
        Depth of the deepest [m].
    flat_share
        Share of cells whose neighbours are all as high as they are.
    """

    count: int
    volume: float
    deepest: float
    flat_share: float


@dataclass(frozen=True, eq=False)
class Drained:
    """Ground without hollows that are not real.

    Attributes
    ----------
    ground
        (n,) height of each cell [m].
    changed
        Number of cells whose height was changed.
    filled, cut
        Volume of ground added and taken away [m³].
    largest_change
        Largest change of a cell's height [m].
    kept
        Number of real hollows left as they are.
    """

    ground: Floats
    changed: int
    filled: float
    cut: float
    largest_change: float
    kept: int


@dataclass(frozen=True, eq=False)
class _Flood:
    """Ground of the window, and how water would stand on it."""

    ground: Floats
    valid: Bools
    level: Floats
    towards: Ints
    label: Ints
    count: int


def hollows(
    grid: Grid, ground: Floats, real: NDArray[Any] | None = None, deepest_artefact: float = np.inf
) -> Hollows:
    """Hollows of a ground, with the city's rim open.

    Parameters
    ----------
    grid
        Cells.
    ground
        (n,) height of each cell [m].
    real
        (k,) polygons round real hollows [m], which are then left out of the count.
    deepest_artefact
        Hollows deeper than this are real too [m].
    """
    window = grid.scatter(ground, np.nan)
    outlet = _rim(grid)
    if real is not None:
        outlet, _ = _outlets(grid, window, real, deepest_artefact)
    state = _flooded(grid, window, outlet)
    depth = grid.gather(state.level) - ground
    flat = np.zeros(grid.shape, dtype=np.bool_)
    depressions.flat_cells(state.ground, state.valid, FLAT, flat)
    volume = float((depth * grid.area).sum())
    return Hollows(state.count, volume, float(depth.max()), float(grid.gather(flat).mean()))


def drain(grid: Grid, ground: Floats, real: NDArray[Any], deepest_artefact: float) -> Drained:
    """Remove hollows that are artefacts by cutting through their rim or filling, whichever is less.

    Parameters
    ----------
    grid
        Cells.
    ground
        (n,) height of each cell [m].
    real
        (k,) polygons round hollows that are known to be real [m].
    deepest_artefact
        Hollows deeper than this are real too [m]; the interval of the contours is the natural one.
    """
    window = grid.scatter(ground, np.nan)
    outlet, keep = _outlets(grid, window, real, deepest_artefact)
    for _ in range(_ROUNDS):
        state = _flooded(grid, window, outlet)
        if not _cut_cheap(state):
            break
    level, towards = _empty(grid)
    depressions.flood(window, state.valid, outlet, FALL, level, towards)
    result = grid.gather(level)
    moved = (result - ground) * grid.area
    change = np.abs(result - ground)
    return Drained(
        ground=result,
        changed=int((change > 1e-9).sum()),
        filled=float(moved[moved > 0.0].sum()),
        cut=float(-moved[moved < 0.0].sum()),
        largest_change=float(change.max()),
        kept=int(keep.sum()),
    )


def ways_out(
    grid: Grid,
    ground: Floats,
    real: NDArray[Any],
    deepest_artefact: float,
    *,
    least_depth: float,
    spacing: float,
) -> tuple[Floats, Floats]:
    """Even slopes along which hollows that are artefacts would drain, to bend a surface to.

    Parameters
    ----------
    grid, ground, real, deepest_artefact
        As in :func:`drain`.
    least_depth
        Shallower hollows are left out [m].
    spacing
        Distance between the points [m].

    Returns
    -------
    points
        (k, 2) points along the ways [m].
    heights
        (k,) height of the way there, below the ground [m].
    """
    window = grid.scatter(ground, np.nan)
    outlet, _ = _outlets(grid, window, real, deepest_artefact)
    state = _flooded(grid, window, outlet)
    stride = max(1, round(spacing / float(np.sqrt(grid.area.mean()))))
    points, heights = [np.empty((0, 2))], [np.empty(0)]
    for pit in _pits(state):
        if state.level.flat[pit] - window.flat[pit] < least_depth:
            continue
        way = [int(pit), int(state.towards.flat[pit])]
        while window.flat[way[-1]] >= window.flat[pit] and state.towards.flat[way[-1]] >= 0:
            way.append(int(state.towards.flat[way[-1]]))
        slope = np.linspace(window.flat[pit], min(window.flat[way[-1]], window.flat[pit]), len(way))
        chosen = np.arange(0, len(way) - 1, stride)
        cells = grid.window_index.flat[np.array(way)[chosen]]
        points.append(np.stack([grid.x[cells], grid.y[cells]], axis=1))
        heights.append(slope[chosen])
    return np.concatenate(points), np.concatenate(heights)


def _outlets(
    grid: Grid, window: Floats, real: NDArray[Any], deepest_artefact: float
) -> tuple[Bools, Bools]:
    """Where water may end: the rim, and the lowest cell of each real hollow; which are real."""
    outlet = _rim(grid)
    state = _flooded(grid, window, outlet)
    keep = _real_hollows(grid, state, real, deepest_artefact)
    outlet.flat[_pits(state)[keep]] = True
    return outlet, keep


def _empty(grid: Grid) -> tuple[Floats, Ints]:
    return np.full(grid.shape, np.nan), np.full(grid.shape, -2, dtype=np.int64)


def _rim(grid: Grid) -> Bools:
    result = np.zeros(grid.shape, dtype=np.bool_)
    depressions.rim(grid.window_index >= 0, result)
    return result


def _flooded(grid: Grid, window: Floats, outlet: Bools) -> _Flood:
    valid = grid.window_index >= 0
    level, towards = _empty(grid)
    depressions.flood(window, valid, outlet, 0.0, level, towards)
    label = np.zeros(grid.shape, dtype=np.int64)
    count = int(depressions.label_hollows(window, level, valid, label))
    return _Flood(window, valid, level, towards, label, count)


def _pits(state: _Flood) -> Ints:
    """(count,) flat index of the lowest cell of each hollow."""
    wet = np.flatnonzero(state.label)
    order = np.lexsort((wet, state.ground.flat[wet], state.label.flat[wet]))
    wet = wet[order]
    _, first = np.unique(state.label.flat[wet], return_index=True)
    return np.asarray(wet[first])


def _real_hollows(grid: Grid, state: _Flood, real: NDArray[Any], deepest_artefact: float) -> Bools:
    """(count,) whether each hollow is deep, or has a cell inside a polygon of a real one."""
    depth = np.where(state.label > 0, state.level - state.ground, 0.0)
    deepest = np.zeros(state.count + 1)
    np.maximum.at(deepest, state.label.ravel(), depth.ravel())
    keep = deepest > deepest_artefact
    if len(real):
        wet = np.flatnonzero(grid.gather(state.label))
        points = shapely.points(grid.x[wet], grid.y[wet])
        inside = np.unique(shapely.STRtree(points).query(real, predicate="contains")[1])
        keep[grid.gather(state.label)[wet[inside]]] = True
    return np.asarray(keep[1:])


def _cut_cheap(state: _Flood) -> bool:
    """Cut from the deepest pit of each hollow where that moves less ground than filling it."""
    depth = np.where(state.label > 0, state.level - state.ground, 0.0)
    fill = np.bincount(state.label.ravel(), weights=depth.ravel(), minlength=state.count + 1)
    done = False
    for number, pit in enumerate(_pits(state), start=1):
        if depressions.breach_depth(state.ground, state.towards, pit, FALL) < fill[number]:
            depressions.breach(state.ground, state.towards, pit, FALL)
            done = True
    return done
