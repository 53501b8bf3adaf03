"""Where the people of units go: onto the floor area of homes, the rest on ground that is not water."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from citytwin.arrays import Bools, Floats, Ints
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid
from citytwin.pipeline.people.figures import PeopleFigures
from citytwin.pipeline.people.units import Pieces

#: Area of a footprint, or of homes in a unit, that is only rounding of an outline [m²].
NO_AREA = 1e-6
#: Share of a unit that is land below which all of it is water.
NO_LAND = 1e-6


@dataclass(frozen=True, eq=False)
class Homes:
    """Buildings as far as people live in them.

    Attributes
    ----------
    outlines
        (p,) valid polygons in the city's plane [m], inside the box.
    floor_area
        (p,) floor area of homes [m²]; zero in a building without homes. It does not count where
        the footprint has no area.
    """

    outlines: NDArray[Any]
    floor_area: Floats


@dataclass
class Tally:
    """Sums over all units so far.

    Attributes
    ----------
    of_building
        (p,) people in each building.
    elsewhere
        (n,) people in each cell whom no building takes.
    covered
        (n,) area of each cell for which some unit says how many people there are [m²].
    covered_share
        (p,) share of each footprint for which some unit does.
    peopled
        (n,) whether some unit with people meets the cell.
    figures
        Numbers of units and people.
    """

    of_building: Floats
    elsewhere: Floats
    covered: Floats
    covered_share: Floats
    peopled: Bools
    figures: PeopleFigures = field(default_factory=PeopleFigures)


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Buildings in units: one row per pair whose bounding boxes meet."""

    unit: Ints
    building: Ints
    share: Floats


@dataclass(eq=False)
class Placing:
    """Places the people of units, some units at a time.

    Attributes
    ----------
    grid
        Cells.
    homes
        Buildings with the floor area of their homes.
    water_share
        (n,) share of each cell under standing water; nobody is placed there without need.
    least_floor_area
        Floor area of homes [m²] below which no more people fit in; 0 for no such bound.
    """

    grid: Grid
    homes: Homes
    water_share: Floats
    least_floor_area: float = 0.0
    tally: Tally = field(init=False)
    _area: Floats = field(init=False)
    _tree: Any = field(init=False)

    def __post_init__(self) -> None:
        buildings, cells = len(self.homes.outlines), len(self.grid)
        self._area = np.asarray(shapely.area(self.homes.outlines), dtype=np.float64)
        self._tree = shapely.STRtree(self.homes.outlines)
        self.tally = Tally(
            of_building=np.zeros(buildings),
            elsewhere=np.zeros(cells),
            covered=np.zeros(cells),
            covered_share=np.zeros(buildings),
            peopled=np.zeros(cells, dtype=np.bool_),
        )

    def add(self, pieces: Pieces) -> None:
        """Place the people of more units.

        Parameters
        ----------
        pieces
            Parts of units inside the box, and the people that they hold.
        """
        figures = self.tally.figures
        figures.units += len(pieces.people)
        figures.units_cut += int(pieces.cut.sum())
        figures.before += float(pieces.people.sum())
        if len(pieces.people):
            self._on_open_ground(pieces, self._into_homes(pieces))

    def _into_homes(self, pieces: Pieces) -> Floats:
        """(u,) people of each unit whom no home takes."""
        people, tally = pieces.people, self.tally
        pairs = self._pairs(pieces.wholes)
        count = len(self.homes.outlines)
        tally.covered_share += np.bincount(pairs.building, pairs.share, count)
        weight = self.homes.floor_area[pairs.building] * pairs.share
        room = np.bincount(pairs.unit, weight, len(people))
        homeless = room <= NO_AREA
        density = np.divide(people, room, out=np.zeros_like(people), where=~homeless)
        crowded = np.zeros_like(homeless)
        if self.least_floor_area > 0.0:
            crowded = density > 1.0 / self.least_floor_area
            density[crowded] = 1.0 / self.least_floor_area
        tally.of_building += np.bincount(pairs.building, weight * density[pairs.unit], count)
        left = np.where(homeless, people, 0.0)
        left[crowded] = people[crowded] - room[crowded] * density[crowded]
        tally.figures.people_beyond_homes += float(left[crowded].sum())
        self._note_homeless(homeless & (people > 0.0), pairs, people)
        return left

    def _pairs(self, outlines: NDArray[Any]) -> _Pairs:
        """Share of each footprint in each unit."""
        unit, building = self._tree.query(outlines)
        shapely.prepare(outlines)
        footprint = self.homes.outlines[building]
        share = shapely.covers(outlines[unit], footprint).astype(np.float64)
        cut = np.flatnonzero(share == 0.0)
        cut = cut[shapely.intersects(outlines[unit[cut]], footprint[cut])]
        inside = shapely.area(shapely.intersection(outlines[unit[cut]], footprint[cut]))
        area = self._area[building]
        share[cut] = inside / np.maximum(area[cut], NO_AREA)
        share[area <= NO_AREA] = 0.0
        return _Pairs(unit.astype(np.int64), building.astype(np.int64), share)

    def _note_homeless(self, homeless: Bools, pairs: _Pairs, people: Floats) -> None:
        figures = self.tally.figures
        built = np.bincount(pairs.unit, pairs.share, len(people)) > 0.0
        figures.units_without_homes += int(homeless.sum())
        figures.people_without_homes += float(people[homeless].sum())
        figures.units_beside_buildings += int((homeless & built).sum())
        figures.people_beside_buildings += float(people[homeless & built].sum())

    def _on_open_ground(self, pieces: Pieces, left: Floats) -> None:
        """Spread people over the land of their units, over their water where there is no land."""
        tally, cells, units = self.tally, len(self.grid), len(left)
        shares = polygon_shares(self.grid, pieces.outlines)
        unit, cell = shares.item, shares.cell
        tally.covered += shares.per_cell(self.grid)
        tally.peopled[cell[pieces.people[unit] > 0.0]] = True
        land = shares.amount * np.clip(1.0 - self.water_share[cell], 0.0, 1.0)
        whole = np.bincount(unit, shares.amount, units)
        at_sea = np.bincount(unit, land, units) <= NO_LAND * whole
        weight = np.where(at_sea[unit], shares.amount, land)
        total = np.bincount(unit, weight, units)
        density = np.divide(left, total, out=np.zeros_like(left), where=total > 0.0)
        tally.elsewhere += np.bincount(cell, weight * density[unit], cells)
        afloat = at_sea & (left > 0.0)
        tally.figures.units_in_water += int(afloat.sum())
        tally.figures.people_in_water += float(left[afloat].sum())
