"""Speed of fire through plants and between buildings."""

from time import perf_counter
from typing import Any

import numpy as np

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.fire.front.front import Front
from citytwin.hazards.fire.front.spread import Spread
from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import IGNITION
from citytwin.hazards.fire.verification.block import block
from citytwin.hazards.fire.verification.scene import MODERATE, plane
from citytwin.hazards.wind import wind_of

_STEPS, _STEP = 60, 20.0
#: Cells for one house, and the most houses.
_CELLS_OF_A_HOUSE, _MOST_HOUSES = 16, 160_000
_GRASS, _WIND = 102, 5.0


def measure(cells: int) -> dict[str, Any]:
    """Cells burnt a second by a front through grass, and house-steps a second with every tenth alight.

    Parameters
    ----------
    cells
        About so many cells, and a sixteenth as many houses, at most 160,000.
    """
    _front(10_000)
    _houses(100)
    burnt, seconds = _front(cells)
    count = min(cells // _CELLS_OF_A_HOUSE, _MOST_HOUSES)
    houses, pairs, paired, stepped = _houses(count)
    return {
        "model": "fire",
        "cells": burnt,
        "cells_burnt_per_s": burnt / seconds,
        "houses": houses,
        "pairs": pairs,
        "pairs_per_s": pairs / paired,
        "house_steps_per_s": houses * _STEPS / stepped,
        "threads": 1,
    }


def _front(cells: int) -> tuple[int, float]:
    """Cells that a fire from the middle burns, and seconds."""
    side = int(np.sqrt(cells))
    ground = plane(regular_lattice(10.0), side, side)
    fuel = np.full(len(ground), _GRASS, np.int64)
    spread = Spread(np.array(MODERATE), np.zeros(len(ground)))
    front = Front(ground, fuel, spread, wind_of(_WIND, 270.0, ()), end=1e7)
    front.ignite(np.array([ground.middle]), np.zeros(1))
    begun = perf_counter()
    burnt = front.advance(1e7).size
    return int(burnt), perf_counter() - begun


def _houses(count: int) -> tuple[int, int, float, float]:
    """Houses, their pairs, seconds to find these, and seconds of all steps."""
    begun = perf_counter()
    town = block(int(np.sqrt(count)), 10.0, 5.0)
    paired = perf_counter() - begun
    wind, lit = direction(8.0, 0.0), np.arange(0, len(town.houses), 10)
    town.houses.ignite(lit, np.zeros(lit.size), IGNITION, 0.0, wind)
    begun = perf_counter()
    for number in range(_STEPS):
        town.houses.step(_STEP * number, _STEP, wind)
    return len(town.houses), len(town.houses.pairs), paired, perf_counter() - begun
