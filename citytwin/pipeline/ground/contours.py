"""Ground of a city's cells from its contours, with figures that say how good it is."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay

from citytwin.arrays import Floats
from citytwin.errors import RecipeError
from citytwin.grid.drainage import Drained, Hollows, drain, hollows, ways_out
from citytwin.grid.terrain import PATCH, Fit, Surface, cell_means, contour_points
from citytwin.grid.window import Grid
from citytwin.pipeline.recipe import Terrain
from citytwin.sources.base import Layers

#: Heights are kept to a tenth of a millimetre, so that rounding of the last bit does not show.
_DIGITS = 4
#: Rounds of bending the surface; what is left is cut or filled cell by cell.
_ROUNDS = 2
#: Hollows shallower than this are not worth a valley [m].
_LEAST_DEPTH = 0.05
#: Distance between the points of a valley [m].
_VALLEY_STEP = 4.0 * PATCH
#: Error of a valley's height [m]: far below the depth of what it drains.
_VALLEY_ERROR = 0.05


@dataclass(frozen=True, eq=False)
class Ground:
    """Ground of the cells and what was measured on the way.

    Attributes
    ----------
    elevation
        (n,) mean height of each cell [m].
    figures
        Quality of the fit, hollows of a naive surface, of ours and of the result.
    """

    elevation: Floats
    figures: dict[str, Any]


def ground(grid: Grid, layers: Layers, terrain: Terrain) -> Ground:
    """Ground from contours and peaks, without hollows that the contours do not show.

    Parameters
    ----------
    grid
        Cells.
    layers
        Layers of the city in the city's plane [m]; needs contours, uses peaks.
    terrain
        Settings of the recipe.

    Raises
    ------
    RecipeError
        If no source has contours.
    """
    if "contours" not in layers or not len(layers["contours"]):
        raise RecipeError(
            "the ground needs a layer 'contours', which no source of the recipe has: add a source "
            "with contours"
        )
    lines = np.asarray(layers["contours"].geometry)
    elevation = layers["contours"]["elevation"].to_numpy(dtype=np.float64)
    interval = contour_interval(elevation)
    step = terrain.spacing / 2.0
    points, heights = contour_points(lines, elevation, step)
    fit = Fit(
        points,
        heights,
        _extent(grid),
        spacing=terrain.spacing,
        step=step,
        error=terrain.error,
        curvature=terrain.curvature,
        tension=terrain.tension,
    )
    peaks = _add_peaks(fit, layers, interval, terrain.error)
    real = closed_hollows(lines)
    smooth = cell_means(grid, fit.surface)
    raw = _with_valleys(fit, grid, smooth, real, interval)
    drained = drain(grid, raw, real, interval)
    result = np.round(drained.ground, _DIGITS)
    naive = naive_heights(grid, lines, elevation, raw)
    figures = {
        "contour_interval_m": interval,
        "fit": _fit(fit.surface, points, heights),
        "peaks": peaks,
        "artefacts": {
            name: _plain(hollows(grid, values, real, interval))
            for name, values in (("triangles", naive), ("smooth", smooth), ("result", result))
        },
        "real": _plain(hollows(grid, result)),
        "drained": _moved(drained),
    }
    return Ground(result, figures)


def ground_remarks(figures: dict[str, Any]) -> list[str]:
    """Figures of the ground from contours as lines for the log."""
    artefacts, real, moved = figures["artefacts"], figures["real"], figures["drained"]
    naive, result = artefacts["triangles"], artefacts["result"]
    hollow = (
        f"hollows that no contour shows: {naive['hollows']} with {naive['volume_m3']:,.0f} m³ "
        f"and {naive['flat_share']:.1%} flat cells by triangles, {result['hollows']} with "
        f"{result['volume_m3']:,.0f} m³ and {result['flat_share']:.1%} here"
    )
    drained = (
        f"drained: {moved['cells_changed']} cells changed, {moved['filled_m3']:,.0f} m³ filled, "
        f"{moved['cut_m3']:,.0f} m³ cut, at most {moved['largest_change_m']:.2f} m"
    )
    return [
        f"contours met to {figures['fit']['rmse_m']:.2f} m (root mean square)",
        hollow,
        drained,
        f"{real['hollows']} hollows that contours show are kept, {real['volume_m3']:,.0f} m³",
    ]


def contour_interval(elevation: Floats) -> float:
    """Distance in height between neighbouring contours [m]."""
    levels = np.unique(elevation)
    return float(np.median(np.diff(levels))) if len(levels) > 1 else float("inf")


def closed_hollows(lines: NDArray[Any]) -> NDArray[Any]:
    """Polygons round hollows: closed contours that run clockwise, higher ground on their left."""
    closed = lines[shapely.is_closed(lines)]
    rings = [shapely.get_coordinates(line) for line in closed[~shapely.is_ccw(closed)]]
    return np.array([shapely.Polygon(ring) for ring in rings], dtype=object)


def naive_heights(grid: Grid, lines: NDArray[Any], elevation: Floats, outside: Floats) -> Floats:
    """(n,) height at the centres by triangles between the contours' vertices, for comparison."""
    points, line = shapely.get_coordinates(lines, return_index=True)
    corners = Delaunay(points).simplices
    tree = shapely.STRtree(shapely.polygons(points[corners]))
    cell, triangle = tree.query(shapely.points(grid.x, grid.y), predicate="intersects")
    cell, first = np.unique(cell, return_index=True)
    corner = corners[triangle[first]]
    base, u, v = (points[corner[:, k]] - points[corner[:, 0]] * (k > 0) for k in range(3))
    offset = np.stack([grid.x[cell], grid.y[cell]], axis=1) - base
    size = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
    along_u = (offset[:, 0] * v[:, 1] - offset[:, 1] * v[:, 0]) / size
    along_v = (u[:, 0] * offset[:, 1] - u[:, 1] * offset[:, 0]) / size
    z = elevation[line][corner]
    heights = outside.copy()
    heights[cell] = z[:, 0] + along_u * (z[:, 1] - z[:, 0]) + along_v * (z[:, 2] - z[:, 0])
    return heights


