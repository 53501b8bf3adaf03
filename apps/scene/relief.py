"""Height of the ground on the table, and the light that falls on it. Arrays only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, map_coordinates, zoom

from citytwin.arrays import Floats, Floats32
from scene.frame import Frame

AZIMUTH, ALTITUDE = 325.0, 42.0  # of the sun [degrees]: north-west, as maps are lit


@dataclass(frozen=True)
class Relief:
    """A raster of ground heights over a frame.

    Attributes
    ----------
    frame
        Box of the map.
    heights
        (rows, cols) height of the ground [m], first row in the north.
    """

    frame: Frame
    heights: Floats32

    def at(self, lon: Floats, lat: Floats) -> Floats32:
        """Height of the ground [m] at points, any shape; outside the frame that of its edge."""
        u, v = self.frame.share(lon, lat)
        rows, cols = self.heights.shape
        place = [v * rows - 0.5, u * cols - 0.5]
        return np.asarray(map_coordinates(self.heights, place, order=1, mode="nearest"))

    def resized(self, shape: tuple[int, int]) -> Floats32:
        """Heights as a raster of another shape."""
        factors = (shape[0] / self.heights.shape[0], shape[1] / self.heights.shape[1])
        grown = zoom(self.heights, factors, order=1, mode="nearest", grid_mode=True)
        return np.ascontiguousarray(grown[: shape[0], : shape[1]], dtype=np.float32)


def relief_from_cells(
    frame: Frame, lon: Floats, lat: Floats, ground: Floats, *, step: float, apart: float
) -> Relief:
    """Raster of the ground from the means of cells, each spread over its surroundings.

    Parameters
    ----------
    frame
        Box of the map.
    lon, lat
        (n,) centres of the cells [degrees].
    ground
        (n,) mean height of the ground in each cell [m].
    step
        Side of a pixel [m].
    apart
        Distance between neighbouring cells [m].

    Returns
    -------
    Relief
        Weighted mean of the cells around each pixel, the weight falling with distance like a bell
        of width 0.6 ``apart``; where no cell is near, the nearest height.
    """
    rows, cols = frame.shape(step)
    u, v = frame.share(lon, lat)
    row = np.clip((v * rows).astype(np.int64), 0, rows - 1)
    col = np.clip((u * cols).astype(np.int64), 0, cols - 1)
    place = row * cols + col
    wide = 0.6 * apart / step
    weight = gaussian_filter(_summed(place, np.ones_like(ground), rows, cols), wide)
    total = gaussian_filter(_summed(place, ground, rows, cols), wide)
    far = weight < 1e-6
    heights = total / np.where(far, 1.0, weight)
    if far.any():
        nearest = distance_transform_edt(far, return_distances=False, return_indices=True)
        heights = heights[tuple(nearest)]
    return Relief(frame, heights.astype(np.float32))


def _summed(place: NDArray[np.int64], values: Floats, rows: int, cols: int) -> Floats:
    total = np.bincount(place, values, minlength=rows * cols)
    return np.asarray(total, dtype=np.float64).reshape(rows, cols)


def sun() -> tuple[float, float, float]:
    """Direction to the sun: east, north, up."""
    azimuth, altitude = np.radians(AZIMUTH), np.radians(ALTITUDE)
    flat = float(np.cos(altitude))
    return float(np.sin(azimuth)) * flat, float(np.cos(azimuth)) * flat, float(np.sin(altitude))


def hillshade(heights: Floats32, pixel: float) -> Floats32:
    """Light on the ground, 1 on flat ground, after Lambert.

    Parameters
    ----------
    heights
        (rows, cols) heights [m].
    pixel
        Side of a pixel [m].
    """
    south, east = np.gradient(heights, pixel)
    lx, ly, lz = sun()
    light = (-east * lx + south * ly + lz) / np.sqrt(1.0 + east**2 + south**2)
    return np.asarray(np.clip(light, 0.0, None) / lz, dtype=np.float32)


def cast_shadow(ground: Floats32, surface: Floats32, pixel: float, *, reach: float) -> Floats32:
    """Share of the sun that is hidden behind higher things, 0 to 1, with a soft edge.

    Parameters
    ----------
    ground
        (rows, cols) heights where the shadow falls [m].
    surface
        (rows, cols) heights of what casts it [m].
    pixel
        Side of a pixel [m].
    reach
        Longest distance that is looked along [m].
    """
    azimuth, rise = np.radians(AZIMUTH), float(np.tan(np.radians(ALTITUDE)))
    dark = np.zeros_like(ground)
    distance = 1.0
    while distance * pixel < reach:
        down = round(-np.cos(azimuth) * distance)
        right = round(np.sin(azimuth) * distance)
        excess = _shifted(surface, down, right) - (ground + np.float32(distance * pixel * rise))
        np.maximum(dark, excess, out=dark)
        distance += 1.0 if distance < 24 else 3.0
    return np.asarray(gaussian_filter(np.clip(dark / 1.5, 0.0, 1.0), 0.7))


def hollows(ground: Floats32, surface: Floats32, pixel: float) -> Floats32:
    """Share of the sky that is hidden, 0 to about 1: streets between houses, feet of slopes."""
    streets = (gaussian_filter(surface, 9.0 / pixel) - ground) / 8.0
    valleys = (gaussian_filter(ground, 28.0 / pixel) - ground) / 12.0
    return np.asarray(0.5 * np.clip(streets, 0.0, 1.0) + 0.35 * np.clip(valleys, -0.4, 1.0))


def _shifted(array: Floats32, down: int, right: int) -> NDArray[np.float32]:
    """The array read ``down`` rows and ``right`` columns further, edges repeated."""
    rows = np.clip(np.arange(array.shape[0]) + down, 0, array.shape[0] - 1)
    cols = np.clip(np.arange(array.shape[1]) + right, 0, array.shape[1] - 1)
    return np.asarray(array[rows[:, None], cols[None, :]])
