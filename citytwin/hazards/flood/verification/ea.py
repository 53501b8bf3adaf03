"""Tests 3 and 4 of the UK Environment Agency's benchmark of two-dimensional flood models.

Néelz & Pender 2013, Benchmarking the latest generation of 2D hydraulic modelling packages, SC120002.
"""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import Lattice, regular_lattice
from citytwin.hazards.cases import Law
from citytwin.hazards.flood.solver import Solver
from citytwin.hazards.flood.verification.scene import Probe, Scene, place_of, scene_over, turned
from citytwin.hazards.flood.verification.water import (
    SOLVERS,
    Inflow,
    Run,
    measured,
    run_recording,
)

#: Test 3: hydrograph [s], [m³/s]; its integral is 10 · 65.5 / 2 + 10 · 65.5 + 10 · 65.5 / 2 m³.
TIMES, FLOW = (0.0, 5.0, 15.0, 25.0, 35.0, 900.0), (0.0, 0.0, 65.5, 65.5, 0.0, 0.0)
POURED = 1310.0
#: Where its water is looked at [m].
POINTS_3 = np.array([[150.0, 50.0], [250.0, 50.0]])
#: Settled depths there [m] of other programs: LISFLOOD-FP 8.1 FV1, and SFINCS 2.4.
FV1, SFINCS = (0.237, 0.059), (0.235, 0.065)


def bump_ground(x: Floats) -> Floats:
    """Ground of test 3 along x [m].

    The slope, the two hollows and the bump between them as half waves of a cosine; meets the published
    terrain, which does not change across, within 0.5 mm.
    """
    slope = 10.4876 - 0.005 * x
    hollow = 10.0 - 0.25 * np.cos(2.0 * np.pi * (x - 150.0) / 100.0)
    bump = 9.875 - 0.125 * np.cos(2.0 * np.pi * (x - 150.0) / 100.0)
    rise = 10.0 - 0.25 * np.cos(2.0 * np.pi * (x - 250.0) / 100.0)
    far = 10.0 + 0.25 * 2.0 * np.pi / 100.0 * (x - 275.0)
    places = [x < 144.0, x < 150.0, x < 250.0, x < 275.0]
    return np.asarray(np.select(places, [slope, hollow, bump, rise], far))


@dataclass(frozen=True, eq=False)
class Bump:
    """Test 3: (t,) times [s], (t, 2) depth at both points [m], middle line, window and solver."""

    times: Floats
    depth: Floats
    line: Floats
    level: Floats
    scene: Scene
    water: Solver


def momentum_over_bump(
    solver: str, spacing: float, *, angle: float = 0.0, time: float = 900.0
) -> Bump:
    """Test 3: a surge down a slope, whose momentum carries a part of it over a bump.

    300 m × 100 m, closed but for the inflow along x = 0, n = 0.01. The regular lattice is shrunk so
    that its rows fill the width.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    spacing
        Distance of the cells [m], roughly.
    angle
        Turn of the lattice [radians].
    time
        Simulated time [s].
    """
    rise = spacing * np.sqrt(0.75)
    lattice = turned(regular_lattice(spacing * 100.0 / (rise * round(100.0 / rise))), angle)
    scene = scene_over(lattice, (0.0, 300.0), (0.0, 100.0))
    inside = scene.box(0.0, 300.0, 0.0, 100.0)
    mouth = place_of(inside & (scene.x < scene.spacing))
    ground = bump_ground(scene.x)
    water = SOLVERS[solver](
        lattice, ground, inside.astype(np.float64), scene.even(0.01), parallel=False
    )
    look = Probe(scene, *POINTS_3.T)
    lowest = bump_ground(POINTS_3[:, 0])
    times = np.append(np.arange(0.0, min(time, 300.0), 2.0), np.arange(300.0, time + 1.0, 10.0))
    depth = run_recording(
        water, times, lambda w: np.maximum(look(w.level) - lowest, 0.0),
        forcings=(Inflow(mouth, TIMES, FLOW),),
    )  # fmt: skip
    line = np.arange(5.0, 296.0, 1.0)
    along = Probe(scene, line, np.full(line.size, 50.0))
    return Bump(times, np.array(depth), line, along(water.level), scene, water)


def settled(found: Bump) -> Floats:
    """(2,) depth at both points over the last minute [m]."""
    return np.asarray(found.depth[found.times >= found.times[-1] - 60.0].mean(axis=0))


