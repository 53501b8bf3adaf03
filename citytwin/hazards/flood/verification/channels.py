"""Channels with a closed form: dam breaks (Ritter, Stoker) and MacDonald's steady flows.

A channel lies along x, closed at its sides, on a lattice that may be turned against it: its side walls
are rows of cells that end in teeth. The figures are taken on the middle line. Water between the teeth
stands, so that a channel conveys as one does that is a little narrower than its area over its length
(``conveying_width``); inflow and rain of the one-dimensional problems are set for that width.
"""

from dataclasses import dataclass, field

import numpy as np

from citytwin.arrays import Bools, Floats
from citytwin.grid.lattice import STEPS, Lattice, regular_lattice
from citytwin.hazards.flood.full.geometry import edge_normals
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.scene import (
    Probe,
    Scene,
    place_of,
    scene_over,
    turned,
)
from citytwin.hazards.flood.verification.water import SOLVERS, Inflow, Run, Stage, measured

#: Columns of a one-dimensional table of SWASHES: x, depth, speed, ground, and so on.
_X, _DEPTH, _SPEED, _GROUND = range(4)
#: SWASHES's dam breaks are in a channel of 10 m with 5 mm of water; Froude's law makes them larger.
_DAM_SCALE = 200.0


def swashes_table(text: str) -> Floats:
    """(k, columns) numbers of a table that SWASHES printed."""
    rows = [line.split() for line in text.splitlines() if line.strip() and line[0] != "#"]
    return np.array(rows, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Profile:
    """Water along the middle line of a channel.

    Attributes
    ----------
    x
        (k,) distance along the channel [m].
    ground, level, expected
        (k,) ground, computed level and closed form [m].
    speed, expected_speed
        (k,) computed speed and closed form [m/s].
    water
        The solver.
    """

    x: Floats
    ground: Floats
    level: Floats
    expected: Floats
    speed: Floats
    expected_speed: Floats
    water: Solver

    @property
    def error(self) -> float:
        """Mean absolute error of the level [m]."""
        return float(np.mean(np.abs(self.level - self.expected)))


def channel(
    lattice: Lattice, angle: float, length: tuple[float, float], width: float
) -> tuple[Scene, Bools]:
    """Window over a straight channel along x, and its open cells.

    Parameters
    ----------
    lattice
        The lattice before it is turned.
    angle
        Its turn against the channel [radians].
    length
        Where the channel begins and ends [m].
    width
        Its width [m], around y = 0.
    """
    half = width / 2.0
    scene = scene_over(turned(lattice, angle), length, (-half, half), (0.0, 0.0))
    return scene, scene.box(*length, -half, half)


def conveying_width(lattice: Lattice, inside: Bools, length: float) -> float:
    """Mean width [m] over which the open edges of a channel along x let water pass.

    The sum of L (n · x) (d · x) over the edges between open cells, over the length: without walls it is
    the area over the length, since Σ L n dᵀ = A I. L n and d are edge and distance of cells.
    """
    total = 0.0
    for (row, col), vector, edge in zip(STEPS, lattice.vectors, edge_normals(lattice), strict=True):
        there = np.zeros_like(inside)
        there[: inside.shape[0] - row, : inside.shape[1] - col] = inside[row:, col:]
        total += float((inside & there).sum()) * edge[0] * vector[0]
    return total / length


def dam_break(
    solver: str, table: str, lattice: Lattice, *, angle: float = 0.0, width: float = 200.0
) -> Profile:
    """Break of a dam in a flat channel without friction, after SWASHES's time.

    The problem is SWASHES's, 200 times larger by Froude's law: 2,000 m long, 1 m of water behind the
    dam, on dry ground (Ritter) or on 0.2 m of water (Stoker).

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    table
        Text of SWASHES's table.
    lattice
        The lattice.
    angle
        Its turn against the channel [radians].
    width
        Width of the channel [m].
    """
    known = swashes_table(table)
    seconds = float(next(w for w in table.splitlines() if "Time value" in w).split()[-2])
    x, depth = known[:, _X] * _DAM_SCALE, known[:, _DEPTH] * _DAM_SCALE
    speed = known[:, _SPEED] * np.sqrt(_DAM_SCALE)
    end, dam = x[0] + x[-1], (x[0] + x[-1]) / 2.0
    scene, inside = channel(lattice, angle, (0.0, end), width)
    start = np.where(scene.x < dam, depth[0], depth[-1]) * inside
    water = SOLVERS[solver](
        scene.lattice,
        scene.even(),
        inside.astype(np.float64),
        scene.even(),
        depth=start,
        parallel=False,
    )
    water.run(seconds * np.sqrt(_DAM_SCALE))
    near = (x > 2.0 * scene.spacing) & (x < end - 2.0 * scene.spacing)
    look = Probe(scene, x[near], np.zeros(int(near.sum())))
    ground = np.zeros(int(near.sum()))
    return Profile(
        x[near], ground, look(water.depth), depth[near], look(water.speed), speed[near], water
    )


def dam_break_error(solver: str, angle: float, _: object, table: str) -> Run:
    """Mean error of the depth of ``dam_break`` on 10 m cells over the depth behind the dam [1]."""
    found = dam_break(solver, table, regular_lattice(10.0), angle=angle)
    return measured(found.error, found.water)


#: MacDonald's channels of SWASHES: length [m], Manning's n [s/m^(1/3)], rain [m/s].
_LENGTH, _ROUGHNESS, _RAIN = 1000.0, 0.033, 0.001
#: How far the channel is carried on beyond both ends, so that the water comes and goes unforced [m].
_BEYOND = 100.0


def macdonald_depth(x: Floats) -> Floats:
    """(k,) depth of the long subcritical channels [m] (SWASHES; Delestre et al. 2013, §3.2.1)."""
    bump = 1.0 + 0.5 * np.exp(-16.0 * (x / _LENGTH - 0.5) ** 2)
    return np.asarray(np.cbrt(4.0 / 9.81) * bump)


def macdonald_ground(x: Floats, rainy: bool, *, advection: bool = True) -> Floats:  # noqa: FBT001
    """(k,) ground [m] on which ``macdonald_depth`` is steady, 0 at x = 1000 m.

    From the momentum balance, dz/dx = (q² / (g h³) − 1) dh/dx − 2 q R / (g h²) − n² q² / h^(10/3);
    without advection the terms with q²/g and q R/g are left out, and the local inertial equations are
    at rest in it.

    Parameters
    ----------
    x
        (k,) distance along the channel [m]; may lie beyond its ends.
    rainy
        With the rain: the discharge grows from 1 to 2 m²/s; else it is 2 m²/s.
    advection
        False for the local inertial equations.
    """
    fine = np.arange(-4.0 * _BEYOND, _LENGTH + 4.0 * _BEYOND, 0.05)
    depth = macdonald_depth(fine)
    flow = macdonald_flow(fine, rainy)
    growth = np.gradient(flow, fine)
    steep = np.gradient(depth, fine)
    fall = -steep - (_ROUGHNESS * flow) ** 2 / depth ** (10.0 / 3.0)
    if advection:
        fall += flow**2 / (9.81 * depth**3) * steep - 2.0 * flow * growth / (9.81 * depth**2)
    ground = np.concatenate([[0.0], np.cumsum((fall[1:] + fall[:-1]) / 2.0 * np.diff(fine))])
    return np.asarray(np.interp(x, fine, ground - np.interp(_LENGTH, fine, ground)))


def macdonald_flow(x: Floats, rainy: bool) -> Floats:  # noqa: FBT001
    """(k,) discharge over width [m²/s]; beyond the ends it does not change."""
    if not rainy:
        return np.full(np.shape(x), 2.0)
    return np.asarray(1.0 + _RAIN * np.clip(x, 0.0, _LENGTH))


def inertial_level(bed: "Bed", x: Floats) -> Floats:
    """(k,) level [m] at which the local inertial equations are steady on a bed.

    dη/dx = −n² q² / h^(10/3), integrated upstream from the closed form's depth 100 m below the end.
    """
    fine = np.arange(_LENGTH + _BEYOND, -_BEYOND, -0.25)
    ground, flow = bed(fine), macdonald_flow(fine, bed.rainy)
    level = np.empty(fine.size)
    level[0] = ground[0] + macdonald_depth(fine[:1])[0]
    for k in range(1, fine.size):
        depth = level[k - 1] - ground[k - 1]
        level[k] = level[k - 1] + 0.25 * (_ROUGHNESS * flow[k - 1]) ** 2 / depth ** (10.0 / 3.0)
    return np.asarray(np.interp(x, fine[::-1], level[::-1]))


@dataclass(frozen=True, eq=False)
class Bed:
    """Ground of a channel: a formula, or a published table that the formula carries on at both ends.

    Attributes
    ----------
    rainy
        With rain.
    advection
        False for the problem that the local inertial equations solve.
    x, ground
        (k,) the table [m]; empty for the formula alone.
    """

    rainy: bool
    advection: bool = True
    x: Floats = field(default_factory=lambda: np.zeros(0))
    ground: Floats = field(default_factory=lambda: np.zeros(0))

    def __call__(self, x: Floats) -> Floats:
        """Ground at places along the channel [m]."""
        formula = macdonald_ground(x, self.rainy, advection=self.advection)
        if not self.x.size:
            return formula
        ends = self.x[[0, -1]]
        lift = self.ground[[0, -1]] - macdonald_ground(ends, self.rainy, advection=self.advection)
        table = np.interp(x, self.x, self.ground)
        carried = formula + np.where(x < ends[0], lift[0], lift[1])
        return np.where((x >= ends[0]) & (x <= ends[1]), table, carried)


def macdonald(
    solver: str,
    lattice: Lattice,
    bed: Bed,
    *,
    angle: float = 0.0,
    width: float = 120.0,
    time: float = 1500.0,
    dtype: type[np.floating] = np.float32,
) -> Profile:
    """Steady subcritical flow down a channel with Manning's friction, with or without rain.

    Water enters 100 m above the channel and leaves 100 m below it at the closed form's level, on
    ground that the same formula carries on, so that neither end's treatment is felt.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    lattice
        The lattice.
    bed
        The ground.
    angle
        Turn of the lattice against the channel [radians].
    width
        Width of the channel [m].
    time
        How long the water runs from rest at the closed form's depth [s]; it crosses in some 500 s.
    dtype
        Precision.
    """
    scene, inside = channel(lattice, angle, (-_BEYOND, _LENGTH + _BEYOND), width)
    ground = bed(scene.x) + 10.0
    known = macdonald_depth(scene.x)
    water = SOLVERS[solver](
        scene.lattice, ground, inside.astype(np.float64), scene.even(_ROUGHNESS),
        depth=known * inside, dtype=dtype, parallel=False,
        rain_factor=((scene.x > 0.0) & (scene.x < _LENGTH)).astype(np.float64),
    )  # fmt: skip
    wide = conveying_width(scene.lattice, inside, _LENGTH + 2.0 * _BEYOND)
    part = wide * (_LENGTH + 2.0 * _BEYOND) / (float(inside.sum()) * scene.lattice.cell_area)
    first = inside & (scene.x < -_BEYOND + 2.0 * scene.spacing)
    last = inside & (scene.x > _LENGTH + _BEYOND - 2.0 * scene.spacing)
    flow = float(macdonald_flow(np.zeros(1), bed.rainy)[0]) * wide
    source = Inflow(place_of(first), [0.0, 1e6], [flow, flow])
    sink = Stage(place_of(last), (ground + known)[last])
    rate = _RAIN * part if bed.rainy else 0.0
    water.run(time, lambda start, end: rate * (end - start), forcings=(source, sink))
    return _along(water, scene, bed, ground + known)


def _along(water: Solver, scene: Scene, bed: Bed, expected: Floats) -> Profile:
    """Middle line; the error is interpolated, not the level, so that a curved bed plays no part."""
    x = bed.x if bed.x.size else np.arange(2.5, _LENGTH, 5.0)
    look = Probe(scene, x, np.zeros(x.size))
    level = bed(x) + macdonald_depth(x)
    return Profile(
        x, bed(x), level + look(water.level - expected), level,
        look(water.speed), macdonald_flow(x, bed.rainy) / macdonald_depth(x), water,
    )  # fmt: skip


def macdonald_file(text: str) -> tuple[Floats, Floats, Floats]:
    """(k,) distance, ground and level [m] of a published file ``dx,topo,wse``, or SWASHES's table."""
    if text.startswith("#"):
        known = swashes_table(text)
        return known[:, _X], known[:, _GROUND], known[:, _GROUND] + known[:, _DEPTH]
    rows = [line.split(",") for line in text.split()[1:]]
    x, ground, level = np.array(rows, dtype=np.float64).T
    return x, ground, level


def macdonald_error(
    solver: str,
    rainy: bool,  # noqa: FBT001
    angle: float,
    spacing: float,
    _: object,
    text: str,
) -> Run:
    """Mean absolute error of the level [m] against a published profile or a table of SWASHES."""
    x, ground, level = macdonald_file(text)
    bed = Bed(rainy, x=x, ground=ground)
    found = macdonald(solver, regular_lattice(spacing), bed, angle=angle)
    return measured(float(np.mean(np.abs(found.level - level))), found.water)
