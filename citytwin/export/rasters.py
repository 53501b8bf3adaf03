"""Cloud-optimised GeoTIFF of the variables on cells, in the city's zone of UTM."""

from pathlib import Path

import numpy as np

from citytwin.arrays import Floats, Floats32
from citytwin.export.columns import CELLS
from citytwin.export.files import Band, File
from citytwin.export.people import PEOPLE
from citytwin.export.pixels import NO_CELL, Raster, raster_of, write_tiff
from citytwin.export.selection import Selection
from citytwin.variables import VARIABLES, Variable


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
    raster = raster_of(selection.city.grid, selection.city.bounds, selection.pixel)
    return [_write(VARIABLES[name], raster, selection, folder) for name in selection.variables]


def _write(variable: Variable, raster: Raster, selection: Selection, folder: Path) -> File:
    amounts = np.asarray(selection.layer(variable.name))
    weights = np.where(np.isfinite(amounts), amounts, 0.0)
    told = bool(np.isfinite(amounts).all()) or variable.name != PEOPLE
    if variable.extensive:
        value = raster.burnt(weights / raster.area)
        pixels = np.where(told & (raster.covered > NO_CELL), value, np.nan).astype(np.float32)
    else:
        pixels = raster.means(amounts)
    path = f"cog/{variable.name}.tif"
    unit = _density_unit(variable.unit) if variable.extensive else variable.unit
    words = (
        f"{variable.description}, for each m² of the plane"
        if variable.extensive
        else (variable.description)
    )
    city = selection.city
    tags = {"city": city.name, "fingerprint": city.fingerprint, "attribution": city.attribution}
    if variable.name == PEOPLE and selection.people is not None:
        tags["people"] = selection.people.words
    write_tiff(pixels, raster, folder / path, words, unit, tags)
    if variable.extensive and told:
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


def _keep_total(
    variable: Variable, weights: Floats, pixels: Floats32, raster: Raster, selection: Selection
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
