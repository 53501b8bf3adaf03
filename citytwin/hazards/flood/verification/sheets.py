"""Steady flow against Manning's formula, and a wave of constant speed on a dry plane."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_trapezoid

from citytwin.arrays import Floats
from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.solver import GRAVITY, Solver
from citytwin.hazards.flood.verification.scene import (
    Scene,
    border,
    holds_momentum,
    place_of,
    positions,
    scene_over,
    set_velocity,
    skewed_lattice,
    turned,
)
from citytwin.hazards.flood.verification.water import SOLVERS, Inflow, Run, measured

_ROUGH, _SPEED = 0.03, 1.0


def manning_depth(solver: str, heading: float, slope: float = 0.02, roughness: float = 0.03) -> Run:
    """Relative error of the depth of a steady sheet on a plane, against Manning's formula.

    Rain on the upper part of a plane gives the same discharge everywhere below it, q = rate × length;
    there the depth must be (q n / √S)^(3/5). No deep water elsewhere shortens the time step.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    heading
        Direction of the steepest slope against the lattice [radians].
    slope
        Fall over length [1].
    roughness
        Manning's n [s/m^(1/3)].
    """
    lattice, size, rate = skewed_lattice(0.4), 161, 5e-4 if slope > 0.1 else 5e-5
    x, y = positions(lattice, size, size)
    along = x * np.cos(heading) + y * np.sin(heading)
    wet_band = (along > -260.0) & (along < -160.0)
    edge = border(size, size)
    water = SOLVERS[solver](
        lattice,
        100.0 - slope * along,
        np.ones((size, size)),
        np.full((size, size), roughness),
        drains=edge,
        rain_factor=wet_band.astype(np.float64),
    )
    water.run(3600.0 if slope < 0.1 else 900.0, lambda start, end: rate * (end - start))
    middle = (np.hypot(x, y) < 60.0) & ~edge
    expected = (rate * 100.0 * roughness / np.sqrt(slope)) ** 0.6
    return measured(abs(water.depth[middle].mean() / expected - 1.0), water)


def full_wave(behind: Floats) -> Floats:
    """Depth [m] so far behind the front [m] of Hunter et al. 2005's wave, h = [7/3 n² u² s]^(3/7)."""
    return np.asarray((7.0 / 3.0 * (_ROUGH * _SPEED) ** 2 * np.maximum(behind, 0.0)) ** (3.0 / 7.0))


def inertial_front(behind: Floats) -> Floats:
    """Depth [m] so far behind the front [m] of the same wave without advection.

    A wave of constant speed u in the local inertial equations, their inertia over m = (1 + u / √(g h))²
    (``inertial.kernel``), obeys [1 − u² / (m g h)] h^(4/3) dh = n² u² ds.
    """
    depth = np.linspace(1e-9, 5.0, 20_000)
    swift = _SPEED / (_SPEED + np.sqrt(GRAVITY * depth))
    rise = cumulative_trapezoid((1.0 - swift**2) * depth ** (4.0 / 3.0), depth, initial=0.0)
    reach = rise / (_ROUGH * _SPEED) ** 2
    return np.where(behind > 0.0, np.interp(behind, reach, depth), 0.0)


@dataclass(frozen=True, eq=False)
class Wave:
    """Depth along the middle line behind the front: (k,) distance, depth and closed form [m]."""

    distance: Floats
    depth: Floats
    expected: Floats
    water: Solver

    @property
    def error(self) -> float:
        """Root mean square error between inlet and front [m]."""
        line = (self.distance > 0.0) & (self.distance < _SPEED * self.water.time)
        return float(np.sqrt(np.mean((self.depth - self.expected)[line] ** 2)))


