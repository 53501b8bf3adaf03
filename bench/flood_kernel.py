"""The flood kernel against the naive neighbour table and the memory bandwidth, as size grows.

Run with: python bench/flood_kernel.py    (writes bench/results/flood_kernel.json and .md)

The machine should be quiet: the load is written beside the numbers.
"""

import json
import os
import platform
import time
from pathlib import Path

import numba
import numpy as np
from flood_naive import NaiveSolver

from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.full.solver import FullSolver
from citytwin.hazards.flood.inertial.solver import THETA, InertialSolver
from citytwin.hazards.flood.speed import VALUES_PER_CELL_STEP, wet_solver
from citytwin.kernels.stream import triad_bytes_per_s

SIZES = (10_000, 30_000, 100_000, 500_000, 2_000_000, 10_000_000)
FULL_SIZES = (100_000, 2_000_000, 10_000_000)
RESULTS = Path(__file__).parent / "results"
#: Bytes that a step must move for each cell.
MOVED = VALUES_PER_CELL_STEP * 4


def naive_twin(fast: InertialSolver) -> NaiveSolver:
    """Naive solver with the same ground and water."""
    shape = fast.shape
    rng = np.random.default_rng(0)
    elevation = rng.uniform(0.0, 0.3, shape)
    depth = 1.0 + rng.uniform(0.0, 0.1, shape)
    return NaiveSolver(fast.lattice, elevation, np.full(shape, 0.03), depth, THETA)


def rate(advance, count: int, cells: int) -> float:
    """Cell-steps a second of one call."""
    start = time.perf_counter()
    advance(count)
    return cells * count / (time.perf_counter() - start)


def on(threads: int, size: int) -> InertialSolver:
    """Solver with a band for each thread."""
    numba.set_num_threads(threads)
    return wet_solver(size)


