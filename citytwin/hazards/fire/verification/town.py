"""A made-up town in which whole fires burn."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from citytwin.arrays import Bools, Floats
from citytwin.grid.window import Grid, cover
from citytwin.hazards.base import Given, Hazard
from citytwin.hazards.buildings import Buildings
from citytwin.hazards.fire.houses.states import UNTOUCHED
from citytwin.hazards.fire.model import Fire
from citytwin.hazards.fire.simulation import STEP, simulate
from citytwin.hazards.fire.verification.block import buildings_at
from citytwin.hazards.watch import Watch

_PITCH = 15.0
#: West, south, east, north of the ground [degrees]: 0.5 km by 0.33 km.
_BOX = (-122.4528, 37.7520, -122.4472, 37.7550)


@dataclass(frozen=True, eq=False)
class Town:
    """Houses on flat ground with plants."""

    grid: Grid
    layers: dict[str, Floats]
    buildings: Buildings

    def lonlat(self, x: float, y: float) -> tuple[float, float]:
        """Longitude and latitude of a place in the plane [degrees]."""
        lon, lat = self.grid.unproject(np.array([x]), np.array([y]))
        return float(lon[0]), float(lat[0])


@cache
def town(cols: int, rows: int, strip: float = 0.0, grass: float = 0.0) -> Town:
    """Houses of 10 m in rows, 5 m apart.

    Parameters
    ----------
    cols, rows
        Number of houses to the east and to the north.
    strip
        Extra width between the two middle columns [m].
    grass
        Share of the ground under grass.
    """
    grid = cover(_BOX, 13)
    along = (np.arange(cols) - (cols - 1) / 2.0) * _PITCH
    along += np.where(along > 0.0, strip / 2.0, -strip / 2.0)
    x, y = np.meshgrid(along, (np.arange(rows) - (rows - 1) / 2.0) * _PITCH)
    return _town(grid, x.ravel(), y.ravel(), grass)


@cache
def corner_town() -> Town:
    """Three blocks of 6 by 5 houses: one, a second 60 m to its east, a third 60 m to its north."""
    x, y = (part.ravel() * _PITCH for part in np.meshgrid(np.arange(6.0), np.arange(5.0)))
    x, y = np.concatenate([x, x + 145.0, x]), np.concatenate([y, y, y + 130.0])
    return _town(cover(_BOX, 13), x - 120.0, y - 100.0, 0.0)


def _town(grid: Grid, x: Floats, y: Floats, grass: float) -> Town:
    buildings = buildings_at(x, y, 10.0, grid=grid)
    cover_share = buildings.cells.per_cell(grid) / grid.area
    nothing = np.zeros(len(grid))
    layers = {
        "ground_elevation": nothing, "building_cover": np.clip(cover_share, 0.0, 1.0),
        "grass_share": nothing + grass, "shrub_share": nothing, "tree_share": nothing,
    }  # fmt: skip
    return Town(grid, layers, buildings)


def run(place: Town, step: float = STEP, **fields: Any) -> Hazard:
    """A fire in a town; it starts in the south-western house if nothing else is said."""
    if "ignitions" not in fields:
        x, y = place.buildings.centres
        at = place.lonlat(float(x[0]), float(y[0]))
        fields["ignitions"] = ({"name": "a", "at": at},)
    event = Fire(**fields)
    return simulate(
        event, place.grid, place.layers, Watch(), Given(buildings=place.buildings), step=step
    )


def touched(hazard: Hazard) -> Bools:
    """(b,) buildings that burnt, or were cleared."""
    return np.asarray(hazard.buildings["state"] != UNTOUCHED)
