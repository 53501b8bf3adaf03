"""Cells burnt into the pixels of a GeoTIFF, in a zone of UTM."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from pyproj import Transformer
from rasterio import Affine

from citytwin.arrays import Floats, Floats32
from citytwin.errors import InputError, OutputError
from citytwin.export.coverage import burn
from citytwin.export.plane import Box, utm
from citytwin.grid.window import Grid

MOST_PIXELS = 400_000_000
#: Share of a pixel under cells below which it has no value.
NO_CELL = 1e-6
_SIZES = tuple(round(step * 10.0**power, 6) for power in range(-2, 5) for step in (1.0, 2.0, 5.0))


@dataclass(frozen=True, eq=False)
class Raster:
    """Pixels over a city: cells in pixel coordinates, and the share of each pixel under cells."""

    epsg: int
    pixel: float
    left: float
    top: float
    corners: Floats
    area: Floats
    covered: Floats

    def burnt(self, weights: Floats) -> Floats:
        """(rows, columns) sum of the cells' weights, each by the share of the pixel under the cell."""
        value = np.zeros_like(self.covered)
        burn(self.corners, weights, value, np.zeros_like(self.covered))
        return value

    def means(self, values: Floats) -> Floats32:
        """(rows, columns) mean of the cells under each pixel; nan where none has a value."""
        known = np.isfinite(values)
        seen = self.covered if known.all() else self.burnt(known.astype(np.float64))
        mean = self.burnt(np.where(known, values, 0.0)) / np.maximum(seen, NO_CELL)
        return np.where(seen > NO_CELL, mean, np.nan).astype(np.float32)


def raster_of(grid: Grid, bounds: Box, pixel: float | None) -> Raster:
    """Pixels over the cells of a grid.

    Parameters
    ----------
    grid
        The cells.
    bounds
        West, south, east, north of the city [degrees]: they give the zone.
    pixel
        Size of a pixel [m]; one that fits the cells if left out.

    Raises
    ------
    InputError
        If the pixels are too many.
    """
    lonlat = grid.corners_lonlat()
    epsg = utm(bounds)
    to_plane = Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    x, y = to_plane.transform(lonlat[..., 0], lonlat[..., 1])
    pixel = pixel or _fitting(float(np.sqrt(grid.area.mean())))
    left, top = np.floor(x.min() / pixel) * pixel, np.ceil(y.max() / pixel) * pixel
    columns, rows = int((x.max() - left) // pixel) + 1, int((top - y.min()) // pixel) + 1
    if rows * columns > MOST_PIXELS:
        raise InputError(
            f"rasters of {columns} × {rows} pixels are more than {MOST_PIXELS // 10**6} million "
            f"pixels: set --pixel above {pixel:g} m"
        )
    corners = np.stack([(x - left) / pixel, (top - y) / pixel], axis=-1)
    covered = np.zeros((rows, columns))
    burn(corners, np.zeros(len(grid)), np.zeros((rows, columns)), covered)
    return Raster(epsg, pixel, float(left), float(top), corners, _areas(x, y), covered)


def _fitting(width: float) -> float:
    """Pixel size, one of 1, 2, 5, 10 …, of which about three or more go into a cell's width [m]."""
    return max(size for size in _SIZES if size <= width / 3.0 or size == _SIZES[0])


def _areas(x: Floats, y: Floats) -> Floats:
    """(n,) areas of polygons in the plane [m²]."""
    x, y = x - x[:, :1], y - y[:, :1]
    cross = x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y
    return np.asarray(np.abs(cross.sum(axis=1)) / 2.0)


def write_tiff(
    pixels: Floats32, raster: Raster, path: Path, words: str, unit: str, tags: dict[str, str]
) -> None:
    """Write pixels as a cloud-optimised GeoTIFF and read them back.

    Parameters
    ----------
    pixels
        (rows, columns) values, nan where there is none.
    raster
        Where they lie.
    path
        File to write.
    words, unit
        What they are.
    tags
        More that the file says.
    """
    plain = path.with_suffix(".plain.tif")
    rows, columns = pixels.shape
    with rasterio.open(
        plain, "w", driver="GTiff", height=rows, width=columns, count=1, dtype="float32",
        crs=f"EPSG:{raster.epsg}", nodata=float("nan"), BIGTIFF="IF_SAFER", tiled=True,
        transform=Affine(raster.pixel, 0.0, raster.left, 0.0, -raster.pixel, raster.top),
    ) as target:  # fmt: skip
        target.write(pixels, 1)
        target.set_band_description(1, words)
        target.units = (unit,)
        target.update_tags(**tags)
    rasterio.shutil.copy(
        plain, path, driver="COG", compress="DEFLATE", predictor="FLOATING_POINT", level=6,
        blocksize=512, overview_resampling="AVERAGE", bigtiff="IF_SAFER",
    )  # fmt: skip
    plain.unlink()
    with rasterio.open(path) as written:
        if not np.array_equal(written.read(1), pixels, equal_nan=True):
            raise OutputError(f"{path.name} changed while it was written: export again")