def _add_peaks(fit: Fit, layers: Layers, tolerance: float, error: float) -> dict[str, int]:
    """Bend the surface to peaks, but for those that the contours contradict."""
    if "peaks" not in layers:
        return {"given": 0, "used": 0}
    peaks = layers["peaks"]
    known = peaks[peaks["elevation"].notna()]
    place = shapely.get_coordinates(np.asarray(known.geometry)).reshape(-1, 2)
    height = known["elevation"].to_numpy(dtype=np.float64)
    used = np.abs(fit.surface.at(place[:, 0], place[:, 1]) - height) <= tolerance
    fit.add(place[used], height[used], error)
    return {"given": len(height), "used": int(used.sum())}


def _with_valleys(
    fit: Fit, grid: Grid, ground: Floats, real: NDArray[Any], interval: float
) -> Floats:
    """Ground after bending the surface so that most artefacts drain through smooth valleys."""
    for _ in range(_ROUNDS):
        points, heights = ways_out(
            grid, ground, real, interval, least_depth=_LEAST_DEPTH, spacing=_VALLEY_STEP
        )
        if not len(points):
            break
        fit.add(points, heights, _VALLEY_ERROR)
        ground = cell_means(grid, fit.surface)
    return ground


def _extent(grid: Grid) -> tuple[float, float, float, float]:
    corners = grid.corners().reshape(-1, 2)
    west, south = corners.min(axis=0).tolist()
    east, north = corners.max(axis=0).tolist()
    return west, south, east, north


def _fit(surface: Surface, points: Floats, heights: Floats) -> dict[str, float]:
    off = surface.at(points[:, 0], points[:, 1]) - heights
    return {"rmse_m": float(np.sqrt((off**2).mean())), "largest_m": float(np.abs(off).max())}


def _plain(found: Hollows) -> dict[str, float]:
    return {
        "hollows": found.count,
        "volume_m3": found.volume,
        "deepest_m": found.deepest,
        "flat_share": found.flat_share,
    }


def _moved(drained: Drained) -> dict[str, float]:
    return {
        "cells_changed": drained.changed,
        "filled_m3": drained.filled,
        "cut_m3": drained.cut,
        "largest_change_m": drained.largest_change,
        "real_hollows_kept": drained.kept,
    }
