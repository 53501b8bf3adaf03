"""Ground of a city's cells as a step of a build: from contours or rasters, made fit for water."""

import numpy as np

from citytwin.grid.window import Grid
from citytwin.pipeline.ground.conditioning import Conditioning, condition, conditioning_remarks
from citytwin.pipeline.ground.contours import ground, ground_remarks
from citytwin.pipeline.ground.rasters import elevation, elevation_remarks
from citytwin.pipeline.recipe import Terrain
from citytwin.pipeline.values import Values
from citytwin.sources.base import Layers, Raster


def contour_ground(grid: Grid, layers: Layers, terrain: Terrain) -> Values:
    """Ground from contours: ``elevation`` (n,) [m], ``figures`` and ``remarks``."""
    result = ground(grid, layers, terrain)
    return {
        "elevation": result.elevation,
        "filled": np.zeros(len(grid)),
        "derived": np.ones(len(grid)),
        "figures": result.figures | {"method": "contours"},
        "remarks": ground_remarks(result.figures),
    }


def raster_ground(
    grid: Grid, layers: Layers, rasters: list[Raster], settings: Conditioning
) -> Values:
    """Ground from rasters, conditioned for water.

    Returns
    -------
    ``elevation`` (n,) [m]; ``filled`` and ``derived`` (n,), 1 for cells that no raster measured
    and for those that are not as it measured them; ``figures``, ``remarks``.
    """
    result = elevation(grid, layers, rasters)
    done = condition(grid, result.elevation, layers, settings)
    return {
        "elevation": done.elevation,
        "filled": result.filled.astype(np.float64),
        "derived": (result.derived | done.changed).astype(np.float64),
        "figures": result.figures | {"method": "raster", "conditioning": done.figures},
        "remarks": elevation_remarks(result.figures) + conditioning_remarks(done.figures),
    }
