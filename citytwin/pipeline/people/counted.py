"""People in buildings and cells: modelled from floor area, or counted and moved onto homes.

A source counts people by pixels, H3 cells or polygons, which are coarser than buildings. The
people of such a unit are moved onto the floor area of the homes in it (dasymetric mapping: Mennis
2003, 10.1111/0033-0124.10042): a building takes part in a unit by the share of its footprint that
lies in it. People whom no home takes stay on the unit's ground that is not water. So the total is
the source's; the place inside the unit is modelled.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from citytwin.arrays import Floats
from citytwin.errors import BalanceError, SourceError
from citytwin.grid.overlay import Shares, polygon_shares
from citytwin.grid.window import Grid
from citytwin.pipeline.outlines import box_in_plane
from citytwin.pipeline.people.figures import PeopleFigures
from citytwin.pipeline.people.pixels import pixel_units
from citytwin.pipeline.people.placing import Homes, Placing, Tally
from citytwin.pipeline.people.units import (
    Units,
    cell_units,
    pieces_inside,
    polygon_units,
)
from citytwin.sources.base import Box, CellValues, Raster

#: Relative difference of the people before and after placing above which a build fails.
TOLERANCE = 1e-9
#: Share of a footprint or cell outside all units that is only rounding of an outline.
ROUNDING = 1e-6
#: Share of the units' area covered twice that is only rounding of their outlines.
TOO_MUCH = 1e-3
#: What the number of people in a cell is, by its code in :class:`People`.
QUALITIES = ("real", "derived", "assumed")


@dataclass(frozen=True, eq=False)
class People:
    """Where people are.

    Attributes
    ----------
    of_building
        (p,) people in each building.
    elsewhere
        (n,) people in each cell whom no building takes.
    assumed
        (n,) share of each cell that rests on no count, 0..1.
    quality
        (n,) position in ``QUALITIES``: *real* where the source says that nobody is there,
        *derived* where it counted people and their place inside its unit is modelled, *assumed*
        where more than half of the cell rests on no count.
    figures
        What was done.
    """

    of_building: Floats
    elsewhere: Floats
    assumed: Floats
    quality: NDArray[np.int8]
    figures: PeopleFigures

    def per_cell(self, grid: Grid, footprints: Shares) -> Floats:
        """(n,) people in each cell: those of a building by shares of its footprint, and the rest.

        Parameters
        ----------
        grid
            Cells.
        footprints
            Area of each building in each cell [m²].
        """
        buildings = len(self.of_building)
        area = np.bincount(footprints.item, footprints.amount, buildings)
        density = np.divide(
            self.of_building, area, out=np.zeros_like(self.of_building), where=area > 0.0
        )
        return footprints.per_cell(grid, density) + self.elsewhere


def modelled_people(grid: Grid, homes: Homes, floor_area_per_person: float) -> People:
    """People modelled from the floor area of homes: nothing is counted, everything assumed.

    Parameters
    ----------
    grid
        Cells.
    homes
        Buildings with the floor area of their homes.
    floor_area_per_person
        Floor area of homes for one resident [m²].
    """
    cells = len(grid)
    of_building = homes.floor_area / floor_area_per_person
    figures = PeopleFigures(
        homes_without_unit=float(homes.floor_area.sum()), modelled=float(of_building.sum())
    )
    quality = np.full(cells, QUALITIES.index("assumed"), dtype=np.int8)
    return People(of_building, np.zeros(cells), np.ones(cells), quality, figures)


def population_units(
    grid: Grid, box: Box, counts: Raster | CellValues | gpd.GeoDataFrame
) -> Iterable[Units]:
    """Areas with people from what a source offers, some at a time.

    Parameters
    ----------
    grid
        Cells, for their plane.
    box
        West, south, east, north [degrees].
    counts
        Raster of people, people on H3 cells, or the layer ``population`` before any clipping.
    """
    if isinstance(counts, Raster):
        return pixel_units(grid, box, counts)
    if isinstance(counts, CellValues):
        return cell_units(grid, box, counts)
    return polygon_units(grid, counts)


def counted_people(
    grid: Grid,
    box: Box,
    homes: Homes,
    units: Iterable[Units],
    *,
    water_share: Floats,
    least_floor_area: float = 0.0,
    floor_area_per_person: float | None = None,
) -> People:
    """People of units moved onto the homes in them.

    Parameters
    ----------
    grid
        Cells; they cover the box.
    box
        West, south, east, north of the city [degrees].
    homes
        Buildings, inside the box.
    units
        Areas with people, some at a time; where they overlap, each counts.
    water_share
        (n,) share of each cell under standing water.
    least_floor_area
        Floor area of homes [m²] below which no more people fit in: people beyond that are on
        the unit's open ground. 0 for no such bound.
    floor_area_per_person
        If given, people are modelled from the floor area of homes where no unit counts them;
        else nobody is taken to live there.

    Raises
    ------
    SourceError
        If no unit meets the box.
    BalanceError
        If the people did not stay as many as they were.
    """
    extent = box_in_plane(grid, box)
    placing = Placing(grid, homes, water_share, least_floor_area)
    tally = placing.tally
    for some in units:
        placing.add(pieces_inside(some, extent))
        tally.figures.units_unknown += some.unknown
        tally.figures.units_negative += some.negative
    if not tally.figures.units:
        raise SourceError(
            "the source of people says nothing about any place in the city's box: check its path, "
            "its coordinate system and its no-data value against 'bounds' in the recipe"
        )
    figures = _closed(tally)
    assumed, quality = _rests_on(grid, extent, tally)
    figures.overlapping = _overlapping(grid, tally)
    missing = homes.floor_area * np.clip(1.0 - tally.covered_share, 0.0, 1.0)
    missing[tally.covered_share > 1.0 - ROUNDING] = 0.0
    figures.homes_without_unit = float(missing.sum())
    of_building = tally.of_building
    if floor_area_per_person is not None:
        of_building = of_building + missing / floor_area_per_person
        figures.modelled = float((missing / floor_area_per_person).sum())
    return People(of_building, tally.elsewhere, assumed, quality, figures)


def _closed(tally: Tally) -> PeopleFigures:
    """Figures of the tally, once it is sure that nobody was lost."""
    figures = tally.figures
    figures.in_homes, figures.elsewhere = (
        float(tally.of_building.sum()),
        float(tally.elsewhere.sum()),
    )
    figures.after = figures.in_homes + figures.elsewhere
    if not abs(figures.after - figures.before) <= TOLERANCE * figures.before:
        raise BalanceError(
            f"people changed from {figures.before:.6f} to {figures.after:.6f} while they were "
            "placed: this is a fault of citytwin, please report it with the recipe"
        )
    return figures


def _overlapping(grid: Grid, tally: Tally) -> float:
    """Area that units cover more than once [m²], as far as cells show it; 0 if only rounding."""
    twice = float(np.clip(tally.covered - grid.area, 0.0, None).sum())
    return twice if twice > TOO_MUCH * float(tally.covered.sum()) else 0.0


def _rests_on(grid: Grid, extent: Any, tally: Tally) -> tuple[Floats, NDArray[np.int8]]:
    """Share of each cell's part in the box for which no unit counts, and the code of quality."""
    inside = polygon_shares(grid, np.array([extent], dtype=object)).per_cell(grid)
    missing = np.clip(inside - tally.covered, 0.0, None)
    missing[missing < ROUNDING * grid.area] = 0.0
    assumed = np.divide(missing, inside, out=np.zeros_like(inside), where=inside > 0.0)
    quality = np.where(tally.peopled, QUALITIES.index("derived"), QUALITIES.index("real"))
    quality[assumed > 0.5] = QUALITIES.index("assumed")
    return assumed, quality.astype(np.int8)