def wave(solver: str, spacing: float, depth_of: Callable[[Floats], Floats]) -> Wave:
    """A wave that runs over a flat, dry, rough plane for an hour.

    Test 1 of Bates et al. 2010: n = 0.03, u = 1 m/s; the depth at x ≤ 0 is imposed, and
    the speed where a solver holds momentum of cells. The channel is
    61 rows wide and lies along the lattice. Its side walls cut two of six edges of the outer rows,
    which keep 5/6 of the conveyance and are therefore given 5/6 of the storage.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    spacing
        Distance of the cells [m].
    depth_of
        Closed form: depth by distance behind the front.
    """
    end, lattice, rows = 3600.0, regular_lattice(spacing), 61
    cols = int(4200.0 / spacing) + rows // 2 + 12
    x, _ = positions(lattice, rows, cols)
    x = x - x[rows // 2, rows // 4 + 6]
    storage = np.ones(x.shape)
    storage[[0, -1]] = 5.0 / 6.0
    inside = x <= 0.0
    inlet = place_of(inside)
    water = SOLVERS[solver](lattice, np.zeros(x.shape), storage, np.full(x.shape, _ROUGH))

    def impose(running: Solver) -> None:
        running.hold_level(inlet, depth_of(_SPEED * running.time - x[inlet]), "level")
        if holds_momentum(running):
            set_velocity(running, _SPEED, 0.0, inside)

    water.run(end, each_span=impose)
    middle = rows // 2
    depth = np.asarray(water.depth[middle], np.float64)
    return Wave(x[middle], depth, depth_of(_SPEED * end - x[middle]), water)


def wave_error(solver: str, spacing: float, depth_of: Callable[[Floats], Floats]) -> Run:
    """Root mean square error [m] of ``wave``."""
    found = wave(solver, spacing, depth_of)
    return measured(found.error, found.water)


@dataclass(frozen=True, eq=False)
class Valley:
    """A steady stream in a valley.

    Attributes
    ----------
    section, expected
        Wet cross-section between two stations, and Manning's [m²].
    scene
        The window: x along the valley, y across it.
    water
        The solver.
    """

    section: float
    expected: float
    scene: Scene
    water: Solver

    @property
    def ratio(self) -> float:
        """Wet section over Manning's [1]."""
        return self.section / self.expected


#: The valley: fall along it and across it [1], roughness [s/m^(1/3)], length and half width [m].
_FALL, SIDE, _BED, _LONG, _HALF = 0.005, 0.05, 0.03, 800.0, 60.0


def valley_section(discharge: float) -> tuple[float, float]:
    """Wet section [m²] and depth in the middle [m] of uniform flow in the valley.

    Every strip of it flows by Manning's formula with its own depth h₀ − s |y|, so that
    Q = 2 ∫ h^(5/3) √S / n dy = 3/4 h₀^(8/3) √S / (n s), and the section is h₀² / s.
    """
    deep = (discharge * _BED * SIDE / (0.75 * np.sqrt(_FALL))) ** 0.375
    return float(deep**2 / SIDE), float(deep)


def valley(solver: str, angle: float, spacing: float, discharge: float) -> Valley:
    """A stream in a V-shaped valley that lies at an angle to a regular lattice.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    angle
        Turn of the lattice against the valley [radians].
    spacing
        Distance of the cells [m].
    discharge
        Water that enters at the upper end [m³/s].
    """
    scene = scene_over(
        turned(regular_lattice(spacing), angle), (-spacing, _LONG + spacing), (-_HALF, _HALF)
    )
    inside = scene.box(0.0, _LONG, -_HALF, _HALF)
    outlet = scene.box(_LONG, _LONG + 2.0 * spacing, -_HALF, _HALF)
    ground = 50.0 - _FALL * scene.x + SIDE * np.abs(scene.y)
    expected, deep = valley_section(discharge)
    wide = deep / SIDE + spacing
    source = place_of(scene.box(0.0, 2.0 * spacing, -wide, wide))
    water = SOLVERS[solver](
        scene.lattice, ground, (inside | outlet).astype(np.float64), scene.even(_BED),
        drains=outlet,
    )  # fmt: skip
    flow = Inflow(source, [0.0, 1e6], [discharge, discharge])
    water.run(3.0 * _LONG / (discharge / expected), forcings=(flow,))
    stations = scene.box(0.3 * _LONG, 0.7 * _LONG, -_HALF, _HALF) & inside
    held = float(water.depth[stations].sum()) * scene.lattice.cell_area
    return Valley(held / (0.4 * _LONG), expected, scene, water)


def valley_excess(solver: str, angle: float, spacing: float, discharge: float) -> Run:
    """How far the wet section of ``valley`` is from Manning's [1]."""
    found = valley(solver, angle, spacing, discharge)
    return measured(abs(found.ratio - 1.0), found.water)
