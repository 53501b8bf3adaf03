"""Cloud-optimised GeoTIFF of the variables on cells, in the city's zone of UTM."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.shutil
from pyproj import Transformer
from rasterio import Affine

from citytwin.arrays import Floats, Floats32
from citytwin.errors import InputError, OutputError
from citytwin.export.columns import CELLS
from citytwin.export.coverage import burn
from citytwin.export.files import Band, File
from citytwin.export.plane import utm
from citytwin.export.selection import Selection
from citytwin.variables import VARIABLES, Variable

MOST_PIXELS = 400_000_000
#: Share of a pixel under cells below which it has no value.
_NO_CELL = 1e-6
_SIZES = tuple(round(step * 10.0**power, 6) for power in range(-2, 5) for step in (1.0, 2.0, 5.0))


@dataclass(frozen=True, eq=False)
class _Raster:
    """Pixels over a city: cells in pixel coordinates, and the share of each pixel under cells."""

    epsg: int
    pixel: float
    left: float
    top: float
    corners: Floats
    area: Floats
    covered: Floats

    def burnt(self, weights: Floats) -> Floats:
        value = np.zeros_like(self.covered)
        burn(self.corners, weights, value, np.zeros_like(self.covered))
        return value


def write_cog(selection: Selection, folder: Path) -> list[File]:
    """Write each chosen variable to ``cog/<variable>.tif``.

    A pixel is the mean of the cells under it, weighted by the area that each takes of it. Variables
    that add up are written as densities for each square metre of the plane, over the whole pixel:
    the sum of a raster times the area of a pixel is the city's total.

    Raises
    ------
    InputError
        If the pixels are too many.
    """
    (folder / "cog").mkdir()
    raster = _raster(selection)
    return [_write(VARIABLES[name], raster, selection, folder) for name in selection.variables]


def _raster(selection: Selection) -> _Raster:
    grid = selection.city.grid
    epsg = utm(selection.city.bounds)
    lonlat = grid.corners_lonlat()
    to_plane = Transformer.from_crs("EPSG:4326", f"EPSG:{epsg}", always_xy=True)
    x, y = to_plane.transform(lonlat[..., 0], lonlat[..., 1])
    pixel = selection.pixel or _fitting(float(np.sqrt(grid.area.mean())))
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
    return _Raster(epsg, pixel, float(left), float(top), corners, _areas(x, y), covered)


def _fitting(width: float) -> float:
    """Pixel size, one of 1, 2, 5, 10 …, of which about three or more go into a cell's width [m]."""
    return max(size for size in _SIZES if size <= width / 3.0 or size == _SIZES[0])


def _areas(x: Floats, y: Floats) -> Floats:
    """(n,) areas of polygons in the plane [m²]."""
    x, y = x - x[:, :1], y - y[:, :1]
    cross = x * np.roll(y, -1, axis=1) - np.roll(x, -1, axis=1) * y
    return np.asarray(np.abs(cross.sum(axis=1)) / 2.0)


def _write(variable: Variable, raster: _Raster, selection: Selection, folder: Path) -> File:
    amounts = np.asarray(selection.city.layers[variable.name])
    known = np.isfinite(amounts)
    weights = np.where(known, amounts, 0.0)
    if variable.extensive:
        value = raster.burnt(weights / raster.area)
        seen = raster.covered
    else:
        seen = raster.covered if known.all() else raster.burnt(known.astype(np.float64))
        value = raster.burnt(weights) / np.maximum(seen, _NO_CELL)
    pixels = np.where(seen > _NO_CELL, value, np.nan).astype(np.float32)
    path = f"cog/{variable.name}.tif"
    unit = _density_unit(variable.unit) if variable.extensive else variable.unit
    words = (
        f"{variable.description}, for each m² of the plane"
        if variable.extensive
        else (variable.description)
    )
    _write_tiff(pixels, raster, folder / path, words, unit, selection)
    if variable.extensive:
        _keep_total(variable, weights, pixels, raster, selection)
    return File(
        path=path,
        format="cog",
        media_type="image/tiff; application=geotiff; profile=cloud-optimized",
        title=f"{variable.name}: {words} [{unit}], pixels of {raster.pixel:g} m",
        layers=(CELLS,),
        crs=f"EPSG:{raster.epsg}",
        band=Band(variable.name, words, unit, "float32", _statistics(pixels)),
    )


def _density_unit(unit: str) -> str:
    """Unit of a quantity for each square metre."""
    return {"1": "1/m2", "m2": "m2/m2", "m": "m/m2"}.get(unit, f"{unit}/m2")


def _write_tiff(
    pixels: Floats32, raster: _Raster, path: Path, words: str, unit: str, selection: Selection
) -> None:
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
        target.update_tags(
            city=selection.city.name,
            fingerprint=selection.city.fingerprint,
            attribution=selection.city.attribution,
        )
    rasterio.shutil.copy(
        plain, path, driver="COG", compress="DEFLATE", predictor="FLOATING_POINT", level=6,
        blocksize=512, overview_resampling="AVERAGE", bigtiff="IF_SAFER",
    )  # fmt: skip
    plain.unlink()
    with rasterio.open(path) as written:
        if not np.array_equal(written.read(1), pixels, equal_nan=True):
            raise OutputError(f"{path.name} changed while it was written: export again")


def _keep_total(
    variable: Variable, weights: Floats, pixels: Floats32, raster: _Raster, selection: Selection
) -> None:
    """Note the total of the cells beside the total of the raster."""
    cells = float(weights.sum())
    total = float(np.nansum(pixels, dtype=np.float64)) * raster.pixel**2
    selection.figures[f"cog {variable.name}"] = {
        "cells": cells,
        "raster": total,
        "relative_error": abs(total - cells) / max(abs(cells), 1e-300) if cells != total else 0.0,
    }


def _statistics(pixels: Floats32) -> dict[str, float]:
    known = pixels[np.isfinite(pixels)].astype(np.float64)
    if not known.size:
        return {"valid_percent": 0.0}
    return {
        "minimum": float(known.min()),
        "maximum": float(known.max()),
        "mean": float(known.mean()),
        "valid_percent": 100.0 * known.size / pixels.size,
    }