def bump_difference(solver: str, spacing: float) -> Run:
    """Largest distance [m] of both settled depths from those of FV1 and of SFINCS.

    A law beside it: the water that entered is the hydrograph's integral, 1,310 m³.
    """
    found = momentum_over_bump(solver, spacing)
    off = np.abs(settled(found) - np.array([FV1, SFINCS])).max()
    entered = found.water.balance.entered["inflow"]
    exact = Law("inflow off 1,310 m³ [m³]", abs(entered - POURED), 1e-3)
    return measured(float(off), found.water, beside=(exact,))


def bump_balance(solver: str, spacing: float) -> Run:
    """Water that appeared or vanished in test 3, over the 1,310 m³ that entered [1]."""
    water = momentum_over_bump(solver, spacing).water
    return measured(abs(water.balance.error), water)


# Test 4

#: Compared until here [s]: then walls that are closed in the report and open in the reference matter.
COMPARED = 10_800.0
#: A point is reached when its water is as deep [m].
REACHED = 0.01


@dataclass(frozen=True, eq=False)
class Reference:
    """What test 4 is compared with.

    Attributes
    ----------
    points
        (6, 2) places [m].
    hydrograph
        (k, 2) time [s] and discharge [m³/s].
    times, depth
        (t,) times [s] and (t, 6) depths [m] of LISFLOOD-FP 8.0 DG2 on 5 m.
    radial
        (6, 4) radius [m], arrival [min], depth after two hours [m] and speed [m/s] of a fine
        axisymmetric solution.
    """

    points: Floats
    hydrograph: Floats
    times: Floats
    depth: Floats
    radial: Floats


#: The points lie on corners of the reference's cells of 5 m, and LISFLOOD-FP gives the depth of the cell
#: that begins there (it rounds coordinates down): its centre is so far away, in x and in y [m].
HALF_CELL = 2.5

#: Files that ``reference`` reads.
FILES_4 = (
    "ea_test4/points.csv",
    "ea_test4/inflow.csv",
    "ea_test4/ref_lisflood_dg2_5m.csv",
    "ea_test4/radial_reference_2h.csv",
)


def reference(*texts: str) -> Reference:
    """Reference of test 4 from the texts of ``FILES_4``."""
    points, inflow, series, radial = (
        np.array([line.split(",") for line in text.split()[1:]], dtype=np.float64) for text in texts
    )
    early = series[series[:, 0] <= COMPARED + 1.0]
    return Reference(points[:, 1:], inflow, early[:, 0], early[:, 1:], radial)


@dataclass(frozen=True, eq=False)
class Plain:
    """Test 4.

    Attributes
    ----------
    times
        (t,) times [s].
    depth
        (t, 6) depths at the points [m].
    beyond
        (t, 6) depths in the middle of the reference's cells that begin at the points [m].
    scene, water
        Window and solver.
    """

    times: Floats
    depth: Floats
    beyond: Floats
    scene: Scene
    water: Solver

    def rmse(self, known: Reference) -> Floats:
        """(6,) root mean square difference from the reference series [m]."""
        off = _at(known.times, self.times, self.beyond) - known.depth
        return np.asarray(np.sqrt(np.mean(off**2, axis=0)))

    def late(self, known: Reference) -> Floats:
        """(6,) arrival after the reference's [s]; its samples a minute apart are interpolated."""
        mine = first_above(self.times, self.beyond)
        return np.asarray(mine - first_above(known.times, known.depth))

    def off_radial(self, known: Reference) -> Floats:
        """(6,) depth after two hours less that of the axisymmetric solution [m]."""
        mine = _at(np.array([7200.0]), self.times, self.depth)[0]
        return np.asarray(mine - known.radial[:, 2])

    def late_radial(self, known: Reference) -> Floats:
        """(6,) arrival after that of the axisymmetric solution [s]."""
        mine = first_above(self.times, self.depth)
        return np.asarray(mine - 60.0 * known.radial[:, 1])

    def uneven(self, known: Reference) -> float:
        """How far the ratio of points 6 and 5, diagonal and axis, is from the reference's ratio [1].

        The points lie at 424 and 400 m, so that their own ratio is not one.
        """
        ratio = _at(known.times[-1:], self.times, self.beyond)[0] / known.depth[-1]
        return float(abs(ratio[5] / ratio[4] - 1.0))


def _at(times: Floats, known: Floats, depth: Floats) -> Floats:
    """(t, 6) depths at other times [m]."""
    return np.column_stack([np.interp(times, known, column) for column in depth.T])


