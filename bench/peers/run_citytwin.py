"""citytwin's own solvers on one job. Run with: PYTHON run_citytwin.py JOB.

Hexagons in a lattice that tiles the plain exactly: rows along x, every second one half a cell further,
stretched by under 1 % so that a whole number fits. ``options``: ``solver`` ("inertial" or "full"),
``order`` of the full one, ``dtype``. A run of the same kernels on another, small plain comes first, so
that compiling is not in the time.
"""

from importlib import import_module

import numba
import numpy as np
from interpolation import linear
from job import Job, Log, read_job, write_result

from citytwin.grid.lattice import Lattice, lattice_of
from citytwin.hazards.flood.solver import Solver

CLASSES = {"inertial": "InertialSolver", "full": "FullSolver"}


def hexagons(job: Job) -> tuple[Lattice, np.ndarray, np.ndarray]:
    """Lattice, and (rows, cols) x and y of the centres of its window; those outside are walls."""
    along = np.sqrt(2.0 * job.cell_area / np.sqrt(3.0))
    rows = round(job.height / (along * np.sqrt(0.75)))
    cols = round(job.width / along)
    dx, dy = job.width / cols, job.height / rows
    lattice = lattice_of(np.array([dx, 0.0]), np.array([-dx / 2.0, dy]))
    row, col = np.indices((rows, cols + (rows + 1) // 2))
    return lattice, dx / 4.0 + (col - row / 2.0) * dx, (row + 0.5) * dy


class Mouth:
    """Lets the inflow come in over the west wall, shared among the rows that touch the mouth."""

    def __init__(self, job: Job, lattice: Lattice, x, y) -> None:
        self._job = job
        half = lattice.vectors[1, 1] / 2.0
        near = (x > 0.0) & (x < lattice.vectors[0, 0])
        near &= np.abs(y - job.inflow["middle"]) < job.inflow["width"] / 2.0 + half
        self._place = np.nonzero(near)
        self._share = job.mouth(y[near] - half, y[near] + half)

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Pour what comes in between two times."""
        water.add(self._place, self._share * self._job.inflow_volume(start, end), "inflow")

    def state(self) -> dict:
        """Nothing: the hydrograph is known at any time."""
        return {}

    def restore(self, state: dict) -> None:
        """Nothing to do."""


def solver_of(job: Job) -> tuple[Solver, np.ndarray, np.ndarray, np.ndarray]:
    """The dry solver; x, y and which cells of its window are open."""
    lattice, x, y = hexagons(job)
    inside = (x > 0.0) & (x < job.width)
    ground = np.where(inside, job.ground(x, y), 0.0)
    name = job.options["solver"]
    kind = getattr(import_module(f"citytwin.hazards.flood.{name}.solver"), CLASSES[name])
    made = {"dtype": getattr(np, job.options.get("dtype", "float32"))}
    if name == "full":
        made["order"] = job.options["order"]
    rough = np.full(x.shape, job.manning)
    return kind(lattice, ground, inside.astype(float), rough, **made), x, y, inside


def simulate(job: Job, stops: list[float], log: Log):
    """Run to the last of some stops; the water, x, y and which cells are open."""
    water, x, y, inside = solver_of(job)
    gauges = linear(x[inside], y[inside], job.gauges)
    forcings = [Mouth(job, water.lattice, x, y)] if job.inflow else []
    rain = job.rain_depth if job.rain else None
    with log.clock():
        for end in stops:
            water.run(end, rain, forcings=forcings)
            log.stop(gauges(water.depth[inside].astype(float)), water.steps)
    return water, x, y, inside


def main() -> None:
    """Run the job."""
    job = read_job()
    simulate(job, job.stops[:1], Log())
    log = Log()
    water, x, y, inside = simulate(job, job.stops, log)
    depth = water.depth[inside].astype(float)
    maps = {
        "x": x[inside], "y": y[inside], "depth": depth,
        "area": np.full(depth.shape, water.lattice.cell_area),
    }  # fmt: skip
    what = "local inertial" if job.options["solver"] == "inertial" else "full shallow water"
    write_result(
        job, log, "citytwin", maps, scheme=f"{what}, hexagons",
        threads=numba.get_num_threads(), precision=job.options.get("dtype", "float32"),
        settings={**job.options, "layer": numba.threading_layer()},
        own_balance={"error": water.balance.error},
    )  # fmt: skip


if __name__ == "__main__":
    main()
