"""Laws that hold exactly: mass, rest, positive depths, symmetry, and that threads change nothing."""

from collections.abc import Callable
from typing import Any

import numpy as np

from citytwin.arrays import Bools, Floats
from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.cases import Site
from citytwin.hazards.flood.layout import level_step
from citytwin.hazards.flood.losses import CONSTANT, Losses
from citytwin.hazards.flood.solver import GRAVITY, Solver
from citytwin.hazards.flood.terrain import flood_terrain
from citytwin.hazards.flood.verification.scene import (
    Probe,
    Scene,
    border,
    positions,
    skewed_lattice,
)
from citytwin.hazards.flood.verification.water import SOLVERS, Run, measured

#: A cloudburst of 100 mm in an hour [m/s].
_CLOUDBURST = 0.1 / 3600.0


def cloudburst(start: float, end: float) -> float:
    """Rain of 100 mm in the first hour [m]."""
    return _CLOUDBURST * (max(min(end, 3600.0), 0.0) - min(start, 3600.0))


def rough_solver(
    solver: str,
    dtype: type[np.floating] = np.float32,
    *,
    tank: float = 0.0,
    **options: Any,
) -> Solver:
    """Steep, rough random ground with walls, an open border, and a walled tank of some depth."""
    rng = np.random.default_rng(7)
    shape = (100, 120)
    lattice = skewed_lattice(0.4)
    x, y = positions(lattice, *shape)
    edge = border(*shape)
    elevation = 200.0 + 0.2 * x - 0.1 * y + rng.uniform(0.0, 2.0, shape) - 5.0 * edge
    storage = np.where(rng.uniform(size=shape) < 0.25, 0.0, rng.uniform(0.5, 1.0, shape))
    storage[43:58, 1:6] = 0.0
    storage[50, 3] = 1.0
    depth = np.zeros(shape)
    depth[50, 3] = tank
    flat = np.zeros(shape)
    return SOLVERS[solver](
        lattice, elevation, storage, rng.uniform(0.015, 0.1, shape), drains=edge, depth=depth,
        losses=Losses(CONSTANT, np.full(shape, 2e-6), flat, flat), dtype=dtype, **options,
    )  # fmt: skip


def site_solver(
    solver: str, site: Site, dtype: type[np.floating] = np.float32, buildings: str = "porous"
) -> Solver:
    """A city with open gaps in its blocks and 10 mm/h of infiltration."""
    terrain = flood_terrain(site.grid, site.layers, 0.1, 10.0 / 3.6e6, buildings=buildings)
    return SOLVERS[solver](
        site.grid.lattice, terrain.elevation, terrain.storage, terrain.manning,
        drains=terrain.drains, rain_factor=terrain.rain_factor,
        losses=terrain.losses, dtype=dtype,
    )  # fmt: skip


def storm_balance(solver: str, dtype: type[np.floating], site: Site | None) -> Run:
    """Water lost or invented by a storm and after, as a share of the rain.

    On the site for an hour and a half if there is one; else for 45 minutes on rough, steep random
    ground with walls and holes. It rains 100 mm/h for an hour, and for half an hour.
    """
    water = site_solver(solver, site, dtype) if site else rough_solver(solver, dtype)
    water.run(3600.0 if site else 1800.0, cloudburst)
    water.run(5400.0 if site else 2700.0)
    return measured(abs(water.balance.error), water)


def lake(solver: str, site: Site | None) -> Solver:
    """A lake with islands and walls, on the site if there is one, at rest."""
    if site is None:
        rng = np.random.default_rng(3)
        elevation = rng.uniform(100.0, 110.0, (120, 150))
        storage = (rng.uniform(size=elevation.shape) > 0.2).astype(np.float64)
        lattice = skewed_lattice()
    else:
        terrain = flood_terrain(site.grid, site.layers, 0.0, 0.0)
        elevation, lattice = terrain.elevation, site.grid.lattice
        storage = np.where(terrain.drains, 0.0, terrain.storage)
    elevation = level_step(elevation)
    level = level_step(float(np.quantile(elevation[storage > 0], 0.6)))
    depth = np.where(storage > 0.0, np.maximum(level - elevation, 0.0), 0.0)
    roughness = np.full(elevation.shape, 0.03)
    return SOLVERS[solver](lattice, elevation, storage, roughness, depth=depth)


def lake_at_rest(solver: str, site: Site | None, steps: int = 2000) -> Run:
    """Fastest water [m/s] in a lake with islands and walls that should rest.

    The flow counts over the true depth, however small, and not only where the solver says a speed.
    """
    water = lake(solver, site)
    fastest = 0.0
    while water.steps < steps:
        water.run(water.time + 60.0)
        depth = np.asarray(water.depth, np.float64)
        speed = np.divide(water.flow, depth, out=np.zeros(depth.shape), where=depth > 0.0)
        fastest = max(fastest, float(np.abs(speed).max()))
    return measured(fastest, water)


def tank_far_away(solver: str) -> Run:
    """Root mean square change of depth [m] that a deep, walled tank makes in a flow elsewhere."""
    waters = [rough_solver(solver, np.float64, tank=tank) for tank in (0.0, 40.0)]
    for water in waters:
        water.run(600.0, cloudburst)
    dry, full = (water.depth[:, 8:] for water in waters)
    return measured(float(np.sqrt(np.mean((dry - full) ** 2))), *waters)