def first_above(times: Floats, depth: Floats) -> Floats:
    """(6,) time at which each column first reaches ``REACHED``, interpolated [s]; inf if never."""
    out = []
    for column in depth.T:
        if column.max() < REACHED:
            out.append(np.inf)
            continue
        k = int(np.argmax(column >= REACHED))
        before = float(column[k - 1]) if k else 0.0
        start = float(times[k - 1]) if k else 0.0
        out.append(start + (times[k] - start) * (REACHED - before) / (column[k] - before))
    return np.array(out)


def hexagons_of(area: float) -> Lattice:
    """Regular lattice whose cells have an area [m²]."""
    return regular_lattice(float(np.sqrt(area / np.sqrt(0.75))))


def front_over_plain(
    solver: str,
    lattice: Lattice,
    known: Reference,
    *,
    until: float = COMPARED,
    mirrored: bool = True,
) -> Plain:
    """Test 4: a front from a breach 20 m wide over a flat, dry plain of 1,000 m × 2,000 m, n = 0.05.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    lattice
        The lattice.
    known
        Points, inflow and reference.
    until
        Simulated time [s].
    mirrored
        The wall with the breach is a plane of symmetry: the plain on both its sides, with twice the
        inflow, so that the teeth of a wall of hexagons play no part. Else the wall is closed.
    """
    if mirrored:
        scene = scene_over(lattice, (-1000.0, 1000.0), (0.0, 2000.0), (0.0, 1000.0))
        inside = scene.box(-1000.0, 1000.0, 0.0, 2000.0)
        near = np.abs(scene.x) < 0.51 * scene.spacing
    else:
        scene = scene_over(lattice, (0.0, 1000.0), (0.0, 2000.0), (scene_inset(lattice), 1000.0))
        inside = scene.box(0.0, 1000.0, 0.0, 2000.0)
        near = scene.x < scene.spacing
    mouth = inside & near & (np.abs(scene.y - 1000.0) <= 10.0)
    water = SOLVERS[solver](lattice, scene.even(), inside.astype(np.float64), scene.even(0.05))
    x, y = np.concatenate([known.points, known.points + HALF_CELL]).T
    look = Probe(scene, x, y)
    seen = np.union1d(np.arange(0.0, until + 1.0, 20.0), known.times[known.times <= until])
    times, discharge = known.hydrograph.T
    flow = Inflow(place_of(mouth), times, 2.0 * discharge if mirrored else discharge)
    depth = np.array(run_recording(water, seen, lambda w: look(w.depth), forcings=(flow,)))
    return Plain(seen, depth[:, :6], depth[:, 6:], scene, water)


def scene_inset(lattice: Lattice) -> float:
    """Distance of the first column of centres from the wall x = 0 [m]: half a row's."""
    return float(np.min(np.abs(lattice.vectors[:, 0][np.abs(lattice.vectors[:, 0]) > 1e-9])) / 2.0)


def plain_radial(solver: str, area: float, _: object, *texts: str) -> Run:
    """Largest difference [m] of the six depths after two hours from the axisymmetric solution."""
    known = reference(*texts)
    found = front_over_plain(solver, hexagons_of(area), known, until=7200.0)
    arrivals = found.late_radial(known)
    beside = (Law("arrival off the axisymmetric [s]", float(np.abs(arrivals).max()), 60.0),)
    return measured(float(np.abs(found.off_radial(known)).max()), found.water, beside=beside)


def plain_rmse(solver: str, area: float, _: object, *texts: str) -> Run:
    """Largest root mean square difference [m] at the six points from LISFLOOD-FP 8.0 DG2."""
    known = reference(*texts)
    found = front_over_plain(solver, hexagons_of(area), known)
    beside = (
        Law("arrival off the reference's [s]", float(np.abs(found.late(known)).max()), 60.0),
        Law("points 5 and 6 apart [1]", found.uneven(known), 0.02),
    )
    return measured(float(found.rmse(known).max()), found.water, beside=beside)


def quick_plain(solver: str, area: float, until: float, _: object, *texts: str) -> Run:
    """The same for a part of the time, on coarser cells, at the points that are wet by then [m]."""
    known = reference(*texts)
    early = known.times <= until
    short = Reference(
        known.points, known.hydrograph, known.times[early], known.depth[early], known.radial
    )
    found = front_over_plain(solver, hexagons_of(area), short, until=until)
    return measured(float(found.rmse(short).max()), found.water)
