"""Lattices of pixels: which files of a mosaic fit together, and where places lie on them."""

from dataclasses import dataclass

import numpy as np
from affine import Affine
from pyproj import CRS

from citytwin.arrays import Floats, Ints
from citytwin.sources.raster.files import RasterFile

#: Part of a pixel by which two files of one lattice may be apart.
_OFF = 0.01
#: Pixels that are read at once, about.
_PIXELS = 2**20


@dataclass(frozen=True, eq=False)
class Lattice:
    """Files whose pixels fall on one lattice.

    Attributes
    ----------
    crs
        Coordinate system.
    transform
        From column and row to coordinates, for the first file.
    files
        Files; where they overlap, the first with a value counts.
    places
        (f, 4) first and last row and column of each [pixels of the first], ends not included.
    """

    crs: CRS
    transform: Affine
    files: tuple[RasterFile, ...]
    places: Ints

    @property
    def extent(self) -> tuple[int, int, int, int]:
        """First and last row, first and last column; ends not included."""
        low, high = self.places.min(axis=0), self.places.max(axis=0)
        return int(low[0]), int(high[1]), int(low[2]), int(high[3])

    def pixels(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Column and row of points in the lattice's coordinates, any shape."""
        if self.crs.is_geographic:
            low, high, left, right = self.extent
            middle, _ = self.coordinates(
                np.array((left + right) / 2.0), np.array((low + high) / 2.0)
            )
            x = middle + (x - middle + 180.0) % 360.0 - 180.0
        back = ~self.transform
        return back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f

    def coordinates(self, col: Floats, row: Floats) -> tuple[Floats, Floats]:
        """Coordinates of points in pixels, any shape."""
        to = self.transform
        return to.a * col + to.b * row + to.c, to.d * col + to.e * row + to.f

    def steps(self, tallest: float) -> tuple[int, int]:
        """Rows and columns to read at once, so that no stored block is unpacked often."""
        _, _, left, right = self.extent
        if self.files[0].block[1] < min(self.files[0].shape[1], 4096):
            return 1024, 1024
        wide = max(right - left, 1)
        return max(_PIXELS // wide, 4 * int(tallest) + 16), wide


def lattices(files: list[RasterFile]) -> list[Lattice]:
    """Files sorted by the lattice of pixels they share, in the order given."""
    groups: list[tuple[list[RasterFile], list[tuple[int, int, int, int]]]] = []
    for file in files:
        for members, places in groups:
            place = _place(members[0], file)
            if place is not None:
                members.append(file)
                places.append(place)
                break
        else:
            groups.append(([file], [(0, file.shape[0], 0, file.shape[1])]))
    return [
        Lattice(members[0].crs, members[0].transform, tuple(members), np.array(places, np.int64))
        for members, places in groups
    ]


def _place(first: RasterFile, other: RasterFile) -> tuple[int, int, int, int] | None:
    """Where a file lies on the lattice of another, if its pixels fall on it."""
    if first.crs != other.crs:
        return None
    matrices = [np.array(file.transform).reshape(3, 3) for file in (first, other)]
    relative = np.linalg.solve(*matrices)
    col, row = (round(float(number)) for number in relative[:2, 2])
    drift = np.abs(relative[:2, :2] - np.eye(2)).max() * max(other.shape)
    if drift > _OFF or np.abs(relative[:2, 2] - [col, row]).max() > _OFF:
        return None
    return row, row + other.shape[0], col, col + other.shape[1]
