"""How fast the flood kernel is, against the memory bandwidth of the same machine."""

import time
from typing import Any

import numba
import numpy as np

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.inertial.kernel import FIXED, MOVING
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.kernels.stream import triad_bytes_per_s

#: Values that a step must move for each cell: the fixed and the moving ones read, those written.
VALUES_PER_CELL_STEP = FIXED + MOVING + MOVING
_STEPS = 20
_REPEATS = 9


def wet_solver(cells: int) -> InertialSolver:
    """Square window of about so many cells, every one of them wet and moving, float32."""
    side = round(cells**0.5)
    rng = np.random.default_rng(0)
    shape = (side, side)
    return InertialSolver(
        regular_lattice(7.0),
        rng.uniform(0.0, 0.3, shape),
        np.ones(shape),
        np.full(shape, 0.03),
        depth=1.0 + rng.uniform(0.0, 0.1, shape),
    )


def measure(cells: int) -> dict[str, Any]:
    """Cell-steps a second, bytes moved, and the ratio to the STREAM triad.

    Kernel and triad take turns, so that both see the same machine; the medians of their rates count.
    """
    solver = wet_solver(cells)
    count = int(np.prod(solver.shape))
    solver.advance(2)
    rates, triads = [], []
    for _ in range(_REPEATS):
        triads.append(triad_bytes_per_s(repeats=3))
        start = time.perf_counter()
        solver.advance(_STEPS)
        rates.append(count * _STEPS / (time.perf_counter() - start))
    rate, triad = float(np.median(rates)), float(np.median(triads))
    bytes_per_cell_step = VALUES_PER_CELL_STEP * np.dtype(np.float32).itemsize
    return {
        "model": "flood",
        "cells": count,
        "wet_cells": int((solver.depth > 0.0).sum()),
        "cell_steps_per_s": rate,
        "bytes_per_cell_step": bytes_per_cell_step,
        "stream_triad_bytes_per_s": triad,
        "ratio": rate * bytes_per_cell_step / triad,
        "threads": numba.get_num_threads(),
        "precision": "float32",
    }
