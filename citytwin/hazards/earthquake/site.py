"""Ground below the cells: shear-wave velocity by the slope of the terrain, and its classes."""

from functools import lru_cache
from typing import Literal

import numpy as np
from scipy import ndimage

from citytwin.arrays import Floats
from citytwin.tables import number, read_rows, table_path

Tectonics = Literal["active", "stable"]
#: Greatest velocity that the slope gives [m/s].
GREATEST = 900.0
#: Bins of the raster on which slopes are taken, in one scale of smoothing.
_BINS = 10.0


@lru_cache(maxsize=4)
def _knots(tectonics: str) -> tuple[Floats, Floats]:
    """Logarithms of slopes and of velocities at the ends of the table's rows."""
    path = table_path("slope_vs30.csv")
    columns = ("vs30_from", "vs30_to", "slope_from", "slope_to")
    rows = [
        [number(row, name, path) for name in columns]
        for row in read_rows(path, ("tectonics", *columns, "verified"))
        if row["tectonics"] == tectonics
    ]
    speed = [rows[0][0], *[row[1] for row in rows]]
    slope = [rows[0][2], *[row[3] for row in rows]]
    return np.log(np.array(slope)), np.log(np.array(speed))


def vs30_by_slope(slope: Floats, tectonics: Tectonics = "active") -> Floats:
    """(n,) mean shear-wave velocity of the uppermost 30 m [m/s].

    Allen & Wald 2009 (doi:10.1785/0120080255) for active, Wald & Allen 2007
    (doi:10.1785/0120060267) for stable ground.

    Parameters
    ----------
    slope
        (n,) slope of the terrain at a scale of 30 seconds of arc [1].
    tectonics
        Whether the region is tectonically active or stable.
    """
    x, y = _knots(tectonics)
    given = np.log(np.maximum(slope, 1e-12))
    rise = (y[-1] - y[-2]) / (x[-1] - x[-2])
    inside = np.interp(given, x, y)
    found = np.where(given > x[-1], y[-1] + rise * (given - x[-1]), inside)
    return np.minimum(np.exp(found), GREATEST)


def _sums(values: Floats, kernels: tuple[Floats, Floats]) -> Floats:
    """Raster summed with weights along rows and along columns."""
    first = ndimage.correlate1d(values, kernels[0], axis=0, mode="constant")
    return np.asarray(ndimage.correlate1d(first, kernels[1], axis=1, mode="constant"))


class _Moments:
    """Sums of the cells' places and heights around the nodes of a raster, with Gaussian weights."""

    def __init__(self, bin_size: float, sigma: float) -> None:
        reach = int(np.ceil(3.0 * sigma / bin_size))
        u = bin_size * np.arange(-reach, reach + 1, dtype=np.float64)
        weight = np.exp(-0.5 * (u / sigma) ** 2)
        self._kernels = (weight, weight * u, weight * u * u)

    def __call__(self, raster: Floats, north: int = 0, east: int = 0) -> Floats:
        """Weighted sum of a raster times powers of the distance from each node."""
        return _sums(raster, (self._kernels[north], self._kernels[east]))


def _steepness(sums: dict[str, Floats], bin_size: float, sigma: float) -> Floats:
    """Square of the slope of the planes that fit best around the nodes, averaged around each.

    ``sums`` holds for each bin the sums of 1, x, y, xx, yy, xy, z, xz and yz of its cells, with x and y
    counted from its node.
    """
    m = _Moments(bin_size, sigma)
    n, x, y, z = sums["1"], sums["x"], sums["y"], sums["z"]
    weight = np.maximum(m(n), 1e-300)
    mx, my, mz = (m(n, 0, 1) + m(x)) / weight, (m(n, 1, 0) + m(y)) / weight, m(z) / weight
    cxx = (m(n, 0, 2) + 2.0 * m(x, 0, 1) + m(sums["xx"])) / weight - mx * mx
    cyy = (m(n, 2, 0) + 2.0 * m(y, 1, 0) + m(sums["yy"])) / weight - my * my
    cxy = (m(n, 1, 1) + m(x, 1, 0) + m(y, 0, 1) + m(sums["xy"])) / weight - mx * my
    cxz = (m(z, 0, 1) + m(sums["xz"])) / weight - mx * mz
    cyz = (m(z, 1, 0) + m(sums["yz"])) / weight - my * mz
    square = cxx * cyy - cxy * cxy
    known = square > 1e-9 * sigma**4
    square = np.where(known, square, 1.0)
    east = np.where(known, (cyy * cxz - cxy * cyz) / square, 0.0)
    north = np.where(known, (cxx * cyz - cxy * cxz) / square, 0.0)
    return m(n * (east * east + north * north)) / weight


def slopes(x: Floats, y: Floats, height: Floats, scale: float, spacing: float) -> Floats:
    """(n,) slope of the terrain at a scale [1].

    Around each node of a square raster a plane is fitted to the heights of the cells, weighted by a
    Gaussian with a standard deviation of half the scale. The slope is the root mean square of those of
    the planes under the same weights, so that a hilltop or a saddle, where a plane lies flat, does not
    pass for a plain; squares between nodes are bilinear. At the edge only what lies inside counts.

    Parameters
    ----------
    x, y
        (n,) centres of the cells [m].
    height
        (n,) height of the ground [m].
    scale
        Width over which the slope is taken [m]: 30 seconds of arc are 926 m.
    spacing
        Distance of neighbouring cells [m]: the scale is at least three of them.
    """
    sigma = max(0.5 * scale, 1.5 * spacing)
    size = max(2.0 * sigma / _BINS, spacing)
    column, row = (x - x.min()) / size, (y - y.min()) / size
    shape = (int(row.max()) + 2, int(column.max()) + 2)
    nearest = np.rint(row).astype(np.int64) * shape[1] + np.rint(column).astype(np.int64)
    dx, dy = size * (column - np.rint(column)), size * (row - np.rint(row))
    # Heights about their mean, which keeps digits.
    dz = height - height.mean()
    terms = {"1": np.ones_like(dx), "x": dx, "y": dy, "xx": dx * dx, "yy": dy * dy, "xy": dx * dy}
    terms |= {"z": dz, "xz": dx * dz, "yz": dy * dz}
    sums: dict[str, Floats] = {
        name: np.asarray(np.bincount(nearest, term, shape[0] * shape[1]).reshape(shape), np.float64)
        for name, term in terms.items()
    }
    square = _steepness(sums, size, sigma)
    place = np.stack([row, column])
    found = ndimage.map_coordinates(square, place, order=1, mode="nearest")
    return np.asarray(np.sqrt(np.maximum(found, 0.0)))


def site_classes() -> tuple[tuple[float, str, str], ...]:
    """Least velocity [m/s] of each NEHRP site class with its words in English and Chinese, rising."""
    path = table_path("site_classes.csv")
    rows = read_rows(path, ("class", "vs30_from", "title", "title_zh"))
    return tuple((number(row, "vs30_from", path), row["title"], row["title_zh"]) for row in rows)
