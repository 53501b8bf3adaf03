"""Speed of fire between buildings, measured on a block of wooden houses."""

from time import perf_counter
from typing import Any

import numpy as np

from citytwin.hazards.fire.houses.radiation import direction
from citytwin.hazards.fire.houses.states import IGNITION
from citytwin.hazards.fire.verification.block import block

_STEPS = 60


def measure(cells: int) -> dict[str, Any]:
    """Building-steps and pair-steps a second with every fourth house on fire.

    Parameters
    ----------
    cells
        About so many houses.
    """
    side = max(int(np.sqrt(cells)), 2)
    block(4, 10.0, 5.0).houses.step(0.0, 20.0, direction(8.0, 0.0))
    begun = perf_counter()
    town = block(side, 10.0, 5.0)
    paired = perf_counter() - begun
    wind = direction(8.0, 0.0)
    lit = np.arange(0, side * side, 4)
    town.houses.ignite(lit, np.zeros(lit.size), IGNITION, 0.0, wind)
    begun = perf_counter()
    for number in range(_STEPS):
        town.houses.step(20.0 * number, 20.0, wind)
    seconds = perf_counter() - begun
    return {
        "cells": side * side,
        "pairs": len(town.houses.pairs),
        "pairing_s": paired,
        "seconds": seconds,
        "house_steps_per_s": side * side * _STEPS / seconds,
    }
