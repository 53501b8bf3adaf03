"""A dam break against an isolated building, measured in a flume.

Soares-Frazão & Zech 2007, 10.1080/00221686.2007.9521830: a flume 35.8 m × 3.6 m with sloping feet of
its walls, a gate 1 m wide, 0.40 m of water behind it and 0.02 m below it, n = 0.01, and a block of
0.8 m × 0.4 m at 64° to the flow.
"""

from dataclasses import dataclass

import numpy as np
import shapely

from citytwin.arrays import Bools, Floats
from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.scene import (
    Probe,
    Scene,
    holds_momentum,
    scene_over,
    turned,
    velocity,
)
from citytwin.hazards.flood.verification.water import SOLVERS, Run, measured, run_recording

#: Flume [m]: length, width; foot of its walls: width and height; gate's place.
_LENGTH, _WIDTH, _FOOT, _FOOT_HIGH, _GATE = 35.8, 3.6, 0.34, 0.155, 6.75
#: Water behind the gate and below it [m]; Manning's n [s/m^(1/3)].
_BEHIND, _BELOW, _ROUGHNESS = 0.40, 0.02, 0.01
#: The measurements end here [s].
END = 30.0
#: Root mean square error of SWALS's depths at G1 to G6 on 0.1 m squares [m].
SWALS = (0.0156, 0.0139, 0.0184, 0.0205, 0.0154, 0.0164)
#: No worse than SWALS's 14 to 21 mm, to the millimetre [m].
BOUND = 0.0215

#: Files of the case.
FILES = (
    "isolated_building/point_gauges.csv",
    "isolated_building/poly/dam_1.csv",
    "isolated_building/poly/dam_2.csv",
    "isolated_building/poly/building.csv",
    "isolated_building/building_gauges_h.txt",
    "isolated_building/building_gauges_uv.txt",
)


@dataclass(frozen=True, eq=False)
class Flume:
    """Geometry and measurements.

    Attributes
    ----------
    gauges
        (6, 2) places of G1 to G6 [m].
    blocks
        Polygons that water cannot enter.
    times, depth
        (t,) times [s], and (t, 6) measured depths [m].
    velocity
        (k, 11) time [s], and both components at G1 to G5 [m/s], nan where none was measured.
    """

    gauges: Floats
    blocks: tuple[shapely.Polygon, ...]
    times: Floats
    depth: Floats
    velocity: Floats


def flume(*texts: str) -> Flume:
    """Flume from the texts of ``FILES``."""
    gauges, *blocks = (
        np.array([line.split(",")[:2] for line in text.strip().splitlines()[1:]], dtype=np.float64)
        for text in texts[:4]
    )
    depth, speed = (_tab_table(text, count) for text, count in zip(texts[4:], (7, 11), strict=True))
    polygons = tuple(shapely.Polygon(block) for block in blocks)
    return Flume(gauges, polygons, depth[:, 0], depth[:, 1:], speed)


def _tab_table(text: str, count: int) -> Floats:
    """(k, count) numbers of a table with tabs and two lines of head; nan where it is empty."""
    rows = [(line.split("\t") + [""] * count)[:count] for line in text.splitlines()[2:] if line]
    return np.array([[float(v) if v.strip() else np.nan for v in row] for row in rows])


@dataclass(frozen=True, eq=False)
class Surge:
    """Computed: (t,) times [s], (t, 6) depths [m], (t, 6) velocities [m/s], window, walls, solver."""

    times: Floats
    depth: Floats
    u: Floats
    v: Floats
    scene: Scene
    walls: Bools
    water: Solver

    def rmse(self, known: Flume) -> Floats:
        """(6,) root mean square error of the depths at the measured times [m]."""
        some = known.times <= self.times[-1]
        out = []
        for k in range(6):
            off = np.interp(known.times[some], self.times, self.depth[:, k]) - known.depth[some, k]
            out.append(np.sqrt(np.nanmean(off**2)))
        return np.array(out)

    def speed_rmse(self, known: Flume) -> Floats:
        """(5, 2) root mean square error of both components at G1 to G5 [m/s]."""
        some = known.velocity[known.velocity[:, 0] <= self.times[-1]]
        out = np.zeros((5, 2))
        for k in range(5):
            for way, mine in enumerate((self.u, self.v)):
                off = np.interp(some[:, 0], self.times, mine[:, k]) - some[:, 1 + 2 * k + way]
                out[k, way] = np.sqrt(np.nanmean(off**2))
        return out


def dam_break_on_building(
    solver: str, lattice: Lattice, known: Flume, *, until: float = END, raised: bool = False
) -> Surge:
    """The experiment.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    lattice
        The lattice.
    known
        Geometry and measurements.
    until
        Simulated time [s].
    raised
        Take gate and building as ground 1 m high instead of as walls.
    """
    scene = scene_over(lattice, (0.0, _LENGTH), (0.0, _WIDTH))
    points = shapely.points(scene.x, scene.y)
    blocked = shapely.contains(shapely.unary_union(known.blocks), points)
    inside = scene.box(0.0, _LENGTH, 0.0, _WIDTH)
    off_wall = np.minimum(scene.y, _WIDTH - scene.y)
    ground = np.maximum(_FOOT - off_wall, 0.0) * _FOOT_HIGH / _FOOT * inside
    walls = blocked & inside
    if raised:
        ground, free = np.where(walls, 1.0, ground), inside
    else:
        free = inside & ~walls
    level = np.where(scene.x < _GATE, _BEHIND, _BELOW)
    water = SOLVERS[solver](
        lattice, ground, free.astype(np.float64), scene.even(_ROUGHNESS),
        depth=np.maximum(level - ground, 0.0) * free,
    )  # fmt: skip
    look = Probe(scene, *known.gauges.T)
    momentum = holds_momentum(water)

    def see(running: Solver) -> Floats:
        u, v = velocity(running) if momentum else (running.speed, scene.even(np.nan))
        return np.stack([look(running.depth), look(u), look(v)])

    times = np.arange(0.0, until + 0.05, 0.1)
    seen = np.array(run_recording(water, times, see))
    return Surge(times, seen[:, 0], seen[:, 1], seen[:, 2], scene, walls, water)


def building_lattice(rows: int, degrees: float = 0.0) -> Lattice:
    """Regular lattice, turned against the flume, of which so many rows fill the gate's 1 m."""
    return turned(regular_lattice(1.0 / (rows * np.sqrt(0.75))), np.radians(degrees))


def building_error(solver: str, rows: int, _: object, *texts: str) -> Run:
    """Largest root mean square error of the depth at G1 to G6 [m]."""
    known = flume(*texts)
    found = dam_break_on_building(solver, building_lattice(rows), known)
    return measured(float(found.rmse(known).max()), found.water)
