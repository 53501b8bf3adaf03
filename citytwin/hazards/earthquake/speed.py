"""How fast the ground motion is computed."""

import time
from typing import Any

import numba
import numpy as np

from citytwin.arrays import Floats
from citytwin.hazards.earthquake.bssa14 import ground_motion

MEASURES = ("pga", "sa0.3", "sa1")
_REPEATS = 7


def sites(count: int) -> tuple[Floats, Floats]:
    """Distances [m] and velocities [m/s] of so many sites, at random."""
    rng = np.random.default_rng(0)
    return rng.uniform(0.0, 200e3, count), rng.uniform(180.0, 1200.0, count)


def measure(cells: int) -> dict[str, Any]:
    """Cells times measures a second, median of several runs."""
    rjb, vs30 = sites(cells)
    ground_motion(MEASURES, 7.0, "strike_slip", rjb[:8], vs30[:8])
    seconds = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        ground_motion(MEASURES, 7.0, "strike_slip", rjb, vs30)
        seconds.append(time.perf_counter() - start)
    middle = float(np.median(seconds))
    return {
        "model": "earthquake",
        "cells": cells,
        "measures": len(MEASURES),
        "seconds": middle,
        "cell_measures_per_s": cells * len(MEASURES) / middle,
        "threads": numba.get_num_threads(),
        "precision": "float64",
    }