def bands_agree(solver: str) -> Run:
    """Largest difference [m] between one band of rows, run serially, and 1, 2, 5 and 9 in parallel."""
    waters = [rough_solver(solver, parallel=False, bands=1)]
    waters += [rough_solver(solver, bands=bands) for bands in (1, 2, 5, 9)]
    for water in waters:
        water.run(600.0, cloudburst)
    depths = [water.depth.astype(np.float64) for water in waters]
    return measured(max(float(np.abs(depth - depths[0]).max()) for depth in depths), *waters)


class Lowest:
    """Looks before every step how low the depth falls."""

    def __init__(self) -> None:
        self.depth = 0.0

    def apply(self, water: Solver, start: float, end: float) -> None:
        """Look."""
        del start, end
        lowest = float(water.depth.min())
        self.depth = min(self.depth, lowest if np.isfinite(lowest) else -np.inf)

    def state(self) -> dict[str, Any]:
        """The lowest yet."""
        return {"depth": self.depth}

    def restore(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.depth = float(state["depth"])


def lowest_depth(solver: str) -> Run:
    """How far below zero the depth ever falls [m] when a dam breaks above steep, rough, dry ground."""
    rng = np.random.default_rng(11)
    lattice = skewed_lattice(0.4)
    x, _ = positions(lattice, 90, 110)
    ground = 50.0 + 0.25 * x + rng.uniform(0.0, 1.5, x.shape)
    storage = np.where(rng.uniform(size=x.shape) < 0.15, 0.0, rng.uniform(0.3, 1.0, x.shape))
    depth = np.where((x > 100.0) & (storage > 0.0), 6.0, 0.0)
    edge = border(*x.shape)
    water = SOLVERS[solver](
        lattice, ground, storage, np.full(x.shape, 0.02), drains=edge, depth=depth * ~edge
    )
    lowest = Lowest()
    water.run(120.0, forcings=(lowest,))
    return measured(-lowest.depth, water)


def roundness(solver: str, lattice: Lattice) -> Run:
    """How far from round a dam break on a flat plain is: spread of the front over its radius."""
    size = 241
    scene = Scene(lattice, *positions(lattice, size, size))
    depth = np.where(np.hypot(scene.x, scene.y) < 25.0 * scene.spacing, 2.0, 0.0)
    flat = scene.even()
    water = SOLVERS[solver](lattice, flat, flat + 1.0, flat + 0.03, depth=depth)
    water.run(45.0 * scene.spacing / np.sqrt(GRAVITY * 2.0))
    return measured(_front_spread(scene, np.asarray(water.depth)), water)


def _front_spread(scene: Scene, depth: Floats) -> float:
    """(largest − smallest) / mean radius at which the depth along 72 rays falls below 0.1 m."""
    radii = np.arange(20.0, 95.0, 0.05)[:, None] * scene.spacing
    angles = np.arange(72)[None, :] * (2.0 * np.pi / 72.0)
    x, y = radii * np.cos(angles), radii * np.sin(angles)
    along = Probe(scene, x.ravel(), y.ravel())(depth).reshape(x.shape)
    front = np.array([radii[np.nonzero(ray > 0.1)[0].max(), 0] for ray in along.T])
    return float((front.max() - front.min()) / front.mean())


def sixth_turn(reach: int) -> tuple[Bools, Callable[[np.ndarray], np.ndarray]]:
    """A hexagon of cells of a regular lattice, and its turn by 60°.

    Cell (r, c) lies at c d₀ + r d₁, and the turn takes d₀ to d₀ + d₁ and d₁ to −d₀: to (c, c − r).

    Parameters
    ----------
    reach
        Cells from the middle to a corner.

    Returns
    -------
    (2 reach + 1, 2 reach + 1) cells of the hexagon, and a function that turns such an array.
    """
    side = np.arange(-reach, reach + 1)
    row, col = np.meshgrid(side, side, indexing="ij")
    inside = np.abs(col - row) <= reach

    def turn(values: np.ndarray) -> np.ndarray:
        out = np.zeros_like(values)
        out[col[inside] + reach, (col - row)[inside] + reach] = values[inside]
        return out

    return inside, turn


def sixth_turn_difference(solver: str, time: float = 60.0) -> Run:
    """Largest difference [m] between a flow that is turned by 60° and the flow on turned ground.

    A storm and a dam break on rough ground with walls, in double precision: only the order of sums
    differs.
    """
    rng = np.random.default_rng(5)
    inside, turn = sixth_turn(30)
    shape = inside.shape
    ground = rng.uniform(0.0, 2.0, shape)
    storage = np.where(inside & (rng.uniform(size=shape) > 0.1), 1.0, 0.0)
    depth = np.where(np.arange(shape[0])[:, None] < 20, 3.0, 0.0) * storage
    waters = []
    for way in (lambda values: values, turn):
        water = SOLVERS[solver](
            regular_lattice(10.0), way(ground), way(storage), np.full(shape, 0.03),
            depth=way(depth), dtype=np.float64,
        )  # fmt: skip
        water.run(time, cloudburst)
        waters.append(water)
    still, moved = (np.asarray(water.depth) for water in waters)
    return measured(float(np.abs(turn(still) - moved).max()), *waters)
