"""Pixels under roofs: left out of a surface model where its open ground is wanted."""

from collections.abc import Callable
from typing import Any

import numpy as np
import shapely
from affine import Affine
from numpy.typing import NDArray
from rasterio.features import rasterize

from citytwin.arrays import Bools, Floats

#: In pixels up to this wide, one that a roof touches is left out; in wider ones, where streets and
#: roofs always mix, one whose centre lies under a roof [m].
FINE = 5.0


class Roofs:
    """Outlines of buildings in the pixels of one lattice.

    Parameters
    ----------
    outlines
        (b,) polygons in the city's plane [m].
    to_pixels
        From the plane [m] to column and row.
    pixel
        Width of a pixel [m].
    """

    def __init__(
        self,
        outlines: NDArray[Any],
        to_pixels: Callable[[Floats, Floats], tuple[Floats, Floats]],
        pixel: float,
    ) -> None:
        def moved(points: Floats) -> Floats:
            return np.stack(to_pixels(points[:, 0], points[:, 1]), axis=1)

        placed = shapely.transform(outlines, moved)
        box = shapely.bounds(placed).reshape(-1, 4)
        self._placed = placed[np.isfinite(box).all(axis=1)]
        self._tree = shapely.STRtree(self._placed)
        self._touched = pixel <= FINE

    def mask(self, window: tuple[int, int, int, int]) -> Bools:
        """Which pixels of a window (first and last row and column, ends not included) to leave out."""
        row, row_end, col, col_end = window
        shape = (row_end - row, col_end - col)
        near = np.sort(self._tree.query(shapely.box(col, row, col_end, row_end)))
        if not near.size:
            return np.zeros(shape, np.bool_)
        found = rasterize(
            self._placed[near].tolist(),
            out_shape=shape,
            transform=Affine.translation(col, row),
            all_touched=self._touched,
            dtype=np.uint8,
        )
        return np.asarray(found == 1)
