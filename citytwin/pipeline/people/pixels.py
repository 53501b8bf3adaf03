"""Pixels of a raster of people as areas with people, read in bands of rows."""

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import rasterio
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer
from pyproj.exceptions import CRSError
from rasterio.errors import NotGeoreferencedWarning, RasterioError, RasterioIOError
from rasterio.windows import Window

from citytwin.arrays import Floats
from citytwin.errors import SourceError
from citytwin.grid.window import Grid
from citytwin.pipeline.people.units import CHUNK, Units, known
from citytwin.sources.base import Box, Raster

#: Points on each side of the box by which its place on the raster is found.
SIDE_POINTS = 257
#: Part of a pixel by which the files of a mosaic may be off their common lattice.
OFF_LATTICE = 1e-3
#: Pixels over the box above which a raster is too fine to count people, or broken.
MOST_PIXELS = 100_000_000


@dataclass(frozen=True, eq=False)
class _Tile:
    """One open file and where its first pixel stands on the lattice of the first file."""

    path: Path
    file: Any
    row: int
    col: int

    def end(self) -> tuple[int, int]:
        return self.row + self.file.height, self.col + self.file.width


def pixel_units(grid: Grid, box: Box, raster: Raster) -> Iterator[Units]:
    """Pixels near the box as areas with people.

    Pixels keep their outline: their corners are moved to the city's plane and joined by straight
    sides, so that neighbours still fit without gap or overlap. No pixel is resampled.

    Parameters
    ----------
    grid
        Cells of the city, for their plane.
    box
        West, south, east, north [degrees].
    raster
        Raster of people; the value of a pixel is the number of people in it, not a density.

    Raises
    ------
    SourceError
        If a file cannot be read, says no coordinate system or no place, or the files of a mosaic
        do not lie on one lattice of pixels.
    """
    with ExitStack() as stack:
        tiles = _opened(stack, raster)
        crs = _crs(tiles[0], raster)
        first_row, last_row, first_col, last_col = _window(tiles, crs, box)
        if max(0, last_row - first_row) * max(0, last_col - first_col) > MOST_PIXELS:
            raise SourceError(
                f"the raster of people {tiles[0].path} has more than {MOST_PIXELS // 10**6} "
                "million pixels over the city: give a coarser one or shrink 'bounds'"
            )
        step = max(1, CHUNK // max(1, last_col - first_col))
        to_plane = Transformer.from_crs(crs, grid.crs, always_xy=True)
        for row in range(first_row, last_row, step):
            rows, cols = (row, min(row + step, last_row)), (first_col, last_col)
            values = _values(tiles, raster, rows, cols)
            yield _units(tiles[0].file.transform, to_plane, values, (row, first_col))


def _opened(stack: ExitStack, raster: Raster) -> list[_Tile]:
    tiles: list[_Tile] = []
    for path in raster.paths:
        file = stack.enter_context(_open(path))
        if raster.band > file.count:
            raise SourceError(
                f"the raster of people {path} has {file.count} bands, not a band {raster.band}: "
                "correct 'band' in the recipe"
            )
        row, col = _offset(tiles[0].file if tiles else file, file, path)
        tiles.append(_Tile(path, file, row, col))
    if not tiles:
        raise SourceError("the raster of people names no file: give its 'path' in the recipe")
    return tiles


def _open(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", NotGeoreferencedWarning)
            file = rasterio.open(path)
    except (RasterioIOError, OSError) as error:
        raise SourceError(
            f"the raster of people {path} cannot be read: check the path, and that it is a "
            "whole GeoTIFF"
        ) from error
    except NotGeoreferencedWarning:
        file = None
    if file is None or not _says_where(file.transform):
        raise SourceError(
            f"the raster of people {path} does not say where it lies: give one with a geotransform"
        )
    return file


def _says_where(transform: Any) -> bool:
    good = np.isfinite(transform).all() and not transform.is_degenerate
    return bool(good and not transform.is_identity)


def _offset(first: Any, file: Any, path: Path) -> tuple[int, int]:
    """Row and column of a file's first pixel on the lattice of the first file."""
    inverse = ~first.transform
    col, row = _moved(inverse, file.transform.c, file.transform.f)
    far_col, far_row = _moved(inverse, *_moved(file.transform, file.width, file.height))
    off = max(
        abs(row - round(row)),
        abs(col - round(col)),
        abs(far_row - round(row) - file.height),
        abs(far_col - round(col) - file.width),
    )
    if off > OFF_LATTICE or file.crs != first.crs:
        raise SourceError(
            f"the raster of people {path} does not lie on the same lattice of pixels as "
            f"{first.name}: people cannot be resampled without loss, so give files of one data set"
        )
    return round(row), round(col)


def _moved(transform: Any, first: Any, second: Any) -> tuple[Any, Any]:
    """Two coordinates, numbers or arrays, under an affine map."""
    return (
        transform.a * first + transform.b * second + transform.c,
        transform.d * first + transform.e * second + transform.f,
    )


def _crs(tile: _Tile, raster: Raster) -> CRS:
    said = raster.crs or (tile.file.crs.to_wkt() if tile.file.crs else "")
    if not said:
        raise SourceError(
            f"the raster of people {tile.path} has no coordinate system: name it as 'crs' in the "
            'recipe, for example crs = "EPSG:4326"'
        )
    try:
        return CRS.from_user_input(said)
    except CRSError as error:
        raise SourceError(
            f"'{said}', the coordinate system of the raster of people {tile.path}, is not known: "
            "correct 'crs' in the recipe"
        ) from error


def _window(tiles: list[_Tile], crs: CRS, box: Box) -> tuple[int, int, int, int]:
    """First and last (excluded) row, then column, of the pixels that may touch the box."""
    west, south, east, north = box
    lon, lat = np.linspace(west, east, SIDE_POINTS), np.linspace(south, north, SIDE_POINTS)
    side = np.ones(SIDE_POINTS)
    x, y = Transformer.from_crs("EPSG:4326", crs, always_xy=True).transform(
        np.concatenate([lon, lon, side * west, side * east]),
        np.concatenate([side * south, side * north, lat, lat]),
    )
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise SourceError(
            f"the city's box lies outside the coordinate system of the raster of people "
            f"{tiles[0].path}: check 'crs' and 'bounds' in the recipe"
        )
    col, row = _moved(~tiles[0].file.transform, x, y)
    ends = [tile.end() for tile in tiles]
    return (
        max(int(np.floor(row.min())) - 1, min(tile.row for tile in tiles)),
        min(int(np.ceil(row.max())) + 1, max(end for end, _ in ends)),
        max(int(np.floor(col.min())) - 1, min(tile.col for tile in tiles)),
        min(int(np.ceil(col.max())) + 1, max(end for _, end in ends)),
    )


def _values(
    tiles: list[_Tile], raster: Raster, rows: tuple[int, int], cols: tuple[int, int]
) -> Floats:
    """(rows, cols) people in each pixel, of the first file that has a value; NaN without one."""
    values = np.full((rows[1] - rows[0], cols[1] - cols[0]), np.nan)
    for tile in tiles:
        last_row, last_col = tile.end()
        top, bottom = max(rows[0], tile.row), min(rows[1], last_row)
        left, right = max(cols[0], tile.col), min(cols[1], last_col)
        if top >= bottom or left >= right:
            continue
        window = Window(left - tile.col, top - tile.row, right - left, bottom - top)
        found = _read(tile, raster, window)
        part = values[top - rows[0] : bottom - rows[0], left - cols[0] : right - cols[0]]
        part[...] = np.where(np.isnan(part), found, part)
    return values * raster.scale


def _read(tile: _Tile, raster: Raster, window: Window) -> Floats:
    try:
        band = tile.file.read(raster.band, window=window, masked=raster.nodata is None)
    except (RasterioError, OSError) as error:
        raise SourceError(
            f"the raster of people {tile.path} breaks off or is damaged: fetch it again"
        ) from error
    if not np.issubdtype(band.dtype, np.number) or np.issubdtype(band.dtype, np.complexfloating):
        raise SourceError(
            f"the raster of people {tile.path} holds no numbers: give a GeoTIFF of counts"
        )
    found: Floats = np.ma.filled(band.astype(np.float64), np.nan)
    if raster.nodata is not None:
        near = np.isclose(found, raster.nodata, rtol=1e-6, atol=0.0)
        found[near] = np.nan
    return found


def _units(transform: Any, to_plane: Transformer, values: Floats, first: tuple[int, int]) -> Units:
    """Pixels with a number of people as polygons in the plane."""
    good, negative = known(values.ravel())
    row, col = np.divmod(np.flatnonzero(good), max(1, values.shape[1]))
    rows = row[:, None] + first[0] + np.array([0, 1, 1, 0])
    cols = col[:, None] + first[1] + np.array([0, 0, 1, 1])
    corners: NDArray[Any] = np.stack(to_plane.transform(*_moved(transform, cols, rows)), axis=-1)
    outlines = np.asarray(shapely.polygons(corners))
    return Units(outlines, values.ravel()[good], int((~good).sum()), negative)
