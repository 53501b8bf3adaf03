"""The water of a flood as a sheet of hexagons lying on the ground at the water's surface."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import AnyFloats, Bools, Floats, Ints
from scene.relief import Relief

LIFT = 0.6  # the sheet floats this far above the drawn ground, so that it is never hidden [m]


@dataclass(frozen=True)
class Sheet:
    """Hexagons that share their corners.

    Attributes
    ----------
    lonlat
        (v, 2) corners [degrees].
    ground
        (v,) height of the drawn ground at the corners [m].
    corner
        (n, 6) corners of each cell.
    cell_ground
        (n,) mean height of the ground in each cell [m].
    """

    lonlat: Floats
    ground: Floats
    corner: Ints
    cell_ground: Floats

    def surface(self, depth: AnyFloats, wet: Bools) -> Floats:
        """(v,) height of the water [m] at the corners: the mean of the wet cells that meet there.

        Parameters
        ----------
        depth
            (n,) depth of water [m].
        wet
            (n,) cells that count.
        """
        level = (self.cell_ground + depth)[wet]
        corners = self.corner[wet]
        size = len(self.lonlat)
        count = np.bincount(corners.ravel(), minlength=size)
        total = np.bincount(corners.ravel(), np.repeat(level, 6), minlength=size)
        water = np.divide(total, count, out=np.full(size, -np.inf), where=count > 0)
        return np.asarray(np.maximum(water, self.ground) + LIFT)

    def hexagons(self, heights: Floats, cells: Bools) -> tuple[Ints, Ints]:
        """Some cells as small numbers.

        Parameters
        ----------
        heights
            (v,) height of the corners [m].
        cells
            (n,) which cells.

        Returns
        -------
        centre, height
            (m, 2) centre in steps of 1e-6 degrees from ``origin``; (m, 6) height of the corners in
            steps of 0.1 m.
        """
        height = np.round(heights[self.corner[cells]] * 10.0).astype(np.int64)
        return self.centre[cells], height

    @property
    def origin(self) -> tuple[float, float]:
        """South-western corner from which centres are counted [degrees]."""
        west, south = self.lonlat.min(axis=0)
        return round(float(west), 6), round(float(south), 6)

    @cached_property
    def centre(self) -> Ints:
        """(n, 2) centre of each cell in steps of 1e-6 degrees from the origin."""
        middle = self.lonlat[self.corner].mean(axis=1)
        steps = np.round((middle - np.asarray(self.origin)) * 1e6)
        return np.asarray(steps, dtype=np.int64)

    @cached_property
    def shape(self) -> Ints:
        """(6, 2) corners of the mean cell from its centre, in steps of 1e-6 degrees.

        The lattice is the same to a few centimetres all over a city.
        """
        corners = self.lonlat[self.corner]
        from_centre = (corners - corners.mean(axis=1, keepdims=True)).mean(axis=0)
        return np.asarray(np.round(from_centre * 1e6), dtype=np.int64)

    def ring(self, cell: int) -> list[list[float]]:
        """Closed ring of a cell on the ground: longitude, latitude [degrees], height [m]."""
        corners = self.corner[cell]
        spots = np.concatenate([self.lonlat[corners], self.ground[corners, None] + LIFT], axis=1)
        return [[float(value) for value in spot] for spot in [*spots, spots[0]]]


def lay_sheet(relief: Relief, corners: Floats, cell_ground: Floats) -> Sheet:
    """Join the corners that cells share.

    Parameters
    ----------
    relief
        Heights of the drawn ground.
    corners
        (n, 6, 2) longitude and latitude of the corners of the cells [degrees].
    cell_ground
        (n,) mean height of the ground in each cell [m].
    """
    flat = corners.reshape(-1, 2)
    steps = np.round((flat - flat.min(axis=0)) * 2e6).astype(np.int64)
    key = steps[:, 0] * (int(steps[:, 1].max()) + 1) + steps[:, 1]
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    lonlat = flat[first]
    ground = relief.at(lonlat[:, 0], lonlat[:, 1]).astype(np.float64)
    return Sheet(lonlat, ground, inverse.reshape(-1, 6), cell_ground)
