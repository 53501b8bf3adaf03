"""Made-up buildings for hazards that read them."""

import numpy as np
import shapely

from citytwin.grid.overlay import polygon_shares
from citytwin.grid.window import Grid
from citytwin.hazards.buildings import Buildings


def made_up_buildings(grid: Grid) -> Buildings:
    """Two houses on most cells, of several heights and sizes; nothing random."""
    number = np.arange(len(grid))
    number = np.repeat(number[number % 5 != 4], 2)
    side = 8.0 + 2.0 * (number % 4)
    # The same houses in the same order, however the cells stand.
    place = np.argsort(grid.cells)[number]
    x = grid.x[place] + np.where(np.arange(number.size) % 2, 14.0, -14.0)
    y = grid.y[place]
    outlines = shapely.box(x - side / 2.0, y - side / 2.0, x + side / 2.0, y + side / 2.0)
    levels = 1.0 + number % 3
    return Buildings(
        outlines=outlines,
        cells=polygon_shares(grid, outlines),
        height=3.0 * levels,
        levels=levels,
        floor_area=side**2 * levels,
        people=2.0 * levels,
        kind=np.where(number % 7 == 0, "retail", "house").astype(object),
        material=np.full(number.size, "", dtype=object),
        year=np.full(number.size, np.nan),
    )
