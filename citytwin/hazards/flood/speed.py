"""How fast the flood kernel is, against the memory bandwidth of the same machine."""

import time
from typing import Any

import numba
import numpy as np

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.kernel import FIXED, MOVING
from citytwin.hazards.flood.inertial.solver import InertialSolver
from citytwin.hazards.flood.solver import Solver
from citytwin.kernels.stream import triad_bytes_per_s

#: Values that a step must move for each cell: the fixed and the moving ones read, those written.
VALUES_PER_CELL_STEP = FIXED + MOVING + MOVING
_STEPS = 20
_REPEATS = 9
_FULL_STEPS, _FULL_REPEATS = 5, 3


def wet_solver(cells: int, kind: type[Solver] = InertialSolver, **options: Any) -> Solver:
    """Square window of about so many cells, every one of them wet and moving, float32."""
    side = round(cells**0.5)
    rng = np.random.default_rng(0)
    shape = (side, side)
    return kind(
        regular_lattice(7.0),
        rng.uniform(0.0, 0.3, shape),
        np.ones(shape),
        np.full(shape, 0.03),
        depth=1.0 + rng.uniform(0.0, 0.1, shape),
        **options,
    )


def measure(cells: int) -> dict[str, Any]:
    """Cell-steps a second of each solver; bytes moved by `inertial`, and the ratio to the STREAM triad.

    Kernels and triad take turns, so that all see the same machine; the medians of their rates count.
    """
    solver = wet_solver(cells)
    full = [wet_solver(cells, FullSolver, order=order) for order in (1, 2)]
    count = int(np.prod(solver.shape))
    for water in (solver, *full):
        water.advance(2)
    rates, triads, full_rates = [], [], []
    for turn in range(_REPEATS):
        triads.append(triad_bytes_per_s(repeats=3))
        rates.append(_rate(solver, count, _STEPS))
        if turn < _FULL_REPEATS:
            full_rates.append([_rate(water, count, _FULL_STEPS) for water in full])
    rate, triad = float(np.median(rates)), float(np.median(triads))
    first, second = np.median(np.array(full_rates), axis=0)
    bytes_per_cell_step = VALUES_PER_CELL_STEP * np.dtype(np.float32).itemsize
    return {
        "model": "flood",
        "cells": count,
        "wet_cells": int((solver.depth > 0.0).sum()),
        "cell_steps_per_s": rate,
        "bytes_per_cell_step": bytes_per_cell_step,
        "stream_triad_bytes_per_s": triad,
        "ratio": rate * bytes_per_cell_step / triad,
        "full_first_order_cell_steps_per_s": float(first),
        "full_second_order_cell_steps_per_s": float(second),
        "threads": numba.get_num_threads(),
        "precision": "float32",
    }


def _rate(water: Solver, cells: int, steps: int) -> float:
    """Cell-steps a second of some flow steps."""
    start = time.perf_counter()
    water.advance(steps)
    return cells * steps / (time.perf_counter() - start)
