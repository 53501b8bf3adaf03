"""Basins with a closed form: Thacker's two bowls with a moving shore, and a steady vortex."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import Lattice
from citytwin.hazards.flood.solver import GRAVITY, Solver
from citytwin.hazards.flood.verification.scene import (
    Scene,
    holds_momentum,
    scene_over,
    set_velocity,
)
from citytwin.hazards.flood.verification.water import SOLVERS

#: Level at places and a time.
Level = Callable[[Floats, Floats, float], Floats]

#: The bowl: radius of the shore at rest [m] and depth in its middle [m].
RADIUS, DEEP = 600.0, 6.0
#: Displacement of the planar surface over the radius, and start radius of the curved one over it [1].
_TILT, _START = 0.5, 0.8
#: Radius of the open cells [m]: the shore comes as far as 900 m, and the vortex has long died away.
_REACH, _VORTEX_REACH = 1000.0, 750.0


def bowl_ground(x: Floats, y: Floats) -> Floats:
    """Ground of the paraboloid, 0 at the shore of the water at rest [m]."""
    return np.asarray(-DEEP * (1.0 - (x * x + y * y) / RADIUS**2))


def planar_period() -> float:
    """Time in which the planar surface goes round once [s]."""
    return float(2.0 * np.pi * RADIUS / np.sqrt(2.0 * GRAVITY * DEEP))


def curved_period() -> float:
    """Time in which the curved surface swings once [s]."""
    return float(2.0 * np.pi * RADIUS / np.sqrt(8.0 * GRAVITY * DEEP))


def planar_level(x: Floats, y: Floats, time: float) -> Floats:
    """Level of Thacker's planar surface that goes round in the bowl [m].

    Thacker 1981, 10.1017/S0022112081001882; in the form of SWASHES (Delestre et al. 2013,
    10.1002/fld.3741, §4.2.2).
    """
    phase = 2.0 * np.pi * time / planar_period()
    shift = _TILT * RADIUS
    toward = 2.0 * x * np.cos(phase) + 2.0 * y * np.sin(phase)
    return np.asarray(shift * DEEP / RADIUS**2 * (toward - shift))


def curved_level(x: Floats, y: Floats, time: float) -> Floats:
    """Level of Thacker's curved surface that swings up and down [m] (same sources, §4.2.1)."""
    start = _START**2
    swing = (1.0 - start) / (1.0 + start)
    phase = 1.0 - swing * np.cos(2.0 * np.pi * time / curved_period())
    ratio = np.sqrt(1.0 - swing**2) / phase
    far = (x * x + y * y) / RADIUS**2
    return np.asarray(DEEP * (ratio - 1.0 - far * (ratio**2 - 1.0)))


def planar_velocity(time: float) -> tuple[float, float]:
    """Velocity of the planar solution, the same everywhere [m/s]."""
    rate = 2.0 * np.pi / planar_period()
    size = _TILT * RADIUS * rate
    return float(-size * np.sin(rate * time)), float(size * np.cos(rate * time))


@dataclass(frozen=True, eq=False)
class Bowl:
    """Water in a basin beside a closed form.

    Attributes
    ----------
    scene, water
        Window and solver.
    expected
        (rows, cols) depth of the closed form at the solver's time [m].
    """

    scene: Scene
    water: Solver
    expected: Floats

    @property
    def error(self) -> float:
        """Mean absolute error of the depth over the mean depth, where either is wet [1]."""
        off = np.abs(np.asarray(self.water.depth, np.float64) - self.expected)
        return float(off.sum() / self.expected.sum())


def round_scene(lattice: Lattice, reach: float) -> tuple[Scene, Floats]:
    """Window over a circle around the origin [m], and 1 in its cells."""
    scene = scene_over(lattice, (-reach, reach), (-reach, reach), (0.0, 0.0))
    return scene, (np.hypot(scene.x, scene.y) < reach).astype(np.float64)


def _basin(solver: str, lattice: Lattice, level: Level) -> tuple[Scene, Solver]:
    """A bowl with the water of a closed form at its start."""
    scene, inside = round_scene(lattice, _REACH)
    ground = bowl_ground(scene.x, scene.y)
    depth = np.maximum(level(scene.x, scene.y, 0.0) - ground, 0.0)
    water = SOLVERS[solver](
        lattice, ground + 20.0, inside, scene.even(), depth=depth, dtype=np.float64
    )
    return scene, water


def planar_bowl(solver: str, lattice: Lattice, periods: float) -> Bowl:
    """The planar surface after some periods.

    ``full`` starts with the closed form's velocity. ``inertial`` holds fluxes of edges, not momentum
    of cells, and lacks the advection that this solution needs: it starts from rest and is only shown.
    """
    scene, water = _basin(solver, lattice, planar_level)
    if holds_momentum(water):
        u, v = planar_velocity(0.0)
        set_velocity(water, scene.even(u), scene.even(v))
    return _swung(water, scene, planar_level, periods * planar_period())


def curved_bowl(solver: str, lattice: Lattice, periods: float) -> Bowl:
    """The curved surface after some periods; it starts at rest."""
    scene, water = _basin(solver, lattice, curved_level)
    return _swung(water, scene, curved_level, periods * curved_period())


def _swung(water: Solver, scene: Scene, level: Level, end: float) -> Bowl:
    water.run(end)
    ground = bowl_ground(scene.x, scene.y)
    return Bowl(scene, water, np.maximum(level(scene.x, scene.y, end) - ground, 0.0))


#: The vortex: depth far away [m], radius of the fastest water [m] and fall of the surface in it [m].
_STILL, _CORE, _DIP = 2.0, 150.0, 0.3


def vortex(solver: str, lattice: Lattice, turns: float) -> Bowl:
    """A smooth vortex on a flat bottom that holds its shape, after some turns of its core.

    The surface H − D exp(−r²/R²) balances the turning water, u²/r = g dη/dr, so that
    u = r/R √(2 g D) exp(−r²/2R²): a steady solution of the shallow-water equations without shore,
    shock or friction.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``; one that holds the momentum of cells.
    lattice
        The lattice.
    turns
        Times that the middle turns round.
    """
    scene, inside = round_scene(lattice, _VORTEX_REACH)
    far = (scene.x**2 + scene.y**2) / _CORE**2
    depth = _STILL - _DIP * np.exp(-far)
    water = SOLVERS[solver](
        lattice, scene.even(), inside, scene.even(), depth=depth * inside, dtype=np.float64
    )
    rate = np.sqrt(2.0 * GRAVITY * _DIP) / _CORE * np.exp(-far / 2.0)
    set_velocity(water, -rate * scene.y, rate * scene.x)
    water.run(turns * 2.0 * np.pi * _CORE / np.sqrt(2.0 * GRAVITY * _DIP))
    return Bowl(scene, water, depth)


def vortex_error(found: Bowl) -> float:
    """Mean absolute error of the depth within two core radii, over the fall of the surface [1]."""
    near = np.hypot(found.scene.x, found.scene.y) < 2.0 * _CORE
    off = np.abs(np.asarray(found.water.depth, np.float64) - found.expected)
    return float(off[near].mean() / _DIP)
