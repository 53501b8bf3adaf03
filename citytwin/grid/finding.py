"""Points, lines and areas that people name, as cells of a city: refused in a sentence outside it."""

from collections.abc import Sequence

import numpy as np
import shapely

from citytwin.arrays import Floats, Ints
from citytwin.errors import ScenarioError
from citytwin.grid.overlay import line_shares, polygon_shares
from citytwin.grid.window import Grid

#: Longitude and latitude [degrees].
Lonlat = tuple[float, float]


def in_plane(grid: Grid, points: Sequence[Lonlat], what: str) -> tuple[Floats, Floats]:
    """(k,) easting and northing of points [m]; ``what`` names them where they lie nowhere."""
    lon, lat = np.asarray(points, np.float64).T
    x, y = grid.project(lon, lat)
    if not (np.isfinite(x) & np.isfinite(y)).all():
        raise _outside(grid, what, points)
    return x, y


def cell_at(grid: Grid, point: Lonlat, what: str) -> int:
    """Position in the grid of the cell at a point.

    Parameters
    ----------
    grid
        Cells.
    point
        Longitude and latitude [degrees].
    what
        What lies there, as a complaint names it, for example ``the gauge 'Bridge'``.

    Raises
    ------
    ScenarioError
        If the point lies outside the city.
    """
    x, y = grid.project(np.array([point[0]]), np.array([point[1]]))
    found = int(grid.locate(x, y)[0])
    if found < 0:
        raise _outside(grid, what, [point])
    return found


def cells_along(grid: Grid, line: Sequence[Lonlat], what: str) -> Ints:
    """Positions of the cells through which a line runs, ascending.

    Parameters
    ----------
    grid
        Cells.
    line
        Longitudes and latitudes [degrees].
    what
        What the line is, as a complaint names it.

    Raises
    ------
    ScenarioError
        If no part of the line lies in the city.
    """
    x, y = in_plane(grid, line, what)
    cells = line_shares(grid, np.array([shapely.LineString(np.stack([x, y], axis=1))])).cell
    if not cells.size:
        raise _outside(grid, what, line)
    return cells


def shares_within(grid: Grid, ring: Sequence[Lonlat], what: str) -> tuple[Ints, Floats]:
    """Positions of the cells that an area touches, and the share of each that it covers.

    Parameters
    ----------
    grid
        Cells.
    ring
        Corners of the area, longitudes and latitudes [degrees].
    what
        What the area is, as a complaint names it.

    Raises
    ------
    ScenarioError
        If the area crosses itself, or no part of it lies in the city.
    """
    x, y = in_plane(grid, ring, what)
    polygon = shapely.Polygon(np.stack([x, y], axis=1))
    if not polygon.is_valid or polygon.area <= 0.0:
        raise ScenarioError(
            f"the outline of {what} crosses itself or is a line: give its corners in their order"
        )
    return _shares(grid, polygon, what, ring)


def shares_beside(
    grid: Grid, line: Sequence[Lonlat], width: float, what: str
) -> tuple[Ints, Floats]:
    """Positions of the cells that a strip along a line touches, and the share of each under it.

    Parameters
    ----------
    grid
        Cells.
    line
        Middle of the strip, longitudes and latitudes [degrees].
    width
        Width of the strip [m].
    what
        What the strip is, as a complaint names it.
    """
    x, y = in_plane(grid, line, what)
    middle = shapely.LineString(np.stack([x, y], axis=1))
    return _shares(grid, middle.buffer(width / 2.0, cap_style="flat"), what, line)


def _outside(grid: Grid, what: str, points: Sequence[Lonlat]) -> ScenarioError:
    lon, lat = grid.unproject(*(np.array([v.min(), v.max()]) for v in (grid.x, grid.y)))
    lies = f"at {points[0][0]:g}, {points[0][1]:g}"
    if len(points) > 1:
        lies = f"from {points[0][0]:g}, {points[0][1]:g} to {points[-1][0]:g}, {points[-1][1]:g}"
    return ScenarioError(
        f"{what} {lies} lies outside the city: move it between {lon[0]:.4f} and {lon[1]:.4f} degrees "
        f"east, {lat[0]:.4f} and {lat[1]:.4f} degrees north"
    )


def _shares(
    grid: Grid, polygon: shapely.Geometry, what: str, points: Sequence[Lonlat]
) -> tuple[Ints, Floats]:
    shares = polygon_shares(grid, np.array([polygon]))
    if not shares.cell.size:
        raise _outside(grid, what, points)
    return shares.cell, np.minimum(shares.amount / grid.area[shares.cell], 1.0)
