"""Areas with a number of people each, from H3 cells or polygons, in the city's plane.

Pixels of a raster become such areas in :mod:`citytwin.pipeline.people.pixels`. A number that is
missing, negative or infinite says nothing: its area is left out and counted as unknown, which is
not the same as an area where nobody lives.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import h3.api.basic_int as h3
import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.errors import RecipeError, SourceError
from citytwin.grid.window import Grid
from citytwin.pipeline.outlines import box_in_plane, in_plane, lonlat
from citytwin.sources.base import Box, CellValues, Raster

#: Units that are handled at once, which bounds the memory.
CHUNK = 16_384
#: Share of a unit inside the box that is only rounding of its outline.
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class Units:
    """Areas with people.

    Attributes
    ----------
    outlines
        (u,) valid polygons in the city's plane [m].
    people
        (u,) people in each, not negative.
    unknown
        Number of areas that were left out because they have no number of people.
    negative
        Those of them whose number is negative or infinite.
    """

    outlines: NDArray[Any]
    people: Floats
    unknown: int = 0
    negative: int = 0


@dataclass(frozen=True, eq=False)
class Pieces:
    """The parts of units inside the box of the city.

    Attributes
    ----------
    outlines
        (u,) polygons in the plane [m], none of them empty.
    people
        (u,) people of the unit times the share of its area that is inside.
    cut
        (u,) whether a part of the unit is outside.
    wholes
        (u,) polygons of the whole units [m].
    """

    outlines: NDArray[Any]
    people: Floats
    cut: Bools
    wholes: NDArray[Any]


def known(people: Floats) -> tuple[Bools, int]:
    """Which numbers of people count, and how many of the others are negative or infinite.

    Parameters
    ----------
    people
        (u,) numbers as the source gives them.
    """
    negative = (people < 0.0) | np.isinf(people)
    return ~(negative | np.isnan(people)), int(negative.sum())


def pieces_inside(units: Units, extent: Any) -> Pieces:
    """Parts of units inside a polygon, with the people that these parts hold.

    People of a unit are taken to be spread evenly over it as far as the cut is concerned: a unit
    that lies inside by a third of its area counts by a third of its people.

    Parameters
    ----------
    units
        Areas with people.
    extent
        Polygon in the plane [m].
    """
    shapely.prepare(extent)
    whole = shapely.covers(extent, units.outlines)
    meets = whole | shapely.intersects(extent, units.outlines)
    outlines = units.outlines.copy()
    cut = meets & ~whole
    outlines[cut] = shapely.intersection(outlines[cut], extent)
    share = whole.astype(np.float64)
    share[cut] = shapely.area(outlines[cut]) / shapely.area(units.outlines[cut])
    keep = share > ROUNDING
    return Pieces(outlines[keep], (units.people * share)[keep], cut[keep], units.outlines[keep])


def cell_units(grid: Grid, box: Box, table: CellValues) -> Iterator[Units]:
    """H3 cells near the box as areas with people.

    Parameters
    ----------
    grid
        Cells of the city, for their plane.
    box
        West, south, east, north [degrees].
    table
        People on H3 cells of one resolution, any resolution.

    Raises
    ------
    SourceError
        If an index is not an H3 cell, stands twice, or is of another resolution than the rest.
    """
    cells = np.asarray(table.cells, dtype=np.uint64)
    _check_cells(cells)
    here = _near(grid, box, cells)
    near, people = cells[here], np.asarray(table.values, dtype=np.float64)[here]
    for first in range(0, len(near), CHUNK):
        part = slice(first, first + CHUNK)
        good, negative = known(people[part])
        outlines = _cell_outlines(grid, near[part][good])
        yield Units(outlines, people[part][good], int((~good).sum()), negative)


def _check_cells(cells: NDArray[np.uint64]) -> None:
    wrong = next((int(cell) for cell in cells if not h3.is_valid_cell(int(cell))), None)
    if wrong is not None:
        raise SourceError(
            f"the table of people holds {wrong:x}, which is not an H3 cell: check which of its "
            "columns the recipe names as the cell"
        )
    sizes = {h3.get_resolution(int(cell)) for cell in cells}
    if len(sizes) > 1:
        raise SourceError(
            f"the table of people mixes the H3 resolutions {min(sizes)} to {max(sizes)}: "
            "give one of them only, or people would count twice"
        )
    found, times = np.unique(cells, return_counts=True)
    if (times > 1).any():
        raise SourceError(
            f"the table of people has the H3 cell {int(found[times > 1][0]):x} more than once: "
            "leave one row a cell"
        )


def _near(grid: Grid, box: Box, cells: NDArray[np.uint64]) -> Bools:
    """Which cells may touch the box."""
    if not cells.size:
        return np.zeros(0, dtype=np.bool_)
    margin = 2.0 * h3.average_hexagon_edge_length(h3.get_resolution(int(cells[0])), unit="m")
    place = np.asarray([h3.cell_to_latlng(int(cell)) for cell in cells])
    x, y = grid.project(place[:, 1], place[:, 0])
    west, south, east, north = shapely.bounds(box_in_plane(grid, box))
    across = (x >= west - margin) & (x <= east + margin)
    return np.asarray(across & (y >= south - margin) & (y <= north + margin))


def _cell_outlines(grid: Grid, cells: NDArray[np.uint64]) -> NDArray[Any]:
    rings = [np.asarray(h3.cell_to_boundary(int(cell)))[:, ::-1] for cell in cells]
    corners = np.concatenate([*rings, np.empty((0, 2))])
    plane = np.column_stack(grid.project(corners[:, 0], corners[:, 1]))
    ring: Ints = np.repeat(np.arange(len(rings)), [len(one) for one in rings]).astype(np.int64)
    return np.asarray(shapely.polygons(shapely.linearrings(plane, indices=ring)))


def polygon_units(grid: Grid, table: gpd.GeoDataFrame) -> Iterator[Units]:
    """Polygons with a column ``people`` as areas with people.

    Parameters
    ----------
    grid
        Cells of the city, for their plane.
    table
        Layer ``population``, whole: not clipped to the box, for a cut polygon would still carry
        the people of the whole.

    Raises
    ------
    SourceError
        If the column is missing.
    """
    if "people" not in table.columns:
        raise SourceError(
            "the layer 'population' has no column 'people': name the column of the file that "
            "holds the number of residents in the recipe"
        )
    geometry, counts = lonlat(table), table["people"].to_numpy(np.float64)
    for first in range(0, len(table), CHUNK):
        people = counts[first : first + CHUNK]
        outlines = in_plane(grid, geometry[first : first + CHUNK])
        good, negative = known(people)
        keep = good & (shapely.area(outlines) > 0.0)
        yield Units(outlines[keep], people[keep], int((~keep).sum()), negative)


def chosen(
    rasters: Sequence[Raster], cells: Sequence[CellValues], polygons: gpd.GeoDataFrame | None
) -> Raster | CellValues | gpd.GeoDataFrame:
    """The one thing that sources offer about people.

    Raises
    ------
    RecipeError
        If no source offers people, or more than one does.
    """
    offers: list[tuple[str, Raster | CellValues | gpd.GeoDataFrame]] = []
    offers += [("a raster", raster) for raster in rasters if raster.variable == "people"]
    offers += [("H3 cells", values) for values in cells if values.variable == "people"]
    if polygons is not None and len(polygons):
        offers.append(("polygons", polygons))
    if len(offers) != 1:
        found = " and ".join(kind for kind, _ in offers) or "none"
        raise RecipeError(
            "'population.method' is 'counts', which needs exactly one source that offers people, "
            f"as a raster, on H3 cells or in the layer 'population', but found {found}: add one or "
            "leave out the others"
        )
    return offers[0][1]
