"""Ground of a city's cells from rasters of elevation, with figures that say what it rests on."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from citytwin.arrays import Bools, Floats, Ints
from citytwin.errors import RecipeError
from citytwin.grid.gaps import distance, filled
from citytwin.grid.overlay import polygon_shares
from citytwin.grid.raster import cell_means
from citytwin.grid.window import Grid
from citytwin.pipeline.ground.contours import Ground
from citytwin.sources.base import Layers, Raster
from citytwin.sources.raster.extent import pixel_size
from citytwin.sources.raster.files import head
from citytwin.sources.raster.mosaic import patches

#: A cell with data on less than this share of it is filled from its neighbours.
LEAST_COVERED = 0.1
#: Share of cells without data above which there is no ground to speak of.
MOST_MISSING = 0.5
#: Share of a cell without data that must be sea for the cell to be sea level.
_SEA = 0.5
#: Heights are kept to a tenth of a millimetre, so that rounding of the last bit does not show.
_DIGITS = 4


@dataclass(frozen=True, eq=False)
class RasterGround(Ground):
    """Ground from rasters.

    Attributes
    ----------
    raster
        (n,) number of the raster that each height is from, in the order given; −1 where none is.
    filled
        (n,) cells without data, filled from their neighbours or set to sea level: assumed.
    derived
        (n,) cells from a surface model, where roofs were left out and trees were not.
    """

    raster: Ints
    filled: Bools
    derived: Bools


def elevation(grid: Grid, layers: Layers, rasters: list[Raster]) -> RasterGround:
    """Mean height of each cell; the first raster that has data in a cell counts.

    From a surface model, pixels under buildings are left out, so that streets do not stand between
    walls of roofs; cells without open pixels are filled from their neighbours. Trees and bridges
    stay in it.

    Parameters
    ----------
    grid
        Cells.
    layers
        Layers in the city's plane [m]; uses buildings, and water for the sea.
    rasters
        Rasters; those of other variables are not used.

    Raises
    ------
    RecipeError
        If no raster has elevations, or they cover less than half of the cells.
    SourceError
        If a file is broken.
    """
    chosen = [raster for raster in rasters if raster.variable == "elevation"]
    if not chosen:
        raise RecipeError(
            "the ground needs a raster of elevation, which no source of the recipe has: add a "
            "source 'raster' with variable = \"elevation\""
        )
    heights = np.full(len(grid), np.nan)
    origin = np.full(len(grid), -1, np.int64)
    for number, raster in enumerate(chosen):
        outlines = _outlines(layers) if raster.surface == "surface" else None
        mean, covered = cell_means(grid, patches(grid, raster, roofs=outlines))
        new = (origin < 0) & (covered >= LEAST_COVERED)
        heights[new], origin[new] = mean[new], number
    missing = origin < 0
    built = missing & _behind_roofs(grid, layers, chosen, missing)
    _refuse_holes(missing & ~built)
    sea = missing & (_sea_share(grid, layers) > _SEA)
    result = np.round(filled(grid, np.where(sea, 0.0, heights)), _DIGITS)
    surface = np.array([raster.surface == "surface" for raster in chosen] + [False])
    figures = {
        "rasters": [_raster_figures(grid, r, origin == k) for k, r in enumerate(chosen)],
        "without_data_share": float((missing & ~built).mean()),
        "under_roofs_share": float(built.mean()),
        "sea_share": float(sea.mean()),
        "farthest_fill_m": float(distance(grid, ~missing | sea).max()),
        "lowest_m": float(result.min()),
        "highest_m": float(result.max()),
    }
    return RasterGround(result, figures, origin, missing, surface[origin])


def elevation_remarks(figures: dict[str, Any]) -> list[str]:
    """Figures of the ground from rasters as lines for the log."""
    lines = []
    for raster in figures["rasters"]:
        kind = "bare earth" if raster["surface"] == "bare_earth" else "surface model"
        lines.append(
            f"{kind}: pixels of {raster['pixel_m']:.3g} m, {raster['cells_share']:.1%} of the cells"
        )
        if raster["surface"] == "surface":
            lines.append(
                "derived: pixels under buildings were left out; trees, bridges and, in wide pixels, "
                "the mean of streets and roofs are still in the ground"
            )
    lines.append(
        f"{figures['without_data_share']:.2%} of the cells without data, "
        f"{figures['under_roofs_share']:.2%} under roofs, {figures['sea_share']:.2%} set to sea "
        f"level, the rest filled from neighbours at most {figures['farthest_fill_m']:.0f} m away"
    )
    lines.append(f"ground from {figures['lowest_m']:.1f} to {figures['highest_m']:.1f} m")
    return lines


def _outlines(layers: Layers) -> Any:
    if "buildings" not in layers or not len(layers["buildings"]):
        return None
    return np.asarray(layers["buildings"].geometry)


def _behind_roofs(grid: Grid, layers: Layers, rasters: list[Raster], missing: Bools) -> Bools:
    """Cells that a surface model has data in, if it is read with its roofs."""
    result = np.zeros(len(grid), np.bool_)
    if _outlines(layers) is None or not missing.any():
        return result
    for raster in rasters:
        if raster.surface == "surface":
            result |= cell_means(grid, patches(grid, raster))[1] >= LEAST_COVERED
    return result


def _sea_share(grid: Grid, layers: Layers) -> Floats:
    if "water" not in layers or "class" not in layers["water"].columns:
        return np.zeros(len(grid))
    table = layers["water"]
    sea = np.asarray(table.geometry[table["class"] == "sea"])
    return polygon_shares(grid, sea).per_cell(grid) / grid.area


def _refuse_holes(missing: Bools) -> None:
    if missing.mean() > MOST_MISSING:
        raise RecipeError(
            f"the rasters of elevation have no data on {missing.mean():.0%} of the cells: add a "
            "raster that covers the city, or make 'bounds' smaller"
        )


def _raster_figures(grid: Grid, raster: Raster, used: Bools) -> dict[str, Any]:
    lon, lat = grid.unproject(np.array([grid.x.mean()]), np.array([grid.y.mean()]))
    place = (float(lon[0]), float(lat[0]), float(lon[0]), float(lat[0]))
    size = pixel_size(head(raster.paths[0], raster.band, raster.crs), place)
    return {
        "surface": raster.surface,
        "pixel_m": float(np.sqrt(size[0] * size[1])),
        "files": len(raster.paths),
        "cells_share": float(used.mean()),
    }
