"""The map frame: a box of longitude and latitude as a flat table for drawing.

Web Mercator is deck.gl's plane, so pictures and meshes made in it lie exactly where deck.gl puts
longitudes and latitudes.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from citytwin.arrays import Floats

# Circumference that deck.gl uses to turn metres into its map units.
DECK_CIRCUMFERENCE = 40.03e6


def mercator(lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
    """Longitude and latitude [degrees] to Web Mercator, both 0 to 1, second axis southward."""
    x = np.asarray(lon, dtype=np.float64) / 360.0 + 0.5
    y = 0.5 - np.arcsinh(np.tan(np.radians(lat))) / (2.0 * np.pi)
    return x, np.asarray(y)


@dataclass(frozen=True)
class Frame:
    """A box of the map.

    Attributes
    ----------
    west, south, east, north
        Sides [degrees].
    """

    west: float
    south: float
    east: float
    north: float

    @cached_property
    def _box(self) -> tuple[float, float, float, float]:
        x, y = mercator(np.array([self.west, self.east]), np.array([self.north, self.south]))
        return float(x[0]), float(y[0]), float(x[1]), float(y[1])

    @property
    def anchor(self) -> tuple[float, float]:
        """Longitude and latitude of the middle [degrees]; meshes are measured from here."""
        x0, y0, x1, y1 = self._box
        middle = np.pi * (1.0 - (y0 + y1))
        return (x0 + x1) * 180.0 - 180.0, float(np.degrees(np.arctan(np.sinh(middle))))

    @cached_property
    def _metres_per_unit(self) -> float:
        return DECK_CIRCUMFERENCE * float(np.cos(np.radians(self.anchor[1])))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the table [m]."""
        x0, y0, x1, y1 = self._box
        return (x1 - x0) * self._metres_per_unit, (y1 - y0) * self._metres_per_unit

    def shape(self, step: float) -> tuple[int, int]:
        """Rows and columns of a raster of the table with pixels of about ``step`` metres."""
        width, height = self.size
        return max(2, round(height / step)), max(2, round(width / step))

    def share(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Position on the table, 0 to 1 from the west and from the north."""
        x, y = mercator(lon, lat)
        x0, y0, x1, y1 = self._box
        return (x - x0) / (x1 - x0), (y - y0) / (y1 - y0)

    def offsets(self, lon: Floats, lat: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the anchor, as deck.gl measures them."""
        u, v = self.share(lon, lat)
        width, height = self.size
        return (u - 0.5) * width, (0.5 - v) * height
