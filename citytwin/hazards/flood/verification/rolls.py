"""Roll waves: where steep, fast water may not flow evenly, and where it must."""

from dataclasses import dataclass

import numpy as np

from citytwin.arrays import Floats
from citytwin.grid.lattice import regular_lattice
from citytwin.hazards.flood.solver import GRAVITY, Solver
from citytwin.hazards.flood.verification.channels import channel, conveying_width
from citytwin.hazards.flood.verification.scene import Probe, place_of
from citytwin.hazards.flood.verification.water import (
    SOLVERS,
    Inflow,
    Run,
    measured,
    run_recording,
)

#: The plane: length and width [m], Manning's n [s/m^(1/3)], depth of the even flow [m].
_LONG, _WIDE, _ROUGHNESS, _DEEP = 1000.0, 60.0, 0.03, 0.3
#: Swing of the inflow: part of it, and period [s].
_SWING, _PERIOD = 0.05, 30.0
#: Where the depth is looked at [m].
_ABOVE, _BELOW = 150.0, 900.0


@dataclass(frozen=True, eq=False)
class Rolls:
    """Depth at two places of a steep channel: (t,) times [s], (t, 2) depths [m], and the solver."""

    times: Floats
    depth: Floats
    water: Solver

    @property
    def swings(self) -> Floats:
        """(2,) greatest less least depth at both places [m]."""
        return np.asarray(self.depth.max(axis=0) - self.depth.min(axis=0))

    @property
    def growth(self) -> float:
        """Swing at the lower place over that at the upper one [1]."""
        return float(self.swings[1] / self.swings[0])


def roll_waves(solver: str, froude: float, spacing: float = 5.0) -> Rolls:
    """Even flow down a plane at a Froude number, fed with a swing of 5 %.

    A wave that the friction drives at 5/3 u grows where it outruns the fastest wave of the equations
    (Vedernikov): in the full equations that is u + √(g h), beyond a Froude number of 1.5; in the plain
    local inertial ones √(g h), beyond 0.6, which is why ``inertial`` hastens its waves.

    Parameters
    ----------
    solver
        Name in ``SOLVERS``.
    froude
        Speed over wave speed of the even flow, 0.3 m deep [1]; the slope follows.
    spacing
        Distance of the cells [m].
    """
    speed = froude * np.sqrt(GRAVITY * _DEEP)
    slope = (_ROUGHNESS * speed) ** 2 / _DEEP ** (4.0 / 3.0)
    scene, inside = channel(regular_lattice(spacing), 0.0, (0.0, _LONG), _WIDE)
    outlet = scene.box(_LONG, _LONG + 2.0 * spacing, -_WIDE / 2.0, _WIDE / 2.0)
    water = SOLVERS[solver](
        scene.lattice, 100.0 - slope * scene.x, (inside | outlet).astype(np.float64),
        scene.even(_ROUGHNESS), depth=_DEEP * inside, drains=outlet, parallel=False,
    )  # fmt: skip
    flow = speed * _DEEP * conveying_width(scene.lattice, inside, _LONG)
    end = 2.5 * _LONG / speed + 4.0 * _PERIOD
    times = np.arange(0.0, end + 1.0, 1.0)
    hydrograph = flow * (1.0 + _SWING * np.sin(2.0 * np.pi * times / _PERIOD))
    source = Inflow(place_of(inside & (scene.x < 2.0 * spacing)), times, hydrograph)
    look = Probe(scene, np.array([_ABOVE, _BELOW]), np.zeros(2))
    seen = np.arange(end - 4.0 * _PERIOD, end, 0.5)
    depth = run_recording(water, seen, lambda w: look(w.depth), forcings=(source,))
    return Rolls(seen - seen[0], np.array(depth), water)


def roll_growth(solver: str, froude: float) -> Run:
    """Growth of a swing from 150 to 900 m down the plane [1]; above one it grows."""
    found = roll_waves(solver, froude)
    return measured(found.growth, found.water)