def measure(size: int, threads: int, repeats: int = 7) -> dict[str, float]:
    """Kernels and triad, in turn, on one size, on one core and on all; medians."""
    single, fast = on(1, size), on(threads, size)
    naive = naive_twin(fast)
    cells = int(np.prod(fast.shape))
    step = fast.stable_step
    fast.advance(10)
    naive.advance(10, step)
    difference = float(np.abs(fast.depth - naive.h.reshape(fast.shape)).max())
    single.advance(10)
    count = max(4, 40_000_000 // cells)
    rows = []
    for _ in range(repeats):
        numba.set_num_threads(1)
        triad_alone, alone = (
            triad_bytes_per_s(repeats=3),
            rate(single.advance, count, cells),
        )
        numba.set_num_threads(threads)
        triad, quick = triad_bytes_per_s(repeats=3), rate(fast.advance, count, cells)
        slow = rate(lambda n: naive.advance(n, step), max(1, count // 40), cells)
        rows.append((triad_alone, alone, triad, quick, slow))
    triad_alone, alone, triad, quick, slow = np.median(np.array(rows), axis=0)
    return {
        "cells": cells,
        "window_cell_steps_per_s": float(quick),
        "one_core_cell_steps_per_s": float(alone),
        "times_from_one_core": float(quick / alone),
        "naive_cell_steps_per_s": float(slow),
        "times_faster": float(quick / slow),
        "bytes_per_cell_step": MOVED,
        "stream_triad_bytes_per_s": float(triad),
        "one_core_stream_triad_bytes_per_s": float(triad_alone),
        "ratio": float(quick * MOVED / triad),
        "one_core_ratio": float(alone * MOVED / triad_alone),
        "largest_difference_m": difference,
    }


def all_momentum(size: int, threads: int, repeats: int = 5) -> list[dict[str, float]]:
    """The full solver, first and second order, on one core and on all; medians."""
    found = []
    for order in (1, 2):
        numba.set_num_threads(1)
        single = wet_solver(size, FullSolver, order=order)
        numba.set_num_threads(threads)
        fast = wet_solver(size, FullSolver, order=order)
        cells, count, rows = int(np.prod(fast.shape)), max(4, 10_000_000 // size), []
        for water in (single, fast):
            water.advance(2)
        for _ in range(repeats):
            numba.set_num_threads(1)
            alone = rate(single.advance, count, cells)
            numba.set_num_threads(threads)
            rows.append((alone, triad_bytes_per_s(repeats=3), rate(fast.advance, count, cells)))
        alone, triad, quick = np.median(np.array(rows), axis=0)
        found.append(
            {
                "order": order,
                "cells": cells,
                "cell_steps_per_s": float(quick),
                "one_core_cell_steps_per_s": float(alone),
                "times_from_one_core": float(quick / alone),
                "stream_triad_bytes_per_s": float(triad),
            }
        )
    return found


def ponds(centres: tuple[tuple[float, float], ...], share: float, side: int) -> InertialSolver:
    """Plain with round ponds that together cover a share of it, about to spread."""
    row, col = np.indices((side, side)) / side
    radius = np.sqrt(share / (np.pi * len(centres)))
    wet = np.zeros((side, side), bool)
    for r, c in centres:
        wet |= np.hypot(row - r, col - c) < radius
    rng = np.random.default_rng(0)
    ground = rng.uniform(0.0, 0.3, (side, side))
    return InertialSolver(
        regular_lattice(7.0), ground, np.ones(wet.shape), np.full(wet.shape, 0.03),
        depth=np.where(wet, 1.0, 0.0),
    )  # fmt: skip


def seconds_a_step(water: InertialSolver, steps: int, each_span=None) -> float:
    """Seconds that a flow step takes in a run, with its part of the exchanges between."""
    before, start = water.steps, time.perf_counter()
    water.run(water.time + steps * water.stable_step, each_span=each_span)
    return (time.perf_counter() - start) / (water.steps - before)


def look(water: InertialSolver) -> None:
    """Who looks at the depth may change it: the solver then works on every column."""
    assert water.depth.size


def dry_land(side: int = 1400, steps: int = 24, repeats: int = 5) -> list[dict[str, float | str]]:
    """Seconds a step where a twentieth of the land is wet, with and without following the water."""
    beside, below = ((0.5, 0.2), (0.5, 0.8)), ((0.2, 0.5), (0.8, 0.5))
    cases = {
        "all wet": (((0.5, 0.5),), 2.0),
        "one pond": (((0.5, 0.5),), 0.05),
        "two ponds, one beside the other": (beside, 0.05),
        "two ponds, one below the other": (below, 0.05),
    }
    found = []
    for name, (centres, share) in cases.items():
        followed, everywhere = ponds(centres, share, side), ponds(centres, share, side)
        times = [
            (seconds_a_step(followed, steps), seconds_a_step(everywhere, steps, look))
            for _ in range(repeats)
        ]
        one, other = np.median(np.array(times), axis=0)
        wet = float((followed.depth > 0.0).mean())
        found.append(
            {
                "case": name,
                "cells": side * side,
                "wet_share": wet,
                "seconds_a_step": float(one),
                "seconds_a_step_everywhere": float(other),
            }
        )
    return found


def tables(report: dict) -> str:
    """The report as Markdown."""
    lines = [
        "# Flood kernel: dense window against neighbour table",
        "",
        f"Float32, every cell wet, {report['machine']}, load {report['load']:.1f} before. Medians of "
        "seven turns; made by `python bench/flood_kernel.py`.",
        "",
        "| cells | M cell-steps/s | on one core | times from one core | of the STREAM triad |"
        " on one core | neighbour table | times faster | largest difference after 10 steps |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['cells']:,} | {row['window_cell_steps_per_s'] / 1e6:.0f} "
        f"| {row['one_core_cell_steps_per_s'] / 1e6:.0f} | {row['times_from_one_core']:.2f} "
        f"| {row['ratio']:.0%} | {row['one_core_ratio']:.0%} "
        f"| {row['naive_cell_steps_per_s'] / 1e6:.1f} | {row['times_faster']:.0f} "
        f"| {row['largest_difference_m']:.0e} m |"
        for row in report["rows"]
    ]
    lines += [
        "",
        f"A step must move {MOVED} bytes a cell: nine values read, six written. The triad ran in "
        "the same turns, on as many cores. Both kernels compute the same scheme. A flux that happens "
        "to be exactly zero is left out of the mean along its line; float32 rounding decides where, "
        "which is the largest difference.",
        "",
        "## All the momentum",
        "",
        "`full` (HLLC, finite volumes), every cell wet; its arithmetic, not the memory, sets the pace.",
        "",
        "| order | cells | M cell-steps/s | on one core | times from one core | triad, GB/s |",
        "|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['order']} | {row['cells']:,} | {row['cell_steps_per_s'] / 1e6:.0f} "
        f"| {row['one_core_cell_steps_per_s'] / 1e6:.0f} | {row['times_from_one_core']:.2f} "
        f"| {row['stream_triad_bytes_per_s'] / 1e9:.1f} |"
        for row in report["full"]
    ]
    lines += [
        "",
        "## Dry land",
        "",
        "Runs with their exchanges (records, losses) of every few steps.",
        "",
        "| water | cells | wet at the end | ms a step | if every column is worked on |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['case']} | {row['cells']:,} | {row['wet_share']:.0%} "
        f"| {row['seconds_a_step'] * 1e3:.2f} | {row['seconds_a_step_everywhere'] * 1e3:.2f} |"
        for row in report["dry_land"]
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure all sizes and write the tables."""
    threads = numba.get_num_threads()
    report = {
        "machine": f"{platform.machine()}, {threads} threads, numba {numba.__version__}",
        "load": os.getloadavg()[0],
        "rows": [measure(size, threads) for size in SIZES],
        "full": [row for size in FULL_SIZES for row in all_momentum(size, threads)],
        "dry_land": dry_land(),
    }
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "flood_kernel.json").write_text(
        json.dumps(report, indent=1) + "\n", encoding="utf-8"
    )
    text = tables(report)
    (RESULTS / "flood_kernel.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
